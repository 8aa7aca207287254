//! What the operator decides about the use cases.

use std::time::Duration;

/// Settings of the use cases; the binary fills them from its configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Absolute base URL under which candidates and clients reach the server, without a trailing
    /// slash.
    pub public_url: String,
    /// The same for files of candidates, when they have an origin of their own.
    pub media_url: Option<String>,
    /// Whether mail goes to a mail server; without one nothing is confirmed by mail.
    pub has_mail_server: bool,
    /// Refused entries one client address may make in ten minutes.
    pub entry_failures_per_address: u32,
    /// Refused entries one task may see in ten minutes; beyond it addresses without a success are
    /// stopped.
    pub entry_failures_per_task: u32,
    /// Requests to the delivery API a second from one log-in session, five times as many at once;
    /// none lifts the limit.
    pub requests_per_second_and_session: Option<u32>,
    /// The same from one client address, ten times as many at once.
    pub requests_per_second_and_address: Option<u32>,
    /// Entries a minute from one client address; none lifts the limit.
    pub entries_per_minute_and_address: Option<u32>,
    /// From an address over its limit invitation codes are judged one after another, so far apart.
    pub paced_try: Duration,
    /// Whether callbacks may go to `http` addresses as well as `https`.
    pub plain_http_callbacks: bool,
    /// Bytes that all files of one instance's answers may have together.
    pub answer_files_bytes: u64,
    /// How long a file may take to arrive before its sender has to keep up a least rate.
    pub upload_grace: Duration,
    /// Bytes that all versions of one instance's answers may have together.
    pub kept_answers_bytes: u64,
    /// Bytes that all evidences of one instance may have together.
    pub evidences_bytes: u64,
    /// Bytes that all media of one organization's authors may have together.
    pub author_media_bytes: u64,
    /// Bytes of exports that may wait in temporary files for slow clients, of one organization half
    /// of them.
    pub export_spool_bytes: u64,
    /// Bytes of memory for parsed documents and compiled tests.
    pub compiled_cache_bytes: u64,
    /// Rows that one transaction of a large act of staff looks at.
    pub batch_size: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            media_url: None,
            has_mail_server: false,
            entry_failures_per_address: 10,
            entry_failures_per_task: 100,
            requests_per_second_and_session: None,
            requests_per_second_and_address: None,
            entries_per_minute_and_address: None,
            paced_try: Duration::from_secs(1),
            plain_http_callbacks: false,
            answer_files_bytes: 4 << 30,
            upload_grace: Duration::from_secs(30),
            kept_answers_bytes: 256 << 20,
            evidences_bytes: 16 << 30,
            author_media_bytes: 5 << 30,
            export_spool_bytes: 4 << 30,
            compiled_cache_bytes: 32 << 20,
            batch_size: 200,
        }
    }
}
