//! The flags of every command.

use crate::config::LogFormat;
use clap::Args;
use std::path::PathBuf;

/// What every command may be told: where the data is, for which organization, how to log.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct GlobalArgs {
    /// Directory of the database and its keys [env: ASSAY_DATA_DIR] [default: ./assay-data, demo:
    /// ./demo-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// PostgreSQL to use instead of the data directory's file [env: ASSAY_DATABASE_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Replica of that PostgreSQL to read lists, feeds and exports from [env:
    /// ASSAY_DATABASE_READ_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub database_read_url: Option<String>,
    /// Configuration file, TOML [default: ./assay.toml if it exists]
    #[arg(long, global = true, value_name = "FILE", env = "ASSAY_CONFIG", hide_env_values = true)]
    pub config: Option<PathBuf>,
    /// Organization to work for; needed only when there are several
    #[arg(long, global = true, value_name = "ID", env = "ASSAY_ORG", hide_env_values = true)]
    pub org: Option<String>,
    /// How log lines are written to standard error: text or json [env: ASSAY_LOG_FORMAT]
    #[arg(long, global = true, value_name = "FORMAT", value_parser = log_format)]
    pub log_format: Option<LogFormat>,
    /// What is logged, such as info or info,assay_storage=debug [env: ASSAY_LOG_LEVEL]
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log_level: Option<String>,
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    LogFormat::parse(text).ok_or_else(|| "text or json".to_owned())
}
