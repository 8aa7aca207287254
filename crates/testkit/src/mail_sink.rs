//! A mail server that does what a test tells it, and remembers what it was given. It speaks as much
//! SMTP as a client needs to hand over a mail: no TLS, and any log-in but a wrong one.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a mail instead of taking it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailBehaviour {
    Take,
    /// Answers the recipient with this line, for example `550 no such user`.
    Answer(String),
    /// Takes the whole mail and hangs up without an answer.
    HangUp,
}

/// A mail that was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedMail {
    pub from: String,
    pub to: Vec<String>,
    /// Headers and parts, lines ended by `\n`.
    pub source: String,
}

impl ReceivedMail {
    /// A header's lines put together; empty when there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> String {
        let head = self.source.split("\n\n").next().unwrap_or_default().replace("\n ", " ");
        let prefix = format!("{}:", name.to_ascii_lowercase());
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&prefix));
        line.map(|line| line[prefix.len()..].trim().to_owned()).unwrap_or_default()
    }

    /// The part of a media type, decoded; empty when there is none.
    #[must_use]
    pub fn part(&self, media_type: &str) -> String {
        let marker = format!("Content-Type: {media_type}");
        let Some(part) = self.source.split("\n--").find(|part| part.contains(&marker)) else {
            return String::new();
        };
        let (head, body) = part.split_once("\n\n").unwrap_or((part, ""));
        match head.to_ascii_lowercase() {
            head if head.contains("transfer-encoding: base64") => {
                let packed: String = body.split_whitespace().collect();
                String::from_utf8_lossy(&BASE64_STANDARD.decode(packed).unwrap_or_default())
                    .into_owned()
            }
            head if head.contains("transfer-encoding: quoted-printable") => quoted(body),
            _ => body.to_owned(),
        }
    }

    /// What stands in plain text.
    #[must_use]
    pub fn text(&self) -> String {
        self.part("text/plain")
    }
}

/// Takes the escapes out of quoted-printable text.
fn quoted(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let mut bytes = Vec::with_capacity(joined.len());
    let mut rest = joined.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .filter(|_| *first == b'=')
        {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A mail server on a free loopback port; it ends with the runtime.
#[derive(Clone)]
pub struct MailSink {
    address: SocketAddr,
    shared: Arc<MailSinkState>,
}

#[derive(Default)]
struct MailSinkState {
    /// What comes next; then mail is taken.
    script: Mutex<VecDeque<MailBehaviour>>,
    received: Mutex<Vec<ReceivedMail>>,
    /// The only password that is right, if a log-in is wanted.
    password: Option<String>,
}

impl MailSink {
    /// # Panics
    /// When there is no port.
    pub async fn new() -> Self {
        Self::begin(MailSinkState::default()).await
    }

    /// One that takes mail only after a log-in with this password.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn with_password(password: &str) -> Self {
        Self::begin(MailSinkState {
            password: Some(password.to_owned()),
            ..MailSinkState::default()
        })
        .await
    }

    async fn begin(shared: MailSinkState) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a socket has an address");
        let shared = Arc::new(shared);
        let served = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, served.clone()));
            }
        });
        Self { address, shared }
    }

    #[must_use]
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Says what is done with the next mails, in order; the rest is taken.
    pub fn respond_with(&self, behaviours: impl IntoIterator<Item = MailBehaviour>) {
        self.shared.script.lock().unwrap_or_else(PoisonError::into_inner).extend(behaviours);
    }

    /// What was taken up to now, also what was not acknowledged.
    #[must_use]
    pub fn received(&self) -> Vec<ReceivedMail> {
        self.shared.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One conversation; a client that goes away ends it.
async fn converse(stream: TcpStream, shared: Arc<MailSinkState>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut mail = ReceivedMail { from: String::new(), to: Vec::new(), source: String::new() };
    let mut behaviour = MailBehaviour::Take;
    say(&mut stream, "220 sink").await?;
    loop {
        let line = hear(&mut stream).await?;
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" if shared.password.is_some() => {
                say(&mut stream, "250-sink\r\n250 AUTH PLAIN").await?
            }
            "EHLO" | "HELO" => say(&mut stream, "250-sink\r\n250 8BITMIME").await?,
            "AUTH" => {
                say(&mut stream, if is_right(&shared, &line) { "235 in" } else { "535 wrong" })
                    .await?
            }
            "MAIL" => {
                mail = ReceivedMail { from: address(&line), to: Vec::new(), source: String::new() };
                let next = shared.script.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                behaviour = next.unwrap_or(MailBehaviour::Take);
                say(&mut stream, "250 fine").await?;
            }
            "RCPT" => match &behaviour {
                MailBehaviour::Answer(answer) => say(&mut stream, answer).await?,
                MailBehaviour::Take | MailBehaviour::HangUp => {
                    mail.to.push(address(&line));
                    say(&mut stream, "250 fine").await?;
                }
            },
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                mail.source = content(&mut stream).await?;
                shared.received.lock().unwrap_or_else(PoisonError::into_inner).push(mail.clone());
                if behaviour == MailBehaviour::HangUp {
                    return None;
                }
                say(&mut stream, "250 taken").await?;
            }
            "QUIT" => return say(&mut stream, "221 bye").await,
            _ => say(&mut stream, "250 fine").await?,
        }
    }
}

fn is_right(shared: &MailSinkState, line: &str) -> bool {
    let packed = line.split(' ').nth(2).unwrap_or_default();
    let plain = BASE64_STANDARD.decode(packed).unwrap_or_default();
    let password = plain.rsplit(|byte| *byte == 0).next().unwrap_or_default();
    shared.password.as_deref().is_some_and(|right| right.as_bytes() == password)
}

fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}

/// The lines up to the single dot.
async fn content(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut source = String::new();
    loop {
        let line = hear(stream).await?;
        if line == "." {
            return Some(source);
        }
        source.push_str(line.strip_prefix('.').unwrap_or(&line));
        source.push('\n');
    }
}

async fn hear(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> Option<()> {
    stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.ok()
}
