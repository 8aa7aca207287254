//! Who may do what: every operation by every kind of key, as one table. A new operation appears in
//! it by itself.

use crate::case_fixture::CaseFixture;
use crate::document::{Operation, operations};
use courier::media_files::FileMediaStore;
use domain::instance::Scope;
use std::fmt::Write as _;
use std::sync::Arc;
use testkit::{TestRequest, V1};

/// Candidates come with tokens of their own.
const DELIVERY: &str = "/api/delivery/v1";

/// A request without faults as far as the path goes; bodies are empty objects, which no operation
/// takes for complete.
fn request(class: &CaseFixture, operation: &Operation) -> TestRequest {
    let is_reading = operation.method == "GET";
    let target = operation.target(|name| match name {
        "taskId" => class.value("T1").to_owned(),
        "id" if is_reading && operation.path.contains("/test-instances/") => {
            class.value("I02").to_owned()
        }
        "id" if is_reading && operation.path.contains("/tasks/{id}") => {
            class.value("T1").to_owned()
        }
        // Nothing is to change.
        _ => "nosuch".to_owned(),
    });
    let sent = TestRequest::new(&operation.method, target);
    if operation.takes_body {
        sent.header("content-type", "application/json").body("{}")
    } else {
        sent
    }
}

/// The status for each caller: nobody, a revoked key, a key of another organization, then one key
/// for each scope.
async fn table(class: &CaseFixture, prefix: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(FileMediaStore::new(folder.path().to_owned()));
    class.server.test_app.app.files().set_media_store(store);
    let own = &class.server.test_app.organization;
    let mut callers = vec![
        ("anonymous".to_owned(), None),
        ("revoked".to_owned(), Some(class.value("KREVOKED").to_owned())),
        ("foreign".to_owned(), Some(class.value("K9").to_owned())),
    ];
    for scope in Scope::ALL {
        callers.push((scope.to_string(), Some(class.server.new_key(own, &[*scope]).await)));
    }
    let names: Vec<_> = callers.iter().map(|(name, _)| name.as_str()).collect();
    let mut table = format!("{}\n", names.join(", "));
    for operation in operations(&class.server, prefix).await {
        let mut statuses = Vec::new();
        for (_, key) in &callers {
            let sent = request(class, &operation);
            let sent = if let Some(key) = key { sent.bearer(key) } else { sent };
            let answer = class.server.send(sent).await;
            // Whom a candidate's token does not let in is refused for other reasons than a scope.
            if prefix != DELIVERY {
                check(&answer);
            }
            assert!(answer.status < 500, "{}", answer.text());
            statuses.push(answer.status.to_string());
        }
        writeln!(table, "{:7}{}\n       {}", operation.method, operation.path, statuses.join(" "))
            .unwrap();
    }
    table
}

fn check(answer: &testkit::TestResponse) {
    let expected = match answer.status {
        401 => "unauthenticated",
        403 => "insufficient_scope",
        404 => "not_found",
        200 | 400 => return,
        // An empty object is no archive, and no file of an author's medium.
        415 if answer.code() == "unsupported_media_type" => return,
        409 if answer.code() == "upload_not_allowed" => return,
        other => panic!("{other}: {}", answer.text()),
    };
    assert_eq!(answer.code(), expected);
    let challenge = answer.header("www-authenticate");
    match answer.status {
        401 => assert_eq!(challenge, "Bearer"),
        403 => assert!(
            challenge.starts_with("Bearer error=\"insufficient_scope\", scope=\""),
            "{challenge}"
        ),
        _ => assert_eq!(challenge, ""),
    }
}

#[tokio::test]
async fn every_operation_of_the_integration_api_asks_for_its_scope() {
    let class = CaseFixture::new().await;
    let written = class.server.rows_written().await;
    let table = table(&class, V1).await;
    // Only the keys themselves were written: a row, a secret and an event with its chain for each.
    assert!(class.server.rows_written().await - written <= 5 * Scope::ALL.len() as i64);
    insta::assert_snapshot!("integration", table);
}

#[tokio::test]
async fn every_operation_of_the_management_api_asks_for_its_scope() {
    let class = CaseFixture::new().await;
    insta::assert_snapshot!("management", table(&class, "/api/management/v1").await);
}

#[tokio::test]
async fn no_key_opens_the_delivery_api() {
    let class = CaseFixture::new().await;
    insta::assert_snapshot!("delivery", table(&class, DELIVERY).await);
}

#[tokio::test]
async fn every_operation_of_the_document_is_in_one_of_the_tables() {
    let class = CaseFixture::new().await;
    let tables = [V1, "/api/management/v1", DELIVERY];
    for operation in operations(&class.server, "/").await {
        assert!(
            tables.iter().any(|prefix| operation.path.starts_with(prefix)),
            "{} is in no table",
            operation.path
        );
    }
}

#[tokio::test]
async fn a_key_limited_to_tasks_or_folders_finds_nothing_outside_them() {
    let class = CaseFixture::new().await;
    let app = &class.server.test_app.app;
    let missing = class.server.get("/tasks/nosuchtask/test-instances").await;
    let limited = |tasks: Option<&str>, folder: Option<&str>| app::keys::NewKey {
        name: "limited".into(),
        scopes: vec![Scope::ResultsRead],
        tasks: tasks.map(|task| vec![task.into()]),
        folders: folder.map(|folder| vec![folder.to_owned()]),
        expires_at: None,
    };
    let (t1, t0) = (class.value("T1"), class.value("T0"));
    let keys = [
        (limited(Some(t1), None), 200),
        (limited(None, Some("Hiring 2026")), 200),
        (limited(Some(t0), None), 404),
        (limited(None, Some("Hiring")), 404),
        (limited(Some(t1), Some("")), 404),
    ];
    for (new, status) in keys {
        let key = app.keys().create_key(&class.server.operator(), new).await.unwrap().secret;
        for path in ["", "?limit=1000&mode=detailed", "?ticketId={C1}", "/{I02}"] {
            let target = class.fill(&format!("{V1}/tasks/{{T1}}/test-instances{path}"));
            let answer = class.server.send(TestRequest::get(target).bearer(&key)).await;
            assert_eq!(answer.status, status, "{path}");
            if status == 404 {
                assert_eq!(answer.body, missing.body);
                assert_eq!(answer.lasting_headers(), missing.lasting_headers());
            }
        }
    }
}
