//! `POST /instances/{id}/complete`: submits an instance.

use super::read;
use super::schema::ReceiptResponse;
use super::writes::{ParsedWrites, WriteAcknowledgement, write_list};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{boolean, client_token};
use crate::request::{RequestObject as _, or_default, or_value, request};
use crate::state::ApiState;
use app::delivery::answers::MOST_ANSWER_BYTES;
use app::delivery::complete::SubmitRequest;
use axum::Json;
use axum::extract;
use domain::fault::Faults;
use domain::id::InstanceId;
use serde::Serialize;
use utoipa::ToSchema;

request! {
    /// Hands in.
    struct CompleteInstanceRequest as "CompleteRequest" {
        /// The same token gives the same receipt.
        client_token: String = client_token(),
        /// Submits although required questions are unanswered, where that is only warned of.
        confirm: bool = or_value(boolean(), false),
        /// Submits although files are still being sent (409 `uploads_under_way`); they do not
        /// become part of it.
        without_uploads: bool = or_value(boolean(), false),
        /// Saved first, in the same transaction.
        writes: ParsedWrites = or_default(write_list(0)),
    }
}

/// What was handed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CompletedInstance)]
pub(super) struct CompleteInstanceResponse {
    /// The signed proof of what was handed in.
    receipt: ReceiptResponse,
    /// Empty when the request is a repeated one.
    acknowledgements: Vec<WriteAcknowledgement>,
    /// The test's words for afterwards (`closing` of its document), Markdown, to be shown now. Null
    /// when a repeated request meets an instance that has been reinstated since.
    closing_text: Option<String>,
}

/// Submits an instance. When it is refused, the writes that came along are not kept either.
///
/// 409 `confirmation_needed`, `required_unanswered` and `uploads_under_way` name the slots.
#[utoipa::path(
    post, path = "/instances/{id}/complete", tag = "Taking a test",
    operation_id = "completeInstance", params(("id" = String, Path)),
    request_body = CompleteInstanceRequest,
    responses(
        (status = 200, body = CompleteInstanceResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn complete(
    extract::State(state): extract::State<ApiState>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<CompleteInstanceResponse>, Problem> {
    let visitor = read::candidate_session(&state, &head)?;
    let mut faults = Faults::new();
    let instance: InstanceId = read::id(&head, "id", &mut faults);
    let parse = CompleteInstanceRequest::read;
    let sent = read::body_within(&head, body, MOST_ANSWER_BYTES, faults, parse).await?;
    let CompleteInstanceRequest { client_token, confirm, without_uploads, writes } = sent;
    let ParsedWrites { readable, places } = writes;
    let request = SubmitRequest { client_token, confirm, without_uploads, writes: readable };
    let submitted = state.app.delivery().submit_instance(&visitor, &instance, request).await?;
    let acknowledgements = places.acknowledgements(&submitted.writes);
    Ok(Json(CompleteInstanceResponse {
        receipt: ReceiptResponse::from(&submitted.receipt),
        acknowledgements,
        closing_text: submitted.closing_text,
    }))
}
