//! What is known when a candidate asks to start a step, gathered from rows.

use super::attempt_context::step_override;
use crate::failure::Failure;
use crate::json::from_json;
use crate::stored_number::unsigned;
use domain::access::admission::AdmissionFacts;
use domain::access::prerequisite::{CandidateRecord, FinishedAttempt, Prerequisite};
use domain::access::settings::{AccessSwitch, AttemptLimit, StepConduct, StepRules};
use domain::decimal::Decimal;
use domain::id::StepId;
use domain::json::JsonNode;
use domain::media::MediaPurpose;
use domain::time::{TimeWindow, Timestamp};
use std::collections::BTreeMap;
use storage::Transaction;
use storage::candidate::CandidateRow;
use storage::instance::InstanceRow;
use storage::step::StepRow;
use storage::task::TaskRow;

/// A candidate in a task, with all instances.
pub(super) struct CandidateFacts {
    pub task: TaskRow,
    pub candidate: CandidateRow,
    pub instances: Vec<InstanceRow>,
    record: CandidateRecord,
    has_identity_photo: bool,
    /// Names of the documents that are there.
    documents: Vec<String>,
}

/// A step as it is for a candidate.
pub(super) struct StepRequirements {
    rules: StepRules,
    conduct: StepConduct,
}

impl CandidateFacts {
    pub(super) fn load(
        tx: &mut dyn Transaction,
        task: TaskRow,
        candidate: CandidateRow,
    ) -> Result<Self, Failure> {
        let instances = storage::instance::list_by_candidate(tx, &candidate.id)?;
        let record = CandidateRecord {
            stage: candidate.stage.clone(),
            programs: from_json(&candidate.programs)?,
            finished: finished(&instances)?,
        };
        let photos =
            storage::media::list_of_candidate(tx, &candidate.id, MediaPurpose::IdentityPhoto)?;
        let documents =
            storage::media::list_of_candidate(tx, &candidate.id, MediaPurpose::Document)?;
        let documents = documents.into_iter().filter_map(|media| media.name).collect();
        Ok(Self {
            task,
            candidate,
            instances,
            record,
            has_identity_photo: !photos.is_empty(),
            documents,
        })
    }

    pub(super) fn requirements_of(&self, step: &StepRow) -> Result<StepRequirements, Failure> {
        let own = step_override(&self.candidate.step_overrides, &step.id)?;
        let rules = StepRules {
            switch: switch(step.active, step.active_after, step.active_before),
            attempt_limit: AttemptLimit::try_from(step.attempt_limit).map_err(Failure::internal)?,
        };
        Ok(StepRequirements { rules: own.applied_to(rules), conduct: from_json(&step.settings)? })
    }

    pub(super) fn access_facts<'known>(
        &'known self,
        step: &StepId,
        requirements: &'known StepRequirements,
    ) -> AdmissionFacts<'known> {
        let Self { task, candidate, .. } = self;
        AdmissionFacts {
            is_authenticated: true,
            task: switch(task.active, task.active_after, task.active_before),
            candidate: switch(candidate.active, candidate.active_after, candidate.active_before),
            step: requirements.rules,
            open_instance: self
                .of_step(step)
                .find(|instance| instance.state.is_open())
                .map(|open| open.id.clone()),
            lacks_access_form: task.access_form.is_some() && candidate.room_form.is_none(),
            attempts: self.attempts(step),
            prerequisites: requirements.prerequisites(),
            record: &self.record,
            lacks_evidence: self.lacks_photo(requirements)
                || !self.lacking_documents(requirements).is_empty(),
        }
    }

    /// Whether the step asks for an identity photo that is not there.
    pub(super) fn lacks_photo(&self, requirements: &StepRequirements) -> bool {
        requirements.conduct.identity_photo && !self.has_identity_photo
    }

    /// Documents that the step asks for and that are not there.
    pub(super) fn lacking_documents(&self, requirements: &StepRequirements) -> Vec<String> {
        let is_lacking = |name: &&String| !self.documents.contains(name);
        requirements.conduct.documents.iter().filter(is_lacking).cloned().collect()
    }

    /// Instances of the step that are not ignored.
    pub(super) fn attempts(&self, step: &StepId) -> u64 {
        self.of_step(step).filter(|instance| !instance.ignored).map(|_| 1).sum()
    }

    pub(super) fn of_step<'a>(&'a self, step: &'a StepId) -> impl Iterator<Item = &'a InstanceRow> {
        self.instances.iter().filter(move |instance| instance.step_id == *step)
    }
}

impl StepRequirements {
    pub(super) fn conduct(&self) -> &StepConduct {
        &self.conduct
    }

    fn prerequisites(&self) -> &[Prerequisite] {
        &self.conduct.prerequisites
    }

    pub(super) fn attempt_limit(&self) -> i64 {
        self.rules.attempt_limit.into()
    }
}

fn switch(active: bool, after: Option<Timestamp>, before: Option<Timestamp>) -> AccessSwitch {
    AccessSwitch { active, window: TimeWindow { after, before } }
}

fn finished(instances: &[InstanceRow]) -> Result<BTreeMap<StepId, Vec<FinishedAttempt>>, Failure> {
    let mut finished: BTreeMap<StepId, Vec<FinishedAttempt>> = BTreeMap::new();
    for instance in
        instances.iter().filter(|instance| !instance.state.is_open() && !instance.ignored)
    {
        let Some(completed_at) = instance.completed_at else { continue };
        let ratio = ratio(instance).ok_or_else(|| Failure::internal("a result does not read"))?;
        let existing =
            FinishedAttempt { completed_at, ordinal: unsigned(instance.ordinal)?, ratio };
        finished.entry(instance.step_id.clone()).or_default().push(existing);
    }
    Ok(finished)
}

/// The published ratio of the latest version.
fn ratio(instance: &InstanceRow) -> Option<Decimal> {
    let result = JsonNode::parse(instance.result_basic.as_ref()?.as_bytes(), 4).ok()?;
    match result.member("scoreboard")?.member("achievementRatio")? {
        JsonNode::Number(literal) => Decimal::parse(literal),
        _ => None,
    }
}
