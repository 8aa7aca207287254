//! `DELETE /tests/{id}`: takes a test out of the library's list.

use super::shape::Test;
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::TestId;
use domain::instance::Scope;

/// Archives a test: it leaves the list and cannot be put into new steps; steps that use it go on.
#[utoipa::path(delete, path = "/tests/{id}", tag = "Tests", operation_id = "archiveTest",
    params(("id" = String, Path)), responses((status = 200, body = Test), CommonErrors, PathErrors))]
pub async fn archive_test(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Test>, Problem> {
    caller.require(Scope::TestsWrite)?;
    let [id] = read::only_path(incoming, ["id"]).await?;
    Ok(Json(state.app.archive_test(&caller, &TestId::from(id), true).await?.into()))
}
