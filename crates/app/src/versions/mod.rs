//! Result versions: computed by the domain from kept inputs, appended when they differ, never
//! altered.
//!
//! Whoever changes what a result depends on (completing, evaluating, correcting) calls
//! [`App::store_result`] last, in the same transaction, with the instance locked. Nothing else
//! writes result columns.

pub(crate) mod inputs;
pub(crate) mod stored_slots;

use crate::App;
use crate::audit::{AuditContext, AuditEvent, AuditEventKind};
use crate::compiled_cache::CompileInputs;
use crate::failure::Failure;
use domain::compile::model::CompiledTest;
use domain::compile::{ENGINE_VERSION, Seed};
use domain::id::{InstanceId, TaskId};
use domain::instance::{InstanceChange, VersionReason};
use domain::scoring::{ScoringInputs, ScoringResult, inputs_digest, score};
use domain::time::Timestamp;
use domain::time_factor::TimeFactor;
use std::sync::Arc;
use storage::Transaction;
use storage::instance::InstanceRow;
use storage::version::ResultVersionRow;

/// Why a result is computed, and for whom.
pub(crate) struct ScoringContext<'a> {
    pub actor: &'a dyn AuditContext,
    pub now: Timestamp,
    pub reason: VersionReason,
    /// Free text beside the version.
    pub note: Option<&'a str>,
}

/// What computing a result came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResultChange {
    /// No rate, figure, waiting number, verdict or level differs: no version, no revision.
    Unchanged,
    /// The result is as it was, but what the row published of it was not: that was repaired, with a
    /// revision.
    Repaired { revision: i64 },
    /// A version was appended and the task took a revision.
    Version { number: i64, revision: i64 },
}

impl App {
    /// Computes an instance's result, appends it as a version if it differs from the latest (always
    /// on completion), and writes the instance's row: result columns, waiting number, revision and
    /// kind of change.
    ///
    /// Locks: the caller holds the instance (`storage::instance::lock`) and not yet the task.
    /// `instance` is that row, with the caller's own changes (state, closing, delivery ...) already
    /// in it; it is written back when a version is made, so after [`ResultChange::Unchanged`] the
    /// caller writes its own changes if it has any. Answers, evaluations and corrections are read
    /// here, so they are written before. For reasons other than completion the instance is
    /// COMPLETE: an open one keeps its inputs for completion and is not settled.
    ///
    /// Records `result.version_created`, or `result.rescored` with "no difference".
    ///
    /// # Errors
    /// When the database cannot be read or written, or holds what does not read.
    pub(crate) fn store_result(
        &self,
        tx: &mut dyn Transaction,
        instance: &mut InstanceRow,
        compiled: &CompiledTest,
        act: &ScoringContext<'_>,
    ) -> Result<ResultChange, Failure> {
        let inputs = inputs::load(tx, instance, compiled)?;
        let outcome = score(compiled, &inputs);
        let is_completion =
            matches!(act.reason, VersionReason::Completed | VersionReason::Recompleted);
        let fresh = new_version(instance, &inputs, &outcome, act)?;
        let latest = storage::version::latest(tx, &instance.id)?;
        let differs = match &latest {
            Some(latest) => stored_slots::differs(latest, &fresh)?,
            None => true,
        };
        let existing = latest.map_or(0, |latest| latest.number);
        if !is_completion && !differs {
            return self.keep_result(tx, instance, (existing, &outcome), act);
        }
        let number = existing + 1;
        storage::version::append(tx, &ResultVersionRow { number, ..fresh })?;
        instance.change_kind =
            if is_completion { InstanceChange::Completed } else { InstanceChange::Rescored };
        write_result(instance, number, &outcome);
        let revision = self.revise(tx, instance, act.now)?;
        let event = version_created_event(instance, act.reason, &outcome);
        // A completion's own event carries the revision.
        let event = if is_completion { event } else { event.at_revision(revision) };
        self.record_event(tx, act.now, act.actor, event)?;
        Ok(ResultChange::Version { number, revision })
    }

    /// Whether computing an instance's result anew would change anything: a version, or what the
    /// row publishes of it.
    ///
    /// # Errors
    /// When the database cannot be read, or holds what does not read.
    pub(crate) fn would_change_published(
        &self,
        tx: &mut dyn Transaction,
        instance: &InstanceRow,
        compiled: &CompiledTest,
        act: &ScoringContext<'_>,
    ) -> Result<bool, Failure> {
        let inputs = inputs::load(tx, instance, compiled)?;
        let outcome = score(compiled, &inputs);
        let Some(latest) = storage::version::latest(tx, &instance.id)? else { return Ok(true) };
        let fresh = new_version(instance, &inputs, &outcome, act)?;
        Ok(stored_slots::differs(&latest, &fresh)?
            || !altered_copies(instance, latest.number, &outcome).is_empty())
    }

    /// The result stays the version it is. What the row publishes of it is compared as well: it may
    /// have been altered outside this program, and the list would go on telling that.
    fn keep_result(
        &self,
        tx: &mut dyn Transaction,
        instance: &mut InstanceRow,
        (number, outcome): (i64, &ScoringResult),
        act: &ScoringContext<'_>,
    ) -> Result<ResultChange, Failure> {
        let event = no_difference(&instance.id, act);
        let altered = altered_copies(instance, number, outcome);
        if altered.is_empty() {
            self.record_event(tx, act.now, act.actor, event)?;
            return Ok(ResultChange::Unchanged);
        }
        write_result(instance, number, outcome);
        instance.change_kind = InstanceChange::Rescored;
        let revision = self.revise(tx, instance, act.now)?;
        self.record_event(
            tx,
            act.now,
            act.actor,
            event.with("repaired", altered).at_revision(revision),
        )?;
        Ok(ResultChange::Repaired { revision })
    }

    /// Takes the task's next revision for a change of an instance, writes the row with it, and the
    /// messages about it into the outbox. The caller has set `change_kind`.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) fn revise(
        &self,
        tx: &mut dyn Transaction,
        instance: &mut InstanceRow,
        now: Timestamp,
    ) -> Result<i64, Failure> {
        instance.revision = next_revision(tx, &instance.task_id, now)?;
        instance.changed_at = now;
        storage::instance::update(tx, instance)?;
        self.webhooks().enqueue_callbacks(tx, instance)?;
        Ok(instance.revision)
    }

    /// The compiled test of an instance's row.
    ///
    /// # Errors
    /// When the database cannot be read, or holds what does not read.
    pub(crate) fn compiled_test(
        &self,
        tx: &mut dyn Transaction,
        instance: &InstanceRow,
    ) -> Result<Arc<CompiledTest>, Failure> {
        let recipe =
            compile_inputs(&instance.document_digest, &instance.seed, &instance.time_factor)?;
        self.compiled_cache().for_instance(tx, &instance.id, &recipe)
    }
}

pub(crate) fn next_revision(
    tx: &mut dyn Transaction,
    task: &TaskId,
    now: Timestamp,
) -> Result<i64, Failure> {
    storage::task::next_revision(tx, task, now)?
        .ok_or_else(|| Failure::internal("an instance's task is missing"))
}

/// What a compiled test is made from, out of the columns of an instance.
pub(crate) fn compile_inputs(
    document: &storage::Sha256Digest,
    seed: &[u8],
    factor: &str,
) -> Result<CompileInputs, Failure> {
    let seed = seed.try_into().map_err(|_| Failure::internal("a seed has not 32 bytes"))?;
    let factor = TimeFactor::parse(factor).map_err(Failure::internal)?;
    Ok(CompileInputs { document: *document, seed: Seed(seed), factor })
}

/// The version an outcome makes, with number 0.
///
/// # Errors
/// When the instance was not completed, or its row does not read.
pub(crate) fn new_version(
    instance: &InstanceRow,
    inputs: &ScoringInputs,
    outcome: &ScoringResult,
    act: &ScoringContext<'_>,
) -> Result<ResultVersionRow, Failure> {
    let completed_at =
        instance.completed_at.ok_or_else(|| Failure::internal("an open instance has no result"))?;
    let recipe = compile_inputs(&instance.document_digest, &instance.seed, &instance.time_factor)?;
    let actor = act.actor.actor();
    Ok(ResultVersionRow {
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
        slots: stored_slots::slots_json(outcome)?,
        detailed: outcome.detailed_json(completed_at),
    })
}

/// What an instance's row publishes of its result.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PublishedCopies {
    number: i64,
    waiting: i64,
    basic: Option<String>,
    detailed: Option<String>,
    ratio: Option<i64>,
}

impl PublishedCopies {
    fn of(number: i64, outcome: &ScoringResult, completed_at: Option<Timestamp>) -> Self {
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
pub(crate) fn write_result(instance: &mut InstanceRow, number: i64, outcome: &ScoringResult) {
    let PublishedCopies { number, waiting, basic, detailed, ratio } =
        PublishedCopies::of(number, outcome, instance.completed_at);
    instance.result_number = number;
    instance.waiting = waiting;
    instance.engine_version = ENGINE_VERSION.to_string();
    instance.result_basic = basic;
    instance.ratio = ratio;
    instance.result_detailed = detailed;
}

/// Which of the row's published copies are not what a version's outcome gives.
pub(crate) fn altered_copies(
    instance: &InstanceRow,
    number: i64,
    outcome: &ScoringResult,
) -> Vec<&'static str> {
    let right = PublishedCopies::of(number, outcome, instance.completed_at);
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
pub(crate) fn version_created_event(
    instance: &InstanceRow,
    reason: VersionReason,
    outcome: &ScoringResult,
) -> AuditEvent {
    AuditEvent::of_instance(AuditEventKind::ResultVersionCreated, &instance.id)
        .about("taskId", &instance.task_id)
        .with("version", instance.result_number)
        .with("reason", reason)
        .with("waiting", outcome.waiting)
}

fn no_difference(instance: &InstanceId, act: &ScoringContext<'_>) -> AuditEvent {
    AuditEvent::of_instance(AuditEventKind::ResultRescored, instance)
        .with("reason", act.reason)
        .with("difference", false)
}
