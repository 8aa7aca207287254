//! `mail`: try the way mail takes.

use crate::cli_error::{CliError, ExitKind};
use crate::config::Config;
use crate::mail_setup::smtp;
use crate::output::OutputWriter;
use crate::system::SystemClock;
use anyhow::Context;
use app::ports::{Clock, MailAttempt, Mailer, OutgoingMail};
use clap::{Args, Subcommand};
use domain::mail::{MailOutcome, html};
use tokio::runtime::Builder;

/// Try the mail server
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    Test(TestMailArgs),
}

/// Send one mail to an address, to see that mail gets through
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay mail test --to you@example.org")]
pub struct TestMailArgs {
    /// Address to send it to
    #[arg(long, value_name = "ADDRESS")]
    pub to: String,
}

const SUBJECT: &str = "assay can send mail";
const TEXT: &str = "This is a test of assay's mail settings. If you can read it, they work.\n";

impl MailCommand {
    /// # Errors
    /// [`ExitKind::Usage`] without a mail server; [`ExitKind::Failed`] when it did not take the
    /// mail.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self::Test(TestMailArgs { to }) = self;
        let Some(smtp) = smtp(config)? else {
            let message = "No mail server is set, so mail is kept instead of sent.";
            return Err(CliError::new(ExitKind::Usage, message)
                .with_advice("Set mail.smtp_host and mail.from.")
                .into());
        };
        let now = SystemClock.now();
        let mail = OutgoingMail {
            id: "test".into(),
            message_id: format!("<test.{}@assay.invalid>", now.0),
            to: to.clone(),
            subject: SUBJECT.to_owned(),
            text: TEXT.to_owned(),
            html: html::page(TEXT, "en", SUBJECT),
            at: now,
        };
        let runtime =
            Builder::new_current_thread().enable_all().build().context("starting the runtime")?;
        let MailAttempt { outcome, said, .. } = runtime.block_on(smtp.mail(mail));
        if outcome != MailOutcome::Sent {
            let message = format!("The mail to {to} was not taken ({outcome}): {said}");
            return Err(CliError::new(ExitKind::Failed, message)
                .with_advice("`assay doctor` looks at the settings.")
                .into());
        }
        let mut output = OutputWriter::stdout();
        output.line(format_args!("The mail server took the mail to {to}: {said}"))?;
        Ok(output.finish()?)
    }
}
