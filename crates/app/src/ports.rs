//! What the outside world gives: the time and chance. Everything else here is decided from
//! arguments.

use domain::callback::{CallbackOutcome, RetryAfter};
use domain::id::{
    CandidateId, CorrectionId, EventId, InstanceId, KeyId, MailId, MediaId, OrganizationId,
    QuestionId, RequestId, StaffSessionId, StepId, TaskId, TestId, UserId, WebhookId,
};
use domain::mail::MailOutcome;
use domain::time::Timestamp;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

/// The server's clock.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;

    /// Since any fixed moment of this process, untouched by changes of the wall clock. It counts on
    /// while the machine sleeps, where the system can tell.
    fn steady(&self) -> Duration;
}

/// A cryptographically strong random source.
pub trait Rng: Send + Sync + 'static {
    fn fill(&self, bytes: &mut [u8]);
}

/// A signed message on its way to a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookRequest {
    /// Absolute.
    pub url: String,
    /// `webhook-id`
    pub id: String,
    /// `webhook-timestamp`
    pub seconds: i64,
    /// `webhook-signature`
    pub signature: String,
    /// JSON.
    pub body: String,
}

/// How a try went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookAttempt {
    pub outcome: CallbackOutcome,
    /// Of the answer, if there was one.
    pub status: Option<u16>,
    /// When the receiver wants to be asked again.
    pub retry_after: Option<RetryAfter>,
    pub taken: Duration,
}

impl WebhookAttempt {
    /// `Retry-After` where it is obeyed: with 429 and 503.
    #[must_use]
    pub fn obeyed_retry_after(&self) -> Option<RetryAfter> {
        self.retry_after.filter(|_| matches!(self.status, Some(429 | 503)))
    }
}

/// Carries messages to receivers: follows no redirection, dials no address that is not allowed, and
/// comes back in bounded time whatever the receiver does.
pub trait WebhookSender: Send + Sync + 'static {
    fn send(&self, letter: WebhookRequest) -> Pin<Box<dyn Future<Output = WebhookAttempt> + Send>>;
}

/// A mail on its way to one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingMail {
    pub id: MailId,
    /// With its angle brackets; the same however often a try is repeated.
    pub message_id: String,
    /// An address as somebody typed it.
    pub to: String,
    /// One line.
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The moment of the try.
    pub at: Timestamp,
}

/// How a try to send a mail went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailAttempt {
    pub outcome: MailOutcome,
    /// Of the server's answer, if there was one.
    pub status: Option<u16>,
    /// What the server said, or what was wrong; may be empty.
    pub said: String,
    pub taken: Duration,
}

impl MailAttempt {
    /// There was nothing to send.
    #[must_use]
    pub fn unsendable(said: impl Into<String>) -> Self {
        Self {
            outcome: MailOutcome::Unsendable,
            status: None,
            said: said.into(),
            taken: Duration::ZERO,
        }
    }
}

/// Hands mail to a mail server, or keeps it, and comes back in bounded time: in less than two
/// minutes.
pub trait Mailer: Send + Sync + 'static {
    fn mail(&self, mail: OutgoingMail) -> Pin<Box<dyn Future<Output = MailAttempt> + Send>>;

    /// Mails it holds copies of.
    fn copies(&self) -> Vec<MailId> {
        Vec::new()
    }

    /// Removes such copies.
    fn discard(&self, _mails: &[MailId]) {}
}

/// Keeps the files of candidates by their ids. Its calls block and are made on threads that may.
pub trait MediaStore: Send + Sync + 'static {
    /// Begins a file. What is not kept in the end leaves nothing behind.
    ///
    /// # Errors
    /// When the store cannot be written to.
    fn begin(&self, id: &MediaId) -> io::Result<Box<dyn MediaDraft>>;

    /// A file to read from.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    fn open(&self, id: &MediaId) -> io::Result<Box<dyn MediaReader>>;

    /// Removes a file; one that is not there is no error.
    ///
    /// # Errors
    /// When it is there and stays.
    fn remove(&self, id: &MediaId) -> io::Result<()>;

    /// Files that were last written to so many seconds ago or earlier. They are read as they are
    /// taken, because there may be millions; what cannot be read is left out.
    fn older_than(&self, seconds: u64) -> Box<dyn Iterator<Item = MediaId> + Send>;

    /// The installation that the store belongs to, once it has been marked.
    ///
    /// # Errors
    /// When there is a mark and it cannot be read.
    fn mark(&self) -> io::Result<Option<String>>;

    /// Marks the store as an installation's, and gives whose it is then: somebody else may have
    /// been quicker.
    ///
    /// # Errors
    /// When the store cannot be written to.
    fn set_mark(&self, installation: &str) -> io::Result<String>;

    /// Moves a file out of the way, to the others of a day (`2027-01-31`). It is not found any
    /// more.
    ///
    /// # Errors
    /// When it stays where it is.
    fn set_aside(&self, id: &MediaId, day: &str) -> io::Result<()>;

    /// Removes what was moved out of the way before a day, and gives the names of it.
    fn forget_set_aside(&self, before: &str) -> Vec<String>;
}

/// A file on its way into a media store.
pub trait MediaDraft: Send {
    /// # Errors
    /// When it cannot be written.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Keeps it under its id. Once this returns it survives loss of power.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn keep(self: Box<Self>) -> io::Result<()>;
}

/// A file of a media store.
pub trait MediaReader: io::Read + io::Seek + Send {}

impl<T: io::Read + io::Seek + Send> MediaReader for T {}

/// Values drawn from a random source.
pub trait RngExt {
    /// As many random bytes as the array holds.
    fn bytes<const N: usize>(&self) -> [u8; N];

    /// 64 random bits.
    fn bits(&self) -> u64 {
        u64::from_be_bytes(self.bytes())
    }
}

impl RngExt for dyn Rng {
    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// Kinds of id that can be made from the moment and chance.
pub trait NewId {
    fn new_id(now: Timestamp, random: u64) -> Self;
}

macro_rules! impl_new_id {
    ($($id:ty)*) => {$(
        impl NewId for $id {
            fn new_id(now: Timestamp, random: u64) -> Self {
                <$id>::generate(now, random)
            }
        }
    )*};
}

impl_new_id! { CandidateId CorrectionId EventId InstanceId KeyId MailId MediaId OrganizationId QuestionId RequestId StaffSessionId StepId TaskId TestId UserId WebhookId }
