//! Failures of use cases as responses.

use crate::error_codes::{CONFLICT_DETAIL, MEDIA_IN_USE, message, status_of};
use crate::problem::Problem;
use app::Failure;
use app::failure::RefusalDetail;
use axum::http::StatusCode;
use domain::fault::{ErrorCode, Faults};
use domain::response::ResponseFault;

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Faults(faults) => {
                let mut all = Faults::new();
                all.extend(faults);
                all.into()
            }
            Failure::Document(faults) => Problem::from_document_faults(faults),
            Failure::Unauthenticated => ErrorCode::Unauthenticated.into(),
            Failure::InsufficientScope(missing) => Problem::missing_right(&missing),
            Failure::NotFound => ErrorCode::NotFound.into(),
            Failure::Refused(refused) => refusal(refused),
            Failure::Unfit { code, slots } => {
                Problem::refusal(StatusCode::CONFLICT, code, CONFLICT_DETAIL).with_slots(slots)
            }
            Failure::NotTaken { why, slots } => {
                let code = ResponseFault::UploadNotAllowed.as_str();
                Problem::refusal(StatusCode::CONFLICT, code, why.to_string()).with_slots(slots)
            }
            Failure::MediaInUse(uses) => Problem::refusal(StatusCode::CONFLICT, MEDIA_IN_USE, uses),
            Failure::Busy => ErrorCode::Unavailable.into(),
            Failure::Unavailable(reason) => {
                tracing::error!(target: "assay::app", reason, "a request cannot be carried out for now");
                ErrorCode::Unavailable.into()
            }
            Failure::Internal(reason) => {
                tracing::error!(target: "assay::app", reason, "a use case failed");
                ErrorCode::InternalError.into()
            }
        }
    }
}

fn refusal(refused: RefusalDetail) -> Problem {
    let problem =
        Problem::refusal(status_of(refused.code), refused.code.as_str(), message(refused.code));
    let problem = problem.with_slots(refused.slots);
    match refused.retry_after {
        Some(seconds) => problem.retry_after(seconds.into()),
        None => problem,
    }
}
