//! Starting a step: instance, ordinal, compiled test and deadlines in one transaction.

use super::attempt_context::AttemptContext;
use super::candidate_facts::CandidateFacts;
use super::candidate_session::load_session;
use crate::audit::{ActorContext, AuditEvent, AuditEventKind};
use crate::bank::{BankPurpose, StoredBank};
use crate::caller::CandidateSession;
use crate::failure::Failure;
use crate::idempotency::{IdempotentRequest, store_response, stored_response};
use crate::json::to_json;
use crate::ports::RngExt;
use crate::services::DeliveryService;
use crate::versions::next_revision;
use domain::access::admission::{Admission, admit};
use domain::compile::freeze::freeze;
use domain::compile::model::CompiledTest;
use domain::compile::{ENGINE_VERSION, Seed, compile};
use domain::delivery::state::DeliveryState;
use domain::document::to_stored;
use domain::id::{InstanceId, StepId};
use domain::instance::{CandidateKind, InstanceChange, InstanceState};
use domain::media_reference::find_digests;
use domain::time::Timestamp;
use domain::time_factor::TimeFactor;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use storage::asset::AssetHolder;
use storage::candidate::CandidateRow;
use storage::instance::InstanceRow;
use storage::step::StepRow;
use storage::task::TaskRow;
use storage::{Sha256Digest, Transaction};

/// Which instance a start led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartResult {
    pub instance_id: InstanceId,
    pub opened: StartOutcome,
}

domain::string_enum! {
    /// Whether a start made an instance.
    pub enum StartOutcome {
        New = "new",
        /// There was an open one of the step; it was opened.
        Existing = "existing",
    }
}

/// A test made ready for one instance.
pub(crate) struct PreparedTest {
    /// Of the authored document.
    pub authored: Sha256Digest,
    /// Of the frozen one.
    pub frozen: Sha256Digest,
    pub seed: Seed,
    pub factor: TimeFactor,
    pub compiled: Arc<CompiledTest>,
}

impl DeliveryService {
    /// Starts a step, or opens the open instance of it. The same client token leads to the same
    /// instance.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`] for the step; the first check of domain
    /// rules, 5.3, that fails.
    pub async fn start(
        &self,
        visitor: &CandidateSession,
        step: &StepId,
        client_token: &str,
    ) -> Result<StartResult, Failure> {
        self.ensure_deadlines_swept().await?;
        let now = self.now();
        let seed = Seed(self.rng().bytes::<32>());
        let id: InstanceId = self.new_id(now);
        let (app, visitor, step, token) =
            (self.clone(), visitor.clone(), step.clone(), client_token.to_owned());
        let write = move |tx: &mut dyn Transaction| -> Result<StartResult, Failure> {
            let visit = load_session(tx, &visitor)?;
            let scope = format!("start/{step}/{}", visit.candidate);
            let repeatable = IdempotentRequest {
                organization: &visit.organization,
                scope: &scope,
                token: &token,
            };
            if let Some(first) = stored_response::<StartResult>(tx, &repeatable)? {
                return Ok(first);
            }
            // Everybody locks an instance before its task.
            if let Some(open) = storage::instance::find_open(tx, &visit.candidate, &step)? {
                storage::instance::lock(tx, &open.id)?;
            }
            let task = storage::task::lock(tx, &visit.organization, &visit.task)?
                .ok_or(Failure::NotFound)?;
            let candidate = visit.candidate(tx)?;
            let step = storage::step::find(tx, &visit.organization, &visit.task, &step)?
                .ok_or(Failure::NotFound)?;
            let standing = CandidateFacts::load(tx, task, candidate)?;
            let (admission, ready) = app.check_admission(tx, &standing, &step, seed, now)?;
            let started = match (admission, ready) {
                (Admission::StartNew, Some(ready)) => {
                    app.start_new(tx, &standing, &step, &id, &ready, &visit.actor, now)?;
                    StartResult { instance_id: id.clone(), opened: StartOutcome::New }
                }
                (Admission::OpenExisting(instance), _) => {
                    AttemptContext::load(&app, tx, &visitor, &instance)?.open(&app, tx, now)?;
                    StartResult { instance_id: instance, opened: StartOutcome::Existing }
                }
                (Admission::StartNew, None) => {
                    return Err(Failure::internal("a start without a compiled test"));
                }
            };
            store_response(tx, &repeatable, &started, now)?;
            Ok(started)
        };
        self.storage().write(write).await
    }

    fn check_admission(
        &self,
        tx: &mut dyn Transaction,
        standing: &CandidateFacts,
        step: &StepRow,
        seed: Seed,
        now: Timestamp,
    ) -> Result<(Admission, Option<PreparedTest>), Failure> {
        let requirements = standing.requirements_of(step)?;
        let mut ready = Ok(None);
        let compiles = || {
            ready = self.prepare_test(tx, standing, step, seed);
            // A fault of the server is told as such, not as a refusal.
            !matches!(ready, Ok(None))
        };
        let admission = admit(&standing.access_facts(&step.id, &requirements), now, compiles)?;
        Ok((admission, ready?))
    }

    /// Freezes and compiles the step's test as it is now; `None` when it cannot be.
    fn prepare_test(
        &self,
        tx: &mut dyn Transaction,
        standing: &CandidateFacts,
        step: &StepRow,
        seed: Seed,
    ) -> Result<Option<PreparedTest>, Failure> {
        let test = storage::test::find(tx, &step.organization_id, &step.test_id)?
            .ok_or_else(|| Failure::internal("a step's test is missing"))?;
        let authored = self.compiled_cache().document(tx, &test.digest)?;
        let factor =
            TimeFactor::parse(&standing.candidate.time_factor).map_err(Failure::internal)?;
        let bank = StoredBank::new(self, tx, &step.organization_id, BankPurpose::Starting);
        let frozen = freeze(&authored, &bank, &step.organization_id, &seed);
        bank.finish()?;
        let Ok(frozen) = frozen else { return Ok(None) };
        let Ok(compiled) = compile(&frozen, &seed, factor) else { return Ok(None) };
        let digest = if Arc::ptr_eq(&authored, &frozen) {
            test.digest
        } else {
            let body = to_stored(&frozen);
            let digest = domain::document::stored_digest(&body);
            storage::document::insert_if_absent(tx, &digest, &body)?;
            // What it has of its test is held by that, not what it has of the bank.
            let media: Vec<_> = find_digests(&body).into_iter().collect();
            let (of, holder) = (&step.organization_id, AssetHolder::Step(step.id.clone()));
            storage::asset::hold(tx, of, &media, &holder, self.now())?;
            digest
        };
        Ok(Some(PreparedTest {
            authored: test.digest,
            frozen: digest,
            seed,
            factor,
            compiled: Arc::new(compiled),
        }))
    }

    #[allow(clippy::too_many_arguments, reason = "all of it is one row")]
    fn start_new(
        &self,
        tx: &mut dyn Transaction,
        standing: &CandidateFacts,
        step: &StepRow,
        id: &InstanceId,
        ready: &PreparedTest,
        doer: &ActorContext,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let CandidateFacts { task: task_row, candidate, .. } = standing;
        let task = &task_row.id;
        let ordinal = storage::task::next_ordinal(tx, task)?.ok_or(Failure::NotFound)?;
        let revision = next_revision(tx, task, now)?;
        let delivery = DeliveryState::start(&ready.compiled, now);
        let due_at = delivery.due_at(&ready.compiled);
        let place =
            InitialInstanceState { ordinal, revision, delivery: to_json(&delivery)?, due_at };
        let row = instance_row((task_row, candidate, step), id, ready, place, now);
        storage::instance::insert(tx, &row)?;
        storage::candidate::enter(tx, &candidate.id, now)?;
        self.deadlines().note(due_at);
        self.compiled_cache().insert(id.clone(), ready.compiled.clone());
        let event = start_event(&row, ready);
        self.record_event(tx, now, doer, event)
    }
}

/// Where a new instance stands.
pub(crate) struct InitialInstanceState {
    pub ordinal: i64,
    pub revision: i64,
    pub delivery: String,
    pub due_at: Option<Timestamp>,
}

/// The event of a start.
pub(crate) fn start_event(row: &InstanceRow, ready: &PreparedTest) -> AuditEvent {
    AuditEvent::of_instance(AuditEventKind::InstanceStarted, &row.id)
        .about("taskId", &row.task_id)
        .about("stepId", &row.step_id)
        .about("candidateId", &row.candidate_id)
        .with("seed", hex::encode(ready.seed.0))
        .with("document", hex::encode(ready.authored))
        .with("frozen", hex::encode(ready.frozen))
        .at_revision(row.revision)
}

/// The row of an instance that starts now, with the copies made at its start.
pub(crate) fn instance_row(
    (task, candidate, step): (&TaskRow, &CandidateRow, &StepRow),
    id: &InstanceId,
    ready: &PreparedTest,
    place: InitialInstanceState,
    now: Timestamp,
) -> InstanceRow {
    let user = candidate.user_id.as_ref().filter(|_| candidate.kind == CandidateKind::User);
    InstanceRow {
        id: id.clone(),
        organization_id: task.organization_id.clone(),
        task_id: task.id.clone(),
        step_id: step.id.clone(),
        candidate_id: candidate.id.clone(),
        ordinal: place.ordinal,
        revision: place.revision,
        change_kind: InstanceChange::Started,
        changed_at: now,
        state: InstanceState::Started,
        ignored: false,
        closing: None,
        candidate_kind: candidate.kind,
        owner_id: user.map_or_else(|| candidate.id.to_string(), ToString::to_string),
        started_at: now,
        completed_at: None,
        due_at: place.due_at,
        erased_at: None,
        result_number: 0,
        waiting: 0,
        engine_version: ENGINE_VERSION.to_string(),
        result_basic: None,
        document_digest: ready.frozen,
        seed: ready.seed.0.to_vec(),
        time_factor: ready.factor.to_string(),
        external_id: candidate.external_id.clone(),
        folder: task.folder.clone(),
        group_name: candidate.group_name.clone(),
        labels: candidate.labels.clone(),
        tags: candidate.tags.clone(),
        delivery: place.delivery,
        result_detailed: None,
        ratio: None,
    }
}
