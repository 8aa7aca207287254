//! The contract of the integration API over the whole router and a real database: the table of
//! chapter 2, the invariants of chapter 11, the printed shapes, tags, keys and hostile bodies.

#![allow(clippy::panic, clippy::unwrap_used, reason = "everything here is a test")]

extern crate assay_api as api;

mod bodies;
mod bounds;
mod cached_responses;
mod candidates;
mod case;
mod case_fixture;
mod cases;
mod change_feed;
mod concurrent_walk;
mod document;
mod etags;
mod everywhere;
mod export;
mod generated_task;
mod instances;
mod life;
mod listing;
mod metered;
mod pagination_walks;
mod requests;
mod scopes;
mod shapes;
mod tasks;
mod tenant_isolation;
mod users;
mod wire;
