//! Commands beside a server that candidates save on, while somebody reads slowly (finding faults
//! M2): a command that waits for the reader with the write lock in its hand stops everybody for ten
//! seconds.

use crate::fixture::FaultFixture;
use crate::http_client::TestHttpClient;
use crate::saver::{SaveOutcome, Saver};
use crate::server::KillableServer;
use crate::test_rng::TestRng;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use storage::{DatabaseAccess, Storage, StorageError, StorageOptions, Transaction};
use tokio::sync::Barrier;

const SAVERS: usize = 20;
/// Saves of each before anything runs beside.
const ALONE: usize = 20;
/// Before the finding was mended a save took ten seconds, however quick the machine; how quick a
/// save is on a busy one is printed, not asserted.
const FAR_TOO_LONG: Duration = Duration::from_secs(6);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_beside_a_slow_reader_hold_no_save_up_m2() {
    let mut dice = TestRng::of_test("beside");
    let folder = tempfile::tempdir().unwrap();
    let (fixture, seats) = FaultFixture::build_on_file(folder.path(), SAVERS, 0).await;
    let server = KillableServer::on(&fixture.directory).await;
    let (is_over, ready) = (Arc::new(AtomicBool::new(false)), Arc::new(Barrier::new(SAVERS + 1)));
    let saving: Vec<_> = seats
        .into_iter()
        .map(|seat| {
            let (saver, address, is_over) =
                (Saver::new(seat, dice.another(), 200), server.address, is_over.clone());
            let ready = ready.clone();
            tokio::spawn(async move {
                let mut line = TestHttpClient::connect(address).await.unwrap();
                let (saver, alone) = save_until(saver, &mut line, |saved| saved == ALONE).await;
                ready.wait().await;
                let (_, beside) =
                    save_until(saver, &mut line, |_| is_over.load(Ordering::SeqCst)).await;
                (alone, beside)
            })
        })
        .collect();
    ready.wait().await;
    let directory = fixture.directory.clone();
    let commands = tokio::task::spawn_blocking(move || beside_a_slow_reader(&directory));
    commands.await.unwrap();
    is_over.store(true, Ordering::SeqCst);
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for saver in saving {
        let (before, meanwhile) = saver.await.unwrap();
        alone.extend(before);
        beside.extend(meanwhile);
    }
    server.stop();
    longest_save("alone", &mut alone);
    let longest = longest_save("beside commands and a reader", &mut beside);
    assert!(beside.len() > SAVERS && longest < FAR_TOO_LONG, "{longest:?}");
}

/// Prints how long saves took; gives the longest.
fn longest_save(what: &str, times: &mut [Duration]) -> Duration {
    times.sort();
    let at = |part: usize| times[(times.len() - 1) * part / 1000];
    println!(
        "{} saves {what}: p50 {:?}, p99 {:?}, longest {:?}",
        times.len(),
        at(500),
        at(990),
        at(1000)
    );
    at(1000)
}

async fn save_until(
    mut saver: Saver,
    line: &mut TestHttpClient,
    is_over: impl Fn(usize) -> bool,
) -> (Saver, Vec<Duration>) {
    let mut times = Vec::new();
    while !is_over(times.len()) {
        let began = Instant::now();
        match saver.save(line).await.unwrap() {
            SaveOutcome::Acknowledged => times.push(began.elapsed()),
            SaveOutcome::Refused(reply) => panic!("{reply:?}"),
        }
    }
    (saver, times)
}

/// Runs commands while a read transaction is open, as that of an export to a slow taker.
fn beside_a_slow_reader(directory: &Path) {
    let path = directory.join("assay.sqlite");
    let reader = Storage::open(&StorageOptions {
        access: DatabaseAccess::Read,
        ..StorageOptions::new(path)
    })
    .unwrap();
    let (let_go, held) = channel::<()>();
    let (begun, has_begun) = channel();
    let held = Mutex::new(held);
    let reading = std::thread::spawn(move || {
        let read = move |tx: &mut dyn Transaction| {
            storage::organization::list(tx)?;
            begun.send(()).unwrap();
            // Until the other end is gone.
            let _ = held.lock().unwrap().recv();
            Ok::<_, StorageError>(())
        };
        reader.read_blocking(read).unwrap();
    });
    has_begun.recv().unwrap();
    let copy = directory.join("copy.sqlite");
    for arguments in [
        vec!["task", "list"],
        vec!["key", "create", "--name", "crm", "--scope", "results:read"],
        vec!["doctor"],
        vec!["backup", copy.to_str().unwrap()],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        let done = command
            .args(&arguments)
            .arg("--data-dir")
            .arg(directory)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
    drop(let_go);
    reading.join().unwrap();
}
