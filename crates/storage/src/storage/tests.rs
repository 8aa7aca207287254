//! The threads and the file of SQLite, and the queues that PostgreSQL shares.

use super::*;
use crate::fixture::{NOW, StorageFixture, candidate};
use crate::testing::ScratchDatabase;
use crate::{candidate, organization, task};
use crossbeam_channel::{Receiver, bounded};
use rusqlite::Connection;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinHandle as Task;

type QueuedWriteResult = Result<(), StorageError>;

/// Keeps the writer busy until told to go on, so that what is sent meanwhile makes one group.
struct WriterGate {
    open: Sender<()>,
    holder: Task<QueuedWriteResult>,
}

impl WriterGate {
    async fn close(storage: &Storage) -> Self {
        let (open, opened) = bounded::<()>(1);
        let (inside, entered) = tokio::sync::oneshot::channel();
        let inside = std::sync::Mutex::new(Some(inside));
        let storage = storage.clone();
        let holder = tokio::spawn(async move {
            let hold = move |_: &mut dyn Transaction| {
                inside.lock().unwrap().take().unwrap().send(()).unwrap();
                opened.recv().map_err(|_| StorageError::Closed)
            };
            storage.write(hold).await
        });
        entered.await.unwrap();
        Self { open, holder }
    }

    async fn open(self) {
        self.open.send(()).unwrap();
        self.holder.await.unwrap().unwrap();
    }
}

/// Starts a write and returns once it stands in the queue.
async fn queue<F>(storage: &Storage, operation: F) -> Task<QueuedWriteResult>
where
    F: Fn(&mut dyn Transaction) -> QueuedWriteResult + Send + 'static,
{
    let waiting = |storage: &Storage| storage.threads.writes.as_ref().unwrap().len();
    let before = waiting(storage);
    let handle = storage.clone();
    let task = tokio::spawn(async move { handle.write(operation).await });
    while waiting(storage) == before {
        tokio::task::yield_now().await;
    }
    task
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

fn rename(
    name: &'static str,
) -> impl Fn(&mut dyn Transaction) -> QueuedWriteResult + Send + 'static {
    move |tx| organization::rename(tx, &"Og1".into(), name).map(|_| ())
}

fn add(
    id: &'static str,
    ordinal: i64,
) -> impl Fn(&mut dyn Transaction) -> QueuedWriteResult + Send + 'static {
    move |tx| candidate::insert(tx, &candidate(id, ordinal))
}

fn candidates(fixture: &StorageFixture) -> Vec<String> {
    let everyone = candidate::ExactCandidateFilter::default();
    let page = fixture
        .read(move |tx| candidate::page(tx, &"Og1".into(), &"Tk1".into(), &everyone, 100, 0));
    page.iter().map(|row| row.id.to_string()).collect()
}

#[test]
fn a_failing_or_panicking_request_is_undone_alone_and_its_group_is_kept() {
    let fixture = StorageFixture::embedded().and_task();
    let outcomes = run(async {
        let storage = &fixture.storage;
        let gate = WriterGate::close(storage).await;
        let group = [
            queue(storage, add("Ca1", 1)).await,
            queue(storage, |tx| add("Ca2", 2)(tx).and(Err(StorageError::Closed))).await,
            queue(storage, |tx| {
                add("Ca3", 3)(tx)?;
                panic!("on purpose")
            })
            .await,
            queue(storage, add("Ca4", 4)).await,
        ];
        gate.open().await;
        let mut outcomes = Vec::new();
        for request in group {
            outcomes.push(request.await.unwrap());
        }
        outcomes
    });
    assert_eq!(outcomes, [Ok(()), Err(StorageError::Closed), Err(StorageError::Panicked), Ok(())]);
    assert_eq!(candidates(&fixture), ["Ca1", "Ca4"]);
}

/// How often a request runs whose neighbour fails.
fn runs_beside(
    neighbour: impl Fn(&mut dyn Transaction) -> QueuedWriteResult + Send + 'static,
) -> usize {
    let fixture = StorageFixture::embedded().and_task();
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    run(async {
        let gate = WriterGate::close(&fixture.storage).await;
        let good = queue(&fixture.storage, move |tx| {
            counted.fetch_add(1, Ordering::SeqCst);
            add("Ca1", 1)(tx)
        });
        let (good, bad) = (good.await, queue(&fixture.storage, neighbour).await);
        gate.open().await;
        assert!(bad.await.unwrap().is_err());
        good.await.unwrap().unwrap();
    });
    assert_eq!(candidates(&fixture), ["Ca1"]);
    runs.load(Ordering::SeqCst)
}

#[test]
fn a_group_runs_again_only_when_a_failed_request_had_changed_something() {
    assert_eq!(runs_beside(|tx| add("Ca2", 2)(tx).and(Err(StorageError::Closed))), 2);
    assert_eq!(runs_beside(add("Ca1", 1)), 1);
    assert_eq!(runs_beside(|_| Err(StorageError::Closed)), 1);
}

#[test]
fn a_reply_means_that_another_connection_sees_the_row() {
    let fixture = StorageFixture::embedded().and_task();
    let stranger = Connection::open(fixture.scratch.folder().join("assay.sqlite")).unwrap();
    for n in 1..=50 {
        fixture.write(move |tx| candidate::insert(tx, &candidate(&format!("Ca{n}"), n)));
        let seen: i64 =
            stranger.query_row("SELECT count(*) FROM candidate", [], |row| row.get(0)).unwrap();
        assert_eq!(seen, n);
    }
}

#[test]
fn a_small_write_goes_before_large_ones_that_were_there_first() {
    let fixture = StorageFixture::embedded();
    let storage = fixture.storage.clone();
    run(async {
        let gate = WriterGate::close(&storage).await;
        let ran = Arc::new(std::sync::Mutex::new(Vec::new()));
        let note = |what: usize| {
            let ran = ran.clone();
            move |_: &mut dyn Transaction| {
                ran.lock().unwrap().push(what);
                Ok(())
            }
        };
        let mut tasks = Vec::new();
        for number in 1..=40 {
            tasks.push(queue(&storage, note(number)).await);
        }
        let (handle, small) = (storage.clone(), note(0));
        tasks.push(tokio::spawn(async move { handle.write_grouped(small).await }));
        while storage.threads.groups.as_ref().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        gate.open().await;
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let ran = ran.lock().unwrap();
        assert!(ran.iter().position(|what| *what == 0).unwrap() <= 1, "{ran:?}");
        let large: Vec<_> = ran.iter().copied().filter(|what| *what > 0).collect();
        assert_eq!(large, (1..=40).collect::<Vec<_>>());
    });
}

#[test]
fn nobody_hears_of_a_group_before_its_commit() {
    let fixture = StorageFixture::embedded().and_task();
    let stranger = Connection::open(fixture.scratch.folder().join("assay.sqlite")).unwrap();
    run(async {
        let storage = &fixture.storage;
        let gate = WriterGate::close(storage).await;
        let first = queue(storage, add("Ca1", 1)).await;
        let (open, opened): (_, Receiver<()>) = bounded(1);
        let (inside, entered) = tokio::sync::oneshot::channel();
        let inside = std::sync::Mutex::new(Some(inside));
        let second = queue(storage, move |_| {
            inside.lock().unwrap().take().unwrap().send(()).unwrap();
            opened.recv().map_err(|_| StorageError::Closed)
        })
        .await;
        gate.open().await;
        // The first request has run; the group's commit waits for the second.
        entered.await.unwrap();
        assert!(!first.is_finished());
        let seen: i64 =
            stranger.query_row("SELECT count(*) FROM candidate", [], |row| row.get(0)).unwrap();
        assert_eq!(seen, 0);
        open.send(()).unwrap();
        assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(()), Ok(())));
    });
    assert_eq!(candidates(&fixture), ["Ca1"]);
}

#[test]
fn a_full_disk_fails_the_whole_group_keeps_nothing_and_the_writer_goes_on() {
    let fixture = StorageFixture::embedded_with(|options| options.max_pages = Some(140));
    let fill = |tx: &mut dyn Transaction| {
        let sql = "INSERT INTO document (digest, body) VALUES ($1, $2)";
        tx.execute(sql, crate::values![[1_u8; 32], "x".repeat(1_000_000)]).map(|_| ())
    };
    let outcomes = run(async {
        let storage = &fixture.storage;
        let gate = WriterGate::close(storage).await;
        let group = [
            queue(storage, rename("before")).await,
            queue(storage, fill).await,
            queue(storage, rename("after")).await,
        ];
        gate.open().await;
        let mut outcomes = Vec::new();
        for request in group {
            outcomes.push(request.await.unwrap());
        }
        outcomes
    });
    for outcome in outcomes {
        assert!(matches!(outcome, Err(StorageError::Unavailable(_))), "{outcome:?}");
    }
    let name = |fixture: &StorageFixture| {
        fixture.read(|tx| organization::find(tx, &"Og1".into())).unwrap().name
    };
    assert_eq!(name(&fixture), "Example");
    fixture.write(rename("later"));
    assert_eq!(name(&fixture), "later");
}

#[test]
fn a_caller_beyond_the_queue_is_refused_at_once() {
    let fixture = StorageFixture::embedded_with(|options| options.queue = 2);
    run(async {
        let storage = &fixture.storage;
        let gate = WriterGate::close(storage).await;
        let waiting = [queue(storage, rename("a")).await, queue(storage, rename("b")).await];
        assert_eq!(storage.write(rename("c")).await, Err(StorageError::Busy));
        gate.open().await;
        for request in waiting {
            assert_eq!(request.await.unwrap(), Ok(()));
        }
    });
}

#[test]
fn a_caller_that_goes_away_leaves_a_whole_write() {
    let fixture = StorageFixture::embedded().and_task();
    run(async {
        let storage = &fixture.storage;
        let gate = WriterGate::close(storage).await;
        let abandoned = queue(storage, add("Ca1", 1)).await;
        abandoned.abort();
        gate.open().await;
    });
    fixture.write(|_| Ok(()));
    assert_eq!(candidates(&fixture), ["Ca1"]);
}

#[test]
fn a_read_sees_one_state_while_writes_go_on() {
    let fixture = StorageFixture::embedded().and_task();
    let storage = fixture.storage.clone();
    let counts = fixture.read(move |tx| {
        let before = task::count(tx, &"Og1".into())?;
        storage.write_blocking(|tx| task::insert(tx, &crate::fixture::task("Tk2", 2)))?;
        Ok((before, task::count(tx, &"Og1".into())?))
    });
    assert_eq!(counts, (1, 1));
    assert_eq!(fixture.read(|tx| task::count(tx, &"Og1".into())), 2);
}

#[test]
fn a_reader_cannot_write_and_survives_a_panic() {
    let fixture = StorageFixture::embedded();
    let refused = fixture.try_read(|tx| organization::rename(tx, &"Og1".into(), "x"));
    assert!(refused.is_err());
    for _ in 0..5 {
        let panicked: Result<(), _> = fixture.try_read(|_| panic!("on purpose"));
        assert_eq!(panicked, Err(StorageError::Panicked));
    }
    assert_eq!(fixture.read(|tx| organization::list(tx)).len(), 2);
}

#[test]
fn dropping_the_last_handle_finishes_what_waits_and_folds_the_log() {
    let fixture = StorageFixture::embedded().and_task();
    let path = fixture.scratch.folder().join("assay.sqlite");
    let StorageFixture { storage, scratch } = fixture;
    let open = run(async {
        let gate = WriterGate::close(&storage).await;
        // The callers go away and take their handles with them; what they asked for waits behind
        // the gate.
        for caller in [queue(&storage, add("Ca1", 1)).await, gate.holder] {
            caller.abort();
            assert!(caller.await.is_err());
        }
        gate.open
    });
    open.send(()).unwrap();
    drop(storage);
    let log = path.with_extension("sqlite-wal");
    assert!(!log.exists() || std::fs::metadata(&log).unwrap().len() == 0);
    let storage = Storage::open(&StorageOptions::new(&path)).unwrap();
    let reopened = StorageFixture { storage, scratch };
    assert_eq!(candidates(&reopened), ["Ca1"]);
}

#[test]
fn a_missing_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Storage::open(&StorageOptions::new(folder.path().join("none/assay.db")));
    assert!(matches!(opened.err(), Some(StorageError::Unavailable(_))));
}

#[test]
fn a_commit_is_durable_and_foreign_keys_hold() {
    let fixture = StorageFixture::embedded();
    let pragma =
        |name: &'static str| fixture.write(move |tx| tx.integer(&format!("PRAGMA {name}"), &[]));
    assert_eq!(pragma("synchronous"), 2);
    assert_eq!(pragma("foreign_keys"), 1);
    let mode = fixture.write(|tx| tx.find("PRAGMA journal_mode", &[], |row| row.get::<String>(0)));
    assert_eq!(mode.as_deref(), Some("wal"));
    assert_eq!(fixture.read(|tx| organization::installation(tx)), None);
    assert_eq!(fixture.write(|tx| organization::find(tx, &"Og1".into())).unwrap().created_at, NOW);
}

#[test]
fn a_backup_never_overwrites() {
    let fixture = StorageFixture::embedded();
    let target = fixture.scratch.folder().join("copy.db");
    std::fs::write(&target, "precious").unwrap();
    let refused = fixture.storage.backup(&target, &mut |_| {});
    assert!(matches!(refused, Err(StorageError::Exists(_))));
    assert_eq!(std::fs::read(&target).unwrap(), b"precious");
}

#[test]
fn a_backup_holds_the_state_of_its_beginning_and_opens_as_a_database() {
    let fixture = StorageFixture::embedded().and_task();
    let body = || "x".repeat(4_000_000);
    fixture.write(move |tx| crate::document::insert_if_absent(tx, &[8; 32], &body()));
    let target = fixture.scratch.folder().join("copy.db");
    let mut steps = Vec::new();
    let storage = fixture.storage.clone();
    fixture
        .storage
        .backup(&target, &mut |progress| {
            if steps.is_empty() {
                storage.write_blocking(add("Ca1", 1)).unwrap();
            }
            steps.push(progress);
        })
        .unwrap();
    let last = steps.last().unwrap();
    assert!(steps.len() > 1 && last.done == last.total);
    let copy = StorageFixture {
        storage: Storage::open(&StorageOptions::new(target)).unwrap(),
        scratch: ScratchDatabase::embedded(),
    };
    assert_eq!(candidates(&copy), Vec::<String>::new());
    assert_eq!(copy.read(|tx| task::count(tx, &"Og1".into())), 1);
    assert_eq!(candidates(&fixture), ["Ca1"]);
}

/// Finding faults M2: a command that ends beside a server leaves the log to it, and so waits for
/// nobody who reads.
#[test]
fn a_command_beside_a_server_leaves_the_log_to_it_m2() {
    let server = StorageFixture::embedded().and_task();
    let log = server.scratch.folder().join("assay.sqlite-wal");
    for access in [crate::DatabaseAccess::Beside, crate::DatabaseAccess::Read] {
        let command =
            Storage::open(&StorageOptions { access, ..server.scratch.options() }).unwrap();
        if access == crate::DatabaseAccess::Beside {
            command.write_blocking(add("Ca1", 1)).unwrap();
        }
        let before = std::fs::metadata(&log).unwrap().len();
        drop(command);
        assert!(before > 0 && std::fs::metadata(&log).unwrap().len() == before, "{access:?}");
    }
    assert_eq!(candidates(&server), ["Ca1"]);
}

/// Finding faults M4: a server whose files vanish acknowledges nothing, and goes on once they are
/// back.
#[test]
fn nothing_is_acknowledged_while_the_file_or_its_log_is_not_in_its_place_m4() {
    let fixture = StorageFixture::embedded().and_task();
    let aside = fixture.scratch.folder().join("aside");
    for (n, name, lost, stored) in
        [(1, "assay.sqlite", "Ca1", "Ca2"), (2, "assay.sqlite-wal", "Ca3", "Ca4")]
    {
        let file = fixture.scratch.folder().join(name);
        std::fs::rename(&file, &aside).unwrap();
        assert!(fixture.storage.is_in_place().is_err());
        let refused = fixture.storage.write_blocking(add(lost, 10 * n + 1));
        assert!(matches!(refused, Err(StorageError::Unavailable(_))), "{name}: {refused:?}");
        std::fs::rename(&aside, &file).unwrap();
        fixture.storage.is_in_place().unwrap();
        fixture.storage.write_blocking(add(stored, 10 * n + 2)).unwrap();
    }
}

/// Finding faults, minor: corruption is not told as temporary.
#[test]
fn a_damaged_file_is_no_outage_that_passes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("assay.sqlite");
    std::fs::write(&path, "no database at all".repeat(1000)).unwrap();
    let error = Storage::open(&StorageOptions::new(&path)).err().unwrap();
    assert!(matches!(error, StorageError::Damaged(_)) && !error.is_temporary(), "{error}");
}

#[test]
fn writes_that_are_kept_are_counted_and_refused_ones_are_not() {
    let fixture = StorageFixture::embedded().and_task();
    let count = |fixture: &StorageFixture| fixture.read(organization::write_count);
    let before = count(&fixture);
    fixture.storage.write_blocking(add("Ca1", 1)).unwrap();
    assert_eq!(count(&fixture), before + 1);
    assert!(fixture.storage.write_blocking(add("Ca1", 1)).is_err());
    fixture.storage.write_blocking(|tx| organization::write_count(tx)).unwrap();
    assert_eq!(count(&fixture), before + 1, "nothing was changed");
}

/// Finding bugs m13: after an erasure the log is emptied, also when nobody writes any more.
#[test]
fn a_log_is_emptied_when_that_is_asked_for_m13() {
    let fixture = StorageFixture::embedded().and_task();
    let log = fixture.scratch.folder().join("assay.sqlite-wal");
    assert!(std::fs::metadata(&log).unwrap().len() > 0);
    fixture.storage.wipe_log();
    // A write that comes after it has waited for it.
    fixture.storage.write_blocking(|tx| organization::write_count(tx)).unwrap();
    fixture.storage.write_blocking(|tx| organization::write_count(tx)).unwrap();
    assert!(fixture.storage.is_log_wiped());
    assert_eq!(std::fs::metadata(&log).unwrap().len(), 0);
}

/// Findings faults M10 and security M1: whatever the umask.
#[test]
fn the_file_and_its_log_are_for_their_owner_only_m10() {
    use std::os::unix::fs::PermissionsExt as _;
    let fixture = StorageFixture::embedded().and_task();
    for name in ["assay.sqlite", "assay.sqlite-wal", "assay.sqlite-shm"] {
        let found = std::fs::metadata(fixture.scratch.folder().join(name)).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600, "{name}");
    }
}
