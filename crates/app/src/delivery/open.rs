//! Opening an instance: again on another device, or for the first time after reinstating.

use super::attempt_context::AttemptContext;
use super::show::InstanceView;
use crate::App;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::CandidateSession;
use crate::failure::Failure;
use crate::services::DeliveryService;
use domain::id::InstanceId;
use domain::time::Timestamp;
use storage::Transaction;

impl DeliveryService {
    /// Opens an instance. After reinstating, the first time lets its clocks run.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`]; the switches' refusals;
    /// `instance_complete`.
    pub async fn open_instance(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
    ) -> Result<InstanceView, Failure> {
        let now = self.now();
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<InstanceView, Failure> {
            let mut sitting = AttemptContext::load(&app, tx, &visitor, &instance)?;
            sitting.require_active()?;
            sitting.open(&app, tx, now)?;
            InstanceView::of_attempt(&app, tx, &sitting, now)
        };
        self.storage().write(write).await
    }
}

impl AttemptContext {
    /// Opens the instance and keeps what that changed.
    pub(super) fn open(
        &mut self,
        app: &App,
        tx: &mut dyn Transaction,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let clocks_start = self.delivery.open(&self.compiled, now)?;
        let has_locks = self.let_time_pass(app, tx, now)?;
        let event = AuditEvent::of_instance(AuditEventKind::InstanceOpened, &self.id)
            .with("clocksStart", clocks_start);
        app.record_event(tx, now, &self.actor, event)?;
        if clocks_start || has_locks {
            self.keep_delivery(app, tx)?;
        }
        Ok(())
    }
}
