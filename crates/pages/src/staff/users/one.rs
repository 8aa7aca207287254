//! One user.

use super::new::{Secret, entry};
use super::roles::{self, Roles};
use super::{ADDRESS, Area, Frame, Given, Pairs, Staff, Told};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::reply;
use crate::trouble::Trouble;
use app::Failure;
use app::erasure::{Erasure, ErasureReceipt};
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
struct Page {
    frame: Frame,
    told: Told,
    given: Given,
    form: Roles,
    user: UserView,
    address: String,
    since: Moment,
    roles: Vec<&'static str>,
    sessions: Vec<Session>,
    is_own: bool,
    may_erase: bool,
}

struct Session {
    client: String,
    since: Moment,
    seen: Moment,
}

#[derive(Template)]
#[template(path = "staff/users/erased.html")]
struct Erased {
    frame: Frame,
    receipt: ErasureReceipt,
    candidates: usize,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    said: String,
}

/// `GET /staff/users/{user}`.
pub async fn show(
    State(desk): State<Desk>,
    staff: Staff,
    Path(user): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let said = match asked.said.as_str() {
        "saved" => Some("Saved."),
        "roles" => Some("The roles are changed. They hold from the user's next click on."),
        "off" => Some("The user is switched off and signed out everywhere."),
        "on" => Some("The user may sign in again."),
        "ended" => Some("The user is signed out everywhere."),
        _ => None,
    };
    let user = desk.app.user(staff.caller(), &UserId::from(user)).await?;
    let given = filled(&user);
    page(&desk, &staff, user, given, Told::default(), said).await
}

/// `POST /staff/users/{user}/do/update`.
pub async fn update(
    State(desk): State<Desk>,
    staff: Staff,
    Path(user): Path<String>,
    Form(pairs): Pairs,
) -> Result<Response, Trouble> {
    let given = Given(pairs);
    let update = UserUpdate {
        username: Some(given.text("username").trim().to_owned()),
        fullname: Some(given.some("fullname")),
        email: Some(given.some("email")),
        labels: Some(given.list("labels")),
        ..UserUpdate::default()
    };
    changed(&desk, &staff, user, given, update, "saved").await
}

/// `POST /staff/users/{user}/do/roles`.
pub async fn change_roles(
    State(desk): State<Desk>,
    staff: Staff,
    Path(user): Path<String>,
    Form(pairs): Pairs,
) -> Result<Response, Trouble> {
    let given = Given(pairs);
    let (roles, chosen) = (Some(roles::roles(&given)), roles::chosen(&given));
    changed(&desk, &staff, user, given, UserUpdate { roles, chosen, ..UserUpdate::default() }, "roles").await
}

/// `POST /staff/users/{user}/do/switch`: on or off.
pub async fn switch(
    State(desk): State<Desk>,
    staff: Staff,
    Path(user): Path<String>,
    Form(pairs): Pairs,
) -> Result<Response, Trouble> {
    let given = Given(pairs);
    let is_on = given.is("active", "yes");
    let update = UserUpdate { active: Some(is_on), ..UserUpdate::default() };
    changed(&desk, &staff, user, given, update, if is_on { "on" } else { "off" }).await
}

/// `POST /staff/users/{user}/do/password`.
pub async fn reset_password(
    State(desk): State<Desk>,
    staff: Staff,
    Path(user): Path<String>,
) -> Result<Response, Trouble> {
    let user = desk.app.user(staff.caller(), &UserId::from(user)).await?;
    let password = desk.app.set_password(staff.caller(), &user.id, None).await?;
    let onward = format!("{ADDRESS}/{}", user.id);
    let frame = Frame::new(&staff, Area::Users, "New password").under("Users", ADDRESS).under(&user.username, &onward);
    let entry = entry(&desk);
    reply::page(StatusCode::OK, &Secret { frame, username: user.username, password, onward, is_new: false, entry })
}

/// `POST /staff/users/{user}/do/end`.
pub async fn end_sessions(
    State(desk): State<Desk>,
    staff: Staff,
    Path(user): Path<String>,
) -> Result<Response, Trouble> {
    let user = UserId::from(user);
    desk.app.end_user_sessions(staff.caller(), &user).await?;
    Ok(reply::go(&format!("{ADDRESS}/{user}?said=ended")))
}

/// `POST /staff/users/{user}/do/erase`: answers with the receipt.
pub async fn erase(
    State(desk): State<Desk>,
    staff: Staff,
    Path(user): Path<String>,
    Form(pairs): Pairs,
) -> Result<Response, Trouble> {
    let (given, user) = (Given(pairs), UserId::from(user));
    let asked = Erasure { grouping: given.has("grouping"), confirm: given.has("held") };
    match desk.app.erase_user(staff.caller(), &user, asked).await {
        Ok(receipt) => {
            let candidates = receipt.record()?.candidates.len();
            let frame = Frame::new(&staff, Area::Users, "User erased").under("Users", ADDRESS);
            reply::page(StatusCode::OK, &Erased { frame, receipt, candidates })
        }
        Err(failure) => refused(&desk, &staff, user, Given::default(), failure).await,
    }
}

async fn changed(
    desk: &Desk,
    staff: &Staff,
    user: String,
    given: Given,
    update: UserUpdate,
    said: &str,
) -> Result<Response, Trouble> {
    let user = UserId::from(user);
    match desk.app.update_user(staff.caller(), &user, update).await {
        Ok(_) => Ok(reply::go(&format!("{ADDRESS}/{user}?said={said}"))),
        Err(failure) => refused(desk, staff, user, given, failure).await,
    }
}

/// The page again, with what was entered and what is wrong with it.
async fn refused(
    desk: &Desk,
    staff: &Staff,
    user: UserId,
    mut given: Given,
    failure: Failure,
) -> Result<Response, Trouble> {
    let told = match failure {
        Failure::Refused(refused) if refused.code == Refusal::LastManager => {
            let mut told = Told::default();
            told.add("", "One active manager must remain. Make somebody else a manager first.");
            told
        }
        Failure::Refused(refused) if refused.code == Refusal::InstanceHeld => {
            let mut told = Told::default();
            told.add("", "Files of a test are held. Tick that they are to go as well, and erase again.");
            told
        }
        other => roles::gathered(Told::of(other)?, &given),
    };
    let kept = desk.app.user(staff.caller(), &user).await?;
    // The other form of the page shows what is kept.
    let Given(known) = filled(&kept);
    let is_of_roles = given.has("role") || told.at("/roles").is_some();
    let of_roles = |name: &str| ["role", "permission", "tasks", "folders"].contains(&name);
    let was_sent = given.has("username") || is_of_roles;
    let missing = known.into_iter().filter(|(name, _)| !was_sent || of_roles(name) != is_of_roles);
    given.0.extend(missing);
    page(desk, staff, kept, given, told, None).await
}

fn filled(user: &UserView) -> Given {
    let mut given = Given::default();
    given.set("username", user.username.clone());
    given.set("fullname", user.fullname.clone().unwrap_or_default());
    given.set("email", user.email.clone().unwrap_or_default());
    given.set("labels", user.labels.join(", "));
    roles::fill(&mut given, user);
    given
}

async fn page(
    desk: &Desk,
    staff: &Staff,
    user: UserView,
    given: Given,
    told: Told,
    said: Option<&str>,
) -> Result<Response, Trouble> {
    let sessions = desk.app.user_sessions(staff.caller(), &user.id).await?;
    let session = |known: app::staff::SessionView| Session {
        client: known.client,
        since: known.created_at.into(),
        seen: known.seen_at.into(),
    };
    let status = if told.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page {
        frame: Frame::new(staff, Area::Users, user.fullname.as_ref().unwrap_or(&user.username))
            .under("Users", ADDRESS)
            .said(said),
        told,
        form: Roles::of(&given),
        given,
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
