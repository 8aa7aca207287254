//! Making a key. Its secret is shown once, on the page that answers.

use super::{ADDRESS, scope_description};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::keys::{CreatedKey, NewKey};
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::instance::Scope;
use domain::role::Right;

#[derive(Template)]
#[template(path = "staff/keys/new.html")]
struct NewApiKeyPage {
    frame: StaffLayout,
    errors: FormErrors,
    values: FormValues,
    scopes: Vec<ScopeChoice>,
}

struct ScopeChoice {
    scope: &'static str,
    about: &'static str,
    is_chosen: bool,
}

/// A secret that is told this once.
#[derive(Template)]
#[template(path = "staff/keys/secret.html")]
pub struct ApiKeySecretPage {
    frame: StaffLayout,
    secret: String,
    organization: String,
    onward: String,
    is_new: bool,
}

impl ApiKeySecretPage {
    /// The only page that ever shows the secret of a new or rotated key.
    pub fn of(staff: &SignedInStaff, created: CreatedKey, is_new: bool) -> Self {
        let title = if is_new { "Key created" } else { "New secret" };
        Self {
            frame: StaffLayout::new(staff, StaffArea::Keys, title).with_crumb("API keys", ADDRESS),
            secret: created.secret,
            organization: created.key.organization_id.to_string(),
            onward: format!("{ADDRESS}/{}", created.key.id),
            is_new,
        }
    }
}

/// `GET /staff/keys/new`.
pub async fn show(staff: SignedInStaff) -> Result<Response, PageError> {
    staff.caller().require(Right::Manage)?;
    page(&staff, FormValues::default(), FormErrors::default())
}

/// `POST /staff/keys/do/create`.
pub async fn create(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let (values, mut errors) = (FormValues(pairs), FormErrors::default());
    let some = |list: Vec<String>| Some(list).filter(|list| !list.is_empty());
    let new = NewKey {
        name: values.text("name").trim().to_owned(),
        scopes: values.all("scope").filter_map(Scope::parse).collect(),
        tasks: some(values.lines("tasks")).map(|tasks| tasks.into_iter().map(Into::into).collect()),
        folders: some(values.lines("folders")),
        expires_at: values.instant("expires", &mut errors, "/expiresAt"),
    };
    if !errors.is_empty() {
        return page(&staff, values, errors);
    }
    match state.app.keys().create_key(staff.caller(), new).await {
        Ok(created) => reply::page(StatusCode::OK, &ApiKeySecretPage::of(&staff, created, true)),
        Err(failure) => page(&staff, values, FormErrors::of(failure)?),
    }
}

fn page(
    staff: &SignedInStaff,
    values: FormValues,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let choice = |scope: &Scope| ScopeChoice {
        scope: scope.as_str(),
        about: scope_description(*scope),
        is_chosen: values.is("scope", scope.as_str()),
    };
    let scopes = Scope::ALL.iter().map(choice).collect();
    let frame =
        StaffLayout::new(staff, StaffArea::Keys, "New API key").with_crumb("API keys", ADDRESS);
    reply::page(status, &NewApiKeyPage { frame, errors, values, scopes })
}
