//! Failures of use cases as responses.

use crate::problem::Problem;
use crate::refusals::{UNFIT, sentence, status_of};
use app::Failure;
use app::failure::Refused;
use axum::http::StatusCode;
use domain::fault::{Code, Faults};
use domain::response::ResponseFault;

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
            Failure::InsufficientScope(missing) => Problem::missing_right(&missing),
            Failure::NotFound => Code::NotFound.into(),
            Failure::Refused(refused) => refusal(refused),
            Failure::Unfit { code, slots } => Problem::refusal(StatusCode::CONFLICT, code, UNFIT).about_slots(slots),
            Failure::NotTaken { why, slots } => {
                let code = ResponseFault::UploadNotAllowed.as_str();
                Problem::refusal(StatusCode::CONFLICT, code, why.to_string()).about_slots(slots)
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
