//! What the endpoints of this API read alike.

use crate::body::receive::unexpected;
use crate::problem::Problem;
use crate::raw_request::{RawRequest, RequestHead};
use crate::request::query::RequestQuery;
pub(super) use crate::request::query::read_query as query;
use domain::fault::Faults;

/// The ids of a path, by name.
pub(super) fn path_ids<const N: usize>(
    head: &RequestHead,
    names: [&str; N],
    faults: &mut Faults,
) -> [String; N] {
    let mut path = head.path();
    let values = names.map(|name| path.take_text(name));
    path.finish(faults);
    values
}

/// Path and query of a request without a body.
pub(super) async fn path_and_query<const N: usize, Q: RequestQuery>(
    incoming: RawRequest,
    names: [&str; N],
) -> Result<(RequestHead, [String; N], Q), Problem> {
    let RawRequest { head, body } = incoming;
    let mut faults = Faults::new();
    let ids = path_ids(&head, names, &mut faults);
    let query = query(&head, &mut faults);
    faults.extend(unexpected(body).await);
    faults.into_result()?;
    Ok((head, ids, query))
}
