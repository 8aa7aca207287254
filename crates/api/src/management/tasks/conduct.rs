//! Reading what a step demands and records beyond its test.

use crate::body::{BodyField, BodyObject};
use crate::values::{self, MOST_ENTRIES};
use app::tasks::{NewConduct, NewPrerequisite};
use domain::access::prerequisite::{MinimumRatio, ScoreAggregate};
use domain::access::settings::{
    FullscreenRules, ResultSharing, ResumeRules, ScreenRecording, WebcamRecording,
};
use domain::decimal::Decimal;
use domain::fault::ErrorCode;

domain::string_enum! {
    enum PrerequisiteKind {
        Stage = "stage",
        Program = "program",
        Completion = "completion",
        Score = "score",
    }
}

/// The members of a step that make its conduct; absent ones stay.
pub(super) fn read_conduct(object: &BodyObject<'_>) -> NewConduct {
    NewConduct {
        prerequisites: object.optional("prerequisites").list(0..=MOST_ENTRIES, prerequisite),
        webcam_recording: object
            .optional("webcamRecording")
            .one_of(WebcamRecording::ALL, WebcamRecording::as_str),
        screen_recording: object
            .optional("screenRecording")
            .one_of(ScreenRecording::ALL, ScreenRecording::as_str),
        fullscreen: object.optional("fullscreen").nullable(|field| field.object(fullscreen)),
        identity_photo: object.optional("identityPhoto").boolean(),
        documents: object.optional("documents").set(0..=MOST_ENTRIES, |item| values::text(&item)),
        practice_mode: object.optional("practiceMode").boolean(),
        sharing: object.optional("sharing").one_of(ResultSharing::ALL, ResultSharing::as_str),
    }
}

fn fullscreen(object: &BodyObject<'_>) -> FullscreenRules {
    let number = |name| {
        object.optional(name).integer(1..=604_800).and_then(|number| u32::try_from(number).ok())
    };
    FullscreenRules {
        resume: object.optional("resume").object(resume).flatten(),
        terminate_after_count: number("terminateAfterCount"),
        terminate_after_seconds: number("terminateAfterSeconds"),
        terminate_after_total_seconds: number("terminateAfterTotalSeconds"),
        flag_after_total_seconds: number("flagAfterTotalSeconds"),
    }
}

fn resume(object: &BodyObject<'_>) -> Option<ResumeRules> {
    let number = |name| {
        object.required(name).integer(1..=604_800).and_then(|number| u32::try_from(number).ok())
    };
    let (max_count, max_seconds) = (number("maxCount"), number("maxSeconds"));
    Some(ResumeRules { max_count: max_count?, max_seconds: max_seconds? })
}

fn prerequisite(field: BodyField<'_>) -> Option<NewPrerequisite> {
    field.object(prerequisite_shape).flatten()
}

fn prerequisite_shape(object: &BodyObject<'_>) -> Option<NewPrerequisite> {
    let kind = object.required("kind").one_of(PrerequisiteKind::ALL, PrerequisiteKind::as_str);
    let step =
        || object.required("step").integer(1..=100).and_then(|number| usize::try_from(number).ok());
    let names = |name| object.required(name).set(1..=MOST_ENTRIES, |item| values::text(&item));
    match kind {
        None => {
            object.allow_keys(&["stages", "programs", "step", "figure", "minimum"]);
            None
        }
        Some(PrerequisiteKind::Stage) => Some(NewPrerequisite::Stage { stages: names("stages")? }),
        Some(PrerequisiteKind::Program) => {
            Some(NewPrerequisite::Program { programs: names("programs")? })
        }
        Some(PrerequisiteKind::Completion) => Some(NewPrerequisite::Completion { step: step()? }),
        Some(PrerequisiteKind::Score) => {
            let (step, figure) = (
                step(),
                object.required("figure").one_of(ScoreAggregate::ALL, ScoreAggregate::as_str),
            );
            let minimum = minimum(&object.required("minimum"));
            Some(NewPrerequisite::Score { step: step?, figure: figure?, minimum: minimum? })
        }
    }
}

fn minimum(field: &BodyField<'_>) -> Option<MinimumRatio> {
    let ratio =
        Decimal::parse(field.number()?).and_then(|ratio| MinimumRatio::try_from(ratio).ok());
    if ratio.is_none() {
        field.refuse(ErrorCode::OutOfRange, "must be -1 to 1 with at most 6 decimals");
    }
    ratio
}
