//! What a use case failed with, in a form that a test compares.

use app::Failure;
use app::delivery::answers::WriteResult;
use domain::refusal::Refusal;

/// The code a use case refused with.
pub fn refusal<T>(result: Result<T, Failure>) -> Option<Refusal> {
    match result {
        Err(Failure::Refused(refused)) => Some(refused.code),
        Err(other) => panic!("{other:?}"),
        Ok(_) => None,
    }
}

/// The outcome or refusal of a write.
pub fn outcome_code(written: &WriteResult) -> &'static str {
    match written {
        WriteResult::Acknowledged(acknowledgement) => acknowledgement.outcome.as_str(),
        WriteResult::Refused { code, .. } => code.as_str(),
    }
}

/// Places and codes of the faults a use case refused with.
pub fn faults<T>(result: Result<T, Failure>) -> Vec<String> {
    match result {
        Err(Failure::Faults(faults)) => {
            faults.iter().map(|fault| format!("{} {}", fault.place, fault.code)).collect()
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => Vec::new(),
    }
}

/// The code and slots of what does not fit.
pub fn conflict_of<T>(result: Result<T, Failure>) -> (&'static str, Vec<u32>) {
    match result {
        Err(Failure::Unfit { code, slots }) => (code, slots),
        Err(other) => panic!("{other:?}"),
        Ok(_) => ("fits", Vec::new()),
    }
}

pub fn is_not_found<T>(result: &Result<T, Failure>) -> bool {
    matches!(result, Err(Failure::NotFound))
        || matches!(result, Err(Failure::Refused(refused)) if refused.code == Refusal::NotFound)
}

pub fn assert_refused<T>(result: Result<T, Failure>, code: Refusal) {
    assert_eq!(refusal(result), Some(code));
}
