//! The operations by subject. Each is one or few statements; none decides anything.
//!
//! Whatever a caller names by id is looked up with the organization first, so that another
//! organization's things are not found. Functions that take no organization say whose they are by
//! an id that was found so before.

pub mod answer;
pub mod asset;
pub mod bank;
pub mod bulk;
pub mod candidate;
pub mod clock;
pub mod correction;
pub mod correction_job;
pub mod document;
pub mod due;
pub mod erasure;
pub mod evaluation;
pub mod event;
pub mod history;
pub mod instance;
pub mod key;
pub mod listing;
pub mod mail;
pub mod media;
pub mod organization;
pub mod organization_profile;
pub mod outbox;
pub mod proctoring;
pub mod result_release;
pub mod result_table;
pub mod retention;
pub mod roster;
pub mod search;
pub mod session;
pub mod staff_session;
pub mod statistics;
pub mod step;
pub mod task;
pub mod test;
pub mod token;
pub mod user;
pub mod verification;
pub mod version;
pub mod webhook;
