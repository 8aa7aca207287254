//! Carries what leaves the house: signed messages to receivers over HTTP, the adapter of [`app::ports::Postman`], and mail
//! by SMTP ([`smtp`]) or into a folder ([`letterbox`]), the adapters of [`app::ports::Mailer`]. It also keeps the files of
//! candidates ([`media_files`]).
//!
//! Receivers are named by customers, so nothing about them is trusted: their names may lead into the operator's own
//! network, their answers may never end or point elsewhere. No redirection is followed, no proxy of the environment is
//! used, no answer is kept. This room must never decide what an outcome means.

pub mod guard;
pub mod letterbox;
pub mod media_files;
pub mod message;
mod resolver;
mod retry_after;
pub mod smtp;

use app::ports::{Letter, Postman, Reply};
use domain::callback::Outcome;
use guard::Reach;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use reqwest::{Client, Response, Url};
use resolver::{Forbidden, GuardedResolver};
use rustls::{ClientConfig, RootCertStore};
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long a receiver has until its answer begins.
const PATIENCE: Duration = Duration::from_secs(15);
/// How much of an answer's body is taken, and for how long, so that its connection can be used again.
const MOST_BODY: usize = 16 * 1024;
const BODY_PATIENCE: Duration = Duration::from_secs(1);
/// How long an idle connection is kept, and how many to one receiver.
const IDLE: Duration = Duration::from_secs(30);
const MOST_IDLE: usize = 4;

/// How receivers are treated.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// Which addresses are dialled.
    pub reach: Reach,
    pub patience: Duration,
}

impl Default for Manners {
    fn default() -> Self {
        Self { reach: Reach::Public, patience: PATIENCE }
    }
}

/// The client; clones share its connections.
#[derive(Clone)]
pub struct Courier {
    client: Client,
    manners: Manners,
}

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("no client could be made: {0}")]
pub struct Unusable(String);

impl Courier {
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(manners: Manners) -> Result<Self, Unusable> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls()?)
            .dns_resolver(Arc::new(GuardedResolver { reach: manners.reach }))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .http1_only()
            .referer(false)
            .connect_timeout(manners.patience)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(MOST_IDLE)
            .build()
            .map_err(|error| Unusable(error.to_string()))?;
        Ok(Self { client, manners })
    }

    async fn carry(self, letter: Letter) -> Reply {
        let began = Instant::now();
        let reply = |outcome, status, retry_after| Reply { outcome, status, retry_after, taken: began.elapsed() };
        let failed = |outcome| reply(outcome, None, None);
        let Ok(url) = Url::parse(&letter.url) else { return failed(Outcome::Unreachable) };
        // An address needs no resolver, so it is looked at here.
        if !self.manners.reach.allows_host(&url) {
            return failed(Outcome::Forbidden);
        }
        match timeout(self.manners.patience, self.send(url, letter)).await {
            Err(_) => failed(Outcome::TimedOut),
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

    async fn send(&self, url: Url, letter: Letter) -> reqwest::Result<Response> {
        let request = self.client.post(url).header(USER_AGENT, concat!("assay/", env!("CARGO_PKG_VERSION")));
        let request = request
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", letter.id)
            .header("webhook-timestamp", letter.seconds)
            .header("webhook-signature", letter.signature);
        request.body(letter.body).send().await
    }
}

impl Postman for Courier {
    fn post(&self, letter: Letter) -> Pin<Box<dyn Future<Output = Reply> + Send>> {
        Box::pin(self.clone().carry(letter))
    }
}

const fn outcome_of_status(status: u16) -> Outcome {
    match status {
        200..300 => Outcome::Delivered,
        410 => Outcome::Gone,
        _ => Outcome::Refused,
    }
}

fn outcome_of(error: &reqwest::Error) -> Outcome {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        if error.is::<Forbidden>() {
            return Outcome::Forbidden;
        }
        cause = error.source();
    }
    if error.is_timeout() { Outcome::TimedOut } else { Outcome::Unreachable }
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

fn tls() -> Result<ClientConfig, Unusable> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Unusable(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
