//! Why a use case did not do what was asked.

use domain::document::DocumentFault;
use domain::fault::Fault;
use domain::instance::Scope;
use domain::key_limits::KeyExcess;
use domain::media::UploadRejection;
use domain::refusal::Refusal;
use domain::role::Right;
use storage::StorageError;

/// What a caller is told, and what only the log is told.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Faults of the request, all at once.
    #[error("the request has faults")]
    Faults(Vec<Fault>),
    /// Faults of a test document, all at once.
    #[error("the test document has faults")]
    Document(Vec<DocumentFault>),
    #[error("no usable key")]
    Unauthenticated,
    #[error("not allowed: {0}")]
    InsufficientScope(MissingRight),
    #[error("no such resource")]
    NotFound,
    /// A rule of the domain said no; nothing was changed.
    #[error("refused: {}", .0.code)]
    Refused(RefusalDetail),
    /// What was asked does not fit what it is about; the code belongs to another closed set, for
    /// example `evaluation_range`. Nothing was changed.
    #[error("does not fit: {code}")]
    Unfit {
        code: &'static str,
        /// Slots it is about, from 1.
        slots: Vec<u32>,
    },
    /// A file is not taken (`upload_not_allowed`); it left nothing.
    #[error("a file is not taken: {why}")]
    NotTaken {
        why: UploadRejection,
        /// The slot it was for, from 1.
        slots: Vec<u32>,
    },
    /// A file is not removed (`media_in_use`); the sentence names what uses it.
    #[error("a file is in use: {0}")]
    MediaInUse(String),
    /// The server cannot take the request now.
    #[error("busy")]
    Busy,
    /// The disk is full or broken, or the database is locked or closing. Nothing was kept; the same
    /// request may succeed later. The text is for the log and the operator only.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of the server; the text is for the log only.
    #[error("{0}")]
    Internal(String),
}

/// What whoever asks would need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MissingRight {
    /// Of a program: the scope that gives the right.
    Scope(Scope),
    /// Of one of the staff, whose roles do not permit it.
    Permission(Right),
    /// To be limited neither to tasks nor to folders.
    WholeOrganization,
    /// To be as wide as the key that is to be made; says in what it is wider.
    WiderKey(Vec<KeyExcess>),
    /// To be the operator at the command line.
    Operator,
}

impl std::fmt::Display for MissingRight {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scope(scope) => write!(formatter, "The key lacks the scope {scope}."),
            Self::Permission(right) => {
                write!(formatter, "The user's roles do not include {}.", right.permission())
            }
            Self::WholeOrganization => {
                formatter.write_str("Whoever is limited to tasks or folders may not do this.")
            }
            Self::WiderKey(excess) => {
                formatter.write_str("A key makes only keys that are no wider than itself: ")?;
                let said: Vec<String> = excess.iter().map(said).collect();
                write!(formatter, "{}.", said.join("; "))
            }
            Self::Operator => {
                formatter.write_str("Only the operator may do this, at the command line.")
            }
        }
    }
}

fn said(excess: &KeyExcess) -> String {
    match excess {
        KeyExcess::Scopes(scopes) => {
            let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
            format!("scopes must leave out {}", scopes.join(", "))
        }
        KeyExcess::Tasks => "tasks must be given, and be some of its own".to_owned(),
        KeyExcess::Folders => "folders must be given, and be some of its own".to_owned(),
        KeyExcess::End(end) => format!("expiresAt must be given, and be at most {}", end.seconds()),
    }
}

/// A refusal with what the caller needs to act on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalDetail {
    pub code: Refusal,
    /// Slots the refusal is about, for example required questions without an answer.
    pub slots: Vec<u32>,
    /// Seconds until another try makes sense.
    pub retry_after: Option<u32>,
}

impl From<Refusal> for Failure {
    fn from(code: Refusal) -> Self {
        Self::Refused(RefusalDetail { code, slots: Vec::new(), retry_after: None })
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Faults(vec![fault])
    }
}

impl From<MissingRight> for Failure {
    fn from(missing: MissingRight) -> Self {
        Self::InsufficientScope(missing)
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Busy => Self::Busy,
            outage if outage.is_temporary() => Self::Unavailable(outage.to_string()),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl Failure {
    /// A broken promise inside the server, for example a stored document that does not read.
    pub fn internal(reason: impl std::fmt::Display) -> Self {
        Self::Internal(reason.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_temporary_and_a_mistake_of_this_program_is_not() {
        assert!(matches!(StorageError::Unavailable("full".into()).into(), Failure::Unavailable(_)));
        assert!(matches!(StorageError::Closed.into(), Failure::Unavailable(_)));
        assert!(matches!(
            StorageError::Statement("no such column".into()).into(),
            Failure::Internal(_)
        ));
    }
}
