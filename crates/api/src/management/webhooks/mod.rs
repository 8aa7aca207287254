//! Webhooks: where the organization has events sent to, their secrets, and the log of what was
//! sent.
//!
//! The log and the secret of candidates' own callbacks are found under the id `callback`.

pub mod create;
pub mod deliveries;
pub mod fetch;
pub mod list;
pub mod remove;
pub mod replay;
pub mod replay_one;
pub mod rotate;
mod schema;
pub mod secret;
pub mod update;
