//! `GET /instances/{id}/result`: the candidate's own result, as far as the step shares it.

use super::read;
use super::result_review::ReviewResponse;
use crate::openapi::{CommonErrors, EnumWord, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::delivery::result::{
    CandidateResult, NamedEffect, NamedScore, SharedFigures, SharedResult, SharedScore,
};
use axum::Json;
use axum::extract;
use domain::access::sharing::{Withheld, WithheldBecause};
use domain::decimal::Decimal;
use domain::document::model::PassMark;
use domain::id::InstanceId;
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

type WithheldWord = EnumWord<WithheldBecause>;
type EvaluationStateWord = EnumWord<EvaluationState>;

domain::string_enum! {
    /// Whether the figures may still change because answers wait to be graded.
    enum EvaluationState {
        Waiting = "waiting",
        Settled = "settled",
    }
}

/// The result of an instance, or why nothing of it is shown. What the step does not share is
/// absent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CandidateResult)]
pub(super) struct CandidateResultResponse {
    /// Id of the test instance.
    instance_id: String,
    /// Id of the step.
    step_id: String,
    /// The step's title.
    title: String,
    /// When it was handed in, in seconds since the epoch; null while it is open.
    completed_at: Option<i64>,
    /// Why nothing is shown; null when something is.
    #[schema(required)]
    withheld: Option<WithheldResponse>,
    /// Whether answers wait to be graded; absent when nothing is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    evaluation: Option<EvaluationStateResponse>,
    /// The figures; absent when none are shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    result: Option<SharedFiguresResponse>,
    /// The answers; absent when they are not shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    review: Option<ReviewResponse>,
}

/// Why nothing is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = WithheldResult)]
pub(super) struct WithheldResponse {
    /// What stands in the way, for programs.
    #[schema(inline)]
    code: WithheldWord,
    /// The same in a sentence.
    detail: &'static str,
    /// From when on it is shown, in seconds since the epoch; null when that is not a date.
    until: Option<i64>,
}

impl From<Withheld> for WithheldResponse {
    fn from(withheld: Withheld) -> Self {
        Self {
            code: withheld.because.into(),
            detail: withheld.because.sentence(),
            until: withheld.until.map(Timestamp::seconds),
        }
    }
}

/// Whether answers wait to be graded.
#[derive(Serialize, ToSchema)]
#[schema(as = SharedEvaluation)]
struct EvaluationStateResponse {
    /// While it is `waiting` the figures are provisional and there is no verdict.
    #[schema(inline)]
    state: EvaluationStateWord,
    /// How many answers wait.
    waiting: u32,
}

/// Points, their maximum and their ratio.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SharedScoreboard)]
struct SharedScoreResponse {
    /// May be negative.
    #[schema(value_type = f64)]
    points_achieved: Decimal,
    /// What could be achieved.
    #[schema(value_type = f64)]
    max_achievable_points: Decimal,
    /// Their ratio, with at most 6 decimals.
    #[schema(value_type = f64)]
    achievement_ratio: Decimal,
}

impl From<SharedScore> for SharedScoreResponse {
    fn from(score: SharedScore) -> Self {
        Self {
            points_achieved: score.points,
            max_achievable_points: score.maximum,
            achievement_ratio: score.ratio,
        }
    }
}

/// The figures that the step shares.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SharedFigures)]
struct SharedFiguresResponse {
    /// The whole test.
    scoreboard: SharedScoreResponse,
    /// Whether the pass mark is reached; null without one, and while answers wait.
    passed: Option<bool>,
    /// The pass mark; null where there is no verdict.
    #[schema(required)]
    pass_mark: Option<PassMarkResponse>,
    /// The level that is reached; null without levels, and while answers wait.
    level: Option<String>,
    /// Every section; absent where only the whole is shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sections: Option<Vec<NamedScoreResponse>>,
    /// Every dimension; absent where only the whole is shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    dimensions: Option<Vec<NamedScoreResponse>>,
    /// Every effect; absent where only the whole is shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    effects: Option<Vec<NamedEffectResponse>>,
}

/// What has to be reached to pass: one of the two.
#[derive(Serialize, ToSchema)]
#[schema(as = SharedPassMark)]
struct PassMarkResponse {
    /// A share of the maximum.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<f64>)]
    ratio: Option<Decimal>,
    /// A number of points.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<f64>)]
    points: Option<Decimal>,
}

impl From<PassMark> for PassMarkResponse {
    fn from(mark: PassMark) -> Self {
        match mark {
            PassMark::Ratio(ratio) => Self { ratio: Some(ratio), points: None },
            PassMark::Points(points) => Self { ratio: None, points: Some(points) },
        }
    }
}

/// A section, or a dimension with its parts.
#[derive(Serialize, ToSchema)]
#[schema(as = NamedScore, no_recursion)]
struct NamedScoreResponse {
    /// Its name.
    name: String,
    /// Its figures.
    scoreboard: SharedScoreResponse,
    /// The parts of a dimension; empty otherwise.
    parts: Vec<NamedScoreResponse>,
}

impl From<NamedScore> for NamedScoreResponse {
    fn from(named: NamedScore) -> Self {
        let parts = named.subs.into_iter().map(Self::from).collect();
        Self { name: named.name, scoreboard: named.score.into(), parts }
    }
}

/// An effect with its parts.
#[derive(Serialize, ToSchema)]
#[schema(as = NamedEffect, no_recursion)]
struct NamedEffectResponse {
    /// Its name.
    name: String,
    /// What the answers added up to.
    #[schema(value_type = f64)]
    score: Decimal,
    /// Its parts.
    parts: Vec<NamedEffectResponse>,
}

impl From<NamedEffect> for NamedEffectResponse {
    fn from(named: NamedEffect) -> Self {
        let parts = named.subs.into_iter().map(Self::from).collect();
        Self { name: named.name, score: named.score, parts }
    }
}

impl From<SharedFigures> for SharedFiguresResponse {
    fn from(figures: SharedFigures) -> Self {
        let SharedFigures { total, passed, pass_mark, level, detail } = figures;
        let scores = |list: Vec<NamedScore>| list.into_iter().map(Into::into).collect();
        let (sections, dimensions, effects) = match detail {
            None => (None, None, None),
            Some(detail) => (
                Some(scores(detail.sections)),
                Some(scores(detail.dimensions)),
                Some(detail.effects.into_iter().map(Into::into).collect()),
            ),
        };
        Self {
            scoreboard: total.into(),
            passed,
            pass_mark: pass_mark.map(Into::into),
            level,
            sections,
            dimensions,
            effects,
        }
    }
}

impl From<CandidateResult> for CandidateResultResponse {
    fn from(result: CandidateResult) -> Self {
        let (withheld, shown) = match result.content {
            Err(withheld) => (Some(withheld.into()), None),
            Ok(shown) => (None, Some(shown)),
        };
        let evaluation = shown.as_ref().map(|shown| EvaluationStateResponse {
            state: match shown.waiting {
                0 => EvaluationState::Settled,
                _ => EvaluationState::Waiting,
            }
            .into(),
            waiting: shown.waiting,
        });
        let review = shown.as_ref().and_then(ReviewResponse::of);
        Self {
            instance_id: result.instance.to_string(),
            step_id: result.step.to_string(),
            title: result.title,
            completed_at: result.completed_at.map(Timestamp::seconds),
            withheld,
            evaluation,
            result: shown.and_then(|shown: SharedResult| shown.figures).map(Into::into),
            review,
        }
    }
}

/// Shows the result of an own instance, as far as the step shares it.
///
/// `withheld` says why nothing is shown yet, or at all. Looks at what is shown are recorded.
#[utoipa::path(
    get, path = "/instances/{id}/result", tag = "Taking a test", operation_id = "showResult",
    params(("id" = String, Path)),
    responses((status = 200, body = CandidateResultResponse), CommonErrors, PathErrors)
)]
pub async fn result(
    extract::State(state): extract::State<ApiState>,
    incoming: RawRequest,
) -> Result<Json<CandidateResultResponse>, Problem> {
    let visitor = read::candidate_session(&state, &incoming.head)?;
    let instance: InstanceId = read::path_id_only(incoming, "id").await?;
    Ok(Json(state.app.delivery().candidate_result(&visitor, &instance).await?.into()))
}
