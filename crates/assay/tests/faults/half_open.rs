//! A thousand clients that begin a request and never end it, against a process that may have 1,024
//! files open (finding security M7): they kept everybody out for more than a minute.

use crate::fixture::FaultFixture;
use crate::http_client::TestHttpClient;
use crate::saver::{SaveOutcome, Saver};
use crate::server::{KillableServer, StartingServer};
use crate::test_rng::TestRng;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

const DESCRIPTORS: u32 = 1024;
const HALF_OPEN: usize = 1000;
const SAVERS: usize = 10;
/// Saves of each, every one on a new connection.
const SAVES: usize = 20;
/// Longer than any request takes that is served at all, shorter than the wait for a head.
const PATIENCE: Duration = Duration::from_secs(12);
/// How often one that was closed comes again.
const PAUSE: Duration = Duration::from_millis(2);

/// Every other one comes from where the candidates are, the rest from 250 addresses.
fn address(n: usize) -> SocketAddr {
    let last = if n.is_multiple_of(2) { 1 } else { 2 + u8::try_from(n / 2 % 250).unwrap() };
    SocketAddr::from(([127, 0, 0, last], 0))
}

async fn half_open(server: SocketAddr, n: usize) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(address(n)).unwrap();
    let mut stream = socket.connect(server).await.ok()?;
    stream
        .write_all(b"POST /api/delivery/v1/enter HTTP/1.1\r\nHost: assay\r\nContent-Le")
        .await
        .ok()?;
    Some(stream)
}

/// Holds so many half-open heads and goes on opening new ones in place of the oldest.
async fn besiege(
    server: SocketAddr,
    has_begun: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
) -> usize {
    let mut held = Vec::new();
    for n in 0..HALF_OPEN {
        held.push(half_open(server, n).await);
    }
    has_begun.store(true, Ordering::SeqCst);
    let mut opened = HALF_OPEN;
    while !is_over.load(Ordering::SeqCst) {
        held[opened % HALF_OPEN] = half_open(server, opened).await;
        opened += 1;
        sleep(PAUSE).await;
    }
    opened
}

/// Saves on a new connection each time, as after a browser's was closed. One that is closed at once
/// is tried again.
async fn save(mut saver: Saver, server: SocketAddr) -> usize {
    let mut broken = 0;
    for _ in 0..SAVES {
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < PATIENCE, "nobody is let in");
            let saving = async { saver.save(&mut TestHttpClient::connect(server).await?).await };
            match timeout(PATIENCE, saving)
                .await
                .expect("a save waits for clients that say nothing")
            {
                Ok(SaveOutcome::Acknowledged) => break,
                Ok(SaveOutcome::Refused(reply)) => panic!("{reply:?}"),
                Err(_) => broken += 1,
            }
        }
    }
    broken
}

fn raise_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_half_open_heads_keep_nobody_out_and_no_descriptor_runs_short_m7() {
    raise_descriptors();
    let folder = tempfile::tempdir().unwrap();
    let (fixture, seats) = FaultFixture::build(folder.path(), SAVERS, 0).await;
    let server = StartingServer::with_descriptors(&fixture.directory, DESCRIPTORS).serving().await;
    let (has_begun, is_over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let siege = tokio::spawn(besiege(server.address, has_begun.clone(), is_over.clone()));
    while !has_begun.load(Ordering::SeqCst) {
        sleep(PAUSE).await;
    }
    let mut dice = TestRng::of_test("half open");
    let savers = seats.into_iter().map(|seat| Saver::new(seat, dice.another(), 200));
    let saving: Vec<_> = savers.map(|saver| tokio::spawn(save(saver, server.address))).collect();
    let mut most = 0;
    while !saving.iter().all(tokio::task::JoinHandle::is_finished) {
        most = most.max(server.descriptors());
        demand_health(&server).await;
    }
    let mut broken = 0;
    for saving in saving {
        broken += saving.await.unwrap();
    }
    is_over.store(true, Ordering::SeqCst);
    let opened = siege.await.unwrap();
    println!(
        "{opened} half-open heads, {most} descriptors at most, {broken} connections of candidates closed at once"
    );
    assert!(most < usize::try_from(DESCRIPTORS).unwrap(), "{most}");
    assert_eq!(server.logged("cannot take connections"), 0);
    server.stop();
}

async fn demand_health(server: &KillableServer) {
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < PATIENCE, "nobody is let in");
        let asking =
            async { TestHttpClient::connect(server.address).await?.get("/healthz", "").await };
        if let Ok(reply) =
            timeout(PATIENCE, asking).await.expect("health waits for clients that say nothing")
        {
            assert_eq!(reply.status, 200, "{reply:?}");
            return;
        }
    }
}
