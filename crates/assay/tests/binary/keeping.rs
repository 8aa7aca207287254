//! Restoring a PostgreSQL and moving between the databases: what comes back is what was there.

use crate::support::{CommandOutcome, TestSandbox};
use std::path::{Path, PathBuf};
use std::process::Command;

fn results(task: &str) -> [&str; 4] {
    ["results", task, "--json", "--detailed"]
}

/// One of PostgreSQL's client programs, of the newest version installed.
pub fn program(name: &str) -> Command {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| {
            versions.flatten().map(|version| version.path().join("bin").join(name)).collect()
        })
        .unwrap_or_default();
    folders.retain(|path| path.exists());
    folders.sort();
    Command::new(folders.pop().unwrap_or_else(|| Path::new(name).to_owned()))
}

pub fn succeed(command: &mut Command) {
    let done = CommandOutcome::of(&command.output().unwrap());
    assert_eq!(done.code, 0, "{command:?}: {}", done.err);
}

/// Runs a command on the file in a place's data directory.
pub fn on_file(place: &TestSandbox, arguments: &[&str]) -> CommandOutcome {
    CommandOutcome::of(&place.command(arguments).env_remove("ASSAY_DATABASE_URL").output().unwrap())
}

#[test]
fn a_postgresql_restored_from_a_dump_holds_what_it_held_then() {
    let place = TestSandbox::new();
    let Some(url) = place.url() else { return };
    let task = place.line(&["seed", "--instances", "321"]);
    let rows = place.json(&results(&task));
    let dump = place.folder.path().join("assay.dump");
    succeed(program("pg_dump").args(["--format=custom", "--file"]).arg(&dump).arg(&url));
    place.line(&["seed", "--instances", "9", "--task", &task]);
    let other = TestSandbox::new();
    let restored = other.url().unwrap();
    succeed(
        program("pg_restore").args(["--clean", "--if-exists", "--dbname", &restored]).arg(&dump),
    );
    assert_eq!(other.json(&results(&task)), rows);
    assert_eq!(rows.len(), 321);
    demand_nothing_but_durability(&other);
    // It goes on from there: ordinals follow those that were restored.
    other.line(&["seed", "--instances", "4", "--task", &task]);
    assert_eq!(other.json(&results(&task)).len(), 325);
}

#[test]
fn what_was_moved_to_a_file_and_on_to_a_postgresql_is_the_same() {
    let place = TestSandbox::new();
    if place.url().is_none() {
        return;
    }
    let task = place.line(&["seed", "--instances", "321"]);
    let rows = place.run(&results(&task)).out;
    let output = place.line(&["migrate-data", "to-file"]);
    assert!(
        output.lines().any(|line| line.starts_with("instance ") && line.contains(" 321 rows")),
        "{output}"
    );
    assert_eq!(place.run(&["migrate-data", "to-file"]).code, 4);
    let other = TestSandbox::new();
    let folder = place.data_dir();
    let moved =
        other.line(&["migrate-data", "to-postgres", "--data-dir", folder.to_str().unwrap()]);
    assert_eq!(moved, output);
    // Whoever works on the file begins an epoch of its own, so it is looked at last.
    assert_eq!(on_file(&place, &results(&task)).out, rows);
    assert_eq!(other.run(&results(&task)).out, rows);
    demand_nothing_but_durability(&other);
}

/// The tests' PostgreSQL does not wait for its disk, which doctor says; it must have nothing else
/// to say.
fn demand_nothing_but_durability(place: &TestSandbox) {
    let done = place.run(&["doctor", "--json"]);
    let findings =
        done.out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let bad: Vec<_> = findings.filter(|finding| finding["state"] == "bad").collect();
    assert!(bad.iter().all(|finding| finding["check"] == "durability"), "{bad:?}");
}

#[test]
fn data_are_not_moved_to_an_unnamed_or_out_of_a_missing_database() {
    let place = TestSandbox::embedded();
    assert_eq!(place.run(&["migrate-data", "to-postgres"]).code, 2);
    let missing =
        ["migrate-data", "to-postgres", "--database-url", "postgres://nobody@127.0.0.1:1/none"];
    assert_eq!(place.run(&missing).code, 3);
}
