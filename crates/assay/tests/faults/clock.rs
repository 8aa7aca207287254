//! The binary on a database whose last trusted moment is far from the machine's time (finding
//! faults M8): a year behind, as after a clock that jumped forwards, and a day ahead, as after one
//! that jumped back. What cannot be undone waits for the operator's word, and goes on after it.
//!
//! Jumps of a running server's clock are tested with a clock that a test moves
//! (`crates/app/tests/delivery/clock.rs`).

use crate::fixture::{FaultFixture, SavingCandidate};
use crate::http_client::TestHttpClient;
use crate::server::{KillableServer, StartingServer};
use domain::instance::{ClosingReason, InstanceState};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use storage::instance::InstanceRow;
use storage::values;
use tokio::time::sleep;

const LIMIT_SECONDS: u32 = 1800;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Before the finding was mended everything was gone three seconds after the start.
const HELD: Duration = Duration::from_secs(4);
/// For what happens within a second on a machine with nothing else to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// A file of whoever has come in and not begun.
const FILE: &str = "INSERT INTO media (id, organization_id, task_id, candidate_id, purpose, client_key, created_at, bytes, \
    media_type, detections, state, file_gone) \
    SELECT 'MeFile0001', organization_id, task_id, id, 'answer', 'MeFile0001', $1, 3, 'text/plain', '[]', 'kept', $2 \
    FROM candidate c WHERE NOT EXISTS (SELECT 1 FROM instance i WHERE i.candidate_id = c.id)";
/// Long ago by any clock.
const LONG_AGO: i64 = 1_500_000_000_000;

fn file(directory: &Path) -> PathBuf {
    directory.join("media/01/MeFile0001")
}

/// A candidate who sits, and one who has not begun, has a file, and whose time is over by the
/// machine's clock.
async fn fixture(directory: &Path, ahead_millis: i64) -> (FaultFixture, SavingCandidate) {
    let (fixture, mut seats) =
        FaultFixture::build_in_another_time(directory, 1, LIMIT_SECONDS, ahead_millis, 180).await;
    std::fs::create_dir_all(file(directory).parent().unwrap()).unwrap();
    std::fs::write(file(directory), "abc").unwrap();
    let write = move |tx: &mut dyn storage::Transaction| {
        let sql = "UPDATE candidate SET created_at = $1, last_activity_at = NULL \
            WHERE NOT EXISTS (SELECT 1 FROM instance i WHERE i.candidate_id = candidate.id)";
        tx.execute(sql, values![LONG_AGO])?;
        tx.execute(FILE, values![LONG_AGO, false])
    };
    assert_eq!(fixture.write(write).await, 1);
    (fixture, seats.remove(0))
}

async fn row(fixture: &FaultFixture, seat: &SavingCandidate) -> InstanceRow {
    let instance = seat.instance.clone();
    fixture.read(move |tx| storage::instance::find_any(tx, &instance)).await.unwrap()
}

async fn erased(fixture: &FaultFixture) -> i64 {
    let count = |tx: &mut dyn storage::Transaction| {
        tx.find("SELECT count(*) FROM candidate WHERE erased_at IS NOT NULL", &[], |row| row.get(0))
    };
    fixture.read(count).await.unwrap()
}

async fn health(server: &KillableServer) -> Value {
    TestHttpClient::connect(server.address).await.unwrap().get("/healthz", "").await.unwrap().ok()
}

/// What the metrics say of how far the clock is ahead of the time that was trusted last.
async fn ahead_seconds(server: &KillableServer) -> i64 {
    let mut line = TestHttpClient::connect(server.metrics().unwrap()).await.unwrap();
    let text = line.get("/metrics", "").await.unwrap().text;
    let acknowledgement = text
        .lines()
        .find_map(|acknowledgement| acknowledgement.strip_prefix("assay_clock_ahead_seconds "));
    acknowledgement.and_then(|seconds| seconds.parse().ok()).unwrap_or_default()
}

async fn save(line: &mut TestHttpClient, seat: &SavingCandidate, seq: u64) -> Value {
    let write = json!({ "writes": [{ "slot": 1, "seq": seq, "response": ["a"] }] });
    let saved = line.post(&seat.path("/answers"), &seat.token, &write).await.unwrap().ok();
    saved["acknowledgements"][0]["outcome"].clone()
}

/// The text of staff's first page for a user with this role, who signs in as a browser does.
async fn home(server: &KillableServer, fixture: &FaultFixture, role: &str) -> String {
    const PASSWORD: &str = "nine-Quiet-harbours-42";
    fixture.command(&["user", "create", role, "--role", role, "--password-stdin"], PASSWORD);
    let mut line = TestHttpClient::connect(server.address).await.unwrap();
    let body = format!("username={role}&password={PASSWORD}");
    let request = format!(
        "POST /staff/sign-in HTTP/1.1\r\nHost: assay\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let signed_in = line.exchange(request.as_bytes()).await.unwrap();
    assert_eq!(signed_in.status, 303, "{signed_in:?}");
    let cookie = signed_in.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let request = format!("GET /staff HTTP/1.1\r\nHost: assay\r\nCookie: {cookie}\r\n\r\n");
    let page = line.exchange(request.as_bytes()).await.unwrap();
    assert_eq!(page.status, 200, "{page:?}");
    page.text
}

/// While the time is in doubt everybody is told, the candidate who sits goes on, and nothing is
/// erased.
async fn demand_that_all_waits(
    server: &KillableServer,
    fixture: &FaultFixture,
    seat: &SavingCandidate,
    seq: u64,
) {
    assert_eq!(
        health(server).await,
        json!({ "status": "ok", "writes": "ok", "clock": "in doubt" })
    );
    let mut line = TestHttpClient::connect(server.address).await.unwrap();
    let writes = line.get("/healthz/writes", "").await.unwrap().ok();
    assert_eq!(
        writes,
        json!({ "writes": "ok" }),
        "a clock is no reason to send requests elsewhere"
    );
    let begun = Instant::now();
    let mut seq = seq;
    while begun.elapsed() < HELD {
        assert_eq!(save(&mut line, seat, seq).await, "kept");
        seq += 1;
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(
        (row(fixture, seat).await.state, erased(fixture).await),
        (InstanceState::Started, 0)
    );
    assert!(file(&fixture.directory).exists());
    assert!(server.logged("assay clock confirm") > 0);
}

/// A server that starts with its clock confirmed erases whose time is over.
async fn demand_that_erasing_goes_on(fixture: &FaultFixture) {
    let server = KillableServer::on(&fixture.directory).await;
    assert_eq!(health(&server).await, json!({ "status": "ok", "writes": "ok" }));
    let begun = Instant::now();
    while erased(fixture).await < 1 || file(&fixture.directory).exists() {
        assert!(begun.elapsed() < PATIENCE, "nothing is erased");
        sleep(Duration::from_millis(50)).await;
    }
    server.stop();
    assert_eq!(erased(fixture).await, 1, "whoever sat was active");
}

async fn until_trusted(server: &KillableServer) {
    let begun = Instant::now();
    while health(server).await.get("clock").is_some() {
        assert!(begun.elapsed() < PATIENCE, "the confirmation was not heard of");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_clock_that_went_forward_by_a_year_closes_and_erases_nobody_until_it_is_confirmed_m8() {
    let folder = tempfile::tempdir().unwrap();
    let (fixture, seat) = fixture(folder.path(), -400 * DAY).await;
    let shown = fixture.command(&["clock", "show"], "");
    let (machine, trusted) = shown.trim_end().split_once('\n').unwrap();
    assert!(
        machine.starts_with("This machine: 20") && trusted.starts_with("Last trusted: 20"),
        "{shown}"
    );
    assert_ne!(machine.get(14..18), trusted.get(14..18), "another year");
    let server = StartingServer::on(&fixture.directory, &[("ASSAY_METRICS_LISTEN", "127.0.0.1:0")])
        .serving()
        .await;
    demand_that_all_waits(&server, &fixture, &seat, 1).await;
    let ahead = ahead_seconds(&server).await;
    assert!((399 * DAY / 1000..=401 * DAY / 1000).contains(&ahead), "{ahead}");
    let (alert, name) = ("clock has jumped", "assay clock confirm");
    for (role, is_told) in [("MANAGER", true), ("EDITOR", false)] {
        let page = home(&server, &fixture, role).await;
        assert_eq!((page.contains(alert), page.contains(name)), (is_told, is_told), "{role}");
    }
    // Another start is no proof.
    server.stop();
    let server = KillableServer::on(&fixture.directory).await;
    demand_that_all_waits(&server, &fixture, &seat, 1000).await;

    assert!(fixture.command(&["clock", "confirm"], "").starts_with("Confirmed: it is 20"));
    until_trusted(&server).await;
    let begun = Instant::now();
    while row(&fixture, &seat).await.state != InstanceState::Complete {
        assert!(begun.elapsed() < PATIENCE, "nothing is completed");
        sleep(Duration::from_millis(50)).await;
    }
    let closed = row(&fixture, &seat).await;
    let deadline = closed.started_at.plus_seconds(i64::from(LIMIT_SECONDS));
    assert_eq!(
        (closed.closing, closed.completed_at),
        (Some(ClosingReason::TimeOver), Some(deadline))
    );
    assert!(!home(&server, &fixture, "OPERATOR").await.contains(alert));
    server.stop();
    demand_that_erasing_goes_on(&fixture).await;
    let shown = fixture.command(&["clock", "show"], "");
    let (machine, trusted) = shown.trim_end().split_once('\n').unwrap();
    assert_eq!(machine.get(14..18), trusted.get(14..18), "{shown}");
}

#[tokio::test]
async fn a_clock_that_went_back_by_a_day_gives_nobody_a_day_more_and_erases_nobody_until_it_is_confirmed_m8()
 {
    let folder = tempfile::tempdir().unwrap();
    let (fixture, seat) = fixture(folder.path(), DAY).await;
    let server = KillableServer::on(&fixture.directory).await;
    demand_that_all_waits(&server, &fixture, &seat, 1).await;
    let mut line = TestHttpClient::connect(server.address).await.unwrap();
    let state = line.get(&seat.path(""), &seat.token).await.unwrap().ok();
    let left = state["clocks"]["testMillis"].as_i64().unwrap_or_default();
    assert!((1..=i64::from(LIMIT_SECONDS) * 1000).contains(&left), "{state}");

    fixture.command(&["clock", "confirm"], "");
    until_trusted(&server).await;
    // By the confirmed clock the deadline is tomorrow: whoever sits is not thrown out, and what is
    // written is kept.
    assert_eq!(save(&mut line, &seat, 9000).await, "kept");
    assert_eq!(row(&fixture, &seat).await.state, InstanceState::Started);
    server.stop();
    demand_that_erasing_goes_on(&fixture).await;
}
