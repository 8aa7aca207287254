//! `POST /questions`: puts questions into the bank, or new versions of them.

use super::schema::ManagedQuestion;
use crate::management::read;
use crate::management::test_library::document::receive_document;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{flag, formed, id, query};
use crate::request::value::name;
use crate::state::ApiState;
use app::bank::{QuestionSubmitOptions, SubmittedQuestion};
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::id::QuestionId;
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

query! {
    /// Where the questions are put.
    struct SubmitQuestionsQuery {
        /// Folder of the questions.
        folder: Option<String> = formed(name()),
        /// Keeps the one question of the document as the next version of this one.
        question_id: Option<QuestionId> = id::<QuestionId>(),
        /// Approves them at once.
        approve: bool = flag(),
    }
}

/// A question as it is kept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SubmittedQuestion)]
struct SubmittedQuestionItem {
    #[serde(flatten)]
    question: ManagedQuestion,
    /// False when the latest version was this very document.
    is_new_version: bool,
}

/// The questions of a document as they are kept.
#[derive(Serialize, ToSchema)]
#[schema(as = SubmittedQuestions)]
pub(in crate::management) struct SubmitQuestionsResponse {
    /// The questions of the document, in its order.
    questions: Vec<SubmittedQuestionItem>,
}

/// Keeps a question, or a list of questions, all or none. A question whose `uuid` is known becomes
/// its next version.
///
/// Tests read a question once it is approved. Faults are told with their places in the document.
#[utoipa::path(
    post, path = "/questions", tag = "Question bank", operation_id = "submitQuestions",
    params(SubmitQuestionsQuery),
    request_body(content((serde_json::Value = "application/json"), (String = "application/yaml"))),
    responses((status = 200, body = SubmitQuestionsResponse), CommonErrors, BodyErrors)
)]
pub async fn submit_questions(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<SubmitQuestionsResponse>, Problem> {
    caller.require(Right::WriteTests)?;
    let (bytes, format) = receive_document(&head, body).await?;
    let mut faults = Faults::new();
    let SubmitQuestionsQuery { folder, question_id: question, approve } =
        read::query(&head, &mut faults);
    faults.into_result()?;
    let options = QuestionSubmitOptions { question, folder, labels: None, based_on: None, approve };
    let stored = state.app.bank().submit_questions(&caller, &bytes, format, options).await?;
    Ok(Json(SubmitQuestionsResponse {
        questions: stored.into_iter().map(SubmittedQuestionItem::from).collect(),
    }))
}

impl From<SubmittedQuestion> for SubmittedQuestionItem {
    fn from(submitted: SubmittedQuestion) -> Self {
        Self { question: submitted.question.into(), is_new_version: submitted.is_new_version }
    }
}
