//! Practice mode: a candidate has a kept answer checked while working. Nothing of it counts, and
//! nothing is kept of it beyond an event.

use super::attempt_context::AttemptContext;
use crate::App;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::CandidateSession;
use crate::compute::ComputePayer;
use crate::failure::Failure;
use crate::services::DeliveryService;
use crate::stored_number::unsigned;
use crate::versions::inputs;
use domain::document::key::ElementKey;
use domain::id::InstanceId;
use domain::refusal::Refusal;
use domain::response::{Response, is_valid};
use domain::scoring::correction::corrected_question;
use domain::scoring::feedback::{AnswerOutcome, check, chosen_feedback};
use domain::time::Timestamp;
use storage::Transaction;

/// What a candidate is told of an answer while practising.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedAnswer {
    /// From 1.
    pub slot: u32,
    /// Of the answer that was checked.
    pub seq: u64,
    pub outcome: AnswerOutcome,
    /// Markdown about the question; may be empty.
    pub feedback: String,
    /// Markdown about what was chosen, by the key of the choice.
    pub chosen: Vec<ChoiceFeedback>,
}

/// What is said about a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceFeedback {
    pub choice: ElementKey,
    /// Markdown.
    pub text: String,
    /// Markdown.
    pub feedback: String,
}

impl DeliveryService {
    /// Checks the kept answer of a slot (from 1) in a step for practice. Asking again is allowed.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`], also for a slot; the switches'
    /// refusals; `practice_off`, `instance_complete`, `time_over`, `page_locked` while the clocks
    /// stand still, `nothing_to_check`, `answer_not_valid`, `not_scored_automatically`,
    /// `too_many_checks`.
    pub async fn check_answer(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        slot: u32,
    ) -> Result<CheckedAnswer, Failure> {
        let now = self.now();
        let bearer = ComputePayer::Instance(instance.clone());
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<CheckedAnswer, Failure> {
            let mut sitting = AttemptContext::load_for(&app, tx, &visitor, &instance, None, slot)?;
            sitting.require_active()?;
            sitting.require_practice(tx)?;
            app.admit_check(&instance, now)?;
            sitting.check(&app, tx, slot, now)
        };
        self.write_scored(bearer, write).await
    }
}

impl AttemptContext {
    /// Whatever is asked of a step that is not for practice, nothing is told of its answers.
    fn require_practice(&self, tx: &mut dyn Transaction) -> Result<(), Failure> {
        if !self.conduct(tx)?.practice_mode {
            return Err(Refusal::PracticeOff.into());
        }
        if !self.hot.state.is_open() {
            return Err(Refusal::InstanceComplete.into());
        }
        if self.delivery.is_paused() {
            return Err(Refusal::PageLocked.into());
        }
        Ok(())
    }

    fn check(
        &mut self,
        app: &App,
        tx: &mut dyn Transaction,
        slot: u32,
        now: Timestamp,
    ) -> Result<CheckedAnswer, Failure> {
        if self.let_time_pass(app, tx, now)? {
            self.keep_delivery(app, tx)?;
        }
        let index = (slot as usize).wrapping_sub(1);
        let place = self.compiled.slots.get(index).ok_or(Failure::NotFound)?;
        let lang = self.compiled.test.lang;
        let (_, stored) = std::mem::take(&mut self.beforehand);
        let stored = stored.ok_or(Refusal::NothingToCheck)?;
        let response = stored
            .response
            .as_deref()
            .and_then(|text| Response::parse_stored_response(&place.question, text))
            .ok_or(Refusal::NothingToCheck)?;
        let corrections = storage::correction::list_for_instance(tx, &self.hot.step_id, &self.id)?;
        let corrections =
            corrections.iter().map(inputs::correction).collect::<Result<Vec<_>, _>>()?;
        let (question, is_ignored) = corrected_question(place, &corrections);
        if !is_valid(&question, &response, lang) {
            return Err(Refusal::AnswerNotValid.into());
        }
        let outcome = check(&question, &response, lang)
            .filter(|_| !is_ignored)
            .ok_or(Refusal::NotScoredAutomatically)?;
        let seq = unsigned(stored.seq)?;
        let event = AuditEvent::of_instance(AuditEventKind::AnswerChecked, &self.id)
            .about("taskId", &self.hot.task_id);
        app.record_event(tx, now, &self.actor, event.with("slot", slot).with("seq", seq))?;
        let feedback = question.feedback.clone();
        let chosen = choice_feedback(&question, Some(&response));
        Ok(CheckedAnswer { slot, seq, outcome, feedback, chosen })
    }
}

/// What the question says about the choices that were selected.
pub(super) fn choice_feedback(
    question: &domain::document::model::Question,
    response: Option<&Response>,
) -> Vec<ChoiceFeedback> {
    let said = chosen_feedback(question, response);
    said.into_iter()
        .map(|choice| ChoiceFeedback {
            choice: choice.key.clone(),
            text: choice.text.clone(),
            feedback: choice.feedback.clone(),
        })
        .collect()
}
