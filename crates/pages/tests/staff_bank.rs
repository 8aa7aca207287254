//! The question bank, the steps of a task and the organization's settings, as staff open them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

extern crate assay_pages as pages;

use app::users::{NewUser, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use serde_json::{Value, json};
use testkit::TestApp;
use tower::ServiceExt;

const PASSWORD: &str = "correct horse battery";
const SUM: &str = r#"{"key":"sum","kind":"input","type":"numeric","text":"What is 2 + 2?",
    "rules":[{"rule":"equal","value":4,"percentage":100}]}"#;

struct BankFixture {
    test_app: TestApp,
    router: Router,
}

/// Somebody of the staff, by the cookie.
struct StaffBrowser<'office> {
    office: &'office BankFixture,
    cookie: String,
}

struct StaffReply {
    status: u16,
    text: String,
    location: String,
}

impl BankFixture {
    async fn new() -> Self {
        let test_app = TestApp::new().await;
        let settings = api::state::HttpSettings::default();
        let router = api::server::router_with(&test_app.app, &settings, |delivery| {
            pages::routes(&test_app.app, delivery)
        });
        Self { router: router.unwrap(), test_app }
    }

    async fn staff_browser(&self, name: &str, role: Role) -> StaffBrowser<'_> {
        let caller = self.test_app.operator();
        let new = NewUser { username: name.into(), roles: vec![role], ..NewUser::default() };
        let user = self.test_app.app.users().create_user(&caller, new).await.unwrap();
        self.test_app
            .app
            .staff()
            .set_password(&caller, &user.id, Some(PASSWORD.into()))
            .await
            .unwrap();
        let form = format!(
            "username={name}&password={}&org={}",
            PASSWORD.replace(' ', "+"),
            self.test_app.organization
        );
        let mut browser = StaffBrowser { office: self, cookie: String::new() };
        let request = browser.request("/staff/sign-in", "application/x-www-form-urlencoded", form);
        let (parts, _) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let line = parts.headers[header::SET_COOKIE].to_str().unwrap();
        line.split(';').next().unwrap().clone_into(&mut browser.cookie);
        browser
    }
}

impl StaffBrowser<'_> {
    fn request(&self, path: &str, kind: &str, body: String) -> Request<Body> {
        let request = Request::post(path)
            .header(header::COOKIE, &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, kind);
        request.body(Body::from(body)).unwrap()
    }

    async fn answer(&self, request: Request<Body>) -> StaffReply {
        let (parts, body) = self.office.router.clone().oneshot(request).await.unwrap().into_parts();
        let text = String::from_utf8_lossy(&to_bytes(body, 1 << 22).await.unwrap()).into_owned();
        let location =
            parts.headers.get(header::LOCATION).map(|line| line.to_str().unwrap().to_owned());
        StaffReply { status: parts.status.as_u16(), text, location: location.unwrap_or_default() }
    }

    async fn open(&self, path: &str) -> StaffReply {
        let request =
            Request::get(path).header(header::COOKIE, &self.cookie).body(Body::empty()).unwrap();
        self.answer(request).await
    }

    async fn send(&self, path: &str, form: &str) -> StaffReply {
        self.answer(self.request(path, "application/x-www-form-urlencoded", form.to_owned())).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let answer = self.answer(self.request(path, "application/json", body.to_string())).await;
        (answer.status, serde_json::from_str(&answer.text).unwrap_or_default())
    }

    /// Keeps a question and gives what the script is told.
    async fn keep(&self, text: &str, approve: bool) -> Value {
        let (status, body) =
            self.post("/staff/bank/do/save", json!({ "text": text, "approve": approve })).await;
        assert_eq!(status, 200, "{body}");
        body
    }
}

#[tokio::test]
async fn a_submitter_writes_and_mends_own_questions_and_an_editor_approves_them() {
    let office = BankFixture::new().await;
    let (cem, eda) = (
        office.staff_browser("cem", Role::QuestionBankSubmitter).await,
        office.staff_browser("eda", Role::Editor).await,
    );
    let stored = cem.keep(SUM, false).await;
    assert_eq!(
        (&stored["version"], &stored["state"], &stored["word"]),
        (&json!(1), &json!("submitted"), &json!("waiting for approval"))
    );
    let id = stored["question"].as_str().unwrap().to_owned();
    let address = format!("/staff/bank/{id}");
    let page = cem.open(&address).await;
    assert!(
        page.status == 200
            && page.text.contains("What is 2 + 2?")
            && page.text.contains("waiting for approval")
    );
    assert!(page.text.contains("/edit") && !page.text.contains("do/approve"), "{}", page.text);
    assert_eq!(cem.send(&format!("{address}/do/approve"), "").await.status, 403);
    assert_eq!(
        cem.post("/staff/bank/do/save", json!({ "text": SUM, "approve": true })).await.0,
        403
    );

    let list = eda.open("/staff/bank").await;
    assert!(
        list.text.contains("1 question waiting for approval")
            && list.text.contains("What is 2 + 2?")
    );
    assert_eq!(
        eda.send(&format!("{address}/do/approve"), "").await.location,
        format!("{address}?said=approved")
    );
    assert!(eda.open(&address).await.text.contains("Approved: tests may use it."));
    // Approved, it is the editors' to change; its author only reads it.
    assert_eq!(cem.open(&format!("{address}/edit")).await.status, 403);
    assert!(!cem.open(&address).await.text.contains("/edit\""));

    let changed =
        json!({ "question": id, "based": stored["based"], "text": SUM.replace("2 + 2", "3 + 1") });
    let (status, second) = eda.post("/staff/bank/do/save", changed.clone()).await;
    assert_eq!((status, &second["version"]), (200, &json!(2)));
    let (status, theirs) = eda
        .post(
            "/staff/bank/do/save",
            json!({ "question": id, "based": stored["based"], "text": SUM }),
        )
        .await;
    assert_eq!(
        (status, &theirs["version"]),
        (409, &json!(2)),
        "nothing is written over somebody else's version"
    );
    let history = eda.open(&format!("{address}/history")).await;
    assert!(history.text.contains("eda") && history.text.contains("cem"), "{}", history.text);
    let back = eda
        .send(
            &format!("{address}/do/restore"),
            &format!("number=1&based={}", second["based"].as_str().unwrap()),
        )
        .await;
    assert_eq!(back.location, format!("{address}/history?said=restored"));
    assert!(eda.open(&format!("{address}/compare")).await.text.contains("3 + 1"));
}

#[tokio::test]
async fn faults_of_a_question_are_told_at_their_places_and_nothing_is_kept() {
    let office = BankFixture::new().await;
    let eda = office.staff_browser("eda", Role::Editor).await;
    let broken = SUM.replace(r#""key":"sum""#, r#""key":"s u""#);
    for path in ["/staff/bank/do/save", "/staff/bank/do/check"] {
        let (status, body) = eda.post(path, json!({ "text": broken })).await;
        assert_eq!((status, &body["faults"][0]["pointer"]), (422, &json!("/key")), "{body}");
    }
    assert_eq!(
        eda.post("/staff/bank/do/check", json!({ "text": SUM })).await,
        (200, json!({ "faults": [] }))
    );
    let list = "-+key%3A+a+b%0A++kind%3A+input%0A++type%3A+area%0A++text%3A+Why%3F";
    let page = eda.send("/staff/bank/do/import", &format!("text={list}")).await;
    assert!(
        page.status == 422 && page.text.contains("line 1") && page.text.contains("bad_key"),
        "{}",
        page.text
    );
    assert!(eda.open("/staff/bank").await.text.contains("The bank is empty."));
    let sound = list.replace("a+b", "why").replace("key%3A+a", "key%3A+why");
    let stored = eda
        .send(
            "/staff/bank/do/import",
            &format!("text={sound}&folder=Essays&labels=long&approve=on"),
        )
        .await;
    assert!(
        stored.location.starts_with("/staff/bank/") && stored.location.ends_with("?said=kept"),
        "{}",
        stored.text
    );
    let page = eda.open(&stored.location).await.text;
    assert!(page.contains("Saved as the latest version.") && page.contains("value=\"Essays\""));
}

#[tokio::test]
async fn the_list_is_narrowed_by_its_form_and_the_editor_of_tests_finds_approved_questions_only() {
    let office = BankFixture::new().await;
    let eda = office.staff_browser("eda", Role::Editor).await;
    let approved = eda.keep(SUM, true).await["question"].as_str().unwrap().to_owned();
    let waiting =
        r#"{"key":"why","kind":"input","type":"area","text":"Why?","tags":{"Level":"2"}}"#;
    eda.keep(waiting, false).await;
    let shelve = format!("/staff/bank/{approved}/do/shelve");
    assert_eq!(eda.send(&shelve, "folder=Maths&labels=easy%2C+short").await.status, 303);
    let refused = eda.send(&shelve, "folder=a%2Fb&labels=").await;
    assert!(refused.status == 422 && refused.text.contains("aria-invalid"));

    let both = eda.open("/staff/bank").await.text;
    assert!(
        both.contains("What is 2 + 2?") && both.contains(">Why?<") && both.contains("Level: 2"),
        "{both}"
    );
    for narrowed in ["q=WHY", "kind=input&folder=.", "tag=Level%3A+2", "state=submitted"] {
        let text = eda.open(&format!("/staff/bank?{narrowed}")).await.text;
        assert!(text.contains(">Why?<") && !text.contains("What is 2 + 2?"), "{narrowed}");
    }
    assert!(eda.open("/staff/bank?label=hard").await.text.contains("No question matches."));
    let found = async |query: &str| {
        let answer = eda.open(&format!("/staff/bank/get/found?{query}")).await;
        serde_json::from_str::<Value>(&answer.text).unwrap()
    };
    let all = found("").await;
    assert_eq!((&all["total"], &all["questions"][0]["id"]), (&json!(1), &json!(approved)));
    assert_eq!((&all["folders"], &all["labels"]), (&json!(["Maths"]), &json!(["easy", "short"])));
    assert_eq!(found("label=easy&label=short&folder=Maths").await["total"], 1);
    assert_eq!(found("label=easy&label=hard").await["total"], 0);
    assert_eq!(found(&format!("id={approved}")).await["questions"][0]["text"], "What is 2 + 2?");
    let export = eda.open("/staff/bank/get/questions.yaml?folder=Maths").await.text;
    assert!(
        export.starts_with("- ") && export.contains("What is 2 + 2?") && !export.contains("Why?"),
        "{export}"
    );

    let archive = format!("/staff/bank/{approved}/do/archive");
    assert_eq!(eda.send(&archive, "archived=true").await.location, "/staff/bank?said=archived");
    assert_eq!(found("").await["total"], 0);
    assert!(eda.open("/staff/bank?state=archived").await.text.contains("What is 2 + 2?"));
    let tried = json!({ "seed": "1", "answers": { "1": "4" } });
    let (status, earned) = eda.post(&format!("/staff/bank/{approved}/do/try"), tried).await;
    assert_eq!((status, &earned["total"]["points"]), (200, &json!("1")));
    let operator = office.staff_browser("omer", Role::Operator).await;
    for path in ["/staff/bank", "/staff/bank/new", "/staff/bank/import", "/staff/bank/get/found"] {
        assert_eq!(operator.open(path).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn every_page_of_a_task_marks_its_own_tab_and_no_other() {
    let office = BankFixture::new().await;
    let mia = office.staff_browser("mia", Role::Manager).await;
    let task = &office.test_app.task;
    let step = mia.step().await;
    let pages = [
        (format!("/staff/tasks/{task}"), "Overview"),
        (format!("/staff/tasks/{task}/steps"), "Steps"),
        (format!("/staff/tasks/{task}/steps/new"), "Steps"),
        (format!("/staff/tasks/{task}/steps/{step}"), "Steps"),
        (format!("/staff/tasks/{task}/candidates"), "Candidates"),
        (format!("/staff/tasks/{task}/candidates/new"), "Candidates"),
        (format!("/staff/tasks/{task}/candidates/import"), "Candidates"),
        (format!("/staff/live?task={task}"), "Live"),
        (format!("/staff/evaluate?task={task}"), "Grade"),
        (format!("/staff/tasks/{task}/results"), "Results"),
        (format!("/staff/tasks/{task}/settings"), "Settings"),
        (format!("/staff/tasks/{task}/form"), "Settings"),
        (format!("/staff/tasks/{task}/templates"), "Settings"),
    ];
    for (path, tab) in &pages {
        let page = mia.open(path).await;
        let (_, tabs) = page
            .text
            .split_once("aria-label=\"This task\"")
            .unwrap_or_else(|| panic!("{path} has no tabs"));
        let (tabs, _) = tabs.split_once("</nav>").unwrap();
        let marked: Vec<&str> =
            tabs.split("<li>").filter(|entry| entry.contains("aria-current=\"page\"")).collect();
        assert_eq!(marked.len(), 1, "{path}");
        assert!(marked[0].contains(&format!(">{tab}</a>")), "{path}: {}", marked[0]);
    }
}

#[tokio::test]
async fn steps_are_added_moved_and_removed_on_their_page_and_a_refusal_stands_at_the_step() {
    let office = BankFixture::new().await;
    let mia = office.staff_browser("mia", Role::Manager).await;
    let base = format!("/staff/tasks/{}/steps", office.test_app.task);
    let first = mia.step().await;
    let count = mia.open(&base).await.text.matches("class=\"card step-row\"").count();
    let nothing = mia
        .send(&format!("{base}/new"), &format!("steps.{count}.test=&steps.{count}.attempts=0"))
        .await;
    assert!(nothing.status == 422 && nothing.text.contains("at least 1"), "{}", nothing.text);
    let form = format!(
        "steps.{count}.test=Te1&steps.{count}.title=Interview&steps.{count}.active=on&steps.{count}.attempts=2&steps.{count}.completed=1"
    );
    assert_eq!(
        mia.send(&format!("{base}/new"), &form).await.location,
        format!("{base}?said=added")
    );
    let list = mia.open(&base).await.text;
    assert!(
        list.contains("Interview") && list.contains("2 attempts") && list.contains("is completed"),
        "{list}"
    );
    let added = mia.last_step().await;

    let refused = mia.send(&format!("{base}/{first}/do/remove"), "").await;
    assert!(refused.status == 422 && refused.text.contains("waits for it"), "{}", refused.text);
    assert_eq!(
        mia.send(&format!("{base}/{added}/do/move"), "to=up").await.location,
        format!("{base}?said=moved")
    );
    assert_ne!(mia.last_step().await, added);
    let page = mia.open(&format!("{base}/{added}")).await.text;
    assert!(page.contains("value=\"Interview\"") && page.contains("checked"), "{page}");
    let short = format!(
        "steps.{}.title=x&steps.{}.active=on&steps.{}.attempts=2",
        count - 1,
        count - 1,
        count - 1
    );
    let wrong = mia.send(&format!("{base}/{added}"), &short).await;
    assert!(
        wrong.status == 422 && wrong.text.contains("Must have 2 to 200 characters"),
        "{}",
        wrong.text
    );
    assert_eq!(
        mia.send(&format!("{base}/{added}/do/remove"), "").await.location,
        format!("{base}?said=removed")
    );
    let reader = office.staff_browser("eda", Role::Editor).await;
    assert!(!reader.open(&base).await.text.contains("do/move"), "an editor reads tasks only");
    assert_eq!(reader.send(&format!("{base}/{first}/do/move"), "to=up").await.status, 403);
}

#[tokio::test]
async fn an_organization_is_renamed_and_its_retention_set_with_faults_beside_their_fields() {
    let office = BankFixture::new().await;
    let mia = office.staff_browser("mia", Role::Manager).await;
    let wrong = mia.send("/staff/organization", "name=&evidenceDays=0").await;
    assert!(
        wrong.status == 422
            && wrong.text.contains("evidenceDays-fault")
            && wrong.text.contains("name-fault")
    );
    let nonsense = mia.send("/staff/organization", "name=House&evidenceDays=many").await;
    assert!(nonsense.status == 422 && nonsense.text.contains("Must be a whole number"));
    let stored = mia.send("/staff/organization", "name=House+of+sums&evidenceDays=30").await;
    assert_eq!(stored.location, "/staff/organization?said=kept");
    let page = mia.open("/staff/organization").await.text;
    assert!(page.contains("value=\"House of sums\"") && page.contains("value=\"30\""));
    let task = format!("/staff/tasks/{}/settings", office.test_app.task);
    let refused = mia.send(&task, "title=Autumn&lang=default&active=on&erase=0").await;
    assert!(refused.status == 422 && refused.text.contains("erase-fault"), "{}", refused.text);
    assert_eq!(
        mia.send(&task, "title=Autumn&lang=default&active=on&erase=90").await.location,
        format!("{task}?said=kept")
    );
    assert!(mia.open("/staff/organization").await.text.contains("Autumn"));
    let omer = office.staff_browser("omer", Role::Operator).await;
    assert_eq!(omer.open("/staff/organization").await.status, 403);
}

#[tokio::test]
async fn candidates_see_who_asks_by_name_logo_colour_and_texts() {
    let office = BankFixture::new().await;
    let mia = office.staff_browser("mia", Role::Manager).await;
    let page = "/staff/organization/profile";
    let part = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let send = async |parts: Vec<String>| {
        let body = format!("{}--b--\r\n", parts.concat());
        mia.answer(mia.request(page, "multipart/form-data; boundary=b", body)).await
    };
    let wrong =
        send(vec![part("colour", "blue"), part("contact", "Ask Ada"), part("logo", "no")]).await;
    assert_eq!(wrong.status, 422);
    for fault in ["colour-fault", "logo-fault", "Ask Ada"] {
        assert!(wrong.text.contains(fault), "{fault}: {}", wrong.text);
    }
    let texts = vec![
        part("colour", "#e01b24"),
        part("contact", "Ask **Ada** <script>"),
        part("privacyNotice", "We keep it for a year.\r\n\r\n- one\r\n- two"),
    ];
    assert_eq!(send(texts).await.location, format!("{page}?saved=true"));
    let large = send(vec![part("logo", &"x".repeat(2 << 20))]).await;
    assert_eq!(large.status, 422);
    assert!(
        large.text.contains("logo-fault") && large.text.contains("Ask **Ada**"),
        "{}",
        large.text
    );
    let entrance = mia.open(&format!("/t/{}", office.test_app.task)).await.text;
    let organization = office.test_app.organization.to_string();
    let about = format!("/o/{organization}/about");
    for shown in ["--accent:#", &format!("{about}#privacy"), &format!("{about}#contact")] {
        assert!(entrance.contains(shown), "{shown}: {entrance}");
    }
    assert!(!entrance.contains("#imprint"), "there is none");
    let text = mia.open(&about).await.text;
    assert!(text.contains("<strong>Ada</strong>") && text.contains("<li>one</li>"), "{text}");
    assert!(!text.contains("<script>"), "{text}");
    let omer = office.staff_browser("omer", Role::Operator).await;
    assert_eq!(omer.open(page).await.status, 403);
    for path in ["/o/nobody/about", "/o/nobody/logo", &format!("/o/{organization}/logo")] {
        assert_eq!(mia.open(path).await.status, 404, "{path}");
    }
}

impl StaffBrowser<'_> {
    async fn steps(&self) -> Vec<String> {
        let task = &self.office.test_app.task;
        let caller = self.office.test_app.operator();
        let view = self.office.test_app.app.tasks().task(&caller, task).await.unwrap();
        view.steps.iter().map(|step| step.id.to_string()).collect()
    }

    async fn step(&self) -> String {
        self.steps().await.remove(0)
    }

    async fn last_step(&self) -> String {
        self.steps().await.pop().unwrap()
    }
}
