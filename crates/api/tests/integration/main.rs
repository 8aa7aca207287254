//! The contract of the integration API over the whole router and a real database: the table of chapter 2, the
//! invariants of chapter 11, the printed shapes, tags, keys and hostile bodies.

#![allow(clippy::panic, clippy::unwrap_used, reason = "everything here is a test")]

extern crate assay_api as api;

mod bodies;
mod bounds;
mod candidates;
mod case;
mod cases;
mod class;
mod crowd;
mod document;
#[path = "../shared/documented.rs"]
mod documented;
mod everywhere;
mod export;
mod feed;
mod house;
mod instances;
mod kept;
mod life;
mod listing;
mod metered;
mod neighbours;
mod requests;
mod roll;
mod school;
mod scopes;
mod shapes;
mod tags;
mod tasks;
mod users;
mod walks;
mod wire;
