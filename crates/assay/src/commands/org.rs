//! `org`: organizations, the tenants of the server.

use clap::{Args, Subcommand};

/// Organizations: the tenants of the server
#[derive(Debug, Subcommand)]
pub enum Org {
    Create(Create),
    List(List),
}

/// Make an organization and print its id
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay org create \"Example Ltd\"")]
pub struct Create {
    pub name: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// List the organizations
#[derive(Debug, Args)]
pub struct List {
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}
