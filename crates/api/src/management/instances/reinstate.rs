//! `POST /tasks/{taskId}/instances/{id}/reinstate`: opens an instance again.

use super::limit_owner::{MOST_SECONDS, number};
use super::schema::InstanceStatusResponse;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{client_token, code, integer, list, nullable, object, set};
use crate::request::{RequestObject as _, optional, or_default, request, request_union};
use crate::state::ApiState;
use app::administration::{ReinstatedTime, Reinstatement, TimeLimitScope};
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{InstanceId, TaskId};
use domain::role::Right;

/// Pages a test can have.
const MOST_PAGES: usize = 5000;

request! {
    /// How an instance is reopened.
    pub(in crate::management) struct ReinstateRequest as "ReinstateInstance"
        into Reinstatement by to_reinstatement
    {
        /// The same token gives the first answer again.
        client_token: String = client_token(),
        /// Numbers of the pages to unlock, from 1; all when omitted. All others are locked.
        pages: Option<Vec<u32>> = optional(set(0..=MOST_PAGES, number())),
        /// Number of the starting page, among them; the lowest when omitted.
        start: Option<u32> = optional(number()),
        /// Time left; what is not named keeps what was left.
        time: Vec<TimeLeft> = or_default(list(0..=MOST_PAGES, object::<TimeLeftRequest>())),
        /// Why, as a code.
        reason: String = code(),
    }
}

type TimeLeft = (TimeLimitScope, ReinstatedTime);

request_union! {
    /// The time left of the test, a section or a page.
    struct TimeLeftRequest as "TimeLeft" for TimeLeft, by one_of "of" {
        "test" => TestTimeLeft,
        "section" => SectionTimeLeft,
        "page" => PageTimeLeft,
        _ => TestTimeLeft,
    }
}

request! {
    /// The time left of the whole test.
    struct TestTimeLeft as "TestTimeLeft" into TimeLeft by of_test {
        /// Seconds; null is without limit.
        seconds: Option<u32> = nullable(integer::<u32>(0..=MOST_SECONDS)),
    }
}

request! {
    /// The time left of a section.
    struct SectionTimeLeft as "SectionTimeLeft" into TimeLeft by of_section {
        /// Number of the section, from 1.
        number: u32 = number(),
        /// Seconds; null is without limit.
        seconds: Option<u32> = nullable(integer::<u32>(0..=MOST_SECONDS)),
    }
}

request! {
    /// The time left of a page.
    struct PageTimeLeft as "PageTimeLeft" into TimeLeft by of_page {
        /// Number of the page, from 1.
        number: u32 = number(),
        /// Seconds; null is without limit.
        seconds: Option<u32> = nullable(integer::<u32>(0..=MOST_SECONDS)),
    }
}

fn to_reinstatement(body: ReinstateRequest, _: &BodyObject<'_>) -> Option<Reinstatement> {
    let ReinstateRequest { client_token, pages, start, time, reason } = body;
    let time = time.into_iter().collect();
    Some(Reinstatement { client_token, pages, start, time, reason })
}

fn of_test(left: TestTimeLeft, _: &BodyObject<'_>) -> Option<TimeLeft> {
    Some((TimeLimitScope::Test, reinstated(left.seconds)))
}

fn of_section(left: SectionTimeLeft, _: &BodyObject<'_>) -> Option<TimeLeft> {
    Some((TimeLimitScope::Section(left.number), reinstated(left.seconds)))
}

fn of_page(left: PageTimeLeft, _: &BodyObject<'_>) -> Option<TimeLeft> {
    Some((TimeLimitScope::Page(left.number), reinstated(left.seconds)))
}

fn reinstated(seconds: Option<u32>) -> ReinstatedTime {
    seconds.map_or(ReinstatedTime::Unlimited, ReinstatedTime::Seconds)
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
    caller.require(Right::Administer)?;
    let ([task, id], body) =
        read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, ReinstateRequest::read)
            .await?;
    Ok(Json(
        state
            .app
            .instances()
            .reinstate(&caller, &TaskId::from(task), &InstanceId::from(id), body)
            .await?
            .into(),
    ))
}
