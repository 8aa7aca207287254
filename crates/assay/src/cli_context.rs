//! The operator at the command line: the use cases on a data directory, and the organization they
//! are meant for.

use crate::cli_error::{CliError, ExitKind};
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::global_args::GlobalArgs;
use crate::system::{SystemClock, SystemRng};
use anyhow::Context;
use app::caller::Caller;
use app::ports::{Clock as _, MediaStore, Rng, RngExt as _};
use app::{App, Failure, Settings};
use courier::media_files::FileMediaStore;
use domain::id::OrganizationId;
use domain::time::Timestamp;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::available_parallelism;
use storage::{EpochSource, Storage};
use tokio::runtime::{Builder, Runtime};

/// The folder of candidates' files, in the data directory.
const MEDIA: &str = "media";

/// The use cases, for one command.
pub struct CliContext {
    pub app: App,
    runtime: Runtime,
    named: Option<OrganizationId>,
}

impl CliContext {
    /// On a database that is there. A command that only reads opens no writer, so that it never
    /// stands in the way of a server.
    ///
    /// # Errors
    /// [`ExitKind::NotFound`] when there is none.
    pub fn open_existing(
        global: &GlobalArgs,
        config: &Config,
        only_reads: bool,
    ) -> anyhow::Result<Self> {
        let directory = data_dir(config);
        let storage =
            if only_reads { directory.open_to_read() } else { directory.open_alongside() };
        Self::on(storage?, global, config)
    }

    /// On a database that is made when it is missing.
    ///
    /// # Errors
    /// The database cannot be made or opened.
    pub fn open_or_create(global: &GlobalArgs, config: &Config) -> anyhow::Result<Self> {
        Self::on(data_dir(config).open_or_make()?, global, config)
    }

    fn on(storage: Storage, global: &GlobalArgs, config: &Config) -> anyhow::Result<Self> {
        let runtime =
            Builder::new_current_thread().enable_all().build().context("starting the runtime")?;
        let app = runtime.block_on(open_app(storage, settings(config, config.listen)))?;
        app.files().set_media_store(media_store(config));
        Ok(Self { app, runtime, named: global.org.as_deref().map(OrganizationId::from) })
    }

    /// Waits for a use case.
    ///
    /// # Errors
    /// Its failure, as the operator is told.
    pub fn run_use_case<T>(
        &self,
        outcome: impl Future<Output = Result<T, Failure>>,
    ) -> anyhow::Result<T> {
        Ok(self.runtime.block_on(outcome).map_err(CliError::from)?)
    }

    /// Drives something that is no use case.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// The organization that was named, or the only one there is.
    ///
    /// # Errors
    /// [`ExitKind::NotFound`] when there is none of that id or none at all; [`ExitKind::Usage`]
    /// when there are several.
    pub fn organization(&self) -> anyhow::Result<OrganizationId> {
        let existing = self.run_use_case(self.app.organizations().list_organizations())?;
        if let Some(named) = &self.named {
            return match existing.iter().find(|organization| organization.id == *named) {
                Some(found) => Ok(found.id.clone()),
                None => Err(CliError::new(
                    ExitKind::NotFound,
                    format!("There is no organization {named}."),
                )
                .with_advice("`assay org list` shows them.")
                .into()),
            };
        }
        match existing.as_slice() {
            [only] => Ok(only.id.clone()),
            [] => Err(CliError::new(ExitKind::NotFound, "There is no organization yet.")
                .with_advice("Begin with `assay org create NAME`.")
                .into()),
            several => {
                let names: Vec<_> = several
                    .iter()
                    .map(|organization| format!("  {} {}", organization.id, organization.name))
                    .collect();
                let message = format!("There are several organizations:\n{}", names.join("\n"));
                Err(CliError::new(ExitKind::Usage, message)
                    .with_advice("Name one with --org or ASSAY_ORG.")
                    .into())
            }
        }
    }

    /// A caller that may do everything in the organization of [`CliContext::organization`].
    ///
    /// # Errors
    /// As [`CliContext::organization`].
    pub fn caller(&self) -> anyhow::Result<Caller> {
        Ok(Caller::operator(self.organization()?, self.app.new_id(self.app.now())))
    }
}

/// The data directory of the settings.
pub fn data_dir(config: &Config) -> DataDir {
    let (readers, writers) = (config.server.readers, config.server.writers);
    let directory = match &config.database_url {
        Some(url) => {
            DataDir::on_postgres(&config.data_dir, url, readers.unwrap_or(8), writers.unwrap_or(8))
                .with_replica(config.database_read_url.as_ref())
        }
        None => {
            let processors = available_parallelism().map_or(2, NonZeroUsize::get);
            DataDir::new(&config.data_dir, readers.unwrap_or(processors.max(2)))
        }
    };
    directory.with_epochs(EpochSource::new(new_epoch))
}

/// The text of a new epoch of the database's history, and the moment it begins.
pub fn new_epoch() -> (String, Timestamp) {
    let chance: &dyn Rng = &SystemRng;
    (hex::encode(chance.bytes::<16>()), SystemClock.now())
}

/// The use cases on a database, with the system's clock and chance.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn open_app(storage: Storage, settings: Settings) -> Result<App, CliError> {
    Ok(App::open(storage, Arc::new(SystemClock), Arc::new(SystemRng), settings).await?)
}

/// Where files of candidates are kept.
pub fn media_store(config: &Config) -> Arc<dyn MediaStore> {
    Arc::new(FileMediaStore::new(media_directory(config)))
}

/// The directory of candidates' files.
pub fn media_directory(config: &Config) -> PathBuf {
    config.media_directory.clone().unwrap_or_else(|| data_dir(config).file(MEDIA))
}

/// What of the configuration concerns the use cases, for a server that listens on an address.
pub fn settings(config: &Config, listening: SocketAddr) -> Settings {
    Settings {
        public_url: config.base_url(listening),
        media_url: config.media_public_url.clone(),
        has_mail_server: config.mail.server.is_some(),
        entry_failures_per_address: config.limits.entry_failures_per_address,
        entry_failures_per_task: config.limits.entry_failures_per_task,
        requests_per_second_and_session: config.limits.requests_per_second_per_session,
        requests_per_second_and_address: config.limits.requests_per_second_per_address,
        entries_per_minute_and_address: config.limits.entries_per_minute_per_address,
        plain_http_callbacks: config.callbacks.plain_http,
        answer_files_bytes: u64::from(config.limits.answer_files_mebibytes) << 20,
        evidences_bytes: u64::from(config.limits.evidences_mebibytes) << 20,
        author_media_bytes: u64::from(config.limits.author_media_mebibytes) << 20,
        export_spool_bytes: u64::from(config.limits.export_spool_mebibytes) << 20,
        ..Settings::default()
    }
}
