//! `POST /tasks/{taskId}/instances/{id}/evaluations`: evaluates answers of one instance together.

use crate::body::receive::ONE_MEBIBYTE;
use crate::body::{BodyField, BodyObject};
use crate::management::instances::schema::InstanceStatusResponse;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use crate::values::{self, MOST_ENTRIES};
use app::caller::Caller;
use app::evaluation::{EvaluationBatch, NewEvaluation, NewScore};
use axum::{Extension, Json, extract};
use domain::decimal::Decimal;
use domain::fault::ErrorCode;
use domain::id::{InstanceId, TaskId};
use domain::instance::{EvaluationMethod, Scope};
use domain::scoring::evaluation::Criterion;
use utoipa::ToSchema;

/// Evaluations of answers of one instance, all or none.
#[derive(ToSchema)]
#[schema(as = NewEvaluations, rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct CreateEvaluationsRequest {
    /// The same token gives the first answer again.
    client_token: String,
    /// 1 to 100 evaluations; together they make one result version.
    evaluations: Vec<EvaluationRequest>,
    /// Free text beside the version.
    note: Option<String>,
}

/// Exactly one of `percentage`, `points` and `rubric`.
#[derive(ToSchema)]
#[schema(as = NewEvaluation)]
#[allow(dead_code, reason = "only its schema is used")]
struct EvaluationRequest {
    /// The question's number, from 1.
    slot: u32,
    /// The answer's sequence number as it was seen.
    seq: u64,
    /// -100 to 100, at most 4 decimals.
    percentage: Option<f64>,
    /// Nominal points, at most 6 decimals.
    points: Option<f64>,
    /// The lines of a rubric, 1 to 100: the percentage is their weighted mean.
    rubric: Option<Vec<RubricCriterionRequest>>,
    /// `manual`, `rubric` or `ai`.
    method: Option<String>,
    /// Words for other staff, up to 10000 characters.
    comment: Option<String>,
}

/// One line of a rubric.
#[derive(ToSchema)]
#[schema(as = RubricCriterion)]
#[allow(dead_code, reason = "only its schema is used")]
struct RubricCriterionRequest {
    /// How much the line weighs, above 0 to 100000, at most 6 decimals.
    weight: f64,
    /// -100 to 100, at most 4 decimals.
    percentage: f64,
}

/// Evaluates answers of one completed instance; together they make one result version.
///
/// 409 `evaluation_range`, `nothing_to_evaluate` and `answer_changed` name the slots.
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
    caller.require_scope(Scope::ResultsWrite)?;
    let ([task, id], asked) =
        read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, shape).await?;
    let standing =
        state.app.evaluate(&caller, &TaskId::from(task), &InstanceId::from(id), asked).await?;
    Ok(Json(standing.into()))
}

fn shape(object: &BodyObject<'_>) -> Option<EvaluationBatch> {
    let client_token = read::client_token(&object.required("clientToken"));
    let list = object.required("evaluations").list(1..=MOST_ENTRIES, evaluation);
    let note = values::note(&object.optional("note"));
    Some(EvaluationBatch { client_token: client_token?, list: list?, note })
}

fn evaluation(field: BodyField<'_>) -> Option<NewEvaluation> {
    let shape = |object: &BodyObject<'_>| {
        let slot =
            object.required("slot").integer(1..=1000).and_then(|slot| u32::try_from(slot).ok());
        let seq = object.required("seq").integer(1..=9_007_199_254_740_991).map(i64::unsigned_abs);
        let given = read_score(object, &field);
        let method =
            object.optional("method").one_of(EvaluationMethod::ALL, EvaluationMethod::as_str);
        let comment = values::note(&object.optional("comment"));
        Some(NewEvaluation { slot: slot?, seq: seq?, score: given?, method, comment })
    };
    field.object(shape).flatten()
}

fn read_score(object: &BodyObject<'_>, whole: &BodyField<'_>) -> Option<NewScore> {
    let fields = ["percentage", "points", "rubric"].map(|name| object.optional(name));
    let [percentage, points, rubric] = &fields;
    if fields.iter().filter(|field| field.is_present()).count() != 1 {
        whole.refuse(
            ErrorCode::ConflictingValues,
            "must have exactly one of percentage, points and rubric",
        );
        return None;
    }
    if percentage.is_present() {
        return decimal(percentage).map(NewScore::Percentage);
    }
    if points.is_present() {
        return decimal(points).map(NewScore::Points);
    }
    rubric.list(1..=MOST_ENTRIES, |item| item.object(criterion).flatten()).map(NewScore::Rubric)
}

fn criterion(object: &BodyObject<'_>) -> Option<Criterion> {
    let (weight, percentage) =
        (decimal(&object.required("weight")), decimal(&object.required("percentage")));
    Some(Criterion { weight: weight?, percentage: percentage? })
}

fn decimal(field: &BodyField<'_>) -> Option<Decimal> {
    let decimal = Decimal::parse(field.number()?);
    if decimal.is_none() {
        field.refuse(ErrorCode::InvalidFormat, "must be a plain decimal");
    }
    decimal
}
