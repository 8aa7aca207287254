//! Acknowledged saves a second: the use case that saves an answer, 64 callers at once, each waiting
//! for its commit on disk (`synchronous=FULL`). Commits shared, beside a commit for each. What the
//! storage alone can do is told by the benchmark of the same name in `storage`. Trust the ratios,
//! not the numbers: on a machine that does other things as well, what the one writing thread spends
//! on a save says more. Its time comes from the kernel (`schedstat`): on a processor, and ready but
//! waiting for one. The rest it waits for the disk or for callers.
//!
//! `ASSAY_BENCH_SECONDS` is how long each measurement lasts, `ASSAY_BENCH_ROUNDS` how often they
//! are made, `ASSAY_BENCH_GROUPS` how many writes may share a commit in each.

#![allow(clippy::print_stdout, reason = "a benchmark tells its numbers")]
#![allow(clippy::disallowed_methods, reason = "a benchmark measures durations")]
#![allow(clippy::unwrap_used, reason = "a benchmark has nobody to report an error to")]

// The name under which the other crates use it.
extern crate assay_app as app;

use app::caller::{Caller, CandidateSession};
use app::delivery::answers::{AnswerWriteOutcome, SentWrite, WriteResult};
use app::delivery::enter::{ClientContext, EntryCredentials};
use app::delivery::page::EnterPage;
use app::delivery::session_hash;
use app::tasks::{NewStep, NewTask};
use app::test_library::TestImportOptions;
use app::{App, Settings};
use domain::document::DocumentFormat;
use domain::id::{InstanceId, RequestId, StepId, TaskId};
use domain::instance::AccessMethod;
use domain::json::JsonNode;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use storage::{Database, Storage, StorageOptions};
use testkit::{ScratchDatabase, SeededRandom, SystemClock};
use tokio::runtime::Runtime;

const CALLERS: usize = 64;
const INSTANCES: usize = 2_000;
const SLOTS: usize = 30;

fn main() {
    let lasting = Duration::from_secs(setting("ASSAY_BENCH_SECONDS", 4));
    println!(
        "{CALLERS} callers, {INSTANCES} instances of {SLOTS} questions, {} s each",
        lasting.as_secs()
    );
    println!(
        "writes a commit   saves/s   writer, us a save: on a processor   waiting for one   elsewhere"
    );
    let groups = std::env::var("ASSAY_BENCH_GROUPS").unwrap_or_else(|_| "64,1".to_owned());
    for _ in 0..setting("ASSAY_BENCH_ROUNDS", 3) {
        let rates: Vec<_> =
            groups.split(',').map(|group| measure(group.parse().unwrap(), lasting)).collect();
        if let [shared, single] = rates[..] {
            println!("ratio {:.1}", shared / single);
        }
    }
}

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// An instance whose page takes answers, and the session that may give them.
struct Seat {
    visitor: CandidateSession,
    instance: InstanceId,
}

/// Measures, prints a line, and gives the saves a second.
#[allow(clippy::cast_precision_loss, reason = "rates")]
fn measure(group: usize, lasting: Duration) -> f64 {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    // On the disk, not in a temporary folder that may be memory; or on the PostgreSQL that is
    // named.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let server = ScratchDatabase::new();
    let database = match server.options().database {
        Database::Sqlite(_) => Database::Sqlite(folder.path().join("assay.sqlite")),
        server => server,
    };
    let (app, seats) = furnish(&runtime, &StorageOptions { group, ..StorageOptions::of(database) });
    let saved = Arc::new(AtomicU64::new(0));
    let (began, before) = (Instant::now(), writer_nanos());
    runtime.block_on(async {
        let call = |caller| {
            tokio::spawn(call(app.clone(), seats.clone(), saved.clone(), caller, began + lasting))
        };
        for caller in (0..CALLERS).map(call).collect::<Vec<_>>() {
            caller.await.unwrap();
        }
    });
    let (spent, after) = (began.elapsed().as_secs_f64(), writer_nanos());
    let count = saved.load(Ordering::Relaxed) as f64;
    let each = |nanos: u64| nanos as f64 / 1e3 / count;
    let (working, waiting) = (each(after[0] - before[0]), each(after[1] - before[1]));
    let elsewhere = spent * 1e6 / count - working - waiting;
    println!(
        "{group:>15}   {:>7.0}   {working:>33.1}   {waiting:>15.1}   {elsewhere:>9.1}",
        count / spent
    );
    count / spent
}

/// What the writing thread has spent so far: running, and waiting for a processor. Zeros where the
/// kernel does not tell.
fn writer_nanos() -> [u64; 2] {
    let tasks = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten()
        .map(|task| task.path());
    let is_writer = |task: &std::path::PathBuf| {
        std::fs::read_to_string(task.join("comm"))
            .is_ok_and(|name| name.trim_end() == "storage-writer")
    };
    let reported = tasks
        .filter(is_writer)
        .find_map(|task| std::fs::read_to_string(task.join("schedstat")).ok());
    let mut numbers = reported
        .iter()
        .flat_map(|reported| reported.split_whitespace())
        .map(|number| number.parse().unwrap_or(0));
    [numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)]
}

/// Each caller has its own instances and answers their slots in turn.
async fn call(app: App, seats: Arc<[Seat]>, saved: Arc<AtomicU64>, caller: usize, until: Instant) {
    let mut round = caller;
    while Instant::now() < until {
        let (seat, turn) = (&seats[round % INSTANCES], round / INSTANCES);
        let write = SentWrite {
            slot: u32::try_from(turn % SLOTS + 1).unwrap(),
            seq: u64::try_from(turn / SLOTS + 1).unwrap(),
            response: JsonNode::parse(if turn % 2 == 0 { br#"["c1"]"# } else { br#"["c3"]"# }, 8)
                .unwrap(),
        };
        let written =
            app.delivery().save_answers(&seat.visitor, &seat.instance, vec![write]).await.unwrap();
        assert!(
            matches!(&written[..], [WriteResult::Acknowledged(acknowledgement)] if acknowledgement.outcome == AnswerWriteOutcome::Kept),
            "{written:?}"
        );
        saved.fetch_add(1, Ordering::Relaxed);
        round += CALLERS;
    }
}

/// A task with candidates on the first page of their instances.
fn furnish(runtime: &Runtime, options: &StorageOptions) -> (App, Arc<[Seat]>) {
    let storage = Storage::open(options).unwrap();
    let chance = Arc::new(SeededRandom::new(1));
    runtime.block_on(async {
        let app = App::open(storage, Arc::new(SystemClock::default()), chance, Settings::default())
            .await
            .unwrap();
        let (task, step) = make_task(&app).await;
        let mut taken = Vec::with_capacity(INSTANCES);
        while taken.len() < INSTANCES {
            // Fewer than may wait for the storage.
            let seats =
                (0..500).map(|_| tokio::spawn(take_seat(app.clone(), task.clone(), step.clone())));
            for seat in seats.collect::<Vec<_>>() {
                taken.push(seat.await.unwrap());
            }
        }
        (app, taken.into())
    })
}

async fn make_task(app: &App) -> (TaskId, StepId) {
    let organization = app.organizations().create_organization("Example").await.unwrap().id;
    let caller = Caller::operator(organization, RequestId::from("Rq1"));
    let imported = app
        .test_library()
        .import_test(
            &caller,
            document().as_bytes(),
            DocumentFormat::Json,
            TestImportOptions::default(),
        )
        .await;
    let steps = vec![NewStep::of(imported.unwrap().test.id)];
    let new = NewTask { access_method: AccessMethod::NoAuth, ..NewTask::of("Measured", steps) };
    let task = app.tasks().create_task(&caller, new).await.unwrap();
    (task.id, task.steps[0].id.clone())
}

async fn take_seat(app: App, task: TaskId, step: StepId) -> Seat {
    let request = RequestId::from("Rq1");
    let knock = ClientContext { address: None, request: request.clone() };
    let entered =
        app.delivery().enter_task(&knock, &task, EntryCredentials::default()).await.unwrap();
    let visitor =
        CandidateSession { token_hash: session_hash(&entered.token), address: None, request };
    let instance = app.delivery().start(&visitor, &step, "start").await.unwrap().instance_id;
    let first = EnterPage { page: 1, confirm: false, writes: Vec::new() };
    app.delivery().enter_page(&visitor, &instance, first).await.unwrap();
    Seat { visitor, instance }
}

/// One page of questions with four choices each.
fn document() -> String {
    let mut questions = String::new();
    for n in 1..=SLOTS {
        let comma = if n == 1 { "" } else { "," };
        let choices = (1..=4).map(|choice| {
            format!(
                r#"{{"key":"c{choice}","text":"Answer {choice}","percentage":{}}}"#,
                u8::from(choice == 1) * 100
            )
        });
        let choices = choices.collect::<Vec<_>>().join(",");
        write!(
            questions,
            r#"{comma}{{"key":"q{n}","kind":"multiplechoice","text":"Question {n}","choices":[{choices}]}}"#
        )
        .unwrap();
    }
    format!(
        r#"{{"assay":1,"key":"measured","title":"Measured","timeLimit":3600,"sections":[{{"key":"s1","title":"Only",
        "pages":[{{"key":"p1","questions":[{questions}]}}]}}]}}"#
    )
}
