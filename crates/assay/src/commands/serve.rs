//! `serve`: the server on the data directory.

use crate::cli_context::data_dir;
use crate::config::Config;
use crate::serving::{PreparedServer, wait_for_database};
use clap::Args;
use std::net::SocketAddr;

/// Serve the data directory until told to stop
///
/// Stops on SIGINT and SIGTERM: no new connections are taken, requests under way may finish, then
/// the database is closed. A second signal stops at once; nothing that was acknowledged is lost by
/// that. Serves only a database that is there: `assay org create NAME` makes one. A PostgreSQL that
/// is not there yet is waited for, a minute at most.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay serve
  assay serve --listen 0.0.0.0:80 --public-url https://assess.example.org --log-format json
  ASSAY_DATA_DIR=/var/lib/assay assay serve")]
pub struct ServeArgs {
    /// Address and port; port 0 takes a free one [env: ASSAY_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// Address that links begin with [env: ASSAY_PUBLIC_URL] [default: http:// and the address
    /// listened on]
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Address and port of GET /metrics, for your own network only [env: ASSAY_METRICS_LISTEN]
    /// [default: none]
    #[arg(long, value_name = "ADDR:PORT")]
    pub metrics_listen: Option<SocketAddr>,
}

impl ServeArgs {
    /// The flags as settings.
    pub fn settings(&self) -> Vec<(&'static str, Option<String>)> {
        let text = |address: SocketAddr| address.to_string();
        vec![
            ("listen", self.listen.map(text)),
            ("public_url", self.public_url.clone()),
            ("metrics_listen", self.metrics_listen.map(text)),
        ]
    }
}

/// # Errors
/// There is no database, the address is taken, another server runs on the directory, or the
/// database cannot be opened.
pub fn run(config: &Config) -> anyhow::Result<()> {
    if config.lacks_trusted_proxies() {
        tracing::warn!(
            "no reverse proxy is trusted (server.trusted_proxies): all clients behind one count as one address"
        );
    }
    let directory = data_dir(config);
    wait_for_database(&directory)?;
    directory.require_installation()?;
    PreparedServer::prepare(config, async |_| Ok(()))?.run(|served| {
        let metrics = served.metrics.map(tracing::field::display);
        tracing::info!(url = served.app.settings().public_url, address = %served.address, metrics, connections = served.connections, "serving");
        Ok(())
    })
}
