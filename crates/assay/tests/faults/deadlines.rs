//! Deadlines on the machine's clock: with nobody connected, and across a crash.

use crate::fixture::{FaultFixture, SavingCandidate};
use crate::http_client::TestHttpClient;
use crate::server::KillableServer;
use domain::instance::{ClosingReason, InstanceState};
use domain::time::Timestamp;
use serde_json::json;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use storage::instance::InstanceRow;
use tokio::time::sleep;

const LIMIT_SECONDS: u32 = 3;
const LIMIT: i64 = 1000 * LIMIT_SECONDS as i64;
const GRACE: i64 = 2000;

#[tokio::test]
async fn an_instance_that_became_due_while_the_server_was_dead_is_complete_before_the_first_answer()
{
    let folder = tempfile::tempdir().unwrap();
    let (fixture, seats) = FaultFixture::build(folder.path(), 2, LIMIT_SECONDS).await;
    let server = KillableServer::on(&fixture.directory).await;
    answer_if_open(&server, &seats[0]).await;
    server.kill();
    let deadline = row(&fixture, &seats[1]).await.started_at.plus_millis(LIMIT);
    sleep(until(deadline.plus_millis(GRACE + 100))).await;

    let server = KillableServer::on(&fixture.directory).await;
    let first = TestHttpClient::connect(server.address)
        .await
        .unwrap()
        .get(&fixture.list_path(), &fixture.key)
        .await
        .unwrap()
        .ok();
    for seat in &seats {
        let listed = first["testInstances"].as_array().unwrap().iter();
        let listed = listed
            .filter(|listed| listed["testInstanceId"] == seat.instance.as_str())
            .collect::<Vec<_>>();
        let row = row(&fixture, seat).await;
        assert_eq!(listed[0]["status"], "COMPLETE");
        assert_eq!(
            listed[0]["result"]["completedAt"],
            row.started_at.plus_millis(LIMIT).seconds(),
            "{first}"
        );
        assert_completed_by_time(&row);
    }
    let mut line = TestHttpClient::connect(server.address).await.unwrap();
    let late = json!({ "writes": [{ "slot": 1, "seq": 99, "response": ["b"] }] });
    let late = line.post(&seats[0].path("/answers"), &seats[0].token, &late).await.unwrap().ok();
    assert_eq!(late["acknowledgements"][0]["refused"]["code"], "instance_complete");
    line.get(&seats[0].path("/receipt"), &seats[0].token).await.unwrap().ok();
    server.stop();
}

#[tokio::test]
async fn an_instance_completes_within_a_second_after_its_grace_with_nobody_connected() {
    let folder = tempfile::tempdir().unwrap();
    let (fixture, seats) = FaultFixture::build(folder.path(), 3, LIMIT_SECONDS).await;
    let server = KillableServer::on(&fixture.directory).await;
    for seat in &seats {
        let due = row(&fixture, seat).await.started_at.plus_millis(LIMIT + GRACE);
        sleep(until(due.plus_millis(1000))).await;
        let row = row(&fixture, seat).await;
        assert_completed_by_time(&row);
        assert!(row.changed_at > due, "{row:?}");
        assert!(row.changed_at <= due.plus_millis(1000), "{row:?}");
    }
    server.stop();
}

fn assert_completed_by_time(row: &InstanceRow) {
    assert_eq!((row.state, row.closing), (InstanceState::Complete, Some(ClosingReason::TimeOver)));
    assert_eq!(row.completed_at, Some(row.started_at.plus_millis(LIMIT)));
}

/// On a slow machine time may be over before this; then there is nothing to save.
async fn answer_if_open(server: &KillableServer, seat: &SavingCandidate) {
    let write = json!({ "writes": [{ "slot": 1, "seq": 1, "response": ["a"] }] });
    let mut line = TestHttpClient::connect(server.address).await.unwrap();
    line.post(&seat.path("/answers"), &seat.token, &write).await.unwrap().ok();
}

async fn row(fixture: &FaultFixture, seat: &SavingCandidate) -> InstanceRow {
    let instance = seat.instance.clone();
    fixture.read(move |tx| storage::instance::find_any(tx, &instance)).await.unwrap()
}

fn until(moment: Timestamp) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    Duration::from_millis((moment.0 - i64::try_from(now).unwrap()).max(0).unsigned_abs())
}
