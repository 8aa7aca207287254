//! Mail that was sent or waits: the log, what stood in a mail, sending it again and calling it off.

mod detail;
mod list;

pub use list::purpose;

use crate::staff::support::AreaRoutes;
use axum::routing::{get, post};

const ADDRESS: &str = "/staff/mail";

/// The mail log, and sending a mail again or calling it off.
pub fn routes() -> AreaRoutes {
    vec![
        (ADDRESS, get(list::show)),
        ("/staff/mail/{mail}", get(detail::show)),
        ("/staff/mail/{mail}/do/send", post(detail::send)),
        ("/staff/mail/{mail}/do/cancel", post(detail::cancel)),
    ]
}
