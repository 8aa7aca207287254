//! `GET /questions/{id}/document`: the document of a version, as JSON or YAML.

use crate::management::read;
use crate::management::test_library::document::DocumentBodyFormat;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{integer, query, word_or};
use crate::state::ApiState;
use app::caller::Caller;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, extract};
use domain::fault::Faults;
use domain::id::QuestionId;
use domain::role::Right;

query! {
    /// Which version is sent, and how.
    struct QuestionDocumentQuery {
        /// Number of the version, from 1; the latest when omitted.
        version: Option<i64> = integer(1..=i64::MAX),
        /// The stored form, or the same as YAML; `json` when omitted.
        format: DocumentBodyFormat = word_or(DocumentBodyFormat::Json),
    }
}

/// Sends a version's document; submitting it again changes nothing.
#[utoipa::path(
    get, path = "/questions/{id}/document", tag = "Question bank",
    operation_id = "getQuestionDocument", params(("id" = String, Path), QuestionDocumentQuery),
    responses(
        (status = 200, content((serde_json::Value = "application/json"), (String = "application/yaml"))),
        CommonErrors, PathErrors
    )
)]
pub async fn get_question_document(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadTests)?;
    let mut faults = Faults::new();
    let [id] = read::path_ids(&head, ["id"], &mut faults);
    let QuestionDocumentQuery { version, format } = read::query(&head, &mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let (format, media_type) = format.format();
    let text =
        state.app.bank().question_text(&caller, &QuestionId::from(id), version, format).await?;
    Ok(([(header::CONTENT_TYPE, media_type)], text.text).into_response())
}
