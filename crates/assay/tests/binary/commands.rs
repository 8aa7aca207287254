//! Commands: what they refuse, what they print, their exit codes.

use crate::support::{CommandOutcome, TestSandbox};
use std::process::Stdio;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/desk-screening.json");

#[test]
fn a_wrong_line_ends_with_2_and_help_with_0() {
    let place = TestSandbox::new();
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
    let place = TestSandbox::new();
    let file = place.file("wrong.toml", "lisen = '127.0.0.1:1'\n[log]\nformatt = 'json'\n");
    let done = place.run(&["--config", &file, "serve"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("`lisen`; did you mean `listen`?"), "{}", done.err);
    assert!(done.err.contains("`log.formatt`; did you mean `log.format`?"), "{}", done.err);
    assert!(!place.data_dir().exists());
}

#[test]
fn what_does_not_exist_ends_with_3_and_says_what_to_do() {
    let place = TestSandbox::new();
    let nothing = place.run(&["results", "Tk1"]);
    assert_eq!(
        (nothing.code, nothing.err.contains("assay org create")),
        (3, true),
        "{}",
        nothing.err
    );
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
        assert!(
            !done.err.contains("panicked") && done.out.is_empty(),
            "{arguments:?}: {}",
            done.err
        );
    }
}

#[test]
fn several_organizations_must_be_told_apart() {
    let place = TestSandbox::new();
    let first = place.line(&["org", "create", "First"]);
    place.line(&["org", "create", "Second"]);
    let done = place.run(&["key", "list"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("Second") && done.err.contains("--org"), "{}", done.err);
    assert_eq!(place.run(&["key", "list", "--org", &first]).code, 0);
}

#[test]
fn a_faulty_document_is_told_fault_by_fault_with_places() {
    let place = TestSandbox::new();
    let file =
        place.file("faulty.json", r#"{"assay": 2, "key": "a b", "sections": [], "colour": 1}"#);
    let done = place.run(&["test", "check", &file]);
    assert_eq!(done.code, 4);
    for reply in [
        "version_unsupported at /assay",
        "bad_key at /key",
        "unknown_field at /colour",
        "missing_field",
    ] {
        assert!(done.out.contains(reply), "{reply}: {}", done.out);
    }
    let done = place.run(&["test", "check", &file, "--json"]);
    assert_eq!(done.code, 4);
    let found: Vec<serde_json::Value> =
        done.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        found.iter().any(|fault| fault["code"] == "bad_key" && fault["pointer"] == "/key"),
        "{found:?}"
    );
    place.line(&["org", "create", "Example"]);
    let refused = place.run(&["test", "import", &file]);
    assert_eq!((refused.code, refused.out.as_str()), (4, ""));
    assert!(refused.err.contains("bad_key at /key"), "{}", refused.err);
    assert!(place.json(&["test", "list", "--json"]).is_empty());
}

#[test]
fn a_good_document_is_good_and_the_schema_is_json() {
    let place = TestSandbox::new();
    assert!(place.line(&["test", "check", DOCUMENT]).ends_with("is a good test document."));
    let schema: serde_json::Value = serde_json::from_str(&place.line(&["test", "schema"])).unwrap();
    assert!(schema["$schema"].is_string());
    let api: serde_json::Value = serde_json::from_str(&place.line(&["openapi"])).unwrap();
    assert_eq!(api["openapi"], "3.1.0");
}

#[test]
fn a_table_of_candidates_with_one_fault_registers_nobody() {
    let place = TestSandbox::new();
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

/// The limits of a table that staff upload hold here too: nothing larger is ever in memory, also of
/// a source without end.
#[test]
fn a_table_of_candidates_beyond_the_limits_of_an_upload_is_refused_by_the_limit_wherever_it_comes_from()
 {
    let place = TestSandbox::new();
    let task = task(&place);
    let long = place.file("long.csv", format!("fullname\n{}", "Ada\n".repeat(5_001)));
    let large = place.file("large.csv", format!("fullname\n{}", "x".repeat(6 << 20)));
    let wrong =
        place.file("wrong.csv", format!("fullname,email\n{}", "Ada,nowhere,1\n".repeat(4_000)));
    for (file, reply) in [
        (long.as_str(), "line 5002: the table must have at most 5000 rows; please divide it."),
        (&large, "line 1: the table must have at most 5 MiB; please divide it."),
        ("/dev/zero", "line 1: the table must have at most 5 MiB; please divide it."),
        (&wrong, "and 3900 more"),
    ] {
        let done = place.run(&["candidate", "add", &task, "--csv", file]);
        assert_eq!(done.code, 4, "{file}: {}", done.err);
        assert!(done.err.contains(reply) && done.err.len() < 20_000, "{file}: {}", done.err);
    }
    let mut piped = place.command(&["candidate", "add", &task, "--csv", "-"]);
    let zeros = std::fs::File::open("/dev/zero").unwrap();
    let done = CommandOutcome::of(&piped.stdin(Stdio::from(zeros)).output().unwrap());
    assert_eq!((done.code, done.err.contains("at most 5 MiB")), (4, true), "{}", done.err);
}

#[test]
fn keys_are_listed_without_their_secrets() {
    let place = TestSandbox::new();
    place.line(&["org", "create", "Example"]);
    let made =
        &place.json(&["key", "create", "--name", "crm", "--scope", "results:read", "--json"])[0];
    let listed = place.run(&["key", "list", "--json"]).out;
    assert!(
        listed.contains(made["keyId"].as_str().unwrap())
            && !listed.contains(made["secret"].as_str().unwrap())
    );
    place.line(&["key", "revoke", made["keyId"].as_str().unwrap()]);
    assert!(place.json(&["key", "list", "--json"])[0]["revokedAt"].is_number());
}

#[test]
fn seeded_instances_are_listed_backed_up_and_found_healthy() {
    let place = TestSandbox::embedded();
    let task = place.line(&["seed", "--instances", "1201"]);
    assert_eq!(place.line(&["seed", "--instances", "9", "--task", &task]), task);
    let rows = place.json(&["results", &task, "--json", "--detailed"]);
    assert_eq!(rows.len(), 1210);
    assert!(rows.iter().all(
        |row| row["status"] == "COMPLETE" && row["result"]["scoreboard"]["noOfQuestions"] == 5
    ));
    let tables = place.line(&["results", &task]);
    assert!(tables.contains("1210 test instances"));
    let copy = place.folder.path().join("restored/assay.sqlite");
    std::fs::create_dir(copy.parent().unwrap()).unwrap();
    place.line(&["backup", copy.to_str().unwrap()]);
    assert_eq!(place.run(&["backup", copy.to_str().unwrap()]).code, 4);
    let restored = [
        "results",
        &task,
        "--json",
        "--detailed",
        "--data-dir",
        copy.parent().unwrap().to_str().unwrap(),
    ];
    assert_eq!(place.json(&restored), rows);
    assert_eq!(place.run(&["doctor"]).code, 0);
    // How much room there is depends on the machine.
    let checks = place.json(&["doctor", "--json"]);
    assert!(
        checks.iter().all(|check| check["state"] == "good" || check["check"] == "disk"),
        "{checks:?}"
    );
}

#[test]
fn questions_are_imported_listed_approved_and_used_by_a_test() {
    let place = TestSandbox::new();
    place.line(&["org", "create", "Example"]);
    let list = place.file(
        "two.yaml",
        "- {key: a, kind: input, type: area, text: One?}\n- {key: b, kind: input, type: area, text: Two?}\n",
    );
    let ids = place.line(&["question", "import", &list, "--folder", "Maths", "--label", "easy"]);
    let ids: Vec<_> = ids.lines().collect();
    assert_eq!(ids.len(), 2);
    place.run(&["question", "approve", ids[0]]);
    let approved =
        place.json(&["question", "list", "--state", "approved", "--label", "easy", "--json"]);
    assert_eq!((approved.len(), approved[0]["questionId"].as_str()), (1, Some(ids[0])));
    assert!(place.line(&["question", "list", "--text", "TWO"]).contains(ids[1]));
    assert_eq!(place.run(&["question", "approve", "Qu9"]).code, 3);
    let faulty = place.run(&["question", "import", &place.file("one.json", r#"[{"key":"a b"}]"#)]);
    assert_eq!(
        (faulty.code, faulty.err.contains("bad_key at /0/key")),
        (4, true),
        "{}",
        faulty.err
    );

    let entry = |id: &str| format!(r#"{{"ref":{{"questionId":"{id}"}}}}"#);
    let test = |id| {
        let text = r#"{"assay":1,"key":"t","title":"T","sections":[{"key":"s","title":"S","pages":[{"key":"p","questions":[Q]}]}]}"#;
        place.file("test.json", text.replace('Q', &entry(id)))
    };
    let checked = place.run(&["test", "check", &test(ids[1])]);
    assert_eq!((checked.code, checked.err.contains("question bank")), (0, true), "{}", checked.err);
    let refused = place.run(&["test", "import", &test(ids[1])]);
    assert_eq!(
        (refused.code, refused.err.contains("bank_question_unknown")),
        (4, true),
        "{}",
        refused.err
    );
    assert!(place.line(&["test", "import", &test(ids[0])]).starts_with("Te"));
}

#[test]
fn an_export_is_a_whole_file_or_none() {
    let place = TestSandbox::embedded();
    let task = place.line(&["seed", "--instances", "700"]);
    let file = |name: &str| place.folder.path().join(name).to_str().unwrap().to_owned();
    let lines = place.run(&["export", &task, "--detailed"]).out;
    let (rows, trailer) = lines.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(
        rows.lines().collect::<Vec<_>>(),
        place.line(&["results", &task, "--json", "--detailed"]).lines().collect::<Vec<_>>()
    );
    assert!(trailer.starts_with(r#"{"end":true,"count":700,"#), "{trailer}");
    let table = file("results.csv");
    let done = place.run(&["export", &task, &table]);
    assert_eq!((done.code, done.out.as_str()), (0, ""), "{}", done.err);
    assert!(done.err.contains("700 instances in"), "{}", done.err);
    assert_eq!(std::fs::read_to_string(&table).unwrap().lines().count(), 701);
    place.run(&["export", &task, &file("results.xlsx"), "--detailed"]);
    assert!(std::fs::read(file("results.xlsx")).unwrap().starts_with(b"PK"));
    let of_one = place.run(&["export", &task, "--external-id", "SEED-7", "--format", "csv"]).out;
    assert_eq!(of_one.lines().count(), 2);
    let people = file("people.csv");
    let zone = ["--for-people", "--time-zone", "Europe/Istanbul"];
    let done = place.run(&[["export", &task, &people].as_slice(), &zone].concat());
    assert_eq!((done.code, done.out.as_str()), (0, ""), "{}", done.err);
    let text = std::fs::read_to_string(&people).unwrap();
    assert!(text.starts_with("\u{feff}Name,E-mail,") && text.contains("(Europe/Istanbul)"));
    assert_eq!(text.lines().count(), 701);
    assert_eq!(place.run(&["export", &task, "-", "--for-people"]).code, 2, "for programs only");
    let nowhere = ["export", &task, &people, "--for-people", "--time-zone", "Mars/Base"];
    assert_eq!(place.run(&nowhere).code, 2);
    assert_eq!(place.run(&["export", "Tk9", &file("none.csv")]).code, 3);
    assert!(!std::path::Path::new(&file("none.csv")).exists());
}

#[test]
fn webhooks_are_made_and_listed_and_their_log_is_read() {
    let place = TestSandbox::new();
    place.line(&["org", "create", "Example"]);
    assert_eq!(place.run(&["webhook", "create", "ftp://crm.example.org"]).code, 4);
    let made = place.line(&[
        "webhook",
        "create",
        "https://crm.example.org/hook",
        "--event",
        "test-instance.completed",
    ]);
    let (id, secret) = made.split_once('\n').unwrap();
    assert!(secret.starts_with("whsec_"), "{secret}");
    let listed = &place.json(&["webhook", "list", "--json"])[0];
    assert_eq!(
        (listed["webhookId"].as_str(), listed["events"][0].as_str()),
        (Some(id), Some("test-instance.completed"))
    );
    assert!(place.json(&["webhook", "deliveries", id, "--state", "failed", "--json"]).is_empty());
    assert_eq!(place.line(&["webhook", "replay", id, "--since", "2026-01-01"]), "0");
    assert_eq!(place.line(&["webhook", "replay", "callback", "--state", "failed"]), "0");
    assert_eq!(place.run(&["webhook", "deliveries", "Wh9"]).code, 3);
    assert_eq!(place.run(&["webhook", "replay", id, "--event-id", "c_1"]).code, 3);
}

/// A task of the example's test.
pub fn task(place: &TestSandbox) -> String {
    place.line(&["org", "create", "Example"]);
    let test = place.line(&["test", "import", DOCUMENT]);
    place.line(&["task", "create", "--title", "Walk", "--test", &test])
}
