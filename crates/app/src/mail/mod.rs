//! Mail: invitations to candidates, written in the transaction that caused them and sent when they are due.
//!
//! A mail is one address. What it says is put together when it is sent, so that a code that was renewed or a title that
//! was changed meanwhile is told as it is. Who carries it is a port ([`crate::ports::Mailer`]). Nothing here may hold up
//! the request that asked for a mail.

mod dispatch;
mod invite;
mod letter;
mod log;

pub use dispatch::MailRoom;
pub use invite::Invite;
pub use log::{MailQuery, MailRun, MailView};
pub use storage::mail::{Filter, Mail, Try};
