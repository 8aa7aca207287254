//! Bounds of 1.6 and 1.7 wherever they hold, and what a refusal by them leaves behind: nothing.

use crate::case_fixture::CaseFixture;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use testkit::{INTEGRATION_SCOPES, TestRequest, TestResponse, TestServer, V1};

#[tokio::test]
async fn every_page_has_the_same_bounds_words_and_defaults() {
    let class = CaseFixture::new().await;
    let lists = [
        ("GET", "/tasks", ""),
        ("GET", "/users", ""),
        ("GET", "/tasks/{T1}/candidates", ""),
        ("GET", "/tasks/{T1}/test-instances", ""),
        ("POST", "/tasks/filter", "{}"),
        ("POST", "/users/filter", "{}"),
    ];
    for (method, path, body) in lists {
        let ask = async |query: &str| {
            let target = class.fill(&format!("{path}{query}"));
            if method == "GET" {
                class.server.get(&target).await
            } else {
                class.server.send_json(method, &target, body).await
            }
        };
        let plain = ask("").await;
        assert_eq!(plain.status, 200, "{path}");
        assert_eq!(ask("?mode=basic&page=1&limit=10").await.body, plain.body, "{path}");
        let page = plain.json()["pagination"].clone();
        let keys: Vec<_> = page.as_object().unwrap().keys().cloned().collect();
        assert_eq!(
            keys,
            ["totalItems", "totalPages", "currentPage", "limit", "next", "previous"],
            "{path}"
        );
        assert_eq!((&page["currentPage"], &page["limit"]), (&json!(1), &json!(10)), "{path}");
        for (query, faults) in [
            ("?limit=1001&page=9007199254740992", &["limit out_of_range", "page out_of_range"][..]),
            ("?page=0&limit=0", &["page out_of_range", "limit out_of_range"]),
            ("?limit=1.0&page=+1", &["limit invalid_type", "page invalid_type"]),
            ("?mode=default&limit=", &["mode invalid_enum", "limit empty_value"]),
            ("?mode=basic&mode=basic&page", &["mode repeated_parameter", "page empty_value"]),
            ("?offset=5", &["offset unknown_parameter"]),
        ] {
            let refused = ask(query).await;
            assert_eq!(
                (refused.status, refused.faults()),
                (400, faults.iter().map(ToString::to_string).collect()),
                "{path}{query}"
            );
        }
        let beyond = ask("?page=9007199254740991&limit=1000").await;
        let items = page["totalItems"].as_u64().unwrap();
        let previous =
            if items == 0 { Value::Null } else { json!("?limit=1000&page=1&mode=basic") };
        assert_eq!(beyond.json()["pagination"]["previous"], previous, "{path}");
        assert_eq!(beyond.json()["pagination"]["totalItems"], items, "{path}");
    }
    for (path, body) in [("/tasks/{T1}/test-instances/filter", r#"{"kind":"meta"}"#)] {
        let refused = class
            .server
            .send_json("POST", &class.fill(&format!("{path}?limit=1001&mode=full")), body)
            .await;
        assert_eq!(refused.faults(), ["limit out_of_range", "mode invalid_enum"]);
    }
    let feed = class
        .server
        .get(&class.fill("/tasks/{T1}/test-instances/changes?limit=1001&mode=full&page=1"))
        .await;
    assert_eq!(
        feed.faults(),
        ["limit out_of_range", "mode invalid_enum", "page unknown_parameter"]
    );
}

/// A server with a task to register in.
async fn server_with_task() -> (TestServer, String) {
    let server = TestServer::new().await;
    let task = server.task(1).await.id;
    (server, format!("/tasks/{task}/candidates"))
}

async fn create(server: &TestServer, path: &str, keys: &Value) -> TestResponse {
    let mut body = json!({ "kind": "temporary-candidate" });
    body.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    server.send_json("POST", path, &body.to_string()).await
}

#[tokio::test]
async fn texts_lists_and_maps_are_taken_up_to_their_bounds_and_not_beyond() {
    let (server, path) = server_with_task().await;
    let text = |length: usize| "\u{1f600}".repeat(length);
    let labels = |number: usize| (0..number).map(|label| format!("l{label}")).collect::<Vec<_>>();
    let map = |number: usize| {
        labels(number).into_iter().map(|name| (name, json!(""))).collect::<serde_json::Map<_, _>>()
    };
    let mail = |length: usize| format!("{}@e.org", "m".repeat(length - 6));
    let data = |length: usize| json!({ "k": "x".repeat(length - 8) });
    let written = server.rows_written().await;
    for (keys, fault) in [
        (json!({ "fullname": text(201) }), "/fullname invalid_length"),
        (json!({ "fullname": "" }), "/fullname invalid_length"),
        (json!({ "fullname": "a\0" }), "/fullname invalid_format"),
        (json!({ "group": text(201) }), "/group invalid_length"),
        (json!({ "externalId": "" }), "/externalId invalid_length"),
        (json!({ "email": mail(255) }), "/email invalid_length"),
        (json!({ "email": "a@b@c" }), "/email invalid_format"),
        (json!({ "email": "a b@c" }), "/email invalid_format"),
        (json!({ "email": "@ab" }), "/email invalid_format"),
        (json!({ "extraEmails": ["a@b", "c@"] }), "/extraEmails/1 invalid_length"),
        (json!({ "labels": labels(101) }), "/labels invalid_length"),
        (json!({ "labels": ["a", 5] }), "/labels/1 invalid_type"),
        (json!({ "tags": map(101) }), "/tags invalid_length"),
        (json!({ "tags": { "a": text(2001) } }), "/tags/a invalid_length"),
        (json!({ "tags": { "": "a" } }), "/tags/ invalid_length"),
        (json!({ "tags": { "a/b": null } }), "/tags/a~1b invalid_type"),
        (json!({ "externalData": data(16 * 1024 + 1) }), "/externalData invalid_length"),
        (json!({ "externalData": [] }), "/externalData invalid_type"),
        (json!({ "dates": { "after": 253_402_300_800_i64 } }), "/dates/after out_of_range"),
        (json!({ "dates": { "after": -1 } }), "/dates/after out_of_range"),
        (json!({ "dates": { "before": null } }), "/dates/before invalid_type"),
        (json!({ "price": { "amount": 1, "currency": "GBP" } }), "/price/currency invalid_enum"),
        (json!({ "tracking": { "uniqId": text(201) } }), "/tracking/uniqId invalid_length"),
    ] {
        let refused = create(&server, &path, &keys).await;
        assert_eq!((refused.status, refused.faults()), (400, vec![fault.to_owned()]), "{fault}");
    }
    assert_eq!(server.rows_written().await, written);
    let widest = json!({ "fullname": text(200), "email": mail(254), "labels": labels(100), "tags": map(100),
        "externalData": data(16 * 1024), "dates": { "after": 0, "before": 253_402_300_799_i64 } });
    let made = create(&server, &path, &widest).await;
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(made.json()["fullname"], text(200));
    // Repeated members are dropped before they are counted; what is equal to the eye is not equal.
    let many: Vec<_> = labels(100).into_iter().chain(labels(100)).collect();
    assert_eq!(
        create(&server, &path, &json!({ "labels": many })).await.json()["labels"]
            .as_array()
            .unwrap()
            .len(),
        100
    );
    let alike = json!(["\u{e9}", "e\u{301}", " a", "a", "A"]);
    assert_eq!(create(&server, &path, &json!({ "labels": alike })).await.json()["labels"], alike);
}

#[tokio::test]
async fn a_callback_goes_to_an_absolute_https_address_only() {
    let (server, path) = server_with_task().await;
    let long = format!("https://example.org/{}", "x".repeat(1981));
    for url in [
        "http://example.org/hook",
        "example.org/hook",
        "//example.org/hook",
        "/hook",
        "ftp://example.org",
        "https://",
        "https://user@example.org",
        "https://user:secret@example.org/hook",
        "https://example.org/hook#part",
        "https://exa mple.org",
        "javascript:alert(1)",
    ] {
        let refused =
            create(&server, &path, &json!({ "callback": { "url": url, "resource": "basic" } }))
                .await;
        assert_eq!(
            (refused.status, refused.faults()),
            (400, vec!["/callback/url invalid_format".to_owned()]),
            "{url}"
        );
    }
    for (callback, faults) in [
        (json!({ "url": long, "resource": "basic" }), vec!["/callback/url invalid_length"]),
        (json!({ "url": "https://example.org" }), vec!["/callback/resource required"]),
        (
            json!({ "resource": "full", "params": { "a": 1 } }),
            vec![
                "/callback/resource invalid_enum",
                "/callback/params/a invalid_type",
                "/callback/url required",
            ],
        ),
    ] {
        assert_eq!(create(&server, &path, &json!({ "callback": callback })).await.faults(), faults);
    }
    let longest = &long[..2000];
    for url in [longest, "https://example.org:8443/a?b=c&d=%20", "HTTPS://EXAMPLE.ORG"] {
        let made =
            create(&server, &path, &json!({ "callback": { "url": url, "resource": "detailed" } }))
                .await;
        assert_eq!(made.status, 200, "{url}: {}", made.text());
    }
}

#[tokio::test]
async fn dates_of_a_step_are_judged_with_what_the_candidate_has_already() {
    let (server, path) = server_with_task().await;
    let step = server.get(&path.replace("/candidates", "?mode=detailed")).await.json()["steps"][0]
        ["id"]
        .clone();
    let own = |customization: Value| json!({ "customizedSteps": [{ "stepId": step, "customization": customization }] });
    let refused =
        create(&server, &path, &own(json!({ "activeAfter": 9, "activeBefore": 8 }))).await;
    assert_eq!(refused.code(), "invalid_range", "{}", refused.text());
    assert!(
        refused.faults()[0].starts_with("/customizedSteps/0/customization"),
        "{:?}",
        refused.faults()
    );
    let made = create(&server, &path, &own(json!({ "activeBefore": 8 }))).await.json();
    let one = format!("{path}/{}", made["candidateId"].as_str().unwrap());
    let after =
        json!({ "isDefault": false, "value": { "after": { "isDefault": false, "value": 9 } } });
    let patch = json!({ "fields": {}, "steps": { step.as_str().unwrap(): { "dates": after } } });
    assert_eq!(server.send_json("PATCH", &one, &patch.to_string()).await.code(), "invalid_range");
}

#[tokio::test]
async fn without_credentials_to_enter_by_the_same_credential_may_be_given_twice() {
    let (server, path) = server_with_task().await;
    for _ in 0..2 {
        let made =
            create(&server, &path, &json!({ "credential1": "ada", "credential2": "secret" })).await;
        assert_eq!(made.status, 200, "{}", made.text());
        assert!(!made.text().contains("secret"));
    }
}

fn keyed(server: &TestServer, key: &str, secret: &str, path: &str, body: &str) -> TestRequest {
    let _ = server;
    let sent = TestRequest::new("POST", format!("{V1}{path}"))
        .bearer(secret)
        .header("content-type", "application/json");
    sent.header("Idempotency-Key", key).body(body)
}

#[tokio::test]
async fn an_idempotency_key_is_one_organizations_own_and_other_operations_ignore_it() {
    let class = CaseFixture::new().await;
    let other = class.server.new_key(&class.value("O9").into(), &INTEGRATION_SCOPES).await;
    let body = r#"{"kind":"temporary-candidate"}"#;
    let first = class
        .server
        .send(keyed(
            &class.server,
            "k",
            &class.server.key,
            &class.fill("/tasks/{T1}/candidates"),
            body,
        ))
        .await;
    let foreign = class
        .server
        .send(keyed(
            &class.server,
            "k",
            &other,
            &class.fill("/tasks/{T9}/candidates"),
            "{ \"kind\":\"temporary-candidate\",\"group\":\"x\"}",
        ))
        .await;
    assert_eq!((first.status, foreign.status), (200, 200), "{}", foreign.text());
    assert_eq!(foreign.header("idempotency-replayed"), "");
    for (method, path, body) in [
        ("GET", "/tasks/{T1}", ""),
        ("POST", "/tasks/filter", "{}"),
        ("PATCH", "/tasks/{T1}", r#"{"fields":{}}"#),
        ("POST", "/tasks/{T1}/test-instances/filter", r#"{"kind":"meta"}"#),
    ] {
        for key in ["k", "not a key", ""] {
            let sent = TestRequest::new(method, class.fill(&format!("{V1}{path}")))
                .bearer(&class.server.key);
            let sent = if body.is_empty() {
                sent
            } else {
                sent.header("content-type", "application/json").body(body)
            };
            let answer = class.server.send(sent.header("Idempotency-Key", key)).await;
            assert_eq!(
                (answer.status, answer.header("idempotency-replayed")),
                (200, ""),
                "{method} {path} {key}"
            );
        }
    }
}

#[tokio::test]
async fn a_repeated_registration_invites_nobody_twice() {
    let class = CaseFixture::new().await;
    let app = &class.server.test_app.app;
    let template =
        app::tasks::EmailTemplate { name: "Welcome".into(), subject: "Hello".into(), body: None };
    let change =
        app::tasks::TaskUpdate { email_templates: Some(vec![template]), ..Default::default() };
    app.tasks().update_task(&class.server.operator(), &class.t1.id, change).await.unwrap();
    let body = r#"{"kind":"temporary-candidate","email":"ada@example.org","inviteByEmail":{"emailTemplateName":"Welcome"}}"#;
    for _ in 0..3 {
        let path = class.fill("/tasks/{T1}/candidates");
        assert_eq!(
            class
                .server
                .send(keyed(&class.server, "k", &class.server.key, &path, body))
                .await
                .status,
            200
        );
    }
    let count = |tx: &mut dyn storage::Transaction| tx.integer("SELECT count(*) FROM mail", &[]);
    assert_eq!(class.server.test_app.storage.read(count).await.unwrap(), 1);
}

#[tokio::test]
async fn a_request_beyond_the_rate_has_no_effect_whatever_it_asks() {
    let server = TestServer::with_quota(NonZeroU32::new(2)).await;
    let task = server.task(1).await.id;
    let path = format!("/tasks/{task}/candidates");
    for answer in
        [server.get("/nosuch").await, create(&server, &path, &json!({ "fullname": 5 })).await]
    {
        assert!([404, 400].contains(&answer.status));
        assert_eq!(
            answer.header("ratelimit-policy"),
            "\"default\";q=2;w=60",
            "refusals are counted and tell so"
        );
    }
    let written = server.rows_written().await;
    let delete = TestRequest::new("DELETE", format!("{V1}{path}/x")).bearer(&server.key);
    for answer in [
        create(&server, &path, &json!({})).await,
        server.send(delete).await,
        server.get("/nosuch").await,
    ] {
        assert_eq!((answer.status, answer.code().as_str()), (429, "rate_limited"));
        let wait: u64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=30).contains(&wait), "{wait}");
    }
    assert_eq!(server.rows_written().await, written);
}
