//! Moving between pages.

use super::answers::{PreparedWrites, SentWrite, WriteResult};
use super::attempt_context::{AttemptContext, validly_answered};
use super::open_instance::record_page_lock;
use super::published_number;
use super::show::InstanceView;
use crate::App;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::CandidateSession;
use crate::failure::Failure;
use crate::services::DeliveryService;
use domain::id::InstanceId;
use domain::refusal::Refusal;
use domain::time::Timestamp;
use storage::Transaction;

/// What entering a page gave.
#[derive(Clone, Debug)]
pub struct PageEntered {
    /// What became of the writes that rode along.
    pub writes: Vec<WriteResult>,
    pub instance: InstanceView,
}

/// Which page to enter.
#[derive(Clone, Debug)]
pub struct EnterPage {
    /// From 1.
    pub page: u32,
    /// Required questions may stay unanswered where that is only warned of.
    pub confirm: bool,
    /// Applied first, in the same transaction.
    pub writes: Vec<SentWrite>,
}

impl DeliveryService {
    /// The candidate goes to a page. Entering the current one again is harmless. When it is
    /// refused, the writes that rode along are not kept either.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`], also for a page; the switches'
    /// refusals; `instance_complete`, `time_over`, `navigation_not_allowed`, `confirmation_needed`,
    /// `required_unanswered`.
    pub async fn enter_page(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        request: EnterPage,
    ) -> Result<PageEntered, Failure> {
        let now = self.now();
        let EnterPage { page, confirm, writes } = request;
        let writes = PreparedWrites::prepare(self, instance, writes).await?;
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<PageEntered, Failure> {
            let (compiled, slot) = (writes.compiled(), writes.first_slot());
            let mut sitting =
                AttemptContext::load_for(&app, tx, &visitor, &instance, compiled, slot)?;
            sitting.require_active()?;
            let writes = writes.apply(&app, tx, &mut sitting, now)?;
            sitting.go(&app, tx, page, confirm, now)?;
            Ok(PageEntered { writes, instance: InstanceView::of_attempt(&app, tx, &sitting, now)? })
        };
        let entered = self.storage().write(write).await?;
        self.meters().note_saved(&entered.writes);
        Ok(entered)
    }
}

impl AttemptContext {
    /// Lets time pass and records what it locked.
    ///
    /// # Errors
    /// `time_over` when the instance is due: the sweep completes it.
    pub(super) fn let_time_pass(
        &mut self,
        app: &App,
        tx: &mut dyn Transaction,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let advanced = self.delivery.advance(&self.compiled, now);
        if advanced.completed.is_some() {
            return Err(Refusal::TimeOver.into());
        }
        for lock in &advanced.locks {
            record_page_lock(app, tx, now, &self.actor, &self.id, &lock.pages, Some(lock.at))?;
        }
        Ok(!advanced.locks.is_empty())
    }

    fn go(
        &mut self,
        app: &App,
        tx: &mut dyn Transaction,
        page: u32,
        confirm: bool,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let has_locks = self.let_time_pass(app, tx, now)?;
        let answered = validly_answered(tx, &self.id, &self.compiled)?;
        let index = (page as usize).wrapping_sub(1);
        let entered = self.delivery.enter(
            &self.compiled,
            index,
            confirm,
            &|slot| answered.contains(&slot),
            now,
        )?;
        if entered.moved {
            let event = AuditEvent::of_instance(AuditEventKind::InstancePageEntered, &self.id)
                .with("page", published_number(index));
            app.record_event(tx, now, &self.actor, event)?;
            record_page_lock(app, tx, now, &self.actor, &self.id, &entered.locked, None)?;
        }
        if entered.moved || has_locks {
            self.keep_delivery(app, tx)?;
        }
        Ok(())
    }
}
