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

use crate::cli::{Cli, CliCommand};
use crate::cli_context::CliContext;
use crate::startup;

/// The data directory when nobody names one.
const USUAL_DATA_DIR: &str = "./assay-data";
const DEMO_DATA_DIR: &str = "./demo-data";

/// Carries out what the command line asks for.
///
/// # Errors
/// What went wrong; a [`crate::cli_error::CliError`] among its causes knows the exit code.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    let (global, command) = (cli.global, cli.command);
    let (flags, usual_data_dir) = match &command {
        CliCommand::Serve(serve) => (serve.settings(), USUAL_DATA_DIR),
        CliCommand::Demo(demo) => (demo.settings(), DEMO_DATA_DIR),
        _ => (Vec::new(), USUAL_DATA_DIR),
    };
    let config = startup::begin(&global, &flags, usual_data_dir)?;
    let on = |only_reads| CliContext::open_existing(&global, &config, only_reads);
    match command {
        CliCommand::Serve(_) => serve::run(&config),
        CliCommand::Demo(demo) => demo.run(&config),
        CliCommand::Org(org) => org.run(&global, &config),
        CliCommand::Key(key) => {
            let operator = on(matches!(key, key::KeyCommand::List(_)))?;
            key.run(&operator)
        }
        CliCommand::User(user) => {
            let operator = on(matches!(user, user::UserCommand::List(_)))?;
            user.run(&operator)
        }
        CliCommand::Test(test) => {
            let only_reads = matches!(test, test::TestCommand::List(_));
            test.run(|| on(only_reads))
        }
        CliCommand::Task(task) => {
            let operator = on(matches!(task, task::TaskCommand::List(_)))?;
            task.run(&operator)
        }
        CliCommand::Candidate(candidate) => candidate.run(&on(false)?),
        CliCommand::Clock(clock) => clock.run(&on(false)?),
        CliCommand::Results(results) => results.run(&on(true)?),
        // That somebody took the results is written down.
        CliCommand::Export(export) => export.run(&on(false)?),
        CliCommand::Question(question) => {
            let operator = on(matches!(question, question::QuestionCommand::List(_)))?;
            question.run(&operator)
        }
        CliCommand::Webhook(webhook) => {
            let operator = on(matches!(
                webhook,
                webhook::WebhookCommand::List(_) | webhook::WebhookCommand::Deliveries(_)
            ))?;
            webhook.run(&operator)
        }
        CliCommand::Seed(seed) => seed.run(&CliContext::open_or_create(&global, &config)?),
        CliCommand::Backup(backup) => backup.run(&config),
        CliCommand::Restore(restore) => restore.run(&config),
        CliCommand::Verify(verify) => verify.run(&global, &config),
        CliCommand::Rescore(rescore) => rescore.run(&on(false)?),
        CliCommand::MigrateData(migrate) => migrate.run(&config),
        CliCommand::Mail(mail) => mail.run(&config),
        CliCommand::Doctor(doctor) => doctor.run(&config),
        CliCommand::Openapi(_) => openapi::run(),
        CliCommand::Pages(_) => pages::run(),
    }
}
