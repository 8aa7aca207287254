//! What an acknowledgement is worth on a PostgreSQL that is set up badly or told to hurry: it
//! crashes, or somebody cancels a commit that waits for a replica.

use crate::acknowledgements;
use crate::fixture::FaultFixture;
use crate::http_client::TestHttpClient;
use crate::saver::{SaveOutcome, Saver};
use crate::server::KillableServer;
use crate::test_rng::TestRng;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use testkit::PostgresServer;
use tokio::time::{sleep, timeout};

const SAVERS: usize = 10;
/// Saves before the crash.
const ENOUGH: usize = 200;
const PATIENCE: Duration = Duration::from_secs(60);

/// Saves until the database is gone, counting.
async fn save_until_lost(mut saver: Saver, address: SocketAddr, saved: Arc<AtomicUsize>) -> Saver {
    let mut line = TestHttpClient::connect(address).await.unwrap();
    loop {
        match saver.save(&mut line).await.unwrap() {
            SaveOutcome::Acknowledged => drop(saved.fetch_add(1, Ordering::SeqCst)),
            SaveOutcome::Refused(reply) => {
                assert_eq!(reply.status, 503, "{reply:?}");
                return saver;
            }
        }
    }
}

/// Saves once, however often it takes.
async fn save_in_the_end(saver: &mut Saver, address: SocketAddr) {
    let begun = Instant::now();
    let mut line = TestHttpClient::connect(address).await.unwrap();
    while let SaveOutcome::Refused(reply) = saver.save(&mut line).await.unwrap() {
        assert_eq!(reply.status, 503, "{reply:?}");
        assert!(begun.elapsed() < PATIENCE, "{reply:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Finding faults M9: 14 of 1,235 acknowledged answers were lost. The process that writes the log
/// now and then is stopped, so that whatever was not waited for is lost for certain.
#[tokio::test]
async fn a_postgresql_that_is_not_to_wait_for_its_disk_loses_nothing_acknowledged_in_a_crash_m9() {
    let Some(database) = PostgresServer::start(&["synchronous_commit = off", "wal_buffers = 64MB"])
    else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (fixture, seats) =
        FaultFixture::build_on_server(folder.path(), SAVERS, PostgresServer::url(&[&database]))
            .await;
    let server = KillableServer::on(&fixture.directory).await;
    database.stop_log_writer();
    let mut dice = TestRng::of_test("commits");
    let savers = seats.into_iter().map(|seat| Saver::new(seat, dice.another(), 200));
    let saved = Arc::<AtomicUsize>::default();
    let save = |saver| tokio::spawn(save_until_lost(saver, server.address, saved.clone()));
    let saving: Vec<_> = savers.map(save).collect();
    let begun = Instant::now();
    while saved.load(Ordering::SeqCst) < ENOUGH {
        assert!(begun.elapsed() < PATIENCE, "nothing is saved");
        sleep(Duration::from_millis(5)).await;
    }
    database.crash();
    let mut savers = Vec::new();
    for saving in saving {
        savers.push(saving.await.unwrap());
    }
    database.run();
    let promised: usize = savers.iter().map(|saver| saver.acknowledged.len()).sum();
    assert!(promised >= ENOUGH, "{promised}");
    for saver in &mut savers {
        save_in_the_end(saver, server.address).await;
    }
    server.stop();
    let books = savers.into_iter().map(|saver| (saver.seat.instance, saver.acknowledged)).collect();
    let stored = acknowledgements::audit(&fixture, books).await;
    println!("{promised} acknowledged before the crash, {stored} receipts in the end");
}

/// Finding faults, minor, synchronous replication: an operator cancels what hangs because the
/// replica does not answer. That commits, and where the primary is lost then, the replica does not
/// know of it.
#[tokio::test]
async fn a_save_whose_wait_for_a_replica_is_cancelled_is_not_acknowledged_until_it_is_safe_m9() {
    let Some(database) = PostgresServer::start(&["fsync = off"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let (fixture, seats) =
        FaultFixture::build_on_server(folder.path(), 1, PostgresServer::url(&[&database])).await;
    let server = KillableServer::on(&fixture.directory).await;
    let mut saver =
        Saver::new(seats.into_iter().next().unwrap(), TestRng::of_test("cancelled").another(), 200);
    save_in_the_end(&mut saver, server.address).await;
    let is_set_to = |replica: &str| {
        let _ =
            database.query(&format!("ALTER SYSTEM SET synchronous_standby_names = '{replica}'"));
        let _ = database.query("SELECT pg_reload_conf()");
    };
    // A replica that does not come.
    is_set_to("nobody");
    let address = server.address;
    let saving = tokio::spawn(async move {
        let mut line = TestHttpClient::connect(address).await.unwrap();
        let saved = timeout(PATIENCE, saver.save(&mut line))
            .await
            .expect("a cancelled wait has an end")
            .unwrap();
        (saver, saved)
    });
    let cancel = "SELECT count(*) FROM pg_stat_activity, pg_cancel_backend(pid) \
        WHERE wait_event = 'SyncRep' AND application_name = 'assay'";
    let begun = Instant::now();
    while !saving.is_finished() {
        assert!(begun.elapsed() < PATIENCE, "nothing hangs");
        let _ = database.query(cancel);
        sleep(Duration::from_millis(20)).await;
    }
    let (mut saver, saved) = saving.await.unwrap();
    let SaveOutcome::Refused(reply) = saved else {
        panic!("it was acknowledged, and no replica has it")
    };
    assert_eq!(reply.status, 503, "{reply:?}");
    assert!(reply.header("retry-after").is_some(), "{reply:?}");
    // The replica is given up; what was sent is there or is sent again.
    is_set_to("");
    save_in_the_end(&mut saver, server.address).await;
    server.stop();
    let (instance, acknowledged) = (saver.seat.instance, saver.acknowledged);
    acknowledgements::audit(&fixture, vec![(instance, acknowledged)]).await;
}
