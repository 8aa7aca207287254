//! `DELETE /tests/{id}`: takes a test out of the library's list.

use super::response_schema::ManagedTest;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::TestId;
use domain::role::Right;

/// Archives a test: it leaves the list and cannot be put into new steps; steps that use it go on.
#[utoipa::path(
    delete, path = "/tests/{id}", tag = "Tests", operation_id = "archiveTest",
    params(("id" = String, Path)),
    responses((status = 200, body = ManagedTest), CommonErrors, PathErrors)
)]
pub async fn archive_test(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ManagedTest>, Problem> {
    caller.require(Right::WriteTests)?;
    let [id] = read::path_ids_only(incoming, ["id"]).await?;
    Ok(Json(state.app.test_library().archive_test(&caller, &TestId::from(id), true).await?.into()))
}
