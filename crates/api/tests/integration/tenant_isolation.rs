//! What one organization does never stops another: long work has threads and places of its own, and
//! health is told beside all of it.

use crate::case_fixture::CaseFixture;
use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use storage::{ReadPool, StorageError, Transaction};
use testkit::{INTEGRATION_SCOPES, TestRequest, TestServer, V1};
use tower::ServiceExt as _;

/// Threads of the storage that wait until this is dropped.
struct BlockedThread {
    _release: Sender<()>,
}

/// A closure that tells that it runs, and then waits until its sender is dropped.
#[allow(clippy::type_complexity, reason = "an opaque type cannot be given a name")]
fn waiting() -> (
    Sender<()>,
    Receiver<()>,
    impl Fn(&mut dyn Transaction) -> Result<(), StorageError> + Send + 'static,
) {
    let ((release, released), (begun, has_begun)) = (channel::<()>(), channel());
    let released = Arc::new(Mutex::new(released));
    let wait = move |_: &mut dyn Transaction| {
        let _ = begun.send(());
        let _ = released.lock().unwrap().recv();
        Ok(())
    };
    (release, has_begun, wait)
}

/// Holds every reading thread of a pool.
fn hold_readers(server: &TestServer, pool: ReadPool, threads: usize) -> Vec<BlockedThread> {
    let hold = |_| {
        let (release, has_begun, wait) = waiting();
        let storage = server.test_app.storage.clone();
        tokio::spawn(async move { storage.read_in(pool, wait).await });
        (release, has_begun)
    };
    let held: Vec<_> = (0..threads).map(hold).collect();
    held.into_iter().map(|(release, _begun)| BlockedThread { _release: release }).collect()
}

/// Finding faults B2 and security A5: `/healthz` hung for as long as exports held the reading
/// threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_is_told_while_every_other_reading_thread_is_held_b2() {
    let server = TestServer::new().await;
    let _requests =
        hold_readers(&server, ReadPool::Requests, 2 * server.test_app.options().readers);
    let _exports = hold_readers(&server, ReadPool::Exports, 2);
    let answer = server.send(TestRequest::get("/healthz")).await;
    assert_eq!((answer.status, answer.text()), (200, r#"{"status":"ok","writes":"ok"}"#));
    assert_eq!(answer.header("cache-control"), "no-store");
    let writes = server.send(TestRequest::get("/healthz/writes")).await;
    assert_eq!((writes.status, writes.text()), (200, r#"{"writes":"ok"}"#));
}

/// Finding faults B2: deadlines were kept 65 seconds late, because the sweep reads too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deadlines_are_swept_while_every_other_reading_thread_is_held_b2() {
    let server = TestServer::new().await;
    let _requests =
        hold_readers(&server, ReadPool::Requests, 2 * server.test_app.options().readers);
    let _exports = hold_readers(&server, ReadPool::Exports, 2);
    let swept = server.test_app.app.delivery().sweep_deadlines().await.unwrap();
    assert_eq!((swept.completed, swept.failed), (0, 0));
}

/// Finding faults, minor: `/healthz` was 200 while nothing could be written, without a word about
/// it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_tells_that_writes_are_not_kept_while_reading_works() {
    let server = TestServer::new().await;
    let storage = server.test_app.storage.clone();
    let mut held = Vec::new();
    // As many as there are writers on PostgreSQL.
    for _ in 0..server.test_app.options().writers {
        let (release, has_begun, wait) = waiting();
        let storage = storage.clone();
        tokio::spawn(async move { storage.write(wait).await });
        held.push((release, has_begun));
    }
    held[0].1.recv().unwrap();
    // On a busy machine the others of PostgreSQL begin a moment later.
    let mut seen = (0, Value::Null);
    for _ in 0..100 {
        let answer = server.send(TestRequest::get("/healthz")).await;
        seen = (answer.status, serde_json::from_slice(&answer.body).unwrap());
        if seen.1["writes"] == "failing" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(seen, (200, json!({ "status": "ok", "writes": "failing" })));
    let writes = server.send(TestRequest::get("/healthz/writes")).await;
    assert_eq!((writes.status, writes.header("content-type")), (503, "application/problem+json"));
    assert!(writes.header("retry-after").parse::<u32>().is_ok());
    drop(held);
    server.test_app.clock.pass_seconds(6);
    // The probe of before may still be on its way through the queue.
    let writes = server.send(TestRequest::get("/healthz/writes")).await;
    assert_eq!(writes.status, 200);
}

/// The body of an export that has begun, of which nothing was taken.
async fn begun_export(class: &CaseFixture, key: &str) -> Body {
    let target = class.fill(&format!("{V1}/tasks/{{T1}}/test-instances/export?mode=detailed"));
    let request = axum::http::Request::get(target).header("authorization", format!("Bearer {key}"));
    let response =
        class.server.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body()
}

/// Findings security A5, faults B2 and M3: an export held a reading thread, and a state of the
/// database, for as long as its taker liked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exports_that_nobody_takes_hold_no_reading_thread_and_are_one_state_of_the_database_a5_b2_m3()
 {
    let class = CaseFixture::new().await;
    // More than any buffer on the way holds.
    let wide = "w".repeat(200_000);
    let widen = move |tx: &mut dyn Transaction| {
        tx.execute("UPDATE instance SET group_name = $1", storage::values![&wide])
    };
    class.server.test_app.storage.write(widen).await.unwrap();
    let begun = [
        begun_export(&class, &class.server.key).await,
        begun_export(&class, &class.server.key).await,
    ];

    // The threads of exports are free: what they read was put away.
    let nothing = |tx: &mut dyn Transaction| tx.integer("SELECT count(*) FROM task", &[]);
    class.server.test_app.storage.read_in(ReadPool::Exports, nothing).await.unwrap();
    assert_eq!(class.server.get("/tasks").await.status, 200);
    assert_eq!(class.server.send(TestRequest::get("/healthz")).await.status, 200);
    // Another key of the organization gets its own meanwhile, in the state of now.
    let other =
        class.server.new_key(&class.server.test_app.organization, &INTEGRATION_SCOPES).await;
    let narrow = |tx: &mut dyn Transaction| tx.execute("UPDATE instance SET group_name = ''", &[]);
    class.server.test_app.storage.write(narrow).await.unwrap();
    let now = begun_export(&class, &other).await.collect().await.unwrap().to_bytes();
    assert!(now.len() < 100_000);

    for body in begun {
        let before: Bytes = body.collect().await.unwrap().to_bytes();
        let text = std::str::from_utf8(&before).unwrap();
        assert_eq!(
            text.matches(&"w".repeat(200_000)).count(),
            23,
            "all rows as they were when it began"
        );
        assert!(text.lines().last().unwrap().starts_with(r#"{"end":true,"count":23,"#));
    }
}
