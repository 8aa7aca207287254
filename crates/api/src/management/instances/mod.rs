//! Instances as staff handle them.

mod detail;
pub mod extend;
pub mod extend_step;
pub mod fetch;
pub mod force_close;
pub mod ignore;
mod kept_schema;
mod limit_owner;
pub mod reacknowledge;
pub mod reinstate;
pub mod release;
pub mod rescore;
pub(super) mod schema;
