//! `key`: secrets by which programs act for an organization.

use crate::moment;
use clap::{Args, Subcommand};
use domain::time::Timestamp;

/// API keys: secrets by which programs act for an organization
#[derive(Debug, Subcommand)]
pub enum Key {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Make a key and print its secret, this once
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay key create --name crm
  assay key create --name dashboard --scope results:read --task Tk… --expires 2027-12-31

Without --scope the key may do everything. A write scope includes the read scope of the same name.")]
pub struct Create {
    /// What the key is for
    #[arg(long)]
    pub name: String,
    /// What the key may do, such as results:read; may be given several times
    #[arg(long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<String>,
    /// Limit the key to a task; may be given several times
    #[arg(long = "task", value_name = "ID")]
    pub tasks: Vec<String>,
    /// Limit the key to a folder; may be given several times
    #[arg(long = "folder", value_name = "NAME")]
    pub folders: Vec<String>,
    /// When the key ends: 2027-12-31 (its beginning, UTC) or 2027-12-31T18:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = moment::parse)]
    pub expires: Option<Timestamp>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// List the keys, never their secrets
#[derive(Debug, Args)]
pub struct List {
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Make a key useless at once
#[derive(Debug, Args)]
pub struct Revoke {
    /// The id of the key, as listed; not its secret
    pub key: String,
}
