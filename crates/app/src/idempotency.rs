//! Client tokens: a repeated request gets its first answer again and changes nothing.

use crate::failure::Failure;
use crate::json::{from_json, to_json};
use domain::id::OrganizationId;
use domain::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use storage::Transaction;
use storage::token::ClientTokenRow;

/// A request that may be repeated.
#[derive(Clone, Copy)]
pub(crate) struct IdempotentRequest<'a> {
    pub organization: &'a OrganizationId,
    /// What the token was sent to: the act and the id it is about. A token means nothing elsewhere.
    pub scope: &'a str,
    pub token: &'a str,
}

/// The first answer, if the request was answered before.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn stored_response<T: DeserializeOwned>(
    tx: &mut dyn Transaction,
    request: &IdempotentRequest<'_>,
) -> Result<Option<T>, Failure> {
    let existing = storage::token::find(tx, request.organization, request.scope, request.token)?;
    existing.map(|existing| from_json::<T>(&existing.response)).transpose()
}

/// Keeps the first answer.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn store_response<T: Serialize>(
    tx: &mut dyn Transaction,
    request: &IdempotentRequest<'_>,
    answer: &T,
    now: Timestamp,
) -> Result<(), Failure> {
    let token = ClientTokenRow {
        organization_id: request.organization.clone(),
        scope: request.scope.to_owned(),
        token: request.token.to_owned(),
        request_digest: None,
        response: to_json(answer)?,
        at: now,
    };
    Ok(storage::token::insert(tx, &token)?)
}
