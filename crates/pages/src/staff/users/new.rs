//! Making a user. The password is shown once, on the page that answers.

use super::roles::{self, RoleFields};
use super::{ADDRESS, UserFormPairs};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::users::{NewUser, Role};
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "staff/users/new.html")]
struct NewUserPage {
    frame: StaffLayout,
    errors: FormErrors,
    values: FormValues,
    form: RoleFields,
}

/// A password that is told this once.
#[derive(Template)]
#[template(path = "staff/users/password.html")]
pub struct UserPasswordPage {
    pub frame: StaffLayout,
    pub username: String,
    pub password: String,
    /// Where to go on.
    pub onward: String,
    pub is_new: bool,
    /// Where the user signs in.
    pub entry: String,
}

/// `GET /staff/users/new`.
pub async fn show(staff: SignedInStaff) -> Result<Response, PageError> {
    staff.caller().require_whole_organization()?;
    let values = FormValues(vec![("role".to_owned(), Role::Operator.as_str().to_owned())]);
    page(&staff, values, FormErrors::default())
}

/// `POST /staff/users/do/create`.
pub async fn create(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Form(pairs): UserFormPairs,
) -> Result<Response, PageError> {
    let values = FormValues(pairs);
    let new = NewUser {
        username: values.text("username").trim().to_owned(),
        fullname: values.non_empty("fullname"),
        email: values.non_empty("email"),
        roles: roles::roles(&values),
        chosen: roles::read_chosen(&values),
        ..NewUser::default()
    };
    if new.roles.is_empty() {
        let mut errors = FormErrors::default();
        errors.add("/roles", "Choose at least one.");
        return page(&staff, values, errors);
    }
    let user = match state.app.users().create_user(staff.caller(), new).await {
        Ok(user) => user,
        Err(failure) => {
            let errors = roles::group_list_errors(FormErrors::of(failure)?, &values);
            return page(&staff, values, errors);
        }
    };
    let password = state.app.staff().set_password(staff.caller(), &user.id, None).await?;
    let secret = UserPasswordPage {
        frame: StaffLayout::new(&staff, StaffArea::Users, "User created")
            .with_crumb("Users", ADDRESS),
        onward: format!("{ADDRESS}/{}", user.id),
        username: user.username,
        password,
        is_new: true,
        entry: sign_in_url(&state),
    };
    reply::page(StatusCode::OK, &secret)
}

/// The address at which users sign in.
pub fn sign_in_url(state: &PagesState) -> String {
    format!("{}/staff", state.app.settings().public_url.trim_end_matches('/'))
}

fn page(
    staff: &SignedInStaff,
    values: FormValues,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame = StaffLayout::new(staff, StaffArea::Users, "New user").with_crumb("Users", ADDRESS);
    let form = RoleFields::of(&values);
    reply::page(status, &NewUserPage { frame, errors, values, form })
}
