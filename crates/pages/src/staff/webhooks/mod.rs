//! Webhooks: where the organization's events are sent, and the log of what was sent.

mod detail;
mod edit;
mod list;
mod log;

use crate::staff::support::AreaRoutes;
use axum::routing::{get, post};

const ADDRESS: &str = "/staff/webhooks";

/// Pages and forms about webhooks and their messages.
pub fn routes() -> AreaRoutes {
    vec![
        (ADDRESS, get(list::show)),
        ("/staff/webhooks/new", get(edit::new)),
        ("/staff/webhooks/do/create", post(edit::create)),
        ("/staff/webhooks/{webhook}", get(detail::show)),
        ("/staff/webhooks/{webhook}/edit", get(edit::show)),
        ("/staff/webhooks/{webhook}/do/update", post(edit::update)),
        ("/staff/webhooks/{webhook}/do/switch", post(detail::set_active)),
        ("/staff/webhooks/{webhook}/do/rotate", post(detail::rotate)),
        ("/staff/webhooks/{webhook}/do/secret", post(detail::secret)),
        ("/staff/webhooks/{webhook}/do/delete", post(detail::delete)),
        ("/staff/webhooks/{webhook}/do/replay", post(log::replay)),
        ("/staff/webhooks/{webhook}/do/replay-many", post(log::replay_many)),
    ]
}

/// The log of the callbacks that candidates were given, as if it were a webhook's.
const CALLBACK: &str = "callback";
