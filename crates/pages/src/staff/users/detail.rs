//! One user.

use super::new::{UserPasswordPage, sign_in_url};
use super::roles::{self, RoleFields};
use super::{ADDRESS, UserFormPairs};
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::Failure;
use app::erasure::{ErasureOptions, ErasureReceipt};
use app::users::{UserUpdate, UserView};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::UserId;
use domain::refusal::Refusal;
use domain::role::Permission;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/users/one.html")]
struct UserDetailPage {
    frame: StaffLayout,
    errors: FormErrors,
    values: FormValues,
    form: RoleFields,
    user: UserView,
    address: String,
    since: HtmlTime,
    roles: Vec<&'static str>,
    sessions: Vec<UserSessionRow>,
    is_own: bool,
    may_erase: bool,
}

struct UserSessionRow {
    client: String,
    since: HtmlTime,
    seen: HtmlTime,
}

#[derive(Template)]
#[template(path = "staff/users/erased.html")]
struct UserErasedPage {
    frame: StaffLayout,
    receipt: ErasureReceipt,
    candidates: usize,
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct UserDetailQuery {
    said: String,
}

/// `GET /staff/users/{user}`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(user): Path<String>,
    Query(query): Query<UserDetailQuery>,
) -> Result<Response, PageError> {
    let said = match query.said.as_str() {
        "saved" => Some("Saved."),
        "roles" => Some("Roles saved. They apply from the user's next click."),
        "off" => Some("User deactivated and signed out everywhere."),
        "on" => Some("User activated. The user can sign in again."),
        "ended" => Some("The user has been signed out everywhere."),
        _ => None,
    };
    let user = state.app.users().user(staff.caller(), &UserId::from(user)).await?;
    let values = filled(&user);
    page(&state, &staff, user, values, FormErrors::default(), said).await
}

/// `POST /staff/users/{user}/do/update`.
pub async fn update(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(user): Path<String>,
    Form(pairs): UserFormPairs,
) -> Result<Response, PageError> {
    let values = FormValues(pairs);
    let update = UserUpdate {
        username: Some(values.text("username").trim().to_owned()),
        fullname: Some(values.non_empty("fullname")),
        email: Some(values.non_empty("email")),
        labels: Some(values.list("labels")),
        ..UserUpdate::default()
    };
    changed(&state, &staff, user, values, update, "saved").await
}

/// `POST /staff/users/{user}/do/roles`.
pub async fn change_roles(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(user): Path<String>,
    Form(pairs): UserFormPairs,
) -> Result<Response, PageError> {
    let values = FormValues(pairs);
    let (roles, chosen) = (Some(roles::roles(&values)), roles::read_chosen(&values));
    changed(
        &state,
        &staff,
        user,
        values,
        UserUpdate { roles, chosen, ..UserUpdate::default() },
        "roles",
    )
    .await
}

/// `POST /staff/users/{user}/do/switch`: on or off.
pub async fn set_active(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(user): Path<String>,
    Form(pairs): UserFormPairs,
) -> Result<Response, PageError> {
    let values = FormValues(pairs);
    let is_on = values.is("active", "yes");
    let update = UserUpdate { active: Some(is_on), ..UserUpdate::default() };
    changed(&state, &staff, user, values, update, if is_on { "on" } else { "off" }).await
}

/// `POST /staff/users/{user}/do/password`.
pub async fn reset_password(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(user): Path<String>,
) -> Result<Response, PageError> {
    let user = state.app.users().user(staff.caller(), &UserId::from(user)).await?;
    let password = state.app.staff().set_password(staff.caller(), &user.id, None).await?;
    let onward = format!("{ADDRESS}/{}", user.id);
    let frame = StaffLayout::new(&staff, StaffArea::Users, "New password")
        .with_crumb("Users", ADDRESS)
        .with_crumb(&user.username, &onward);
    let entry = sign_in_url(&state);
    reply::page(
        StatusCode::OK,
        &UserPasswordPage {
            frame,
            username: user.username,
            password,
            onward,
            is_new: false,
            entry,
        },
    )
}

/// `POST /staff/users/{user}/do/end`.
pub async fn end_sessions(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(user): Path<String>,
) -> Result<Response, PageError> {
    let user = UserId::from(user);
    state.app.staff().end_user_sessions(staff.caller(), &user).await?;
    Ok(reply::redirect(&format!("{ADDRESS}/{user}?said=ended")))
}

/// `POST /staff/users/{user}/do/erase`: answers with the receipt.
pub async fn erase(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(user): Path<String>,
    Form(pairs): UserFormPairs,
) -> Result<Response, PageError> {
    let (values, user) = (FormValues(pairs), UserId::from(user));
    let options = ErasureOptions { grouping: values.has("grouping"), confirm: values.has("held") };
    match state.app.candidates().erase_user(staff.caller(), &user, options).await {
        Ok(receipt) => {
            let candidates = receipt.record()?.candidates.len();
            let frame = StaffLayout::new(&staff, StaffArea::Users, "User erased")
                .with_crumb("Users", ADDRESS);
            reply::page(StatusCode::OK, &UserErasedPage { frame, receipt, candidates })
        }
        Err(failure) => refused(&state, &staff, user, FormValues::default(), failure).await,
    }
}

async fn changed(
    state: &PagesState,
    staff: &SignedInStaff,
    user: String,
    values: FormValues,
    update: UserUpdate,
    said: &str,
) -> Result<Response, PageError> {
    let user = UserId::from(user);
    match state.app.users().update_user(staff.caller(), &user, update).await {
        Ok(_) => Ok(reply::redirect(&format!("{ADDRESS}/{user}?said={said}"))),
        Err(failure) => refused(state, staff, user, values, failure).await,
    }
}

/// The page again, with what was entered and what is wrong with it.
async fn refused(
    state: &PagesState,
    staff: &SignedInStaff,
    user: UserId,
    mut values: FormValues,
    failure: Failure,
) -> Result<Response, PageError> {
    let errors = match failure {
        Failure::Refused(refused) if refused.code == Refusal::LastManager => {
            let mut errors = FormErrors::default();
            errors.add(
                "",
                "At least one active manager is needed. Make somebody else a manager first.",
            );
            errors
        }
        Failure::Refused(refused) if refused.code == Refusal::InstanceHeld => {
            let mut errors = FormErrors::default();
            errors.add(
                "",
                "Some files are on hold. Tick \"Also files on hold\" to delete them as well, and erase again.",
            );
            errors
        }
        other => roles::group_list_errors(FormErrors::of(other)?, &values),
    };
    let stored = state.app.users().user(staff.caller(), &user).await?;
    // The other form of the page shows what is kept.
    let FormValues(existing) = filled(&stored);
    let is_of_roles = values.has("role") || errors.at("/roles").is_some();
    let of_roles = |name: &str| ["role", "permission", "tasks", "folders"].contains(&name);
    let was_sent = values.has("username") || is_of_roles;
    let missing =
        existing.into_iter().filter(|(name, _)| !was_sent || of_roles(name) != is_of_roles);
    values.0.extend(missing);
    page(state, staff, stored, values, errors, None).await
}

fn filled(user: &UserView) -> FormValues {
    let mut values = FormValues::default();
    values.set("username", user.username.clone());
    values.set("fullname", user.fullname.clone().unwrap_or_default());
    values.set("email", user.email.clone().unwrap_or_default());
    values.set("labels", user.labels.join(", "));
    roles::fill(&mut values, user);
    values
}

async fn page(
    state: &PagesState,
    staff: &SignedInStaff,
    user: UserView,
    values: FormValues,
    errors: FormErrors,
    said: Option<&str>,
) -> Result<Response, PageError> {
    let sessions = state.app.staff().user_sessions(staff.caller(), &user.id).await?;
    let session = |existing: app::staff::StaffSessionView| UserSessionRow {
        client: existing.client,
        since: existing.created_at.into(),
        seen: existing.seen_at.into(),
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = UserDetailPage {
        frame: StaffLayout::new(
            staff,
            StaffArea::Users,
            user.fullname.as_ref().unwrap_or(&user.username),
        )
        .with_crumb("Users", ADDRESS)
        .with_notice(said),
        errors,
        form: RoleFields::of(&values),
        values,
        address: format!("{ADDRESS}/{}", user.id),
        since: user.created_at.into(),
        roles: user.roles.iter().map(|role| roles::role_name(*role)).collect(),
        sessions: sessions.into_iter().map(session).collect(),
        is_own: staff.0.user.id == user.id,
        may_erase: staff.may(Permission::Erase),
        user,
    };
    reply::page(status, &page)
}
