//! `assay restore` (finding faults M5): a backup put back in haste destroys nothing, whatever lies
//! in the directory.

use crate::support::TestSandbox;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use storage::{Storage, StorageOptions};

fn database(place: &TestSandbox) -> PathBuf {
    place.data_dir().join("assay.sqlite")
}

fn log(place: &TestSandbox) -> PathBuf {
    place.data_dir().join("assay.sqlite-wal")
}

/// A directory with 20 instances, a backup of them, and 5 more that the backup does not know.
fn used() -> (TestSandbox, String, PathBuf) {
    let place = TestSandbox::embedded();
    let task = place.line(&["seed", "--instances", "20"]);
    let backup = place.folder.path().join("backup.sqlite");
    place.line(&["backup", backup.to_str().unwrap()]);
    place.line(&["seed", "--instances", "5", "--task", &task]);
    (place, task, backup)
}

fn count(place: &TestSandbox, task: &str) -> usize {
    place.json(&["results", task, "--json"]).len()
}

/// What a server that was killed leaves beside the file.
fn leave_log(place: &TestSandbox) {
    let storage = Storage::open(&StorageOptions::new(database(place))).unwrap();
    storage
        .write_blocking(|tx| tx.execute("UPDATE organization SET name = 'in the log'", &[]))
        .unwrap();
    let stored = fs::read(log(place)).unwrap();
    drop(storage);
    fs::write(log(place), stored).unwrap();
}

fn folders_aside(place: &TestSandbox) -> Vec<PathBuf> {
    let entries = fs::read_dir(place.data_dir()).unwrap().flatten().map(|entry| entry.path());
    entries
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("before-restore-"))
        .collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_backup_that_was_copied_over_a_crashed_database_is_not_served_as_a_ruin_m5() {
    let (place, task, backup) = used();
    leave_log(&place);
    fs::copy(&backup, database(&place)).unwrap();
    let (file, old_log) = (fs::read(database(&place)).unwrap(), fs::read(log(&place)).unwrap());
    let served = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_ne!(served.code, 0);
    assert!(served.err.contains("restore") && served.err.contains("-wal"), "{}", served.err);
    assert!(
        fs::read(database(&place)).unwrap() == file && fs::read(log(&place)).unwrap() == old_log,
        "nothing was mixed"
    );
    let restored = place.run(&["restore", backup.to_str().unwrap(), "--move-aside"]);
    assert_eq!(restored.code, 0, "{}", restored.err);
    assert_eq!(count(&place, &task), 20);
    assert_eq!(fs::read(folders_aside(&place)[0].join("assay.sqlite-wal")).unwrap(), old_log);
}

/// Nor mixed by a command that is said to change nothing: whoever closes a database last folds what
/// lies beside it.
#[test]
fn no_command_mixes_a_copied_backup_with_the_log_beside_it_m5() {
    let (place, _, backup) = used();
    leave_log(&place);
    fs::copy(&backup, database(&place)).unwrap();
    let (file, old_log) = (fs::read(database(&place)).unwrap(), fs::read(log(&place)).unwrap());
    let commands: [&[&str]; 6] = [
        &["verify"],
        &["verify", "--no-files"],
        &["rescore", "--all"],
        &["org", "list"],
        &["clock", "show"],
        &["backup", "elsewhere.sqlite"],
    ];
    for command in commands {
        let ended = place.run(command);
        assert_ne!(ended.code, 0, "{command:?}: {}", ended.out);
        let is_as_before = fs::read(database(&place)).unwrap() == file
            && fs::read(log(&place)).is_ok_and(|log| log == old_log);
        assert!(is_as_before, "{command:?} changed the file or the log");
    }
    assert!(place.run(&["verify"]).err.contains("--move-aside"));
}

/// A verification of what a crashed server left looks at the log and leaves it where it is.
#[test]
fn a_verification_after_a_crash_leaves_file_and_log_as_they_are() {
    let (place, _, _) = used();
    leave_log(&place);
    let (file, old_log) = (fs::read(database(&place)).unwrap(), fs::read(log(&place)).unwrap());
    assert_eq!(place.run(&["verify"]).code, 0);
    assert!(
        fs::read(database(&place)).unwrap() == file && fs::read(log(&place)).unwrap() == old_log
    );
}

#[test]
fn a_restore_overwrites_nothing_and_moves_aside_only_when_asked() {
    let (place, task, backup) = used();
    let name = backup.to_str().unwrap();
    let refused = place.run(&["restore", name]);
    assert_eq!(refused.code, 4, "{}", refused.err);
    assert!(
        refused.err.contains("--move-aside") && refused.err.contains("assay.sqlite"),
        "{}",
        refused.err
    );
    assert_eq!(count(&place, &task), 25);
    let before = fs::read(&backup).unwrap();
    assert_eq!(place.run(&["restore", name, "--move-aside"]).code, 0);
    assert_eq!(count(&place, &task), 20);
    assert_eq!(fs::read(&backup).unwrap(), before, "the backup stays as it is");
    assert_eq!(mode(&database(&place)), 0o600);
    let aside = folders_aside(&place);
    assert_eq!((aside.len(), mode(&aside[0])), (1, 0o700));
    let old = place.json(&["results", &task, "--json", "--data-dir", aside[0].to_str().unwrap()]);
    assert_eq!(old.len(), 25, "what was there is still a database");
    assert_eq!(place.run(&["doctor"]).code, 0);
}

#[test]
fn a_damaged_or_foreign_backup_changes_nothing() {
    let (place, task, backup) = used();
    let mut bytes = fs::read(&backup).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 8192].fill(0);
    let damaged = place.file("damaged.sqlite", &bytes);
    let text = place.file("text.sqlite", "no database".repeat(1000));
    for (name, code) in [(damaged.as_str(), 4), (text.as_str(), 4), ("/nowhere.sqlite", 3)] {
        let done = place.run(&["restore", name, "--move-aside"]);
        assert_eq!(done.code, code, "{name}: {}", done.err);
        assert_eq!(count(&place, &task), 25, "{name}");
        assert!(folders_aside(&place).is_empty(), "{name}");
        assert!(
            !place.data_dir().join("assay.sqlite.restoring").exists(),
            "{name}: nothing is left of the try"
        );
    }
    let folder = place.folder.path().to_str().unwrap().to_owned();
    assert_ne!(
        place.run(&["restore", &folder, "--move-aside"]).code,
        0,
        "a folder, a pipe or a device is no backup"
    );
}

#[test]
fn a_directory_that_is_served_is_not_restored_into() {
    let (place, task, backup) = used();
    let server = place.serve(&[]);
    let done = place.run(&["restore", backup.to_str().unwrap(), "--move-aside"]);
    assert!(done.code != 0 && done.err.contains("Another server runs"), "{}", done.err);
    drop(server);
    assert_eq!(count(&place, &task), 25);
}

#[test]
fn an_empty_directory_takes_a_backup_without_a_flag_and_a_mark_begins_an_epoch() {
    let (place, task, backup) = used();
    let other = TestSandbox::embedded();
    assert_eq!(other.run(&["restore", backup.to_str().unwrap()]).code, 0);
    assert_eq!(count(&other, &task), 20);
    let first = other.line(&["restore", "--mark"]);
    let second = other.line(&["restore", "--mark"]);
    assert!(first.contains("Epoch 3") && second.contains("Epoch 4"), "{first} {second}");
    drop(place);
}

#[test]
fn files_that_no_backup_has_are_told_and_those_that_are_there_stay() {
    let (place, _, backup) = used();
    let media = place.data_dir().join("media").join("e1");
    fs::create_dir_all(&media).unwrap();
    fs::write(media.join("MeNobodys-e1"), "bytes").unwrap();
    let done = place.run(&["restore", backup.to_str().unwrap(), "--move-aside"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.out.contains("0 are missing; 1 others"), "{}", done.out);
    assert!(media.join("MeNobodys-e1").exists());
}
