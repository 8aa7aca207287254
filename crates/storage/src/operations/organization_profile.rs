//! How organizations show themselves to candidates: at most one row each.

use crate::{StorageError, Transaction, values};
use domain::id::OrganizationId;
use domain::time::Timestamp;

record! {
    /// What candidates see of an organization beside its name.
    pub struct OrganizationProfileRow: "organization_profile" {
        organization_id: OrganizationId,
        /// `#rrggbb`.
        colour: Option<String>,
        /// Markdown; empty without.
        contact: String,
        /// Markdown; empty without.
        privacy_notice: String,
        /// Markdown; empty without.
        imprint: String,
        /// The beginning of the SHA-256 of the logo, by which caches know it; none without a logo.
        logo_digest: Option<String>,
        logo_type: Option<String>,
        updated_at: Timestamp,
    }
}

/// Keeps a profile in place of an earlier one.
pub fn upsert(
    tx: &mut dyn Transaction,
    profile: &OrganizationProfileRow,
) -> Result<(), StorageError> {
    tx.execute(
        "DELETE FROM organization_profile WHERE organization_id = $1",
        values![profile.organization_id],
    )?;
    profile.insert_row(tx)
}

/// The profile of an organization; none until one was set.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
) -> Result<Option<OrganizationProfileRow>, StorageError> {
    let columns = OrganizationProfileRow::columns();
    let sql = format!("SELECT {columns} FROM organization_profile WHERE organization_id = $1");
    tx.find(&sql, values![organization], OrganizationProfileRow::read)
}

/// Keeps a logo in place of an earlier one, or none.
pub fn set_logo(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    bytes: &[u8],
) -> Result<(), StorageError> {
    tx.execute("DELETE FROM organization_logo WHERE organization_id = $1", values![organization])?;
    if !bytes.is_empty() {
        let sql = "INSERT INTO organization_logo (organization_id, bytes) VALUES ($1, $2)";
        tx.execute(sql, values![organization, bytes])?;
    }
    Ok(())
}

/// The bytes of an organization's logo.
pub fn logo(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
) -> Result<Option<Vec<u8>>, StorageError> {
    let sql = "SELECT bytes FROM organization_logo WHERE organization_id = $1";
    tx.find(sql, values![organization], |row| row.get(0))
}
