//! Pages by number and the `pagination` object of every list (REST specification, 1.6).
//!
//! Pure arithmetic and printing: where rows come from is not known here.

use crate::detail_level::DetailLevel;
use crate::percent;
use serde::Serialize;
use std::fmt::Write as _;
use utoipa::ToSchema;

/// Rows a page may have.
pub const HIGHEST_LIMIT: i64 = 1000;
/// The highest number of a page: beyond it a JSON number is not exact everywhere.
pub const HIGHEST_PAGE: i64 = 9_007_199_254_740_991;

/// The page a request asks for: `limit` rows a page (1 to 1000), pages counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageQuery {
    pub limit: u32,
    pub number: u64,
}

impl PageQuery {
    /// How many rows come before this page, at most the largest 64-bit number.
    #[must_use]
    pub const fn rows_before(self) -> u64 {
        (self.number - 1).saturating_mul(self.limit as u64)
    }
}

/// The `pagination` object; `next` and `previous` are query strings that begin with `?`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    /// All rows that match.
    pub total_items: u64,
    /// `ceil(totalItems / limit)`; 0 when there are none.
    pub total_pages: u64,
    /// The number of this page, from 1.
    pub current_page: u64,
    /// As asked for, not the number of rows returned.
    pub limit: u32,
    /// The query of the next page; null on the last.
    #[schema(required)]
    pub next: Option<String>,
    /// The query of the page before; null on the first.
    #[schema(required)]
    pub previous: Option<String>,
}

impl Pagination {
    /// The object for a page of `total_items` rows. `filters` are the names the caller used and
    /// their decoded values, in the order of the endpoint's table; searches by body pass none.
    #[must_use]
    pub fn new(
        total_items: u64,
        page: PageQuery,
        mode: DetailLevel,
        filters: &[(&str, &str)],
    ) -> Self {
        let total_pages = total_items.div_ceil(u64::from(page.limit));
        let link = |number| link(page.limit, number, mode, filters);
        Self {
            total_items,
            total_pages,
            current_page: page.number,
            limit: page.limit,
            next: (page.number < total_pages).then(|| link(page.number + 1)),
            previous: (page.number > 1 && total_items > 0)
                .then(|| link(total_pages.min(page.number - 1))),
        }
    }
}

fn link(limit: u32, number: u64, mode: DetailLevel, filters: &[(&str, &str)]) -> String {
    let mut text = format!("?limit={limit}&page={number}&mode={mode}");
    for (name, value) in filters {
        write!(text, "&{name}={}", percent::encode(value)).expect("a string takes all text");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::QueryReader;
    use crate::request::query::{PagedQuery, RequestQuery as _};
    use domain::fault::Faults;
    use proptest::prelude::*;

    fn page(limit: u32, number: u64) -> PageQuery {
        PageQuery { limit, number }
    }

    fn links(total: u64, limit: u32, number: u64) -> (Option<String>, Option<String>) {
        let pagination = Pagination::new(total, page(limit, number), DetailLevel::Basic, &[]);
        (pagination.next, pagination.previous)
    }

    fn at(limit: u32, number: u64) -> Option<String> {
        Some(format!("?limit={limit}&page={number}&mode=basic"))
    }

    #[test]
    fn a_list_without_rows_has_no_neighbours_whatever_the_page() {
        for number in [1, 5, 9_007_199_254_740_991] {
            assert_eq!(links(0, 10, number), (None, None));
        }
        assert_eq!(Pagination::new(0, page(10, 5), DetailLevel::Basic, &[]).total_pages, 0);
    }

    #[test]
    fn a_page_past_the_end_leads_back_to_the_last_page_in_one_hop() {
        assert_eq!(links(23, 10, 4), (None, at(10, 3)));
        assert_eq!(links(23, 10, 9_007_199_254_740_991), (None, at(10, 3)));
        assert_eq!(links(3, 10, 7), (None, at(10, 1)));
    }

    #[test]
    fn neighbours_of_the_published_cases_are_printed_to_the_letter() {
        assert_eq!(links(23, 10, 1), (at(10, 2), None));
        assert_eq!(links(23, 10, 2), (at(10, 3), at(10, 1)));
        assert_eq!(links(23, 22, 1), (at(22, 2), None));
        assert_eq!(links(23, 23, 1), (None, None));
        let filtered =
            Pagination::new(3, page(2, 1), DetailLevel::Detailed, &[("externalId", "A&B 1+1")]);
        assert_eq!(
            filtered.next.as_deref(),
            Some("?limit=2&page=2&mode=detailed&externalId=A%26B%201%2B1")
        );
    }

    #[test]
    fn the_object_is_printed_in_the_published_order() {
        let printed = serde_json::to_string(&Pagination::new(
            3,
            page(1, 2),
            DetailLevel::Basic,
            &[("externalId", "EMP-2")],
        ));
        let expected = r#"{"totalItems":3,"totalPages":3,"currentPage":2,"limit":1,"next":"?limit=1&page=3&mode=basic&externalId=EMP-2","previous":"?limit=1&page=1&mode=basic&externalId=EMP-2"}"#;
        assert_eq!(printed.unwrap(), expected);
    }

    /// Follows a link as a client would: sends it as it is and reads it with the endpoint's own
    /// reader.
    fn follow(link: &str) -> (PageQuery, DetailLevel, Option<String>) {
        let mut query = QueryReader::parse(link.strip_prefix('?').unwrap(), link.len());
        let PagedQuery { mode, page } = PagedQuery::read(&mut query);
        let read = (page, mode, query.text("externalId"));
        let mut faults = Faults::new();
        query.finish(&mut faults);
        assert!(faults.is_empty(), "{link}: {faults:?}");
        (read.0, read.1, read.2)
    }

    fn rows(total: u64, page: PageQuery) -> std::ops::Range<u64> {
        let first = page.rows_before().min(total);
        first..first.saturating_add(u64::from(page.limit)).min(total)
    }

    fn walk(
        total: u64,
        mut at: PageQuery,
        filter: &str,
        towards: fn(&Pagination) -> &Option<String>,
    ) -> Vec<PageQuery> {
        let mut pages = vec![at];
        loop {
            let pagination =
                Pagination::new(total, at, DetailLevel::Detailed, &[("externalId", filter)]);
            let Some(link) = towards(&pagination) else { return pages };
            let (next, mode, stored) = follow(link);
            assert_eq!(
                (next.limit, mode, stored.as_deref()),
                (at.limit, DetailLevel::Detailed, Some(filter))
            );
            at = next;
            pages.push(at);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn following_next_yields_every_row_once_in_order(total in 0_u64..400, limit in 1_u32..=40, filter in "[^\0]{1,8}") {
            let pages = walk(total, page(limit, 1), &filter, |pagination| &pagination.next);
            let all: Vec<u64> = pages.iter().flat_map(|at| rows(total, *at)).collect();
            prop_assert_eq!(all, (0..total).collect::<Vec<_>>());
            let expected = total.div_ceil(u64::from(limit)).max(1);
            prop_assert_eq!(u64::try_from(pages.len()).unwrap(), expected);
            let (_, full) = pages.split_last().unwrap();
            prop_assert!(full.iter().all(|at| rows(total, *at).count() == limit as usize));
        }

        #[test]
        fn following_previous_from_the_last_page_reverses_the_walk(total in 1_u64..400, limit in 1_u32..=40) {
            let forward = walk(total, page(limit, 1), "x", |pagination| &pagination.next);
            let mut backward = walk(total, *forward.last().unwrap(), "x", |pagination| &pagination.previous);
            backward.reverse();
            prop_assert_eq!(forward, backward);
        }

        #[test]
        fn any_page_past_the_end_reaches_the_last_page_in_one_hop(
            total in 1_u64.., limit in 1_u32..=1000, beyond in 1_u64..9_007_199_254_740_991,
        ) {
            let last = total.div_ceil(u64::from(limit));
            let number = last.saturating_add(beyond);
            let pagination = Pagination::new(total, page(limit, number), DetailLevel::Basic, &[]);
            prop_assert_eq!(pagination.next, None);
            prop_assert_eq!(pagination.previous, Some(format!("?limit={limit}&page={last}&mode=basic")));
            prop_assert_eq!(pagination.total_pages, last);
        }
    }
}
