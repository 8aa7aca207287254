//! What the endpoints of this API read alike.

use crate::body::receive::unexpected;
use crate::detail_level::DetailLevel;
use crate::pagination::PageQuery;
use crate::problem::Problem;
use crate::query::QueryReader;
use crate::raw_request::{RawRequest, RequestHead};
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

/// Path and query of a request without a body; `read` asks for all parameters there are.
pub(super) async fn read_path_and_query<const N: usize, T>(
    incoming: RawRequest,
    names: [&str; N],
    read: impl FnOnce(&mut QueryReader<'_>) -> T,
) -> Result<(RequestHead, [String; N], T), Problem> {
    let RawRequest { head, body } = incoming;
    let mut faults = Faults::new();
    let ids = path_ids(&head, names, &mut faults);
    let asked = read_query(&head, read, &mut faults);
    faults.extend(unexpected(body).await);
    faults.into_result()?;
    Ok((head, ids, asked))
}

/// The query; `read` asks for all parameters there are.
pub(super) fn read_query<T>(
    head: &RequestHead,
    read: impl FnOnce(&mut QueryReader<'_>) -> T,
    faults: &mut Faults,
) -> T {
    let mut query = head.query();
    let asked = read(&mut query);
    query.finish(faults);
    asked
}

/// The parameters of every page.
pub(super) fn mode_and_page(query: &mut QueryReader<'_>) -> (DetailLevel, PageQuery) {
    (DetailLevel::read(query), PageQuery::read(query))
}
