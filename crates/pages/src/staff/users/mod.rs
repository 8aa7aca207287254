//! Users: who they are, what they may do, where they are signed in.

mod detail;
mod list;
mod new;
mod roles;

pub use roles::role_name;

use crate::staff::support::AreaRoutes;
use axum::routing::{get, post};

const ADDRESS: &str = "/staff/users";

/// Pages and forms about the organization's users.
pub fn routes() -> AreaRoutes {
    vec![
        (ADDRESS, get(list::show)),
        ("/staff/users/new", get(new::show)),
        ("/staff/users/do/create", post(new::create)),
        ("/staff/users/{user}", get(detail::show)),
        ("/staff/users/{user}/do/update", post(detail::update)),
        ("/staff/users/{user}/do/roles", post(detail::change_roles)),
        ("/staff/users/{user}/do/switch", post(detail::set_active)),
        ("/staff/users/{user}/do/password", post(detail::reset_password)),
        ("/staff/users/{user}/do/end", post(detail::end_sessions)),
        ("/staff/users/{user}/do/erase", post(detail::erase)),
    ]
}

/// The pairs of a form.
type UserFormPairs = axum::extract::Form<Vec<(String, String)>>;
