//! Reading what a step demands and records beyond its test.

use crate::body::{Field, Object};
use crate::values::{self, MOST_ENTRIES};
use app::tasks::{NewConduct, NewPrerequisite};
use domain::access::prerequisite::{Figure, MinimumRatio};
use domain::access::settings::{Fullscreen, Resume, ScreenRecording, Sharing, WebcamRecording};
use domain::decimal::Decimal;
use domain::fault::Code;

domain::words! {
    enum PrerequisiteKind {
        Stage = "stage",
        Program = "program",
        Completion = "completion",
        Score = "score",
    }
}

/// The members of a step that make its conduct; absent ones stay.
pub(super) fn conduct(object: &Object<'_>) -> NewConduct {
    NewConduct {
        prerequisites: object.optional("prerequisites").list(0..=MOST_ENTRIES, prerequisite),
        webcam_recording: object.optional("webcamRecording").word(WebcamRecording::ALL, WebcamRecording::as_str),
        screen_recording: object.optional("screenRecording").word(ScreenRecording::ALL, ScreenRecording::as_str),
        fullscreen: object.optional("fullscreen").or_null(|field| field.object(fullscreen)),
        identity_photo: object.optional("identityPhoto").boolean(),
        documents: object.optional("documents").set(0..=MOST_ENTRIES, |item| values::text(&item)),
        practice_mode: object.optional("practiceMode").boolean(),
        sharing: object.optional("sharing").word(Sharing::ALL, Sharing::as_str),
    }
}

fn fullscreen(object: &Object<'_>) -> Fullscreen {
    let number = |name| object.optional(name).integer(1..=604_800).and_then(|number| u32::try_from(number).ok());
    Fullscreen {
        resume: object.optional("resume").object(resume).flatten(),
        terminate_after_count: number("terminateAfterCount"),
        terminate_after_seconds: number("terminateAfterSeconds"),
        terminate_after_total_seconds: number("terminateAfterTotalSeconds"),
        flag_after_total_seconds: number("flagAfterTotalSeconds"),
    }
}

fn resume(object: &Object<'_>) -> Option<Resume> {
    let number = |name| object.required(name).integer(1..=604_800).and_then(|number| u32::try_from(number).ok());
    let (max_count, max_seconds) = (number("maxCount"), number("maxSeconds"));
    Some(Resume { max_count: max_count?, max_seconds: max_seconds? })
}

fn prerequisite(field: Field<'_>) -> Option<NewPrerequisite> {
    field.object(prerequisite_shape).flatten()
}

fn prerequisite_shape(object: &Object<'_>) -> Option<NewPrerequisite> {
    let kind = object.required("kind").word(PrerequisiteKind::ALL, PrerequisiteKind::as_str);
    let step = || object.required("step").integer(1..=100).and_then(|number| usize::try_from(number).ok());
    let names = |name| object.required(name).set(1..=MOST_ENTRIES, |item| values::text(&item));
    match kind {
        None => {
            object.known(&["stages", "programs", "step", "figure", "minimum"]);
            None
        }
        Some(PrerequisiteKind::Stage) => Some(NewPrerequisite::Stage { stages: names("stages")? }),
        Some(PrerequisiteKind::Program) => Some(NewPrerequisite::Program { programs: names("programs")? }),
        Some(PrerequisiteKind::Completion) => Some(NewPrerequisite::Completion { step: step()? }),
        Some(PrerequisiteKind::Score) => {
            let (step, figure) = (step(), object.required("figure").word(Figure::ALL, Figure::as_str));
            let minimum = minimum(&object.required("minimum"));
            Some(NewPrerequisite::Score { step: step?, figure: figure?, minimum: minimum? })
        }
    }
}

fn minimum(field: &Field<'_>) -> Option<MinimumRatio> {
    let ratio = Decimal::parse(field.number()?).and_then(|ratio| MinimumRatio::try_from(ratio).ok());
    if ratio.is_none() {
        field.refuse(Code::OutOfRange, "must be -1 to 1 with at most 6 decimals");
    }
    ratio
}
