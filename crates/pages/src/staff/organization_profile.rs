//! How the organization shows itself to candidates: logo, colour, contact, privacy notice, imprint.

use crate::page_error::PageError;
use crate::staff::support::{
    AreaRoutes, FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout,
};
use crate::state::PagesState;
use crate::{address, reply};
use app::organization_profile::{
    LOGO_BYTES, LONGEST_PROFILE_TEXT, OrganizationProfile, ProfileUpdate,
};
use askama::Template;
use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, Multipart, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use domain::role::Right;
use serde::Deserialize;

const ADDRESS: &str = "/staff/organization/profile";
/// A logo, three texts in letters of up to four bytes, and what a form writes between them.
const BODY_BYTES: usize = LOGO_BYTES + 3 * 4 * LONGEST_PROFILE_TEXT + (64 << 10);
/// Fields of the form.
const FIELDS: [&str; 5] = ["colour", "contact", "privacyNotice", "imprint", "noLogo"];

/// The page and its form.
pub fn routes() -> AreaRoutes {
    vec![(ADDRESS, get(show).post(change).layer(DefaultBodyLimit::max(BODY_BYTES)))]
}

#[derive(Template)]
#[template(path = "staff/organization_profile.html")]
struct OrganizationProfilePage {
    frame: StaffLayout,
    errors: FormErrors,
    values: FormValues,
    logo: Option<String>,
    about: Option<String>,
}

/// Which notice the page shows after a form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ProfileQuery {
    saved: bool,
}

/// `GET /staff/organization/profile`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<ProfileQuery>,
) -> Result<Response, PageError> {
    staff.caller().require(Right::Manage)?;
    let profile = profile_of(&state, &staff).await?;
    let values = values_of(&profile);
    page(&staff, &profile, values, FormErrors::default(), query.saved.then_some("Saved."))
}

fn values_of(profile: &OrganizationProfile) -> FormValues {
    let mut values = FormValues::default();
    values.set("colour", profile.colour.clone().unwrap_or_default());
    values.set("contact", &profile.contact);
    values.set("privacyNotice", &profile.privacy_notice);
    values.set("imprint", &profile.imprint);
    values
}

/// `POST /staff/organization/profile`.
pub async fn change(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    form: Multipart,
) -> Result<Response, PageError> {
    staff.caller().require(Right::Manage)?;
    let profile = profile_of(&state, &staff).await?;
    let Ok((values, logo)) = received(form).await else {
        let mut errors = FormErrors::default();
        errors.add("/logo", "The logo must have at most 256 KiB, and each text 20,000 characters.");
        // What was typed did not arrive; empty fields would erase what is stored at the next press.
        return page(&staff, &profile, values_of(&profile), errors, None);
    };
    // A browser sends line breaks of a text area as CR LF.
    let text = |name: &str| Some(values.text(name).replace("\r\n", "\n"));
    let update = ProfileUpdate {
        colour: Some(values.text("colour").trim().to_owned()),
        contact: text("contact"),
        privacy_notice: text("privacyNotice"),
        imprint: text("imprint"),
        logo: logo.or_else(|| values.has("noLogo").then(Vec::new)),
    };
    match state.app.organizations().update_organization_profile(staff.caller(), update).await {
        Ok(()) => Ok(reply::redirect(&format!("{ADDRESS}?saved=true"))),
        Err(failure) => page(&staff, &profile, values, FormErrors::of(failure)?, None),
    }
}

async fn profile_of(
    state: &PagesState,
    staff: &SignedInStaff,
) -> Result<OrganizationProfile, PageError> {
    let organization = &staff.caller().organization;
    Ok(state.app.organizations().organization_profile(organization).await?)
}

async fn received(mut form: Multipart) -> Result<(FormValues, Option<Vec<u8>>), MultipartError> {
    let (mut values, mut logo) = (FormValues::default(), None);
    while let Some(field) = form.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await?;
        if name == "logo" && !bytes.is_empty() {
            logo = Some(bytes.to_vec());
        } else if FIELDS.contains(&name.as_str()) && !values.has(&name) {
            values.set(name, String::from_utf8_lossy(&bytes));
        }
    }
    Ok((values, logo))
}

fn page(
    staff: &SignedInStaff,
    profile: &OrganizationProfile,
    values: FormValues,
    errors: FormErrors,
    said: Option<&str>,
) -> Result<Response, PageError> {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let has_texts = [&profile.contact, &profile.privacy_notice, &profile.imprint]
        .iter()
        .any(|text| !text.trim().is_empty());
    let page = OrganizationProfilePage {
        frame: StaffLayout::new(staff, StaffArea::Organization, "What candidates see")
            .with_crumb("Organization", "/staff/organization")
            .with_notice(said),
        logo: profile.logo.as_ref().map(|digest| address::logo(&profile.organization, digest)),
        about: has_texts.then(|| address::about(&profile.organization)),
        values,
        errors,
    };
    reply::page(status, &page)
}
