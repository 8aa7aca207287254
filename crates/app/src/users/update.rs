//! Changing users: who they are, what they may do, and whether they may come in at all.

use super::{JokerPermissions, Role, UserView, check_forms_of, joker_permissions};
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use crate::services::UserService;
use crate::unit_of_work::UnitOfWork;
use crate::validation::FieldValidator;
use domain::fault::ErrorCode;
use domain::id::{OrganizationId, UserId};
use domain::json::JsonPointer;
use domain::refusal::Refusal;
use domain::role::Permission;
use domain::user_name;
use std::collections::BTreeMap;
use storage::Transaction;
use storage::user::UserRow;

/// What changes of a user; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserUpdate {
    pub username: Option<String>,
    /// Some of none removes it.
    pub fullname: Option<Option<String>>,
    pub email: Option<Option<String>>,
    pub folder: Option<String>,
    pub group: Option<String>,
    pub labels: Option<Vec<String>>,
    pub tags: Option<BTreeMap<String, String>>,
    pub favorite: Option<bool>,
    pub active: Option<bool>,
    pub roles: Option<Vec<Role>>,
    /// What a joker may do, and where.
    pub chosen: Option<JokerPermissions>,
}

impl UserService {
    /// Changes a user. Other roles hold from the user's next request on; whoever is switched off is
    /// out at once.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `manage` over the whole organization;
    /// [`Failure::NotFound`]; faults; `last_manager` when no active manager would remain.
    pub async fn update_user(
        &self,
        caller: &Caller,
        user: &UserId,
        update: UserUpdate,
    ) -> Result<UserView, Failure> {
        caller.require_whole_organization()?;
        let user = user.clone();
        self.write_for(caller, move |work| {
            let before =
                storage::user::find(work.tx, work.organization, &user)?.ok_or(Failure::NotFound)?;
            let after = updated(before.clone(), &update)?;
            check(work.tx, &before, &after)?;
            if after != before {
                storage::user::update(work.tx, &after)?;
                record_changes(work, &before, &after)?;
                require_active_manager(work.tx, &before)?;
            }
            UserView::of(after)
        })
        .await
    }
}

fn record_changes(
    work: &mut UnitOfWork<'_>,
    before: &UserRow,
    after: &UserRow,
) -> Result<(), Failure> {
    if before.active && !after.active {
        storage::staff_session::end_all(work.tx, &after.id, None, work.now)?;
        work.record_event(
            AuditEvent::of_organization(AuditEventKind::UserDeactivated).about("userId", &after.id),
        )?;
    }
    let has_changed =
        (&before.roles, &before.chosen_permissions) != (&after.roles, &after.chosen_permissions);
    if has_changed {
        work.record_event(roles_changed(before, after)?)?;
    }
    let fields = changed_fields(before, after);
    if fields.is_empty() {
        return Ok(());
    }
    let event = AuditEvent::of_organization(AuditEventKind::UserUpdated)
        .about("userId", &after.id)
        .with("fields", fields);
    work.record_event(event)
}

/// Refuses what left no active manager where there was one. To be asked after the change and its
/// event: the event holds the organization's turn, so of two managers that go at once the second
/// one sees the first one gone.
///
/// # Errors
/// `last_manager`.
pub(crate) fn require_active_manager(
    tx: &mut dyn Transaction,
    before: &UserRow,
) -> Result<(), Failure> {
    let was_manager =
        before.active && from_json::<Vec<Role>>(&before.roles)?.contains(&Role::Manager);
    if was_manager && storage::user::count_managers(tx, &before.organization_id)? == 0 {
        return Err(Refusal::LastManager.into());
    }
    Ok(())
}

fn updated(before: UserRow, update: &UserUpdate) -> Result<UserRow, Failure> {
    let json =
        |list: &Option<Vec<String>>, stored: String| list.as_ref().map_or(Ok(stored), to_json);
    let roles = match &update.roles {
        Some(roles) => without_repeats(roles),
        None => from_json(&before.roles)?,
    };
    let chosen = match &update.chosen {
        Some(chosen) => Some(to_json(chosen)?),
        None => before.chosen_permissions,
    };
    Ok(UserRow {
        username: update.username.clone().unwrap_or(before.username),
        fullname: update.fullname.clone().unwrap_or(before.fullname),
        email: update.email.clone().unwrap_or(before.email),
        folder: update.folder.clone().unwrap_or(before.folder),
        group_name: update.group.clone().unwrap_or(before.group_name),
        labels: json(&update.labels, before.labels)?,
        tags: update.tags.as_ref().map_or(Ok(before.tags), to_json)?,
        favorite: update.favorite.unwrap_or(before.favorite),
        active: update.active.unwrap_or(before.active),
        roles: to_json(&roles)?,
        // Kept for jokers only: what somebody else once might have done is of no use.
        chosen_permissions: chosen.filter(|_| roles.contains(&Role::Joker)),
        ..before
    })
}

fn without_repeats(roles: &[Role]) -> Vec<Role> {
    Role::ALL.iter().copied().filter(|role| roles.contains(role)).collect()
}

/// A new name: one that cannot be taken for another, and that nobody has.
pub(super) fn check_username(
    tx: &mut dyn Transaction,
    checks: &mut FieldValidator,
    organization: &OrganizationId,
    name: &str,
) -> Result<(), Failure> {
    if let Some(should) = user_name::validation_error(name) {
        checks.refuse(checks.at("username"), ErrorCode::InvalidFormat, should);
    }
    for taken in std::iter::once(name.to_owned()).chain(user_name::latin_look_alike(name)) {
        if storage::user::find_by_name(tx, organization, &taken)?.is_some() {
            let should = "must not be, or look like, the name of another user";
            checks.refuse(checks.at("username"), ErrorCode::ConflictingValues, should);
        }
    }
    Ok(())
}

fn check(tx: &mut dyn Transaction, before: &UserRow, after: &UserRow) -> Result<(), Failure> {
    let view = UserView::of(after.clone())?;
    let mut checks = check_forms_of(&view);
    if after.username != before.username {
        check_username(tx, &mut checks, &after.organization_id, &after.username)?;
    }
    check_roles(&mut checks, &view.roles, &joker_permissions(after)?);
    check_joker_limits(tx, &mut checks, &after.organization_id, &joker_permissions(after)?)?;
    checks.finish()
}

/// Permissions of several roles add up, and whatever another role permits, it permits everywhere:
/// the limits of a joker would be lost beside it.
pub(super) fn check_roles(checks: &mut FieldValidator, roles: &[Role], chosen: &JokerPermissions) {
    if roles.is_empty() {
        checks.refuse(checks.at("roles"), ErrorCode::InvalidLength, "must name at least one role");
    }
    let is_limited = chosen.tasks.is_some() || chosen.folders.is_some();
    let has_another = roles.iter().any(|role| role.is_staff() && *role != Role::Joker);
    if roles.contains(&Role::Joker) && is_limited && has_another {
        let should = "must not name another role of staff beside a JOKER that is limited to tasks or folders";
        checks.refuse(checks.at("roles"), ErrorCode::ConflictingValues, should);
    }
    for (index, permission) in chosen.permissions.iter().enumerate() {
        if !permission.may_be_chosen() {
            let at = checks.at("chosen/permissions").at(index);
            checks.refuse(at, ErrorCode::InvalidEnum, "must be a permission that a JOKER may have");
        }
    }
}

pub(super) fn check_joker_limits(
    tx: &mut dyn Transaction,
    checks: &mut FieldValidator,
    organization: &OrganizationId,
    chosen: &JokerPermissions,
) -> Result<(), Failure> {
    for (index, task) in chosen.tasks.iter().flatten().enumerate() {
        if storage::task::find(tx, organization, task)?.is_none() {
            let at = checks.at("chosen/tasks").at(index);
            checks.refuse(at, ErrorCode::UnknownReference, "must be the id of a task");
        }
    }
    for (name, is_empty) in [
        ("tasks", chosen.tasks.as_ref().is_some_and(Vec::is_empty)),
        ("folders", chosen.folders.as_ref().is_some_and(Vec::is_empty)),
    ] {
        if is_empty {
            let at: JsonPointer = checks.at("chosen").at(name);
            checks.refuse(at, ErrorCode::InvalidLength, "must name at least one, or be absent");
        }
    }
    Ok(())
}

fn roles_changed(before: &UserRow, after: &UserRow) -> Result<AuditEvent, Failure> {
    let permissions = |row: &UserRow| -> Result<Vec<Permission>, Failure> {
        Ok(joker_permissions(row)?.permissions)
    };
    let (was, is): (Vec<Role>, Vec<Role>) = (from_json(&before.roles)?, from_json(&after.roles)?);
    let event =
        AuditEvent::of_organization(AuditEventKind::UserRolesChanged).about("userId", &after.id);
    let event = event.with("before", was).with("after", is);
    Ok(event
        .with("permissionsBefore", permissions(before)?)
        .with("permissionsAfter", permissions(after)?))
}

fn changed_fields(before: &UserRow, after: &UserRow) -> Vec<&'static str> {
    let all = [
        ("username", before.username != after.username),
        ("fullname", before.fullname != after.fullname),
        ("email", before.email != after.email),
        ("folder", before.folder != after.folder),
        ("group", before.group_name != after.group_name),
        ("labels", before.labels != after.labels),
        ("tags", before.tags != after.tags),
        ("favorite", before.favorite != after.favorite),
        ("active", !before.active && after.active),
    ];
    all.into_iter().filter(|(_, has_changed)| *has_changed).map(|(name, _)| name).collect()
}
