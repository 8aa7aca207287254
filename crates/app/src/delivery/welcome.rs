//! What a task tells before and after the log-in.

use super::candidate_session::load_session;
use crate::caller::CandidateSession;
use crate::failure::Failure;
use crate::json::from_json;
use crate::organization_view::{OrganizationProfile, load_profile};
use crate::services::DeliveryService;
use domain::access::form::{AccessForm, AccessFormField};
use domain::id::{CandidateId, TaskId};
use domain::instance::AccessMethod;
use storage::Transaction;
use storage::task::TaskRow;

/// What anybody with a task's link may know.
#[derive(Clone, Debug)]
pub struct WelcomeView {
    pub task: TaskId,
    pub title: String,
    pub access_method: AccessMethod,
    pub lang: String,
    pub asks_form: bool,
    /// Who asks.
    pub organization: OrganizationProfile,
}

/// The candidate and the task, after the log-in.
#[derive(Clone, Debug)]
pub struct CandidateProfile {
    pub candidate: CandidateId,
    pub fullname: Option<String>,
    /// The candidate's own language, or the task's.
    pub lang: String,
    pub welcome: WelcomeView,
    /// The form to fill in before any step starts; empty when there is none or it is filled in.
    pub form: Vec<AccessFormField>,
}

impl DeliveryService {
    /// # Errors
    /// [`Failure::NotFound`].
    pub async fn task_welcome(&self, task: &TaskId) -> Result<WelcomeView, Failure> {
        let task = task.clone();
        let read = move |tx: &mut dyn Transaction| -> Result<WelcomeView, Failure> {
            let task = storage::task::find_public(tx, &task)?.ok_or(Failure::NotFound)?;
            WelcomeView::of(tx, &task)
        };
        self.storage().read(read).await
    }

    /// # Errors
    /// [`Failure::Unauthenticated`].
    pub async fn candidate_profile(
        &self,
        visitor: &CandidateSession,
    ) -> Result<CandidateProfile, Failure> {
        let visitor = visitor.clone();
        let read = move |tx: &mut dyn Transaction| -> Result<CandidateProfile, Failure> {
            let visit = load_session(tx, &visitor)?;
            let candidate = visit.candidate(tx)?;
            let task = storage::task::find(tx, &visit.organization, &visit.task)?
                .ok_or(Failure::NotFound)?;
            let form = match (&task.access_form, &candidate.room_form) {
                (Some(form), None) => from_json::<AccessForm>(form)?.fields,
                _ => Vec::new(),
            };
            let lang = candidate.lang.unwrap_or_else(|| task.lang.clone());
            Ok(CandidateProfile {
                candidate: candidate.id,
                fullname: candidate.fullname,
                lang,
                welcome: WelcomeView::of(tx, &task)?,
                form,
            })
        };
        self.storage().read(read).await
    }
}

impl WelcomeView {
    fn of(tx: &mut dyn Transaction, task: &TaskRow) -> Result<Self, Failure> {
        Ok(Self {
            task: task.id.clone(),
            title: task.title.clone(),
            access_method: task.access_method,
            lang: task.lang.clone(),
            asks_form: task.access_form.is_some(),
            organization: load_profile(tx, &task.organization_id)?,
        })
    }
}
