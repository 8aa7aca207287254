//! Mail: inviting candidates, the log of what was sent, and its texts.

pub mod cancel;
pub mod fetch;
pub mod invite;
pub mod list;
mod schema;
pub mod send;
