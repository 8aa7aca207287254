//! `GET /tasks/{taskId}/candidates`: the candidates of a task, page by page.

use super::schema::{CandidatePage, CandidateResponse};
use crate::detail_level::DetailLevel;
use crate::integration::{read, reply};
use crate::openapi::{CommonErrors, PathErrors};
use crate::pagination::{PageQuery, Pagination};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{mode, page, query, text};
use crate::state::ApiState;
use app::caller::Caller;
use app::candidates::CandidateFilter;
use axum::response::Response;
use axum::{Extension, extract};
use domain::id::TaskId;
use domain::role::Right;

query! {
    /// Which candidates are listed, and how.
    struct ListCandidatesQuery {
        mode: DetailLevel = mode(),
        page: PageQuery = page(),
        /// Only candidates with exactly this full name.
        fullname: Option<String> = text(),
        /// Only candidates with exactly this e-mail address.
        email: Option<String> = text(),
        /// Only the candidate with exactly this invitation code.
        code: Option<String> = text(),
    }
}

/// Lists the candidates of a task, oldest first; of several filters all must hold.
#[utoipa::path(
    get, path = "/tasks/{taskId}/candidates", tag = "Candidates", operation_id = "listCandidates",
    params(("taskId" = String, Path), ListCandidatesQuery),
    responses(
        (status = 200, body = CandidatePage), (status = 304, description = "Nothing has changed."),
        CommonErrors, PathErrors
    )
)]
pub async fn list(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadCandidates)?;
    let (head, [task], query) =
        read::path_and_query::<1, ListCandidatesQuery>(incoming, ["taskId"]).await?;
    let ListCandidatesQuery { mode, page, fullname, email, code } = query;
    let filter = CandidateFilter { fullname, email, code };
    let texts = [
        ("fullname", filter.fullname.clone()),
        ("email", filter.email.clone()),
        ("code", filter.code.clone()),
    ];
    let (total, found) = state
        .app
        .candidates()
        .list_candidates(&caller, &TaskId::from(task), filter, page.limit, page.rows_before())
        .await?;
    let filters: Vec<_> =
        texts.iter().filter_map(|(name, text)| Some((*name, text.as_deref()?))).collect();
    let pagination = Pagination::new(total, page, mode, &filters);
    let candidates =
        found.into_iter().map(|candidate| CandidateResponse::of(candidate, mode)).collect();
    Ok(reply::json_with_etag(&head, reply::to_json(&CandidatePage { candidates, pagination })?))
}
