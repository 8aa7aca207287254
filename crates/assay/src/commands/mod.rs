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
    let on = |only_reads| Operator::on_existing(&global, &config, only_reads);
    match command {
        Command::Serve(_) => serve::run(&config),
        Command::Demo(demo) => demo.run(&config),
        Command::Org(org) => org.run(&global, &config),
        Command::Key(key) => {
            let operator = on(matches!(key, key::Key::List(_)))?;
            key.run(&operator)
        }
        Command::User(user) => {
            let operator = on(matches!(user, user::User::List(_)))?;
            user.run(&operator)
        }
        Command::Test(test) => {
            let only_reads = matches!(test, test::Test::List(_));
            test.run(|| on(only_reads))
        }
        Command::Task(task) => {
            let operator = on(matches!(task, task::Task::List(_)))?;
            task.run(&operator)
        }
        Command::Candidate(candidate) => candidate.run(&on(false)?),
        Command::Clock(clock) => clock.run(&on(false)?),
        Command::Results(results) => results.run(&on(true)?),
        // That somebody took the results is written down.
        Command::Export(export) => export.run(&on(false)?),
        Command::Question(question) => {
            let operator = on(matches!(question, question::Question::List(_)))?;
            question.run(&operator)
        }
        Command::Webhook(webhook) => {
            let operator = on(matches!(webhook, webhook::Webhook::List(_) | webhook::Webhook::Deliveries(_)))?;
            webhook.run(&operator)
        }
        Command::Seed(seed) => seed.run(&Operator::on_any(&global, &config)?),
        Command::Backup(backup) => backup.run(&config),
        Command::Restore(restore) => restore.run(&config),
        Command::Verify(verify) => verify.run(&global, &config),
        Command::Rescore(rescore) => rescore.run(&on(false)?),
        Command::MigrateData(migrate) => migrate.run(&config),
        Command::Mail(mail) => mail.run(&config),
        Command::Doctor(doctor) => doctor.run(&config),
        Command::Openapi(_) => openapi::run(),
        Command::Pages(_) => pages::run(),
    }
}
