//! `POST /instances/{id}/complete`: submits an instance.

use super::read;
use super::shape::Receipt;
use super::writes::{self, Acknowledgement, SentWrites, WriteBody, WritePlaces};
use crate::body::Object;
use crate::incoming::Incoming;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::server::State;
use app::delivery::answers::MOST_ANSWER_BYTES;
use app::delivery::complete::Submit;
use axum::Json;
use axum::extract;
use domain::fault::Faults;
use domain::id::InstanceId;
use serde::Serialize;
use utoipa::ToSchema;

/// Hands in.
#[derive(ToSchema)]
#[schema(as = CompleteRequest)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
pub(super) struct Complete {
    /// The same token gives the same receipt.
    client_token: String,
    /// Submits although required questions are unanswered, where that is only warned of.
    #[schema(nullable = false)]
    confirm: Option<bool>,
    /// Submits although files are still being sent (409 `uploads_under_way`); they do not become part of it.
    #[schema(nullable = false)]
    without_uploads: Option<bool>,
    /// Saved first, in the same transaction.
    #[schema(nullable = false)]
    writes: Option<Vec<WriteBody>>,
}

/// What was handed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CompletedInstance)]
pub(super) struct Completed {
    /// The signed proof of what was handed in.
    receipt: Receipt,
    /// Empty when the request is a repeated one.
    acknowledgements: Vec<Acknowledgement>,
    /// The test's words for afterwards (`closing` of its document), Markdown, to be shown now. Null when a repeated request
    /// meets an instance that has been reinstated since.
    closing_text: Option<String>,
}

/// Submits an instance. When it is refused, the writes that came along are not kept either.
///
/// 409 `confirmation_needed`, `required_unanswered` and `uploads_under_way` name the slots.
#[utoipa::path(post, path = "/instances/{id}/complete", tag = "Taking a test", operation_id = "completeInstance",
    params(("id" = String, Path)), request_body = Complete,
    responses((status = 200, body = Completed), CommonErrors, PathErrors, BodyErrors, StateErrors))]
pub async fn complete(
    extract::State(state): extract::State<State>,
    Incoming { head, body }: Incoming,
) -> Result<Json<Completed>, Problem> {
    let visitor = read::visitor(&state, &head)?;
    let mut faults = Faults::new();
    let instance: InstanceId = read::id(&head, "id", &mut faults);
    let (asked, places) = read::body_within(&head, body, MOST_ANSWER_BYTES, faults, shape).await?;
    let submitted = state.app.complete(&visitor, &instance, asked).await?;
    let acknowledgements = places.acknowledgements(&submitted.writes);
    Ok(Json(Completed {
        receipt: Receipt::from(&submitted.receipt),
        acknowledgements,
        closing_text: submitted.closing_text,
    }))
}

fn shape(object: &Object<'_>) -> Option<(Submit, WritePlaces)> {
    let client_token = read::client_token(&object.required("clientToken"));
    let (confirm, writes) = (read::flag(object, "confirm"), writes::riding(object));
    let without_uploads = read::flag(object, "withoutUploads");
    let SentWrites { readable, places } = writes?;
    let (client_token, confirm, without_uploads) = (client_token?, confirm?, without_uploads?);
    Some((Submit { client_token, confirm, without_uploads, writes: readable }, places))
}
