//! `GET /tasks/{taskId}/candidates`: the candidates of a task.

use super::schema::ManagedCandidate;
use crate::detail_level::DetailLevel;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::pagination::{PageQuery, Pagination};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{mode, page, query, text};
use crate::state::ApiState;
use app::caller::Caller;
use app::candidates::CandidateFilter;
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::id::TaskId;
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

query! {
    /// Which candidates are listed; of several filters all must hold.
    struct ListManagedCandidatesQuery {
        /// Taken and repeated in links, as on every list; each row is printed as a whole.
        mode: DetailLevel = mode(),
        page: PageQuery = page(),
        /// Exactly this full name.
        fullname: Option<String> = text(),
        /// Exactly this e-mail address.
        email: Option<String> = text(),
        /// Exactly this invitation code.
        code: Option<String> = text(),
    }
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
    params(("taskId" = String, Path), ListManagedCandidatesQuery),
    responses((status = 200, body = ManagedCandidatePage), CommonErrors, PathErrors))]
pub async fn list_candidates(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<ManagedCandidatePage>, Problem> {
    caller.require(Right::ReadCandidates)?;
    let mut faults = Faults::new();
    let [task] = read::path_ids(&head, ["taskId"], &mut faults);
    let query: ListManagedCandidatesQuery = read::query(&head, &mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let ListManagedCandidatesQuery { mode, page, fullname, email, code } = query;
    let texts = [("fullname", fullname.clone()), ("email", email.clone()), ("code", code.clone())];
    let filter = CandidateFilter { fullname, email, code };
    let task = TaskId::from(task);
    let (total, candidates) = state
        .app
        .candidates()
        .list_candidates(&caller, &task, filter, page.limit, page.rows_before())
        .await?;
    let filters: Vec<_> =
        texts.iter().filter_map(|(name, text)| Some((*name, text.as_deref()?))).collect();
    let pagination = Pagination::new(total, page, mode, &filters);
    Ok(Json(ManagedCandidatePage {
        candidates: candidates.into_iter().map(ManagedCandidate::from).collect(),
        pagination,
    }))
}
