//! `assay doctor` on PostgreSQL servers that are set up well, badly, and as copies of others
//! (finding faults M9).

use crate::support::{CommandOutcome, TestSandbox};
use serde_json::Value;
use testkit::PostgresServer;

/// What `doctor` says of a server: the exit code, and state and message of the rows about it.
fn examined(place: &TestSandbox, servers: &[&PostgresServer]) -> (i32, Vec<(String, String)>) {
    let mut command = place.command(&["doctor", "--json"]);
    let done = CommandOutcome::of(
        &command.env("ASSAY_DATABASE_URL", PostgresServer::url(servers)).output().unwrap(),
    );
    let findings = done.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of_server =
        findings.filter(|one| one["check"] == "postgresql" || one["check"] == "durability");
    (done.code, of_server.map(|one| (text(&one["state"]), text(&one["message"]))).collect())
}

fn install(place: &TestSandbox, server: &PostgresServer) {
    let mut command = place.command(&["org", "create", "Example"]);
    let done = CommandOutcome::of(
        &command.env("ASSAY_DATABASE_URL", PostgresServer::url(&[server])).output().unwrap(),
    );
    assert_eq!(done.code, 0, "{}", done.err);
}

fn has(rows: &[(String, String)], state: &str, text: &str) -> bool {
    rows.iter().any(|(found, message)| found == state && message.contains(text))
}

#[test]
fn a_postgresql_that_may_lose_or_ruin_everything_fails_the_examination_row_by_row_m9() {
    let settings = [
        "fsync = off",
        "full_page_writes = off",
        "synchronous_commit = off",
        "wal_level = minimal",
        "max_wal_senders = 0",
        "max_connections = 20",
    ];
    let Some(server) = PostgresServer::start(&settings) else { return };
    let place = TestSandbox::embedded();
    install(&place, &server);
    let (code, rows) = examined(&place, &[&server]);
    assert_eq!(code, 1);
    for (state, text) in [
        ("good", "version "),
        ("bad", "fsync is off"),
        ("bad", "full_page_writes is off"),
        ("good", "synchronous_commit is off; the server raises it to on for itself"),
        ("warning", "wal_level is minimal"),
        ("bad", "room for 17 connections, and one server of assay takes 21"),
    ] {
        assert!(has(&rows, state, text), "{state} {text}: {rows:?}");
    }
    // The log of a server says the same at each start.
    let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("ASSAY_DATABASE_URL", PostgresServer::url(&[&server]));
    let output = crate::support::log_until(command, "serving");
    assert!(
        output.iter().any(|line| line.contains("set fsync and full_page_writes to on")),
        "{output:?}"
    );
}

#[test]
fn a_postgresql_as_it_comes_passes_and_its_standby_is_told_apart_m9() {
    let Some(primary) = PostgresServer::start(&[]) else { return };
    let place = TestSandbox::embedded();
    install(&place, &primary);
    let (code, rows) = examined(&place, &[&primary]);
    assert!(code == 0 && rows.iter().all(|(state, _)| state == "good"), "{rows:?}");
    assert!(has(&rows, "good", "synchronous_commit is on"), "{rows:?}");
    let standby = primary.standby();
    standby.run();
    let (code, rows) = examined(&place, &[&standby]);
    assert!(code == 1 && has(&rows, "bad", "this is a standby"), "{rows:?}");
    // And where the user may not ask which server it is.
    let _ = primary.query("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
    let _ = primary
        .query("CREATE ROLE plain LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO plain");
    let mut command = place.command(&["doctor", "--json"]);
    let url = PostgresServer::url(&[&primary]).replace("//assay@", "//plain@");
    let done = CommandOutcome::of(&command.env("ASSAY_DATABASE_URL", url).output().unwrap());
    assert!(done.code == 0 && done.out.contains("which server it is"), "{} {}", done.out, done.err);
    assert!(done.out.contains("restore --mark"), "{}", done.out);
}
