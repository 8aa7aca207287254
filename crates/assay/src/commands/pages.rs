//! `pages`: the addresses of all pages, for tests that want to look at every one.

use crate::output::OutputWriter;
use clap::Args;

/// Print the addresses of the pages as a JSON list
#[derive(Debug, Args)]
pub struct PagesArgs {}

/// # Errors
/// Standard output is gone.
pub fn run() -> anyhow::Result<()> {
    let mut output = OutputWriter::stdout();
    let addresses: Vec<_> = pages::page_routes().into_iter().map(|route| route.0).collect();
    output.json(&serde_json::json!(addresses))?;
    Ok(output.finish()?)
}
