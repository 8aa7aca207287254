//! Mail: invitations to candidates and confirmations of what they submitted, written in the transaction that caused them and sent when they
//! are due.
//!
//! A mail is one address. What it says is put together when it is sent, so that a code that was
//! renewed or a title that was changed meanwhile is told as it is. Who carries it is a port
//! ([`crate::ports::Mailer`]). Nothing here may hold up the request that asked for a mail.

mod confirmation;
mod dispatcher;
mod invitation_template;
mod invite;
mod log;

pub use dispatcher::MailDispatcher;
pub use invitation_template::{invitation, mail_language};
pub use invite::InviteRequest;
pub use log::{MailPage, MailQuery, MailView};
pub use storage::mail::{MailAttemptRow, MailFilter, MailRow};
