//! Hands mail to the operator's mail server by SMTP, the adapter of [`app::ports::Mailer`].
//!
//! The server is named by the operator, so it is trusted with what is sent; its certificate is
//! verified all the same. This module must never decide whether a mail is tried again.

use crate::message::{MailSender, build_message};
use app::ports::{MailAttempt, Mailer, OutgoingMail};
use domain::mail::MailOutcome;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::error::Error as _;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long the server has for one answer, and for a whole mail.
const PATIENCE: Duration = Duration::from_secs(30);
const WHOLE_PATIENCE: Duration = Duration::from_secs(90);

domain::string_enum! {
    /// How the way to the mail server is protected.
    pub enum SmtpEncryption {
        /// Begun in the clear, and given up if the server does not go over to TLS.
        Starttls = "starttls",
        /// TLS from the first byte.
        Tls = "tls",
        /// Not at all.
        None = "none",
    }
}

impl SmtpEncryption {
    /// The port that is usual for it.
    #[must_use]
    pub const fn usual_port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// Where the mail server is and how it is talked to.
#[derive(Clone)]
pub struct MailServer {
    pub host: String,
    pub port: u16,
    pub encryption: SmtpEncryption,
    /// User and password.
    pub login: Option<(String, String)>,
    /// How we call ourselves; none is a form that says nothing.
    pub own_name: Option<String>,
}

/// The client; clones share what it knows.
#[derive(Clone)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: MailSender,
}

impl SmtpMailer {
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(server: &MailServer, sender: MailSender) -> Result<Self, crate::HttpClientError> {
        let trust = || {
            TlsParameters::new(server.host.clone())
                .map_err(|error| crate::HttpClientError(error.to_string()))
        };
        let tls = match server.encryption {
            SmtpEncryption::Starttls => Tls::Required(trust()?),
            SmtpEncryption::Tls => Tls::Wrapper(trust()?),
            SmtpEncryption::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let Some((user, password)) = &server.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        if let Some(name) = &server.own_name {
            builder = builder.hello_name(ClientId::Domain(name.clone()));
        }
        Ok(Self { transport: builder.build(), sender })
    }

    /// Greets the server and logs in, and sends nothing.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn check_connection(&self) -> Result<(), String> {
        match timeout(WHOLE_PATIENCE, self.transport.test_connection()).await {
            Err(_) => Err("no answer in time".to_owned()),
            Ok(Err(error)) => Err(whole(&error)),
            Ok(Ok(false)) => Err("the server hung up".to_owned()),
            Ok(Ok(true)) => Ok(()),
        }
    }

    async fn carry(self, mail: OutgoingMail) -> MailAttempt {
        let message = match build_message(&self.sender, &mail) {
            Ok(message) => message,
            Err(error) => return MailAttempt::unsendable(error),
        };
        let began = Instant::now();
        let reply =
            |outcome, status, said| MailAttempt { outcome, status, said, taken: began.elapsed() };
        match timeout(WHOLE_PATIENCE, self.transport.send(message)).await {
            Err(_) => reply(MailOutcome::TimedOut, None, String::new()),
            Ok(Ok(response)) => {
                let said = response.message().collect::<Vec<_>>().join(" ");
                reply(MailOutcome::Sent, Some(response.code().into()), said)
            }
            Ok(Err(error)) => {
                let status = error.status().map(u16::from);
                reply(outcome_of(&error, status, mail.to.is_ascii()), status, whole(&error))
            }
        }
    }
}

impl Mailer for SmtpMailer {
    fn mail(&self, mail: OutgoingMail) -> Pin<Box<dyn Future<Output = MailAttempt> + Send>> {
        Box::pin(self.clone().carry(mail))
    }
}

/// `is_plain`: the address has ASCII characters only, so that any server can take it.
fn outcome_of(error: &Error, status: Option<u16>, is_plain: bool) -> MailOutcome {
    match status {
        // Answers to a log-in, or to mail without one.
        Some(530 | 534 | 535 | 538) => MailOutcome::Denied,
        Some(_) if error.is_permanent() => MailOutcome::Refused,
        Some(_) => MailOutcome::Deferred,
        // The client found nothing in what the server offers that it could go on with.
        None if error.is_client() && is_plain => MailOutcome::Denied,
        None if error.is_client() => MailOutcome::Unsendable,
        None if error.is_timeout() => MailOutcome::TimedOut,
        None => MailOutcome::Unreachable,
    }
}

/// An error with its causes.
fn whole(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let inner = error.to_string();
        if !text.contains(&inner) {
            text = format!("{text}: {inner}");
        }
        cause = error.source();
    }
    text
}
