//! One test: what it holds, what is to be said about it, where it is used.

use super::faults::{FaultExcerpt, without_excerpt};
use super::{ADDRESS, TestTabs, address, page_layout};
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{FormErrors, SignedInStaff, StaffLayout};
use crate::state::PagesState;
use app::Failure;
use app::test_library::{LibraryTestView, TestUse, TrialResult};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::document::has_earlier_rules;
use domain::document::model::EvaluationMode;
use domain::id::TestId;
use domain::role::Permission;
use domain::scoring::outcome::DimensionFigure;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "staff/tests/show.html")]
struct TestDetailPage {
    frame: StaffLayout,
    tabs: TestTabs,
    form_errors: FormErrors,
    test: LibraryTestView,
    changed: HtmlTime,
    folder: String,
    labels: String,
    errors: Vec<FaultExcerpt>,
    warnings: Vec<FaultExcerpt>,
    /// Its typed answers are judged as before documents said how.
    has_earlier_rules: bool,
    /// None while the test cannot be compiled.
    sum: Option<TestDrawSummary>,
    uses: Vec<TestUse>,
    may_create_tasks: bool,
}

/// The figures of one draw.
struct TestDrawSummary {
    slots: usize,
    pages: usize,
    maximum: String,
    sections: Vec<DrawSummaryRow>,
    dimensions: Vec<DrawSummaryRow>,
    waits: Vec<ManuallyGradedSlot>,
}

struct DrawSummaryRow {
    name: String,
    is_sub: bool,
    questions: u32,
    maximum: String,
}

struct ManuallyGradedSlot {
    slot: usize,
    key: String,
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TestDetailQuery {
    said: String,
}

/// Where a test is filed; neither makes a version.
#[derive(Deserialize)]
pub struct TestFolderForm {
    folder: String,
    labels: String,
}

/// Whether a test goes into the archive or comes back.
#[derive(Deserialize)]
pub struct ArchiveTestForm {
    archived: bool,
}

/// `GET /staff/tests/{test}`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(test): Path<String>,
    Query(query): Query<TestDetailQuery>,
) -> Result<Response, PageError> {
    let said = match query.said.as_str() {
        "kept" => Some("Saved as the latest version."),
        "same" => Some("Nothing changed: this is already the latest version."),
        "shelved" => Some("Folder and labels saved."),
        "back" => Some("The test is back in the library."),
        "not-duplicated" => Some("Nothing was duplicated: please fix the errors below first."),
        _ => None,
    };
    page(&state, &staff, &TestId::from(test), FormErrors::default(), said, None).await
}

/// `POST /staff/tests/{test}/do/shelve`.
pub async fn set_folder_and_labels(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(test): Path<String>,
    Form(form): Form<TestFolderForm>,
) -> Result<Response, PageError> {
    let test = TestId::from(test);
    let labels = form
        .labels
        .split(',')
        .map(str::trim)
        .filter(|label| !label.is_empty())
        .map(str::to_owned)
        .collect();
    match state
        .app
        .test_library()
        .organize_test(staff.caller(), &test, form.folder.trim().to_owned(), labels)
        .await
    {
        Ok(_) => Ok(reply::redirect(&address(&test, "?said=shelved"))),
        Err(failure) => {
            page(&state, &staff, &test, FormErrors::of(failure)?, None, Some(form)).await
        }
    }
}

/// `POST /staff/tests/{test}/do/archive`.
pub async fn archive(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(test): Path<String>,
    Form(form): Form<ArchiveTestForm>,
) -> Result<Response, PageError> {
    let test = TestId::from(test);
    state.app.test_library().archive_test(staff.caller(), &test, form.archived).await?;
    Ok(reply::redirect(&if form.archived {
        format!("{ADDRESS}?said=archived")
    } else {
        address(&test, "?said=back")
    }))
}

/// `POST /staff/tests/{test}/do/duplicate`: to the editor of the new test.
pub async fn duplicate(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(test): Path<String>,
) -> Result<Response, PageError> {
    let test = TestId::from(test);
    match state.app.test_library().duplicate_test(staff.caller(), &test).await {
        Ok(made) => Ok(reply::redirect(&address(&made.test.id, "/edit"))),
        Err(Failure::Document(_)) => Ok(reply::redirect(&address(&test, "?said=not-duplicated"))),
        Err(failure) => Err(failure.into()),
    }
}

async fn page(
    state: &PagesState,
    staff: &SignedInStaff,
    id: &TestId,
    form_errors: FormErrors,
    said: Option<&str>,
    form: Option<TestFolderForm>,
) -> Result<Response, PageError> {
    let test = state.app.test_library().test(staff.caller(), id).await?;
    let (errors, warnings) =
        match state.app.test_library().recheck_test(staff.caller(), id, None).await {
            Ok(checked) => (Vec::new(), checked.warnings.iter().map(without_excerpt).collect()),
            Err(Failure::Document(faults)) => {
                (faults.iter().map(without_excerpt).collect(), Vec::new())
            }
            Err(other) => return Err(other.into()),
        };
    let trial =
        match state.app.test_library().try_test(staff.caller(), id, "1", BTreeMap::new()).await {
            Ok(trial) => Some(trial),
            Err(Failure::Refused(_)) => None,
            Err(other) => return Err(other.into()),
        };
    let form = form.unwrap_or_else(|| TestFolderForm {
        folder: test.folder.clone(),
        labels: test.labels.join(", "),
    });
    let status =
        if form_errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = TestDetailPage {
        frame: page_layout(staff, &test.title).with_notice(said),
        tabs: TestTabs::of(staff, id, "overview"),
        form_errors,
        changed: test.updated_at.into(),
        folder: form.folder,
        labels: form.labels,
        errors,
        warnings,
        has_earlier_rules: trial
            .as_ref()
            .is_some_and(|trial| has_earlier_rules(&trial.compiled.test)),
        sum: trial.as_ref().map(TestDrawSummary::of),
        uses: state
            .app
            .test_library()
            .library_overview(staff.caller())
            .await?
            .uses
            .remove(id)
            .unwrap_or_default(),
        may_create_tasks: staff.may(Permission::WriteTasks),
        test,
    };
    reply::page(status, &page)
}

impl TestDrawSummary {
    fn of(trial: &TrialResult) -> Self {
        let (compiled, outcome) = (&trial.compiled, &trial.outcome);
        let sections = outcome.sections.iter().enumerate().map(|(index, figure)| DrawSummaryRow {
            name: compiled.section(index).title.to_string(),
            is_sub: false,
            questions: figure.scoreboard.questions,
            maximum: figure.scoreboard.maximum.to_string(),
        });
        let slots = compiled.slots.iter().enumerate();
        let waits = slots.filter(|(_, slot)| {
            slot.effective && slot.question.evaluation == EvaluationMode::Manual
        });
        Self {
            slots: compiled.slots.len(),
            pages: compiled.pages.len(),
            maximum: outcome.scoreboard.maximum.to_string(),
            sections: sections.collect(),
            dimensions: outcome.dimensions.iter().flat_map(parts).collect(),
            waits: waits
                .map(|(index, slot)| ManuallyGradedSlot {
                    slot: index + 1,
                    key: slot.question.key.to_string(),
                })
                .collect(),
        }
    }
}

fn parts(figure: &DimensionFigure) -> Vec<DrawSummaryRow> {
    let part =
        |name: &str, board: &domain::scoring::scoreboard::Scoreboard, is_sub| DrawSummaryRow {
            name: name.to_owned(),
            is_sub,
            questions: board.questions,
            maximum: board.maximum.to_string(),
        };
    let subs = figure.subs.iter().map(|sub| part(&sub.name, &sub.scoreboard, true));
    std::iter::once(part(&figure.name, &figure.scoreboard, false)).chain(subs).collect()
}
