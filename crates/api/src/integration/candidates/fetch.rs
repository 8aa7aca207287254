//! `GET /tasks/{taskId}/candidates/{id}`: one candidate.

use super::shape::Candidate;
use crate::incoming::Incoming;
use crate::integration::{read, reply};
use crate::mode::Mode;
use crate::openapi::{CommonErrors, PathErrors, word_schema};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::response::Response;
use axum::{Extension, extract};
use domain::id::{CandidateId, TaskId};
use domain::instance::Scope;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

domain::words! {
    /// The modes of this endpoint, which has two words for the detailed one.
    enum FetchMode {
        Basic = "basic",
        Detailed = "detailed",
        Default = "default",
    }
}

impl PartialSchema for FetchMode {
    fn schema() -> RefOr<Schema> {
        word_schema("`default` is another word for `detailed`.", Self::ALL, Self::as_str)
    }
}

impl ToSchema for FetchMode {}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only its description is used")]
struct FetchModeParameter {
    /// How much of the candidate is printed; `basic` when omitted, `default` is another word for `detailed`.
    #[param(inline, nullable = false)]
    mode: Option<FetchMode>,
}

/// Fetches one candidate.
#[utoipa::path(get, path = "/tasks/{taskId}/candidates/{id}", tag = "Candidates", operation_id = "fetchCandidate",
    params(("taskId" = String, Path), ("id" = String, Path), FetchModeParameter),
    responses((status = 200, body = Candidate), (status = 304, description = "Nothing has changed."),
        CommonErrors, PathErrors))]
pub async fn fetch(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Response, Problem> {
    caller.require(Scope::CandidatesRead)?;
    let (head, [task, id], mode) =
        read::reading(incoming, ["taskId", "id"], |query| query.word("mode", FetchMode::ALL, FetchMode::as_str))
            .await?;
    let mode = match mode {
        None | Some(FetchMode::Basic) => Mode::Basic,
        Some(FetchMode::Detailed | FetchMode::Default) => Mode::Detailed,
    };
    let candidate = state.app.candidate(&caller, &TaskId::from(task), &CandidateId::from(id)).await?;
    Ok(reply::tagged(&head, reply::print(&Candidate::of(candidate, mode))?))
}
