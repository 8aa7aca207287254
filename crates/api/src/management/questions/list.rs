//! `GET /questions`: the bank.

use super::shape::{Question, Questions};
use crate::incoming::Incoming;
use crate::management::read;
use crate::mode::Mode;
use crate::openapi::CommonErrors;
use crate::pagination::{Page, Pagination};
use crate::parameters::{LimitParameter, PageParameter};
use crate::problem::Problem;
use crate::server::State;
use app::bank::QuestionFilter;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::instance::Scope;

/// Lists the questions of the bank that are not archived, oldest first.
#[utoipa::path(get, path = "/questions", tag = "Question bank", operation_id = "listQuestions",
    params(LimitParameter, PageParameter), responses((status = 200, body = Questions), CommonErrors))]
pub async fn list_questions(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Incoming { head, body }: Incoming,
) -> Result<Json<Questions>, Problem> {
    caller.require(Scope::TestsRead)?;
    let mut faults = Faults::new();
    let mut query = head.query();
    let (mode, page) = (Mode::read(&mut query), Page::read(&mut query));
    query.finish(&mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let filter = QuestionFilter::default();
    let (total, questions) = state.app.list_questions(&caller, filter, page.limit, page.rows_before()).await?;
    let pagination = Pagination::new(total, page, mode, &[]);
    Ok(Json(Questions { questions: questions.into_iter().map(Question::from).collect(), pagination }))
}
