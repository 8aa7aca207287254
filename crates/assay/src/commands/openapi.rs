//! `openapi`: the description of the REST API.

use crate::output::OutputWriter;
use anyhow::Context;
use clap::Args;

/// Print the OpenAPI document of the REST API
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay openapi > openapi.json")]
pub struct OpenapiArgs {}

/// # Errors
/// Standard output is gone.
pub fn run() -> anyhow::Result<()> {
    let mut output = OutputWriter::stdout();
    output.line(text()?)?;
    Ok(output.finish()?)
}

/// The document as it is printed and checked in, without a line end.
fn text() -> anyhow::Result<String> {
    api::server::document().to_pretty_json().context("printing the OpenAPI document")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_document_that_is_checked_in_is_the_one_the_server_serves() {
        crate::docs::check("openapi.json", &format!("{}\n", super::text().unwrap()));
    }
}
