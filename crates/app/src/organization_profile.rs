//! How an organization shows itself to candidates: colour, logo, contact, privacy notice, imprint.

use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
pub use crate::organization_view::OrganizationProfile;
use crate::organization_view::{empty, load_profile};
use crate::services::OrganizationService;
use crate::validation::FieldValidator;
use domain::fault::ErrorCode;
use domain::id::OrganizationId;
use domain::json::JsonPointer;
use domain::role::Right;
use domain::time::Timestamp;
use sha2::{Digest, Sha256};
use storage::Transaction;
use storage::organization_profile::OrganizationProfileRow;

/// Most characters of a contact, a privacy notice or an imprint.
pub const LONGEST_PROFILE_TEXT: usize = 20_000;
/// Most bytes of a logo.
pub const LOGO_BYTES: usize = 256 << 10;
/// What a logo may be, by its bytes.
pub const LOGO_TYPES: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// A picture and its media type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    pub bytes: Vec<u8>,
    pub media_type: String,
}

/// What is to be changed; `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileUpdate {
    /// Empty is none.
    pub colour: Option<String>,
    pub contact: Option<String>,
    pub privacy_notice: Option<String>,
    pub imprint: Option<String>,
    /// Empty is none.
    pub logo: Option<Vec<u8>>,
}

impl OrganizationService {
    /// What candidates see of an organization. Anybody may know.
    ///
    /// # Errors
    /// [`Failure::NotFound`] when there is no such organization.
    pub async fn organization_profile(
        &self,
        organization: &OrganizationId,
    ) -> Result<OrganizationProfile, Failure> {
        let organization = organization.clone();
        self.storage().read(move |tx| load_profile(tx, &organization)).await
    }

    /// The organization's logo. Anybody may see it.
    ///
    /// # Errors
    /// [`Failure::NotFound`] when there is none.
    pub async fn logo(&self, organization: &OrganizationId) -> Result<Logo, Failure> {
        let organization = organization.clone();
        let read = move |tx: &mut dyn Transaction| {
            let row = storage::organization_profile::find(tx, &organization)?;
            let media_type = row.and_then(|row| row.logo_type).ok_or(Failure::NotFound)?;
            let bytes = storage::organization_profile::logo(tx, &organization)?;
            let bytes = bytes.ok_or(Failure::NotFound)?;
            Ok::<_, Failure>(Logo { bytes, media_type })
        };
        self.storage().read(read).await
    }

    /// Changes what candidates see of the caller's organization, all or nothing.
    ///
    /// # Errors
    /// Faults at `/colour`, `/contact`, `/privacyNotice`, `/imprint` and `/logo`, all at once;
    /// [`Failure::InsufficientScope`] for whoever does not manage all of the organization.
    pub async fn update_organization_profile(
        &self,
        caller: &Caller,
        update: ProfileUpdate,
    ) -> Result<(), Failure> {
        caller.require(Right::Manage)?;
        caller.require_whole_organization()?;
        let logo_type = check(&update)?;
        self.write_for(caller, move |work| {
            let stored = storage::organization_profile::find(work.tx, work.organization)?;
            let is_new = stored.is_none();
            let before = stored.unwrap_or_else(|| empty(work.organization, work.now));
            let after = changed(before.clone(), &update, logo_type.clone(), work.now);
            let fields = changed_fields(&before, &after);
            if fields.is_empty() && !is_new {
                return Ok(());
            }
            storage::organization_profile::upsert(work.tx, &after)?;
            if let Some(bytes) = &update.logo {
                storage::organization_profile::set_logo(work.tx, work.organization, bytes)?;
            }
            let event = AuditEvent::of_organization(AuditEventKind::OrganizationUpdated);
            let event = event.about("organizationId", work.organization);
            work.record_event(event.with("fields", fields))
        })
        .await
    }
}

/// All faults at once; gives the type of a new logo.
fn check(update: &ProfileUpdate) -> Result<Option<String>, Failure> {
    let mut checks = FieldValidator::below(JsonPointer::root());
    if update.colour.as_deref().is_some_and(|colour| !colour.is_empty() && !is_colour(colour)) {
        let should = "must be # and six digits of 0-9 and a-f, such as #17577f";
        checks.refuse(checks.at("colour"), ErrorCode::InvalidFormat, should);
    }
    for (name, text) in [
        ("contact", &update.contact),
        ("privacyNotice", &update.privacy_notice),
        ("imprint", &update.imprint),
    ] {
        let Some(text) = text else { continue };
        let place = checks.at(name);
        checks.text(place.clone(), text, 0, LONGEST_PROFILE_TEXT);
        if text.chars().count() <= LONGEST_PROFILE_TEXT {
            for flaw in markup::find_flaws(text) {
                checks.refuse(place.clone(), ErrorCode::InvalidFormat, format!("must not: {flaw}"));
            }
        }
    }
    let logo = update.logo.as_deref().filter(|bytes| !bytes.is_empty());
    let seen = logo.and_then(infer::get).map(|seen| seen.mime_type());
    let logo_type = seen.filter(|seen| LOGO_TYPES.contains(seen)).map(str::to_owned);
    if logo.is_some_and(|bytes| bytes.len() > LOGO_BYTES) {
        checks.refuse(checks.at("logo"), ErrorCode::OutOfRange, "must have at most 256 KiB");
    } else if logo.is_some() && logo_type.is_none() {
        let should = "must be a picture: PNG, JPEG, WebP or GIF";
        checks.refuse(checks.at("logo"), ErrorCode::InvalidFormat, should);
    }
    checks.finish()?;
    Ok(logo_type)
}

/// Whether a text is `#` and six hexadecimal digits.
#[must_use]
pub fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|it| it.is_ascii_hexdigit()))
}

fn changed(
    before: OrganizationProfileRow,
    update: &ProfileUpdate,
    logo_type: Option<String>,
    now: Timestamp,
) -> OrganizationProfileRow {
    let mut after = before;
    let text = |new: &Option<String>, old: String| new.clone().unwrap_or(old);
    if let Some(colour) = &update.colour {
        after.colour = Some(colour.to_ascii_lowercase()).filter(|colour| !colour.is_empty());
    }
    if let Some(logo) = &update.logo {
        let digest = || hex::encode(Sha256::digest(logo)).chars().take(16).collect();
        after.logo_digest = (!logo.is_empty()).then(digest);
        after.logo_type = logo_type;
    }
    after.contact = text(&update.contact, after.contact);
    after.privacy_notice = text(&update.privacy_notice, after.privacy_notice);
    after.imprint = text(&update.imprint, after.imprint);
    after.updated_at = now;
    after
}

fn changed_fields(
    before: &OrganizationProfileRow,
    after: &OrganizationProfileRow,
) -> Vec<&'static str> {
    let fields = [
        ("colour", before.colour != after.colour),
        ("contact", before.contact != after.contact),
        ("privacyNotice", before.privacy_notice != after.privacy_notice),
        ("imprint", before.imprint != after.imprint),
        ("logo", before.logo_digest != after.logo_digest),
    ];
    fields.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}
