//! Commands: what they refuse, what they print, their exit codes.

use crate::support::Place;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/desk-screening.json");

#[test]
fn a_wrong_line_ends_with_2_and_help_with_0() {
    let place = Place::new();
    assert_eq!(place.run(&["serv"]).code, 2);
    assert_eq!(place.run(&["results"]).code, 2);
    assert_eq!(place.run(&["key", "create", "--name", "x", "--scope", "everything"]).code, 2);
    let help = place.run(&["--help"]);
    assert_eq!(help.code, 0);
    assert!(help.out.contains("Exit codes:"), "{}", help.out);
    assert!(!place.data_dir().exists());
}

#[test]
fn unknown_settings_are_refused_by_name_before_anything_is_done() {
    let place = Place::new();
    let file = place.file("wrong.toml", "lisen = '127.0.0.1:1'\n[log]\nformatt = 'json'\n");
    let done = place.run(&["--config", &file, "serve"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("`lisen`; did you mean `listen`?"), "{}", done.err);
    assert!(done.err.contains("`log.formatt`; did you mean `log.format`?"), "{}", done.err);
    assert!(!place.data_dir().exists());
}

#[test]
fn what_does_not_exist_ends_with_3_and_says_what_to_do() {
    let place = Place::new();
    let nothing = place.run(&["results", "Tk1"]);
    assert_eq!((nothing.code, nothing.err.contains("assay org create")), (3, true), "{}", nothing.err);
    place.line(&["org", "create", "Example"]);
    for arguments in [
        &["results", "Tk1"] as &[_],
        &["candidate", "add", "Tk1", "--fullname", "Ada"],
        &["task", "create", "--title", "T", "--test", "Te1"],
        &["key", "revoke", "Ky1"],
        &["test", "import", DOCUMENT, "--test", "Te1"],
        &["test", "check", "none.json"],
        &["seed", "--instances", "1", "--task", "Tk1"],
        &["--org", "Og1", "key", "list"],
    ] {
        let done = place.run(arguments);
        assert!(matches!(done.code, 3 | 4), "{arguments:?} {}: {}", done.code, done.err);
        assert!(!done.err.contains("panicked") && done.out.is_empty(), "{arguments:?}: {}", done.err);
    }
}

#[test]
fn several_organizations_must_be_told_apart() {
    let place = Place::new();
    let first = place.line(&["org", "create", "First"]);
    place.line(&["org", "create", "Second"]);
    let done = place.run(&["key", "list"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("Second") && done.err.contains("--org"), "{}", done.err);
    assert_eq!(place.run(&["key", "list", "--org", &first]).code, 0);
}

#[test]
fn a_faulty_document_is_told_fault_by_fault_with_places() {
    let place = Place::new();
    let file = place.file("faulty.json", r#"{"assay": 2, "key": "a b", "sections": [], "colour": 1}"#);
    let done = place.run(&["test", "check", &file]);
    assert_eq!(done.code, 4);
    for told in ["version_unsupported at /assay", "bad_key at /key", "unknown_field at /colour", "missing_field"] {
        assert!(done.out.contains(told), "{told}: {}", done.out);
    }
    let done = place.run(&["test", "check", &file, "--json"]);
    assert_eq!(done.code, 4);
    let found: Vec<serde_json::Value> = done.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(found.iter().any(|fault| fault["code"] == "bad_key" && fault["pointer"] == "/key"), "{found:?}");
    place.line(&["org", "create", "Example"]);
    let refused = place.run(&["test", "import", &file]);
    assert_eq!((refused.code, refused.out.as_str()), (4, ""));
    assert!(refused.err.contains("bad_key at /key"), "{}", refused.err);
    assert!(place.json(&["test", "list", "--json"]).is_empty());
}

#[test]
fn a_good_document_is_good_and_the_schema_is_json() {
    let place = Place::new();
    assert!(place.line(&["test", "check", DOCUMENT]).ends_with("is a good test document."));
    let schema: serde_json::Value = serde_json::from_str(&place.line(&["test", "schema"])).unwrap();
    assert!(schema["$schema"].is_string());
    let api: serde_json::Value = serde_json::from_str(&place.line(&["openapi"])).unwrap();
    assert_eq!(api["openapi"], "3.1.0");
}

#[test]
fn a_table_of_candidates_with_one_fault_registers_nobody() {
    let place = Place::new();
    let task = task(&place);
    let table = "fullname,email,uniqId\nAda,ada@example.com,1\nBob,nowhere,2\nCy,,1\n";
    let done = place.run(&["candidate", "add", &task, "--csv", &place.file("people.csv", table)]);
    assert_eq!(done.code, 4);
    assert!(done.err.contains("line 3, email: must be"), "{}", done.err);
    assert!(done.err.contains("line 4, uniqId: "), "{}", done.err);
    let good = place.file("good.csv", "fullname,tag:City,labels\nAda,Tokyo,a;b\nBob,,\n");
    let made = place.json(&["candidate", "add", &task, "--csv", &good, "--json"]);
    assert_eq!(made.len(), 2);
    assert_eq!((&made[0]["tags"]["City"], &made[0]["labels"][1]), (&"Tokyo".into(), &"b".into()));
    assert_eq!(made[1]["invitationCode"].as_str().unwrap().len(), 10);
    let wrong = place.run(&["candidate", "add", &task, "--email", "nowhere"]);
    assert_eq!((wrong.code, wrong.err.contains("--email must be")), (4, true), "{}", wrong.err);
}

#[test]
fn keys_are_listed_without_their_secrets() {
    let place = Place::new();
    place.line(&["org", "create", "Example"]);
    let made = &place.json(&["key", "create", "--name", "crm", "--scope", "results:read", "--json"])[0];
    let listed = place.run(&["key", "list", "--json"]).out;
    assert!(listed.contains(made["keyId"].as_str().unwrap()) && !listed.contains(made["secret"].as_str().unwrap()));
    place.line(&["key", "revoke", made["keyId"].as_str().unwrap()]);
    assert!(place.json(&["key", "list", "--json"])[0]["revokedAt"].is_number());
}

#[test]
fn seeded_instances_are_listed_backed_up_and_found_healthy() {
    let place = Place::embedded();
    let task = place.line(&["seed", "--instances", "1201"]);
    assert_eq!(place.line(&["seed", "--instances", "9", "--task", &task]), task);
    let rows = place.json(&["results", &task, "--json", "--detailed"]);
    assert_eq!(rows.len(), 1210);
    assert!(rows.iter().all(|row| row["status"] == "COMPLETE" && row["result"]["scoreboard"]["noOfQuestions"] == 5));
    let tables = place.line(&["results", &task]);
    assert!(tables.contains("1210 test instances"));
    let copy = place.folder.path().join("restored/assay.sqlite");
    std::fs::create_dir(copy.parent().unwrap()).unwrap();
    place.line(&["backup", copy.to_str().unwrap()]);
    assert_eq!(place.run(&["backup", copy.to_str().unwrap()]).code, 4);
    let restored = ["results", &task, "--json", "--detailed", "--data-dir", copy.parent().unwrap().to_str().unwrap()];
    assert_eq!(place.json(&restored), rows);
    assert_eq!(place.run(&["doctor"]).code, 0);
    assert!(place.json(&["doctor", "--json"]).iter().all(|check| check["state"] == "good"));
}

/// A task of the example's test.
pub fn task(place: &Place) -> String {
    place.line(&["org", "create", "Example"]);
    let test = place.line(&["test", "import", DOCUMENT]);
    place.line(&["task", "create", "--title", "Walk", "--test", &test])
}
