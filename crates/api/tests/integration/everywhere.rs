//! What chapter 1 says of every operation, asked of every operation there is: methods, paths, tags,
//! both prefixes and both schemes. A new operation is asked by itself.

use crate::case_fixture::CaseFixture;
use crate::document::{Operation, operations};
use std::collections::{BTreeMap, BTreeSet};
use testkit::{INTEGRATION_SCOPES, TestRequest, TestResponse, V1};

const ALIAS: &str = "/api/integration/rest";

/// The target of an operation on things that are there.
fn target(class: &CaseFixture, operation: &Operation) -> String {
    operation.target(|name| {
        let name = match name {
            "taskId" => "T1",
            "id" if operation.path.contains("/test-instances/") => "I02",
            "id" if operation.path.contains("/candidates/") => "C3",
            "id" if operation.path.contains("/users/") => "U2",
            "id" => "T1",
            other => panic!("{other}: which one?"),
        };
        class.value(name).to_owned()
    })
}

async fn reading(class: &CaseFixture) -> Vec<String> {
    let all = operations(&class.server, V1).await;
    let targets: Vec<_> = all
        .iter()
        .filter(|operation| operation.method == "GET")
        .map(|operation| target(class, operation))
        .collect();
    assert!(targets.len() >= 12, "{targets:?}");
    targets
}

async fn get(class: &CaseFixture, target: &str) -> TestResponse {
    class.server.send(TestRequest::get(target).bearer(&class.server.key)).await
}

#[tokio::test]
async fn every_reading_has_a_tag_and_the_headers_of_every_response() {
    let class = CaseFixture::new().await;
    for target in reading(&class).await {
        let first = get(&class, &target).await;
        let tag = first.tag().to_owned();
        assert_eq!(first.status, 200, "{target}: {}", first.text());
        assert!(tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'), "{target}: {tag}");
        assert_eq!(first.header("cache-control"), "private, no-cache", "{target}");
        assert_eq!(first.header("vary"), "Authorization, Accept-Encoding", "{target}");
        assert_eq!(first.header("access-control-allow-origin"), "", "{target}");
        assert!(!first.header("x-request-id").is_empty(), "{target}");
        let again = get(&class, &target).await;
        assert_eq!((again.tag(), &again.body), (tag.as_str(), &first.body), "{target}");
        assert_ne!(again.header("x-request-id"), first.header("x-request-id"), "{target}");
        let forms = [tag.clone(), "*".to_owned(), format!("W/{tag}"), format!("\"x\", {tag}")];
        for (sent, status) in forms.iter().map(|form| (form.as_str(), 304)).chain([("\"x\"", 200)])
        {
            let answer = class
                .server
                .send(
                    TestRequest::get(&target)
                        .bearer(&class.server.key)
                        .header("if-none-match", sent),
                )
                .await;
            assert_eq!(
                (answer.status, answer.body.is_empty()),
                (status, status == 304),
                "{target} {sent}"
            );
            assert_eq!(answer.tag(), tag, "{target} {sent}");
        }
    }
}

#[tokio::test]
async fn every_reading_is_the_same_by_both_prefixes_both_schemes_any_accept_and_without_a_body_by_head()
 {
    let class = CaseFixture::new().await;
    let (key, organization) = (class.server.key.clone(), class.value("O1").to_owned());
    for target in reading(&class).await {
        let first = get(&class, &target).await;
        let alias = target.replace(V1, ALIAS);
        let roads = [
            TestRequest::get(&alias).bearer(&key),
            TestRequest::get(&target).basic(&organization, &key),
            TestRequest::get(&target)
                .bearer(&key)
                .header("accept", "text/html;q=0.1, application/xml"),
            TestRequest::get(&target).header("authorization", format!("bEARER {key}")),
        ];
        for sent in roads {
            let answer = class.server.send(sent).await;
            assert_eq!((answer.status, &answer.body), (200, &first.body), "{target}");
            assert_eq!(answer.lasting_headers(), first.lasting_headers(), "{target}");
        }
        let head = class.server.send(TestRequest::new("HEAD", &target).bearer(&key)).await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{target}");
        assert_eq!(head.lasting_headers(), first.lasting_headers(), "{target}");
    }
}

#[tokio::test]
async fn every_path_tells_the_methods_it_takes_and_another_path_is_unknown() {
    let class = CaseFixture::new().await;
    let mut paths: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for operation in operations(&class.server, V1).await {
        let methods = paths.entry(target(&class, &operation)).or_default();
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            if method == operation.method || (method == "HEAD" && operation.method == "GET") {
                methods.insert(method);
            }
        }
    }
    for (path, methods) in &paths {
        let allow: Vec<_> = ["GET", "HEAD", "POST", "PATCH", "DELETE"]
            .into_iter()
            .filter(|one| methods.contains(one))
            .collect();
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
            if methods.contains(method) {
                continue;
            }
            let answer = class
                .server
                .send(TestRequest::new(method, path.as_str()).bearer(&class.server.key))
                .await;
            assert_eq!(
                (answer.status, answer.header("allow")),
                (405, allow.join(", ").as_str()),
                "{method} {path}"
            );
            assert_eq!(
                answer.code(),
                if method == "HEAD" { "" } else { "method_not_allowed" },
                "{method} {path}"
            );
        }
        for other in [
            format!("{path}/"),
            format!("{path}//"),
            path.replace("/v1/", "/v2/"),
            path.to_uppercase(),
        ] {
            let answer = get(&class, &other).await;
            assert_eq!((answer.status, answer.code().as_str()), (404, "unknown_route"), "{other}");
        }
    }
}

#[tokio::test]
async fn words_of_the_path_win_over_ids() {
    let class = CaseFixture::new().await;
    for path in ["/tasks/filter", "/users/filter", "/tasks/{T1}/test-instances/filter"] {
        let answer = class.server.get(&class.fill(path)).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{path}");
    }
    for path in ["/tasks/{T1}/test-instances/changes", "/tasks/{T1}/test-instances/export"] {
        let answer = class.server.send_json("POST", &class.fill(path), "{}").await;
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"), "{path}");
    }
}

/// An operation on things of the first organization, with a key that must not find them.
async fn from_outside(class: &CaseFixture, operation: &Operation, key: &str) -> TestResponse {
    let body = match operation.path.rsplit('/').next().unwrap() {
        "filter" => r#"{"kind":"meta"}"#,
        "expand" => r#"{"expand":[]}"#,
        "candidates" => r#"{"kind":"temporary-candidate"}"#,
        _ => r#"{"fields":{}}"#,
    };
    let sent = TestRequest::new(&operation.method, target(class, operation)).bearer(key);
    let sent = if operation.takes_body {
        sent.header("content-type", "application/json").body(body)
    } else {
        sent
    };
    class.server.send(sent).await
}

#[tokio::test]
async fn what_lies_outside_an_organization_or_a_key_looks_like_what_never_was_by_every_operation() {
    let class = CaseFixture::new().await;
    let limited = app::keys::NewKey {
        name: "limited".into(),
        scopes: INTEGRATION_SCOPES.to_vec(),
        tasks: Some(vec![class.value("T0").into()]),
        folders: None,
        expires_at: None,
    };
    let limited = class
        .server
        .test_app
        .app
        .keys()
        .create_key(&class.server.operator(), limited)
        .await
        .unwrap()
        .secret;
    let written = class.server.rows_written().await;
    for key in [class.value("K9"), limited.as_str()] {
        let missing =
            class.server.send(TestRequest::get(format!("{V1}/tasks/nosuch")).bearer(key)).await;
        assert_eq!((missing.status, missing.code().as_str()), (404, "not_found"));
        for operation in operations(&class.server, V1).await {
            // Users are no part of a task.
            if !operation.path.contains('{')
                || (key == limited.as_str() && operation.path.contains("/users/"))
            {
                continue;
            }
            let label = format!("{} {}", operation.method, operation.path);
            let answer = from_outside(&class, &operation, key).await;
            assert_eq!((answer.status, &answer.body), (404, &missing.body), "{label}");
            assert_eq!(answer.lasting_headers(), missing.lasting_headers(), "{label}");
        }
    }
    assert_eq!(class.server.rows_written().await, written);
}
