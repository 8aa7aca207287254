//! Development only: a fixed clock, repeatable chance, a running app in a temporary folder.
//!
//! Nothing of this is ever in the binary.

pub mod app_fixture;
pub mod clock;
pub mod mail_sink;
pub mod random;
pub mod webhook_sink;

pub use app_fixture::AppFixture;
pub use clock::TestClock;
pub use mail_sink::{MailBehaviour, MailSink, ReceivedMail};
pub use random::SeededRandom;
pub use webhook_sink::{ReceivedRequest, ReceiverBehaviour, WebhookSink};
