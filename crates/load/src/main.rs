//! `load`: how a server bears an exam. Makes candidates, lets them sit at the same time as their
//! pages would, measures every request, and afterwards holds what the server keeps against what it
//! acknowledged. Development only.
//!
//! Time is the runtime's and chance comes from a seed, so that a run can be had again; neither is
//! the server's clock.

mod candidate;
mod connection_pool;
mod exam;
mod exam_schedule;
mod http;
mod process;
mod reader;
mod report;
mod request_samples;
mod rng;
mod staff;
mod test_document;
mod verify;

use anyhow::Context;
use clap::Parser;
use exam_schedule::{ExamPlan, Jitter};
use std::path::PathBuf;

/// Lets candidates sit an exam on a running server and measures it.
#[derive(Debug, Parser)]
#[command(version)]
pub struct LoadArguments {
    /// Where the server listens
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// A key of the server that may do everything
    #[arg(long, env = "LOAD_KEY", hide_env_values = true)]
    key: String,
    #[arg(long, default_value_t = 1000)]
    candidates: usize,
    /// Seconds from the first entry to the last handing in
    #[arg(long, default_value_t = 60.0)]
    length: f64,
    /// All enter within so many seconds
    #[arg(long, default_value_t = 10.0)]
    start_window: f64,
    /// All hand in within so many seconds before the end
    #[arg(long, default_value_t = 10.0)]
    end_window: f64,
    /// Mean seconds between two answers of a candidate
    #[arg(long, default_value_t = 6.0)]
    every: f64,
    #[arg(long, value_enum, default_value_t = Jitter::Exponential)]
    jitter: Jitter,
    /// Pages of the test
    #[arg(long, default_value_t = 3)]
    pages: u32,
    /// Questions on a page
    #[arg(long, default_value_t = 10)]
    questions: u32,
    /// Connections that candidates share; 0: one each as long as both sides may open so many files,
    /// else as many as that
    #[arg(long, default_value_t = 0)]
    connections: usize,
    /// Integrators that read the results meanwhile, each as often as its key may
    #[arg(long, default_value_t = 0)]
    readers: usize,
    /// Rows a page that integrators read
    #[arg(long, default_value_t = 10)]
    reader_limit: u32,
    /// basic or detailed
    #[arg(long, default_value = "basic")]
    reader_mode: String,
    /// Seconds in which a candidate sends a request again that was not answered
    #[arg(long, default_value_t = 30)]
    patience: u64,
    /// Seconds after which a request counts as not answered
    #[arg(long, default_value_t = 60)]
    reply_within: u64,
    /// Keep every try of a request in this file, CSV
    #[arg(long)]
    samples: Option<PathBuf>,
    /// The server's process, to tell its memory and processor time
    #[arg(long)]
    pid: Option<u32>,
    /// Threads of the generator
    #[arg(long, default_value_t = 1)]
    threads: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Keep the figures in this file
    #[arg(long)]
    json: Option<PathBuf>,
    /// Print the ratio to the figures in this file
    #[arg(long)]
    beside: Option<PathBuf>,
}

impl LoadArguments {
    fn course(&self) -> ExamPlan {
        ExamPlan {
            length: self.length,
            start_window: self.start_window,
            end_window: self.end_window,
            every: self.every,
            jitter: self.jitter,
            pages: self.pages,
        }
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = LoadArguments::parse();
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(arguments.threads).enable_all().build()?;
    let outcome = runtime.block_on(exam::run(&arguments))?;
    print(&arguments, &outcome)?;
    let faults = outcome.findings.faults.len();
    anyhow::ensure!(faults == 0, "{faults} faults in what the server keeps");
    Ok(())
}

fn print(arguments: &LoadArguments, outcome: &exam::LoadOutcome) -> anyhow::Result<()> {
    use std::io::Write;
    let beside =
        arguments.beside.as_ref().map(std::fs::read_to_string).transpose().context("--beside")?;
    let beside = beside.as_deref().map(serde_json::from_str).transpose().context("--beside")?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", outcome.report.table(beside.as_ref()))?;
    writeln!(out, "{}", outcome.summary_text(arguments))?;
    for fault in outcome.findings.faults.iter().take(20) {
        writeln!(out, "FAULT {fault}")?;
    }
    for reason in &outcome.reasons {
        writeln!(out, "gave up: {reason}")?;
    }
    if let Some(file) = &arguments.json {
        std::fs::write(file, serde_json::to_string(&outcome.report)?).context("--json")?;
    }
    Ok(())
}
