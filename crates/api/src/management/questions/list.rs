//! `GET /questions`: the bank.

use super::schema::{ManagedQuestion, ManagedQuestionPage};
use crate::management::read;
use crate::openapi::CommonErrors;
use crate::pagination::Pagination;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::PageNumberQuery;
use crate::state::ApiState;
use app::bank::QuestionFilter;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::role::Right;

/// Lists the questions of the bank that are not archived, oldest first.
#[utoipa::path(
    get, path = "/questions", tag = "Question bank", operation_id = "listQuestions",
    params(PageNumberQuery),
    responses((status = 200, body = ManagedQuestionPage), CommonErrors)
)]
pub async fn list_questions(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<ManagedQuestionPage>, Problem> {
    caller.require(Right::ReadTests)?;
    let mut faults = Faults::new();
    let PageNumberQuery { mode, page } = read::query(&head, &mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let filter = QuestionFilter::default();
    let (total, questions) =
        state.app.bank().list_questions(&caller, filter, page.limit, page.rows_before()).await?;
    let pagination = Pagination::new(total, page, mode, &[]);
    Ok(Json(ManagedQuestionPage {
        questions: questions.into_iter().map(ManagedQuestion::from).collect(),
        pagination,
    }))
}
