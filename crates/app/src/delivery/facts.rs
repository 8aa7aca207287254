//! What is known when a candidate asks to start a step, gathered from rows.

use super::sitting::step_override;
use crate::failure::Failure;
use crate::json::from_json;
use domain::access::admission::Facts;
use domain::access::prerequisite::{Finished, Prerequisite, Record};
use domain::access::settings::{AttemptLimit, Conduct, StepRules, Switch};
use domain::decimal::Decimal;
use domain::id::StepId;
use domain::json::Node;
use domain::media::Purpose;
use domain::time::{Timestamp, Window};
use std::collections::BTreeMap;
use storage::Transaction;
use storage::candidate::Candidate;
use storage::instance::Instance;
use storage::step::Step;
use storage::task::Task;

/// A candidate in a task, with all instances.
pub(super) struct Standing {
    pub task: Task,
    pub candidate: Candidate,
    pub instances: Vec<Instance>,
    record: Record,
    has_identity_photo: bool,
    /// Names of the documents that are there.
    documents: Vec<String>,
}

/// A step as it is for a candidate.
pub(super) struct Asked {
    rules: StepRules,
    conduct: Conduct,
}

impl Standing {
    pub(super) fn load(tx: &mut dyn Transaction, task: Task, candidate: Candidate) -> Result<Self, Failure> {
        let instances = storage::instance::list_by_candidate(tx, &candidate.id)?;
        let record = Record {
            stage: candidate.stage.clone(),
            programs: from_json(&candidate.programs)?,
            finished: finished(&instances)?,
        };
        let photos = storage::media::list_of_candidate(tx, &candidate.id, Purpose::IdentityPhoto)?;
        let documents = storage::media::list_of_candidate(tx, &candidate.id, Purpose::Document)?;
        let documents = documents.into_iter().filter_map(|media| media.name).collect();
        Ok(Self { task, candidate, instances, record, has_identity_photo: !photos.is_empty(), documents })
    }

    pub(super) fn ask(&self, step: &Step) -> Result<Asked, Failure> {
        let own = step_override(&self.candidate.step_overrides, &step.id)?;
        let rules = StepRules {
            switch: switch(step.active, step.active_after, step.active_before),
            attempt_limit: AttemptLimit::try_from(step.attempt_limit).map_err(Failure::internal)?,
        };
        Ok(Asked { rules: own.applied_to(rules), conduct: from_json(&step.settings)? })
    }

    pub(super) fn facts<'known>(&'known self, step: &StepId, asked: &'known Asked) -> Facts<'known> {
        let Self { task, candidate, .. } = self;
        Facts {
            is_authenticated: true,
            task: switch(task.active, task.active_after, task.active_before),
            candidate: switch(candidate.active, candidate.active_after, candidate.active_before),
            step: asked.rules,
            open_instance: self.of_step(step).find(|instance| instance.state.is_open()).map(|open| open.id.clone()),
            lacks_access_form: task.access_form.is_some() && candidate.room_form.is_none(),
            attempts: self.attempts(step),
            prerequisites: asked.prerequisites(),
            record: &self.record,
            lacks_evidence: self.lacks_photo(asked) || !self.lacking_documents(asked).is_empty(),
        }
    }

    /// Whether the step asks for an identity photo that is not there.
    pub(super) fn lacks_photo(&self, asked: &Asked) -> bool {
        asked.conduct.identity_photo && !self.has_identity_photo
    }

    /// Documents that the step asks for and that are not there.
    pub(super) fn lacking_documents(&self, asked: &Asked) -> Vec<String> {
        let is_lacking = |name: &&String| !self.documents.contains(name);
        asked.conduct.documents.iter().filter(is_lacking).cloned().collect()
    }

    /// Instances of the step that are not ignored.
    pub(super) fn attempts(&self, step: &StepId) -> u64 {
        self.of_step(step).filter(|instance| !instance.ignored).map(|_| 1).sum()
    }

    pub(super) fn of_step<'a>(&'a self, step: &'a StepId) -> impl Iterator<Item = &'a Instance> {
        self.instances.iter().filter(move |instance| instance.step_id == *step)
    }
}

impl Asked {
    pub(super) fn conduct(&self) -> &Conduct {
        &self.conduct
    }

    fn prerequisites(&self) -> &[Prerequisite] {
        &self.conduct.prerequisites
    }

    pub(super) fn attempt_limit(&self) -> i64 {
        self.rules.attempt_limit.into()
    }
}

fn switch(active: bool, after: Option<Timestamp>, before: Option<Timestamp>) -> Switch {
    Switch { active, window: Window { after, before } }
}

fn finished(instances: &[Instance]) -> Result<BTreeMap<StepId, Vec<Finished>>, Failure> {
    let mut finished: BTreeMap<StepId, Vec<Finished>> = BTreeMap::new();
    for instance in instances.iter().filter(|instance| !instance.state.is_open() && !instance.ignored) {
        let Some(completed_at) = instance.completed_at else { continue };
        let ratio = ratio(instance).ok_or_else(|| Failure::internal("a result does not read"))?;
        let known = Finished { completed_at, ordinal: instance.ordinal.unsigned_abs(), ratio };
        finished.entry(instance.step_id.clone()).or_default().push(known);
    }
    Ok(finished)
}

/// The published ratio of the latest version.
fn ratio(instance: &Instance) -> Option<Decimal> {
    let result = Node::parse(instance.result_basic.as_ref()?.as_bytes(), 4).ok()?;
    match result.member("scoreboard")?.member("achievementRatio")? {
        Node::Number(literal) => Decimal::parse(literal),
        _ => None,
    }
}
