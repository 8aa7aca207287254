//! The command line: global flags and the list of commands. Each command's own flags stand beside
//! what it does, in `commands`. This module must never do anything but describe.

use crate::commands::{
    backup, candidate, clock, demo, doctor, export, key, mail, migrate_data, openapi, org, pages,
    question, rescore, restore, results, seed, serve, task, test, user, verify, webhook,
};
use crate::global_args::GlobalArgs;
use clap::{Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  assay demo                                  See a server with results in it
  assay org create \"Example Ltd\"              Begin with an organization of your own
  assay user create ada --role MANAGER        Make somebody who may sign in at /staff; the password is shown once
  assay key create --name crm                 Make a key for the REST API; its secret is shown once
  assay test import screening.yaml            Keep a test
  assay task create --title Hiring --test Te… Put it into a task
  assay candidate add Tk… --csv people.csv    Register people
  assay serve                                 Let them in
  assay results Tk…                           Read what came out
  assay export Tk… results.xlsx --detailed    Keep it as a file

Exit codes:
  0  done
  1  failed: the machine, the network or the database said no
  2  the command line or the configuration is wrong
  3  what was named does not exist
  4  refused: a document, a file of candidates or a rule is against it

docs/configuration.md lists every setting, each also as an environment variable.";

/// A self-hosted server for online assessments
#[derive(Debug, Parser)]
#[command(name = "assay", version, after_help = EXAMPLES, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: GlobalArgs,
    #[command(subcommand)]
    pub command: CliCommand,
}

#[derive(Debug, Subcommand)]
pub enum CliCommand {
    Serve(serve::ServeArgs),
    Demo(demo::DemoArgs),
    #[command(subcommand)]
    Org(org::OrgCommand),
    #[command(subcommand)]
    Key(key::KeyCommand),
    #[command(subcommand)]
    User(user::UserCommand),
    #[command(subcommand)]
    Test(test::TestCommand),
    #[command(subcommand)]
    Task(task::TaskCommand),
    #[command(subcommand)]
    Candidate(candidate::CandidateCommand),
    #[command(subcommand)]
    Question(question::QuestionCommand),
    Results(results::ResultsArgs),
    Export(export::ExportArgs),
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
    Seed(seed::SeedArgs),
    Backup(backup::BackupArgs),
    #[command(subcommand)]
    Clock(clock::ClockCommand),
    Restore(restore::RestoreArgs),
    Verify(verify::VerifyArgs),
    Rescore(rescore::RescoreArgs),
    MigrateData(migrate_data::MigrateDataArgs),
    #[command(subcommand)]
    Mail(mail::MailCommand),
    Doctor(doctor::DoctorArgs),
    Openapi(openapi::OpenapiArgs),
    Pages(pages::PagesArgs),
}

/// `docs/cli.md`, in Markdown: the help of every command.
#[cfg(test)]
pub fn page() -> String {
    use clap::CommandFactory;
    let mut page = String::from(
        "# Command line\n\nWritten from the help of the program by a test; change it there. `assay COMMAND --help` shows the same and the flags that\nevery command takes.\n",
    );
    // Global flags are told once, on top; repeating them for each command would bury its own.
    let mut root = Cli::command().term_width(100);
    root.build();
    write_help(&mut page, root, "");
    page
}

#[cfg(test)]
fn write_help(page: &mut String, command: clap::Command, parents: &str) {
    let name = format!("{parents}{}", command.get_name());
    let is_root = parents.is_empty();
    let hidden = command.clone().mut_args(|argument| {
        let everywhere =
            argument.get_help_heading() == Some("Everywhere") || argument.get_id() == "help";
        argument.hide(everywhere && !is_root)
    });
    let help = hidden.term_width(100).render_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    // The first paragraph of the long text is the line the help begins with.
    let long = command.get_long_about().map(ToString::to_string).unwrap_or_default();
    let more = long.split_once("\n\n").map(|(_, more)| format!("\n{more}\n")).unwrap_or_default();
    page.push_str(&format!("\n## {name}\n{more}\n```text\n{}\n```\n", lines.join("\n").trim()));
    for child in command.get_subcommands() {
        write_help(page, child.clone(), &format!("{name} "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    fn refusal(line: &str) -> ErrorKind {
        Cli::try_parse_from(line.split(' ')).unwrap_err().kind()
    }

    #[test]
    fn the_page_of_the_command_line_is_the_one_written_from_the_help() {
        crate::docs::check("cli.md", &page());
    }

    #[test]
    fn the_description_of_the_command_line_contradicts_itself_nowhere() {
        Cli::command().debug_assert();
    }

    #[test]
    fn wrong_lines_are_refused_before_anything_is_done() {
        assert_eq!(refusal("assay serv"), ErrorKind::InvalidSubcommand);
        assert_eq!(refusal("assay results"), ErrorKind::MissingRequiredArgument);
        assert_eq!(refusal("assay seed --instances 0"), ErrorKind::ValueValidation);
        assert_eq!(refusal("assay serve --listen localhost"), ErrorKind::ValueValidation);
        assert_eq!(
            refusal("assay candidate add Tk1 --csv a.csv --email a@b"),
            ErrorKind::ArgumentConflict
        );
        assert_eq!(refusal("assay candidate add Tk1 --tag City"), ErrorKind::ValueValidation);
        assert_eq!(refusal("assay key create --name x --expires soon"), ErrorKind::ValueValidation);
    }

    #[test]
    fn global_flags_are_taken_before_and_after_the_command() {
        for line in
            ["assay --data-dir d --org Og1 results Tk1", "assay results Tk1 --org Og1 --data-dir d"]
        {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(cli.global.data_dir, Some("d".into()));
            assert_eq!(cli.global.org.as_deref(), Some("Og1"));
        }
    }
}
