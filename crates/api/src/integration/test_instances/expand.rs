//! `POST /tasks/{taskId}/test-instances/{id}/expand`: the detailed instance with what the body
//! names.

use super::schema::{self, DetailedResult, InstanceOwner, TestInstanceStatus};
use crate::body::BodyField;
use crate::body::receive::ONE_MEBIBYTE;
use crate::integration::tasks::schema::{ExpandedTest, PlacedTest};
use crate::integration::{read, reply};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::NoQuery;
use crate::request::value::{ValueReader, set, word};
use crate::request::{RequestObject as _, request};
use crate::state::ApiState;
use crate::values::MOST_ENTRIES;
use app::caller::Caller;
use app::expansion::{self, ExpandedInstance, Expansion};
use axum::response::Response;
use axum::{Extension, extract};
use domain::fault::{ErrorCode, Faults};
use domain::id::{InstanceId, TaskId};
use domain::role::Right;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

request! {
    /// What to add to the instance.
    struct ExpandRequest as "ExpandRequest" {
        /// The properties to add, each once.
        expand: Vec<Expansion> = ReadableExpansions,
    }
}

/// The keywords that can be read, also where others cannot: their scopes are asked for before
/// anything is said of the others.
struct ReadableExpansions;

impl ValueReader for ReadableExpansions {
    type Value = Vec<Expansion>;

    fn read(&self, field: &BodyField<'_>) -> Option<Vec<Expansion>> {
        let mut readable = Vec::new();
        field.set(0..=MOST_ENTRIES, |item| {
            let keyword = word::<Expansion>().read(&item);
            readable.extend(keyword);
            keyword
        });
        Some(readable)
    }

    fn schema(&self) -> RefOr<Schema> {
        set(0..=MOST_ENTRIES, word::<Expansion>()).schema()
    }
}

/// The detailed instance, and one property for each keyword.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used: the instance is ready text")]
pub struct ExpandedTestInstance {
    /// Id of the test instance.
    test_instance_id: String,
    /// Id of the task.
    task_id: String,
    /// Id of the step that was attempted.
    step_id: String,
    /// Id of the candidate.
    ticket_id: String,
    /// Whether it is under way, completed or reopened.
    status: TestInstanceStatus,
    /// Whether staff have put it aside; its result stays.
    ignored: bool,
    /// The figures; `false` unless it is complete.
    result: DetailedResult,
    /// Id of the organization.
    organization_id: String,
    /// ExactCandidateFilter attempt it is.
    candidate: InstanceOwner,
    /// The task's folder at the start; the empty name is the default folder.
    folder: String,
    /// The candidate's group at the start.
    group: String,
    /// The candidate's labels at the start.
    labels: Vec<String>,
    /// The candidate's tags at the start, name to value.
    tags: BTreeMap<String, String>,
    /// Always 0: this server charges nothing.
    #[schema(nullable = false)]
    credit_cost: Option<u8>,
    /// The candidate's; absent when there is none.
    #[schema(nullable = false)]
    uniq_id: Option<String>,
    /// The test of the step.
    #[schema(nullable = false)]
    test: Option<ExpandedTest>,
    /// Field label to the candidate's answer; absent when the task has no form.
    #[schema(nullable = false)]
    room_form: Option<BTreeMap<String, String>>,
    /// The photo that shows who the candidate is.
    #[schema(nullable = false)]
    identity_photo: Option<IdentityPhoto>,
}

/// What is put behind the instance, in this order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExpandedAdditions {
    #[serde(skip_serializing_if = "Option::is_none")]
    credit_cost: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uniq_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    test: Option<ExpandedTest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_form: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_photo: Option<IdentityPhoto>,
}

/// The photo that shows who the candidate is.
#[derive(Serialize, ToSchema)]
struct IdentityPhoto {
    /// Null when there is no photo.
    #[schema(required)]
    url: Option<String>,
}

/// Fetches one test instance with what belongs to it but is in no list.
#[utoipa::path(post, path = "/tasks/{taskId}/test-instances/{id}/expand", tag = "Test instances",
    operation_id = "expandTestInstance", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = ExpandRequest,
    responses((status = 200, body = ExpandedTestInstance), CommonErrors, PathErrors, BodyErrors))]
pub async fn expand(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadResults)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let expansions =
        document.read(ExpandRequest::read).flatten().map_or_else(Vec::new, |it| it.expand);
    expansion::require_expansion_scopes(&caller, &expansions)?;
    let mut faults = Faults::new();
    let [task, id] = read::path_ids(&head, ["taskId", "id"], &mut faults);
    read::query::<NoQuery>(&head, &mut faults);
    document.finish(&mut faults);
    faults.into_result()?;
    let (task, id) = (TaskId::from(task), InstanceId::from(id));
    let expanded = state
        .app
        .results()
        .expand_instance(&caller, &task, &id, &expansions, schema::write_json)
        .await?;
    Ok(reply::json(print(expanded, &expansions)?))
}

fn print(expanded: ExpandedInstance, expansions: &[Expansion]) -> Result<String, ErrorCode> {
    let is_wanted = |keyword| expansions.contains(&keyword);
    let test = PlacedTest::of(&expanded.test, expanded.organization.as_str());
    let additions = ExpandedAdditions {
        credit_cost: is_wanted(Expansion::CreditCost).then_some(0),
        uniq_id: expanded.uniq_id.filter(|_| is_wanted(Expansion::UniqId)),
        test: is_wanted(Expansion::Test).then(|| test.into()),
        room_form: expanded.room_form.filter(|_| is_wanted(Expansion::RoomForm)),
        identity_photo: is_wanted(Expansion::IdentityPhoto)
            .then_some(IdentityPhoto { url: expanded.identity_photo }),
    };
    let (mut body, additions) = (expanded.instance, reply::to_json(&additions)?);
    if additions != "{}" {
        // Two objects put together: the last brace of one and the first of the other become a
        // comma.
        body.pop();
        body.push(',');
        body.push_str(&additions[1..]);
    }
    Ok(body)
}
