//! Organizations, the tenants: made by the operator, never over the API.

use crate::audit::{ActorContext, AuditEvent, AuditEventKind};
use crate::caller::{Actor, Caller};
use crate::failure::Failure;
use crate::ports::RngExt;
use crate::services::OrganizationService;
use crate::validation::{FieldValidator, LONGEST_TEXT};
use domain::fault::ErrorCode;
use domain::id::{OrganizationId, TaskId};
use domain::json::JsonPointer;
use domain::proctoring::RETENTION_DAYS;
use domain::role::Right;
use storage::organization::{InstallationRow, OrganizationRow};

/// What is settled for a whole organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationSettings {
    pub organization: OrganizationRow,
    /// Days that recordings, identity photos and documents stay after completion.
    pub evidence_days: i64,
    /// Tasks that do not keep persons for ever.
    pub erasing: Vec<TaskErasureRule>,
}

/// A task that erases candidates some days after their last activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskErasureRule {
    pub task: TaskId,
    pub title: String,
    pub days: i64,
}

impl OrganizationService {
    /// Makes the installation's own row on a new database. Whoever only reads writes nothing.
    pub(crate) async fn ensure_installed(&self) -> Result<(), Failure> {
        if self.storage().read(|tx| storage::organization::installation(tx)).await?.is_some() {
            return Ok(());
        }
        let now = self.now();
        let row = InstallationRow {
            epoch: hex::encode(self.rng().bytes::<16>()),
            receipt_key: self.rng().bytes::<32>().to_vec(),
            created_at: now,
        };
        self.storage()
            .write(move |tx| {
                storage::organization::install(tx, &row)?;
                Ok(())
            })
            .await
    }

    /// Makes an organization.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn create_organization(&self, name: &str) -> Result<OrganizationRow, Failure> {
        let now = self.now();
        let row = OrganizationRow {
            id: self.new_id(now),
            name: name.to_owned(),
            last_ordinal: 0,
            created_at: now,
        };
        let made = row.clone();
        let app = self.clone();
        let write = move |tx: &mut dyn storage::Transaction| -> Result<(), Failure> {
            storage::organization::insert(tx, &row)?;
            let doer = ActorContext {
                organization: row.id.clone(),
                actor: Actor::system(),
                request: None,
            };
            app.record_event(
                tx,
                now,
                &doer,
                AuditEvent::of_organization(AuditEventKind::OrganizationUpdated)
                    .about("organizationId", &row.id),
            )
        };
        self.storage().write(write).await?;
        Ok(made)
    }

    /// All organizations, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list_organizations(&self) -> Result<Vec<OrganizationRow>, Failure> {
        self.storage().read(|tx| Ok(storage::organization::list(tx)?)).await
    }

    /// The organization of this id.
    ///
    /// # Errors
    /// [`Failure::NotFound`] when there is none.
    pub async fn organization(&self, id: &OrganizationId) -> Result<OrganizationRow, Failure> {
        let id = id.clone();
        self.storage()
            .read(move |tx| storage::organization::find(tx, &id)?.ok_or(Failure::NotFound))
            .await
    }

    /// Name and retention of the caller's organization.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`].
    pub async fn organization_settings(
        &self,
        caller: &Caller,
    ) -> Result<OrganizationSettings, Failure> {
        self.read_as(caller, Right::Manage, move |work| {
            let row = storage::organization::find(work.tx, work.organization)?
                .ok_or(Failure::NotFound)?;
            let mut erasing = Vec::new();
            for retention in storage::retention::list(work.tx)?
                .into_iter()
                .filter(|retention| retention.organization == *work.organization)
            {
                if let Some(task) =
                    storage::task::find(work.tx, work.organization, &retention.task)?
                {
                    erasing.push(TaskErasureRule {
                        task: retention.task,
                        title: task.title,
                        days: retention.days,
                    });
                }
            }
            Ok(OrganizationSettings {
                evidence_days: storage::media::days(work.tx, work.organization)?,
                organization: row,
                erasing,
            })
        })
        .await
    }

    /// Changes name and retention of the caller's organization, both or neither.
    ///
    /// # Errors
    /// Faults of `/name` and `/evidenceDays`, all at once; [`Failure::InsufficientScope`] for
    /// whoever does not manage all of the organization.
    pub async fn update_organization(
        &self,
        caller: &Caller,
        name: String,
        evidence_days: i64,
    ) -> Result<(), Failure> {
        caller.require_whole_organization()?;
        let mut checks = FieldValidator::below(JsonPointer::root());
        checks.text(checks.at("name"), &name, 1, LONGEST_TEXT);
        if !RETENTION_DAYS.contains(&evidence_days) {
            checks.refuse(checks.at("evidenceDays"), ErrorCode::OutOfRange, "must be 1 to 3650");
        }
        checks.finish()?;
        self.write_for(caller, move |work| {
            let organization = work.organization;
            let before =
                storage::organization::find(work.tx, organization)?.ok_or(Failure::NotFound)?;
            let mut event = AuditEvent::of_organization(AuditEventKind::OrganizationUpdated)
                .about("organizationId", organization);
            let is_renamed = before.name != name;
            let is_kept_otherwise = storage::media::days(work.tx, organization)? != evidence_days;
            if is_renamed {
                storage::organization::rename(work.tx, organization, &name)?;
                event = event.with("fields", ["name"]);
            }
            if is_kept_otherwise {
                storage::media::set_days(work.tx, organization, evidence_days)?;
                event = event.with("evidenceDays", evidence_days);
            }
            if is_renamed || is_kept_otherwise {
                work.record_event(event)?;
            }
            Ok(())
        })
        .await
    }
}
