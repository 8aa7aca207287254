//! The table of results and a report, as one of the staff opens them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

extern crate assay_pages as pages;

use app::users::{NewUser, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use domain::id::InstanceId;
use testkit::{TestApp, write};
use tower::ServiceExt;

const PASSWORD: &str = "correct horse battery";

struct ResultsFixture {
    test_app: TestApp,
    router: Router,
    cookie: String,
    instance: InstanceId,
}

impl ResultsFixture {
    /// A completed test, and a user with a role.
    async fn of(role: Role) -> Self {
        let test_app = TestApp::new().await;
        let caller = test_app.operator();
        let new = NewUser { username: "ada".into(), roles: vec![role], ..NewUser::default() };
        let user = test_app.app.users().create_user(&caller, new).await.unwrap();
        test_app.app.staff().set_password(&caller, &user.id, Some(PASSWORD.into())).await.unwrap();
        let visitor = test_app.enter().await;
        let instance = test_app.start(&visitor, "a").await.unwrap();
        for page in 1..=3 {
            test_app.go(&visitor, &instance, page).await.unwrap();
        }
        test_app.answer(&visitor, &instance, write(1, 1, r#"["a","d"]"#)).await;
        test_app.complete(&visitor, &instance, "c").await.unwrap();
        let settings = api::state::HttpSettings::default();
        let router = api::server::router_with(&test_app.app, &settings, |delivery| {
            pages::routes(&test_app.app, delivery)
        });
        let mut office =
            Self { router: router.unwrap(), cookie: String::new(), instance, test_app };
        let form = format!(
            "username=ada&password={}&org={}",
            PASSWORD.replace(' ', "+"),
            office.test_app.organization
        );
        office.cookie = office.send("/staff/sign-in", Some(form)).await.2;
        office
    }

    /// Status, text and cookie or place to go on.
    async fn send(&self, path: &str, form: Option<String>) -> (u16, String, String) {
        let request = Request::builder().uri(path).header(header::COOKIE, &self.cookie);
        let request = match form {
            None => request.body(Body::empty()),
            Some(form) => request
                .method("POST")
                .header("sec-fetch-site", "same-origin")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(form)),
        };
        let (parts, body) =
            self.router.clone().oneshot(request.unwrap()).await.unwrap().into_parts();
        let text = String::from_utf8_lossy(&to_bytes(body, 1 << 22).await.unwrap()).into_owned();
        let supplied =
            parts.headers.get(header::SET_COOKIE).map(|line| line.to_str().unwrap().to_owned());
        let cookie = supplied.unwrap_or_default().split(';').next().unwrap_or_default().to_owned();
        (parts.status.as_u16(), text, cookie)
    }

    fn base(&self) -> String {
        format!("/staff/tasks/{}/results", self.test_app.task)
    }
}

#[tokio::test]
async fn an_editor_sees_no_results() {
    let office = ResultsFixture::of(Role::Editor).await;
    assert_eq!(office.send(&office.base(), None).await.0, 403);
    assert_eq!(office.send(&format!("{}/{}", office.base(), office.instance), None).await.0, 403);
}

#[tokio::test]
async fn the_table_and_the_report_show_the_figures_of_the_api() {
    let office = ResultsFixture::of(Role::Manager).await;
    let row = office.test_app.row(&office.instance).await;
    let ratio = domain::decimal::Decimal::from_millionths(row.ratio.unwrap() * 100);
    for path in [office.base(), format!("{}/{}", office.base(), office.instance)] {
        let (status, text, _) = office.send(&path, None).await;
        assert_eq!(status, 200, "{text}");
        assert!(text.contains(&format!("{ratio} %")), "{path}: {text}");
    }
}

#[tokio::test]
async fn a_wrong_date_is_told_beside_its_field_and_a_filter_finds_nothing() {
    let office = ResultsFixture::of(Role::Manager).await;
    let (status, text, _) =
        office.send(&format!("{}?to=soon&name=N%22o", office.base()), None).await;
    assert_eq!(status, 422);
    assert!(
        text.contains("Enter a date such as")
            && text.contains("No results match")
            && !text.contains("N\"o")
    );
}

#[tokio::test]
async fn an_instance_is_ignored_from_its_report_and_a_reason_that_is_no_code_is_refused() {
    let office = ResultsFixture::of(Role::Manager).await;
    let path = format!("{}/{}/do/act", office.base(), office.instance);
    let (status, text, _) = office.send(&path, Some("act=ignore&reason=He+was+ill".into())).await;
    assert_eq!(status, 422);
    assert!(text.contains("value=\"He was ill\""));
    assert!(!office.test_app.row(&office.instance).await.ignored);
    assert_eq!(office.send(&path, Some("act=ignore&reason=sat-twice".into())).await.0, 303);
    assert!(office.test_app.row(&office.instance).await.ignored);
    assert_eq!(office.send(&path, Some("act=reacknowledge".into())).await.0, 303);
    assert!(!office.test_app.row(&office.instance).await.ignored);
    assert_eq!(office.send(&path, Some("act=extend&minutes=5".into())).await.0, 409);
    assert_eq!(office.send(&path, Some("act=nothing".into())).await.0, 404);
}

#[tokio::test]
async fn the_group_is_shown_to_who_reads_statistics_though_not_to_everybody() {
    for (role, status) in
        [(Role::Manager, 200), (Role::Editor, 200), (Role::QuestionBankSubmitter, 403)]
    {
        let office = ResultsFixture::of(role).await;
        let base = format!("/staff/tasks/{}/group", office.test_app.task);
        let (body, text, _) = office.send(&base, None).await;
        assert_eq!(body, status, "{role}: {text}");
        let parts = [
            "1 settled result",
            "Sections compared",
            "Which of these equal one half?",
            "does not count",
        ];
        for part in parts {
            assert_eq!(text.contains(part), role == Role::Manager, "{role}, {part}: {text}");
        }
        // Editors see no persons, and figures of so few would tell of them (finding security M5).
        assert_eq!(
            text.contains("fewer than five settled results"),
            role == Role::Editor,
            "{role}: {text}"
        );
    }
}

#[tokio::test]
async fn the_table_of_questions_is_a_file_and_a_step_that_is_none_is_not_found() {
    let office = ResultsFixture::of(Role::Operator).await;
    let base = format!("/staff/tasks/{}/group", office.test_app.task);
    let (status, text, _) =
        office.send(&format!("{base}/get/questions?step={}", office.test_app.step), None).await;
    assert_eq!(status, 200);
    let mut lines = text.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("number,key,section,kind,text,counts,results,unanswered,difficulty,")
    );
    // The choices a and d were taken: -50 per cent of two points, but negative points are a half.
    assert!(
        lines.next().unwrap().starts_with(
            "1,q1,Numbers,multiplechoice,Which of these equal one half?,true,1,0.000000,-0.125000,"
        ),
        "{text}"
    );
    assert_eq!(office.send(&format!("{base}/get/figures"), None).await.0, 200);
    assert_eq!(office.send(&format!("{base}?step=St9"), None).await.0, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rows_of_the_table_are_taken_as_files_with_its_filter() {
    let office = ResultsFixture::of(Role::Operator).await;
    let (_, table, _) = office.send(&format!("{}?status=COMPLETE", office.base()), None).await;
    let address = format!("{}/get/export?status=COMPLETE&amp;format=csv", office.base());
    assert!(
        table.contains(&address.replace("&amp;", "&#38;")) || table.contains(&address),
        "{table}"
    );
    let file = async |query: &str| {
        office.send(&format!("{}/get/export?{query}", office.base()), None).await
    };
    let (status, text, _) = file("format=csv&status=COMPLETE").await;
    assert_eq!(status, 200);
    assert_eq!(text.lines().nth(1).unwrap().split(',').next().unwrap(), office.instance.as_str());
    assert_eq!(file("format=csv&status=STARTED").await.1.lines().count(), 1, "a header and no row");
    let (_, text, _) = file("format=ndjson").await;
    assert!(text.lines().last().unwrap().starts_with(r#"{"end":true,"count":1,"#), "{text}");
    assert!(file("format=xlsx&group=A").await.1.starts_with("PK"));
    assert_eq!(file("format=pdf").await.0, 404);
    assert_eq!(file("format=csv&to=soon").await.0, 303);
    let people = async |query: &str| {
        office.send(&format!("{}/get/people?{query}", office.base()), None).await
    };
    let (status, text, _) = people("file=csv-semicolon&zone=Asia%2FTokyo&outcome=&q=").await;
    assert_eq!(status, 200);
    assert!(text.starts_with("\u{feff}Name;E-mail;") && text.contains("Started (Asia/Tokyo)"));
    let (_, text, _) = people("file=csv-comma&points=1&zone=Nowhere").await;
    assert!(text.contains(",Completed (UTC),") && text.contains(", points"), "{text}");
    assert_eq!(people("file=csv-comma&status=STARTED").await.1.lines().count(), 1);
    assert!(people("file=xlsx&answers=1").await.1.starts_with("PK"));
    assert_eq!(people("file=pdf").await.0, 404);
    assert_eq!(people("file=xlsx&scoreFrom=much").await.0, 303);
    office.test_app.app.results().wait_for_exports().await.unwrap();
}

#[tokio::test]
async fn who_may_not_read_results_takes_no_file_of_them() {
    let office = ResultsFixture::of(Role::Editor).await;
    assert_eq!(office.send(&format!("{}/get/export?format=csv", office.base()), None).await.0, 403);
    assert_eq!(office.send(&format!("{}/get/people?file=xlsx", office.base()), None).await.0, 403);
}

#[tokio::test]
async fn a_report_says_what_would_have_been_right_and_tells_of_corrections() {
    let office = ResultsFixture::of(Role::Manager).await;
    let (test_app, caller) = (&office.test_app, office.test_app.operator());
    let text = r#"{"question":"q1","change":"replace","points":3}"#;
    let node = domain::json::JsonNode::parse(text.as_bytes(), 8).unwrap();
    let correction = domain::scoring::Correction::read(&node).unwrap();
    let new = app::corrections::NewCorrection { correction, reason: "It was too dear.".into() };
    let place = app::corrections::CorrectionTarget::Step(test_app.step.clone());
    test_app.app.corrections().apply_correction(&caller, &test_app.task, place, new).await.unwrap();
    let (status, text, _) =
        office.send(&format!("{}/{}", office.base(), office.instance), None).await;
    assert_eq!(status, 200);
    for part in [
        "12.25 ± 0.05 (60 %)",
        "25 % (33.3334 %)",
        "other points 3",
        "It was too dear.",
        "Question 1",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
