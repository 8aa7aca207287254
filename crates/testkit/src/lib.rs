//! Development only: what the tests of all crates share. Nothing of this is ever in the binary.
//!
//! Every harness runs on a database of its own, SQLite or PostgreSQL as `ASSAY_TEST_POSTGRES` says
//! ([`ScratchDatabase`]), with a clock that stands until it is moved ([`TestClock`]) and random
//! bytes that repeat themselves ([`SeededRandom`]).
//!
//! # Which harness
//!
//! | to test | take | it gives |
//! | --- | --- | --- |
//! | use cases | [`TestApp::new`] | an app with one task of the desk screening and one candidate, and shorthands for what candidates and staff do |
//! | use cases from nothing | [`TestApp::empty`] | an app with one organization |
//! | the integration API | [`TestServer`] | the router, a key, and [`scenarios`](TestServer::task) by use cases |
//! | the delivery API | [`DeliveryClient`] | a candidate's browser on a [`TestApp`] |
//! | the management API | [`ManagementClient`] | a program with a key on a [`TestApp`] |
//! | outgoing mail and webhooks, use cases | [`FakeMailer`], [`FakeWebhookSender`] | the ports without a socket |
//! | outgoing mail and webhooks, sockets | [`MailSink`], [`WebhookSink`] | receivers on a loopback port that behave as they are told |
//! | rows and SQL | [`ScratchDatabase`] | an empty database |
//! | failures of PostgreSQL | [`PostgresServer`] | a server to stop, promote and configure |
//!
//! The API's harnesses fail a test whose answer the OpenAPI document does not have. [`fixtures`] has
//! the documents, [`failures`] turns a use case's failure into what a test compares.
//!
//! ```
//! use testkit::fixtures::CODE;
//! use testkit::{DeliveryClient, TestApp, write};
//! # extern crate assay_testkit as testkit;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! // By use cases ...
//! let test_app = TestApp::new().await;
//! let (session, instance) = test_app.start_on_first_page().await;
//! test_app.answer(&session, &instance, write(1, 1, r#"["a"]"#)).await;
//! test_app.clock.pass_seconds(60);
//! assert_eq!(test_app.row(&instance).await.completed_at, None);
//!
//! // ... and the same app over HTTP.
//! let browser = DeliveryClient::entered_with(&test_app, CODE).await;
//! assert_eq!(browser.get("/me").await.body["candidateId"], "Ca1");
//! # }
//! ```
//!
//! # Where a harness belongs
//!
//! Here when tests of two crates, or of two test binaries of one, need it; otherwise beside the
//! tests that do, as a module of theirs. The tests in a crate's `src/` cannot use what is built on
//! that crate: they would meet it twice, as two different crates. So `domain` and `storage` keep
//! small fixtures of their own for their unit tests.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

mod clock;
mod delivery_client;
pub mod failures;
mod fake_mailer;
mod fake_webhook_sender;
pub mod fixtures;
mod mail_sink;
mod management_client;
pub mod media_files;
mod openapi_check;
mod postgres_server;
mod random;
mod test_app;
mod test_server;
mod webhook_sink;

pub use clock::{BEGINNING, SystemClock, TestClock};
pub use delivery_client::{DeliveryClient, DeliveryReply, path_of};
pub use fake_mailer::FakeMailer;
pub use fake_webhook_sender::{FakeWebhookSender, retry_later, status_reply, timed_out};
pub use mail_sink::{MailBehaviour, MailSink, ReceivedMail};
pub use management_client::{ManagementClient, faults_of};
pub use postgres_server::PostgresServer;
pub use random::SeededRandom;
pub use storage::testing::{ScratchDatabase, columns_holding};
pub use test_app::{TestApp, candidate_session, client_context, write};
pub use test_server::{
    INTEGRATION_SCOPES, TaskWithSteps, TestRequest, TestResponse, TestServer, V1,
    evaluation_of_essay, reinstatement, send_to, temporary,
};
pub use webhook_sink::{ReceivedRequest, ReceiverBehaviour, WebhookSink};
