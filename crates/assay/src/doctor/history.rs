//! Whether the database holds all that it ever held, as far as its witness knows, and whether there
//! are backups.

use super::Finding;
use crate::backup::leftovers;
use crate::data_dir::{DataDir, LAST_BACKUP};
use crate::moment;
use crate::witness::Witness;
use domain::time::Timestamp;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use storage::DatabaseInspection;

/// Days after which a backup is old.
const OLD_DAYS: i64 = 7;
const DAY_SECONDS: i64 = 24 * 3600;

/// Compares the database with its witness; nothing when no server has run yet.
pub fn witness(look: &mut DatabaseInspection, witness: Option<Witness>) -> Vec<Finding> {
    let Some(witness) = witness else { return Vec::new() };
    let read = look.read(|tx| {
        let installed = storage::organization::installation(tx)?;
        Ok((
            installed.map(|row| row.receipt_key).unwrap_or_default(),
            storage::organization::write_count(tx)?,
        ))
    });
    let existing = read.map_err(|error| error.to_string()).and_then(|(key, commits)| {
        app::media::installation_id(&key)
            .map(|id| (id, commits))
            .map_err(|failure| failure.to_string())
    });
    match existing {
        Ok((installation, commits)) => judge(&witness, &installation, commits),
        Err(error) => vec![Finding::bad("witness", error, "See what is told of the database.")],
    }
}

fn judge(witness: &Witness, installation: &str, commits: i64) -> Vec<Finding> {
    let at = moment::show(Timestamp::from_seconds(witness.at));
    if witness.installation != installation {
        let message = format!(
            "witness.json tells of another installation ({}), {at} UTC",
            witness.installation
        );
        let advice = "Another database was put here. If that was not meant, look for the one that belongs here.";
        return vec![Finding::warning("witness", message, advice)];
    }
    if let Some(missing) = witness.missing(installation, commits) {
        let message = format!(
            "the database holds {missing} writes fewer than it had kept at {at} UTC: its log was lost or shortened, or an \
             older copy lies in its place"
        );
        let advice = "If nobody put an older copy there on purpose: stop the server, copy the data directory aside, and look \
                      for the newer file or its log (assay.sqlite-wal). What candidates were told is saved may be there.";
        return vec![Finding::bad("witness", message, advice)];
    }
    let finding = |loss: &crate::witness::WitnessedLoss| {
        let message = format!(
            "at the start of {} UTC the database held {} writes fewer than before",
            moment::show(Timestamp::from_seconds(loss.at)),
            loss.acknowledged - loss.found
        );
        let advice = "An older copy was put back, or a log was lost. Once that is settled, remove witness.json while no \
                      server runs.";
        Finding::warning("witness", message, advice)
    };
    let mut findings: Vec<_> = witness.losses.iter().map(finding).collect();
    if findings.is_empty() {
        findings.push(Finding::good(
            "witness",
            format!("nothing is missing that was kept by {at} UTC"),
        ));
    }
    findings
}

/// The note that `assay backup` leaves.
#[derive(Debug, Deserialize)]
struct BackupNote {
    at: i64,
    to: PathBuf,
}

/// When the last backup was made, and whether one broke off.
pub fn backups(directory: &DataDir, now: Timestamp) -> Finding {
    let note = fs::read(directory.file(LAST_BACKUP))
        .ok()
        .and_then(|text| serde_json::from_slice::<BackupNote>(&text).ok());
    let folder = note.as_ref().and_then(|note| note.to.parent()).unwrap_or_else(|| Path::new(""));
    let left = [folder, directory.path()].into_iter().flat_map(leftovers).next();
    judge_backups(note.as_ref(), left.as_deref(), now)
}

fn judge_backups(note: Option<&BackupNote>, left: Option<&Path>, now: Timestamp) -> Finding {
    const ADVICE: &str = "Run `assay backup /backups/assay-DATE.sqlite` each night, and keep copies on another machine.";
    if let Some(left) = left {
        let message = format!("one broke off and left {}", left.display());
        return Finding::warning("backup", message, "The next backup to that folder removes it.");
    }
    let Some(note) = note else {
        return Finding::warning("backup", "none was made from here yet", ADVICE);
    };
    let message = format!(
        "the last was made at {} UTC to {}",
        moment::show(Timestamp::from_seconds(note.at)),
        note.to.display()
    );
    let is_old = now.seconds().saturating_sub(note.at) > OLD_DAYS * DAY_SECONDS;
    if is_old {
        Finding::warning("backup", message, ADVICE)
    } else {
        Finding::good("backup", message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::CheckState;
    use crate::witness::WitnessedLoss;

    /// Finding faults M6: what SQLite cannot know.
    #[test]
    fn a_lost_log_is_told_and_stays_told_m6() {
        let witness = Witness {
            installation: "one".into(),
            commits: 10,
            at: 1_790_000_000,
            losses: Vec::new(),
        };
        let of = |witness: &Witness, installation: &str, commits| {
            judge(witness, installation, commits)[0].clone()
        };
        assert_eq!(of(&witness, "one", 10).state, CheckState::Good);
        assert_eq!(of(&witness, "one", 12).state, CheckState::Good, "it is written now and then");
        let lost = of(&witness, "one", 7);
        assert!(
            lost.state == CheckState::Bad && lost.message.contains("3 writes fewer"),
            "{lost:?}"
        );
        assert!(lost.advice.unwrap().contains("copy the data directory aside"));
        assert_eq!(of(&witness, "two", 7).state, CheckState::Warning);
        let later = Witness {
            losses: vec![WitnessedLoss { at: 1, acknowledged: 10, found: 7 }],
            ..witness
        };
        assert_eq!(of(&later, "one", 12).state, CheckState::Warning);
    }

    #[test]
    fn missing_old_and_broken_off_backups_are_told() {
        let now = Timestamp::from_seconds(100 * DAY_SECONDS);
        let note = |days: i64| BackupNote {
            at: (100 - days) * DAY_SECONDS,
            to: "/backups/a.sqlite".into(),
        };
        assert_eq!(judge_backups(None, None, now).state, CheckState::Warning);
        assert_eq!(judge_backups(Some(&note(7)), None, now).state, CheckState::Good);
        assert_eq!(judge_backups(Some(&note(8)), None, now).state, CheckState::Warning);
        let left = judge_backups(Some(&note(1)), Some(Path::new("/backups/b.sqlite.partial")), now);
        assert!(left.state == CheckState::Warning && left.message.contains("b.sqlite.partial"));
    }
}
