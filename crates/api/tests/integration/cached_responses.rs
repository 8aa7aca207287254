//! Printed pages that are kept: who may see them, when they stop to hold, and what sending them
//! costs. That they never differ from pages printed anew is in `life`.

use crate::case_fixture::CaseFixture;
use axum::Router;
use domain::instance::Scope;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use storage::Transaction;
use testkit::{TestRequest, TestResponse, V1, send_to};

const PATHS: [&str; 5] = [
    "",
    "?mode=detailed&limit=3&page=2",
    "?ticketId={C1}",
    "?candidateId={U2}&mode=detailed",
    "?externalId=EMP-2",
];

impl CaseFixture {
    fn list(&self, path: &str) -> String {
        self.fill(&format!("{V1}/tasks/{{T1}}/test-instances{path}"))
    }

    async fn list_from(&self, node: &Router, path: &str) -> TestResponse {
        send_to(node, TestRequest::get(self.list(path)).bearer(&self.server.key)).await
    }

    /// Changes rows behind everybody's back.
    async fn execute_sql(&self, sql: &'static str) {
        let changed = self
            .server
            .test_app
            .storage
            .write(move |tx: &mut dyn Transaction| tx.execute(sql, &[]))
            .await;
        assert!(changed.unwrap() > 0, "{sql}");
    }
}

#[tokio::test]
async fn a_kept_page_opens_to_nobody_who_could_not_have_read_it() {
    let class = CaseFixture::new().await;
    let own = class.server.test_app.organization.clone();
    let app = &class.server.test_app.app;
    let limited = |tasks: Option<Vec<domain::id::TaskId>>, folders| app::keys::NewKey {
        name: "limited".into(),
        scopes: vec![Scope::ResultsRead],
        tasks,
        folders,
        expires_at: None,
    };
    let elsewhere = app
        .keys()
        .create_key(&class.server.operator(), limited(Some(vec![class.value("T0").into()]), None))
        .await;
    let filed = app
        .keys()
        .create_key(&class.server.operator(), limited(None, Some(vec!["Hiring 2026".into()])))
        .await;
    let filed = filed.unwrap().secret;
    let refused = [
        (class.value("K9").to_owned(), 404),
        (class.value("KC").to_owned(), 403),
        (class.value("KREVOKED").to_owned(), 401),
        (class.value("KEXPIRED").to_owned(), 401),
        (class.server.new_key(&own, &[Scope::TasksWrite]).await, 403),
        (elsewhere.unwrap().secret, 404),
    ];
    for path in PATHS {
        let stored =
            class.server.send(TestRequest::get(class.list(path)).bearer(&class.server.key)).await;
        assert_eq!(stored.status, 200, "{path}");
        for (key, status) in &refused {
            for tag in [stored.tag(), "*", ""] {
                let sent = TestRequest::get(class.list(path)).bearer(key);
                let sent = if tag.is_empty() { sent } else { sent.header("if-none-match", tag) };
                let answer = class.server.send(sent).await;
                assert_eq!((answer.status, answer.tag()), (*status, ""), "{path}");
            }
        }
        let answer = class.server.send(TestRequest::get(class.list(path)).bearer(&filed)).await;
        assert_eq!((answer.status, &answer.body), (200, &stored.body), "{path}");
    }
    let moved = app::tasks::TaskUpdate { folder: Some("Elsewhere".into()), ..Default::default() };
    app.tasks().update_task(&class.server.operator(), &class.t1.id, moved).await.unwrap();
    for path in PATHS {
        let answer = class.server.send(TestRequest::get(class.list(path)).bearer(&filed)).await;
        assert_eq!(
            answer.status, 404,
            "{path}: the list stands at the same revision, but out of reach"
        );
    }
}

#[tokio::test]
async fn what_one_node_changes_no_other_sends_as_it_was() {
    let class = CaseFixture::new().await;
    let other = class.server.node(64 << 20).await;
    let forgetful = class.server.node(0).await;
    for round in 0..3 {
        for path in PATHS {
            class.list_from(&other, path).await;
            class.list_from(&class.server.router, path).await;
        }
        if round == 1 {
            class.server.evaluate(&class.t1.id, &class.instances[1], 30, "evaluate").await;
        } else {
            class.server.ignore(&class.t1.id, &class.instances[round / 2]).await;
        }
        for path in PATHS {
            let printed = class.list_from(&forgetful, path).await;
            for node in [&other, &class.server.router] {
                let sent = class.list_from(node, path).await;
                assert_eq!((sent.tag(), &sent.body), (printed.tag(), &printed.body), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn a_restored_database_is_told_from_what_it_was_by_the_moment_of_its_revision() {
    let class = CaseFixture::new().await;
    let before = class.list_from(&class.server.router, "").await;
    // Another history has come to the same revision, a millisecond later.
    class.execute_sql("UPDATE instance SET ignored = NOT ignored WHERE ordinal = 1").await;
    class.execute_sql("UPDATE task SET revised_at = revised_at + 1 WHERE revision > 0").await;
    let after = class.list_from(&class.server.router, "").await;
    assert_ne!(before.body, after.body);
    assert_ne!(before.tag(), after.tag());
}

#[tokio::test]
async fn a_kept_page_is_sent_without_a_copy_and_without_reading_a_row() {
    let class = CaseFixture::new().await;
    for path in PATHS {
        let printed = class.list_from(&class.server.router, path).await;
        let (first, second) = (
            class.list_from(&class.server.router, path).await,
            class.list_from(&class.server.router, path).await,
        );
        assert_eq!((&first.body, first.tag()), (&printed.body, printed.tag()), "{path}");
        assert_eq!(first.body.as_ptr(), second.body.as_ptr(), "{path}");
    }
    // No use case does this: rows change with the revision.
    class.execute_sql("UPDATE instance SET ignored = NOT ignored").await;
    let forgetful = class.server.node(0).await;
    for path in PATHS {
        let stored = class.list_from(&class.server.router, path).await;
        let printed = class.list_from(&forgetful, path).await;
        assert_ne!(stored.body, printed.body, "{path}");
        assert_eq!(stored.tag(), printed.tag(), "{path}");
    }
}

#[tokio::test]
async fn pages_that_differ_in_anything_asked_are_kept_apart() {
    let class = CaseFixture::new().await;
    let forgetful = class.server.node(0).await;
    let paths = [
        "?limit=2",
        "?limit=2&page=2",
        "?limit=2&mode=detailed",
        "?limit=20&page=2",
        "?ticketId={C2}",
        "?candidateId={C2}",
        "?externalId={C2}",
        "?ticketId={C1}",
    ];
    for _ in 0..2 {
        for path in paths {
            let (stored, printed) = (
                class.list_from(&class.server.router, path).await,
                class.list_from(&forgetful, path).await,
            );
            assert_eq!((stored.tag(), &stored.body), (printed.tag(), &printed.body), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_has_changed_something_reads_the_change_however_many_read_beside() {
    let class = Arc::new(CaseFixture::new().await);
    let is_over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let (class, is_over) = (class.clone(), is_over.clone());
            tokio::spawn(async move {
                while !is_over.load(Ordering::SeqCst) {
                    let read = class.list_from(&class.server.router, "").await;
                    assert_eq!(read.status, 200);
                }
            })
        })
        .collect();
    let (app, operator, task) = (&class.server.test_app.app, class.server.operator(), &class.t1.id);
    for round in 0..60 {
        let instance = &class.instances[0];
        if round % 2 == 0 {
            app.instances().ignore(&operator, task, instance, None).await.unwrap();
        } else {
            app.instances().reacknowledge(&operator, task, instance, None).await.unwrap();
        }
        let read = class.list_from(&class.server.router, "").await;
        assert_eq!(read.json()["testInstances"][0]["ignored"], round % 2 == 0, "{round}");
    }
    is_over.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
}
