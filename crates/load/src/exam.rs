//! The run: prepare, let everybody sit, look, verify.

use crate::Arguments;
use crate::candidate::{Candidate, GaveUp};
use crate::chance::Chance;
use crate::line::{Line, Pool};
use crate::process::{self, Cost};
use crate::reader::Reader;
use crate::report::{self, Report};
use crate::staff::Staff;
use crate::tally::Sample;
use crate::timetable::timetable;
use crate::verify::{Findings, verify};
use crate::wire::Address;
use anyhow::Context;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Files a process has open beside its connections to candidates.
const OTHER_FILES: usize = 200;
/// Local ports towards one address of the server, as the system hands them out by default, and some air.
const MOST_CONNECTIONS: usize = 27_000;
/// Between preparing and the first entry.
const CALM: Duration = Duration::from_secs(1);
const REASONS: usize = 5;

pub struct Outcome {
    pub report: Report,
    pub findings: Findings,
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
pub async fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let address = Arc::new(Address::of(&arguments.url, Duration::from_secs(arguments.reply_within)).await?);
    let mut staff = Staff { line: Line::own(&address), key: arguments.key.clone() };
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
    let readers =
        keys.into_iter().map(|key| tokio::spawn(reader(arguments, &address, key, &task, begin, &stop).read()));
    let readers: Vec<JoinHandle<_>> = readers.collect();
    let sat = sit(arguments, &address, codes, connections, begin).await?;
    let (generator, took) = (process::processor("self").unwrap_or_default() - before, begin.elapsed().as_secs_f64());
    stop.store(true, Ordering::Relaxed);
    let mut samples: Vec<Sample> = sat.iter().flat_map(|(candidate, _)| candidate.samples.iter().copied()).collect();
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
    let lags: Vec<Duration> = sat.iter().flat_map(|(candidate, _)| candidate.lags.iter().copied()).collect();
    let gave_up: Vec<String> = sat.iter().filter_map(|(_, sat)| sat.as_ref().err()).map(GaveUp::to_string).collect();
    let ledgers = sat.into_iter().map(|(candidate, _)| candidate.ledger).collect();
    let findings = verify(&mut staff, &task, ledgers, &address).await?;
    Ok(Outcome {
        report: Report { server, ..Report::of(&samples, &lags, &arguments.course().calm()) },
        findings,
        connections,
        gave_up: gave_up.len(),
        reasons: gave_up.into_iter().take(REASONS).collect(),
        generator,
        took,
    })
}

/// How many connections are shared; `None` when everybody has one.
fn bound(arguments: &Arguments) -> Option<usize> {
    if arguments.connections > 0 {
        return Some(arguments.connections);
    }
    let server = arguments.pid.and_then(|pid| process::open_files(&pid.to_string()));
    let files = [process::open_files("self"), server].into_iter().flatten().min().unwrap_or(1024);
    let most = files.saturating_sub(OTHER_FILES + arguments.readers).clamp(1, MOST_CONNECTIONS);
    (arguments.candidates > most).then_some(most)
}

fn reader(
    arguments: &Arguments,
    address: &Arc<Address>,
    key: String,
    task: &str,
    begin: Instant,
    stop: &Arc<AtomicBool>,
) -> Reader {
    Reader {
        line: Line::own(address),
        key,
        task: task.to_owned(),
        mode: arguments.reader_mode.clone(),
        limit: arguments.reader_limit,
        begin,
        stop: stop.clone(),
    }
}

type Sat = Vec<(Candidate, Result<(), GaveUp>)>;

async fn sit(
    arguments: &Arguments,
    address: &Arc<Address>,
    codes: Vec<String>,
    connections: Option<usize>,
    begin: Instant,
) -> anyhow::Result<Sat> {
    let pool = connections.map(Pool::of);
    let course = arguments.course();
    let candidates = codes.into_iter().zip(0_u64..).map(|(code, number)| {
        let mut chance = Chance::of(arguments.seed, number);
        let acts = timetable(&course, &mut chance);
        let line = pool.as_ref().map_or_else(|| Line::own(address), |pool| Line::shared(address, pool));
        let mut candidate = Candidate::new(code, acts, line, chance, begin);
        candidate.patience = Duration::from_secs(arguments.patience);
        tokio::spawn(async move {
            let sat = candidate.sit().await;
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

impl Outcome {
    /// What the table does not say.
    pub fn words(&self, arguments: &Arguments) -> String {
        let Findings { faults, instances, complete, answers } = &self.findings;
        let connections = match self.connections {
            Some(bound) => format!("{bound} shared connections"),
            None => "a connection each".to_owned(),
        };
        let server = self.report.server.map_or_else(String::new, |cost| {
            let Cost { resident, processor } = cost;
            format!(" Server: {resident:.0} MiB resident at most, {processor:.1} s of processor time.")
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
