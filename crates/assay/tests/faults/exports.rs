//! Exports that nobody takes, or takes slowly, beside an exam: everything goes on as without them.

use crate::fixture::FaultFixture;
use crate::http_client::{TestHttpClient, request};
use crate::saver::{SaveOutcome, Saver};
use crate::server::KillableServer;
use crate::test_rng::TestRng;
use serde_json::Value;
use std::time::Duration;
use storage::values;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

const SEATS: usize = 20;
/// Bytes of an instance in an export, so that one holds more than all buffers between server and
/// client.
const WIDE: usize = 600_000;
/// What the file's log may hold, as the writer's settings say.
const LARGEST_LOG: u64 = 64 << 20;
/// So many saves fill far more of it than that.
const SAVES: usize = 300;
/// A reading thread that is held would be held for most of a minute.
const PATIENCE: Duration = Duration::from_secs(30);

/// Findings faults B2, M3 and security A5: two exports at the pace of a phone stopped every read of
/// the server, made deadlines late by a minute, and kept the database's log from being folded.
#[tokio::test]
async fn two_exports_that_are_not_taken_hold_up_nobody_and_no_log_b2_m3() {
    let folder = tempfile::tempdir().unwrap();
    let (fixture, seats) = FaultFixture::build_on_file(folder.path(), SEATS, 0).await;
    let wide = "w".repeat(WIDE);
    fixture
        .write(move |tx| tx.execute("UPDATE instance SET group_name = $1", values![&wide]))
        .await;
    let server = KillableServer::on(&fixture.directory).await;
    let mut exports =
        [begin_export(&server, &fixture).await, begin_export(&server, &fixture).await];

    let mut dice = TestRng::of_test("exports");
    let savers = seats.into_iter().map(|seat| Saver::new(seat, dice.another(), 8_000));
    let saving =
        savers.map(|saver| tokio::spawn(save(saver, server.address, fixture.directory.clone())));
    let saving: Vec<_> = saving.collect();
    let mut line = TestHttpClient::connect(server.address).await.unwrap();
    let short_list = fixture.list_path().replace("limit=1000", "limit=1");
    for _ in 0..10 {
        for (path, secret) in [("/healthz", ""), (short_list.as_str(), fixture.key.as_str())] {
            timeout(PATIENCE, line.get(path, secret))
                .await
                .expect("a read waits for an export")
                .unwrap()
                .ok();
        }
    }
    for saving in saving {
        saving.await.unwrap();
    }
    for export in &mut exports {
        assert_eq!(trailer(export).await["count"], SEATS);
    }
    server.stop();
}

/// Begins an export and takes nothing of it but its first bytes.
async fn begin_export(server: &KillableServer, fixture: &FaultFixture) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    let path = format!(
        "/api/integration/rest/v1/tasks/{}/test-instances/export?mode=detailed",
        fixture.task
    );
    stream.write_all(&request("GET", &path, &fixture.key, None)).await.unwrap();
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    stream
}

async fn save(mut saver: Saver, address: std::net::SocketAddr, directory: std::path::PathBuf) {
    let mut line = TestHttpClient::connect(address).await.unwrap();
    let test = saver.seat.path("/test");
    timeout(PATIENCE, line.get(&test, &saver.seat.token))
        .await
        .expect("a test waits for an export")
        .unwrap()
        .ok();
    for _ in 0..SAVES {
        let saved = timeout(PATIENCE, saver.save(&mut line))
            .await
            .expect("a save waits for an export")
            .unwrap();
        assert!(matches!(saved, SaveOutcome::Acknowledged));
        let log = std::fs::metadata(directory.join("assay.sqlite-wal")).unwrap().len();
        assert!(log < LARGEST_LOG, "the log has {log} bytes");
    }
}

/// The last line of an export, taken to its end at last.
async fn trailer(stream: &mut TcpStream) -> Value {
    let mut received = Vec::new();
    while !received.ends_with(b"\r\n0\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut received).await.unwrap(), 0, "the export broke off");
    }
    let text = String::from_utf8_lossy(&received);
    let last = text.lines().rfind(|line| line.contains(r#"{"end":true"#)).unwrap();
    serde_json::from_str(&last[last.find(r#"{"end""#).unwrap()..]).unwrap()
}
