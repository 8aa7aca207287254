//! `assay verify` as an operator runs it (finding numbers N4): its exit status, its lines, going
//! on, and beside a server.

use crate::support::TestSandbox;
use std::path::PathBuf;
use storage::{Storage, StorageOptions};

/// Alters rows behind the program's back.
fn alter(place: &TestSandbox, sql: &'static str) {
    let storage =
        Storage::open(&StorageOptions::new(place.data_dir().join("assay.sqlite"))).unwrap();
    let changed = storage.write_blocking(move |tx| tx.execute(sql, &[])).unwrap();
    assert!(changed > 0, "{sql}");
}

fn seeded() -> (TestSandbox, String) {
    let place = TestSandbox::embedded();
    let task = place.line(&["seed", "--instances", "250"]);
    (place, task)
}

#[test]
fn a_sound_database_is_verified_with_status_0_also_beside_a_server() {
    let (place, _) = seeded();
    let server = place.serve(&[]);
    let done = place.run(&["verify"]);
    assert_eq!(done.code, 0, "{} {}", done.out, done.err);
    assert!(
        done.out.contains("250 test instances") && done.out.contains("0 differences"),
        "{}",
        done.out
    );
    drop(server);
}

#[test]
fn every_alteration_ends_with_status_1_and_names_the_instance_n4() {
    let (place, task) = seeded();
    alter(
        &place,
        "UPDATE instance SET result_basic = replace(result_basic, 'Ratio\":', 'Ratio\":1') WHERE ordinal = 7",
    );
    let first =
        place.json(&["results", &task, "--json"])[6]["testInstanceId"].as_str().unwrap().to_owned();
    let done = place.run(&["verify", "--json"]);
    assert_eq!(done.code, 1);
    let line: serde_json::Value = serde_json::from_str(done.out.lines().next().unwrap()).unwrap();
    assert_eq!(
        (line["aspect"].as_str(), line["id"].as_str()),
        (Some("published"), Some(first.as_str()))
    );
    let mended = place.line(&["rescore", "--all"]);
    assert!(mended.contains("250 computed") && mended.contains("1 were mended"), "{mended}");
    assert_eq!(place.run(&["verify"]).code, 0);
    let others = [
        (
            "version",
            "UPDATE result_version SET detailed = detailed || ' ' WHERE instance_id = (SELECT min(id) FROM instance)",
        ),
        (
            "receipts",
            "UPDATE receipt SET response = '\"x\"' WHERE instance_id = (SELECT min(id) FROM instance)",
        ),
        (
            "events",
            "UPDATE event SET at = at + 1 WHERE kind = 'instance.completed' AND chain = (SELECT 'instance/' || min(id) FROM instance)",
        ),
        (
            "events",
            "DELETE FROM event WHERE kind = 'instance.completed' AND chain = (SELECT 'instance/' || max(id) FROM instance)",
        ),
    ];
    for (aspect, sql) in others {
        alter(&place, sql);
        let done = place.run(&["verify"]);
        assert_eq!(done.code, 1);
        assert!(done.out.lines().any(|line| line.starts_with(aspect)), "{sql}: {}", done.out);
    }
}

#[test]
fn a_position_file_is_gone_on_from_and_removed_at_the_end() {
    let (place, _) = seeded();
    alter(&place, "UPDATE instance SET ratio = 1 WHERE ordinal = 240");
    let whole = place.run(&["verify"]).out;
    let position = whole.lines().count();
    assert!(position >= 2, "{whole}");
    let file: PathBuf = place.folder.path().join("position");
    std::fs::write(&file, r#"{"position":"files/","differences":3,"instances":250}"#).unwrap();
    let done = place.run(&["verify", "--position-file", file.to_str().unwrap()]);
    assert_eq!(done.code, 1, "what was found before counts");
    assert!(
        done.out.contains("250 test instances") && done.out.contains("3 differences"),
        "{}",
        done.out
    );
    assert!(!file.exists());
    assert_eq!(place.run(&["verify", "--from", "nowhere"]).code, 2);
}

#[test]
fn where_there_is_no_installation_a_verification_says_so_and_makes_nothing() {
    let place = TestSandbox::embedded();
    let ended = place.run(&["verify"]);
    assert_eq!(ended.code, 3, "{}", ended.err);
    std::fs::create_dir_all(place.data_dir()).unwrap();
    std::fs::write(place.data_dir().join("assay.sqlite"), "").unwrap();
    let ended = place.run(&["verify"]);
    assert_eq!(ended.code, 3, "{}", ended.err);
    assert!(ended.err.contains("is empty"), "{}", ended.err);
}
