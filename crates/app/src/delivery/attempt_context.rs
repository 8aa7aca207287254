//! A candidate at an instance: what answering and moving need, read with one query and the session.

use super::candidate_session::load_session;
use crate::App;
use crate::audit::ActorContext;
use crate::caller::CandidateSession;
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use crate::versions::{compile_inputs, inputs};
use domain::access::admission;
use domain::access::settings::{AccessSwitch, StepOverride, StepRules};
use domain::compile::model::CompiledTest;
use domain::delivery::state::DeliveryState;
use domain::id::{InstanceId, StepId};
use domain::response::is_valid;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use storage::Transaction;
use storage::answer::ReceiptRow;
use storage::instance::InstanceForSave;

/// A candidate at one of the own instances, whose row is locked.
pub(super) struct AttemptContext {
    pub id: InstanceId,
    pub hot: InstanceForSave,
    pub compiled: Arc<CompiledTest>,
    pub delivery: DeliveryState,
    pub actor: ActorContext,
    /// A slot and the receipt that counted for it when the instance was read.
    pub beforehand: (u32, Option<ReceiptRow>),
}

impl AttemptContext {
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`] for another person's instance or an
    /// erased one.
    pub(super) fn load(
        app: &App,
        tx: &mut dyn Transaction,
        visitor: &CandidateSession,
        instance: &InstanceId,
    ) -> Result<Self, Failure> {
        Self::load_for(app, tx, visitor, instance, None, 0)
    }

    /// As [`AttemptContext::load`], with the compiled test of this instance if it is at hand, as it
    /// never changes; and with what is kept for a slot.
    pub(super) fn load_for(
        app: &App,
        tx: &mut dyn Transaction,
        visitor: &CandidateSession,
        instance: &InstanceId,
        at_hand: Option<&Arc<CompiledTest>>,
        slot: u32,
    ) -> Result<Self, Failure> {
        let found = storage::instance::load_for_save_by_session(
            tx,
            &visitor.token_hash,
            instance,
            slot.into(),
        )?;
        let Some((hot, stored)) = found.filter(|(hot, _)| hot.erased_at.is_none()) else {
            // Whoever has no session is not told whether there is such an instance.
            load_session(tx, visitor)?;
            return Err(Failure::NotFound);
        };
        let compiled = match at_hand {
            Some(compiled) => compiled.clone(),
            None => {
                let recipe = compile_inputs(&hot.document_digest, &hot.seed, &hot.time_factor)?;
                app.compiled_cache().for_instance(tx, instance, &recipe)?
            }
        };
        let delivery = from_json(&hot.delivery)?;
        let doer = visitor.actor_context(hot.organization_id.clone(), &hot.candidate_id);
        Ok(Self {
            id: instance.clone(),
            hot,
            compiled,
            delivery,
            actor: doer,
            beforehand: (slot, stored),
        })
    }

    /// Demands that task, candidate and step are switched on.
    ///
    /// # Errors
    /// `task_inactive`, `candidate_inactive`, `step_inactive`.
    pub(super) fn require_active(&self) -> Result<(), Failure> {
        let switch = |active: bool| AccessSwitch { active, ..AccessSwitch::default() };
        let own = step_override(&self.hot.step_overrides, &self.hot.step_id)?;
        let step = StepRules { switch: switch(self.hot.step_active), ..StepRules::default() };
        let (task, candidate) = (switch(self.hot.task_active), switch(self.hot.candidate_active));
        Ok(admission::check_switches(&task, &candidate, &own.applied_to(step).switch)?)
    }

    /// Writes the delivery state with its next deadline. No revision.
    pub(super) fn keep_delivery(
        &mut self,
        app: &App,
        tx: &mut dyn Transaction,
    ) -> Result<(), Failure> {
        self.hot.due_at = self.delivery.due_at(&self.compiled);
        self.hot.delivery = to_json(&self.delivery)?;
        app.deadlines().note(self.hot.due_at);
        Ok(storage::instance::set_delivery(tx, &self.id, &self.hot.delivery, self.hot.due_at)?)
    }
}

/// The slots (index from 0) with a valid answer, of those that a required question could ask about:
/// none are read when no question is required.
pub(super) fn validly_answered(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    compiled: &CompiledTest,
) -> Result<BTreeSet<usize>, Failure> {
    if !compiled.slots.iter().any(|slot| slot.required) {
        return Ok(BTreeSet::new());
    }
    let answers = inputs::load_answers(tx, instance, compiled)?;
    let valid = answers.iter().map(|(slot, answer)| (*slot as usize - 1, answer));
    Ok(valid
        .filter(|(slot, answer)| {
            is_valid(&compiled.slots[*slot].question, &answer.response, compiled.test.lang)
        })
        .map(|(slot, _)| slot)
        .collect())
}

/// What is a candidate's own in a step.
pub(super) fn step_override(overrides: &str, step: &StepId) -> Result<StepOverride, Failure> {
    if overrides == "{}" {
        return Ok(StepOverride::default());
    }
    let mut all: BTreeMap<StepId, StepOverride> = from_json(overrides)?;
    Ok(all.remove(step).unwrap_or_default())
}
