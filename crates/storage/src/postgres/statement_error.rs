//! What PostgreSQL and its driver say, in our words, and what is to be done about it.

use crate::error::{StorageError, UniqueRule};
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

/// What a failed statement means for its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryDecision {
    /// It met another transaction: the same again may succeed.
    Met,
    /// The connection is of no more use; on a new one the same may succeed.
    Lost,
    /// The same would fail again.
    Refused,
}

/// A failed statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StatementError {
    pub(crate) error: StorageError,
    pub(crate) fate: RetryDecision,
}

impl StatementError {
    pub(crate) fn lost(reason: &str) -> Self {
        Self { error: StorageError::Unavailable(reason.to_owned()), fate: RetryDecision::Lost }
    }
}

impl From<Error> for StatementError {
    fn from(error: Error) -> Self {
        match error.as_db_error() {
            Some(server_error) => of_server(server_error),
            None if error.is_closed() || !is_ours(&error) => Self::lost(&error_chain(&error)),
            None => Self {
                error: StorageError::Statement(error_chain(&error)),
                fate: RetryDecision::Refused,
            },
        }
    }
}

/// Whether the driver could not even send: a value that does not fit its parameter.
fn is_ours(error: &Error) -> bool {
    let text = error.to_string();
    text.starts_with("error serializing")
        || text.starts_with("error deserializing")
        || text.contains("parameters")
}

fn of_server(server_error: &DbError) -> StatementError {
    let code = server_error.code();
    // The server's detail may quote stored values; the message does not.
    let text = format!("{} ({})", server_error.message(), code.code());
    if *code == SqlState::UNIQUE_VIOLATION {
        let rule = unique_rule(server_error.constraint().unwrap_or_default());
        // Numbers that are counted up, such as an event's, may have been taken a moment ago; and
        // what somebody else has begun a moment ago is found the next time.
        let met = matches!(
            rule,
            UniqueRule::Other(_) | UniqueRule::ClientToken | UniqueRule::OpenInstance
        );
        let fate = if met { RetryDecision::Met } else { RetryDecision::Refused };
        return StatementError { error: StorageError::Conflict(rule), fate };
    }
    let fate = fate(code);
    let error = match code.code() {
        // A page or an index that is damaged stays so: to say "later" would have everybody try for
        // ever.
        "XX001" | "XX002" => StorageError::Damaged(text),
        _ if fate != RetryDecision::Refused || is_outage(code) => StorageError::Unavailable(text),
        _ => StorageError::Statement(text),
    };
    StatementError { error, fate }
}

fn fate(code: &SqlState) -> RetryDecision {
    match code.code() {
        // Serialization, deadlock, a lock that did not come in time.
        "40001" | "40P01" | "55P03" => RetryDecision::Met,
        // A server that takes no writes any more, a statement prepared on another connection or for
        // another schema.
        "25006" | "26000" | "0A000" => RetryDecision::Lost,
        other if ["08", "57"].contains(&&other[..2]) && other != "57014" => RetryDecision::Lost,
        _ => RetryDecision::Refused,
    }
}

/// Too few resources, a broken disk, a cancelled statement.
fn is_outage(code: &SqlState) -> bool {
    ["53", "57", "58"].contains(&&code.code()[..2])
}

pub(crate) fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn unique_rule(index: &str) -> UniqueRule {
    match index {
        "user_account_by_name" => UniqueRule::Username,
        "candidate_by_code" => UniqueRule::InvitationCode,
        "candidate_by_exclusive_credential" => UniqueRule::Credential,
        "instance_open_once" => UniqueRule::OpenInstance,
        "client_token_pkey" => UniqueRule::ClientToken,
        other => UniqueRule::Other(other.to_owned()),
    }
}
