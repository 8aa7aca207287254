//! What a candidate may read before starting a step: reading costs no time.

use super::candidate_facts::CandidateFacts;
use super::candidate_session::load_session;
use super::steps::{CandidateStepView, step_view};
use crate::caller::CandidateSession;
use crate::failure::Failure;
use crate::services::DeliveryService;
use domain::access::settings::StepConduct;
use domain::document::model::Test;
use domain::id::StepId;
use domain::time_factor::TimeFactor;
use std::sync::Arc;
use storage::Transaction;
use storage::task::TaskRow;

/// A step with the test it would start now.
#[derive(Clone, Debug)]
pub struct StepBrief {
    pub step: CandidateStepView,
    /// As authored. Of this only title, kind, language, instructions, limits and titles of sections
    /// are for candidates.
    pub test: Arc<Test>,
    /// Seconds with the candidate's time factor applied; 0 is none.
    pub time_limit: u32,
    /// What is recorded, and whether it is taken in full screen.
    pub conduct: StepConduct,
    /// An identity photo has to be taken first.
    pub lacks_photo: bool,
    /// Documents that have to be handed in first.
    pub lacking_documents: Vec<String>,
    pub retention: RetentionNotice,
}

/// For how long what is recorded of a candidate is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionNotice {
    /// Days after completion at which recordings, identity photos and documents are deleted.
    pub recording_days: u32,
    /// Days after the last activity at which the candidate is erased with everything; none is never.
    pub erase_after_days: Option<u32>,
}

impl RetentionNotice {
    pub(super) fn load(tx: &mut dyn Transaction, task: &TaskRow) -> Result<Self, Failure> {
        let number = |days: i64| u32::try_from(days).map_err(Failure::internal);
        Ok(Self {
            recording_days: number(storage::media::days(tx, &task.organization_id)?)?,
            erase_after_days: storage::retention::days(tx, &task.id)?.map(number).transpose()?,
        })
    }
}

impl DeliveryService {
    /// A step of the candidate's task before it is started, or while it is under way.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`].
    pub async fn step_brief(
        &self,
        visitor: &CandidateSession,
        step: &StepId,
    ) -> Result<StepBrief, Failure> {
        self.ensure_deadlines_swept().await?;
        let now = self.now();
        let (app, visitor, step) = (self.clone(), visitor.clone(), step.clone());
        let read = move |tx: &mut dyn Transaction| -> Result<StepBrief, Failure> {
            let visit = load_session(tx, &visitor)?;
            let candidate = visit.candidate(tx)?;
            let factor = TimeFactor::parse(&candidate.time_factor).map_err(Failure::internal)?;
            let task = storage::task::find(tx, &visit.organization, &visit.task)?
                .ok_or(Failure::NotFound)?;
            let step = storage::step::find(tx, &visit.organization, &visit.task, &step)?
                .ok_or(Failure::NotFound)?;
            let test = storage::test::find(tx, &step.organization_id, &step.test_id)?
                .ok_or(Failure::NotFound)?;
            let test = app.compiled_cache().document(tx, &test.digest)?;
            let retention = RetentionNotice::load(tx, &task)?;
            let standing = CandidateFacts::load(tx, task, candidate)?;
            let requirements = standing.requirements_of(&step)?;
            let lacking_documents = standing.lacking_documents(&requirements);
            let (lacks_photo, conduct) =
                (standing.lacks_photo(&requirements), requirements.conduct().clone());
            let step = step_view(&standing, &step, now)?;
            let time_limit = factor.scale(test.time_limit);
            Ok(StepBrief {
                step,
                time_limit,
                test,
                conduct,
                lacks_photo,
                lacking_documents,
                retention,
            })
        };
        self.storage().read(read).await
    }
}
