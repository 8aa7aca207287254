//! Completing: the candidate submits.

use super::answers::{PreparedWrites, SentWrite, WriteResult};
use super::attempt_context::{AttemptContext, validly_answered};
use super::open_instance::OpenInstance;
use super::receipt::SignedReceipt;
use crate::App;
use crate::audit::AuditEventKind;
use crate::caller::CandidateSession;
use crate::compute::ComputePayer;
use crate::failure::{Failure, RefusalDetail};
use crate::idempotency::{IdempotentRequest, store_response, stored_response};
use crate::services::DeliveryService;
use domain::id::InstanceId;
use domain::refusal::Refusal;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use storage::Transaction;

/// How an instance is submitted.
#[derive(Clone, Debug)]
pub struct SubmitRequest {
    /// The same token gives the same receipt.
    pub client_token: String,
    pub confirm: bool,
    /// Files that are still on their way do not become part of it.
    pub without_uploads: bool,
    /// Applied first, in the same transaction.
    pub writes: Vec<SentWrite>,
}

/// A submitted instance.
#[derive(Clone, Debug)]
pub struct SubmittedInstance {
    pub receipt: SignedReceipt,
    /// What became of the writes that rode along; empty when the request is a repeated one.
    pub writes: Vec<WriteResult>,
    /// The words that are due now; none when the instance is open again, so that a repeated request
    /// is early.
    pub closing_text: Option<String>,
}

impl DeliveryService {
    /// Submits an instance: locks everything, computes the result and signs a receipt, in one
    /// transaction. When it is refused, the writes that rode along are not kept either. Switches do
    /// not keep anybody from submitting.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`]; `instance_complete`, `time_over`,
    /// `uploads_under_way`, `confirmation_needed`, `required_unanswered`.
    pub async fn submit_instance(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        request: SubmitRequest,
    ) -> Result<SubmittedInstance, Failure> {
        let now = self.now();
        let SubmitRequest { client_token, confirm, without_uploads, writes } = request;
        let bearer = ComputePayer::Instance(instance.clone());
        let writes = PreparedWrites::prepare(self, instance, writes).await?;
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<SubmittedInstance, Failure> {
            let (compiled, slot) = (writes.compiled(), writes.first_slot());
            let mut sitting =
                AttemptContext::load_for(&app, tx, &visitor, &instance, compiled, slot)?;
            let scope = format!("complete/{instance}");
            let repeatable = IdempotentRequest {
                organization: &sitting.hot.organization_id,
                scope: &scope,
                token: &client_token,
            };
            if let Some(receipt) = stored_response::<StoredReceipt>(tx, &repeatable)? {
                let closing_text =
                    (!sitting.hot.state.is_open()).then(|| sitting.compiled.test.closing.clone());
                return Ok(SubmittedInstance {
                    receipt: receipt.into_signed(&instance)?,
                    writes: Vec::new(),
                    closing_text,
                });
            }
            if !without_uploads {
                app.demand_no_uploads(&instance)?;
            }
            let organization = sitting.hot.organization_id.clone();
            let written = writes.apply(&app, tx, &mut sitting, now)?;
            let closing_text = Some(sitting.compiled.test.closing.clone());
            let receipt = sitting.complete(&app, tx, confirm, now)?;
            let repeatable = IdempotentRequest {
                organization: &organization,
                scope: &scope,
                token: &client_token,
            };
            store_response(tx, &repeatable, &StoredReceipt::from(&receipt), now)?;
            Ok(SubmittedInstance { receipt, writes: written, closing_text })
        };
        let submitted = self.write_scored(bearer, write).await?;
        self.meters().note_saved(&submitted.writes);
        Ok(submitted)
    }
}

impl DeliveryService {
    /// A file that another device is still sending would be lost without a word. Whoever knows of
    /// it may go on.
    fn demand_no_uploads(&self, instance: &InstanceId) -> Result<(), Failure> {
        let slots = self.media().under_way.slots(instance);
        if slots.is_empty() {
            return Ok(());
        }
        Err(Failure::Refused(RefusalDetail {
            code: Refusal::UploadsUnderWay,
            slots,
            retry_after: None,
        }))
    }
}

impl AttemptContext {
    fn complete(
        self,
        app: &App,
        tx: &mut dyn Transaction,
        confirm: bool,
        now: Timestamp,
    ) -> Result<SignedReceipt, Failure> {
        let row = storage::instance::lock(tx, &self.id)?.ok_or(Failure::NotFound)?;
        let mut running = OpenInstance { row, compiled: self.compiled, delivery: self.delivery };
        if running.delivery.is_closed() {
            return Err(Refusal::InstanceComplete.into());
        }
        if running.let_time_pass(app, tx, now, &self.actor)?.is_some() {
            return Err(Refusal::TimeOver.into());
        }
        let answered = validly_answered(tx, &self.id, &running.compiled)?;
        let compiled = running.compiled.clone();
        let completion =
            running.delivery.complete(&compiled, confirm, &|slot| answered.contains(&slot), now)?;
        let candidate = running.row.candidate_id.clone();
        let closed = running.close(
            app,
            tx,
            now,
            &self.actor,
            completion,
            AuditEventKind::InstanceCompleted,
        )?;
        storage::candidate::enter(tx, &candidate, now)?;
        Ok(closed.receipt)
    }
}

/// A receipt as the first answer to a client token.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredReceipt {
    completed_at: Timestamp,
    n: u64,
    digest: String,
    signature: String,
    public_key: String,
}

impl From<&SignedReceipt> for StoredReceipt {
    fn from(receipt: &SignedReceipt) -> Self {
        Self {
            completed_at: receipt.completed_at,
            n: receipt.n,
            digest: hex::encode(receipt.digest),
            signature: hex::encode(receipt.signature),
            public_key: hex::encode(receipt.public_key),
        }
    }
}

impl StoredReceipt {
    fn into_signed(self, instance: &InstanceId) -> Result<SignedReceipt, Failure> {
        Ok(SignedReceipt {
            instance: instance.clone(),
            completed_at: self.completed_at,
            n: self.n,
            digest: bytes(&self.digest)?,
            signature: bytes(&self.signature)?,
            public_key: bytes(&self.public_key)?,
        })
    }
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], Failure> {
    let bytes = hex::decode(text).map_err(Failure::internal)?;
    bytes.try_into().map_err(|_| Failure::internal("a kept receipt does not read"))
}
