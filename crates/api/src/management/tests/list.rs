//! `GET /tests`: the library.

use super::shape::Test;
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::instance::Scope;
use serde::Serialize;
use utoipa::ToSchema;

/// The tests of the organization.
#[derive(Serialize, ToSchema)]
#[schema(as = TestList)]
pub(in crate::management) struct Tests {
    /// The tests, in creation order.
    tests: Vec<Test>,
}

/// Lists the tests that are not archived, oldest first.
#[utoipa::path(get, path = "/tests", tag = "Tests", operation_id = "listTests",
    responses((status = 200, body = Tests), CommonErrors))]
pub async fn list_tests(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Tests>, Problem> {
    caller.require(Scope::TestsRead)?;
    let [] = read::only_path(incoming, []).await?;
    let tests = state.app.list_tests(&caller, false).await?;
    Ok(Json(Tests { tests: tests.into_iter().map(Test::from).collect() }))
}
