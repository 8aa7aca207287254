//! Every metric there is: the help line that goes with it, and `docs/metrics.md`.

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    /// A histogram of seconds.
    Seconds,
    /// A histogram of numbers of requests.
    Requests,
}

pub struct Known {
    pub name: &'static str,
    /// Separated by commas; empty for none.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the page"))]
    pub labels: &'static str,
    pub kind: Kind,
    pub meaning: &'static str,
}

const fn known(name: &'static str, labels: &'static str, kind: Kind, meaning: &'static str) -> Known {
    Known { name, labels, kind, meaning }
}

pub const KINDS: [Known; 28] = [
    known(
        "assay_http_request_duration_seconds",
        "route, method, status",
        Kind::Seconds,
        "From the head of a request to the head of its answer. `route` is a template such as /tasks/{taskId}; `none` for unknown paths, wrong methods and refused keys.",
    ),
    known("assay_http_connections", "", Kind::Gauge, "Open connections of clients."),
    known(
        "assay_rate_limited_total",
        "by",
        Kind::Counter,
        "Requests refused because there were too many: of a `key`, or with bad keys from an `address`.",
    ),
    known("assay_page_cache_hits_total", "", Kind::Counter, "Lists of results sent as they were printed before."),
    known("assay_page_cache_misses_total", "", Kind::Counter, "Lists of results that had to be printed."),
    known("assay_page_cache_bytes", "", Kind::Gauge, "Memory that kept pages take."),
    known("assay_page_cache_pages", "", Kind::Gauge, "Pages that are kept."),
    known(
        "assay_replica_reads_total",
        "outcome",
        Kind::Counter,
        "Lists, searches, feeds and exports taken to the read replica: `served` by it, or by the primary because the replica was `behind` or `failed`.",
    ),
    known(
        "assay_answers_saved_total",
        "",
        Kind::Counter,
        "Answers of candidates acknowledged as durable, repeats not counted.",
    ),
    known(
        "assay_instances_completed_by_deadline_total",
        "",
        Kind::Counter,
        "Test instances this server completed because their time was over.",
    ),
    known(
        "assay_deadline_lag_seconds",
        "",
        Kind::Gauge,
        "How long ago the earliest deadline was that has not been seen to; 0 when none is overdue.",
    ),
    known(
        "assay_clock_ahead_seconds",
        "",
        Kind::Gauge,
        "While the clock is in doubt, how far it is ahead of the time that was trusted last; else 0. Nothing is erased meanwhile.",
    ),
    known("assay_clock_jumps_total", "", Kind::Counter, "Jumps of the clock that this server noticed."),
    known(
        "assay_callback_tries_total",
        "outcome",
        Kind::Counter,
        "Tries to send a callback, by how they ended: `delivered`, `refused`, `gone`, `timed-out`, `unreachable`, `forbidden`.",
    ),
    known(
        "assay_callback_duration_seconds",
        "",
        Kind::Seconds,
        "From the beginning of a try to send a callback to the head of its answer, or to its failure.",
    ),
    known(
        "assay_callback_lag_seconds",
        "",
        Kind::Gauge,
        "How long ago the earliest callback was due that nobody has claimed; 0 when none is.",
    ),
    known(
        "assay_mail_tries_total",
        "outcome",
        Kind::Counter,
        "Tries to send a mail, by how they ended: `sent`, `kept` (no mail server is set), `refused`, `deferred`, `denied`, `timed-out`, `unreachable`, `unsendable`.",
    ),
    known(
        "assay_mail_duration_seconds",
        "",
        Kind::Seconds,
        "From the beginning of a try to send a mail to the end of the talk with the mail server.",
    ),
    known(
        "assay_mail_lag_seconds",
        "",
        Kind::Gauge,
        "How long ago the earliest mail was due that nobody has claimed; 0 when none is.",
    ),
    known(
        "assay_storage_queue_depth",
        "queue",
        Kind::Gauge,
        "Requests that wait for a thread of the database: to `write` or to `read`.",
    ),
    known(
        "assay_storage_commit_duration_seconds",
        "",
        Kind::Seconds,
        "Writes that share a transaction, from its beginning until it is on disk, retries included.",
    ),
    known("assay_storage_commit_requests", "", Kind::Requests, "How many writes shared a transaction."),
    known(
        "assay_database_bytes",
        "file",
        Kind::Gauge,
        "Size of the database's file: `main`, and its `log`. Not on PostgreSQL.",
    ),
    known("assay_build_info", "version", Kind::Gauge, "Always 1; the version is the label."),
    known("process_resident_memory_bytes", "", Kind::Gauge, "Memory of the process."),
    known("process_cpu_seconds_total", "", Kind::Counter, "Processor time of the process, whole seconds."),
    known("process_open_fds", "", Kind::Gauge, "Open files and sockets."),
    known("process_threads", "", Kind::Gauge, "Threads of the process."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn page() -> String {
        let mut page = String::from(
            "# Metrics\n\n\
             Written from `crates/assay/src/metrics/reference.rs` by a test; change it there.\n\n\
             `GET /metrics` on the address of `metrics_listen` gives these in the text form of Prometheus. Whoever reaches the\n\
             address may read them; no label holds an id, a key, a code or anything else a client wrote. Each server tells\n\
             only what it did itself. [What to watch](operations.md#what-to-watch) says which of them matter.\n\n\
             | metric | kind | labels | meaning |\n| --- | --- | --- | --- |\n",
        );
        for Known { name, labels, kind, meaning } in KINDS {
            let kind = match kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
                Kind::Seconds | Kind::Requests => "histogram",
            };
            writeln!(page, "| `{name}` | {kind} | {labels} | {meaning} |").unwrap();
        }
        page
    }

    #[test]
    fn the_page_of_metrics_is_the_one_written_from_their_reference() {
        crate::docs::check("metrics.md", &page());
    }

    #[test]
    fn names_keep_to_the_customs_of_prometheus() {
        for Known { name, kind, meaning, .. } in KINDS {
            assert!(name.starts_with("assay_") || name.starts_with("process_"), "{name}");
            assert_eq!(name.ends_with("_total"), kind == Kind::Counter, "{name}");
            assert_eq!(name.ends_with("_duration_seconds"), kind == Kind::Seconds, "{name}");
            assert!(meaning.ends_with('.'), "{name}");
        }
    }
}
