//! Erasure: a person's values go, figures and ordinals stay (domain rules, 7.5).
//!
//! Everything of a candidate goes in one transaction, a user's candidates in batches; a signed
//! receipt names what was removed. Erasing again gives the same receipt. This crate alone decides
//! what is a person's: whoever keeps something new about persons has it removed here.

use crate::App;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::bulk::{Act, Batch, Earlier};
use crate::caller::Caller;
use crate::compute::ComputePayer;
use crate::delivery::open_instance::OpenInstance;
use crate::delivery::receipt::receipt_key;
use crate::failure::Failure;
use crate::idempotency::{IdempotentRequest, store_response, stored_response};
use crate::json::{from_json, to_json};
use crate::ports::RngExt;
use crate::services::CandidateService;
use crate::unit_of_work::task_of;
use crate::users::DEFAULT_GROUP;
use domain::id::{CandidateId, InstanceId, OrganizationId, TaskId, UserId};
use domain::instance::{ClosingReason, InstanceChange};
use domain::media::MediaPurpose;
use domain::refusal::Refusal;
use domain::role::Right;
use domain::time::Timestamp;
use ed25519_dalek::Signer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use storage::Transaction;
use storage::candidate::CandidateRow;
use storage::instance::InstanceRow;
use storage::user::UserRow;

/// What stays of an erased person.
const RETAINED: [&str; 7] =
    ["ids", "ordinals", "states", "times", "rates and points", "figures of all versions", "events"];

/// An erasure of a user that was interrupted is gone on with when it is asked again within so many
/// seconds.
const RESUMABLE_SECONDS: i64 = 7 * 24 * 60 * 60;

/// How a person is erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErasureOptions {
    /// Group and labels go too, also those copied into instances.
    pub grouping: bool,
    /// Also when an instance is held.
    pub confirm: bool,
}

/// A registration that was erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErasedCandidate {
    pub candidate_id: CandidateId,
    pub instance_ids: Vec<InstanceId>,
    pub task_id: TaskId,
}

/// What a receipt of erasure says. Members are in the order of their names, so that its JSON is the
/// RFC 8785 form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErasureRecord {
    pub candidates: Vec<ErasedCandidate>,
    /// Seconds.
    pub erased_at: i64,
    /// Kind and id of who asked, as `key:Ky...`.
    pub erased_by: String,
    pub grouping: bool,
    /// What is not removed, by its class.
    #[serde(rename = "kept")]
    pub retained: Vec<String>,
    pub organization_id: OrganizationId,
    pub receipt_id: String,
    /// How many there were of each class of things removed.
    pub removed: BTreeMap<String, u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
}

/// The evidence that a person was erased. `signature` is Ed25519 over `text`, in lower-case
/// hexadecimal like the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErasureReceipt {
    pub text: String,
    pub signature: String,
    pub public_key: String,
}

impl ErasureReceipt {
    /// What the signed text says.
    ///
    /// # Errors
    /// When the text is no receipt's.
    pub fn record(&self) -> Result<ErasureRecord, Failure> {
        from_json(&self.text)
    }
}

impl CandidateService {
    /// Erases a candidate: closes open instances, then removes what is the person's.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`]; `instance_held` when one is and that
    /// was not confirmed.
    pub async fn erase_candidate(
        &self,
        caller: &Caller,
        task: &TaskId,
        candidate: &CandidateId,
        options: ErasureOptions,
    ) -> Result<ErasureReceipt, Failure> {
        caller.require(Right::Erase)?;
        self.delivery().ensure_deadlines_swept().await?;
        let now = self.now();
        let bearer = ComputePayer::from(caller);
        let (app, caller) = (self.clone(), caller.clone());
        let (task, candidate) = (task.clone(), candidate.clone());
        let write = move |tx: &mut dyn Transaction| {
            task_of(tx, &caller, &task)?;
            let row = storage::candidate::find(tx, &caller.organization, &task, &candidate)?;
            let row = row.ok_or(Failure::NotFound)?;
            let person = row.id.to_string();
            let mut erasing = Erasing::new(&app, &caller, options, now);
            if let Some(receipt) = erasing.stored_receipt(tx, &person)? {
                return Ok(receipt);
            }
            let erased = erasing.erase(tx, row)?;
            erasing.finish(tx, vec![erased], &person, None)
        };
        let receipt = self.write_scored(bearer, write).await?;
        self.remove_erased().await;
        Ok(receipt)
    }

    /// Files go after the transaction. Should that fail, the next tidying does it: the rows say
    /// that it is to be done.
    async fn remove_erased(&self) {
        self.storage().wipe_log();
        if let Err(failure) = self.files().remove_media().await {
            tracing::error!(%failure, "files of an erased person could not be removed yet");
        }
    }

    /// Erases a user of the organization and all that user's candidates, in batches: from the first
    /// one on the user can do nothing any more, and the last one makes the receipt. Asked again
    /// after the server ended in the middle, it goes on.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], also for a key limited to tasks or folders;
    /// [`Failure::NotFound`]; `last_manager`; `instance_held` when an instance is and that was not
    /// confirmed.
    pub async fn erase_user(
        &self,
        caller: &Caller,
        user: &UserId,
        options: ErasureOptions,
    ) -> Result<ErasureReceipt, Failure> {
        caller.require(Right::Erase)?;
        caller.require_unlimited()?;
        self.delivery().ensure_deadlines_swept().await?;
        let act = Act {
            organization: caller.organization.clone(),
            name: format!("erase/{user}/{}", options.token()),
            resumable_seconds: RESUMABLE_SECONDS,
        };
        let (app, caller, user) = (self.clone(), caller.clone(), user.clone());
        let batch =
            move |tx: &mut dyn Transaction, earlier: &Earlier<ErasedBatch>, now: Timestamp| {
                let row = storage::user::find(tx, &caller.organization, &user)?
                    .ok_or(Failure::NotFound)?;
                Erasing::new(&app, &caller, options, now).erase_batch(tx, row, earlier)
            };
        let outcome = self.in_batches(act, batch).await;
        // Also when it stopped in the middle: those before it are erased.
        self.remove_erased().await;
        let receipt = outcome?.pop().and_then(|last| last.receipt);
        receipt.ok_or_else(|| Failure::internal("an erasure has no receipt"))
    }
}

impl ErasureOptions {
    /// Under which its receipt is known.
    const fn token(self) -> &'static str {
        if self.grouping { "with-grouping" } else { "plain" }
    }
}

/// What a batch of a user's candidates came to.
#[derive(Default, Serialize, Deserialize)]
struct ErasedBatch {
    erased: Vec<ErasedCandidate>,
    removed: BTreeMap<String, u64>,
    /// The candidate behind which the next one begins.
    behind: Option<(Timestamp, CandidateId)>,
    receipt_id: String,
    /// With the last one.
    receipt: Option<ErasureReceipt>,
}

/// One erasure at work.
struct Erasing<'a> {
    app: &'a App,
    caller: &'a Caller,
    options: ErasureOptions,
    now: Timestamp,
    receipt_id: String,
    removed: BTreeMap<String, u64>,
}

impl<'a> Erasing<'a> {
    fn new(app: &'a App, caller: &'a Caller, options: ErasureOptions, now: Timestamp) -> Self {
        let receipt_id = format!("Er{}", hex::encode(app.rng().bytes::<12>()));
        Self { app, caller, options, now, receipt_id, removed: BTreeMap::new() }
    }

    /// The receipt when it was done before; an erasure that asks for more than the one before is
    /// done.
    fn stored_receipt(
        &self,
        tx: &mut dyn Transaction,
        person: &str,
    ) -> Result<Option<ErasureReceipt>, Failure> {
        let tokens =
            ["with-grouping", "plain"].into_iter().take(if self.options.grouping { 1 } else { 2 });
        for token in tokens {
            let request = IdempotentRequest {
                organization: &self.caller.organization,
                scope: &scope_of(person),
                token,
            };
            if let Some(receipt) = stored_response(tx, &request)? {
                return Ok(Some(receipt));
            }
        }
        Ok(None)
    }

    /// Makes the receipt and remembers it.
    fn finish(
        &self,
        tx: &mut dyn Transaction,
        erased: Vec<ErasedCandidate>,
        person: &str,
        user: Option<&UserId>,
    ) -> Result<ErasureReceipt, Failure> {
        let receipt = self.receipt(tx, erased, user)?;
        let (organization, scope, token) =
            (&self.caller.organization, &scope_of(person), self.options.token());
        store_response(tx, &IdempotentRequest { organization, scope, token }, &receipt, self.now)?;
        let event = AuditEvent::of_organization(AuditEventKind::PersonErased)
            .about("receiptId", &self.receipt_id);
        let event = match user {
            Some(user) => event.about("userId", user),
            None => event.about("candidateId", person),
        };
        self.app.record_event(tx, self.now, self.caller, event.with("removed", &self.removed))?;
        Ok(receipt)
    }

    /// Erases the next of a user's candidates, and with the last of them the user.
    fn erase_batch(
        mut self,
        tx: &mut dyn Transaction,
        row: UserRow,
        earlier: &Earlier<ErasedBatch>,
    ) -> Result<Batch<ErasedBatch>, Failure> {
        let mut outcome = ErasedBatch::default();
        match &earlier.last {
            Some(last) => {
                self.receipt_id.clone_from(&last.receipt_id);
                outcome.behind.clone_from(&last.behind);
            }
            None => {
                outcome.receipt = self.stored_receipt(tx, row.id.as_str())?;
                if outcome.receipt.is_some() {
                    return Ok(Batch { outcome, is_last: true });
                }
                if !self.options.confirm
                    && storage::erasure::is_user_held(tx, &row.organization_id, &row.id)?
                {
                    return Err(Refusal::InstanceHeld.into());
                }
            }
        }
        let is_last = self.erase_candidates(tx, &row.id, &mut outcome)?;
        if is_last {
            outcome.receipt = Some(self.erase_user(tx, row, earlier, &outcome.erased)?);
        } else if earlier.last.is_none() {
            self.stop_user(tx, row)?;
        }
        outcome.receipt_id = self.receipt_id;
        outcome.removed = self.removed;
        Ok(Batch { outcome, is_last })
    }

    /// True when there are no more.
    fn erase_candidates(
        &mut self,
        tx: &mut dyn Transaction,
        user: &UserId,
        outcome: &mut ErasedBatch,
    ) -> Result<bool, Failure> {
        let (began, most) = (self.app.clock().steady(), self.app.settings().batch_size);
        let (at, id) =
            outcome.behind.clone().unwrap_or_else(|| (Timestamp(i64::MIN), CandidateId::from("")));
        let organization = &self.caller.organization;
        let found =
            storage::candidate::list_by_user_behind(tx, organization, user, (at, &id), most)?;
        let is_end = i64::try_from(found.len()).is_ok_and(|found| found < most);
        let mut candidates = found.into_iter().peekable();
        while let Some(row) = candidates.next() {
            outcome.behind = Some((row.created_at, row.id.clone()));
            outcome.erased.push(self.erase(tx, row)?);
            if candidates.peek().is_some() && self.app.is_batch_over(began) {
                return Ok(false);
            }
        }
        Ok(is_end)
    }

    /// Whoever is being erased does nothing more.
    fn stop_user(&self, tx: &mut dyn Transaction, row: UserRow) -> Result<(), Failure> {
        storage::user::update(tx, &UserRow { active: false, ..row.clone() })?;
        storage::staff_session::end_and_anonymize_all(tx, &row.id, self.now)?;
        let event = AuditEvent::of_organization(AuditEventKind::UserUpdated)
            .about("userId", &row.id)
            .with("fields", ["active"]);
        self.app.record_event(tx, self.now, self.caller, event)?;
        crate::users::require_active_manager(tx, &row)
    }

    /// Empties the user, and makes a receipt of all batches.
    fn erase_user(
        &mut self,
        tx: &mut dyn Transaction,
        row: UserRow,
        earlier: &Earlier<ErasedBatch>,
        last: &[ErasedCandidate],
    ) -> Result<ErasureReceipt, Failure> {
        let mut erased = Vec::new();
        for batch in earlier.all(tx)? {
            erased.extend(batch.erased);
            batch.removed.iter().for_each(|(class, removed)| self.count(class, *removed));
        }
        erased.extend_from_slice(last);
        storage::user::update(tx, &emptied_user(row.clone()))?;
        storage::staff_session::end_and_anonymize_all(tx, &row.id, self.now)?;
        let receipt = self.finish(tx, erased, row.id.as_str(), Some(&row.id))?;
        crate::users::require_active_manager(tx, &row)?;
        Ok(receipt)
    }

    /// All instances are locked before the first change locks the task.
    fn erase(
        &mut self,
        tx: &mut dyn Transaction,
        row: CandidateRow,
    ) -> Result<ErasedCandidate, Failure> {
        let mut instances = Vec::new();
        for instance in storage::instance::list_by_candidate(tx, &row.id)? {
            instances.push(storage::instance::lock(tx, &instance.id)?.ok_or(Failure::NotFound)?);
            let is_held =
                storage::proctoring::find(tx, &instance.id)?.is_some_and(|entry| entry.held);
            if is_held && !self.options.confirm {
                return Err(Refusal::InstanceHeld.into());
            }
        }
        let instance_ids: Vec<InstanceId> =
            instances.iter().map(|instance| instance.id.clone()).collect();
        for instance in instances {
            self.erase_instance(tx, instance)?;
        }
        storage::task::lock(tx, &row.organization_id, &row.task_id)?;
        self.count("messages", storage::outbox::forget(tx, &row.id, self.now)?);
        self.count("mails", storage::mail::forget(tx, &row.id, self.now)?);
        let classes = [
            ("uploads", MediaPurpose::Answer),
            ("evidences", MediaPurpose::Evidence),
            ("identity photos", MediaPurpose::IdentityPhoto),
            ("documents", MediaPurpose::Document),
        ];
        for (class, purpose) in classes {
            self.count(class, storage::media::erase(tx, &row.id, purpose)?);
        }
        self.count("log-in sessions", storage::erasure::sessions(tx, &row.id)?);
        storage::erasure::answers(tx, &row.organization_id, &row.id, &instance_ids)?;
        let erased = ErasedCandidate {
            candidate_id: row.id.clone(),
            instance_ids,
            task_id: row.task_id.clone(),
        };
        self.count("values of candidates", values_of(&row));
        storage::candidate::update(tx, &self.emptied(row))?;
        Ok(erased)
    }

    fn erase_instance(
        &mut self,
        tx: &mut dyn Transaction,
        row: InstanceRow,
    ) -> Result<(), Failure> {
        let mut row = if row.state.is_open() { self.closed(tx, row)? } else { row };
        self.count("responses", storage::answer::erase(tx, &row.id)?);
        self.count("comments", storage::evaluation::erase(tx, &row.id)?);
        self.count("remarks", storage::erasure::remarks(tx, &row.id)?);
        self.count(
            "copied values",
            u64::from(row.external_id.is_some()) + u64::from(row.tags != "{}"),
        );
        row.external_id = None;
        row.tags = "{}".to_owned();
        if self.options.grouping {
            row.group_name = DEFAULT_GROUP.to_owned();
            row.labels = "[]".to_owned();
        }
        row.erased_at = row.erased_at.or(Some(self.now));
        row.change_kind = InstanceChange::Erased;
        let revision = self.app.revise(tx, &mut row, self.now)?;
        let event = AuditEvent::of_instance(AuditEventKind::PersonErased, &row.id)
            .about("receiptId", &self.receipt_id);
        self.app.record_event(
            tx,
            self.now,
            self.caller,
            event.about("taskId", &row.task_id).at_revision(revision),
        )
    }

    fn closed(&self, tx: &mut dyn Transaction, row: InstanceRow) -> Result<InstanceRow, Failure> {
        let mut running = OpenInstance::of(self.app, tx, row)?;
        let completion = running.delivery.force_close(&running.compiled, self.now)?;
        let kind = match completion.closing {
            ClosingReason::ForceClosed => AuditEventKind::InstanceForceClosed,
            ClosingReason::Submitted | ClosingReason::TimeOver | ClosingReason::Terminated => {
                AuditEventKind::InstanceCompleted
            }
        };
        let closed =
            running.close_unconfirmed(self.app, tx, self.now, self.caller, completion, kind)?;
        Ok(closed.row)
    }

    fn emptied(&self, row: CandidateRow) -> CandidateRow {
        let (group_name, labels) = match self.options.grouping {
            true => (DEFAULT_GROUP.to_owned(), "[]".to_owned()),
            false => (row.group_name, row.labels),
        };
        CandidateRow {
            fullname: None,
            email: None,
            uniq_id: None,
            uniq_scope: None,
            credential1: None,
            credential1_exclusive: false,
            credential2_hash: None,
            invitation_code: None,
            external_id: None,
            external_data: None,
            time_factor: "1".to_owned(),
            group_name,
            labels,
            tags: "{}".to_owned(),
            rating: None,
            notes: None,
            extra_emails: "[]".to_owned(),
            callback: None,
            room_form: None,
            step_overrides: "{}".to_owned(),
            erased_at: row.erased_at.or(Some(self.now)),
            ..row
        }
    }

    fn receipt(
        &self,
        tx: &mut dyn Transaction,
        candidates: Vec<ErasedCandidate>,
        user: Option<&UserId>,
    ) -> Result<ErasureReceipt, Failure> {
        let actor = self.caller.actor();
        let by = [actor.kind.as_str(), &actor.id].join(":");
        let record = ErasureRecord {
            candidates,
            erased_at: self.now.seconds(),
            erased_by: by.trim_end_matches(':').to_owned(),
            grouping: self.options.grouping,
            retained: RETAINED.map(str::to_owned).to_vec(),
            organization_id: self.caller.organization.clone(),
            receipt_id: self.receipt_id.clone(),
            removed: self.removed.clone(),
            user_id: user.cloned(),
        };
        let text = to_json(&record)?;
        let key = receipt_key(storage::organization::installation(tx)?.as_ref())?;
        let signature = hex::encode(key.sign(text.as_bytes()).to_bytes());
        Ok(ErasureReceipt {
            text,
            signature,
            public_key: hex::encode(key.verifying_key().to_bytes()),
        })
    }

    fn count(&mut self, class: &str, removed: u64) {
        *self.removed.entry(class.to_owned()).or_default() += removed;
    }
}

/// What its receipts are remembered under.
fn scope_of(person: &str) -> String {
    format!("erase/{person}")
}

/// How many values of a candidate's row an erasure removes.
fn values_of(row: &CandidateRow) -> u64 {
    let optional = [
        &row.fullname,
        &row.email,
        &row.uniq_id,
        &row.credential1,
        &row.credential2_hash,
        &row.invitation_code,
        &row.external_id,
        &row.external_data,
        &row.notes,
        &row.callback,
        &row.room_form,
    ];
    let present = optional.iter().filter(|value| value.is_some()).count();
    let lists = [row.tags != "{}", row.extra_emails != "[]", row.rating.is_some()];
    let filled = lists.iter().filter(|is_filled| **is_filled).count();
    u64::try_from(present + filled).unwrap_or(u64::MAX)
}

/// The name stays unique, and nobody logs in with it any more.
fn emptied_user(row: UserRow) -> UserRow {
    UserRow {
        username: format!("erased-{}", row.id),
        fullname: None,
        email: None,
        group_name: DEFAULT_GROUP.to_owned(),
        labels: "[]".to_owned(),
        tags: "{}".to_owned(),
        active: false,
        password_hash: None,
        ..row
    }
}
