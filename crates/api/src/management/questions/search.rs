//! `POST /questions/filter`: questions of the bank that fit what the body names.

use super::schema::{ManagedQuestion, ManagedQuestionPage};
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::pagination::Pagination;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::PageNumberQuery;
use crate::request::value::{filter_set, filter_text, folder, substring, tags, word};
use crate::request::{RequestObject as _, optional, or_default, request};
use crate::state::ApiState;
use app::bank::{QuestionFilter, QuestionKind, QuestionState};
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::{ErrorCode, Faults};
use domain::role::Right;

request! {
    /// What the questions must have; all fields given must hold.
    pub(in crate::management) struct SearchQuestionsRequest as "BankQuestionSearch"
        for QuestionFilter
    {
        /// The empty name is the default folder.
        folder = optional(folder()),
        /// All of these.
        labels = or_default(filter_set(filter_text())),
        /// All of these, name to value.
        tags = or_default(tags()),
        /// What is asked for: choices, a text, a match and so on.
        kind = optional(word::<QuestionKind>()),
        /// Archived questions are left out unless they are asked for.
        state = optional(word::<QuestionState>()),
        /// What is asked, or the key, contains this, whatever the case of the letters.
        text = optional(substring()),
    }
}

/// Searches the bank, oldest first; folder, labels and tags fit as they do for a pool of a test.
/// `next` and `previous` go with the same body.
#[utoipa::path(
    post, path = "/questions/filter", tag = "Question bank", operation_id = "searchQuestions",
    params(PageNumberQuery), request_body = SearchQuestionsRequest,
    responses((status = 200, body = ManagedQuestionPage), CommonErrors, BodyErrors)
)]
pub async fn search_questions(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<ManagedQuestionPage>, Problem> {
    caller.require(Right::ReadTests)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let PageNumberQuery { mode, page } = read::query(&head, &mut faults);
    let filter = document.read(SearchQuestionsRequest::read).flatten();
    document.finish(&mut faults);
    faults.into_result()?;
    let filter = filter.ok_or(ErrorCode::InternalError)?;
    let (total, questions) =
        state.app.bank().list_questions(&caller, filter, page.limit, page.rows_before()).await?;
    let pagination = Pagination::new(total, page, mode, &[]);
    Ok(Json(ManagedQuestionPage {
        questions: questions.into_iter().map(ManagedQuestion::from).collect(),
        pagination,
    }))
}
