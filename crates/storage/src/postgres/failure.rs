//! What PostgreSQL and its driver say, in our words, and what is to be done about it.

use crate::error::{StorageError, Unique};
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

/// What a failed statement means for its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It met another transaction: the same again may succeed.
    Met,
    /// The connection is of no more use; on a new one the same may succeed.
    Lost,
    /// The same would fail again.
    Refused,
}

/// A failed statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) error: StorageError,
    pub(crate) fate: Fate,
}

impl Broken {
    pub(crate) fn lost(reason: &str) -> Self {
        Self { error: StorageError::Unavailable(reason.to_owned()), fate: Fate::Lost }
    }
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        match error.as_db_error() {
            Some(told) => of_server(told),
            None if error.is_closed() || !is_ours(&error) => Self::lost(&causes(&error)),
            None => Self { error: StorageError::Statement(causes(&error)), fate: Fate::Refused },
        }
    }
}

/// Whether the driver could not even send: a value that does not fit its parameter.
fn is_ours(error: &Error) -> bool {
    let text = error.to_string();
    text.starts_with("error serializing") || text.starts_with("error deserializing") || text.contains("parameters")
}

fn of_server(told: &DbError) -> Broken {
    let code = told.code();
    // The server's detail may quote stored values; the message does not.
    let text = format!("{} ({})", told.message(), code.code());
    if *code == SqlState::UNIQUE_VIOLATION {
        let rule = unique_rule(told.constraint().unwrap_or_default());
        // Numbers that are counted up, such as an event's, may have been taken a moment ago; and what somebody else has
        // begun a moment ago is found the next time.
        let met = matches!(rule, Unique::Other(_) | Unique::ClientToken | Unique::OpenInstance);
        let fate = if met { Fate::Met } else { Fate::Refused };
        return Broken { error: StorageError::Conflict(rule), fate };
    }
    let fate = fate(code);
    let error = match code.code() {
        // A page or an index that is damaged stays so: to say "later" would have everybody try for ever.
        "XX001" | "XX002" => StorageError::Damaged(text),
        _ if fate != Fate::Refused || is_outage(code) => StorageError::Unavailable(text),
        _ => StorageError::Statement(text),
    };
    Broken { error, fate }
}

fn fate(code: &SqlState) -> Fate {
    match code.code() {
        // Serialization, deadlock, a lock that did not come in time.
        "40001" | "40P01" | "55P03" => Fate::Met,
        // A server that takes no writes any more, a statement prepared on another connection or for another schema.
        "25006" | "26000" | "0A000" => Fate::Lost,
        other if ["08", "57"].contains(&&other[..2]) && other != "57014" => Fate::Lost,
        _ => Fate::Refused,
    }
}

/// Too few resources, a broken disk, a cancelled statement.
fn is_outage(code: &SqlState) -> bool {
    ["53", "57", "58"].contains(&&code.code()[..2])
}

pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn unique_rule(index: &str) -> Unique {
    match index {
        "user_account_by_name" => Unique::Username,
        "candidate_by_code" => Unique::InvitationCode,
        "candidate_by_exclusive_credential" => Unique::Credential,
        "instance_open_once" => Unique::OpenInstance,
        "client_token_pkey" => Unique::ClientToken,
        other => Unique::Other(other.to_owned()),
    }
}
