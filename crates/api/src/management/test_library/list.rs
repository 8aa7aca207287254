//! `GET /tests`: the library.

use super::response_schema::ManagedTest;
use crate::management::read;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

/// The tests of the organization.
#[derive(Serialize, ToSchema)]
#[schema(as = TestList)]
pub(in crate::management) struct TestList {
    /// The tests, in creation order.
    tests: Vec<ManagedTest>,
}

/// Lists the tests that are not archived, oldest first.
#[utoipa::path(get, path = "/tests", tag = "Tests", operation_id = "listTests",
    responses((status = 200, body = TestList), CommonErrors))]
pub async fn list_tests(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<TestList>, Problem> {
    caller.require(Right::ReadTests)?;
    let [] = read::path_ids_only(incoming, []).await?;
    let tests = state.app.test_library().list_tests(&caller, false).await?;
    Ok(Json(TestList { tests: tests.into_iter().map(ManagedTest::from).collect() }))
}
