//! Invariant 4: a client that walks while candidates start, hand in and are marked meets every
//! instance that existed at the outset exactly once, and none twice.

use app::caller::CandidateSession;
use domain::id::InstanceId;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use testkit::{TaskWithSteps, TestRequest, TestServer, V1, temporary};

const PRESENT: usize = 40;
const LATE: usize = 40;

struct ConcurrentCandidates {
    server: TestServer,
    task: TaskWithSteps,
    /// Those who have started, with their instances, and those who will.
    present: Vec<(CandidateSession, InstanceId)>,
    late: Vec<CandidateSession>,
    /// Acts done so far, so that walks and acts can be seen to overlap.
    done: AtomicUsize,
}

async fn concurrent_candidates() -> Arc<ConcurrentCandidates> {
    let server = TestServer::new().await;
    let task = server.task(1).await;
    let (mut present, mut late) = (Vec::new(), Vec::new());
    for number in 0..PRESENT + LATE {
        let candidate =
            server.candidate(&task.id, temporary(Some(&format!("E{}", number % 2)))).await;
        let visitor = server.enter(&candidate).await;
        if number < PRESENT {
            let instance = server.start(&visitor, &task.steps[0], "start").await;
            server.answer(&visitor, &instance).await;
            present.push((visitor, instance));
        } else {
            late.push(visitor);
        }
    }
    Arc::new(ConcurrentCandidates { server, task, present, late, done: AtomicUsize::new(0) })
}

impl ConcurrentCandidates {
    /// Latecomers start, and one in two hands in.
    async fn start_late(&self) {
        for (number, visitor) in self.late.iter().enumerate() {
            let instance = self.server.start(visitor, &self.task.steps[0], "start").await;
            if number % 2 == 0 {
                self.server.complete(visitor, &instance, "complete").await;
            }
            self.done.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Those present hand in; some are evaluated, ignored or reopened.
    async fn finish_present(&self) {
        for (number, (visitor, instance)) in self.present.iter().enumerate() {
            self.server.complete(visitor, instance, "complete").await;
            match number % 4 {
                0 => self.server.ignore(&self.task.id, instance).await,
                1 => self.server.evaluate(&self.task.id, instance, 40, "evaluate").await,
                2 => self.server.reinstate(&self.task.id, instance, "reinstate").await,
                _ => {}
            }
            self.done.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Follows `next` to the end; every page is one request of a client of its own.
    async fn walk(&self, first: &str) -> Vec<String> {
        let mut seen = Vec::new();
        let mut query = Some(first.to_owned());
        while let Some(list_query) = query {
            let target = format!("{V1}/tasks/{}/test-instances{list_query}", self.task.id);
            let answer = self.server.send(TestRequest::get(target).bearer(&self.server.key)).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let page = answer.json()["pagination"].clone();
            let rows = answer.ids();
            assert!(page["next"].is_null() || rows.len() as u64 == page["limit"].as_u64().unwrap());
            seen.extend(rows);
            query = page["next"].as_str().map(str::to_owned);
            tokio::task::yield_now().await;
        }
        seen
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_walk_among_writers_meets_everyone_who_was_there_once() {
    let crowd = concurrent_candidates().await;
    let everyone: Vec<_> = crowd.present.iter().map(|(_, instance)| instance.to_string()).collect();
    let spawn = |crowd: &Arc<ConcurrentCandidates>, late: bool| {
        let crowd = crowd.clone();
        tokio::spawn(async move {
            if late { crowd.start_late().await } else { crowd.finish_present().await }
        })
    };
    let writers = [spawn(&crowd, true), spawn(&crowd, false)];
    let views = [
        ("?limit=3", 0),
        ("?limit=7&mode=detailed", 0),
        ("?limit=1", 0),
        ("?limit=2&externalId=E1", 1),
    ];
    let mut overlapping = 0;
    loop {
        for (first, only) in views {
            let began = crowd.done.load(Ordering::SeqCst);
            let seen = crowd.walk(first).await;
            overlapping += usize::from(crowd.done.load(Ordering::SeqCst) > began);
            let distinct: BTreeSet<_> = seen.iter().collect();
            assert_eq!(distinct.len(), seen.len(), "{first}: none twice");
            let expected: Vec<_> = everyone.iter().skip(only).step_by(only + 1).collect();
            // Those who were there come first and in their order; whoever came meanwhile follows.
            assert_eq!(seen.iter().take(expected.len()).collect::<Vec<_>>(), expected, "{first}");
        }
        if writers.iter().all(tokio::task::JoinHandle::is_finished) {
            break;
        }
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert!(overlapping > 0, "no walk met a writer");
    assert_eq!(crowd.walk("?limit=10").await.len(), PRESENT + LATE);
}
