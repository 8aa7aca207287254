//! A thousand candidates save answers while the server is killed again and again.

use crate::acknowledgements;
use crate::fixture::FaultFixture;
use crate::http_client::TestHttpClient;
use crate::saver::{SaveOutcome, Saver};
use crate::server::{KillableServer, StartingServer};
use crate::test_rng::TestRng;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep, timeout};

const SAVERS: usize = 1_000;
const KILLS: u64 = 24;
/// Acknowledgements between two kills are at most so many.
const MOST_BETWEEN: u64 = 2_500;
const PATIENCE: Duration = Duration::from_secs(60);

/// Where savers find the server.
#[derive(Clone, Copy, PartialEq)]
enum ServerStage {
    Down,
    Up(SocketAddr),
    Over,
}

#[tokio::test]
async fn no_acknowledged_answer_is_lost_or_doubled_by_killing_the_server_and_every_instance_resumes()
 {
    let mut dice = TestRng::of_test("sigkill");
    allow_connections();
    let folder = tempfile::tempdir().unwrap();
    let (fixture, seats) = FaultFixture::build(folder.path(), SAVERS, 0).await;
    let (stage, audience) = watch::channel(ServerStage::Down);
    let (acknowledged, progress) = watch::channel(0_u64);
    let acknowledged = Arc::new(acknowledged);
    let saving = seats.into_iter().map(|seat| {
        let saver = Saver::new(seat, dice.another(), 200);
        tokio::spawn(work(saver, audience.clone(), acknowledged.clone()))
    });
    let saving: Vec<_> = saving.collect();

    for _ in 0..KILLS {
        kill_once(&fixture, &stage, progress.clone(), &mut dice).await;
    }

    let server = KillableServer::on(&fixture.directory).await;
    stage.send_replace(ServerStage::Over);
    let mut savers = Vec::with_capacity(SAVERS);
    for saver in saving {
        savers.push(saver.await.unwrap());
    }
    let savers = resume_all(savers, server.address).await;
    everybody_is_listed(&fixture, server.address).await;
    server.stop();
    let promised: usize = savers.iter().map(|saver| saver.acknowledged.len()).sum();
    let books = savers.into_iter().map(|saver| (saver.seat.instance, saver.acknowledged)).collect();
    let stored = acknowledgements::audit(&fixture, books).await;
    fixture.demand_sound();
    println!("{KILLS} kills, {promised} acknowledgements, {stored} receipts");
    assert!(
        stored <= promised + SAVERS * usize::try_from(KILLS).unwrap(),
        "more was kept than sent"
    );
}

/// One life of the server, ended after a random number of acknowledgements. Some lives end before
/// they begin.
async fn kill_once(
    fixture: &FaultFixture,
    stage: &watch::Sender<ServerStage>,
    mut progress: watch::Receiver<u64>,
    dice: &mut TestRng,
) {
    if dice.one_in(3) {
        let starting = StartingServer::on(&fixture.directory, &[]);
        sleep(Duration::from_millis(dice.below(60))).await;
        starting.kill();
    }
    let began = Instant::now();
    let server = KillableServer::on(&fixture.directory).await;
    let before = *progress.borrow();
    let enough = before + 1 + dice.below(MOST_BETWEEN);
    stage.send_replace(ServerStage::Up(server.address));
    let reached = timeout(PATIENCE, progress.wait_for(|so_far| *so_far >= enough)).await.is_ok();
    assert!(
        reached,
        "only {} of {} answers were acknowledged",
        *progress.borrow(),
        enough - before
    );
    server.kill();
    println!("killed after {} answers and {:?}", *progress.borrow() - before, began.elapsed());
}

/// Saves answers wherever the server is, until it is over.
async fn work(
    mut saver: Saver,
    mut stage: watch::Receiver<ServerStage>,
    acknowledged: Arc<watch::Sender<u64>>,
) -> Saver {
    loop {
        let address = match *stage.borrow_and_update() {
            ServerStage::Over => return saver,
            ServerStage::Up(address) => Some(address),
            ServerStage::Down => None,
        };
        if let Some(address) = address
            && let Ok(mut line) = TestHttpClient::connect(address).await
        {
            while !matches!(*stage.borrow(), ServerStage::Over) {
                match saver.save(&mut line).await {
                    Ok(SaveOutcome::Acknowledged) => {
                        acknowledged.send_modify(|so_far| *so_far += 1)
                    }
                    Ok(SaveOutcome::Refused(reply)) => assert_eq!(reply.status, 503, "{reply:?}"),
                    Err(_) => break,
                }
            }
        }
        // Most likely it was killed; then it comes back somewhere else.
        let _ = timeout(Duration::from_millis(200), stage.changed()).await;
    }
}

async fn resume_all(savers: Vec<Saver>, address: SocketAddr) -> Vec<Saver> {
    let places = Arc::new(Semaphore::new(64));
    let resuming = savers.into_iter().map(|mut saver| {
        let places = places.clone();
        tokio::spawn(async move {
            let _place = places.acquire_owned().await.unwrap();
            saver.resume_and_submit(&mut TestHttpClient::connect(address).await.unwrap()).await;
            saver
        })
    });
    let mut resumed = Vec::with_capacity(SAVERS);
    for saver in resuming.collect::<Vec<_>>() {
        resumed.push(saver.await.unwrap());
    }
    resumed
}

async fn everybody_is_listed(fixture: &FaultFixture, address: SocketAddr) {
    let list = TestHttpClient::connect(address)
        .await
        .unwrap()
        .get(&fixture.list_path(), &fixture.key)
        .await
        .unwrap()
        .ok();
    let listed = list["testInstances"].as_array().unwrap();
    assert_eq!(listed.len(), SAVERS);
    assert!(listed.iter().all(|instance| instance["status"] == "COMPLETE"));
}

/// This process and the server need a descriptor for each saver.
fn allow_connections() {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let soft: usize = line.split_whitespace().nth(3).unwrap().parse().unwrap_or(usize::MAX);
    if soft >= SAVERS + 200 {
        return;
    }
    let pid = std::process::id().to_string();
    let raised =
        std::process::Command::new("prlimit").args(["--nofile=4096:", "--pid", &pid]).status();
    let raised = raised.is_ok_and(|status| status.success());
    assert!(raised, "this test needs 1,200 open files: run it after `ulimit -n 4096`");
}
