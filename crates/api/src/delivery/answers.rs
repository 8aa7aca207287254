//! `POST /instances/{id}/answers`: saves answers.

use super::read;
use super::writes::{ParsedWrites, WriteAcknowledgement, write_list};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::{RequestObject as _, request};
use crate::state::ApiState;
use app::delivery::answers::MOST_ANSWER_BYTES;
use axum::Json;
use axum::extract;
use domain::fault::Faults;
use domain::id::InstanceId;
use serde::Serialize;
use utoipa::ToSchema;

request! {
    /// Answers to save.
    struct SaveAnswersRequest as "AnswerWrites" {
        /// The answers to save, each judged by itself.
        writes: ParsedWrites = write_list(1),
    }
}

/// What became of writes.
#[derive(Serialize, ToSchema)]
#[schema(as = SavedAnswers)]
pub(super) struct SaveAnswersResponse {
    /// In the order of the writes.
    acknowledgements: Vec<WriteAcknowledgement>,
}

/// Saves answers, each judged by itself, also when one of several cannot be read. An
/// acknowledgement means durable: it survives loss of power.
#[utoipa::path(
    post, path = "/instances/{id}/answers", tag = "Taking a test", operation_id = "saveAnswers",
    params(("id" = String, Path)), request_body = SaveAnswersRequest,
    responses(
        (status = 200, body = SaveAnswersResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn save_answers(
    extract::State(state): extract::State<ApiState>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<SaveAnswersResponse>, Problem> {
    let visitor = read::candidate_session(&state, &head)?;
    let mut faults = Faults::new();
    let instance: InstanceId = read::id(&head, "id", &mut faults);
    let parse = SaveAnswersRequest::read;
    let SaveAnswersRequest { writes } =
        read::body_within(&head, body, MOST_ANSWER_BYTES, faults, parse).await?;
    let written = state.app.delivery().save_answers(&visitor, &instance, writes.readable).await?;
    Ok(Json(SaveAnswersResponse { acknowledgements: writes.places.acknowledgements(&written) }))
}
