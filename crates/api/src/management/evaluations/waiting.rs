//! `GET /evaluations`: answers that wait for an evaluation.

use crate::management::{raw, read};
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{id, integer_or, query};
use crate::state::ApiState;
use app::caller::Caller;
use app::evaluation::{WaitingAnswer, WaitingAnswersQuery};
use axum::{Extension, Json, extract};
use domain::document::model::{CriterionLevel, QuestionCriterion};
use domain::fault::{ErrorCode, Faults};
use domain::id::TaskId;
use domain::role::Right;
use domain::time::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

query! {
    /// Which waiting answers are listed.
    struct ListWaitingQuery {
        /// Only answers of this task.
        task_id: Option<TaskId> = id::<TaskId>(),
        /// Instances at most; all waiting answers of each are given.
        limit: u32 = integer_or::<u32>(1..=1000, 100),
    }
}

/// Answers that wait for an evaluation.
#[derive(Serialize, ToSchema)]
#[schema(as = WaitingAnswers)]
pub(in crate::management) struct WaitingAnswerList {
    /// The waiting answers, task by task, oldest instance first.
    answers: Vec<WaitingAnswerItem>,
}

/// An answer that waits for an evaluation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WaitingAnswer)]
struct WaitingAnswerItem {
    /// Id of the task.
    task_id: String,
    /// Id of the step.
    step_id: String,
    /// Id of the test instance.
    test_instance_id: String,
    /// Id of the candidate.
    candidate_id: String,
    /// Whether staff have put the instance aside.
    ignored: bool,
    /// The question's number, from 1.
    slot: u32,
    /// To be sent back with the evaluation.
    seq: u64,
    /// The question's key in the test.
    question: String,
    /// Markdown.
    text: String,
    /// What was answered, in the shape it is written in.
    #[schema(value_type = serde_json::Value)]
    response: Box<RawValue>,
    /// The most nominal points.
    #[schema(value_type = f64)]
    points: Box<RawValue>,
    /// The largest loss.
    #[schema(value_type = f64)]
    negative_points: Box<RawValue>,
    /// What evaluators should look for, as Markdown; empty without.
    guidance: String,
    /// The criteria of the question's rubric; empty without.
    rubric: Vec<WaitingCriterion>,
    /// When the instance was completed, in seconds since the epoch.
    completed_at: Option<i64>,
}

/// A criterion of a question's rubric.
#[derive(Serialize, ToSchema)]
struct WaitingCriterion {
    /// To be sent back as `criterion`.
    key: String,
    /// What is judged.
    title: String,
    /// What it means, as Markdown; empty without.
    description: String,
    /// How much it weighs.
    #[schema(value_type = f64)]
    weight: Box<RawValue>,
    /// How well an answer can meet it.
    levels: Vec<WaitingCriterionLevel>,
}

/// A level of a criterion.
#[derive(Serialize, ToSchema)]
struct WaitingCriterionLevel {
    /// To be sent back as `level`.
    key: String,
    /// What it is called.
    title: String,
    /// What an answer of this level is like, as Markdown; empty without.
    description: String,
    /// What it earns, in percent.
    #[schema(value_type = f64)]
    percentage: Box<RawValue>,
}

impl WaitingCriterion {
    fn of(criterion: QuestionCriterion) -> Result<Self, ErrorCode> {
        let level = |level: CriterionLevel| {
            Ok(WaitingCriterionLevel {
                key: level.key.to_string(),
                title: level.title,
                description: level.description,
                percentage: raw(level.percentage.to_string())?,
            })
        };
        Ok(Self {
            key: criterion.key.to_string(),
            title: criterion.title,
            description: criterion.description,
            weight: raw(criterion.weight.to_string())?,
            levels: criterion.levels.into_iter().map(level).collect::<Result<_, ErrorCode>>()?,
        })
    }
}

/// Lists answers that wait for an evaluation, with the question's text, the response and what may
/// be given.
///
/// A part of evaluating, so it asks for `results:write` (domain rules, 8): it shows answers, which
/// `results:read` does not, and only those an evaluator is to judge, which is less than
/// `answers:read` shows.
#[utoipa::path(
    get, path = "/evaluations", tag = "Evaluation", operation_id = "listWaiting",
    params(ListWaitingQuery), responses((status = 200, body = WaitingAnswerList), CommonErrors)
)]
pub async fn list_waiting(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<WaitingAnswerList>, Problem> {
    caller.require(Right::Administer)?;
    let mut faults = Faults::new();
    let ListWaitingQuery { task_id: task, limit } = read::query(&head, &mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let waiting = state
        .app
        .evaluation()
        .waiting_answers(&caller, WaitingAnswersQuery { task, limit })
        .await?;
    Ok(Json(WaitingAnswerList {
        answers: waiting
            .into_iter()
            .map(WaitingAnswerItem::of)
            .collect::<Result<_, ErrorCode>>()?,
    }))
}

impl WaitingAnswerItem {
    fn of(answer: WaitingAnswer) -> Result<Self, ErrorCode> {
        Ok(Self {
            task_id: answer.task.to_string(),
            step_id: answer.step.to_string(),
            test_instance_id: answer.instance.to_string(),
            candidate_id: answer.candidate.to_string(),
            ignored: answer.is_ignored,
            slot: answer.slot,
            seq: answer.seq,
            question: answer.question_key,
            text: answer.text,
            response: raw(answer.response)?,
            points: raw(answer.points.to_string())?,
            negative_points: raw(answer.negative_points.to_string())?,
            guidance: answer.guidance,
            rubric: answer
                .rubric
                .into_iter()
                .map(WaitingCriterion::of)
                .collect::<Result<_, ErrorCode>>()?,
            completed_at: answer.completed_at.map(Timestamp::seconds),
        })
    }
}
