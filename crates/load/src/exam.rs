//! The run: prepare, let everybody sit, look, verify.

use crate::LoadArguments;
use crate::candidate::{AbortReason, LoadCandidate};
use crate::connection_pool::{ConnectionPool, ServerConnection};
use crate::exam_schedule::timetable;
use crate::http::ServerAddress;
use crate::process::{self, ProcessCost};
use crate::reader::ResultsReader;
use crate::report::{self, LoadReport};
use crate::request_samples::RequestSample;
use crate::rng::LoadRng;
use crate::staff::StaffClient;
use crate::verify::{VerifyFindings, verify};
use anyhow::Context;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Files a process has open beside its connections to candidates.
const OTHER_FILES: usize = 200;
/// Local ports towards one address of the server, as the system hands them out by default, and some
/// air.
const MOST_CONNECTIONS: usize = 27_000;
/// Between preparing and the first entry.
const CALM: Duration = Duration::from_secs(1);
const REASONS: usize = 5;

pub struct LoadOutcome {
    pub report: LoadReport,
    pub findings: VerifyFindings,
    pub connections: Option<usize>,
    pub gave_up: usize,
    /// The first of them.
    pub reasons: Vec<String>,
    /// Seconds of processor time of the generator, and of the clock.
    pub generator: f64,
    pub took: f64,
}

/// # Errors
/// The server is not there or refuses what staff ask of it.
pub async fn run(arguments: &LoadArguments) -> anyhow::Result<LoadOutcome> {
    let address = Arc::new(
        ServerAddress::of(&arguments.url, Duration::from_secs(arguments.reply_within)).await?,
    );
    let mut staff =
        StaffClient { line: ServerConnection::own(&address), key: arguments.key.clone() };
    let task = staff.make_task(arguments.pages, arguments.questions).await?;
    let codes = staff.invite(&task, arguments.candidates).await?;
    let mut keys = Vec::new();
    for number in 1..=arguments.readers {
        keys.push(staff.make_reader_key(number).await?);
    }
    let connections = bound(arguments);
    let begin = Instant::now() + CALM;
    // For whoever waits to disturb the exam at its moments.
    writeln!(std::io::stderr(), "begun")?;
    let stop = Arc::new(AtomicBool::new(false));
    let watch = arguments.pid.map(|pid| tokio::spawn(process::watch(pid, stop.clone())));
    let before = process::processor("self").unwrap_or_default();
    let readers = keys
        .into_iter()
        .map(|key| tokio::spawn(reader(arguments, &address, key, &task, begin, &stop).read()));
    let readers: Vec<JoinHandle<_>> = readers.collect();
    let sat = sit(arguments, &address, codes, connections, begin).await?;
    let (generator, took) =
        (process::processor("self").unwrap_or_default() - before, begin.elapsed().as_secs_f64());
    stop.store(true, Ordering::Relaxed);
    let mut samples: Vec<RequestSample> =
        sat.iter().flat_map(|(candidate, _)| candidate.samples.iter().copied()).collect();
    for reader in readers {
        samples.extend(reader.await?);
    }
    if let Some(file) = &arguments.samples {
        std::fs::write(file, report::timeline(&samples)).context("--samples")?;
    }
    let server = match watch {
        Some(watch) => watch.await?,
        None => None,
    };
    let lags: Vec<Duration> =
        sat.iter().flat_map(|(candidate, _)| candidate.lags.iter().copied()).collect();
    let gave_up: Vec<String> =
        sat.iter().filter_map(|(_, sat)| sat.as_ref().err()).map(AbortReason::to_string).collect();
    let ledgers = sat.into_iter().map(|(candidate, _)| candidate.ledger).collect();
    let findings = verify(&mut staff, &task, ledgers, &address).await?;
    Ok(LoadOutcome {
        report: LoadReport {
            server,
            ..LoadReport::of(&samples, &lags, &arguments.course().calm())
        },
        findings,
        connections,
        gave_up: gave_up.len(),
        reasons: gave_up.into_iter().take(REASONS).collect(),
        generator,
        took,
    })
}

/// How many connections are shared; `None` when everybody has one.
fn bound(arguments: &LoadArguments) -> Option<usize> {
    if arguments.connections > 0 {
        return Some(arguments.connections);
    }
    let server = arguments.pid.and_then(|pid| process::open_files(&pid.to_string()));
    let files = [process::open_files("self"), server].into_iter().flatten().min().unwrap_or(1024);
    let most = files.saturating_sub(OTHER_FILES + arguments.readers).clamp(1, MOST_CONNECTIONS);
    (arguments.candidates > most).then_some(most)
}

fn reader(
    arguments: &LoadArguments,
    address: &Arc<ServerAddress>,
    key: String,
    task: &str,
    begin: Instant,
    stop: &Arc<AtomicBool>,
) -> ResultsReader {
    ResultsReader {
        line: ServerConnection::own(address),
        key,
        task: task.to_owned(),
        mode: arguments.reader_mode.clone(),
        limit: arguments.reader_limit,
        begin,
        stop: stop.clone(),
    }
}

type ExamResults = Vec<(LoadCandidate, Result<(), AbortReason>)>;

async fn sit(
    arguments: &LoadArguments,
    address: &Arc<ServerAddress>,
    codes: Vec<String>,
    connections: Option<usize>,
    begin: Instant,
) -> anyhow::Result<ExamResults> {
    let pool = connections.map(ConnectionPool::of);
    let course = arguments.course();
    let candidates = codes.into_iter().zip(0_u64..).map(|(code, number)| {
        let mut chance = LoadRng::of(arguments.seed, number);
        let acts = timetable(&course, &mut chance);
        let line = pool.as_ref().map_or_else(
            || ServerConnection::own(address),
            |pool| ServerConnection::shared(address, pool),
        );
        let mut candidate = LoadCandidate::new(code, acts, line, chance, begin);
        candidate.patience = Duration::from_secs(arguments.patience);
        tokio::spawn(async move {
            let sat = candidate.take_exam().await;
            (candidate, sat)
        })
    });
    let candidates: Vec<JoinHandle<_>> = candidates.collect();
    let mut sat = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        sat.push(candidate.await?);
    }
    Ok(sat)
}

impl LoadOutcome {
    /// What the table does not say.
    pub fn summary_text(&self, arguments: &LoadArguments) -> String {
        let VerifyFindings { faults, instances, complete, answers } = &self.findings;
        let connections = match self.connections {
            Some(bound) => format!("{bound} shared connections"),
            None => "a connection each".to_owned(),
        };
        let server = self.report.server.map_or_else(String::new, |cost| {
            let ProcessCost { resident, processor } = cost;
            format!(
                " Server: {resident:.0} MiB resident at most, {processor:.1} s of processor time."
            )
        });
        format!(
            "{} candidates, {} readers, {connections}; {:.1} s; busiest second {} replies; {} gave up.{server} \
             Generator: {:.1} s of processor time, late by {:.1} ms at its 99th percentile. \
             Afterwards: {instances} instances, {complete} complete, {answers} acknowledged answers looked up, {} faults.",
            arguments.candidates,
            arguments.readers,
            self.took,
            self.report.busiest_second,
            self.gave_up,
            self.generator,
            self.report.lag,
            faults.len(),
        )
    }
}
