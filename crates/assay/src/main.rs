//! assay: the binary. Reads the command line and the settings, wires the crates together, and is
//! the only place that asks the system for the time and for random bytes. It must never hold a rule
//! of the domain.

mod backup;
mod candidate_table;
mod cli;
mod cli_context;
mod cli_error;
mod commands;
mod config;
mod connections;
mod data_dir;
mod database_watch;
mod demo;
#[cfg(test)]
mod docs;
mod doctor;
mod global_args;
mod http_server;
mod log_rate_limit;
mod logging;
mod mail_setup;
mod metrics;
mod moment;
mod output;
mod proxies;
mod restore;
mod serving;
mod simulated_candidate;
mod startup;
mod system;
mod witness;

use clap::Parser;
use mimalloc::MiMalloc;
use std::process::ExitCode;

/// A request makes some fifty short-lived allocations on several threads, and the system's
/// allocator takes longer over them than SQLite over its row.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // Databases, logs, backups and exports hold names, codes and keys: whatever this process makes
    // is for its owner only.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    match commands::run(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli_error::report(&error),
    }
}
