//! What can go wrong between a use case and its database.

/// A uniqueness rule of the schema that a write would have broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UniqueRule {
    /// Another user of the organization has the name.
    Username,
    /// Another candidate has the invitation code.
    InvitationCode,
    /// Another candidate of the task has the exclusive first credential.
    Credential,
    /// The candidate has an open instance of the step.
    OpenInstance,
    /// The token was used in its scope.
    ClientToken,
    /// Any other, as the database names it.
    Other(String),
}

/// Why an operation, a transaction or the opening of a database failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// Too many requests wait. Nothing was tried; try again later.
    #[error("too many requests are waiting for the database")]
    Busy,
    /// The storage is shutting down. Nothing was tried.
    #[error("the database is closed")]
    Closed,
    /// The operation panicked; its changes were undone.
    #[error("an operation on the database panicked")]
    Panicked,
    /// The write breaks a uniqueness rule.
    #[error("the value is taken: {0:?}")]
    Conflict(UniqueRule),
    /// The disk is full, broken or locked. Nothing was kept; the storage goes on serving.
    #[error("the database cannot write or read: {0}")]
    Unavailable(String),
    /// A stored value is not of the kind its column holds.
    #[error("column {column} holds {found} where another kind was expected")]
    Unreadable { column: usize, found: &'static str },
    /// The database refused a statement: a mistake in this program, or a row that something else
    /// refers to.
    #[error("the database refused a statement: {0}")]
    Statement(String),
    /// The database's file is damaged. The same request fails again until somebody sees to it.
    #[error(
        "the database's file is damaged: {0}. Stop the server, keep the file and its log as they are, and run `assay doctor`"
    )]
    Damaged(String),
    /// There is no database of this program yet: no tables.
    #[error("there is no database yet")]
    NoSchema,
    /// The database belongs to an older assay, and whoever opens it may not change its schema.
    #[error(
        "the database has schema {found}, this program needs {newest}; `assay serve` of this version brings it there"
    )]
    OlderSchema { found: i64, newest: i64 },
    /// The file belongs to a newer assay.
    #[error(
        "the database has schema {found}, this program knows schemas up to {newest}; use a newer assay"
    )]
    NewerSchema { found: i64, newest: i64 },
    /// A migration that was applied is not the one this program has.
    #[error(
        "migration {number} was applied in another form; this is not a database of this program"
    )]
    EditedMigration { number: i64 },
    /// The file holds tables, and they are not assay's.
    #[error("the file is a database of another program")]
    Foreign,
    /// A database's address cannot be used.
    #[error("the database's address cannot be used: {0}")]
    Address(String),
    /// The other kind of database does this with tools of its own.
    #[error("{0}")]
    Elsewhere(&'static str),
    /// Servers or commands use the database that is copied: what they write afterwards would be
    /// missing in the copy.
    #[error("{0} connections of assay are on the database that is copied")]
    InUse(i64),
    /// A copy would mix with what is there.
    #[error("the database that is copied to is not empty: there are rows in {0}")]
    Occupied(String),
    /// A copy is not like its original: a mistake in this program or a broken disk.
    #[error("the copy of {0} differs from the original")]
    Differs(String),
    /// A restored copy lies beside what another database had not written into its file yet.
    #[error("{0} is a copy beside the log of another database, {0}-wal, which would ruin it")]
    ForeignLog(String),
    /// A backup would overwrite a file.
    #[error("{0} exists already")]
    Exists(String),
}

impl StorageError {
    /// Whether the same request may succeed later without any change: the caller answers 503.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy | Self::Closed | Self::Unavailable(_))
    }
}
