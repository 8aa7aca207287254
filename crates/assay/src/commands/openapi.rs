//! `openapi`: the description of the REST API.

use clap::Args;

/// Print the OpenAPI document of the REST API
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay openapi > openapi.json")]
pub struct Openapi {}
