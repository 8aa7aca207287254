//! Candidates (chapter 6) and idempotent creation (10.3).

use crate::case_fixture::CaseFixture;
use app::tasks::{EmailTemplate, NewStep, NewTask, TaskView};
use app::users::NewUser;
use domain::instance::AccessMethod;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{TaskWithSteps, TestRequest, TestResponse, TestServer, V1};

/// A task with a program, a stage and a template; entered with one credential.
struct CandidatesFixture {
    server: TestServer,
    task: TaskView,
}

impl CandidatesFixture {
    async fn new() -> Self {
        let server = TestServer::new().await;
        let TaskWithSteps { .. } = server.task(1).await;
        let test =
            server.test_app.app.test_library().list_tests(&server.operator(), false).await.unwrap()
                [0]
            .id
            .clone();
        let new = NewTask {
            access_method: AccessMethod::SingleCredential,
            programs: vec!["Trainees".into(), "Leads".into()],
            stages: vec!["Interview".into()],
            email_templates: vec![EmailTemplate {
                name: "Welcome".into(),
                subject: "Hello".into(),
                body: None,
            }],
            ..NewTask::of("Desk", vec![NewStep::of(test)])
        };
        let task = server.test_app.app.tasks().create_task(&server.operator(), new).await.unwrap();
        Self { server, task }
    }

    fn path(&self, rest: &str) -> String {
        format!("/tasks/{}/candidates{rest}", self.task.id)
    }

    async fn create(&self, body: &Value) -> TestResponse {
        self.server.send_json("POST", &self.path(""), &body.to_string()).await
    }

    /// A temporary candidate with these keys beside its kind.
    async fn created(&self, keys: Value) -> Value {
        let mut body = json!({"kind": "temporary-candidate"});
        body.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let answer = self.create(&body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    async fn patch(&self, candidate: &Value, body: &Value) -> TestResponse {
        let target = self.path(&format!("/{}", candidate["candidateId"].as_str().unwrap()));
        self.server.send_json("PATCH", &target, &body.to_string()).await
    }

    async fn delete(&self, candidate: &Value) -> TestResponse {
        let target = self.path(&format!("/{}", candidate["candidateId"].as_str().unwrap()));
        self.server
            .send(TestRequest::new("DELETE", format!("{V1}{target}")).bearer(&self.server.key))
            .await
    }

    async fn count(&self) -> Value {
        self.server.get(&self.path("?limit=1")).await.json()["pagination"]["totalItems"].clone()
    }

    fn keyed(&self, prefix: &str, key: &str, body: &str) -> TestRequest {
        let sent =
            TestRequest::new("POST", format!("{prefix}{}", self.path(""))).bearer(&self.server.key);
        sent.header("content-type", "application/json").header("Idempotency-Key", key).body(body)
    }
}

#[tokio::test]
async fn every_fault_of_a_registration_is_told_in_the_order_of_the_body() {
    let fixture = CandidatesFixture::new().await;
    fixture.created(json!({"credential1": "ada", "tracking": {"uniqId": "7"}})).await;
    let written = fixture.server.rows_written().await;
    let body = r#"{"customizedSteps":[{"stepId":"nosuch","customization":{}}],"programIds":["nosuch"],
        "inviteByEmail":{"emailTemplateName":"Goodbye"},"dates":{"after":5,"before":4},"lang":"default",
        "tracking":{"uniqId":"7"},"credential1":"ada","price":{"amount":-1,"currency":"EUR"},"rating":5,
        "callback":{"url":"https://user@example.org","resource":"basic"},"kind":"temporary-candidate"}"#;
    let answer = fixture.server.send_json("POST", &fixture.path("?mode=basic"), body).await;
    let expected = [
        "mode unknown_parameter",
        "/customizedSteps/0/stepId unknown_reference",
        "/programIds/0 unknown_reference",
        "/inviteByEmail/emailTemplateName unknown_reference",
        "/dates/before invalid_range",
        "/lang invalid_enum",
        "/tracking/uniqId duplicate_uniq_id",
        "/credential1 duplicate_credentials",
        "/price/amount out_of_range",
        "/rating unknown_key",
        "/callback/url invalid_format",
        "/extraEmails required",
    ];
    assert_eq!(answer.faults(), expected);
    assert_eq!(
        fixture.create(&json!({"kind": "user", "x": 1, "id": 5})).await.faults(),
        ["/kind invalid_enum", "/x unknown_key"]
    );
    assert_eq!(
        fixture.create(&json!({"kind": "internal-candidate"})).await.faults(),
        ["/id required"]
    );
    let unknown = json!({"kind": "internal-candidate", "id": "nosuch"});
    assert_eq!(fixture.create(&unknown).await.faults(), ["/id unknown_reference"]);
    // What does not hang on the person is told without one; what does is not guessed.
    let unread = json!({"kind": "internal-candidate", "programIds": ["x"], "inviteByEmail": {"emailTemplateName": "No"}});
    let expected = [
        "/programIds/0 unknown_reference",
        "/inviteByEmail/emailTemplateName unknown_reference",
        "/id required",
    ];
    assert_eq!(fixture.create(&unread).await.faults(), expected);
    let invited = json!({"kind": "internal-candidate", "id": "nosuch", "inviteByEmail": {"emailTemplateName": "Welcome"}});
    assert_eq!(fixture.create(&invited).await.faults(), ["/id unknown_reference"]);
    let elsewhere =
        json!({"kind": "temporary-candidate", "tracking": {"uniqId": "7", "scope": "moon"}});
    assert_eq!(fixture.create(&elsewhere).await.faults(), ["/tracking/scope invalid_enum"]);
    // Of a task that is not there only the form is judged.
    let missing = fixture
        .server
        .send_json(
            "POST",
            "/tasks/nosuch/candidates",
            r#"{"kind":"temporary-candidate","programIds":["x"]}"#,
        )
        .await;
    assert_eq!(missing.status, 404);
    assert_eq!(fixture.server.rows_written().await, written);
}

#[tokio::test]
async fn a_registration_is_answered_with_the_detailed_candidate() {
    let fixture = CandidatesFixture::new().await;
    let body = json!({"kind": "temporary-candidate", "fullname": "Ada Example", "email": "ada@example.com", "externalId": "EMP-7"});
    let answer = fixture.create(&body).await;
    let made = answer.json();
    let (id, code) =
        (made["candidateId"].as_str().unwrap(), made["invitationCode"].as_str().unwrap());
    let (task, organization) = (&fixture.task.id, &fixture.server.test_app.organization);
    let basic = format!(
        r#"{{"candidateId":"{id}","kind":"temp","taskId":"{task}","loggedIn":false,"fullname":"Ada Example","email":"ada@example.com","invitationCode":"{code}","directAccessUrl":"http://127.0.0.1:8080/enter/{code}""#
    );
    let rest = format!(
        r#","organizationId":"{organization}","source":"pre-registration","active":true,"activeAfter":null,"activeBefore":null,"group":"default","tags":{{}},"labels":[],"rating":null,"stage":null}}"#
    );
    assert_eq!(answer.text(), format!("{basic}{rest}"));
    let get = async |query: &str| fixture.server.get(&fixture.path(&format!("/{id}{query}"))).await;
    assert_eq!(get("").await.text(), format!("{basic}}}"));
    for query in ["?mode=detailed", "?mode=default"] {
        assert_eq!(get(query).await.body, answer.body, "{query}");
    }
    assert_eq!(get("?mode=full").await.code(), "invalid_enum");
    assert_eq!(fixture.server.get(&fixture.path("?mode=default")).await.code(), "invalid_enum");
}

#[tokio::test]
async fn all_that_a_registration_may_say_is_kept() {
    let fixture = CandidatesFixture::new().await;
    let (step, program) = (&fixture.task.steps[0].id, fixture.task.programs[0].uuid);
    let made = fixture
        .created(json!({
            "group": "east", "labels": ["b", "a", "b"], "tags": {"z": "1", "a": ""}, "externalData": {"k": [1, {"x": null}]},
            "lang": "tr", "programIds": [program, program], "extraEmails": ["x@example.org"],
            "dates": {"after": 10, "before": 20}, "price": {"amount": 1.50, "currency": "TRY"},
            "customizedSteps": [{"stepId": step, "customization": {"activeBefore": 99}}],
            "inviteByEmail": {"emailTemplateName": "Welcome"}, "credential1": "ada", "credential2": "secret",
            "tracking": {"uniqId": "7", "scope": "programs"},
            "callback": {"url": "https://example.org/hook?x=1", "params": {"job": "42"}, "resource": "detailed"}}))
        .await;
    let picked = json!([
        made["group"],
        made["labels"],
        made["tags"],
        made["activeAfter"],
        made["activeBefore"]
    ]);
    assert_eq!(picked, json!(["east", ["b", "a"], {"a": "", "z": "1"}, 10, 20]));
    assert!(!made.to_string().contains("secret"));
    let (organization, task) =
        (fixture.server.test_app.organization.clone(), fixture.task.id.clone());
    let id = made["candidateId"].as_str().unwrap().into();
    let row = fixture
        .server
        .test_app
        .storage
        .read(move |tx| storage::candidate::find(tx, &organization, &task, &id))
        .await;
    let row = row.unwrap().unwrap();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    assert_eq!(text(&row.external_data), r#"{"k":[1,{"x":null}]}"#);
    assert_eq!(
        (text(&row.lang), text(&row.price)),
        ("tr".into(), r#"{"amount":1.5,"currency":"TRY"}"#.into())
    );
    assert_eq!(row.programs, format!("[\"{program}\"]"));
    assert_eq!(row.extra_emails, r#"["x@example.org"]"#);
    assert_eq!(row.step_overrides, format!("{{\"{step}\":{{\"before\":99000}}}}"));
    assert!(text(&row.callback).contains("https://example.org/hook?x=1"));
    assert!(row.credential1_exclusive && text(&row.credential2_hash).starts_with("$argon2id$"));
}

#[tokio::test]
async fn a_user_is_registered_once_with_what_is_known_of_it() {
    let fixture = CandidatesFixture::new().await;
    let user = NewUser {
        username: "ada.l".into(),
        fullname: Some("Ada Example".into()),
        email: Some("ada@example.com".into()),
        tags: [("City".to_owned(), "Izmir".to_owned()), ("Age".to_owned(), "36".to_owned())].into(),
        ..NewUser::default()
    };
    let user = fixture
        .server
        .test_app
        .app
        .users()
        .create_user(&fixture.server.operator(), user)
        .await
        .unwrap();
    let body = json!({"kind": "internal-candidate", "id": user.id, "tags": {"City": "Ankara"},
        "inviteByEmail": {"emailTemplateName": "Welcome"}});
    let made = fixture.create(&body).await.json();
    let picked = json!([
        made["kind"],
        made["fullname"],
        made["email"],
        made["directAccessUrl"],
        made["tags"]
    ]);
    assert_eq!(
        picked,
        json!(["user", "Ada Example", "ada@example.com", null, {"Age": "36", "City": "Ankara"}])
    );
    assert_eq!(fixture.create(&body).await.faults(), ["/id duplicate_uniq_id"]);
    assert_eq!(
        fixture
            .create(&json!({"kind": "internal-candidate", "id": user.id, "fullname": "x"}))
            .await
            .faults(),
        ["/id duplicate_uniq_id", "/fullname unknown_key"]
    );
    assert_eq!(fixture.count().await, 1);
}

#[tokio::test]
async fn candidates_are_listed_by_exact_values_in_the_order_of_their_registration() {
    let fixture = CandidatesFixture::new().await;
    let ada = fixture.created(json!({"fullname": "Ada", "email": "ada@example.com"})).await;
    let second = fixture.created(json!({"fullname": "Ada", "email": "second@example.com"})).await;
    fixture.created(json!({"fullname": "ada"})).await;
    let ids = async |query: &str| {
        fixture.server.get(&fixture.path(query)).await.column("candidates", "candidateId")
    };
    let id = |candidate: &Value| candidate["candidateId"].as_str().unwrap().to_owned();
    assert_eq!(ids("?fullname=Ada").await, [id(&ada), id(&second)]);
    assert_eq!(ids("?fullname=Ada&email=second%40example.com").await, [id(&second)]);
    let code = ada["invitationCode"].as_str().unwrap();
    assert_eq!(ids(&format!("?code={code}")).await, [id(&ada)]);
    assert_eq!(
        ids(&format!("?code={}", code.to_lowercase())).await.len(),
        usize::from(code.to_lowercase() == code)
    );
    let page = fixture
        .server
        .get(&fixture.path("?email=ada%40example.com&fullname=Ada&limit=1&page=2"))
        .await;
    let previous = "?limit=1&page=1&mode=basic&fullname=Ada&email=ada%40example.com";
    assert_eq!(page.json()["pagination"]["previous"], previous);
    assert_eq!(
        fixture.server.get(&fixture.path("?externalId=x&email=")).await.faults(),
        ["externalId unknown_parameter", "email empty_value"]
    );
    assert_eq!(fixture.server.get("/tasks/nosuch/candidates").await.status, 404);
}

#[tokio::test]
async fn every_fault_of_a_change_is_told_and_nothing_changes() {
    let fixture = CandidatesFixture::new().await;
    fixture.created(json!({"group": "east", "tracking": {"uniqId": "7", "scope": "group"}})).await;
    let candidate = fixture
        .created(json!({"group": "west", "tracking": {"uniqId": "7", "scope": "group"}}))
        .await;
    let written = fixture.server.rows_written().await;
    let body = json!({
        "steps": {"nosuch": {}, fixture.task.steps[0].id.as_str(): {"active": {"isDefault": true, "value": true},
            "dates": {"isDefault": false, "value": {"after": {"isDefault": false, "value": 9}, "before": {"isDefault": false, "value": 8}}},
            "limit": {"isDefault": false, "value": 0}, "more": 1}},
        "fields": {"group": "east", "fullname": null, "activeAfter": 2, "activeBefore": 1, "rating": 5,
            "labels": {"add": ["a", "b"], "remove": ["b"]}}});
    let answer = fixture.patch(&candidate, &body).await;
    let step = |rest: &str| format!("/steps/{}{rest}", fixture.task.steps[0].id);
    let expected = [
        "/steps/nosuch unknown_reference".to_owned(),
        step("/active/value unknown_key"),
        step("/dates invalid_range"),
        step("/limit/value out_of_range"),
        step("/more unknown_key"),
        "/fields/group duplicate_uniq_id".into(),
        "/fields/fullname invalid_type".into(),
        "/fields/activeBefore invalid_range".into(),
        "/fields/rating unknown_key".into(),
        "/fields/labels/remove/0 conflicting_values".into(),
    ];
    assert_eq!(answer.faults(), expected);
    assert_eq!(fixture.patch(&candidate, &json!({})).await.faults(), ["/fields required"]);
    let clash = fixture.patch(&candidate, &json!({"fields": {"group": "east"}})).await;
    assert_eq!(clash.faults(), ["/fields/group duplicate_uniq_id"]);
    assert_eq!(
        fixture.patch(&json!({"candidateId": "nosuch"}), &json!({"fields": {}})).await.status,
        404
    );
    assert_eq!(fixture.server.rows_written().await, written);
}

#[tokio::test]
async fn a_change_is_answered_with_the_candidate_and_repeats_without_effect() {
    let fixture = CandidatesFixture::new().await;
    let candidate = fixture.created(json!({"labels": ["b"], "dates": {"before": 50}})).await;
    let step = fixture.task.steps[0].id.as_str();
    let body = json!({
        "fields": {"fullname": "Ada", "email": "ada@example.com", "group": "west", "favorite": true, "active": false,
            "labels": {"add": ["c", "c"], "remove": ["b", "none"]}, "activeBefore": null, "activeAfter": 7},
        "steps": {step: {"limit": {"isDefault": false, "value": 2}, "active": {"isDefault": false, "value": false},
            "dates": {"isDefault": false, "value": {"before": {"isDefault": false, "value": null}}}}}});
    let answer = fixture.patch(&candidate, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let now = answer.json();
    let picked = json!([now["fullname"], now["email"], now["group"], now["active"], now["labels"]]);
    assert_eq!(picked, json!(["Ada", "ada@example.com", "west", false, ["c"]]));
    assert_eq!(json!([now["activeAfter"], now["activeBefore"]]), json!([7, null]));
    let written = fixture.server.rows_written().await;
    assert_eq!(fixture.patch(&candidate, &body).await.body, answer.body);
    assert_eq!(fixture.server.rows_written().await, written);
    let fetched = fixture
        .server
        .get(&fixture.path(&format!("/{}?mode=detailed", now["candidateId"].as_str().unwrap())))
        .await;
    assert_eq!(fetched.body, answer.body);
    let (organization, task) =
        (fixture.server.test_app.organization.clone(), fixture.task.id.clone());
    let id = now["candidateId"].as_str().unwrap().into();
    let row = fixture
        .server
        .test_app
        .storage
        .read(move |tx| storage::candidate::find(tx, &organization, &task, &id))
        .await;
    let row = row.unwrap().unwrap();
    assert!(row.favorite);
    let stored = format!("{{\"{step}\":{{\"active\":false,\"before\":null,\"attemptLimit\":2}}}}");
    assert_eq!(row.step_overrides, stored);
    let back = json!({"fields": {}, "steps": {step: {"limit": {"isDefault": true}, "active": {"isDefault": true}, "dates": {"isDefault": true}}}});
    assert_eq!(fixture.patch(&candidate, &back).await.body, answer.body);
}

#[tokio::test]
async fn only_who_never_took_part_can_be_deleted_and_frees_what_was_taken() {
    let class = CaseFixture::new().await;
    let written = class.server.rows_written().await;
    for name in ["C1", "C2", "C6"] {
        let target = class.fill(&format!("{V1}/tasks/{{T1}}/candidates/{{{name}}}"));
        let answer =
            class.server.send(TestRequest::new("DELETE", target).bearer(&class.server.key)).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (403, "candidate_already_participated"),
            "{name}"
        );
        assert_eq!(answer.json()["errors"], json!([]));
    }
    assert_eq!(class.server.rows_written().await, written);
    let fixture = CandidatesFixture::new().await;
    let taken = json!({"credential1": "ada", "tracking": {"uniqId": "7"}});
    let candidate = fixture.created(taken.clone()).await;
    let deleted = fixture.delete(&candidate).await;
    assert_eq!((deleted.status, deleted.text()), (200, "{}"));
    assert_eq!(fixture.delete(&candidate).await.code(), "not_found");
    assert_eq!(fixture.count().await, 0);
    fixture.created(taken).await;
}

#[tokio::test]
async fn an_idempotency_key_of_another_form_or_for_another_request_is_refused() {
    let fixture = CandidatesFixture::new().await;
    let body = r#"{"kind":"temporary-candidate","fullname":"Ada"}"#;
    assert_eq!(
        fixture.server.send(fixture.keyed(V1, "a b", body)).await.faults(),
        ["Idempotency-Key invalid_format"]
    );
    let both = fixture
        .server
        .send(fixture.keyed(V1, "", r#"{"kind":"temporary-candidate","email":""}"#))
        .await;
    assert_eq!(both.faults(), ["Idempotency-Key invalid_format", "/email invalid_length"]);
    let first = fixture.server.send(fixture.keyed(V1, "k", body)).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (200, ""));
    for other in [r#"{"kind":"temporary-candidate","fullname":"Eve"}"#, "{}", "nonsense"] {
        let answer = fixture.server.send(fixture.keyed(V1, "k", other)).await;
        assert_eq!(
            (answer.status, answer.faults()),
            (400, vec!["Idempotency-Key idempotency_key_reused".to_owned()]),
            "{other}"
        );
    }
    let elsewhere = TestRequest {
        target: format!("{V1}/tasks/nosuch/candidates"),
        ..fixture.keyed(V1, "k", body)
    };
    assert_eq!(fixture.server.send(elsewhere).await.code(), "idempotency_key_reused");
    let spoiled = fixture.keyed(V1, "k", body);
    let spoiled = TestRequest { target: format!("{}?limit=1", spoiled.target), ..spoiled };
    assert_eq!(fixture.server.send(spoiled).await.code(), "unknown_parameter");
    assert_eq!(fixture.count().await, 1);
}

#[tokio::test]
async fn the_same_request_gets_the_first_answer_again_for_a_day() {
    let fixture = CandidatesFixture::new().await;
    let first = fixture
        .server
        .send(fixture.keyed(V1, "k", r#"{"kind":"temporary-candidate","fullname":"Ada"}"#))
        .await;
    let alias = "/api/integration/rest";
    let again =
        fixture.keyed(alias, "k", "{ \"fullname\": \"Ada\",\n \"kind\": \"temporary-candidate\" }");
    fixture.patch(&first.json(), &json!({"fields": {"fullname": "Changed"}})).await;
    let replayed = fixture.server.send(again.clone()).await;
    assert_eq!((replayed.status, &replayed.body), (200, &first.body));
    assert_eq!(replayed.header("idempotency-replayed"), "true");
    fixture.server.test_app.clock.pass_seconds(24 * 3600);
    assert_eq!(fixture.server.send(again.clone()).await.body, first.body);
    fixture.server.test_app.clock.pass_seconds(1);
    let late = fixture.server.send(again).await;
    assert_eq!((late.status, late.header("idempotency-replayed")), (200, ""));
    assert_ne!(late.json()["candidateId"], first.json()["candidateId"]);
    assert_eq!(fixture.count().await, 2);
}

/// Finding security M2.
#[tokio::test]
async fn a_replayed_answer_obeys_the_limits_of_the_key_that_asks_now_m2() {
    let fixture = CandidatesFixture::new().await;
    let body = r#"{"kind":"temporary-candidate","fullname":"Ada"}"#;
    let first = fixture.server.send(fixture.keyed(V1, "k", body)).await;
    assert_eq!(first.status, 200);
    let limited = |tasks: Option<&str>, folder: Option<&str>| app::keys::NewKey {
        name: "limited".into(),
        scopes: vec![domain::instance::Scope::CandidatesWrite],
        tasks: tasks.map(|task| vec![task.into()]),
        folders: folder.map(|folder| vec![folder.to_owned()]),
        expires_at: None,
    };
    for new in [limited(Some("Tk_other"), None), limited(None, Some("Elsewhere"))] {
        let key = fixture
            .server
            .test_app
            .app
            .keys()
            .create_key(&fixture.server.operator(), new)
            .await
            .unwrap()
            .secret;
        let request = TestRequest::new("POST", format!("{V1}{}", fixture.path(""))).bearer(&key);
        let request = request
            .header("content-type", "application/json")
            .header("Idempotency-Key", "k")
            .body(body);
        let answer = fixture.server.send(request).await;
        assert_eq!(
            (answer.status, answer.header("idempotency-replayed")),
            (404, ""),
            "{}",
            answer.text()
        );
        assert!(!answer.text().contains("Ada"));
    }
    let again = fixture.server.send(fixture.keyed(V1, "k", body)).await;
    assert_eq!((again.header("idempotency-replayed"), &again.body), ("true", &first.body));
}

/// Finding security M2.
#[tokio::test]
async fn what_was_deleted_is_not_replayed_and_nothing_of_it_is_kept_m2() {
    let fixture = CandidatesFixture::new().await;
    let body = r#"{"kind":"temporary-candidate","fullname":"Nothingofada"}"#;
    let first = fixture.server.send(fixture.keyed(V1, "k", body)).await.json();
    fixture.delete(&first).await;
    let sql = "SELECT count(*) FROM client_token WHERE response LIKE '%Nothingofada%'";
    let read = move |tx: &mut dyn storage::Transaction| tx.integer(sql, &[]);
    assert_eq!(fixture.server.test_app.storage.read(read).await.unwrap(), 0);
    let again = fixture.server.send(fixture.keyed(V1, "k", body)).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (200, ""));
    assert_ne!(again.json()["candidateId"], first["candidateId"]);
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let fixture = CandidatesFixture::new().await;
    let body = r#"{"kind":"temporary-candidate","tracking":{"uniqId":"7"}}"#;
    let taken = fixture.created(json!({"tracking": {"uniqId": "7"}})).await;
    assert_eq!(fixture.server.send(fixture.keyed(V1, "k", body)).await.code(), "duplicate_uniq_id");
    fixture.delete(&taken).await;
    assert_eq!(fixture.server.send(fixture.keyed(V1, "k", body)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_makes_one_candidate_however_many_ask_at_once() {
    let fixture = std::sync::Arc::new(CandidatesFixture::new().await);
    let ask = |number: usize| {
        let fixture = fixture.clone();
        tokio::spawn(async move {
            let key = format!("k{}", number % 3);
            let sent = fixture.keyed(
                V1,
                &key,
                &format!("{{\"kind\":\"temporary-candidate\",\"fullname\":\"{key}\"}}"),
            );
            let answer = fixture.server.send(sent).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            answer.body
        })
    };
    let request: Vec<_> = (0..30).map(ask).collect();
    let mut bodies = BTreeSet::new();
    for answer in request {
        bodies.insert(answer.await.unwrap());
    }
    assert_eq!((bodies.len(), fixture.count().await), (3, json!(3)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_take_one_uniq_id_at_once_one_succeeds() {
    let fixture = std::sync::Arc::new(CandidatesFixture::new().await);
    let ask = |_| {
        let fixture = fixture.clone();
        tokio::spawn(async move {
            fixture
                .create(&json!({"kind": "temporary-candidate", "tracking": {"uniqId": "7"}}))
                .await
                .status
        })
    };
    let request: Vec<_> = (0..12).map(ask).collect();
    let mut statuses = Vec::new();
    for answer in request {
        statuses.push(answer.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200], vec![400; 11]].concat());
}

#[tokio::test]
async fn an_erased_candidate_is_in_no_list_and_its_ticket_still_finds_its_instances() {
    let class = CaseFixture::new().await;
    let (app, operator) = (&class.server.test_app.app, class.server.operator());
    let before = class
        .server
        .get(&class.fill("/tasks/{T1}/test-instances?ticketId={C2}&mode=detailed"))
        .await;
    for (number, grouping) in [(1, false), (2, true)] {
        let options = app::erasure::ErasureOptions { grouping, ..Default::default() };
        app.candidates()
            .erase_candidate(&operator, &class.t1.id, &class.candidates[&number].id, options)
            .await
            .unwrap();
    }
    let listed = class
        .server
        .get(&class.fill("/tasks/{T1}/candidates?limit=100"))
        .await
        .column("candidates", "candidateId");
    assert_eq!((listed.len(), listed[0].as_str()), (19, class.value("C3")));
    let missing = class.server.get(&class.fill("/tasks/{T1}/candidates/nosuch")).await;
    for name in ["C1", "C2"] {
        let target = class.fill(&format!("/tasks/{{T1}}/candidates/{{{name}}}"));
        let patched =
            class.server.send_json("PATCH", &target, r#"{"fields":{"fullname":"Back"}}"#).await;
        let deleted = class
            .server
            .send(TestRequest::new("DELETE", format!("{V1}{target}")).bearer(&class.server.key))
            .await;
        for answer in [class.server.get(&target).await, patched, deleted] {
            assert_eq!((answer.status, &answer.body), (404, &missing.body), "{name}");
        }
    }
    let rows = async |query: &str| {
        class.server.get(&class.fill(&format!("/tasks/{{T1}}/test-instances{query}"))).await
    };
    assert_eq!(rows("?ticketId={C1}").await.ids(), class.ids([1, 3, 5]));
    assert_eq!(rows("?candidateId={U2}").await.ids(), class.ids([2, 4]));
    for external in ["A%26B%201%2B1", "EMP-2"] {
        assert_eq!(
            rows(&format!("?externalId={external}")).await.ids(),
            Vec::<String>::new(),
            "{external}"
        );
    }
    let after = rows("?ticketId={C2}&mode=detailed").await.json();
    let picked = |row: &Value| {
        json!([row["tags"], row["group"], row["labels"], row["folder"], row["candidate"]])
    };
    let before = &before.json()["testInstances"][0];
    assert_eq!(picked(before)[2], json!(["north", "east"]));
    let gone = json!([{}, "default", [], "Hiring 2026", before["candidate"]]);
    assert_eq!(picked(&after["testInstances"][0]), gone);
    assert_eq!(after["testInstances"][0]["result"], before["result"], "figures stay");
    // What was open is complete, and what was ignored stays so.
    let first = rows("?ticketId={C1}").await.json()["testInstances"].clone();
    let states: Vec<_> = first
        .as_array()
        .unwrap()
        .iter()
        .map(|row| json!([row["status"], row["ignored"]]))
        .collect();
    assert_eq!(
        states,
        [json!(["COMPLETE", false]), json!(["COMPLETE", false]), json!(["COMPLETE", true])]
    );
    let expand = class.fill("/tasks/{T1}/test-instances/{I02}/expand");
    let expanded = class
        .server
        .send_json("POST", &expand, r#"{"expand":["uniqId","roomForm","identityPhoto"]}"#)
        .await
        .json();
    assert_eq!(
        (expanded.get("uniqId"), &expanded["identityPhoto"]),
        (None, &json!({ "url": null }))
    );
    let answers =
        class.server.get(&class.fill("/tasks/{T1}/test-instances/{I01}/answers")).await.json();
    let essay = &answers["answers"][4]["question"]["answer"];
    assert_eq!(*essay, json!({ "valid": true, "score": 0, "pointsAchieved": 0, "value": null }));
}

#[tokio::test]
async fn staff_s_marks_and_the_first_entry_show_on_a_candidate() {
    let class = CaseFixture::new().await;
    let fetch = async |name: &str| {
        class
            .server
            .get(&class.fill(&format!("/tasks/{{T1}}/candidates/{{{name}}}?mode=detailed")))
            .await
            .json()
    };
    assert_eq!(
        (&fetch("C1").await["loggedIn"], &fetch("C3").await["loggedIn"]),
        (&json!(true), &json!(false))
    );
    class.server.enter(&class.candidates[&3]).await;
    assert_eq!(fetch("C3").await["loggedIn"], true);
    let app = &class.server.test_app.app;
    let stages =
        app::tasks::TaskUpdate { stages: Some(vec!["Interview".into()]), ..Default::default() };
    app.tasks().update_task(&class.server.operator(), &class.t1.id, stages).await.unwrap();
    let change = app::candidates::CandidateUpdate {
        stage: Some(Some("Interview".into())),
        rating: Some(Some(4)),
        ..Default::default()
    };
    app.candidates()
        .update_candidate(&class.server.operator(), &class.t1.id, &class.candidates[&3].id, change)
        .await
        .unwrap();
    let marked = fetch("C3").await;
    assert_eq!((&marked["rating"], &marked["stage"]), (&json!(4), &json!("Interview")));
}
