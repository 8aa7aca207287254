//! What the operator decides about the use cases.

/// Settings of the use cases; the binary fills them from its configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Absolute base URL under which candidates and clients reach the server, without a trailing slash.
    pub public_url: String,
    /// Refused entries one client address may make in ten minutes.
    pub entry_failures_per_address: u32,
    /// Refused entries one task may see in ten minutes; beyond it addresses without a success are stopped.
    pub entry_failures_per_task: u32,
    /// Whether callbacks may go to `http` addresses as well as `https`.
    pub plain_http_callbacks: bool,
    /// Bytes that all files of one instance's answers may have together.
    pub answer_files_bytes: u64,
    /// Bytes that all evidences of one instance may have together.
    pub evidences_bytes: u64,
    /// Bytes of exports that may wait in temporary files for slow clients, of one organization half of them.
    pub export_spool_bytes: u64,
    /// Bytes of memory for parsed documents and compiled tests.
    pub compiled_cache_bytes: u64,
    /// Instances of a task looked at in one transaction while a step is corrected.
    pub correction_batch: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            entry_failures_per_address: 10,
            entry_failures_per_task: 100,
            plain_http_callbacks: false,
            answer_files_bytes: 4 << 30,
            evidences_bytes: 16 << 30,
            export_spool_bytes: 4 << 30,
            compiled_cache_bytes: 32 << 20,
            correction_batch: 200,
        }
    }
}
