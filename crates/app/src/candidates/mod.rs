//! Candidates: one person's registration in one task.

mod check;
mod create;
mod idempotent_create;
mod import;
mod list;
mod preview;
mod remove;
pub mod roster;
pub mod table_limits;
mod update;

pub use create::MOST_AT_ONCE;
pub(crate) use create::distinct;
pub(crate) use create::registration_event;
pub use idempotent_create::{CandidateSerializer, IdempotencyKey, IdempotentResponse};
pub use import::{ImportedCandidates, LeaveOut, LeftOut};
pub use list::CandidateFilter;
pub use preview::TableRow;
pub use update::{CandidateStepUpdate, CandidateUpdate, LabelChange};

use crate::failure::Failure;
use crate::json::from_json;
use crate::services::CandidateService;
use domain::access::settings::{InterfaceLang, StepOverride};
pub use domain::callback::CallbackResource;
use domain::candidate::uniqueness::{UniqIdentity, UniqScope};
use domain::decimal::Decimal;
use domain::id::{CandidateId, OrganizationId, StepId, TaskId, UserId};
use domain::instance::CandidateKind;
use domain::time::{TimeWindow, Timestamp};
use domain::time_factor::TimeFactor;
use std::collections::BTreeMap;
use storage::candidate::CandidateRow;
use uuid::Uuid;

domain::string_enum! {
    /// A currency a price may be in.
    pub enum Currency {
        Usd = "USD",
        Eur = "EUR",
        Try = "TRY",
    }

    /// How a candidate came to be.
    pub enum CandidateSource {
        SelfRegistration = "self-registration",
        PreRegistration = "pre-registration",
    }
}

/// A candidate to be registered. What is absent takes its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCandidate {
    pub person: RegisteredPerson,
    pub group: Option<String>,
    pub labels: Vec<String>,
    pub tags: BTreeMap<String, String>,
    pub external_id: Option<String>,
    /// A JSON object as text, kept for the caller.
    pub external_data: Option<String>,
    pub lang: Option<InterfaceLang>,
    /// Uuids of the task's programs, as sent.
    pub programs: Vec<String>,
    pub extra_emails: Vec<String>,
    pub window: TimeWindow,
    pub price: Option<Price>,
    /// Own dates of steps, in the order sent.
    pub steps: Vec<CandidateStepDates>,
    pub invitation: Option<Invitation>,
    pub callback: Option<CandidateCallback>,
    pub time_factor: TimeFactor,
    /// The name of one of the task's stages.
    pub stage: Option<String>,
    pub notes: Option<String>,
}

/// Whom a registration is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisteredPerson {
    /// Known in this task only.
    Temporary(TemporaryPerson),
    /// A user of the organization.
    User(UserId),
    /// A user whose id could not be read; only for looking for the faults of the rest.
    Unread,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemporaryPerson {
    pub fullname: Option<String>,
    pub email: Option<String>,
    pub credential1: Option<String>,
    pub credential2: Option<String>,
    pub tracking: Option<UniqIdTracking>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqIdTracking {
    pub uniq_id: String,
    pub scope: UniqScope,
}

/// Kept and never charged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    pub amount: Decimal,
    pub currency: Currency,
}

/// A candidate's own dates for one step; what is absent stays the step's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateStepDates {
    pub step: StepId,
    pub after: Option<Timestamp>,
    pub before: Option<Timestamp>,
}

/// An invitation to be sent by e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub template: String,
    pub at: Option<Timestamp>,
}

/// Where events of the candidate's instances are reported to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateCallback {
    pub url: String,
    pub params: BTreeMap<String, String>,
    pub resource: CallbackResource,
}

impl NewCandidate {
    /// A registration with defaults for everything but the person.
    #[must_use]
    pub fn of(person: RegisteredPerson) -> Self {
        Self {
            person,
            group: None,
            labels: Vec::new(),
            tags: BTreeMap::new(),
            external_id: None,
            external_data: None,
            lang: None,
            programs: Vec::new(),
            extra_emails: Vec::new(),
            window: TimeWindow::default(),
            price: None,
            steps: Vec::new(),
            invitation: None,
            callback: None,
            time_factor: TimeFactor::ONE,
            stage: None,
            notes: None,
        }
    }
}

/// A candidate as staff see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateView {
    pub id: CandidateId,
    pub kind: CandidateKind,
    pub user: Option<UserId>,
    pub organization: OrganizationId,
    pub task: TaskId,
    pub logged_in: bool,
    pub fullname: Option<String>,
    pub email: Option<String>,
    pub invitation_code: String,
    /// Absolute; none for kind `user`.
    pub direct_access_url: Option<String>,
    /// `self-registration` or `pre-registration`.
    pub source: String,
    pub active: bool,
    pub window: TimeWindow,
    pub group: String,
    pub tags: BTreeMap<String, String>,
    pub labels: Vec<String>,
    pub rating: Option<i64>,
    pub stage: Option<String>,
    pub programs: Vec<Uuid>,
    pub time_factor: TimeFactor,
    pub notes: Option<String>,
    pub steps: BTreeMap<StepId, StepOverride>,
}

impl CandidateService {
    pub(crate) fn candidate_view(&self, row: CandidateRow) -> Result<CandidateView, Failure> {
        let code = row.invitation_code.ok_or(Failure::NotFound)?;
        let is_temporary = row.kind == CandidateKind::Temp;
        Ok(CandidateView {
            direct_access_url: is_temporary
                .then(|| format!("{}/enter/{code}", self.settings().public_url)),
            tags: from_json(&row.tags)?,
            labels: from_json(&row.labels)?,
            programs: from_json(&row.programs)?,
            steps: from_json(&row.step_overrides)?,
            time_factor: TimeFactor::parse(&row.time_factor).map_err(Failure::internal)?,
            window: TimeWindow { after: row.active_after, before: row.active_before },
            id: row.id,
            kind: row.kind,
            user: row.user_id,
            organization: row.organization_id,
            task: row.task_id,
            logged_in: row.logged_in,
            fullname: row.fullname,
            email: row.email,
            invitation_code: code,
            source: row.source,
            active: row.active,
            group: row.group_name,
            rating: row.rating,
            stage: row.stage,
            notes: row.notes,
        })
    }
}

/// A callback as it is kept in a candidate's row.
#[derive(serde::Deserialize)]
pub(crate) struct StoredCallback<'text> {
    pub url: String,
    /// A JSON object.
    #[serde(borrow)]
    pub params: &'text serde_json::value::RawValue,
    pub resource: CallbackResource,
}

/// What the uniqueness rule asks of a kept candidate.
fn tracked(row: &CandidateRow) -> Result<UniqIdentity, Failure> {
    Ok(UniqIdentity {
        uniq_id: row.uniq_id.clone(),
        group: row.group_name.clone(),
        labels: from_json(&row.labels)?,
        programs: from_json(&row.programs)?,
    })
}

fn scope_of(row: &CandidateRow) -> UniqScope {
    row.uniq_scope.as_deref().and_then(UniqScope::parse).unwrap_or(UniqScope::Task)
}
