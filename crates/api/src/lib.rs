//! JSON over HTTP: reading requests, refusing them, and answering in the words of the REST
//! specification.
//!
//! A handler reads, makes one call into `app` and maps the result. This crate must never hold a
//! rule of the domain.

pub mod auth_layer;
pub mod authorization;
mod bad_key_throttle;
pub mod body;
pub mod candidate_change;
pub mod candidate_request;
pub mod delivery;
mod descriptions;
pub mod detail_level;
pub mod error_codes;
pub mod etag;
pub mod failure;
pub mod fallback;
mod file_body;
pub mod health;
pub mod integer;
pub mod integration;
pub mod layers;
pub mod management;
pub mod media;
mod media_origin;
pub mod meters;
pub mod openapi;
pub mod pagination;
pub mod path;
pub mod percent;
pub mod problem;
pub mod problem_pages;
pub mod query;
pub mod rate_limit;
pub mod raw_request;
pub mod request;
pub mod response_cache;
pub mod server;
pub mod state;
pub mod suggestion;
pub mod values;
