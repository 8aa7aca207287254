//! `GET /instances/{id}/answers`: the kept answers.

use super::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::delivery::show::KeptAnswer;
use axum::Json;
use axum::extract;
use domain::fault::ErrorCode;
use domain::id::InstanceId;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// The kept answers of an instance.
#[derive(Serialize, ToSchema)]
#[schema(as = KeptAnswers)]
pub(super) struct StoredAnswerList {
    /// The kept answer of every slot that has one.
    answers: Vec<StoredAnswerItem>,
}

/// The kept answer of a slot; an empty response is a cleared one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KeptAnswerOfSlot)]
struct StoredAnswerItem {
    /// The question's number, from 1.
    slot: i64,
    /// The sequence number the client gave the write.
    seq: i64,
    /// The receipt's number.
    n: i64,
    /// When the server had it, in seconds since the epoch.
    received_at: i64,
    /// The response in the shape it is written in.
    #[schema(value_type = Value)]
    response: Box<RawValue>,
}

/// Lists the kept answers of an instance by slot.
#[utoipa::path(
    get, path = "/instances/{id}/answers", tag = "Taking a test", operation_id = "listKeptAnswers",
    params(("id" = String, Path)),
    responses((status = 200, body = StoredAnswerList), CommonErrors, PathErrors)
)]
pub async fn kept_answers(
    extract::State(state): extract::State<ApiState>,
    incoming: RawRequest,
) -> Result<Json<StoredAnswerList>, Problem> {
    let visitor = read::candidate_session(&state, &incoming.head)?;
    let instance: InstanceId = read::path_id_only(incoming, "id").await?;
    let stored = state.app.delivery().stored_answers(&visitor, &instance).await?;
    let answers = stored.into_iter().map(answer).collect::<Result<_, _>>();
    Ok(Json(StoredAnswerList { answers: answers.map_err(|_| ErrorCode::InternalError)? }))
}

fn answer(receipt: KeptAnswer) -> Result<StoredAnswerItem, serde_json::Error> {
    let response = RawValue::from_string(receipt.response.unwrap_or_else(|| "null".to_owned()))?;
    let KeptAnswer { slot, seq, n, received_at, .. } = receipt;
    Ok(StoredAnswerItem { slot, seq, n, received_at: received_at.seconds(), response })
}
