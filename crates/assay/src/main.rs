//! assay: the binary. Reads the command line and the settings, wires the rooms together, and is the only place that
//! asks the system for the time and for random bytes. It must never hold a rule of the domain.

mod backup;
mod candidate_table;
mod checkup;
mod cli;
mod commands;
mod config;
mod connections;
mod data_dir;
mod demonstration;
#[cfg(test)]
mod docs;
mod imitation;
mod log_limit;
mod logging;
mod mailing;
mod metrics;
mod moment;
mod operator;
mod output;
mod proxies;
mod restoring;
mod server;
mod serving;
mod startup;
mod system;
mod trouble;
mod watching;
mod witness;

use clap::Parser;
use mimalloc::MiMalloc;
use std::process::ExitCode;

/// A request makes some fifty short-lived allocations on several threads, and the system's allocator takes longer over
/// them than SQLite over its row.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // Databases, logs, backups and exports hold names, codes and keys: whatever this process makes is for its owner only.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    match commands::run(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => trouble::tell(&error),
    }
}
