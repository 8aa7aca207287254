//! What an assessment is and what follows from it.
//!
//! Pure: this crate knows no database, no HTTP, no runtime, no clock and no random source. Time and
//! chance are arguments. Whatever depends on them is decided here and carried out by the crates
//! above.

#[macro_use]
pub mod string_enum;

pub mod access;
pub mod authored_media;
pub mod callback;
pub mod candidate;
pub mod clock;
pub mod compile;
pub mod cursor;
pub mod decimal;
pub mod delivery;
pub mod document;
pub mod fault;
#[cfg(test)]
mod fixture;
pub mod history;
pub mod id;
pub mod instance;
pub mod json;
pub mod key_limits;
pub mod lifecycle;
pub mod mail;
pub mod media;
pub mod media_reference;
pub mod pattern;
pub mod person_search;
pub mod proctoring;
pub mod receipt;
pub mod refusal;
pub mod response;
pub mod role;
pub mod scoring;
pub mod substring_search;
pub mod time;
pub mod time_factor;
pub mod user_name;
