//! Users of an organization: kept here so that they can be registered in tasks.

mod permissions;
mod update;

pub use permissions::JokerPermissions;
pub(crate) use permissions::joker_permissions;
pub use update::UserUpdate;
pub(crate) use update::require_active_manager;

use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use crate::services::UserService;
use crate::stored_number::unsigned;
use crate::unit_of_work::UnitOfWork;
use crate::validation::{FieldValidator, LONGEST_TEXT};
use domain::id::{OrganizationId, UserId};
use domain::json::JsonPointer;
use domain::time::Timestamp;
use std::collections::BTreeMap;
use storage::user::UserRow;

pub use domain::role::{Right, Role};

/// The group of everybody who was given none.
pub const DEFAULT_GROUP: &str = "default";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewUser {
    /// Unique in the organization.
    pub username: String,
    pub fullname: Option<String>,
    pub email: Option<String>,
    pub folder: Option<String>,
    pub group: Option<String>,
    pub labels: Vec<String>,
    pub tags: BTreeMap<String, String>,
    /// None is `USER`.
    pub roles: Vec<Role>,
    /// What a joker may do, and where.
    pub chosen: Option<JokerPermissions>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserView {
    pub id: UserId,
    pub organization: OrganizationId,
    pub created_at: Timestamp,
    pub username: String,
    pub fullname: Option<String>,
    pub email: Option<String>,
    pub folder: String,
    pub group: String,
    pub labels: Vec<String>,
    pub tags: BTreeMap<String, String>,
    pub favorite: bool,
    pub active: bool,
    pub roles: Vec<Role>,
    /// What a joker may do, and where.
    pub chosen: Option<JokerPermissions>,
    /// Without one nobody signs in.
    pub has_password: bool,
}

impl UserView {
    pub(crate) fn of(row: UserRow) -> Result<Self, Failure> {
        Ok(Self {
            labels: from_json(&row.labels)?,
            tags: from_json(&row.tags)?,
            roles: from_json(&row.roles)?,
            chosen: row.chosen_permissions.as_deref().map(from_json).transpose()?,
            has_password: row.password_hash.is_some(),
            id: row.id,
            organization: row.organization_id,
            created_at: row.created_at,
            username: row.username,
            fullname: row.fullname,
            email: row.email,
            folder: row.folder,
            group: row.group_name,
            favorite: row.favorite,
            active: row.active,
        })
    }
}

impl UserService {
    /// Makes a user, active, without a password.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `manage`; faults, a taken name (`conflicting_values`
    /// at `/username`) among them.
    pub async fn create_user(&self, caller: &Caller, new: NewUser) -> Result<UserView, Failure> {
        caller.require_whole_organization()?;
        check_forms(&new).finish()?;
        self.write_for(caller, move |work| {
            let mut checks = FieldValidator::below(JsonPointer::root());
            update::check_username(work.tx, &mut checks, work.organization, &new.username)?;
            if let Some(chosen) = &new.chosen {
                update::check_joker_limits(work.tx, &mut checks, work.organization, chosen)?;
            }
            checks.finish()?;
            let row = user_row(work, &new)?;
            storage::user::insert(work.tx, &row)?;
            let event = AuditEvent::of_organization(AuditEventKind::UserCreated)
                .about("userId", &row.id)
                .with("roles", &new.roles);
            work.record_event(event)?;
            UserView::of(row)
        })
        .await
    }

    /// Users in creation order and how many there are.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `users:read`.
    pub async fn list_users(
        &self,
        caller: &Caller,
        limit: u32,
        skip: u64,
    ) -> Result<(u64, Vec<UserView>), Failure> {
        caller.require(Right::ReadUsers)?;
        if caller.is_limited() {
            return self
                .filtered_users(caller, crate::user_search::UserFilter::default(), limit, skip)
                .await;
        }
        let skip = i64::try_from(skip).unwrap_or(i64::MAX);
        self.read_for(caller, move |work| {
            let total = unsigned(storage::user::count(work.tx, work.organization)?)?;
            let rows = storage::user::page(work.tx, work.organization, i64::from(limit), skip)?;
            Ok((total, rows.into_iter().map(UserView::of).collect::<Result<_, Failure>>()?))
        })
        .await
    }

    /// One user.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `users:read`; [`Failure::NotFound`].
    pub async fn user(&self, caller: &Caller, user: &UserId) -> Result<UserView, Failure> {
        let user = user.clone();
        self.read_as(caller, Right::ReadUsers, move |work| {
            let row = storage::user::find(work.tx, work.organization, &user)?;
            UserView::of(
                row.filter(|row| work.caller.can_access_folder(&row.folder))
                    .ok_or(Failure::NotFound)?,
            )
        })
        .await
    }
}

fn user_row(work: &mut UnitOfWork<'_>, new: &NewUser) -> Result<UserRow, Failure> {
    let ordinal = storage::organization::next_ordinal(work.tx, work.organization)?
        .ok_or(Failure::NotFound)?;
    let roles: &[Role] = if new.roles.is_empty() { &[Role::User] } else { &new.roles };
    Ok(UserRow {
        id: work.app.new_id(work.now),
        organization_id: work.caller.organization.clone(),
        ordinal,
        username: new.username.clone(),
        fullname: new.fullname.clone(),
        email: new.email.clone(),
        folder: new.folder.clone().unwrap_or_default(),
        group_name: new.group.clone().unwrap_or_else(|| DEFAULT_GROUP.to_owned()),
        labels: to_json(&new.labels)?,
        tags: to_json(&new.tags)?,
        favorite: false,
        active: true,
        roles: to_json(roles)?,
        created_at: work.now,
        password_hash: None,
        chosen_permissions: match &new.chosen {
            Some(chosen) if roles.contains(&Role::Joker) => Some(to_json(chosen)?),
            _ => None,
        },
    })
}

fn check_forms(new: &NewUser) -> FieldValidator {
    let mut checks = FieldValidator::below(JsonPointer::root());
    checks.text(checks.at("username"), &new.username, 1, LONGEST_TEXT);
    checks.optional_text("fullname", new.fullname.as_deref());
    if let Some(email) = &new.email {
        checks.email(checks.at("email"), email);
    }
    // The empty name is the default folder.
    checks.optional_text("folder", new.folder.as_deref().filter(|folder| !folder.is_empty()));
    checks.optional_text("group", new.group.as_deref());
    checks.texts(&checks.at("labels"), &new.labels);
    checks.tags(&checks.at("tags"), &new.tags);
    let roles: &[Role] = if new.roles.is_empty() { &[Role::User] } else { &new.roles };
    update::check_roles(
        &mut checks,
        roles,
        new.chosen.as_ref().unwrap_or(&JokerPermissions::default()),
    );
    checks
}

/// The same of a user as it would be after a change.
fn check_forms_of(view: &UserView) -> FieldValidator {
    let named = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    check_forms(&NewUser {
        username: view.username.clone(),
        fullname: view.fullname.clone(),
        email: view.email.clone(),
        folder: named(&view.folder),
        group: Some(view.group.clone()),
        labels: view.labels.clone(),
        tags: view.tags.clone(),
        roles: vec![Role::User],
        chosen: None,
    })
}
