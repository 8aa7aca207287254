//! How a request that changes something is judged: its form, and what only the data can tell, all
//! faults at once.

use crate::body::BodyDocument;
use crate::problem::Problem;
use app::Failure;
use domain::fault::{ErrorCode, Fault, Faults};

/// Does it, unless the request has faults; then only looks for those that need data, so that they
/// are told beside the others, in document order. `faults` are those of path, query and headers.
pub(super) async fn validate_then_run<T>(
    document: BodyDocument,
    mut faults: Faults,
    check: impl Future<Output = Result<Vec<Fault>, Failure>>,
    act: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Problem> {
    if faults.is_empty() && !document.is_faulty() {
        match act.await {
            Err(Failure::Faults(found)) => document.add_faults(found),
            done => return Ok(done?),
        }
    } else {
        match check.await {
            Ok(found) => document.add_faults(found),
            // Faults of the request come before a missing resource.
            Err(Failure::NotFound) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    document.finish(&mut faults);
    faults.into_result()?;
    Err(ErrorCode::InternalError.into())
}
