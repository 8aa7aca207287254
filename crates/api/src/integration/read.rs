//! What the endpoints of this API read alike.

use crate::body::receive::unexpected;
use crate::incoming::{Head, Incoming};
use crate::mode::Mode;
use crate::pagination::Page;
use crate::problem::Problem;
use crate::query::Query;
use domain::fault::Faults;

/// The ids of a path, by name.
pub(super) fn path<const N: usize>(head: &Head, names: [&str; N], faults: &mut Faults) -> [String; N] {
    let mut path = head.path();
    let values = names.map(|name| path.take_text(name));
    path.finish(faults);
    values
}

/// Path and query of a request without a body; `read` asks for all parameters there are.
pub(super) async fn reading<const N: usize, T>(
    incoming: Incoming,
    names: [&str; N],
    read: impl FnOnce(&mut Query<'_>) -> T,
) -> Result<(Head, [String; N], T), Problem> {
    let Incoming { head, body } = incoming;
    let mut faults = Faults::new();
    let ids = path(&head, names, &mut faults);
    let asked = query(&head, read, &mut faults);
    faults.extend(unexpected(body).await);
    faults.into_result()?;
    Ok((head, ids, asked))
}

/// The query; `read` asks for all parameters there are.
pub(super) fn query<T>(head: &Head, read: impl FnOnce(&mut Query<'_>) -> T, faults: &mut Faults) -> T {
    let mut query = head.query();
    let asked = read(&mut query);
    query.finish(faults);
    asked
}

/// The parameters of every page.
pub(super) fn mode_and_page(query: &mut Query<'_>) -> (Mode, Page) {
    (Mode::read(query), Page::read(query))
}
