//! The commands: each module holds a command's flags and what it does with them.

pub mod backup;
pub mod candidate;
pub mod clock;
pub mod demo;
pub mod doctor;
pub mod export;
pub mod key;
pub mod mail;
pub mod migrate_data;
pub mod openapi;
pub mod org;
pub mod pages;
pub mod question;
pub mod rescore;
pub mod restore;
pub mod results;
pub mod seed;
pub mod serve;
pub mod task;
pub mod test;
pub mod user;
pub mod verify;
pub mod webhook;

use crate::cli::{Cli, Command};
use crate::operator::Operator;
use crate::startup;

/// The data directory when nobody names one.
const USUAL_DATA_DIR: &str = "./assay-data";
const DEMO_DATA_DIR: &str = "./demo-data";

/// Carries out what the command line asks for.
///
/// # Errors
/// What went wrong; a [`crate::trouble::Trouble`] among its causes knows the exit code.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    let (global, command) = (cli.global, cli.command);
    let (flags, usual_data_dir) = match &command {
        Command::Serve(serve) => (serve.settings(), USUAL_DATA_DIR),
        Command::Demo(demo) => (demo.settings(), DEMO_DATA_DIR),
        _ => (Vec::new(), USUAL_DATA_DIR),
    };
    let config = startup::begin(&global, &flags, usual_data_dir)?;
    let existing = || Operator::on_existing(&global, &config);
    match command {
        Command::Serve(_) => serve::run(&config),
        Command::Demo(demo) => demo.run(&config),
        Command::Org(org) => org.run(&global, &config),
        Command::Key(key) => key.run(&existing()?),
        Command::User(user) => user.run(&existing()?),
        Command::Test(test) => test.run(existing),
        Command::Task(task) => task.run(&existing()?),
        Command::Candidate(candidate) => candidate.run(&existing()?),
        Command::Clock(clock) => clock.run(&existing()?),
        Command::Results(results) => results.run(&existing()?),
        Command::Export(export) => export.run(&existing()?),
        Command::Question(question) => question.run(&existing()?),
        Command::Webhook(webhook) => webhook.run(&existing()?),
        Command::Seed(seed) => seed.run(&Operator::on_any(&global, &config)?),
        Command::Backup(backup) => backup.run(&config),
        Command::Restore(restore) => restore.run(&config),
        Command::Verify(verify) => verify.run(&global, &config),
        Command::Rescore(rescore) => rescore.run(&existing()?),
        Command::MigrateData(migrate) => migrate.run(&config),
        Command::Mail(mail) => mail.run(&config),
        Command::Doctor(doctor) => doctor.run(&config),
        Command::Openapi(_) => openapi::run(),
        Command::Pages(_) => pages::run(),
    }
}
