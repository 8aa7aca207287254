//! How a request that changes something is judged: its form, and what only the data can tell, all faults at once.

use crate::body::Document;
use crate::problem::Problem;
use app::Failure;
use domain::fault::{Code, Fault, Faults};

/// Does it, unless the request has faults; then only looks for those that need data, so that they are told beside the
/// others, in document order. `faults` are those of path, query and headers.
pub(super) async fn act<T>(
    document: Document,
    mut faults: Faults,
    check: impl Future<Output = Result<Vec<Fault>, Failure>>,
    act: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Problem> {
    if faults.is_empty() && !document.is_faulty() {
        match act.await {
            Err(Failure::Faults(found)) => document.add(found),
            done => return Ok(done?),
        }
    } else {
        match check.await {
            Ok(found) => document.add(found),
            // Faults of the request come before a missing resource.
            Err(Failure::NotFound) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    document.finish(&mut faults);
    faults.into_result()?;
    Err(Code::InternalError.into())
}
