//! `demo`: a server with an organization, tests, candidates and results to look at.

use crate::config::Config;
use clap::{Args, ValueEnum};
use std::net::SocketAddr;

/// Serve an example organization with results in it
///
/// Makes the data directory with three tasks and about forty candidates if there is none, serves it, and prints a
/// command to paste. The key it prints is kept in the file demo-key of the directory, readable by its owner only, and
/// is the same at the next run.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay demo
  assay demo --listen 127.0.0.1:0 --data-dir /tmp/demo --format json

With --format json one line is printed once requests are answered:
  {\"url\":…,\"organizationId\":…,\"privateKey\":…,\"tasks\":[{\"taskId\":…,\"title\":…},…]}")]
pub struct Demo {
    /// Address and port; port 0 takes a free one. Others than this machine's own need --expose too
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Let other machines in; the key of a demo is no secret
    #[arg(long)]
    pub expose: bool,
    /// How the address and the key are printed
    #[arg(long, value_enum, default_value_t = Form::Text)]
    pub format: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// A friendly text
    Text,
    /// One line of JSON
    Json,
}

impl Demo {
    /// The flags as settings.
    pub fn settings(&self) -> Vec<(&'static str, Option<String>)> {
        vec![("listen", Some(self.listen.to_string()))]
    }

    pub fn run(self, _config: &Config) -> anyhow::Result<()> {
        anyhow::bail!("not built yet")
    }
}
