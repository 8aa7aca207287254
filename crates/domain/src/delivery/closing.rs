//! How an instance is closed by somebody, rather than by time (domain rules, 5.8 and 9).

use super::required::Refused;
use super::state::{Completion, Delivery, Phase};
use crate::compile::model::Compiled;
use crate::instance::Closing;
use crate::refusal::Refusal;
use crate::time::Timestamp;

impl Delivery {
    /// The candidate submits. Accepted in the grace of the deadline too, with `completedAt` = the deadline and without
    /// asking for required answers, because then nothing can be done about them.
    ///
    /// # Errors
    /// `instance_complete`; `time_over`; `confirmation_needed` and `required_unanswered` with their slots.
    pub fn complete(
        &mut self,
        compiled: &Compiled,
        confirm: bool,
        satisfied: &dyn Fn(usize) -> bool,
        now: Timestamp,
    ) -> Result<Completion, Refused> {
        if self.phase == Phase::Closed {
            return Err(Refusal::InstanceComplete.into());
        }
        let mut next = self.settled(compiled, now).into_owned();
        if next.phase == Phase::Closed {
            return Err(Refusal::TimeOver.into());
        }
        let ended = next.ended(compiled, now);
        if ended.is_none() {
            next.check_submitting(compiled, confirm, satisfied)?;
        }
        let completion = next.close(ended.unwrap_or(now), Closing::Submitted);
        *self = next;
        Ok(completion)
    }

    /// Staff close an open instance. One that is overdue is completed by time instead.
    ///
    /// # Errors
    /// `instance_complete`.
    pub fn force_close(&mut self, compiled: &Compiled, now: Timestamp) -> Result<Completion, Refusal> {
        self.close_at(compiled, Closing::ForceClosed, now).ok_or(Refusal::InstanceComplete)
    }

    /// Closes the instance because a limit of proctoring was passed at that moment. `None`: it was complete already.
    pub fn terminate(&mut self, compiled: &Compiled, passed_at: Timestamp) -> Option<Completion> {
        self.close_at(compiled, Closing::Terminated, passed_at)
    }

    fn close_at(&mut self, compiled: &Compiled, closing: Closing, at: Timestamp) -> Option<Completion> {
        if self.phase == Phase::Closed {
            return None;
        }
        let overdue = self.advance(compiled, at).completed;
        overdue.or_else(|| {
            let at = self.ended(compiled, at).unwrap_or(at);
            Some(self.close(at, closing))
        })
    }
}
