//! PostgreSQL behind [`crate::Transaction`]: where it is, connections that come back, errors in our
//! words, and the threads that hold them.
//!
//! A write begins by locking the row of its aggregate, at the isolation `READ COMMITTED`; a read
//! sees one state, at `REPEATABLE READ`. Statements travel as few times as can be: `BEGIN` goes
//! along with a transaction's first one.

mod address;
mod connection;
mod durability;
mod epoch_check;
mod migrate;
mod statement_error;
mod threads;
mod transaction;
mod value;

#[cfg(test)]
mod tests;

pub(crate) use address::PostgresAddress;
pub(crate) use connection::{ConnectionPurpose, PostgresConnection};
pub use durability::{Durability, ServerFacts, durability, server_facts};
pub(crate) use epoch_check::Arrival;
pub(crate) use migrate::{demand_schema, migrate, schema_state};
pub(crate) use threads::{serve_groups, serve_reads, serve_replica_reads, serve_writes};
