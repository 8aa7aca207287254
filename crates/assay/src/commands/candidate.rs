//! `candidate`: people registered in a task, one by one or from a table.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Candidates: people registered in a task
#[derive(Debug, Subcommand)]
pub enum Candidate {
    Add(Box<Add>),
}

/// Register one person by flags, or many from a CSV file
///
/// A file is taken as a whole or not at all: when a row is wrong, every fault of every row is told and nothing is kept.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay candidate add Tk… --fullname \"Ada Example\" --email ada@example.com --tag City=Tokyo
  assay candidate add Tk… --csv people.csv

A CSV file is UTF-8, separated by commas, with a first row of names:
  fullname, email, externalId, group, labels, credential1, credential2, uniqId, and tag:NAME for each tag
Labels are separated by ; within their cell. An empty cell says nothing. Example:
  fullname,email,labels,tag:City
  Ada Example,ada@example.com,north;evening,Tokyo")]
pub struct Add {
    /// The id of the task
    pub task: String,
    /// Table of people; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fullname", "email", "external_id", "group", "labels", "tags", "credential1", "credential2", "uniq_id"])]
    pub csv: Option<PathBuf>,
    #[arg(long, value_name = "NAME")]
    pub fullname: Option<String>,
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// Your own id of the person
    #[arg(long, value_name = "ID")]
    pub external_id: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub group: Option<String>,
    /// May be given several times
    #[arg(long = "label", value_name = "NAME")]
    pub labels: Vec<String>,
    /// May be given several times
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = tag)]
    pub tags: Vec<(String, String)>,
    /// For tasks that are entered with credentials
    #[arg(long, value_name = "TEXT")]
    pub credential1: Option<String>,
    /// Other users of this machine can see it while the command runs; a CSV file hides it
    #[arg(long, value_name = "TEXT")]
    pub credential2: Option<String>,
    /// Nobody else in the task may have it
    #[arg(long, value_name = "ID")]
    pub uniq_id: Option<String>,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

fn tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("NAME=VALUE, neither empty".to_owned()),
    }
}
