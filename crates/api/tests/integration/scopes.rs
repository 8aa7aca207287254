//! Who may do what: every operation by every kind of key, as one table. A new operation appears in it by itself.

use crate::class::Class;
use crate::document::{Operation, operations};
use crate::house::{Sent, V1};
use domain::instance::Scope;
use std::fmt::Write as _;

/// A request without faults as far as the path goes; bodies are empty objects, which no operation takes for complete.
fn request(class: &Class, operation: &Operation) -> Sent {
    let is_reading = operation.method == "GET";
    let target = operation.target(|name| match name {
        "taskId" => class.value("T1").to_owned(),
        "id" if is_reading && operation.path.contains("/test-instances/") => class.value("I02").to_owned(),
        "id" if is_reading && operation.path.contains("/tasks/{id}") => class.value("T1").to_owned(),
        // Nothing is to change.
        _ => "nosuch".to_owned(),
    });
    let sent = Sent::new(&operation.method, target);
    if operation.takes_body { sent.header("content-type", "application/json").body("{}") } else { sent }
}

/// The status for each caller: nobody, a revoked key, a key of another organization, then one key for each scope.
async fn table(class: &Class, prefix: &str) -> String {
    let own = &class.house.fixture.organization;
    let mut callers = vec![
        ("anonymous".to_owned(), None),
        ("revoked".to_owned(), Some(class.value("KREVOKED").to_owned())),
        ("foreign".to_owned(), Some(class.value("K9").to_owned())),
    ];
    for scope in Scope::ALL {
        callers.push((scope.to_string(), Some(class.house.new_key(own, &[*scope]).await)));
    }
    let names: Vec<_> = callers.iter().map(|(name, _)| name.as_str()).collect();
    let mut table = format!("{}\n", names.join(", "));
    for operation in operations(&class.house, prefix).await {
        let mut statuses = Vec::new();
        for (_, key) in &callers {
            let sent = request(class, &operation);
            let sent = if let Some(key) = key { sent.bearer(key) } else { sent };
            let answer = class.house.send(sent).await;
            check(&answer);
            statuses.push(answer.status.to_string());
        }
        writeln!(table, "{:7}{}\n       {}", operation.method, operation.path, statuses.join(" ")).unwrap();
    }
    table
}

fn check(answer: &crate::house::Answer) {
    let expected = match answer.status {
        401 => "unauthenticated",
        403 => "insufficient_scope",
        404 => "not_found",
        200 | 400 => return,
        other => panic!("{other}: {}", answer.text()),
    };
    assert_eq!(answer.code(), expected);
    assert_eq!(answer.header("www-authenticate"), if answer.status == 401 { "Bearer" } else { "" });
}

#[tokio::test]
async fn every_operation_of_the_integration_api_asks_for_its_scope() {
    let class = Class::new().await;
    let written = class.house.rows_written().await;
    let table = table(&class, V1).await;
    // Only the keys themselves were written: a row, a secret and an event with its chain for each.
    assert!(class.house.rows_written().await - written <= 5 * Scope::ALL.len() as i64);
    insta::assert_snapshot!("integration", table);
}

#[tokio::test]
async fn every_operation_of_the_management_api_asks_for_its_scope() {
    let class = Class::new().await;
    insta::assert_snapshot!("management", table(&class, "/api/management/v1").await);
}
