//! Development only: a fixed clock, repeatable chance, a running app in a temporary folder.
//!
//! Nothing of this is ever in the binary.

pub mod chance;
pub mod clock;
pub mod fixture;
pub mod mail_sink;
pub mod sink;

pub use chance::SeededChance;
pub use clock::TestClock;
pub use fixture::Fixture;
pub use mail_sink::{MailBehaviour, MailSink, ReceivedMail};
pub use sink::{Behaviour, Received, Sink};
