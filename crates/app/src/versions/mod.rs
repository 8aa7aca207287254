//! Result versions: computed by the domain from kept inputs, appended when they differ, never altered.
//!
//! Whoever changes what a result depends on (completing, evaluating, correcting) calls [`App::settle`] last, in the
//! same transaction, with the instance locked. Nothing else writes result columns.

pub(crate) mod inputs;
pub(crate) mod kept;

use crate::App;
use crate::audit::{Doer, Event, Kind};
use crate::compiled::Recipe;
use crate::failure::Failure;
use domain::compile::model::Compiled;
use domain::compile::{ENGINE_VERSION, Seed};
use domain::id::{InstanceId, TaskId};
use domain::instance::{Change, Reason};
use domain::scoring::{Inputs, Outcome, inputs_digest, score};
use domain::time::Timestamp;
use domain::time_factor::TimeFactor;
use std::sync::Arc;
use storage::Transaction;
use storage::instance::Instance;
use storage::version::Version;

/// Why a result is computed, and for whom.
pub(crate) struct Act<'a> {
    pub doer: &'a dyn Doer,
    pub now: Timestamp,
    pub reason: Reason,
    /// Free text beside the version.
    pub note: Option<&'a str>,
}

/// What computing a result came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// No rate, figure, waiting number, verdict or level differs: no version, no revision.
    Unchanged,
    /// The result is as it was, but what the row published of it was not: that was repaired, with a revision.
    Repaired { revision: i64 },
    /// A version was appended and the task took a revision.
    Version { number: i64, revision: i64 },
}

impl App {
    /// Computes an instance's result, appends it as a version if it differs from the latest (always on completion), and
    /// writes the instance's row: result columns, waiting number, revision and kind of change.
    ///
    /// Locks: the caller holds the instance (`storage::instance::lock`) and not yet the task. `instance` is that row,
    /// with the caller's own changes (state, closing, delivery ...) already in it; it is written back when a version
    /// is made, so after [`Settled::Unchanged`] the caller writes its own changes if it has any. Answers, evaluations
    /// and corrections are read here, so they are written before. For reasons other than completion the instance is
    /// COMPLETE: an open one keeps its inputs for completion and is not settled.
    ///
    /// Records `result.version_created`, or `result.rescored` with "no difference".
    ///
    /// # Errors
    /// When the database cannot be read or written, or holds what does not read.
    pub(crate) fn settle(
        &self,
        tx: &mut dyn Transaction,
        instance: &mut Instance,
        compiled: &Compiled,
        act: &Act<'_>,
    ) -> Result<Settled, Failure> {
        let inputs = inputs::load(tx, instance, compiled)?;
        let outcome = score(compiled, &inputs);
        let is_completion = matches!(act.reason, Reason::Completed | Reason::Recompleted);
        let fresh = version_of(instance, &inputs, &outcome, act)?;
        let latest = storage::version::latest(tx, &instance.id)?;
        let differs = match &latest {
            Some(latest) => kept::differs(latest, &fresh)?,
            None => true,
        };
        let known = latest.map_or(0, |latest| latest.number);
        if !is_completion && !differs {
            return self.keep_result(tx, instance, (known, &outcome), act);
        }
        let number = known + 1;
        storage::version::append(tx, &Version { number, ..fresh })?;
        instance.change_kind = if is_completion { Change::Completed } else { Change::Rescored };
        write_result(instance, number, &outcome);
        let revision = self.revise(tx, instance, act.now)?;
        let event = version_created(instance, act.reason, &outcome);
        // A completion's own event carries the revision.
        let event = if is_completion { event } else { event.at_revision(revision) };
        self.record(tx, act.now, act.doer, event)?;
        Ok(Settled::Version { number, revision })
    }

    /// Whether computing an instance's result anew would change anything: a version, or what the row publishes of it.
    ///
    /// # Errors
    /// When the database cannot be read, or holds what does not read.
    pub(crate) fn is_published_otherwise(
        &self,
        tx: &mut dyn Transaction,
        instance: &Instance,
        compiled: &Compiled,
        act: &Act<'_>,
    ) -> Result<bool, Failure> {
        let inputs = inputs::load(tx, instance, compiled)?;
        let outcome = score(compiled, &inputs);
        let Some(latest) = storage::version::latest(tx, &instance.id)? else { return Ok(true) };
        let fresh = version_of(instance, &inputs, &outcome, act)?;
        Ok(kept::differs(&latest, &fresh)? || !altered_copies(instance, latest.number, &outcome).is_empty())
    }

    /// The result stays the version it is. What the row publishes of it is compared as well: it may have been altered
    /// outside this program, and the list would go on telling that.
    fn keep_result(
        &self,
        tx: &mut dyn Transaction,
        instance: &mut Instance,
        (number, outcome): (i64, &Outcome),
        act: &Act<'_>,
    ) -> Result<Settled, Failure> {
        let event = no_difference(&instance.id, act);
        let altered = altered_copies(instance, number, outcome);
        if altered.is_empty() {
            self.record(tx, act.now, act.doer, event)?;
            return Ok(Settled::Unchanged);
        }
        write_result(instance, number, outcome);
        instance.change_kind = Change::Rescored;
        let revision = self.revise(tx, instance, act.now)?;
        self.record(tx, act.now, act.doer, event.with("repaired", altered).at_revision(revision))?;
        Ok(Settled::Repaired { revision })
    }

    /// Takes the task's next revision for a change of an instance, writes the row with it, and the messages about it
    /// into the outbox. The caller has set `change_kind`.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) fn revise(
        &self,
        tx: &mut dyn Transaction,
        instance: &mut Instance,
        now: Timestamp,
    ) -> Result<i64, Failure> {
        instance.revision = next_revision(tx, &instance.task_id, now)?;
        instance.changed_at = now;
        storage::instance::update(tx, instance)?;
        self.announce(tx, instance)?;
        Ok(instance.revision)
    }

    /// The compiled test of an instance's row.
    ///
    /// # Errors
    /// When the database cannot be read, or holds what does not read.
    pub(crate) fn compiled_of(&self, tx: &mut dyn Transaction, instance: &Instance) -> Result<Arc<Compiled>, Failure> {
        let recipe = recipe(&instance.document_digest, &instance.seed, &instance.time_factor)?;
        self.compiled().of_instance(tx, &instance.id, &recipe)
    }
}

pub(crate) fn next_revision(tx: &mut dyn Transaction, task: &TaskId, now: Timestamp) -> Result<i64, Failure> {
    storage::task::next_revision(tx, task, now)?.ok_or_else(|| Failure::internal("an instance's task is missing"))
}

/// What a compiled test is made from, out of the columns of an instance.
pub(crate) fn recipe(document: &storage::Digest, seed: &[u8], factor: &str) -> Result<Recipe, Failure> {
    let seed = seed.try_into().map_err(|_| Failure::internal("a seed has not 32 bytes"))?;
    let factor = TimeFactor::parse(factor).map_err(Failure::internal)?;
    Ok(Recipe { document: *document, seed: Seed(seed), factor })
}

/// The version an outcome makes, with number 0.
///
/// # Errors
/// When the instance was not completed, or its row does not read.
pub(crate) fn version_of(
    instance: &Instance,
    inputs: &Inputs,
    outcome: &Outcome,
    act: &Act<'_>,
) -> Result<Version, Failure> {
    let completed_at = instance.completed_at.ok_or_else(|| Failure::internal("an open instance has no result"))?;
    let recipe = recipe(&instance.document_digest, &instance.seed, &instance.time_factor)?;
    let actor = act.doer.actor();
    Ok(Version {
        instance_id: instance.id.clone(),
        number: 0,
        at: act.now,
        actor_kind: actor.kind,
        actor_id: Some(actor.id).filter(|id| !id.is_empty()),
        reason: act.reason,
        note: act.note.map(str::to_owned),
        waiting: outcome.waiting.into(),
        passed: outcome.passed,
        level: outcome.level.clone(),
        inputs_digest: inputs_digest(&recipe.document, &recipe.seed, recipe.factor, inputs),
        engine_version: ENGINE_VERSION.to_string(),
        slots: kept::slots_json(outcome)?,
        detailed: outcome.detailed_json(completed_at),
    })
}

/// What an instance's row publishes of its result.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Copies {
    number: i64,
    waiting: i64,
    basic: Option<String>,
    detailed: Option<String>,
    ratio: Option<i64>,
}

impl Copies {
    fn of(number: i64, outcome: &Outcome, completed_at: Option<Timestamp>) -> Self {
        Self {
            number,
            waiting: outcome.waiting.into(),
            basic: completed_at.map(|at| outcome.basic_json(at)),
            detailed: completed_at.map(|at| outcome.detailed_json(at)),
            ratio: completed_at.and_then(|_| outcome.scoreboard.ratio.millionths()),
        }
    }
}

/// Writes what a version says of the result into the instance's row.
pub(crate) fn write_result(instance: &mut Instance, number: i64, outcome: &Outcome) {
    let Copies { number, waiting, basic, detailed, ratio } = Copies::of(number, outcome, instance.completed_at);
    instance.result_number = number;
    instance.waiting = waiting;
    instance.engine_version = ENGINE_VERSION.to_string();
    instance.result_basic = basic;
    instance.ratio = ratio;
    instance.result_detailed = detailed;
}

/// Which of the row's published copies are not what a version's outcome gives.
pub(crate) fn altered_copies(instance: &Instance, number: i64, outcome: &Outcome) -> Vec<&'static str> {
    let right = Copies::of(number, outcome, instance.completed_at);
    let same = [
        ("version", instance.result_number == right.number),
        ("waiting", instance.waiting == right.waiting),
        ("basic", instance.result_basic == right.basic),
        ("detailed", instance.result_detailed == right.detailed),
        ("ratio", instance.ratio == right.ratio),
    ];
    same.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
}

/// The event of a version; the row names its number.
pub(crate) fn version_created(instance: &Instance, reason: Reason, outcome: &Outcome) -> Event {
    Event::of_instance(Kind::ResultVersionCreated, &instance.id)
        .about("taskId", &instance.task_id)
        .with("version", instance.result_number)
        .with("reason", reason)
        .with("waiting", outcome.waiting)
}

fn no_difference(instance: &InstanceId, act: &Act<'_>) -> Event {
    Event::of_instance(Kind::ResultRescored, instance).with("reason", act.reason).with("difference", false)
}
