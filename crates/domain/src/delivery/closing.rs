//! How an instance is closed by somebody, rather than by time (domain rules, 5.8 and 9).

use super::required::RefusalWithSlots;
use super::state::{Completion, DeliveryPhase, DeliveryState};
use crate::compile::model::CompiledTest;
use crate::instance::ClosingReason;
use crate::refusal::Refusal;
use crate::time::Timestamp;

impl DeliveryState {
    /// The candidate submits. Accepted in the grace of the deadline too, with `completedAt` = the
    /// deadline and without asking for required answers, because then nothing can be done about
    /// them.
    ///
    /// # Errors
    /// `instance_complete`; `time_over`; `confirmation_needed` and `required_unanswered` with their
    /// slots.
    pub fn complete(
        &mut self,
        compiled: &CompiledTest,
        confirm: bool,
        satisfied: &dyn Fn(usize) -> bool,
        now: Timestamp,
    ) -> Result<Completion, RefusalWithSlots> {
        if self.phase == DeliveryPhase::Closed {
            return Err(Refusal::InstanceComplete.into());
        }
        let mut next = self.projected_to(compiled, now).into_owned();
        if next.phase == DeliveryPhase::Closed {
            return Err(Refusal::TimeOver.into());
        }
        let ended = next.time_over_at(compiled, now);
        if ended.is_none() {
            next.check_submitting(compiled, confirm, satisfied)?;
        }
        let completion = next.close(ended.unwrap_or(now), ClosingReason::Submitted);
        *self = next;
        Ok(completion)
    }

    /// Staff close an open instance. One that is overdue is completed by time instead.
    ///
    /// # Errors
    /// `instance_complete`.
    pub fn force_close(
        &mut self,
        compiled: &CompiledTest,
        now: Timestamp,
    ) -> Result<Completion, Refusal> {
        self.close_at(compiled, ClosingReason::ForceClosed, now).ok_or(Refusal::InstanceComplete)
    }

    /// Closes the instance because a limit of proctoring was passed at that moment. `None`: it was
    /// complete already.
    pub fn terminate(
        &mut self,
        compiled: &CompiledTest,
        passed_at: Timestamp,
    ) -> Option<Completion> {
        self.close_at(compiled, ClosingReason::Terminated, passed_at)
    }

    fn close_at(
        &mut self,
        compiled: &CompiledTest,
        closing: ClosingReason,
        at: Timestamp,
    ) -> Option<Completion> {
        if self.phase == DeliveryPhase::Closed {
            return None;
        }
        let overdue = self.advance(compiled, at).completed;
        overdue.or_else(|| {
            let at = self.time_over_at(compiled, at).unwrap_or(at);
            Some(self.close(at, closing))
        })
    }
}
