//! `POST /tasks/{taskId}/instances/{id}/evaluations`: evaluates answers of one instance together.

use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::instances::schema::InstanceStatusResponse;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{
    client_token, element_key, integer, list, note, nullable, object, plain_decimal_within, word,
};
use crate::request::{RequestObject as _, flattened, optional, or_default, request};
use crate::state::ApiState;
use crate::values::MOST_ENTRIES;
use app::caller::Caller;
use app::evaluation::{EvaluationBatch, NewEvaluation, NewScore};
use axum::{Extension, Json, extract};
use domain::decimal::Decimal;
use domain::fault::ErrorCode;
use domain::id::{InstanceId, TaskId};
use domain::instance::EvaluationMethod;
use domain::role::Right;
use domain::scoring::evaluation::CriterionChoice;

request! {
    /// Evaluations of answers of one instance, all or none.
    pub(in crate::management) struct CreateEvaluationsRequest as "NewEvaluations"
        for EvaluationBatch
    {
        /// The same token gives the first answer again.
        client_token = client_token(),
        /// Evaluations of slots, each once; together they make one result version.
        "evaluations" list = list(1..=MOST_ENTRIES, object::<EvaluationRequest>()),
        /// Free text beside the version; null or omitted without.
        note = or_default(nullable(note())),
    }
}

request! {
    /// Exactly one of `percentage`, `points` and `rubric`.
    struct EvaluationRequest as "NewEvaluation" for NewEvaluation {
        /// The question's number, from 1.
        slot = integer::<u32>(1..=1000),
        /// The answer's sequence number as it was seen.
        seq = integer::<u64>(1..=9_007_199_254_740_991),
        /// One of three ways to say it.
        score = flattened::<ScoreRequest>(),
        /// Who made it; `rubric` for a rubric and else `manual` when omitted.
        method = optional(word::<EvaluationMethod>()),
        /// Words for other staff; null or omitted without.
        comment = or_default(nullable(note())),
        /// Markdown for the candidate; null or omitted without.
        feedback = or_default(nullable(note())),
    }
}

request! {
    /// One of three ways to say what an answer earns.
    struct ScoreRequest as "NewScore" into NewScore by to_score {
        /// -100 to 100, at most 4 decimals.
        percentage: Option<Decimal> = optional(plain_decimal_within(-100.0, 100.0, 0.0001)),
        /// Nominal points, at most 6 decimals.
        points: Option<Decimal> =
            optional(plain_decimal_within(-100_000.0, 100_000.0, 0.000_001)),
        /// The lines of a rubric: the percentage is their weighted mean. Of a question with a rubric
        /// each criterion once, with one of its levels or a percentage; of another, lines of one's
        /// own, with weight and percentage.
        rubric: Option<Vec<CriterionChoice>> =
            optional(list(1..=MOST_ENTRIES, object::<RubricCriterionRequest>())),
    }
}

request! {
    /// One line of a rubric.
    struct RubricCriterionRequest as "RubricCriterion" for CriterionChoice {
        /// The key of the question's criterion; omitted where the question has no rubric.
        criterion = optional(element_key()),
        /// The key of one of the criterion's levels, instead of a percentage.
        level = optional(element_key()),
        /// How much the line weighs, above 0, at most 6 decimals; omitted where the question has a
        /// rubric, which says it.
        weight = optional(plain_decimal_within(0.000_001, 100_000.0, 0.000_001)),
        /// -100 to 100, at most 4 decimals; omitted beside a level.
        percentage = optional(plain_decimal_within(-100.0, 100.0, 0.0001)),
    }
}

fn to_score(score: ScoreRequest, object: &BodyObject<'_>) -> Option<NewScore> {
    let sent = ScoreRequest::KEYS.iter().filter(|name| object.optional(name).is_present()).count();
    if sent != 1 {
        let should = "must have exactly one of percentage, points and rubric";
        object.refuse(ErrorCode::ConflictingValues, should);
        return None;
    }
    let ScoreRequest { percentage, points, rubric } = score;
    percentage
        .map(NewScore::Percentage)
        .or_else(|| points.map(NewScore::Points))
        .or_else(|| rubric.map(NewScore::Rubric))
}

/// Evaluates answers of one completed instance; together they make one result version.
///
/// 409 `evaluation_range`, `rubric_mismatch`, `nothing_to_evaluate` and `answer_changed` name the slots.
#[utoipa::path(
    post, path = "/tasks/{taskId}/instances/{id}/evaluations", tag = "Evaluation",
    operation_id = "evaluate", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = CreateEvaluationsRequest,
    responses(
        (status = 200, body = InstanceStatusResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn evaluate(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<InstanceStatusResponse>, Problem> {
    caller.require(Right::Administer)?;
    let ([task, id], body) = read::path_and_body(
        incoming,
        ["taskId", "id"],
        ONE_MEBIBYTE,
        CreateEvaluationsRequest::read,
    )
    .await?;
    let instance = state
        .app
        .evaluation()
        .evaluate(&caller, &TaskId::from(task), &InstanceId::from(id), body)
        .await?;
    Ok(Json(instance.into()))
}
