//! `GET /tasks/{taskId}/candidates`: the candidates of a task.

use super::shape::Candidate;
use crate::incoming::Incoming;
use crate::management::read;
use crate::mode::Mode;
use crate::openapi::{CommonErrors, PathErrors};
use crate::pagination::{Page, Pagination};
use crate::parameters::{LimitParameter, PageParameter};
use crate::problem::Problem;
use crate::server::State;
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
struct Filters {
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
pub(in crate::management) struct Candidates {
    /// The candidates, in creation order.
    candidates: Vec<Candidate>,
    /// How many there are in all, and the pages beside this one.
    pagination: Pagination,
}

/// Lists the candidates of a task, oldest first; of several filters all must hold.
#[utoipa::path(get, path = "/tasks/{taskId}/candidates", tag = "Candidates",
    operation_id = "listManagedCandidates",
    params(("taskId" = String, Path), LimitParameter, PageParameter, Filters),
    responses((status = 200, body = Candidates), CommonErrors, PathErrors))]
pub async fn list_candidates(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Incoming { head, body }: Incoming,
) -> Result<Json<Candidates>, Problem> {
    caller.require(Scope::CandidatesRead)?;
    let mut faults = Faults::new();
    let [task] = read::path(&head, ["taskId"], &mut faults);
    let mut query = head.query();
    let (mode, page) = (Mode::read(&mut query), Page::read(&mut query));
    let texts = ["fullname", "email", "code"].map(|name| query.text(name));
    query.finish(&mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let [fullname, email, code] = texts.clone();
    let filter = CandidateFilter { fullname, email, code };
    let task = TaskId::from(task);
    let (total, candidates) = state.app.list_candidates(&caller, &task, filter, page.limit, page.rows_before()).await?;
    let names = ["fullname", "email", "code"].into_iter().zip(&texts);
    let filters: Vec<_> = names.filter_map(|(name, text)| Some((name, text.as_deref()?))).collect();
    let pagination = Pagination::new(total, page, mode, &filters);
    Ok(Json(Candidates { candidates: candidates.into_iter().map(Candidate::from).collect(), pagination }))
}
