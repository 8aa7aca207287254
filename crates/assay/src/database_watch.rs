//! What a server looks after besides requests: whether the database was left whole by a crash,
//! whether its files are still there, and what the witness beside them says.

use crate::cli_error::{CliError, ExitKind};
use crate::data_dir::DataDir;
use crate::witness::WitnessKeeper;
use app::App;
use app::background::ticks;
use std::time::Duration;
use storage::{DatabaseInspection, StorageError};
use tokio::sync::watch;

/// How often the files are compared with what was opened.
const PERIOD: Duration = Duration::from_secs(1);
/// The witness is written every so many periods, if anything was written to the database.
const WITNESS_PERIODS: u32 = 5;
/// How often a fault that lasts is logged again, in periods.
const REMINDER_PERIODS: u32 = 60;
/// A file that is larger is looked through while the server already serves: an exam cannot wait for
/// it.
const CHECKED_BEFORE_SERVING: u64 = 128 << 20;

/// Looks through the database for damage when the last server did not come to its end. It is then
/// that a file may be half of one and half of another, as when a copy was put over it while its old
/// log lay beside it.
///
/// # Errors
/// [`ExitKind::Failed`] when damage is found.
pub fn check_after_crash(directory: &DataDir) -> anyhow::Result<()> {
    if !directory.has_leftover_wal() {
        return Ok(());
    }
    let size = std::fs::metadata(directory.database()).map_or(0, |found| found.len());
    if size > CHECKED_BEFORE_SERVING {
        let directory = directory.clone();
        tracing::warn!(
            size,
            "the last server did not come to its end; the database is looked through meanwhile"
        );
        std::thread::Builder::new().name("checking".to_owned()).spawn(move || {
            match damage(&directory) {
                Ok(lines) if lines.is_empty() => {
                    tracing::info!("the database was looked through and is whole")
                }
                Ok(lines) => {
                    tracing::error!(damage = lines.join("; "), "the database is damaged. {ADVICE}")
                }
                Err(error) => {
                    tracing::error!(%error, "the database could not be looked through. {ADVICE}")
                }
            }
        })?;
        return Ok(());
    }
    let lines = damage(directory).unwrap_or_else(|error| vec![error.to_string()]);
    if lines.is_empty() {
        return Ok(());
    }
    let message = format!(
        "The last server did not come to its end, and {} is damaged: {}",
        directory.database().display(),
        lines.join("; ")
    );
    Err(CliError::new(ExitKind::Failed, message).with_advice(ADVICE).into())
}

/// Names no command that changes anything: the file may be all there is.
const ADVICE: &str = "Copy the whole data directory aside before anything else. If a backup was put over the file after a \
    crash, the log of the old file (assay.sqlite-wal) lies beside it and does not belong to it. docs/operations.md says how \
    to restore.";

fn damage(directory: &DataDir) -> Result<Vec<String>, StorageError> {
    DatabaseInspection::open(directory.location())?.integrity_errors()
}

/// Watches the files of the database and keeps the witness, until everything ends.
pub async fn watch_database(
    app: App,
    mut witness: WitnessKeeper,
    mut ended: watch::Receiver<bool>,
) {
    let mut ticks = ticks(PERIOD);
    let (mut n, mut missing_since) = (0_u32, None::<u32>);
    loop {
        let is_over = tokio::select! {
            _ = ended.wait_for(|ended| *ended) => true,
            _ = ticks.tick() => false,
        };
        n = n.wrapping_add(1);
        match (app.is_database_in_place(), missing_since) {
            (Ok(()), None) => {}
            (Ok(()), Some(_)) => {
                tracing::warn!("the files of the database are back; writes are taken again");
                missing_since = None;
            }
            (Err(error), since) => {
                if since.is_none_or(|since| n.wrapping_sub(since) % REMINDER_PERIODS == 0) {
                    tracing::error!(%error, "no write is acknowledged");
                }
                missing_since = since.or(Some(n));
            }
        }
        if missing_since.is_none() && (is_over || n % WITNESS_PERIODS == 0) {
            witness.keep(&app).await;
        }
        if is_over {
            return;
        }
    }
}
