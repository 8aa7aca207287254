//! Users: who they are, what they may do, where they are signed in.

mod list;
mod new;
mod one;
mod roles;

pub use roles::role_name;

use super::{Area, Frame, Given, Staff, Table, Told};
use axum::routing::{get, post};

const ADDRESS: &str = "/staff/users";

pub fn table() -> Table {
    vec![
        (ADDRESS, get(list::show)),
        ("/staff/users/new", get(new::show)),
        ("/staff/users/do/create", post(new::create)),
        ("/staff/users/{user}", get(one::show)),
        ("/staff/users/{user}/do/update", post(one::update)),
        ("/staff/users/{user}/do/roles", post(one::change_roles)),
        ("/staff/users/{user}/do/switch", post(one::switch)),
        ("/staff/users/{user}/do/password", post(one::reset_password)),
        ("/staff/users/{user}/do/end", post(one::end_sessions)),
        ("/staff/users/{user}/do/erase", post(one::erase)),
    ]
}

/// The pairs of a form.
type Pairs = axum::extract::Form<Vec<(String, String)>>;
