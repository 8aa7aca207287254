//! The SQL, written once for SQLite and PostgreSQL, and the threads that run it.
//!
//! An operation is a function `(tx, organization, ...) -> Result<_, StorageError>` over
//! [`Transaction`]; it sends SQL that both databases understand and reads rows into plain structs.
//! [`Storage`] runs closures of such operations in transactions: on SQLite, writes on one thread
//! that commits waiting requests together and reads on a few; on PostgreSQL, both on threads that
//! hold a connection each. What is long is read on threads apart ([`ReadPool`]). A read sees one
//! state. A reply means the commit is on disk.
//!
//! This crate must never decide: no rule of the domain, no clock, no random source. JSON is text
//! here and stays closed.

#[macro_use]
mod record;

mod backup;
mod error;
mod inspection;
mod meters;
mod migration;
mod operations;
mod options;
mod pool;
mod postgres;
mod request;
pub mod restore;
mod sqlite;
mod storage;
mod transaction;
mod transfer;
mod value;

#[cfg(test)]
mod fixture;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use backup::{BackupProgress, copy_to_file as copy_file};
pub use error::{StorageError, UniqueRule};
pub use inspection::DatabaseInspection;
pub use meters::RequestBacklog;
pub use migration::SchemaState;
pub use operations::*;
pub use options::{Database, DatabaseAccess, DatabaseUrl, EpochSource, StorageOptions};
pub use pool::ReadPool;
pub use postgres::{Durability, ServerFacts, durability, server_facts};
pub use storage::{Storage, StorageOpener};
pub use transaction::{SqlRow, Transaction};
pub use transfer::{CopiedTable, TransferDirection, TransferProgress, transfer};
pub use value::{Decode, Encode, SqlValue};

/// A SHA-256 digest.
pub type Sha256Digest = [u8; 32];
