//! The machine: room on the disk.

use super::Finding;
use crate::data_dir::DataDir;
use rustix::fs::statvfs;
use std::fs;

/// One part in so many of the disk is to be free.
const FREE_PART: u64 = 10;
/// Below this the next exam fills the disk.
const HARDLY_ANY: u64 = 256 << 20;

/// Room beside the database; none when it cannot be told.
pub fn space(directory: &DataDir) -> Option<Finding> {
    let volume = statvfs(directory.path()).ok()?;
    let of = |blocks: u64| blocks.saturating_mul(volume.f_frsize);
    let database = fs::metadata(directory.database()).map_or(0, |found| found.len());
    Some(judge(of(volume.f_bavail), of(volume.f_blocks), database))
}

fn judge(free: u64, all: u64, database: u64) -> Finding {
    let message = format!("{} MiB are free, the database has {} MiB", free >> 20, database >> 20);
    let advice = "Make room: without any nobody can save an answer. Nothing that was acknowledged is lost by a full disk.";
    if free < HARDLY_ANY {
        Finding::bad("disk", message, advice)
    } else if free < database.saturating_mul(2) || free < all / FREE_PART {
        Finding::warning("disk", message, advice)
    } else {
        Finding::good("disk", message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::CheckState;

    #[test]
    fn little_room_is_told_before_there_is_none() {
        const GIB: u64 = 1 << 30;
        let state = |free, all, database| judge(free, all, database).state;
        assert_eq!(state(50 * GIB, 100 * GIB, GIB), CheckState::Good);
        assert_eq!(state(5 * GIB, 100 * GIB, GIB), CheckState::Warning, "less than a tenth");
        assert_eq!(
            state(50 * GIB, 100 * GIB, 30 * GIB),
            CheckState::Warning,
            "no room for a backup and as much again"
        );
        assert_eq!(state(GIB / 8, 100 * GIB, GIB), CheckState::Bad);
    }
}
