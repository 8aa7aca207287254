//! Making a user. The password is shown once, on the page that answers.

use super::roles::{self, Roles};
use super::{ADDRESS, Area, Frame, Given, Pairs, Staff, Told};
use crate::desk::Desk;
use crate::reply;
use crate::trouble::Trouble;
use app::users::{NewUser, Role};
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "staff/users/new.html")]
struct Page {
    frame: Frame,
    told: Told,
    given: Given,
    form: Roles,
}

/// A password that is told this once.
#[derive(Template)]
#[template(path = "staff/users/password.html")]
pub struct Secret {
    pub frame: Frame,
    pub username: String,
    pub password: String,
    /// Where to go on.
    pub onward: String,
    pub is_new: bool,
    /// Where the user signs in.
    pub entry: String,
}

/// `GET /staff/users/new`.
pub async fn show(staff: Staff) -> Result<Response, Trouble> {
    staff.caller().require_whole_organization()?;
    let given = Given(vec![("role".to_owned(), Role::Operator.as_str().to_owned())]);
    page(&staff, given, Told::default())
}

/// `POST /staff/users/do/create`.
pub async fn create(State(desk): State<Desk>, staff: Staff, Form(pairs): Pairs) -> Result<Response, Trouble> {
    let given = Given(pairs);
    let new = NewUser {
        username: given.text("username").trim().to_owned(),
        fullname: given.some("fullname"),
        email: given.some("email"),
        roles: roles::roles(&given),
        chosen: roles::chosen(&given),
        ..NewUser::default()
    };
    if new.roles.is_empty() {
        let mut told = Told::default();
        told.add("/roles", "Choose at least one.");
        return page(&staff, given, told);
    }
    let user = match desk.app.create_user(staff.caller(), new).await {
        Ok(user) => user,
        Err(failure) => {
            let told = roles::gathered(Told::of(failure)?, &given);
            return page(&staff, given, told);
        }
    };
    let password = desk.app.set_password(staff.caller(), &user.id, None).await?;
    let secret = Secret {
        frame: Frame::new(&staff, Area::Users, "User created").under("Users", ADDRESS),
        onward: format!("{ADDRESS}/{}", user.id),
        username: user.username,
        password,
        is_new: true,
        entry: entry(&desk),
    };
    reply::page(StatusCode::OK, &secret)
}

/// The address at which users sign in.
pub fn entry(desk: &Desk) -> String {
    format!("{}/staff", desk.app.settings().public_url.trim_end_matches('/'))
}

fn page(staff: &Staff, given: Given, told: Told) -> Result<Response, Trouble> {
    let status = if told.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame = Frame::new(staff, Area::Users, "New user").under("Users", ADDRESS);
    let form = Roles::of(&given);
    reply::page(status, &Page { frame, told, given, form })
}
