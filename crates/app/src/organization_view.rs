//! What candidates see of an organization, read beside what else a page needs.

use crate::failure::Failure;
use domain::id::OrganizationId;
use domain::time::Timestamp;
use storage::Transaction;
use storage::organization_profile::OrganizationProfileRow;

/// What candidates see of an organization. Texts are Markdown, empty when there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationProfile {
    pub organization: OrganizationId,
    pub name: String,
    /// `#rrggbb`.
    pub colour: Option<String>,
    pub contact: String,
    pub privacy_notice: String,
    pub imprint: String,
    /// The beginning of the logo's SHA-256, by which caches know it; none without a logo.
    pub logo: Option<String>,
}

/// What candidates see of an organization, within a transaction that reads more.
pub(crate) fn load_profile(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
) -> Result<OrganizationProfile, Failure> {
    let row = storage::organization::find(tx, organization)?.ok_or(Failure::NotFound)?;
    let profile = storage::organization_profile::find(tx, organization)?
        .unwrap_or_else(|| empty(organization, row.created_at));
    Ok(OrganizationProfile {
        organization: row.id,
        name: row.name,
        colour: profile.colour,
        contact: profile.contact,
        privacy_notice: profile.privacy_notice,
        imprint: profile.imprint,
        logo: profile.logo_digest,
    })
}

/// The profile of an organization that has set none.
pub(crate) fn empty(organization: &OrganizationId, at: Timestamp) -> OrganizationProfileRow {
    OrganizationProfileRow {
        organization_id: organization.clone(),
        colour: None,
        contact: String::new(),
        privacy_notice: String::new(),
        imprint: String::new(),
        logo_digest: None,
        logo_type: None,
        updated_at: at,
    }
}
