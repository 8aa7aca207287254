//! Clients that break off, dawdle or go away: nothing half done, and nobody else notices.

use crate::acknowledgements;
use crate::fixture::{FaultFixture, SavingCandidate};
use crate::http_client::{TestHttpClient, request};
use crate::server::{KillableServer, StartingServer};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

/// Three writes that belong together.
fn three(seq: u64) -> Value {
    let write = |slot: u64| json!({ "slot": slot, "seq": seq, "response": ["a"] });
    json!({ "writes": [write(1), write(2), write(3)] })
}

fn saving(seat: &SavingCandidate, seq: u64) -> Vec<u8> {
    request("POST", &seat.path("/answers"), &seat.token, Some(&three(seq)))
}

async fn stored_writes(line: &mut TestHttpClient, seat: &SavingCandidate) -> Vec<(u64, u64)> {
    let answers = line.get(&seat.path("/answers"), &seat.token).await.unwrap().ok();
    let pair = |answer: &Value| (answer["slot"].as_u64().unwrap(), answer["seq"].as_u64().unwrap());
    answers["answers"].as_array().unwrap().iter().map(pair).collect()
}

/// Sends the same again and says what became of the three writes.
async fn outcomes(line: &mut TestHttpClient, seat: &SavingCandidate, seq: u64) -> Vec<String> {
    let saved = line.post(&seat.path("/answers"), &seat.token, &three(seq)).await.unwrap().ok();
    let outcome = |acknowledgement: &Value| acknowledgement["outcome"].as_str().unwrap().to_owned();
    saved["acknowledgements"].as_array().unwrap().iter().map(outcome).collect()
}

#[tokio::test]
async fn a_request_that_breaks_off_anywhere_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (fixture, seats) = FaultFixture::build(folder.path(), 1, 0).await;
    let server = KillableServer::on(&fixture.directory).await;
    let (seat, whole) = (&seats[0], saving(&seats[0], 1));
    let mut steady = TestHttpClient::connect(server.address).await.unwrap();
    for sent in (0..whole.len()).step_by(9).chain([whole.len() - 1]) {
        let mut line = TestHttpClient::connect(server.address).await.unwrap();
        line.stream.write_all(&whole[..sent]).await.unwrap();
        drop(line);
        assert_eq!(stored_writes(&mut steady, seat).await, []);
    }
    assert_eq!(outcomes(&mut steady, seat, 1).await, ["kept"; 3]);
    server.stop();
}

#[tokio::test]
async fn a_client_that_goes_away_after_sending_finds_all_of_its_request_done_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (fixture, seats) = FaultFixture::build(folder.path(), 40, 0).await;
    let server = KillableServer::on(&fixture.directory).await;
    for seat in &seats {
        let mut line = TestHttpClient::connect(server.address).await.unwrap();
        line.stream.write_all(&saving(seat, 1)).await.unwrap();
        drop(line);
    }
    let mut steady = TestHttpClient::connect(server.address).await.unwrap();
    let mut done = 0;
    for seat in &seats {
        let found = stored_writes(&mut steady, seat).await.len();
        assert!(matches!(found, 0 | 3), "half done: {found}");
        let outcomes = outcomes(&mut steady, seat, 1).await;
        assert!(
            outcomes == ["repeated"; 3] || (found == 0 && outcomes == ["kept"; 3]),
            "{found} {outcomes:?}"
        );
        done += usize::from(outcomes[0] == "repeated");
    }
    println!("{done} of {} requests were done although nobody waited", seats.len());
    server.stop();
    let books = seats.iter().map(|seat| (seat.instance.clone(), Vec::new())).collect();
    assert_eq!(acknowledgements::audit(&fixture, books).await, 3 * seats.len());
}

#[tokio::test]
async fn dawdling_clients_are_served_in_the_end_and_hold_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let (fixture, seats) = FaultFixture::build(folder.path(), 51, 0).await;
    let server = KillableServer::on(&fixture.directory).await;
    let (quick, slow) = seats.split_first().unwrap();
    let dawdling: Vec<_> = slow
        .iter()
        .map(|seat| {
            let (address, bytes) = (server.address, saving(seat, 1));
            tokio::spawn(async move {
                let mut line = TestHttpClient::connect(address).await.unwrap();
                for piece in bytes.chunks(bytes.len().div_ceil(20)) {
                    line.stream.write_all(piece).await.unwrap();
                    sleep(Duration::from_millis(100)).await;
                }
                line.reply().await.unwrap().ok()["acknowledgements"].clone()
            })
        })
        .collect();
    let mut line = TestHttpClient::connect(server.address).await.unwrap();
    let mut seq = 0;
    while !dawdling.iter().any(tokio::task::JoinHandle::is_finished) {
        seq += 1;
        assert_eq!(outcomes(&mut line, quick, seq).await, ["kept"; 3]);
    }
    assert!(seq > 20, "only {seq} requests were served beside dawdling ones");
    for dawdling in dawdling {
        assert!(
            dawdling
                .await
                .unwrap()
                .as_array()
                .unwrap()
                .iter()
                .all(|acknowledgement| acknowledgement["outcome"] == "kept")
        );
    }
    server.stop();
}

#[tokio::test]
async fn a_connection_that_never_finishes_its_request_head_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let (fixture, seats) = FaultFixture::build(folder.path(), 1, 0).await;
    let impatient = [("ASSAY_SERVER_IDLE_TIMEOUT_SECONDS", "1")];
    let server = StartingServer::on(&fixture.directory, &impatient).serving().await;
    let mut lines = Vec::new();
    for sent in [0, 1, 40, 100] {
        let mut line = TestHttpClient::connect(server.address).await.unwrap();
        line.stream.write_all(&saving(&seats[0], 1)[..sent]).await.unwrap();
        lines.push(line);
    }
    for line in &mut lines {
        // Closed at once, or after an answer that says why.
        let ended = tokio::time::timeout(Duration::from_secs(20), line.reply())
            .await
            .expect("it is closed");
        assert!(ended.is_err() || ended.is_ok_and(|reply| reply.status == 408));
    }
    server.stop();
}
