//! Failures of use cases as responses.

use crate::problem::Problem;
use app::Failure;
use app::failure::Refused;
use axum::http::StatusCode;
use domain::fault::{Code, Faults};
use domain::refusal::Refusal;

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Faults(faults) => {
                let mut all = Faults::new();
                all.extend(faults);
                all.into()
            }
            Failure::Document(faults) => Problem::of_document(faults),
            Failure::Unauthenticated => Code::Unauthenticated.into(),
            Failure::InsufficientScope => Code::InsufficientScope.into(),
            Failure::NotFound => Code::NotFound.into(),
            Failure::Refused(refused) => refusal(refused),
            Failure::Unfit { code, slots } => {
                let sentence = "What was asked does not fit what it is about.";
                Problem::refusal(StatusCode::CONFLICT, code, sentence).about_slots(slots)
            }
            Failure::Busy => Code::Unavailable.into(),
            Failure::Unavailable(reason) => {
                tracing::error!(target: "assay::app", reason, "a request cannot be carried out for now");
                Code::Unavailable.into()
            }
            Failure::Internal(reason) => {
                tracing::error!(target: "assay::app", reason, "a use case failed");
                Code::InternalError.into()
            }
        }
    }
}

fn refusal(refused: Refused) -> Problem {
    let problem = Problem::refusal(status_of(refused.code), refused.code.as_str(), sentence(refused.code));
    let problem = problem.about_slots(refused.slots);
    match refused.retry_after {
        Some(seconds) => problem.retry_after(seconds.into()),
        None => problem,
    }
}

/// Whoever asks is told 401 or 403 when it is about them, 409 when it is about how things stand.
const fn status_of(code: Refusal) -> StatusCode {
    match code {
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::NotAuthenticated => StatusCode::UNAUTHORIZED,
        Refusal::TooManyTries => StatusCode::TOO_MANY_REQUESTS,
        Refusal::AccessDenied
        | Refusal::TaskInactive
        | Refusal::CandidateInactive
        | Refusal::StepInactive
        | Refusal::TaskNotOpen
        | Refusal::TaskClosed
        | Refusal::CandidateNotOpen
        | Refusal::CandidateClosed
        | Refusal::StepNotOpen
        | Refusal::StepClosed
        | Refusal::CandidateAlreadyParticipated => StatusCode::FORBIDDEN,
        _ => StatusCode::CONFLICT,
    }
}

/// What a person reads; programs go by the code.
const fn sentence(code: Refusal) -> &'static str {
    match code {
        Refusal::NotFound => "There is no such thing.",
        Refusal::NotAuthenticated => "The log-in session is missing or has ended; enter again.",
        Refusal::AccessDenied => "These entries let nobody in.",
        Refusal::TooManyTries => "There were too many tries; wait before the next one.",
        Refusal::TaskInactive | Refusal::StepInactive | Refusal::CandidateInactive => "This is switched off for now.",
        Refusal::TaskNotOpen | Refusal::CandidateNotOpen | Refusal::StepNotOpen => "This has not opened yet.",
        Refusal::TaskClosed | Refusal::CandidateClosed | Refusal::StepClosed => "This has closed.",
        Refusal::AccessFormRequired => "The access form must be filled in first.",
        Refusal::AttemptLimit => "All attempts have been used.",
        Refusal::InstanceComplete => "The test has been handed in.",
        Refusal::InstanceOpen => "The test is still being taken.",
        Refusal::PageLocked => "The page takes no answers.",
        Refusal::TimeOver => "The time is over.",
        Refusal::NavigationNotAllowed => "The test does not allow going there.",
        Refusal::ConfirmationNeeded => "Required questions are unanswered; confirm to go on all the same.",
        Refusal::RequiredUnanswered => "Required questions must be answered first.",
        Refusal::SeqConflict => "This sequence number was used for another response.",
        Refusal::LastManager => "One active manager must remain.",
        _ => "How things stand does not allow this.",
    }
}
