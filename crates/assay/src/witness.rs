//! The witness: a small file beside the database that says how many writes the database had kept.
//! SQLite cannot know that its log was deleted or shortened, or that an older copy lies in its
//! place; the number can.
//!
//! It is read from the database before it is written here, so it is never ahead of what is on disk.

use crate::data_dir::{DataDir, WITNESS};
use crate::system::SystemClock;
use app::ports::Clock;
use app::{App, Failure};
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Losses that are remembered.
const MOST_LOSSES: usize = 10;

/// What a witness says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Witness {
    pub installation: String,
    pub commits: i64,
    /// Seconds.
    pub at: i64,
    /// Starts at which the database held less than was known.
    #[serde(default)]
    pub losses: Vec<WitnessedLoss>,
}

/// A start at which the database held less than was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WitnessedLoss {
    /// Seconds.
    pub at: i64,
    /// The commits that were acknowledged.
    #[serde(rename = "known")]
    pub acknowledged: i64,
    pub found: i64,
}

impl Witness {
    /// What the file of a directory says; none when there is none or it cannot be read.
    pub fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// How many writes are missing in a database, by what the witness knows of it. One of another
    /// installation knows nothing.
    pub fn missing(&self, installation: &str, commits: i64) -> Option<i64> {
        (self.installation == installation && self.commits > commits)
            .then(|| self.commits - commits)
    }

    /// The witness of a database that is about to be served. What is missing in it is written down
    /// for good.
    fn succeeded_by(self, installation: &str, commits: i64, at: i64) -> Self {
        let mut losses =
            if self.installation == installation { self.losses.clone() } else { Vec::new() };
        if self.missing(installation, commits).is_some() {
            losses.push(WitnessedLoss { at, acknowledged: self.commits, found: commits });
        }
        let forgotten = losses.len().saturating_sub(MOST_LOSSES);
        losses.drain(..forgotten);
        Self { installation: installation.to_owned(), commits, at, losses }
    }

    /// Replaces the file as a whole. It is not waited for the disk: after a power cut an older
    /// witness, or none, knows less, never too much.
    fn write(&self, path: &Path) -> io::Result<()> {
        let part = path.with_extension("json.part");
        let mut open = OpenOptions::new();
        let mut file = open.write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        fs::rename(part, path)
    }
}

/// Keeps the witness while a server runs.
pub struct WitnessKeeper {
    /// None on a PostgreSQL, which looks after its own log.
    path: Option<PathBuf>,
    witness: Witness,
    has_failed: bool,
}

impl WitnessKeeper {
    /// Compares the witness with the database that is about to be served, and says what is missing
    /// in it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn begin(app: &App, directory: &DataDir) -> Result<Self, Failure> {
        let path = (!directory.is_on_postgres()).then(|| directory.file(WITNESS));
        let mut keeper = Self { witness: Witness::default(), path, has_failed: false };
        let Some(path) = keeper.path.clone() else { return Ok(keeper) };
        let (installation, commits) =
            (app.files().installation_id().await?, app.write_count().await?);
        let before = Witness::read(&path).unwrap_or_default();
        if let Some(missing) = before.missing(&installation, commits) {
            tracing::error!(
                missing,
                existing = before.commits,
                found = commits,
                "the database holds fewer writes than it had: an older copy was put in its place, or its log was lost. If \
                 that was not meant, stop the server, copy the data directory aside and look for the newer file; `assay \
                 doctor` keeps telling of it"
            );
        }
        keeper.witness = before.succeeded_by(&installation, commits, SystemClock.now().seconds());
        keeper.write();
        Ok(keeper)
    }

    /// Writes the witness when the database has kept more.
    pub async fn keep(&mut self, app: &App) {
        if self.path.is_none() {
            return;
        }
        // When the database cannot be read others say so.
        let Ok(commits) = app.write_count().await else { return };
        if commits != self.witness.commits || self.has_failed {
            self.witness.commits = commits;
            self.witness.at = SystemClock.now().seconds();
            self.write();
        }
    }

    fn write(&mut self) {
        let Some(path) = &self.path else { return };
        let written = self.witness.write(path);
        if let (Err(error), false) = (&written, self.has_failed) {
            tracing::warn!(path = %path.display(), %error, "the witness of the database was not written");
        }
        self.has_failed = written.is_err();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn witness(commits: i64) -> Witness {
        Witness { installation: "one".into(), commits, at: 5, losses: Vec::new() }
    }

    /// Finding faults M6: a deleted or shortened log, a file copied without its log.
    #[test]
    fn a_database_with_fewer_writes_than_are_known_has_lost_some_m6() {
        assert_eq!(witness(10).missing("one", 7), Some(3));
        assert_eq!(witness(10).missing("one", 10), None);
        assert_eq!(witness(10).missing("one", 11), None, "the witness is a little behind");
        assert_eq!(witness(10).missing("other", 7), None);
    }

    #[test]
    fn a_loss_stays_written_down_when_the_server_goes_on() {
        let after = witness(10).succeeded_by("one", 7, 6);
        assert_eq!(
            (after.commits, after.losses.as_slice()),
            (7, &[WitnessedLoss { at: 6, acknowledged: 10, found: 7 }][..])
        );
        assert_eq!(after.clone().succeeded_by("one", 9, 7).losses, after.losses);
        assert_eq!(after.succeeded_by("other", 1, 8).losses, []);
        let mut many = witness(100);
        for n in (0..50).rev() {
            many = Witness { commits: 100, ..many.succeeded_by("one", n, n) };
        }
        assert_eq!(many.losses.len(), MOST_LOSSES);
    }

    #[test]
    fn what_is_no_witness_knows_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(WITNESS);
        assert_eq!(Witness::read(&path), None);
        fs::write(&path, "").unwrap();
        assert_eq!(Witness::read(&path), None);
        witness(3).write(&path).unwrap();
        assert_eq!(Witness::read(&path), Some(witness(3)));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
