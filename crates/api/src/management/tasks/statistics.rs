//! `GET /tasks/{taskId}/statistics`: how the results of a step are spread, its sections compared,
//! its questions.

use crate::management::read;
use crate::openapi::{CommonErrors, EnumWord, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{id, query};
use crate::state::ApiState;
use app::bank::QuestionKind;
use app::caller::Caller;
use app::statistics::{
    ChoiceAnalysis, Discrimination, Distribution, GroupOverview, GroupReport, HistogramBin,
    ItemAnalysis, MOST_UNSETTLED, NoReliability, QuestionAnalysis, SectionAnalysis, WHOLE,
};
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::id::{StepId, TaskId};
use domain::role::Right;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// How long an answer waits for figures that are not ready.
const REPORT_TIMEOUT: Duration = Duration::from_secs(20);
/// Shares of the group whose bounds are told, in percent.
const PERCENTILES: [u8; 9] = [5, 10, 20, 25, 50, 75, 80, 90, 95];

type DiscriminationWord = EnumWord<DiscriminationFlag>;
type FigureStateWord = EnumWord<FigureState>;
type NoAlphaReasonWord = EnumWord<NoAlphaReason>;
type QuestionKindWord = EnumWord<QuestionKind>;

domain::string_enum! {
    /// Whether figures are of how things stand.
    enum FigureState {
        Ready = "ready",
        Computing = "computing",
    }

    /// Why there is no alpha.
    enum NoAlphaReason {
        FewResults = "few-results",
        FewQuestions = "few-questions",
        DifferentQuestions = "different-questions",
        NoSpread = "no-spread",
    }

    /// How well a question tells strong results from weak ones.
    enum DiscriminationFlag {
        Negative = "negative",
        Low = "low",
        Fair = "fair",
        Good = "good",
    }
}

query! {
    /// Which step is looked at.
    struct TaskStatisticsQuery {
        /// The step; the task's first one when omitted.
        step_id: Option<StepId> = id::<StepId>(),
    }
}

/// A group's figures. Ratios are shares of 1 with at most six decimals.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GroupStatistics)]
pub(in crate::management) struct GroupStatistics {
    /// Id of the task.
    task_id: String,
    /// Id of the step.
    step_id: String,
    /// `ready`, or `computing` while figures of this state are still being made: ask again.
    #[schema(inline)]
    state: FigureStateWord,
    /// How far they have come; null when ready.
    progress: Option<StatisticsProgress>,
    /// The task's revision that the figures are of; null before there are any.
    revision: Option<i64>,
    /// When they were made.
    at: Option<i64>,
    /// How the settled results are spread; null before there are any figures.
    results: Option<SpreadStatistics>,
    /// What is inside the results; null while it is being read.
    inside: Option<InsideStatistics>,
}

/// How far figures have come.
#[derive(Serialize, ToSchema)]
#[schema(as = StatisticsProgress)]
struct StatisticsProgress {
    /// Results read so far.
    done: u64,
    /// 0 before it is known.
    of: u64,
}

/// How the settled results are spread: those of complete instances that are not ignored and wait
/// for no evaluation.
#[derive(Serialize, ToSchema)]
#[schema(as = SpreadStatistics)]
struct SpreadStatistics {
    /// How many settled results there are.
    settled: u64,
    /// Instances that are open; counted to 10000, 10001 is more.
    open: i64,
    /// Results that wait for an evaluation, counted as far.
    waiting: i64,
    /// Null without a settled result.
    summary: Option<SummaryStatistics>,
    /// What share of the group lies at or below a ratio.
    percentiles: Vec<PercentileBound>,
    /// How many results lie in each part of the range.
    histogram: Vec<HistogramColumn>,
}

/// How ratios are spread.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SummaryStatistics)]
struct SummaryStatistics {
    /// How many results there are.
    count: u64,
    /// The mean ratio.
    mean: f64,
    /// Of the sample; null of one result.
    standard_deviation: Option<f64>,
    /// The lowest ratio.
    minimum: f64,
    /// A quarter of the results lie at or below it.
    lower_quartile: f64,
    /// Half of the results lie at or below it.
    median: f64,
    /// Three quarters of the results lie at or below it.
    upper_quartile: f64,
    /// The highest ratio.
    maximum: f64,
}

/// So many percent of the group have at most this ratio.
#[derive(Serialize, ToSchema)]
#[schema(as = PercentileBound)]
struct PercentileBound {
    /// Percent of the group.
    percent: u8,
    /// The ratio they have at most.
    ratio: f64,
}

/// Results from `from` on and below `to`; the last column holds `to` too.
#[derive(Serialize, ToSchema)]
#[schema(as = HistogramColumn)]
struct HistogramColumn {
    /// The lower end, a ratio.
    from: f64,
    /// The upper end, a ratio.
    to: f64,
    /// How many results lie in it.
    count: u64,
}

/// What is inside the results.
#[derive(Serialize, ToSchema)]
#[schema(as = InsideStatistics)]
struct InsideStatistics {
    /// Results looked into: all of up to 20000, of more an even sample.
    results: u64,
    /// Whether only a sample was looked into.
    sampled: bool,
    /// Null without a pass mark.
    passed: Option<PassedStatistics>,
    /// How far the test measures one thing.
    reliability: ReliabilityStatistics,
    /// The results of each section.
    sections: Vec<SectionStatistics>,
    /// How each question did.
    questions: Vec<QuestionStatistics>,
}

/// How many passed.
#[derive(Serialize, ToSchema)]
#[schema(as = PassedStatistics)]
struct PassedStatistics {
    /// Results that reach the pass mark.
    passed: u64,
    /// Results there are.
    of: u64,
}

/// How far a test measures one thing.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReliabilityStatistics)]
struct ReliabilityStatistics {
    /// Cronbach's alpha.
    alpha: Option<f64>,
    /// The standard error of measurement, in points.
    standard_error: Option<f64>,
    /// Why there is no alpha; null when there is one.
    #[schema(inline)]
    reason: Option<NoAlphaReasonWord>,
}

/// The results of a section.
#[derive(Serialize, ToSchema)]
#[schema(as = SectionStatistics)]
struct SectionStatistics {
    /// Uuid of the section in the test.
    uuid: String,
    /// Its title.
    title: String,
    /// Null when nothing of it counts in any result.
    summary: Option<SummaryStatistics>,
}

/// How a question did.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = QuestionStatistics)]
struct QuestionStatistics {
    /// The question's key in the test.
    key: String,
    /// Its place in the test as authored, from 1.
    number: u32,
    /// How the question is answered.
    #[schema(value_type = QuestionKindWord, inline)]
    kind: &'static str,
    /// The title of its section.
    section: String,
    /// What is asked, Markdown.
    text: String,
    /// Whether it counts.
    effective: bool,
    /// Results that hold it.
    results: u64,
    /// The share of them without an answer.
    unanswered: f64,
    /// The mean of points by maximum, 1 is easiest; null where it never counts.
    difficulty: Option<f64>,
    /// The corrected item-total correlation; null where nothing varies.
    discrimination: Option<f64>,
    /// What the discrimination says of the question; null without one.
    #[schema(inline)]
    flag: Option<DiscriminationWord>,
    /// How often each choice was taken; empty for other kinds.
    choices: Vec<ChoiceStatistics>,
}

/// How often a choice was taken.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChoiceStatistics)]
struct ChoiceStatistics {
    /// The choice's key.
    key: String,
    /// What it says.
    text: String,
    /// Earns something.
    right: bool,
    /// Results in which it was taken.
    count: u64,
    /// Their share of the results that hold the question.
    share: f64,
    /// The mean ratio of the results in which it was taken.
    mean_total: Option<f64>,
}

/// Sends how the results of a step are spread, its sections compared and what each question did.
///
/// A group that changed is computed anew; a large one at most every so often, and then figures of
/// an earlier revision are sent. Nothing in it tells who took part.
#[utoipa::path(
    get, path = "/tasks/{taskId}/statistics", tag = "Tasks", operation_id = "getTaskStatistics",
    params(("taskId" = String, Path), TaskStatisticsQuery),
    responses((status = 200, body = GroupStatistics), CommonErrors, PathErrors)
)]
pub async fn get_statistics(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<GroupStatistics>, Problem> {
    caller.require(Right::ReadResults)?;
    let mut faults = Faults::new();
    let [task] = read::path_ids(&head, ["taskId"], &mut faults);
    let TaskStatisticsQuery { step_id: step } = read::query(&head, &mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let task = TaskId::from(task);
    let group = state
        .app
        .statistics()
        .group_overview(&caller, &task, step.as_ref(), REPORT_TIMEOUT)
        .await?;
    Ok(Json(GroupStatistics::of(&task, &group)))
}

impl GroupStatistics {
    fn of(task: &TaskId, group: &GroupOverview) -> Self {
        let picture = group.picture.as_deref();
        Self {
            task_id: task.to_string(),
            step_id: group.step.to_string(),
            state: if group.progress.is_none() {
                FigureState::Ready.into()
            } else {
                FigureState::Computing.into()
            },
            progress: group
                .progress
                .map(|progress| StatisticsProgress { done: progress.done, of: progress.of }),
            revision: picture.map(|picture| picture.head.revision),
            at: picture.map(|picture| picture.at.seconds()),
            results: picture.map(SpreadStatistics::of),
            inside: picture
                .and_then(|picture| Some(InsideStatistics::of(picture.inside.as_ref()?, picture))),
        }
    }
}

impl SpreadStatistics {
    fn of(picture: &GroupReport) -> Self {
        let bound = |percent: u8| {
            let ratio = picture.ratios.quantile(f64::from(percent) / 100.0)?;
            Some(PercentileBound { percent, ratio: ratio_of(ratio) })
        };
        let column = |bin: &HistogramBin| HistogramColumn {
            from: whole(bin.from),
            to: whole(bin.to),
            count: bin.count,
        };
        Self {
            settled: picture.ratios.count(),
            open: picture.open.min(MOST_UNSETTLED + 1),
            waiting: picture.waiting.min(MOST_UNSETTLED + 1),
            summary: SummaryStatistics::of(&picture.ratios),
            percentiles: PERCENTILES.into_iter().filter_map(bound).collect(),
            histogram: picture.histogram().iter().map(column).collect(),
        }
    }
}

impl SummaryStatistics {
    fn of(ratios: &Distribution) -> Option<Self> {
        let summary = ratios.summary()?;
        Some(Self {
            count: summary.count,
            mean: ratio_of(summary.mean),
            standard_deviation: summary.standard_deviation.map(ratio_of),
            minimum: whole(summary.minimum),
            lower_quartile: ratio_of(summary.lower_quartile),
            median: ratio_of(summary.median),
            upper_quartile: ratio_of(summary.upper_quartile),
            maximum: whole(summary.maximum),
        })
    }
}

impl InsideStatistics {
    fn of(inside: &ItemAnalysis, picture: &GroupReport) -> Self {
        let section = |section: &SectionAnalysis| SectionStatistics {
            uuid: section.uuid.clone(),
            title: section.title.clone(),
            summary: SummaryStatistics::of(&section.ratios),
        };
        Self {
            results: inside.results,
            sampled: inside.is_sample(picture),
            passed: inside.passed.map(|(passed, of)| PassedStatistics { passed, of }),
            reliability: ReliabilityStatistics::of(inside),
            sections: inside.sections.iter().map(section).collect(),
            questions: inside.questions.iter().map(QuestionStatistics::of).collect(),
        }
    }
}

impl ReliabilityStatistics {
    fn of(inside: &ItemAnalysis) -> Self {
        match &inside.reliability {
            Ok(existing) => Self {
                alpha: Some(six(existing.alpha)),
                standard_error: existing.standard_error.map(six),
                reason: None,
            },
            Err(reason) => Self {
                alpha: None,
                standard_error: None,
                reason: Some(no_alpha_reason(*reason).into()),
            },
        }
    }
}

const fn no_alpha_reason(reason: NoReliability) -> NoAlphaReason {
    match reason {
        NoReliability::FewResults => NoAlphaReason::FewResults,
        NoReliability::FewQuestions => NoAlphaReason::FewQuestions,
        NoReliability::DifferentQuestions => NoAlphaReason::DifferentQuestions,
        NoReliability::NoSpread => NoAlphaReason::NoSpread,
    }
}

impl QuestionStatistics {
    fn of(question: &QuestionAnalysis) -> Self {
        let choice = |choice: &ChoiceAnalysis| ChoiceStatistics {
            key: choice.key.clone(),
            text: choice.text.clone(),
            right: choice.is_right,
            count: choice.taken.count,
            share: six(choice.taken.share),
            mean_total: choice.taken.mean_total.map(six),
        };
        let flag = |correlation| match Discrimination::of(correlation) {
            Discrimination::Negative => DiscriminationFlag::Negative,
            Discrimination::Low => DiscriminationFlag::Low,
            Discrimination::Fair => DiscriminationFlag::Fair,
            Discrimination::Good => DiscriminationFlag::Good,
        };
        Self {
            key: question.key.clone(),
            number: question.number,
            kind: question.kind,
            section: question.section.clone(),
            text: question.text.clone(),
            effective: question.counts,
            results: question.figures.answered,
            unanswered: six(question.figures.unanswered),
            difficulty: question.figures.difficulty.map(six),
            discrimination: question.figures.discrimination.map(six),
            flag: question.figures.discrimination.map(flag).map(EnumWord),
            choices: question.choices.iter().map(choice).collect(),
        }
    }
}

/// With six decimals, never `-0`.
fn six(value: f64) -> f64 {
    (value * 1e6).round() / 1e6 + 0.0
}

/// Millionths as a ratio.
#[allow(clippy::cast_precision_loss, reason = "a million is small")]
fn ratio_of(millionths: f64) -> f64 {
    six(millionths / WHOLE as f64)
}

#[allow(clippy::cast_precision_loss, reason = "ratios stay far below 2^53 millionths")]
fn whole(millionths: i64) -> f64 {
    ratio_of(millionths as f64)
}
