//! `GET /tasks/{taskId}/candidates/{id}`: one candidate.

use super::schema::CandidateResponse;
use crate::detail_level::DetailLevel;
use crate::integration::{read, reply};
use crate::openapi::{CommonErrors, PathErrors, string_enum_schema};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::server::ApiState;
use app::caller::Caller;
use axum::response::Response;
use axum::{Extension, extract};
use domain::id::{CandidateId, TaskId};
use domain::instance::Scope;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

domain::string_enum! {
    /// The modes of this endpoint, which has two words for the detailed one.
    enum FetchMode {
        Basic = "basic",
        Detailed = "detailed",
        Default = "default",
    }
}

impl PartialSchema for FetchMode {
    fn schema() -> RefOr<Schema> {
        string_enum_schema("`default` is another word for `detailed`.", Self::ALL, Self::as_str)
    }
}

impl ToSchema for FetchMode {}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only its description is used")]
struct FetchModeParameter {
    /// How much of the candidate is printed; `basic` when omitted, `default` is another word for
    /// `detailed`.
    #[param(inline, nullable = false)]
    mode: Option<FetchMode>,
}

/// Fetches one candidate.
#[utoipa::path(
    get, path = "/tasks/{taskId}/candidates/{id}", tag = "Candidates",
    operation_id = "fetchCandidate",
    params(("taskId" = String, Path), ("id" = String, Path), FetchModeParameter),
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
    caller.require_scope(Scope::CandidatesRead)?;
    let (head, [task, id], mode) = read::read_path_and_query(incoming, ["taskId", "id"], |query| {
        query.one_of("mode", FetchMode::ALL, FetchMode::as_str)
    })
    .await?;
    let mode = match mode {
        None | Some(FetchMode::Basic) => DetailLevel::Basic,
        Some(FetchMode::Detailed | FetchMode::Default) => DetailLevel::Detailed,
    };
    let candidate =
        state.app.candidate(&caller, &TaskId::from(task), &CandidateId::from(id)).await?;
    Ok(reply::json_with_etag(&head, reply::to_json(&CandidateResponse::of(candidate, mode))?))
}
