//! Mail that was sent or waits: the log, what stood in a mail, sending it again and calling it off.

mod list;
mod one;

use super::{Area, Frame, Staff, Table};
use axum::routing::{get, post};

const ADDRESS: &str = "/staff/mail";

pub fn table() -> Table {
    vec![
        (ADDRESS, get(list::show)),
        ("/staff/mail/{mail}", get(one::show)),
        ("/staff/mail/{mail}/do/send", post(one::send)),
        ("/staff/mail/{mail}/do/cancel", post(one::cancel)),
    ]
}
