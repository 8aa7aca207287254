//! Who is in a test now, and what staff do for them: give time, close, open again.

mod detail;
mod overview;

use super::tasks::{TaskTab, TaskTabs};
use crate::staff::support::{AreaRoutes, FormErrors, FormValues};
use axum::routing::{get, post};

const ADDRESS: &str = "/staff/live";

/// Who is being assessed at the moment, and what staff may do about it.
pub fn routes() -> AreaRoutes {
    vec![
        (ADDRESS, get(overview::show)),
        ("/staff/live/get/table", get(overview::table_fragment)),
        ("/staff/live/{task}/{instance}", get(detail::show)),
        ("/staff/live/{task}/{instance}/do/extend", post(detail::extend)),
        ("/staff/live/{task}/{instance}/do/close", post(detail::close)),
        ("/staff/live/{task}/{instance}/do/reinstate", post(detail::reinstate)),
        ("/staff/live/{task}/do/extend-all", post(overview::extend_step)),
    ]
}

/// Minutes as they are typed, in seconds; a fault at `/seconds` for what is none.
fn seconds(values: &FormValues, errors: &mut FormErrors) -> u32 {
    let minutes: Option<u32> = values.number("minutes", errors, "/seconds");
    minutes.unwrap_or_default().saturating_mul(60)
}
