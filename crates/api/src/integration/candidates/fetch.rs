//! `GET /tasks/{taskId}/candidates/{id}`: one candidate.

use super::schema::CandidateResponse;
use crate::detail_level::DetailLevel;
use crate::integration::{read, reply};
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{query, word_or};
use crate::state::ApiState;
use app::caller::Caller;
use axum::response::Response;
use axum::{Extension, extract};
use domain::id::{CandidateId, TaskId};
use domain::role::Right;

domain::string_enum! {
    /// The modes of this endpoint, which has two words for the detailed one.
    enum FetchMode {
        Basic = "basic",
        Detailed = "detailed",
        Default = "default",
    }
}

query! {
    /// How the candidate is printed.
    struct FetchCandidateQuery {
        /// How much of the candidate is printed; `basic` when omitted, `default` is another word
        /// for `detailed`.
        mode: FetchMode = word_or(FetchMode::Basic),
    }
}

/// Fetches one candidate.
#[utoipa::path(
    get, path = "/tasks/{taskId}/candidates/{id}", tag = "Candidates",
    operation_id = "fetchCandidate",
    params(("taskId" = String, Path), ("id" = String, Path), FetchCandidateQuery),
    responses(
        (status = 200, body = CandidateResponse),
        (status = 304, description = "Nothing has changed."), CommonErrors, PathErrors
    )
)]
pub async fn fetch(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadCandidates)?;
    let names = ["taskId", "id"];
    let (head, [task, id], query) =
        read::path_and_query::<2, FetchCandidateQuery>(incoming, names).await?;
    let mode = match query.mode {
        FetchMode::Basic => DetailLevel::Basic,
        FetchMode::Detailed | FetchMode::Default => DetailLevel::Detailed,
    };
    let candidate = state
        .app
        .candidates()
        .candidate(&caller, &TaskId::from(task), &CandidateId::from(id))
        .await?;
    Ok(reply::json_with_etag(&head, reply::to_json(&CandidateResponse::of(candidate, mode))?))
}
