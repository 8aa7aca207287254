//! `GET /tasks/{taskId}/candidates`: the candidates of a task.

use super::schema::ManagedCandidate;
use crate::detail_level::DetailLevel;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::pagination::{PageQuery, Pagination};
use crate::parameters::{LimitParameter, PageParameter};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::server::ApiState;
use app::caller::Caller;
use app::candidates::CandidateFilter;
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::id::TaskId;
use domain::instance::Scope;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only its description is used")]
struct ListManagedCandidatesQuery {
    /// Exactly this full name.
    #[param(nullable = false)]
    fullname: Option<String>,
    /// Exactly this e-mail address.
    #[param(nullable = false)]
    email: Option<String>,
    /// Exactly this invitation code.
    #[param(nullable = false)]
    code: Option<String>,
}

/// A page of candidates.
#[derive(Serialize, ToSchema)]
#[schema(as = ManagedCandidatePage)]
pub(in crate::management) struct ManagedCandidatePage {
    /// The candidates, in creation order.
    candidates: Vec<ManagedCandidate>,
    /// How many there are in all, and the pages beside this one.
    pagination: Pagination,
}

/// Lists the candidates of a task, oldest first; of several filters all must hold.
#[utoipa::path(get, path = "/tasks/{taskId}/candidates", tag = "Candidates",
    operation_id = "listManagedCandidates",
    params(("taskId" = String, Path), LimitParameter, PageParameter, ListManagedCandidatesQuery),
    responses((status = 200, body = ManagedCandidatePage), CommonErrors, PathErrors))]
pub async fn list_candidates(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<ManagedCandidatePage>, Problem> {
    caller.require_scope(Scope::CandidatesRead)?;
    let mut faults = Faults::new();
    let [task] = read::path_ids(&head, ["taskId"], &mut faults);
    let mut query = head.query();
    let (mode, page) = (DetailLevel::read(&mut query), PageQuery::read(&mut query));
    let texts = ["fullname", "email", "code"].map(|name| query.text(name));
    query.finish(&mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let [fullname, email, code] = texts.clone();
    let filter = CandidateFilter { fullname, email, code };
    let task = TaskId::from(task);
    let (total, candidates) =
        state.app.list_candidates(&caller, &task, filter, page.limit, page.rows_before()).await?;
    let names = ["fullname", "email", "code"].into_iter().zip(&texts);
    let filters: Vec<_> = names.filter_map(|(name, text)| Some((name, text.as_deref()?))).collect();
    let pagination = Pagination::new(total, page, mode, &filters);
    Ok(Json(ManagedCandidatePage {
        candidates: candidates.into_iter().map(ManagedCandidate::from).collect(),
        pagination,
    }))
}
