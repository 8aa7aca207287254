//! The server of a data directory from its first to its last moment: what `serve` and `demo` share.
//!
//! Order matters. The lock on the directory comes before the database is used, the address before
//! anything that takes long, overdue instances before the first request; at the end requests come
//! to rest before the database is closed.

use crate::cli_context::{data_dir, media_directory, media_store, open_app, settings};
use crate::cli_error::{CliError, ExitKind};
use crate::config::{Config, ServerConfig};
use crate::connections::{ConnectionLimits, raise_file_limit};
use crate::data_dir::{DataDir, ServerLock};
use crate::database_watch::{check_after_crash, watch_database};
use crate::http_server::{BoundListener, ServeOptions, listen, shutdown_signal};
use crate::mail_setup::mailer;
use crate::metrics::MetricsServer;
use crate::system::Stopwatch;
use crate::witness::WitnessKeeper;
use anyhow::Context;
use api::server::{PageRoutes, router_with};
use api::state::HttpSettings;
use app::App;
use app::background::repeat_and_finish;
use app::media::MediaClaim;
use app::ports::Mailer;
use courier::media_files::MARK;
use courier::ssrf::AddressPolicy;
use courier::{HttpWebhookSender, OutboundPolicy};
use domain::pattern::require_match_budget;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use storage::{Durability, Storage};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::sleep;

/// How often the last uses of keys are written down.
const KEY_USES_PERIOD: Duration = Duration::from_secs(60);

/// A server that has its directory and its address and answers nothing yet.
pub struct PreparedServer<'config> {
    config: &'config Config,
    pub directory: DataDir,
    pub storage: Storage,
    runtime: Runtime,
    listening: BoundListener,
    metrics: Option<MetricsServer>,
    mailer: Arc<dyn Mailer>,
    connections: ConnectionLimits,
    _lock: ServerLock,
}

/// What is being served.
pub struct RunningService {
    pub app: App,
    pub address: SocketAddr,
    /// Where metrics are served, if they are.
    pub metrics: Option<SocketAddr>,
    /// The most at once.
    pub connections: usize,
}

impl<'config> PreparedServer<'config> {
    /// Takes hold of the directory and the address. `furnish` is called before the database is
    /// opened.
    ///
    /// # Errors
    /// The address is taken, another server runs on the directory, or the database cannot be
    /// opened; what `furnish` returns.
    pub fn prepare(
        config: &'config Config,
        furnish: impl AsyncFnOnce(&DataDir) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let descriptors = raise_file_limit();
        let ServerConfig { max_connections, max_connections_per_address, .. } = config.server;
        let connections =
            ConnectionLimits::new(max_connections, max_connections_per_address, descriptors);
        let mut builder = Builder::new_multi_thread();
        config.server.worker_threads.into_iter().for_each(|threads| {
            builder.worker_threads(threads);
        });
        let runtime = builder
            .enable_all()
            .on_thread_start(require_match_budget)
            .build()
            .context("starting the runtime")?;
        let directory = data_dir(config);
        let mailer = mailer(config, &directory)?;
        let lock = runtime.block_on(lock(&directory))?;
        let listening = runtime.block_on(listen(config.listen))?;
        let metrics = config
            .metrics_listen
            .map(|address| runtime.block_on(MetricsServer::begin(address, &directory)));
        let metrics = metrics.transpose()?;
        runtime.block_on(furnish(&directory))?;
        check_after_crash(&directory)?;
        let storage = directory.open_to_serve()?;
        warn_of_durability(&storage);
        Ok(Self {
            config,
            directory,
            storage,
            runtime,
            listening,
            metrics,
            mailer,
            connections,
            _lock: lock,
        })
    }

    /// Waits for something that has to be done before serving.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Serves until told to stop. `announce` is called once requests are answered.
    ///
    /// # Errors
    /// The database cannot be read, or what `announce` returns.
    pub fn run(
        self,
        announce: impl FnOnce(&RunningService) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let Self {
            config,
            directory,
            storage,
            runtime,
            listening,
            metrics,
            mailer,
            connections,
            _lock,
        } = self;
        let app = runtime.block_on(open_app(storage, settings(config, listening.address)))?;
        app.files().set_media_store(media_store(config));
        runtime.block_on(claim_media(&app, &media_directory(config)))?;
        let witness =
            runtime.block_on(WitnessKeeper::begin(&app, &directory)).map_err(CliError::from)?;
        let (ending, ended) = watch::channel(false);
        let watching = runtime.spawn(watch_database(app.clone(), witness, ended));
        let outcome = runtime.block_on(serve(
            config,
            app,
            mailer,
            (listening, metrics, connections),
            announce,
        ));
        ending.send_replace(true);
        runtime.block_on(watching).context("a background task ended unexpectedly")?;
        // Ends what still runs, so that the last handle on the database is gone and closes it.
        runtime.shutdown_timeout(Duration::from_secs(5));
        outcome
    }
}

/// A power cut may lose or ruin what a PostgreSQL with these settings has acknowledged. It is told
/// at each start and not refused: for a trial it may be meant.
fn warn_of_durability(storage: &Storage) {
    match storage.durability() {
        Ok(None) => {}
        Ok(Some(Durability { fsync, full_page_writes, .. })) if fsync && full_page_writes => {}
        Ok(Some(Durability { fsync, full_page_writes, .. })) => tracing::error!(
            fsync,
            full_page_writes,
            "this PostgreSQL may lose what is acknowledged when the power fails; set fsync and full_page_writes to on"
        ),
        Err(error) => {
            tracing::warn!(%error, "whether the database keeps what it acknowledges is not known")
        }
    }
}

/// How often a lock that somebody else holds is tried again: `doctor` looks at it for a moment.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

async fn lock(directory: &DataDir) -> anyhow::Result<ServerLock> {
    for _ in 1..LOCK_TRIES {
        if let Ok(lock) = directory.lock_for_serving() {
            return Ok(lock);
        }
        sleep(LOCK_PAUSE).await;
    }
    directory.lock_for_serving()
}

/// How long a PostgreSQL that does not answer is waited for at the start. After a power cut both
/// machines start.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(60);
const DATABASE_PAUSE: Duration = Duration::from_secs(2);

/// Waits until the database's server answers. To be called outside of any runtime.
///
/// # Errors
/// It does not answer in time.
pub fn wait_for_database(directory: &DataDir) -> anyhow::Result<()> {
    if !directory.is_on_postgres() {
        return Ok(());
    }
    let timer =
        Builder::new_current_thread().enable_time().build().context("starting the runtime")?;
    let watch = Stopwatch::start();
    loop {
        match directory.schema_state() {
            Err(error) if error.is_temporary() && watch.elapsed() < DATABASE_TIMEOUT => {
                tracing::warn!(%error, "the database does not answer yet; it is asked again");
                timer.block_on(async { sleep(DATABASE_PAUSE).await });
            }
            Err(error) if error.is_temporary() => {
                return Err(anyhow::Error::new(error)
                    .context("the database of --database-url does not answer"));
            }
            // Whatever else is wrong with it is told by whoever opens it.
            _ => return Ok(()),
        }
    }
}

/// Makes sure that the directory of candidates' files is this installation's.
async fn claim_media(app: &App, directory: &Path) -> anyhow::Result<()> {
    let path = directory.display();
    let mark = directory.join(MARK);
    let (message, installation) = match app.files().claim_media().await.map_err(CliError::from)? {
        MediaClaim::Ours => return Ok(()),
        MediaClaim::Foreign { mark, installation } => {
            let message = format!(
                "The files of candidates in {path} belong to the installation {mark}, and the database is the one of \
                 {installation}."
            );
            let advice = "Name the right database, or another directory with media.directory. Nothing was changed.";
            return Err(CliError::new(ExitKind::Refused, message).with_advice(advice).into());
        }
        MediaClaim::Unknown { installation } => (
            format!("None of the files of candidates in {path} is known to this database."),
            installation,
        ),
        MediaClaim::Missing { installation } => (
            format!("The database knows files of candidates, and there is none in {path}."),
            installation,
        ),
    };
    let advice = format!(
        "Name the right database and the right directory (media.directory), mount it, or restore the files. If all is as \
         it must be: mkdir -p {path} && echo {installation} > {}",
        mark.display()
    );
    Err(CliError::new(ExitKind::Refused, message).with_advice(advice).into())
}

async fn serve(
    config: &Config,
    app: App,
    mailer: Arc<dyn Mailer>,
    (listening, metrics, connections): (BoundListener, Option<MetricsServer>, ConnectionLimits),
    announce: impl FnOnce(&RunningService) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let stop = shutdown_signal().context("watching for signals")?;
    // Before anything goes by the time: a start is when a wrong clock does most harm.
    app.watch_clock().await.map_err(CliError::from)?;
    let swept = app.delivery().sweep_deadlines().await.map_err(CliError::from)?;
    if swept.completed + swept.failed > 0 {
        tracing::info!(
            swept.completed,
            swept.failed,
            "completed what had become due while no server ran"
        );
    }
    let quota = config.limits.requests_per_minute.and_then(NonZeroU32::new);
    let page_cache_bytes = config.server.page_cache_bytes;
    let are_metered = metrics.is_some();
    let http = HttpSettings { quota, page_cache_bytes, are_metered, ..HttpSettings::default() };
    let pages = |delivery| PageRoutes {
        routes: pages::routes(&app, delivery),
        not_found: Some(pages::not_found(&app)),
    };
    let router = router_with(&app, &http, pages).context("printing the API")?;
    let manners = ServeOptions {
        idle_timeout: config.server.idle_timeout,
        grace: config.server.shutdown_grace,
        head_timeout: config.server.head_timeout,
        proxies: Arc::new(config.server.proxies.clone()),
        connections,
        are_counted: are_metered,
    };
    let (ending, ended) = watch::channel(false);
    let loops = [
        BackgroundLoop::Clock,
        BackgroundLoop::Deadlines,
        BackgroundLoop::Uses,
        BackgroundLoop::Corrections,
        BackgroundLoop::DeferredViewings,
        BackgroundLoop::Callbacks(courier(config)?),
        BackgroundLoop::Mail(mailer),
        BackgroundLoop::Media,
        BackgroundLoop::Retention,
    ];
    let background = loops.map(|each| tokio::spawn(each.run(app.clone(), ended.clone())));
    let served = RunningService {
        app,
        address: listening.address,
        metrics: metrics.as_ref().map(MetricsServer::address),
        connections: connections.total,
    };
    let measured = metrics.map(|metrics| {
        let (listening, router) = metrics.into_service(served.app.clone());
        let manners =
            ServeOptions { proxies: Arc::default(), are_counted: false, ..manners.clone() };
        tokio::spawn(async move { listening.serve(router, manners, wait_for_end(ended)).await })
    });
    let server = tokio::spawn(async move {
        let stop = async move {
            stop.await;
            tracing::info!("stopping");
        };
        listening.serve(router, manners, stop).await
    });
    announce(&served)?;
    let cut_off = server.await.context("the server ended unexpectedly")?;
    // Only when the last request is answered: what it left to the loops (a callback, the last use
    // of a key) is seen by their last round.
    ending.send_replace(true);
    for task in background {
        task.await.context("a background task ended unexpectedly")?;
    }
    if let Some(measured) = measured {
        measured.await.context("the server of metrics ended unexpectedly")?;
    }
    tracing::info!(cut_off, "stopped");
    Ok(())
}

/// Ready once everything ends. The sender outlives this; were it gone, that would be the end as
/// well.
async fn wait_for_end(mut ended: watch::Receiver<bool>) {
    drop(ended.wait_for(|ended| *ended).await);
}

/// What goes on beside the requests until the server stops.
enum BackgroundLoop {
    Clock,
    Deadlines,
    /// Of keys and sessions.
    Uses,
    Corrections,
    DeferredViewings,
    Callbacks(Arc<HttpWebhookSender>),
    Mail(Arc<dyn Mailer>),
    Media,
    Retention,
}

impl BackgroundLoop {
    async fn run(self, app: App, ended: watch::Receiver<bool>) {
        let shutdown = wait_for_end(ended);
        match self {
            Self::Clock => app.run_clock(shutdown).await,
            Self::Deadlines => app.delivery().run_deadlines(shutdown).await,
            Self::Uses => store_uses(&app, shutdown).await,
            Self::Corrections => app.corrections().run_corrections(shutdown).await,
            Self::DeferredViewings => app.run_deferred_viewings(shutdown).await,
            Self::Callbacks(sender) => app.webhooks().run_callbacks(sender, shutdown).await,
            Self::Mail(mailer) => app.mail().run_mail(mailer, shutdown).await,
            Self::Media => app.files().run_media_maintenance(shutdown).await,
            Self::Retention => app.tasks().run_retention(shutdown).await,
        }
    }
}

fn courier(config: &Config) -> anyhow::Result<Arc<HttpWebhookSender>> {
    let reach = if config.callbacks.private_addresses {
        AddressPolicy::Anywhere
    } else {
        AddressPolicy::Public
    };
    Ok(Arc::new(HttpWebhookSender::new(OutboundPolicy { reach, ..OutboundPolicy::default() })?))
}

/// Writes the last uses of keys and sessions down each minute, and once more at the end.
async fn store_uses(app: &App, shutdown: impl Future<Output = ()> + Send) {
    let store = async || {
        if let Err(failure) = app.keys().flush_key_uses().await {
            tracing::warn!(%failure, "the last uses of keys were not written down");
        }
        if let Err(failure) = app.delivery().maintain_sessions().await {
            tracing::warn!(%failure, "sessions of candidates were not brought up to date");
        }
        if let Err(failure) = app.staff().prune_staff_sessions().await {
            tracing::warn!(%failure, "old sessions of users were not removed");
        }
    };
    repeat_and_finish(KEY_USES_PERIOD, shutdown, store).await;
}
