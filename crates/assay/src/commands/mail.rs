//! `mail`: try the way mail takes.

use crate::config::Config;
use crate::mailing::smtp;
use crate::output::Output;
use crate::system::SystemClock;
use crate::trouble::{Kind, Trouble};
use anyhow::Context;
use app::ports::{Clock, MailReply, Mailer, OutgoingMail};
use clap::{Args, Subcommand};
use domain::mail::{MailOutcome, html};
use tokio::runtime::Builder;

/// Try the mail server
#[derive(Debug, Subcommand)]
pub enum Mail {
    Test(Test),
}

/// Send one mail to an address, to see that mail gets through
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay mail test --to you@example.org")]
pub struct Test {
    /// Address to send it to
    #[arg(long, value_name = "ADDRESS")]
    pub to: String,
}

const SUBJECT: &str = "assay can send mail";
const TEXT: &str = "This is a test of assay's mail settings. If you can read it, they work.\n";

impl Mail {
    /// # Errors
    /// [`Kind::Usage`] without a mail server; [`Kind::Failed`] when it did not take the mail.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self::Test(Test { to }) = self;
        let Some(smtp) = smtp(config)? else {
            let message = "No mail server is set, so mail is kept instead of sent.";
            return Err(Trouble::new(Kind::Usage, message).advise("Set mail.smtp_host and mail.from.").into());
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
        let runtime = Builder::new_current_thread().enable_all().build().context("starting the runtime")?;
        let MailReply { outcome, said, .. } = runtime.block_on(smtp.mail(mail));
        if outcome != MailOutcome::Sent {
            let message = format!("The mail to {to} was not taken ({outcome}): {said}");
            return Err(Trouble::new(Kind::Failed, message).advise("`assay doctor` looks at the settings.").into());
        }
        let mut output = Output::stdout();
        output.line(format_args!("The mail server took the mail to {to}: {said}"))?;
        Ok(output.finish()?)
    }
}
