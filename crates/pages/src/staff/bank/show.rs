//! One question: how it looks, where it stands and where it is used.

use super::{ADDRESS, QuestionTabs, address, is_approver, page_layout, sort_in_words, state_badge};
use crate::candidate::question::RenderedQuestion;
use crate::html_time::HtmlTime;
use crate::media::linked_media;
use crate::page_error::PageError;
use crate::staff::support::{FormErrors, SignedInStaff, StaffLayout};
use crate::state::PagesState;
use crate::{lang, reply};
use app::Failure;
use app::bank::{BankQuestionView, BankUse, QuestionState, QuestionUpdate};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::compile::view;
use domain::document::is_judged_by_earlier_rules;
use domain::id::QuestionId;
use markup::Renderer;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "staff/bank/show.html")]
struct QuestionDetailPage {
    frame: StaffLayout,
    tabs: QuestionTabs,
    errors: FormErrors,
    question: BankQuestionView,
    state: &'static str,
    class: &'static str,
    sort: &'static str,
    /// Points it can earn, and what a wrong answer can cost.
    points: String,
    negative: String,
    /// As a candidate sees it, without a script.
    shown: String,
    made: HtmlTime,
    changed: HtmlTime,
    approved: Option<HtmlTime>,
    uses: Vec<BankUse>,
    may_approve: bool,
    /// What is typed is judged as before questions said how.
    has_earlier_rules: bool,
    folder: String,
    labels: String,
}

impl QuestionDetailPage {
    fn is_archived(&self) -> bool {
        self.question.state == QuestionState::Archived
    }

    fn waits(&self) -> bool {
        self.question.approved_at.is_none()
    }
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct QuestionDetailQuery {
    said: String,
}

/// Where a question is filed; neither makes a version.
#[derive(Deserialize)]
pub struct QuestionFolderForm {
    folder: String,
    labels: String,
}

/// Whether a question goes into the archive or comes back.
#[derive(Deserialize)]
pub struct ArchiveQuestionForm {
    archived: bool,
}

/// `GET /staff/bank/{question}`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(id): Path<QuestionId>,
    Query(query): Query<QuestionDetailQuery>,
) -> Result<Response, PageError> {
    let said = match query.said.as_str() {
        "kept" => Some("Saved as the latest version."),
        "same" => Some("Nothing changed: this is already the latest version."),
        "approved" => Some("Approved. Tests may use it from now on."),
        "shelved" => Some("Folder and labels saved."),
        "back" => Some("The question is back in the bank."),
        _ => None,
    };
    page(&state, &staff, &id, FormErrors::default(), said, None).await
}

/// `POST /staff/bank/{question}/do/approve`.
pub async fn approve(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(id): Path<QuestionId>,
) -> Result<Response, PageError> {
    state.app.bank().approve_question(staff.caller(), &id).await?;
    Ok(reply::redirect(&address(&id, "?said=approved")))
}

/// `POST /staff/bank/{question}/do/archive`.
pub async fn archive(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(id): Path<QuestionId>,
    Form(form): Form<ArchiveQuestionForm>,
) -> Result<Response, PageError> {
    let change = QuestionUpdate { archived: Some(form.archived), ..QuestionUpdate::default() };
    state.app.bank().update_question(staff.caller(), &id, change).await?;
    Ok(reply::redirect(&if form.archived {
        format!("{ADDRESS}?said=archived")
    } else {
        address(&id, "?said=back")
    }))
}

/// `POST /staff/bank/{question}/do/shelve`.
pub async fn set_folder_and_labels(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(id): Path<QuestionId>,
    Form(form): Form<QuestionFolderForm>,
) -> Result<Response, PageError> {
    let before = state.app.bank().question(staff.caller(), &id).await?;
    let wanted = form
        .labels
        .split(',')
        .map(str::trim)
        .filter(|label| !label.is_empty())
        .map(str::to_owned)
        .collect();
    let change = QuestionUpdate {
        folder: Some(form.folder.trim().to_owned()),
        labels: crate::staff::tasks::choices::label_change(&before.labels, wanted),
        archived: None,
    };
    match state.app.bank().update_question(staff.caller(), &id, change).await {
        Ok(_) => Ok(reply::redirect(&address(&id, "?said=shelved"))),
        Err(failure) => page(&state, &staff, &id, FormErrors::of(failure)?, None, Some(form)).await,
    }
}

async fn page(
    pages_state: &PagesState,
    staff: &SignedInStaff,
    id: &QuestionId,
    errors: FormErrors,
    said: Option<&str>,
    form: Option<QuestionFolderForm>,
) -> Result<Response, PageError> {
    let question = pages_state.app.bank().question(staff.caller(), id).await?;
    let trial =
        pages_state.app.bank().try_question(staff.caller(), id, "1", BTreeMap::new()).await?;
    let the_question =
        trial.compiled.slots.first().map(|slot| slot.question.clone()).ok_or(Failure::NotFound)?;
    let sheet = view::page(&trial.compiled, 0).ok_or(Failure::NotFound)?;
    let weight = sheet.questions.iter().map(view::QuestionView::text_bytes).sum();
    let shown = |renderer: &Renderer| {
        let questions = sheet.questions.iter();
        questions
            .map(|question| {
                RenderedQuestion::of(lang::Language::english(), question, renderer).render()
            })
            .collect::<Result<String, _>>()
    };
    let stored = domain::document::question_to_stored(&the_question);
    let of = &staff.caller().organization;
    let media = linked_media(pages_state, lang::Language::english(), of, &stored).await?;
    let shown =
        pages_state.rendering.render_with(media, weight, shown).await.map_err(Failure::internal)?;
    let form = form.unwrap_or_else(|| QuestionFolderForm {
        folder: question.folder.clone(),
        labels: question.labels.join(", "),
    });
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (state, class) = state_badge(question.state);
    let page = QuestionDetailPage {
        frame: page_layout(staff, &question).with_notice(said),
        tabs: QuestionTabs::of(staff, &question, "overview"),
        has_earlier_rules: is_judged_by_earlier_rules(&the_question),
        sort: sort_in_words(&the_question),
        points: the_question.points.to_string(),
        negative: the_question.negative_points.to_string(),
        made: question.created_at.into(),
        changed: question.updated_at.into(),
        approved: question.approved_at.map(Into::into),
        uses: pages_state.app.bank().question_uses(staff.caller(), id).await?,
        may_approve: is_approver(staff),
        folder: form.folder,
        labels: form.labels,
        question,
        shown,
        state,
        class,
        errors,
    };
    reply::page(status, &page)
}
