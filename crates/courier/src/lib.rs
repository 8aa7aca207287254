//! Carries what leaves the server: signed messages to receivers over HTTP, the adapter of
//! [`app::ports::WebhookSender`], and mail by SMTP ([`smtp`]) or into a folder ([`file_mailer`]),
//! the adapters of [`app::ports::Mailer`]. It also keeps the files of candidates ([`media_files`]).
//!
//! Receivers are named by customers, so nothing about them is trusted: their names may lead into
//! the operator's own network, their answers may never end or point elsewhere. No redirection is
//! followed, no proxy of the environment is used, no answer is kept. This crate must never decide
//! what an outcome means.

pub mod file_mailer;
pub mod media_files;
pub mod message;
mod resolver;
mod retry_after;
pub mod smtp;
pub mod ssrf;

use app::ports::{WebhookAttempt, WebhookRequest, WebhookSender};
use domain::callback::CallbackOutcome;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use reqwest::{Client, Response, Url};
use resolver::{ForbiddenAddress, GuardedResolver};
use rustls::{ClientConfig, RootCertStore};
use ssrf::AddressPolicy;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long a receiver has until its answer begins.
const PATIENCE: Duration = Duration::from_secs(15);
/// How much of an answer's body is taken, and for how long, so that its connection can be used
/// again.
const MOST_BODY: usize = 16 * 1024;
const BODY_PATIENCE: Duration = Duration::from_secs(1);
/// How long an idle connection is kept, and how many to one receiver.
const IDLE: Duration = Duration::from_secs(30);
const MOST_IDLE: usize = 4;

/// How receivers are treated.
#[derive(Clone, Copy, Debug)]
pub struct OutboundPolicy {
    /// Which addresses are dialled.
    pub reach: AddressPolicy,
    pub patience: Duration,
}

impl Default for OutboundPolicy {
    fn default() -> Self {
        Self { reach: AddressPolicy::Public, patience: PATIENCE }
    }
}

/// The client; clones share its connections.
#[derive(Clone)]
pub struct HttpWebhookSender {
    client: Client,
    manners: OutboundPolicy,
}

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("no client could be made: {0}")]
pub struct HttpClientError(String);

impl HttpWebhookSender {
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(manners: OutboundPolicy) -> Result<Self, HttpClientError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls()?)
            .dns_resolver(Arc::new(GuardedResolver { reach: manners.reach }))
            // A redirect may name an address, which no resolver is asked about, and a proxy (below)
            // resolves names by itself: each would go around the guard.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .http1_only()
            .referer(false)
            .connect_timeout(manners.patience)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(MOST_IDLE)
            .build()
            .map_err(|error| HttpClientError(error.to_string()))?;
        Ok(Self { client, manners })
    }

    async fn carry(self, letter: WebhookRequest) -> WebhookAttempt {
        let began = Instant::now();
        let reply = |outcome, status, retry_after| WebhookAttempt {
            outcome,
            status,
            retry_after,
            taken: began.elapsed(),
        };
        let failed = |outcome| reply(outcome, None, None);
        let Ok(url) = Url::parse(&letter.url) else { return failed(CallbackOutcome::Unreachable) };
        // An address needs no resolver, so it is looked at here.
        if !self.manners.reach.allows_host(&url) {
            return failed(CallbackOutcome::Forbidden);
        }
        match timeout(self.manners.patience, self.send(url, letter)).await {
            Err(_) => failed(CallbackOutcome::TimedOut),
            Ok(Err(error)) => failed(outcome_of(&error)),
            Ok(Ok(response)) => {
                let status = response.status().as_u16();
                let retry_after = response.headers().get(RETRY_AFTER).and_then(retry_after::read);
                let reply = reply(outcome_of_status(status), Some(status), retry_after);
                // It was answered; what follows is only for the connection.
                let _ = timeout(BODY_PATIENCE, drain(response)).await;
                reply
            }
        }
    }

    async fn send(&self, url: Url, letter: WebhookRequest) -> reqwest::Result<Response> {
        let request =
            self.client.post(url).header(USER_AGENT, concat!("assay/", env!("CARGO_PKG_VERSION")));
        let request = request
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", letter.id)
            .header("webhook-timestamp", letter.seconds)
            .header("webhook-signature", letter.signature);
        request.body(letter.body).send().await
    }
}

impl WebhookSender for HttpWebhookSender {
    fn send(&self, letter: WebhookRequest) -> Pin<Box<dyn Future<Output = WebhookAttempt> + Send>> {
        Box::pin(self.clone().carry(letter))
    }
}

const fn outcome_of_status(status: u16) -> CallbackOutcome {
    match status {
        200..300 => CallbackOutcome::Delivered,
        410 => CallbackOutcome::Gone,
        _ => CallbackOutcome::Refused,
    }
}

fn outcome_of(error: &reqwest::Error) -> CallbackOutcome {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        if error.is::<ForbiddenAddress>() {
            return CallbackOutcome::Forbidden;
        }
        cause = error.source();
    }
    if error.is_timeout() { CallbackOutcome::TimedOut } else { CallbackOutcome::Unreachable }
}

/// Takes a short body; a connection whose answer goes on is given up with it.
async fn drain(mut response: Response) {
    let mut taken = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        taken += chunk.len();
        if taken > MOST_BODY {
            return;
        }
    }
}

fn tls() -> Result<ClientConfig, HttpClientError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| HttpClientError(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
