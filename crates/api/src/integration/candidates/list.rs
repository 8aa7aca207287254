//! `GET /tasks/{taskId}/candidates`: the candidates of a task, page by page.

use super::schema::{CandidatePage, CandidateResponse};
use crate::integration::{read, reply};
use crate::openapi::{CommonErrors, PathErrors};
use crate::pagination::Pagination;
use crate::parameters::{LimitParameter, ModeParameter, PageParameter};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::server::ApiState;
use app::caller::Caller;
use app::candidates::CandidateFilter;
use axum::response::Response;
use axum::{Extension, extract};
use domain::id::TaskId;
use domain::instance::Scope;
use utoipa::IntoParams;

const FILTERS: [&str; 3] = ["fullname", "email", "code"];

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only its description is used")]
struct ListCandidatesQuery {
    /// Only candidates with exactly this full name.
    #[param(nullable = false, min_length = 1)]
    fullname: Option<String>,
    /// Only candidates with exactly this e-mail address.
    #[param(nullable = false, min_length = 1)]
    email: Option<String>,
    /// Only the candidate with exactly this invitation code.
    #[param(nullable = false, min_length = 1)]
    code: Option<String>,
}

/// Lists the candidates of a task, oldest first; of several filters all must hold.
#[utoipa::path(
    get, path = "/tasks/{taskId}/candidates", tag = "Candidates", operation_id = "listCandidates",
    params(
        ("taskId" = String, Path), ModeParameter, LimitParameter, PageParameter, ListCandidatesQuery
    ),
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
    caller.require_scope(Scope::CandidatesRead)?;
    let (head, [task], ((mode, page), texts)) =
        read::read_path_and_query(incoming, ["taskId"], |query| {
            (read::mode_and_page(query), FILTERS.map(|name| query.text(name)))
        })
        .await?;
    let [fullname, email, code] = texts.clone();
    let filter = CandidateFilter { fullname, email, code };
    let (total, found) = state
        .app
        .list_candidates(&caller, &TaskId::from(task), filter, page.limit, page.rows_before())
        .await?;
    let filters: Vec<_> = FILTERS
        .into_iter()
        .zip(&texts)
        .filter_map(|(name, text)| Some((name, text.as_deref()?)))
        .collect();
    let pagination = Pagination::new(total, page, mode, &filters);
    let candidates =
        found.into_iter().map(|candidate| CandidateResponse::of(candidate, mode)).collect();
    Ok(reply::json_with_etag(&head, reply::to_json(&CandidatePage { candidates, pagination })?))
}
