//! `POST /tasks/{taskId}/instances/{id}/reinstate`: opens an instance again.

use super::limit_owner::read_limit_owner;
use super::schema::InstanceStatusResponse;
use crate::body::receive::ONE_MEBIBYTE;
use crate::body::{BodyField, BodyObject};
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use crate::values;
use app::administration::{ReinstatedTime, Reinstatement, TimeLimitScope};
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{InstanceId, TaskId};
use domain::instance::Scope;
use utoipa::ToSchema;

/// Pages a test can have.
const MOST_PAGES: usize = 5000;

/// How an instance is reopened.
#[derive(ToSchema)]
#[schema(as = ReinstateInstance, rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct ReinstateRequest {
    /// The same token gives the first answer again.
    client_token: String,
    /// Numbers of the pages to unlock, from 1; all when omitted. All others are locked.
    pages: Option<Vec<u32>>,
    /// Number of the starting page, among them; the lowest when omitted.
    start: Option<u32>,
    /// Time left; what is not named keeps what was left.
    time: Option<Vec<ReinstateTimeRequest>>,
    /// A code: 1 to 64 of `a-z0-9_-`.
    reason: String,
}

/// The time left of the test, a section or a page.
#[derive(ToSchema)]
#[schema(as = TimeLeft)]
#[allow(dead_code, reason = "only its schema is used")]
struct ReinstateTimeRequest {
    /// `test`, `section` or `page`.
    of: String,
    /// Number of the section or page, from 1.
    number: Option<u32>,
    /// Null is without limit.
    seconds: Option<u32>,
}

/// Opens an instance again. Answers stay; clocks stand still until the candidate opens it.
#[utoipa::path(
    post, path = "/tasks/{taskId}/instances/{id}/reinstate", tag = "Instances",
    operation_id = "reinstateInstance", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = ReinstateRequest,
    responses(
        (status = 200, body = InstanceStatusResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn reinstate(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<InstanceStatusResponse>, Problem> {
    caller.require_scope(Scope::ResultsWrite)?;
    let ([task, id], asked) =
        read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, shape).await?;
    Ok(Json(
        state
            .app
            .reinstate(&caller, &TaskId::from(task), &InstanceId::from(id), asked)
            .await?
            .into(),
    ))
}

fn shape(object: &BodyObject<'_>) -> Option<Reinstatement> {
    let client_token = read::client_token(&object.required("clientToken"));
    let pages = object.optional("pages").set(0..=MOST_PAGES, |item| page(&item));
    let start = page(&object.optional("start"));
    let time = object.optional("time").list(0..=MOST_PAGES, |item| item.object(time).flatten());
    let reason = values::text(&object.required("reason"));
    let time = time.unwrap_or_default().into_iter().collect();
    Some(Reinstatement { client_token: client_token?, pages, start, time, reason: reason? })
}

fn page(field: &BodyField<'_>) -> Option<u32> {
    field.integer(1..=100_000).and_then(|number| u32::try_from(number).ok())
}

fn time(object: &BodyObject<'_>) -> Option<(TimeLimitScope, ReinstatedTime)> {
    let place = read_limit_owner(object);
    let seconds = object.required("seconds");
    let given = if seconds.is_null() {
        Some(ReinstatedTime::Unlimited)
    } else {
        seconds
            .integer(0..=604_800)
            .and_then(|seconds| u32::try_from(seconds).ok())
            .map(ReinstatedTime::Seconds)
    };
    Some((place?, given?))
}
