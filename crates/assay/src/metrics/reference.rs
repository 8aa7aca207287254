//! Every metric there is: the help line that goes with it, and `docs/metrics.md`.

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    Counter,
    Gauge,
    /// A histogram of seconds.
    Seconds,
    /// A histogram of numbers of requests.
    Requests,
}

/// A metric as its page describes it.
pub struct MetricDef {
    pub name: &'static str,
    /// Separated by commas; empty for none.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the page"))]
    pub labels: &'static str,
    pub kind: MetricKind,
    pub meaning: &'static str,
}

const fn metric(
    name: &'static str,
    labels: &'static str,
    kind: MetricKind,
    meaning: &'static str,
) -> MetricDef {
    MetricDef { name, labels, kind, meaning }
}

/// Every metric there is; the page is generated from it.
pub const METRICS: [MetricDef; 28] = [
    metric(
        "assay_http_request_duration_seconds",
        "route, method, status",
        MetricKind::Seconds,
        "From the head of a request to the head of its answer. `route` is a template such as /tasks/{taskId}; `none` for unknown paths, wrong methods and refused keys.",
    ),
    metric("assay_http_connections", "", MetricKind::Gauge, "Open connections of clients."),
    metric(
        "assay_rate_limited_total",
        "by",
        MetricKind::Counter,
        "Requests refused because there were too many: of a `key`, or with bad keys from an `address`.",
    ),
    metric(
        "assay_page_cache_hits_total",
        "",
        MetricKind::Counter,
        "Lists of results sent as they were printed before.",
    ),
    metric(
        "assay_page_cache_misses_total",
        "",
        MetricKind::Counter,
        "Lists of results that had to be printed.",
    ),
    metric("assay_page_cache_bytes", "", MetricKind::Gauge, "Memory that kept pages take."),
    metric("assay_page_cache_pages", "", MetricKind::Gauge, "Pages that are kept."),
    metric(
        "assay_replica_reads_total",
        "outcome",
        MetricKind::Counter,
        "Lists, searches, feeds and exports taken to the read replica: `served` by it, or by the primary because the replica was `behind` or `failed`.",
    ),
    metric(
        "assay_answers_saved_total",
        "",
        MetricKind::Counter,
        "Answers of candidates acknowledged as durable, repeats not counted.",
    ),
    metric(
        "assay_instances_completed_by_deadline_total",
        "",
        MetricKind::Counter,
        "Test instances this server completed because their time was over.",
    ),
    metric(
        "assay_deadline_lag_seconds",
        "",
        MetricKind::Gauge,
        "How long ago the earliest deadline was that has not been seen to; 0 when none is overdue.",
    ),
    metric(
        "assay_clock_ahead_seconds",
        "",
        MetricKind::Gauge,
        "While the clock is in doubt, how far it is ahead of the time that was trusted last; else 0. Nothing is erased meanwhile.",
    ),
    metric(
        "assay_clock_jumps_total",
        "",
        MetricKind::Counter,
        "Jumps of the clock that this server noticed.",
    ),
    metric(
        "assay_callback_tries_total",
        "outcome",
        MetricKind::Counter,
        "Tries to send a callback, by how they ended: `delivered`, `refused`, `gone`, `timed-out`, `unreachable`, `forbidden`.",
    ),
    metric(
        "assay_callback_duration_seconds",
        "",
        MetricKind::Seconds,
        "From the beginning of a try to send a callback to the head of its answer, or to its failure.",
    ),
    metric(
        "assay_callback_lag_seconds",
        "",
        MetricKind::Gauge,
        "How long ago the earliest callback was due that nobody has claimed; 0 when none is.",
    ),
    metric(
        "assay_mail_tries_total",
        "outcome",
        MetricKind::Counter,
        "Tries to send a mail, by how they ended: `sent`, `kept` (no mail server is set), `refused`, `deferred`, `denied`, `timed-out`, `unreachable`, `unsendable`.",
    ),
    metric(
        "assay_mail_duration_seconds",
        "",
        MetricKind::Seconds,
        "From the beginning of a try to send a mail to the end of the talk with the mail server.",
    ),
    metric(
        "assay_mail_lag_seconds",
        "",
        MetricKind::Gauge,
        "How long ago the earliest mail was due that nobody has claimed; 0 when none is.",
    ),
    metric(
        "assay_storage_queue_depth",
        "queue",
        MetricKind::Gauge,
        "Requests that wait for a thread of the database: to `write` or to `read`.",
    ),
    metric(
        "assay_storage_commit_duration_seconds",
        "",
        MetricKind::Seconds,
        "Writes that share a transaction, from its beginning until it is on disk, retries included.",
    ),
    metric(
        "assay_storage_commit_requests",
        "",
        MetricKind::Requests,
        "How many writes shared a transaction.",
    ),
    metric(
        "assay_database_bytes",
        "file",
        MetricKind::Gauge,
        "Size of the database's file: `main`, and its `log`. Not on PostgreSQL.",
    ),
    metric("assay_build_info", "version", MetricKind::Gauge, "Always 1; the version is the label."),
    metric("process_resident_memory_bytes", "", MetricKind::Gauge, "Memory of the process."),
    metric(
        "process_cpu_seconds_total",
        "",
        MetricKind::Counter,
        "Processor time of the process, whole seconds.",
    ),
    metric("process_open_fds", "", MetricKind::Gauge, "Open files and sockets."),
    metric("process_threads", "", MetricKind::Gauge, "Threads of the process."),
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
        for MetricDef { name, labels, kind, meaning } in METRICS {
            let kind = match kind {
                MetricKind::Counter => "counter",
                MetricKind::Gauge => "gauge",
                MetricKind::Seconds | MetricKind::Requests => "histogram",
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
        for MetricDef { name, kind, meaning, .. } in METRICS {
            assert!(name.starts_with("assay_") || name.starts_with("process_"), "{name}");
            assert_eq!(name.ends_with("_total"), kind == MetricKind::Counter, "{name}");
            assert_eq!(name.ends_with("_duration_seconds"), kind == MetricKind::Seconds, "{name}");
            assert!(meaning.ends_with('.'), "{name}");
        }
    }
}
