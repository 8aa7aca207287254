//! `GET /instances/{id}/answers`: the kept answers.

use super::read;
use super::understanding::{CellReadingItem, cell_readings, read_as, reason};
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
    /// Whether it follows the question's rules; one that does not earns nothing and does not
    /// satisfy a required question. An empty one is valid.
    valid: bool,
    /// Why it is not valid: `not_a_number`, `ambiguous_number`, `too_few_selections` or
    /// `too_few_matches`; absent when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<&'static str>,
    /// The number that was read, as a plain decimal; absent where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    read_as: Option<String>,
    /// How the filled cells of a table's columns of numbers were read; absent without any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(nullable = false)]
    cells: Vec<CellReadingItem>,
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

fn answer(stored: KeptAnswer) -> Result<StoredAnswerItem, serde_json::Error> {
    let KeptAnswer { receipt, understanding } = stored;
    let response = receipt.response.unwrap_or_else(|| "null".to_owned());
    Ok(StoredAnswerItem {
        slot: receipt.slot,
        seq: receipt.seq,
        n: receipt.n,
        received_at: receipt.received_at.seconds(),
        response: RawValue::from_string(response)?,
        valid: understanding.is_valid(),
        reason: reason(&understanding),
        read_as: read_as(&understanding),
        cells: cell_readings(&understanding),
    })
}
