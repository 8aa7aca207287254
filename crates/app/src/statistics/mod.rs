//! The group's picture: how the settled results of a step are spread, how its sections compare, and
//! what each question did.
//!
//! A result is *settled* when its instance is complete and not ignored and none of its answers
//! waits for an evaluation. Every attempt is a result of its own. How the results are spread is
//! read from an index, of a million in one breath. What is inside them (sections, questions,
//! choices) is read in the background in small slices, one group at a time, of at most [`SAMPLE`]
//! results, drawn evenly over the order of ratios. A picture is kept with the head of the task's
//! list it was made at; who comes before it is ready is told how far it has come.

mod accumulator;
mod report_cache;

pub use ::statistics::{
    ChoiceFrequency, Discrimination, Distribution, DistributionSummary, HistogramBin,
    ItemStatistics, NoReliability, Reliability, percentile_rank,
};
pub(crate) use report_cache::ReportCache;
pub use report_cache::ReportProgress;

use crate::administration::find_instance;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::results::{TaskHead, authorized_head};
use crate::services::StatisticsService;
use crate::stored_number::unsigned;
use ::statistics::HistogramScale;
use domain::id::{InstanceId, StepId, TaskId};
use domain::role::Right;
use domain::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use storage::{ReadPool, Transaction};

/// Results whose inside is read; of more, an even sample.
pub const SAMPLE: u64 = 20_000;
/// Open and waiting instances are not counted beyond this.
pub const MOST_UNSETTLED: i64 = 10_000;
/// Figures of fewer results than this are shown only to whoever sees the persons themselves.
pub const LEAST_GROUP: u64 = 5;
/// Ratios are counted in millionths.
pub const WHOLE: i64 = 1_000_000;
/// A histogram shows 0 to 100 % and what lies below, in bins of 2, 5, 10 or 20 %.
const RATIOS: HistogramScale<'static> =
    HistogramScale { from: 0, to: WHOLE, widths: &[20_000, 50_000, 100_000, 200_000] };

/// What is known of a group by now.
#[derive(Clone, Debug)]
pub struct GroupOverview {
    pub task_title: String,
    /// The task's steps in delivery order.
    pub steps: Vec<(StepId, String)>,
    /// The one the picture is of.
    pub step: StepId,
    /// None before the first one is made, or when it is withheld.
    pub picture: Option<Arc<GroupReport>>,
    /// The group is so small that its figures would tell of single persons, and the caller sees no
    /// persons.
    pub is_withheld: bool,
    /// Whether nothing has changed in the task since.
    pub is_current: bool,
    /// A picture is being made.
    pub progress: Option<ReportProgress>,
}

/// A group as it was at one revision of its task.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupReport {
    pub head: TaskHead,
    pub at: Timestamp,
    took_millis: i64,
    /// Achievement ratios in millionths.
    pub ratios: Distribution,
    /// Instances that are open, at most [`MOST_UNSETTLED`] and one.
    pub open: i64,
    /// Results that wait for an evaluation, counted as far.
    pub waiting: i64,
    /// None while it is being read.
    pub inside: Option<ItemAnalysis>,
}

/// What is inside the results.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemAnalysis {
    /// How many were looked into: all, or a sample.
    pub results: u64,
    /// Those who passed, of those who could.
    pub passed: Option<(u64, u64)>,
    /// The points of the whole test, where all have the same.
    pub maximum: Option<f64>,
    pub reliability: Result<Reliability, NoReliability>,
    /// In the order of the test.
    pub sections: Vec<SectionAnalysis>,
    /// In the order of the test.
    pub questions: Vec<QuestionAnalysis>,
}

/// A section beside the others.
#[derive(Clone, Debug, PartialEq)]
pub struct SectionAnalysis {
    pub uuid: String,
    pub title: String,
    /// In millionths; results in which nothing of it counts are left out.
    pub ratios: Distribution,
}

/// A question and what it did.
#[derive(Clone, Debug, PartialEq)]
pub struct QuestionAnalysis {
    pub key: String,
    /// As authored.
    pub text: String,
    /// The section's title.
    pub section: String,
    /// Its place in the test as authored, from 1.
    pub number: u32,
    /// `multiplechoice`, `match` or `input`.
    pub kind: &'static str,
    /// Whether it counts anywhere.
    pub counts: bool,
    pub figures: ItemStatistics,
    pub choices: Vec<ChoiceAnalysis>,
}

/// A choice and who took it.
#[derive(Clone, Debug, PartialEq)]
pub struct ChoiceAnalysis {
    pub key: String,
    pub text: String,
    /// Earns something.
    pub is_right: bool,
    pub taken: ChoiceFrequency,
}

/// Where one result stands among the settled ones of its step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PercentileRank {
    /// Percent of the group below it; equals count half.
    pub percentile: f64,
    /// Results of the group, this one among them.
    pub count: u64,
}

/// What was asked for, found.
struct GroupSubject {
    head: TaskHead,
    task_title: String,
    steps: Vec<(StepId, String)>,
    step: StepId,
}

impl GroupReport {
    /// None of nothing.
    #[must_use]
    pub fn summary(&self) -> Option<DistributionSummary> {
        self.ratios.summary()
    }

    /// The picture for whoever sees no persons; none of a group with fewer than [`LEAST_GROUP`]
    /// results. Sections and questions that fewer hold are left out, and what those who took a
    /// choice earned where they are fewer.
    #[must_use]
    pub fn without_persons(&self) -> Option<Self> {
        if self.ratios.count() < LEAST_GROUP {
            return None;
        }
        let mut picture = self.clone();
        picture.inside = picture.inside.filter(|inside| inside.results >= LEAST_GROUP);
        if let Some(inside) = &mut picture.inside {
            inside.passed = inside.passed.filter(|(_, of)| *of >= LEAST_GROUP);
            inside.sections.retain(|section| section.ratios.count() >= LEAST_GROUP);
            inside.questions.retain(|question| question.figures.answered >= LEAST_GROUP);
            for choice in inside.questions.iter_mut().flat_map(|question| &mut question.choices) {
                choice.taken.mean_total =
                    choice.taken.mean_total.filter(|_| choice.taken.count >= LEAST_GROUP);
            }
        }
        Some(picture)
    }

    #[must_use]
    pub fn histogram(&self) -> Vec<HistogramBin> {
        self.ratios.histogram(&RATIOS)
    }
}

impl ItemAnalysis {
    /// Whether not all results were looked into.
    #[must_use]
    pub fn is_sample(&self, picture: &GroupReport) -> bool {
        self.results < picture.ratios.count()
    }
}

impl StatisticsService {
    /// The picture of a task's step, of the first one if none is named. Waits so long for one that
    /// is not ready.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] for a key without `results:read`, and for a user who may read
    /// neither results nor statistics; [`Failure::NotFound`] for task and step.
    pub async fn group_overview(
        &self,
        caller: &Caller,
        task: &TaskId,
        step: Option<&StepId>,
        patience: Duration,
    ) -> Result<GroupOverview, Failure> {
        demand_statistics(caller)?;
        self.delivery().ensure_deadlines_swept().await?;
        let place = self.group_place(caller, task, step.cloned()).await?;
        let key = (task.clone(), place.step.clone());
        let progress = self.wait_for_report(caller, &key, &place.head, patience).await?;
        let existing = self.report_cache().cached_report(&key);
        let sees_persons = caller.require(Right::ReadResults).is_ok();
        let picture = if sees_persons {
            existing.clone()
        } else {
            existing.as_deref().and_then(GroupReport::without_persons).map(Arc::new)
        };
        Ok(GroupOverview {
            is_withheld: existing.is_some() && picture.is_none(),
            task_title: place.task_title,
            steps: place.steps,
            step: place.step,
            is_current: existing
                .as_ref()
                .is_some_and(|picture| picture.head.revision >= place.head.revision),
            picture,
            progress,
        })
    }

    /// Where a result stands among the settled ones of its step; none when it is not settled
    /// itself.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`; [`Failure::NotFound`].
    pub async fn rank_in_group(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
    ) -> Result<Option<PercentileRank>, Failure> {
        caller.require(Right::ReadResults)?;
        self.delivery().ensure_deadlines_swept().await?;
        let (app, caller, task, instance) =
            (self.clone(), caller.clone(), task.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| -> Result<Option<PercentileRank>, Failure> {
            let row = find_instance(tx, &caller, &task, &instance)?;
            let Some(ratio) = row.ratio.filter(|_| !row.ignored && row.waiting == 0) else {
                return Ok(None);
            };
            let head = authorized_head(tx, &caller, &task)?;
            let existing = app.report_cache().cached_report(&(task.clone(), row.step_id.clone()));
            if let Some(picture) = existing.filter(|picture| picture.head == head) {
                let percentile = picture.ratios.percentile_rank(ratio);
                return Ok(percentile.map(|percentile| PercentileRank {
                    percentile,
                    count: picture.ratios.count(),
                }));
            }
            let count = unsigned(storage::statistics::count(tx, &row.step_id)?)?;
            let (below, same) = storage::statistics::rank(tx, &row.step_id, ratio)?;
            let percentile = percentile_rank(unsigned(below)?, unsigned(same)?, count);
            Ok(percentile.map(|percentile| PercentileRank { percentile, count }))
        };
        // It counts a whole step.
        self.storage().read_in(ReadPool::Statistics, read).await
    }

    async fn group_place(
        &self,
        caller: &Caller,
        task: &TaskId,
        step: Option<StepId>,
    ) -> Result<GroupSubject, Failure> {
        let task = task.clone();
        self.read_for(caller, move |work| {
            let head = authorized_head(work.tx, work.caller, &task)?;
            let organization = work.organization;
            let row =
                storage::task::find(work.tx, organization, &task)?.ok_or(Failure::NotFound)?;
            let steps = storage::step::list(work.tx, organization, &task)?;
            let steps: Vec<_> = steps.into_iter().map(|step| (step.id, step.title)).collect();
            let chosen = steps.iter().find(|(id, _)| step.as_ref().is_none_or(|step| step == id));
            let step = chosen.ok_or(Failure::NotFound)?.0.clone();
            Ok(GroupSubject { head, task_title: row.title, steps, step })
        })
        .await
    }
}

/// Item statistics name no person, so whoever may read those may see a group too (domain rules, 8);
/// programs need `results:read`.
fn demand_statistics(caller: &Caller) -> Result<(), Failure> {
    match caller.require(Right::ReadResults) {
        Err(_) if caller.user().is_some() => caller.require(Right::ReadStatistics),
        outcome => outcome,
    }
}
