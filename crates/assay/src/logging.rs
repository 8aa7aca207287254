//! Log lines on standard error, readable or as JSON. What is logged of a request is decided where
//! requests are served.

use crate::config::{LogConfig, LogFormat};
use crate::log_rate_limit::RateLimitedFormat;
use anyhow::{Context, anyhow};
use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::JsonFields;

/// Starts logging for the whole process.
///
/// # Errors
/// When logging was started before.
pub fn start(log: &LogConfig) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.level).context("reading the log level")?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match log.format {
        LogFormat::Text => {
            let format = tracing_subscriber::fmt::format().with_target(false);
            builder
                .with_ansi(io::stderr().is_terminal())
                .event_format(RateLimitedFormat::new(format, false))
                .try_init()
        }
        LogFormat::Json => {
            let format =
                tracing_subscriber::fmt::format().json().flatten_event(true).with_span_list(false);
            builder
                .fmt_fields(JsonFields::new())
                .event_format(RateLimitedFormat::new(format, true))
                .try_init()
        }
    };
    started.map_err(|error| anyhow!(error)).context("starting the log")
}
