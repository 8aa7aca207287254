//! What a step demands and records beyond its test, as requests send it.

use crate::body::BodyObject;
use crate::request::value::{
    and_then, boolean, decimal, integer, label, labels, list, moment, nullable, object, set, word,
};
use crate::request::{ValueReader, optional, or_default, or_value, request, request_union};
use crate::values::MOST_ENTRIES;
use app::tasks::{NewConduct, NewPrerequisite};
use domain::access::prerequisite::{MinimumRatio, ScoreAggregate};
use domain::access::settings::{
    AccessSwitch, AnswerReview, ConfirmationMail, FullscreenRules, ResultSharing, ResumeRules,
    ScreenRecording, ShareWhen, WebcamRecording,
};
use domain::time::{TimeWindow, Timestamp};

request! {
    /// The members of a step that make its conduct; absent ones stay.
    pub(super) struct ConductRequest as "NewConduct" for NewConduct {
        /// What a candidate must be or have done before; all must hold.
        prerequisites = optional(list(0..=MOST_ENTRIES, object::<PrerequisiteRequest>())),
        /// What the camera records; `NONE` unless said otherwise.
        webcam_recording = optional(word::<WebcamRecording>()),
        /// What is recorded of the screen; `NONE` unless said otherwise.
        screen_recording = optional(word::<ScreenRecording>()),
        /// Takes the test in full screen, with what leaving it leads to; null does not.
        fullscreen = optional(nullable(object::<FullscreenRequest>())),
        /// Whether a photo that shows who the candidate is has to be sent before the start.
        identity_photo = optional(boolean()),
        /// Names of the documents to be sent before the start.
        documents = optional(labels()),
        /// Whether it is for practice.
        practice_mode = optional(boolean()),
        /// What candidates may see of their results; `nothing` unless said otherwise.
        sharing = optional(word::<ResultSharing>()),
        /// What candidates may see of their answers; `none` unless said otherwise.
        review = optional(word::<AnswerReview>()),
        /// When that is shown; `settled` unless said otherwise. `closed` needs a date at which the
        /// step or the task closes.
        share_when = optional(word::<ShareWhen>()),
        /// Whether a submission is confirmed to the candidate by e-mail: `auto`, which is the
        /// default, does it where the task has e-mail templates. Needs a mail server.
        confirmation_mail = optional(word::<ConfirmationMail>()),
    }
}

request! {
    /// What leaving full screen leads to. Without `resume` it ends the test.
    pub(super) struct FullscreenRequest as "FullscreenRules" for FullscreenRules {
        /// How often and how long a candidate may leave and come back.
        resume = optional(object::<ResumeRequest>()),
        /// Ends the test after so many absences.
        terminate_after_count = optional(integer::<u32>(1..=MOST_SECONDS)),
        /// Ends the test after so many seconds of one absence.
        terminate_after_seconds = optional(integer::<u32>(1..=MOST_SECONDS)),
        /// Ends the test after so many seconds of all absences.
        terminate_after_total_seconds = optional(integer::<u32>(1..=MOST_SECONDS)),
        /// Flags the test after so many seconds of all absences.
        flag_after_total_seconds = optional(integer::<u32>(1..=MOST_SECONDS)),
    }
}

/// A week; counts have the same bound.
const MOST_SECONDS: i64 = 604_800;

request! {
    /// How often and how long a candidate may leave full screen and come back.
    struct ResumeRequest as "ResumeRules" for ResumeRules {
        /// How often.
        max_count = integer::<u32>(1..=MOST_SECONDS),
        /// Seconds of each absence.
        max_seconds = integer::<u32>(1..=MOST_SECONDS),
    }
}

request_union! {
    /// A condition on starting a step.
    struct PrerequisiteRequest as "NewPrerequisite" for NewPrerequisite, by one_of "kind" {
        "stage" => StageRequest,
        "program" => ProgramRequest,
        "completion" => CompletionRequest,
        "score" => ScoreRequest,
    }
}

request! {
    /// The candidate is in one of these stages.
    struct StageRequest as "StagePrerequisite" into NewPrerequisite by to_stage {
        /// Names of stages of the task.
        stages: Vec<String> = set(1..=MOST_ENTRIES, label()),
    }
}

request! {
    /// The candidate has one of these programs.
    struct ProgramRequest as "ProgramPrerequisite" into NewPrerequisite by to_program {
        /// Names or uuids of programs of the task.
        programs: Vec<String> = set(1..=MOST_ENTRIES, label()),
    }
}

request! {
    /// Another step was completed.
    struct CompletionRequest as "CompletionPrerequisite" into NewPrerequisite by to_completion {
        /// The number of the other step in the task, from 1.
        step: usize = step_number(),
    }
}

request! {
    /// Another step was completed well enough.
    struct ScoreRequest as "ScorePrerequisite" into NewPrerequisite by to_score {
        /// The number of the other step in the task, from 1.
        step: usize = step_number(),
        /// Which figure of several instances is compared.
        figure: ScoreAggregate = word::<ScoreAggregate>(),
        /// The achievement ratio to be reached, with at most 6 decimals.
        minimum: MinimumRatio = minimum(),
    }
}

const fn step_number() -> impl ValueReader<Value = usize> {
    integer::<usize>(1..=100)
}

fn minimum() -> impl ValueReader<Value = MinimumRatio> {
    and_then(decimal((-1, 1), 6), |ratio, _| MinimumRatio::try_from(ratio).ok())
}

fn to_stage(sent: StageRequest, _: &BodyObject<'_>) -> Option<NewPrerequisite> {
    Some(NewPrerequisite::Stage { stages: sent.stages })
}

fn to_program(sent: ProgramRequest, _: &BodyObject<'_>) -> Option<NewPrerequisite> {
    Some(NewPrerequisite::Program { programs: sent.programs })
}

fn to_completion(sent: CompletionRequest, _: &BodyObject<'_>) -> Option<NewPrerequisite> {
    Some(NewPrerequisite::Completion { step: sent.step })
}

fn to_score(sent: ScoreRequest, _: &BodyObject<'_>) -> Option<NewPrerequisite> {
    let ScoreRequest { step, figure, minimum } = sent;
    Some(NewPrerequisite::Score { step, figure, minimum })
}

request! {
    /// A switch that is on unless said otherwise, and dates.
    pub(super) struct SwitchRequest as "NewSwitch" into AccessSwitch by to_switch {
        /// True when omitted; switched off, it keeps everybody out.
        active: bool = or_value(boolean(), true),
        /// Not open before this moment, in seconds since the epoch; null or omitted is no limit.
        active_after: Option<Timestamp> = or_default(nullable(moment())),
        /// Not open from this moment on, in seconds since the epoch; null or omitted is no limit.
        active_before: Option<Timestamp> = or_default(nullable(moment())),
    }
}

fn to_switch(sent: SwitchRequest, _: &BodyObject<'_>) -> Option<AccessSwitch> {
    let window = TimeWindow { after: sent.active_after, before: sent.active_before };
    Some(AccessSwitch { active: sent.active, window })
}
