//! `POST /questions`: puts questions into the bank, or new versions of them.

use super::shape::Question;
use crate::incoming::Incoming;
use crate::management::tests::document::receive;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::server::State;
use app::bank::{SubmitOptions, SubmittedQuestion};
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::id::QuestionId;
use domain::instance::Scope;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

domain::words! {
    enum Answer {
        Yes = "true",
        No = "false",
    }
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[allow(dead_code, reason = "only its description is used")]
struct Options {
    /// Folder of the questions.
    #[param(nullable = false)]
    folder: Option<String>,
    /// Keeps the one question of the document as the next version of this one.
    #[param(nullable = false)]
    question_id: Option<String>,
    /// Approves them at once.
    #[param(nullable = false, default = false)]
    approve: Option<bool>,
}

/// A question as it is kept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SubmittedQuestion)]
struct Kept {
    #[serde(flatten)]
    question: Question,
    /// False when the latest version was this very document.
    is_new_version: bool,
}

/// The questions of a document as they are kept.
#[derive(Serialize, ToSchema)]
#[schema(as = SubmittedQuestions)]
pub(in crate::management) struct Submitted {
    /// The questions of the document, in its order.
    questions: Vec<Kept>,
}

/// Keeps a question, or a list of questions, all or none. A question whose `uuid` is known becomes its next version.
///
/// Tests read a question once it is approved. Faults are told with their places in the document.
#[utoipa::path(post, path = "/questions", tag = "Question bank", operation_id = "submitQuestions", params(Options),
    request_body(content((serde_json::Value = "application/json"), (String = "application/yaml"))),
    responses((status = 200, body = Submitted), CommonErrors, BodyErrors))]
pub async fn submit_questions(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Incoming { head, body }: Incoming,
) -> Result<Json<Submitted>, Problem> {
    caller.require(Scope::TestsWrite)?;
    let (bytes, format) = receive(&head, body).await?;
    let mut faults = Faults::new();
    let mut query = head.query();
    let options = SubmitOptions {
        question: query.text("questionId").map(QuestionId::from),
        folder: query.text("folder"),
        labels: None,
        based_on: None,
        approve: query.word("approve", Answer::ALL, Answer::as_str) == Some(Answer::Yes),
    };
    query.finish(&mut faults);
    faults.into_result()?;
    let kept = state.app.submit_questions(&caller, &bytes, format, options).await?;
    Ok(Json(Submitted { questions: kept.into_iter().map(Kept::from).collect() }))
}

impl From<SubmittedQuestion> for Kept {
    fn from(submitted: SubmittedQuestion) -> Self {
        Self { question: submitted.question.into(), is_new_version: submitted.is_new_version }
    }
}
