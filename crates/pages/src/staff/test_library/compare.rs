//! Two versions of a test side by side, as a diff of their YAML.

use super::{TestTabs, address, page_layout};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffLayout};
use crate::state::PagesState;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::document::DocumentFormat;
use domain::id::TestId;
use serde::Deserialize;
use similar::{Algorithm, ChangeTag, TextDiff};
use std::time::Duration;

/// Lines that stand around a change.
const AROUND: usize = 4;
/// How long finding the smallest difference may take; after that a larger one is shown.
const DIFF_TIMEOUT: Duration = Duration::from_millis(500);

#[derive(Template)]
#[template(path = "staff/tests/compare.html")]
struct TestComparePage {
    frame: StaffLayout,
    tabs: TestTabs,
    address: String,
    from: i64,
    to: i64,
    numbers: Vec<i64>,
    hunks: Vec<Vec<DiffLine>>,
}

/// A line of a difference.
pub struct DiffLine {
    pub sort: &'static str,
    pub sign: &'static str,
    pub spoken: &'static str,
    pub number: usize,
    pub text: String,
}

/// Numbers of the two versions that are compared; the page chooses absent ones.
#[derive(Deserialize)]
pub struct TestCompareQuery {
    from: Option<i64>,
    to: Option<i64>,
}

/// `GET /staff/tests/{test}/compare`: the last change, unless two versions are named.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(test): Path<String>,
    Query(query): Query<TestCompareQuery>,
) -> Result<Response, PageError> {
    let id = TestId::from(test);
    let test = state.app.test_library().test(staff.caller(), &id).await?;
    let to = query.to.unwrap_or(test.version);
    let from = query.from.unwrap_or_else(|| (to - 1).max(1));
    let old = state
        .app
        .test_library()
        .test_text(staff.caller(), &id, Some(from), DocumentFormat::Yaml)
        .await?;
    let new = state
        .app
        .test_library()
        .test_text(staff.caller(), &id, Some(to), DocumentFormat::Yaml)
        .await?;
    let page = TestComparePage {
        frame: page_layout(&staff, &test.title),
        tabs: TestTabs::of(&staff, &id, "history"),
        address: address(&id, ""),
        from,
        to,
        numbers: (1..=test.version).rev().collect(),
        hunks: hunks(&old.text, &new.text),
    };
    reply::page(StatusCode::OK, &page)
}

/// The changes that lead from one text to another, each with some lines around it.
pub fn hunks(old: &str, new: &str) -> Vec<Vec<DiffLine>> {
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Myers)
        .timeout(DIFF_TIMEOUT)
        .diff_lines(old, new);
    let lines = |operations: &Vec<similar::DiffOp>| {
        operations
            .iter()
            .flat_map(|operation| diff.iter_changes(operation))
            .map(|change| line(&change))
            .collect()
    };
    diff.grouped_ops(AROUND).iter().map(lines).collect()
}

fn line(change: &similar::Change<&str>) -> DiffLine {
    let (sort, sign, spoken) = match change.tag() {
        ChangeTag::Delete => ("gone", "−", "removed: "),
        ChangeTag::Insert => ("come", "+", "added: "),
        ChangeTag::Equal => ("same", " ", ""),
    };
    let number = change.new_index().or(change.old_index()).unwrap_or_default() + 1;
    DiffLine { sort, sign, spoken, number, text: change.value().trim_end_matches('\n').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_shown_with_what_stands_around_it() {
        let old: String = (0..40).map(|number| format!("line {number}\n")).collect();
        let found = hunks(&old, &old.replace("line 20\n", "line twenty\n"));
        assert_eq!(found.len(), 1);
        let sorts: Vec<_> =
            found[0].iter().map(|line| line.sort).filter(|sort| *sort != "same").collect();
        assert_eq!((sorts, found[0].len()), (vec!["gone", "come"], 2 + 2 * AROUND));
        assert!(hunks(&old, &old).is_empty());
    }
}
