//! Tasks (chapter 5): list, search, fetch, update.

use crate::case_fixture::CaseFixture;
use app::keys::NewKey;
use app::tasks::{NewStep, NewTask, TaskUpdate};
use domain::access::settings::InterfaceLang;
use domain::instance::Scope;
use serde_json::{Value, json};
use testkit::{TestRequest, TestResponse, TestServer, V1};

/// Five tasks beside those of the server; title, folder, labels, favorite.
const TASKS: [(&str, &str, &[&str], bool); 5] = [
    ("Sales trainee", "Hiring 2026", &["north", "east"], true),
    ("Senior SALES lead", "Hiring 2026", &[], false),
    ("Çağrı merkezi", "", &["north"], false),
    ("After-sales", "Archive", &["south"], true),
    ("Développeur", "", &[], true),
];

struct TasksFixture {
    server: TestServer,
    ids: Vec<String>,
}

impl TasksFixture {
    async fn new() -> Self {
        let server = TestServer::new().await;
        let template = server.task(1).await;
        let app = &server.test_app.app;
        let test =
            app.test_library().list_tests(&server.operator(), false).await.unwrap()[0].id.clone();
        // The template goes out of the way of every search.
        let change = TaskUpdate {
            title: Some("Template".into()),
            folder: Some("Zz".into()),
            ..TaskUpdate::default()
        };
        app.tasks().update_task(&server.operator(), &template.id, change).await.unwrap();
        let mut ids = Vec::new();
        for (title, folder, labels, favorite) in TASKS {
            let new = NewTask {
                folder: folder.into(),
                labels: labels.iter().map(|label| (*label).to_owned()).collect(),
                favorite,
                stages: vec!["Interview".into()],
                ..NewTask::of(title, vec![NewStep::of(test.clone()), NewStep::of(test.clone())])
            };
            ids.push(
                app.tasks().create_task(&server.operator(), new).await.unwrap().id.to_string(),
            );
        }
        Self { server, ids }
    }

    async fn search(&self, query: &str, body: &str) -> TestResponse {
        self.server.send_json("POST", &format!("/tasks/filter{query}"), body).await
    }

    async fn patch(&self, body: &Value) -> TestResponse {
        self.server.send_json("PATCH", &format!("/tasks/{}", self.ids[0]), &body.to_string()).await
    }

    async fn detailed(&self) -> Value {
        self.server.get(&format!("/tasks/{}?mode=detailed", self.ids[0])).await.json()
    }

    fn titles(answer: &TestResponse) -> Vec<String> {
        answer.column("tasks", "title")
    }
}

#[tokio::test]
async fn faults_of_a_list_or_search_of_tasks_are_told_all_at_once() {
    let office = TasksFixture::new().await;
    let answer = office.server.get("/tasks?title=&limit=0&folder=x&Title=y").await;
    assert_eq!(
        answer.faults(),
        [
            "title empty_value",
            "limit out_of_range",
            "folder unknown_parameter",
            "Title unknown_parameter"
        ]
    );
    let body = r#"{"folder":[],"labels":["",7],"favorite":null,"title":"","Titel":1,"title ":2}"#;
    let expected = [
        "page invalid_type",
        "/folder empty_value",
        "/labels/0 empty_value",
        "/labels/1 invalid_type",
        "/favorite invalid_type",
        "/title empty_value",
        "/Titel unknown_key",
        "/title  unknown_key",
    ];
    assert_eq!(office.search("?page=x", body).await.faults(), expected);
    assert_eq!(office.search("?title=a", "{}").await.faults(), ["title unknown_parameter"]);
}

#[tokio::test]
async fn a_title_is_found_whatever_its_case_and_links_keep_it() {
    let office = TasksFixture::new().await;
    let answer = office.server.get("/tasks?title=sALES&limit=2").await;
    assert_eq!(TasksFixture::titles(&answer), ["Sales trainee", "Senior SALES lead"]);
    let page = &answer.json()["pagination"];
    assert_eq!((&page["totalItems"], &page["totalPages"]), (&json!(3), &json!(2)));
    assert_eq!(page["next"], "?limit=2&page=2&mode=basic&title=sALES");
    let answer = office.server.get("/tasks?limit=2&page=2&mode=basic&title=sALES").await;
    assert_eq!(TasksFixture::titles(&answer), ["After-sales"]);
    assert_eq!(
        TasksFixture::titles(&office.server.get("/tasks?title=%C3%87A%C4%9ER").await),
        ["Çağrı merkezi"]
    );
    assert_eq!(
        TasksFixture::titles(&office.server.get("/tasks?title=%25").await),
        Vec::<String>::new()
    );
    let long = "x".repeat(7000);
    assert_eq!(
        TasksFixture::titles(&office.server.get(&format!("/tasks?title={long}")).await),
        Vec::<String>::new()
    );
    assert_eq!(office.server.get("/tasks").await.json()["pagination"]["totalItems"], 6);
}

#[tokio::test]
async fn a_search_demands_all_fields_and_any_member() {
    let office = TasksFixture::new().await;
    let cases: [(&str, &[usize]); 9] = [
        (r#"{"folder":["Hiring 2026"]}"#, &[0, 1]),
        (r#"{"folder":["","Archive",""]}"#, &[2, 3, 4]),
        (r#"{"labels":["south","east"]}"#, &[0, 3]),
        (r#"{"labels":["nor"]}"#, &[]),
        (r#"{"favorite":true,"folder":[""]}"#, &[4]),
        (r#"{"favorite":false,"title":"sales"}"#, &[1]),
        (r#"{"title":"DÉV"}"#, &[4]),
        (
            r#"{"labels":["north"],"favorite":true,"title":"trainee","folder":["Hiring 2026"]}"#,
            &[0],
        ),
        (r#"{"folder":["hiring 2026"]}"#, &[]),
    ];
    for (body, expected) in cases {
        let answer = office.search("?limit=100", body).await;
        let titles: Vec<_> = expected.iter().map(|at| TASKS[*at].0).collect();
        assert_eq!(TasksFixture::titles(&answer), titles, "{body}");
        assert_eq!(answer.json()["pagination"]["totalItems"], titles.len(), "{body}");
    }
    let all = office.search("?limit=2&mode=detailed", "{}").await.json();
    assert_eq!(all["pagination"]["next"], "?limit=2&page=2&mode=detailed");
    assert_eq!(all["tasks"][1]["steps"].as_array().unwrap().len(), 2);
    let none = office.search("?limit=5", r#"{"folder":["none"],"favorite":true}"#).await;
    let expected = r#"{"tasks":[],"pagination":{"totalItems":0,"totalPages":0,"currentPage":1,"limit":5,"next":null,"previous":null}}"#;
    assert_eq!(none.text(), expected);
}

#[tokio::test]
async fn a_task_is_printed_in_the_order_of_its_shape() {
    let office = TasksFixture::new().await;
    let id = &office.ids[0];
    let basic = office.server.get(&format!("/tasks/{id}")).await;
    let at = office.detailed().await["createdAt"].clone();
    assert_eq!(
        basic.text(),
        format!("{{\"taskId\":\"{id}\",\"title\":\"Sales trainee\",\"createdAt\":{at}}}")
    );
    assert_eq!(office.server.get(&format!("/tasks/{id}?mode=basic")).await.body, basic.body);
    let detailed = office.detailed().await;
    let keys =
        |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(
        keys(&detailed),
        "taskId title createdAt organizationId favorite folder labels tags lang accessMethod active activeAfter \
         activeBefore steps programs stages emailTemplates privateChatEnabled"
    );
    assert_eq!(
        keys(&detailed["steps"][0]),
        "id title active activeBefore activeAfter attemptLimit test webcamRecording screenRecording fullscreen \
         postAiProctoring practiceMode"
    );
    assert_eq!(keys(&detailed["steps"][0]["test"]), "testId organizationId source");
    assert_eq!(keys(&detailed["stages"][0]), "uuid name");
    assert_eq!(detailed["labels"], json!(["north", "east"]));
    let tag = basic.tag().to_owned();
    let sent = TestRequest::get(format!("{V1}/tasks/{id}"))
        .bearer(&office.server.key)
        .header("if-none-match", tag);
    assert_eq!(office.server.send(sent).await.status, 304);
}

#[tokio::test]
async fn tasks_of_others_are_neither_listed_nor_fetched_nor_changed() {
    let class = CaseFixture::new().await;
    let ids = |answer: TestResponse| answer.column("tasks", "taskId");
    assert_eq!(
        ids(class.server.get("/tasks?limit=100").await),
        [class.value("T1"), class.value("T0")]
    );
    let missing = class.server.get("/tasks/nosuch").await;
    let foreign = class.server.get(&class.fill("/tasks/{T9}")).await;
    assert_eq!((missing.status, &missing.body), (404, &foreign.body));
    assert_eq!(missing.lasting_headers(), foreign.lasting_headers());
    let written = class.server.rows_written().await;
    let patched =
        class.server.send_json("PATCH", &class.fill("/tasks/{T9}"), r#"{"fields":{}}"#).await;
    assert_eq!((patched.status, &patched.body), (404, &missing.body));
    assert_eq!(class.server.rows_written().await, written);
}

#[tokio::test]
async fn a_limited_key_lists_what_it_reaches() {
    let office = TasksFixture::new().await;
    let limited = |tasks: Option<&str>, folder: Option<&str>| NewKey {
        name: "limited".into(),
        scopes: vec![Scope::TasksWrite],
        tasks: tasks.map(|task| vec![task.into()]),
        folders: folder.map(|folder| vec![folder.to_owned()]),
        expires_at: None,
    };
    let cases: [(NewKey, &[usize]); 3] = [
        (limited(None, Some("Hiring 2026")), &[0, 1]),
        (limited(Some(&office.ids[3]), None), &[3]),
        (limited(Some(&office.ids[3]), Some("")), &[]),
    ];
    for (new, expected) in cases {
        let key = office
            .server
            .test_app
            .app
            .keys()
            .create_key(&office.server.operator(), new)
            .await
            .unwrap()
            .secret;
        let titles: Vec<_> = expected.iter().map(|at| TASKS[*at].0).collect();
        let listed = office
            .server
            .send(TestRequest::get(format!("{V1}/tasks?limit=100")).bearer(&key))
            .await;
        assert_eq!(TasksFixture::titles(&listed), titles);
        for (at, id) in office.ids.iter().enumerate() {
            let fetched =
                office.server.send(TestRequest::get(format!("{V1}/tasks/{id}")).bearer(&key)).await;
            assert_eq!(fetched.status, if expected.contains(&at) { 200 } else { 404 });
        }
    }
}

#[tokio::test]
async fn a_change_with_a_fault_changes_nothing_and_tells_every_fault_in_order() {
    let office = TasksFixture::new().await;
    let step = office.detailed().await["steps"][0]["id"].as_str().unwrap().to_owned();
    let written = office.server.rows_written().await;
    let body = format!(
        r#"{{"steps":{{"nosuch":{{"active":true}},"{step}":{{"attemptLimit":0,"title":"<>"}},"other":{{"active":1}}}},
        "fields":{{"title":"x","folder":"","lang":"default","active":"yes","activeAfter":20,"activeBefore":10,
        "labels":{{"add":["aa","a/a"],"remove":["aa"]}},"accessForm":null}},"extra":1}}"#
    );
    let answer = office
        .server
        .send_json("PATCH", &format!("/tasks/{}?mode=basic", office.ids[0]), &body)
        .await;
    let own = format!("/steps/{step}");
    let expected = [
        "mode unknown_parameter".to_owned(),
        "/steps/nosuch unknown_reference".to_owned(),
        format!("{own}/attemptLimit out_of_range"),
        format!("{own}/title invalid_format"),
        "/steps/other unknown_reference".to_owned(),
        "/steps/other/active invalid_type".to_owned(),
        "/fields/title invalid_length".to_owned(),
        "/fields/folder invalid_length".to_owned(),
        "/fields/lang invalid_enum".to_owned(),
        "/fields/active invalid_type".to_owned(),
        "/fields/activeBefore invalid_range".to_owned(),
        "/fields/labels/add/1 invalid_format".to_owned(),
        "/fields/accessForm unknown_key".to_owned(),
        "/extra unknown_key".to_owned(),
    ];
    assert_eq!(answer.faults(), expected);
    assert_eq!(office.patch(&json!({})).await.faults(), ["/fields required"]);
    let conflict = json!({"fields": {"labels": {"add": ["aa"], "remove": ["bb", "aa"]}}, "steps": {"nosuch": {}}});
    let expected =
        ["/fields/labels/remove/1 conflicting_values", "/steps/nosuch unknown_reference"];
    assert_eq!(office.patch(&conflict).await.faults(), expected);
    assert_eq!(office.server.rows_written().await, written);
}

#[tokio::test]
async fn a_task_in_a_language_beyond_the_contract_reads_as_default_and_none_can_be_set() {
    let office = TasksFixture::new().await;
    let arabic = TaskUpdate { lang: Some(InterfaceLang::Ar), ..TaskUpdate::default() };
    let (tasks, task) = (office.server.test_app.app.tasks(), office.ids[0].as_str().into());
    tasks.update_task(&office.server.operator(), &task, arabic).await.unwrap();
    assert_eq!(office.detailed().await["lang"], "default");
    let stored = tasks.task(&office.server.operator(), &task).await.unwrap();
    assert_eq!(stored.lang, "ar", "the pages speak it");
    for lang in ["ar", "he"] {
        let refused = office.patch(&json!({"fields": {"lang": lang}})).await;
        assert_eq!(refused.faults(), ["/fields/lang invalid_enum"]);
    }
}

#[tokio::test]
async fn a_change_is_answered_with_the_detailed_task_and_repeats_without_effect() {
    let office = TasksFixture::new().await;
    let step = office.detailed().await["steps"][1]["id"].as_str().unwrap().to_owned();
    let body = json!({
        "fields": {"title": "Renamed", "active": false, "favorite": false, "folder": "Other", "lang": "tr",
            "activeAfter": 100, "activeBefore": 200, "labels": {"add": ["west", "west", "north"], "remove": ["east", "none"]}},
        "steps": {step: {"title": "Second", "active": false, "activeAfter": 5, "attemptLimit": -1}}});
    let answer = office.patch(&body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let now = office.detailed().await;
    assert_eq!(answer.json(), now);
    assert_eq!(now["labels"], json!(["north", "west"]));
    let picked = json!([now["title"], now["active"], now["favorite"], now["folder"], now["lang"]]);
    assert_eq!(picked, json!(["Renamed", false, false, "Other", "tr"]));
    assert_eq!(json!([now["activeAfter"], now["activeBefore"]]), json!([100, 200]));
    let second = &now["steps"][1];
    let picked =
        json!([second["title"], second["active"], second["activeAfter"], second["attemptLimit"]]);
    assert_eq!(picked, json!(["Second", false, 5, -1]));
    let written = office.server.rows_written().await;
    assert_eq!(office.patch(&body).await.body, answer.body);
    assert_eq!(office.server.rows_written().await, written);
    // A lower date after the kept upper one; null removes a limit.
    assert_eq!(
        office.patch(&json!({"fields": {"activeAfter": 201}})).await.faults(),
        ["/fields/activeBefore invalid_range"]
    );
    let freed = office.patch(&json!({"fields": {"activeAfter": 201, "activeBefore": null}})).await;
    assert_eq!(freed.json()["activeBefore"], Value::Null);
}

#[tokio::test]
async fn instances_keep_the_folder_they_started_in() {
    let class = CaseFixture::new().await;
    let target = class.fill("/tasks/{T1}/test-instances/{I02}?mode=detailed");
    let before = class.server.get(&target).await;
    let moved = class
        .server
        .send_json("PATCH", &class.fill("/tasks/{T1}"), r#"{"fields":{"folder":"Moved"}}"#)
        .await;
    assert_eq!(moved.json()["folder"], "Moved");
    assert_eq!(class.server.get(&target).await.body, before.body);
}
