//! Metrics for Prometheus: the recorder everything counts into, and `GET /metrics` on an address of
//! its own.
//!
//! What flows is counted where it happens; what stands is read when somebody asks. Without an
//! address nothing is recorded. Must never hold a label that came from outside: see `api::meters`.

mod process;
mod reference;

use crate::data_dir::DataDir;
use crate::http_server::{BoundListener, listen};
use anyhow::Context;
use app::App;
use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics::{counter, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use reference::{METRICS, MetricKind};
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const SECONDS: [f64; 13] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
const REQUESTS: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];
/// How often what was measured is put into buckets, so that it does not pile up between two
/// readings.
const TIDYING: Duration = Duration::from_secs(2);

/// Metrics that have an address and no reader yet.
pub struct MetricsServer {
    handle: PrometheusHandle,
    listening: BoundListener,
    database: Option<PathBuf>,
}

impl MetricsServer {
    /// Takes the address and begins to record. Before anything that counts is made: it counts into
    /// the recorder of that moment.
    ///
    /// # Errors
    /// The address is taken.
    pub async fn begin(address: SocketAddr, directory: &DataDir) -> anyhow::Result<Self> {
        let listening =
            listen(address).await.context("metrics have no address; see --metrics-listen")?;
        let handle = recorder()?.install_recorder().context("metrics are recorded already")?;
        describe();
        let database = (!directory.is_on_postgres()).then(|| directory.database());
        Ok(Self { handle, listening, database })
    }

    /// Where they are served.
    pub const fn address(&self) -> SocketAddr {
        self.listening.address
    }

    /// The socket, and what is to be served on it.
    pub fn into_service(self, app: App) -> (BoundListener, Router) {
        let Self { handle, listening, database } = self;
        tokio::spawn(tidy(handle.clone()));
        let read = move || {
            let (handle, app, database) = (handle.clone(), app.clone(), database.clone());
            async move { read(&handle, &app, database).await }
        };
        (listening, Router::new().route("/metrics", get(read)))
    }
}

fn recorder() -> anyhow::Result<PrometheusBuilder> {
    let mut builder = PrometheusBuilder::new();
    for metric in METRICS {
        let buckets: &[f64] = match metric.kind {
            MetricKind::Seconds => &SECONDS,
            MetricKind::Requests => &REQUESTS,
            MetricKind::Counter | MetricKind::Gauge => continue,
        };
        builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), buckets)?;
    }
    Ok(builder)
}

fn describe() {
    for metric in METRICS {
        match metric.kind {
            MetricKind::Counter => metrics::describe_counter!(metric.name, metric.meaning),
            MetricKind::Gauge => metrics::describe_gauge!(metric.name, metric.meaning),
            MetricKind::Seconds | MetricKind::Requests => {
                metrics::describe_histogram!(metric.name, metric.meaning)
            }
        }
    }
}

async fn tidy(handle: PrometheusHandle) {
    let mut ticks = interval(TIDYING);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}

async fn read(
    handle: &PrometheusHandle,
    app: &App,
    database: Option<PathBuf>,
) -> impl IntoResponse + use<> {
    let load = app.load_snapshot();
    gauge!("assay_deadline_lag_seconds").set(load.deadline_lag.as_secs_f64());
    for (queue, length) in [("write", load.backlog.writes), ("read", load.backlog.reads)] {
        gauge!("assay_storage_queue_depth", "queue" => queue)
            .set(u32::try_from(length).unwrap_or(u32::MAX));
    }
    gauge!("assay_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
    // Files are looked at on a thread that may wait for a disk.
    let _ = tokio::task::spawn_blocking(move || {
        database.iter().for_each(measure_database);
        process::measure();
    })
    .await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render())
}

fn measure_database(path: &PathBuf) {
    let log = PathBuf::from(format!("{}-wal", path.display()));
    for (file, path) in [("main", path), ("log", &log)] {
        let bytes = fs::metadata(path).map_or(0, |found| found.len());
        gauge!("assay_database_bytes", "file" => file).set(to_gauge(bytes));
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a floating number")]
fn to_gauge(number: u64) -> f64 {
    number as f64
}

/// Takes the count of a counter that somebody else keeps.
fn set_counter(name: &'static str, count: u64) {
    counter!(name).absolute(count);
}
