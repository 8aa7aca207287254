//! Development only: a fixed clock, repeatable chance, a running app in a temporary folder.
//!
//! Nothing of this is ever in the binary.

pub mod app_fixture;
pub mod clock;
pub mod mail_sink;
pub mod postgres_server;
pub mod random;
pub mod webhook_sink;

pub use app_fixture::AppFixture;
pub use clock::{SystemClock, TestClock};
pub use mail_sink::{MailBehaviour, MailSink, ReceivedMail};
pub use postgres_server::PostgresServer;
pub use random::SeededRandom;
pub use storage::testing::ScratchDatabase;
pub use webhook_sink::{ReceivedRequest, ReceiverBehaviour, WebhookSink};
