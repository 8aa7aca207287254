//! Webhooks: where the organization's events are sent, and the log of what was sent.

mod edit;
mod list;
mod log;
mod one;

use super::{Area, Frame, Given, Staff, Table, Told};
use axum::routing::{get, post};

const ADDRESS: &str = "/staff/webhooks";

pub fn table() -> Table {
    vec![
        (ADDRESS, get(list::show)),
        ("/staff/webhooks/new", get(edit::new)),
        ("/staff/webhooks/do/create", post(edit::create)),
        ("/staff/webhooks/{webhook}", get(one::show)),
        ("/staff/webhooks/{webhook}/edit", get(edit::show)),
        ("/staff/webhooks/{webhook}/do/update", post(edit::update)),
        ("/staff/webhooks/{webhook}/do/switch", post(one::switch)),
        ("/staff/webhooks/{webhook}/do/rotate", post(one::rotate)),
        ("/staff/webhooks/{webhook}/do/secret", post(one::secret)),
        ("/staff/webhooks/{webhook}/do/delete", post(one::delete)),
        ("/staff/webhooks/{webhook}/do/replay", post(log::replay)),
        ("/staff/webhooks/{webhook}/do/replay-many", post(log::replay_many)),
    ]
}

/// The log of the callbacks that candidates were given, as if it were a webhook's.
const CALLBACK: &str = "callback";
