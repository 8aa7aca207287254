//! `demo`: a server with an organization, tests, candidates and results to look at.

use crate::cli_context::data_dir;
use crate::cli_error::{CliError, ExitKind};
use crate::config::{Config, MailConfig};
use crate::demo::{DemoContents, KEY_FILE, STAFF, contents, ensure_demo};
use crate::output::OutputWriter;
use crate::serving::PreparedServer;
use crate::system::SystemClock;
use app::ports::Clock;
use clap::{Args, ValueEnum};
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;

/// Serve an example organization with results in it
///
/// Makes the data directory with three tasks and about forty candidates if there is none, serves
/// it, and prints a command to paste, a candidate's link to open, and how staff sign in. The key
/// and the password it prints are kept in the files demo-key and demo-password of the directory,
/// readable by their owner only, and are the same at the next run.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay demo
  assay demo --listen 127.0.0.1:0 --data-dir /tmp/demo --format json

With --format json one line is printed once requests are answered:
  {\"url\":…,\"candidateUrl\":…,\"staffUrl\":…,\"staffUsername\":…,\"staffPassword\":…,\n   \"organizationId\":…,\"privateKey\":…,\"tasks\":[{\"taskId\":…,\"title\":…},…]}")]
pub struct DemoArgs {
    /// Address and port; port 0 takes a free one. Others than this machine's own need --expose too
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Let other machines in; the key of a demo is no secret
    #[arg(long)]
    pub expose: bool,
    /// How the address and the key are printed
    #[arg(long, value_enum, default_value_t = DemoOutputFormat::Text)]
    pub format: DemoOutputFormat,
}

/// How `demo` announces itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DemoOutputFormat {
    /// A friendly text
    Text,
    /// One line of JSON
    Json,
}

impl DemoArgs {
    /// The flags as settings.
    pub fn settings(&self) -> Vec<(&'static str, Option<String>)> {
        vec![("listen", Some(self.listen.to_string()))]
    }

    /// # Errors
    /// [`ExitKind::Usage`] for an address of other machines without `--expose`; else as
    /// [`ensure_demo`] and serving.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        if !self.listen.ip().is_loopback() && !self.expose {
            let message = format!(
                "{} lets other machines in, and the key of a demo is no secret.",
                self.listen
            );
            return Err(CliError::new(ExitKind::Usage, message)
                .with_advice("Add --expose if that is what you want.")
                .into());
        }
        if config.database_url.is_some() {
            let message = "A demo runs on the file in its data directory only.";
            return Err(CliError::new(ExitKind::Usage, message)
                .with_advice("Leave --database-url and its variable out.")
                .into());
        }
        // Whatever the environment says: nobody in a demo is to be written to.
        let config = &Config { mail: MailConfig::default(), ..config.clone() };
        data_dir(config).make()?;
        let serving =
            PreparedServer::prepare(config, async |directory| ensure_demo(directory).await)?;
        let contents = serving.wait(contents(&serving.directory, serving.storage.clone()))?;
        // Nobody sits a demo's tests in earnest: its clock is believed, however long it was not
        // run.
        let now = SystemClock.now();
        serving.wait(serving.storage.write(move |tx| storage::clock::confirm(tx, now)))?;
        let key_file = serving.directory.file(KEY_FILE);
        serving.run(|served| {
            let url = &served.app.settings().public_url;
            let mut output = OutputWriter::stdout();
            match self.format {
                DemoOutputFormat::Json => output.json(&line(url, &contents))?,
                DemoOutputFormat::Text => output.line(text(url, &contents, &key_file))?,
            }
            Ok(output.finish()?)
        })
    }
}

fn line(url: &str, contents: &DemoContents) -> serde_json::Value {
    let task = |(id, title): &(_, String)| json!({"taskId": id, "title": title});
    json!({
        "url": url,
        "candidateUrl": candidate_url(url, contents),
        "organizationId": contents.organization,
        "privateKey": contents.secret,
        "staffUrl": format!("{url}/staff"),
        "staffUsername": STAFF,
        "staffPassword": contents.password,
        "tasks": contents.tasks.iter().map(task).collect::<Vec<_>>(),
    })
}

/// A link to sit a test: the direct one of somebody who has not come yet, else the first task's.
fn candidate_url(url: &str, contents: &DemoContents) -> String {
    match (&contents.newcomer, contents.tasks.first()) {
        (Some(code), _) => format!("{url}/enter/{code}"),
        (None, Some((task, _))) => format!("{url}/t/{task}"),
        (None, None) => format!("{url}/enter"),
    }
}

fn text(url: &str, contents: &DemoContents, key_file: &Path) -> String {
    let DemoContents { organization, secret, tasks, .. } = contents;
    let candidate = candidate_url(url, contents);
    let password = contents.password.as_deref().unwrap_or("(set one with `assay user password`)");
    let listed: Vec<String> =
        tasks.iter().map(|(id, title)| format!("  task          {id}  {title}")).collect();
    let first = tasks.first().map(|(id, _)| id.as_str()).unwrap_or_default();
    format!(
        "The assay demo answers at {url}\n\n  organization  {organization}\n  key           {secret}\n  \
         (kept in      {})\n{}\n\nPaste this to list the results of the first task:\n\n  curl -H 'Authorization: \
         Bearer {secret}' \\\n    '{url}/api/integration/rest/v1/tasks/{first}/test-instances?mode=detailed'\n\n\
         Open this in a browser to sit a test as a candidate:\n\n  {candidate}\n\n\
         Staff sign in at {url}/staff as `{STAFF}` with the password {password}\n\n\
         The description of the API is at {url}/docs. Stop with Ctrl-C.",
        key_file.display(),
        listed.join("\n"),
    )
}
