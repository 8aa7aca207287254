//! A running server whose PostgreSQL fails over to a standby that had not heard everything, and
//! whose old primary comes back as if nothing had happened.

use crate::fixture::{FaultFixture, SavingCandidate};
use crate::http_client::{TestHttpClient, TestHttpReply};
use crate::server::KillableServer;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testkit::PostgresServer;
use tokio::time::sleep;

const SEATS: usize = 6;
/// For a failover on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks until the server has a database again.
async fn until_answered(server: &KillableServer, path: &str, secret: &str) -> TestHttpReply {
    let begun = Instant::now();
    loop {
        let mut line = TestHttpClient::connect(server.address).await.unwrap();
        let reply = line.get(path, secret).await.unwrap();
        if reply.status != 503 {
            return reply;
        }
        assert!(begun.elapsed() < PATIENCE, "{reply:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn feed(
    server: &KillableServer,
    fixture: &FaultFixture,
    since: Option<&str>,
) -> TestHttpReply {
    let since = since.map_or_else(String::new, |cursor| format!("&since={cursor}"));
    let path = format!(
        "/api/integration/rest/v1/tasks/{}/test-instances/changes?limit=1000{since}",
        fixture.task
    );
    until_answered(server, &path, &fixture.key).await
}

async fn cursor(server: &KillableServer, fixture: &FaultFixture) -> String {
    feed(server, fixture, None).await.ok()["cursor"].as_str().unwrap().to_owned()
}

/// Sends again as long as the database is not there: the client's token makes that harmless.
async fn complete(server: &KillableServer, seat: &SavingCandidate) {
    let body = json!({ "clientToken": "c", "confirm": true });
    post(server, &seat.path("/complete"), &seat.token, &body).await;
}

async fn save(server: &KillableServer, seat: &SavingCandidate, seq: u64) {
    let body = json!({ "writes": [{ "slot": 1, "seq": seq, "response": ["a"] }] });
    let saved = post(server, &seat.path("/answers"), &seat.token, &body).await;
    let outcome = saved["acknowledgements"][0]["outcome"].as_str();
    assert!(matches!(outcome, Some("kept" | "repeated")), "{saved}");
}

async fn post(server: &KillableServer, path: &str, token: &str, body: &Value) -> Value {
    let begun = Instant::now();
    loop {
        let mut line = TestHttpClient::connect(server.address).await.unwrap();
        let reply = line.post(path, token, body).await.unwrap();
        if reply.status != 503 {
            return reply.ok();
        }
        assert!(begun.elapsed() < PATIENCE, "{reply:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

fn is_unknown(reply: &TestHttpReply) -> bool {
    reply.status == 400 && reply.text.contains("unknown_cursor")
}

/// Finding faults M1, the failover of a server that runs: whoever reads first begins the epoch, a
/// cursor of what was lost stays unknown however far the new primary gets, and an old primary that
/// is up again is not used though it is named first and takes writes.
#[tokio::test]
async fn a_failover_that_loses_a_tail_is_told_to_readers_and_an_old_primary_is_not_gone_back_to_m1()
{
    let Some(old) = PostgresServer::start(&["fsync = off", "wal_keep_size = 64"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let (fixture, seats) =
        FaultFixture::build_on_server(folder.path(), SEATS, PostgresServer::url(&[&old])).await;
    // The copy is of a database that knows where it is served.
    KillableServer::on(&fixture.directory).await.stop();
    let new = old.standby();
    fixture.is_on_servers(PostgresServer::url(&[&old, &new]));
    let server = KillableServer::on(&fixture.directory).await;
    let cursor_before = cursor(&server, &fixture).await;
    // The standby is not there while these come.
    for seat in &seats[..3] {
        complete(&server, seat).await;
    }
    let lost = cursor(&server, &fixture).await;
    old.crash();
    new.run();
    new.promote();

    let answer = feed(&server, &fixture, Some(&lost)).await;
    assert_eq!(
        new.query("SELECT count(*) FROM history_epoch"),
        "2",
        "whoever answers has begun the epoch"
    );
    assert!(is_unknown(&answer), "{answer:?}");
    assert_eq!(feed(&server, &fixture, Some(&cursor_before)).await.ok()["changes"], json!([]));
    for seat in &seats[..SEATS - 1] {
        complete(&server, seat).await;
    }
    let answer = feed(&server, &fixture, Some(&lost)).await;
    assert!(is_unknown(&answer), "though the new primary has got further: {answer:?}");
    let run = feed(&server, &fixture, Some(&cursor_before)).await.ok();
    assert_eq!(run["changes"].as_array().unwrap().len(), SEATS - 1, "{run}");

    // The old primary's machine is up again, and nobody has told it. All connections are made anew.
    old.run();
    let receipts =
        |of: &PostgresServer| of.query("SELECT count(*) FROM receipt").parse::<u64>().unwrap();
    let (before, seat) = (receipts(&old), &seats[SEATS - 1]);
    for seq in 1..=10 {
        let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'assay'";
        let _ = new.query(sql);
        save(&server, seat, seq).await;
        assert!(is_unknown(&feed(&server, &fixture, Some(&lost)).await));
    }
    assert_eq!(receipts(&old), before, "nothing was written to the old primary");
    assert_eq!(receipts(&new), 10);
    assert!(server.logged("is not used") > 0);
    assert_eq!(new.query("SELECT count(*) FROM history_epoch"), "2");
    complete(&server, seat).await;
    let run = feed(&server, &fixture, Some(&cursor_before)).await.ok();
    assert_eq!(run["changes"].as_array().unwrap().len(), SEATS, "{run}");
    server.stop();
}
