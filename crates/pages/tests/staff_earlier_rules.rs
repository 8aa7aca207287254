//! What staff are told of tests whose typed answers are judged by the rules of before.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

extern crate assay_pages as pages;

use app::test_library::TestImportOptions;
use app::users::{NewUser, Role};
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use domain::document::DocumentFormat;
use domain::id::TestId;
use testkit::TestApp;
use tower::ServiceExt;

const PASSWORD: &str = "correct horse battery";
const SAID: &str = "Typed answers are judged by the earlier rules";
const PAPER: &str = r#"{"assay": 1, "key": "before", "title": "Before", "sections": [{"key": "s", "title": "S", "pages": [
    {"key": "p", "questions": [{"key": "w", "kind": "input", "type": "field", "text": "Short for do not?",
        "rules": [{"rule": "equal", "value": "don't", "percentage": 100}]}]}]}]}"#;

/// The overview of the only test, as a user with a role opens it.
async fn overview(test_app: &TestApp, name: &str, role: Role) -> String {
    let caller = test_app.operator();
    let new = NewUser { username: name.into(), roles: vec![role], ..NewUser::default() };
    let user = test_app.app.users().create_user(&caller, new).await.unwrap();
    test_app.app.staff().set_password(&caller, &user.id, Some(PASSWORD.into())).await.unwrap();
    let settings = api::state::HttpSettings::default();
    let router = api::server::router_with(&test_app.app, &settings, |delivery| {
        pages::routes(&test_app.app, delivery)
    })
    .unwrap();
    let form = format!(
        "username={name}&password={}&org={}",
        PASSWORD.replace(' ', "+"),
        test_app.organization
    );
    let sign_in = Request::post("/staff/sign-in")
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form));
    let signed_in = router.clone().oneshot(sign_in.unwrap()).await.unwrap();
    let cookie = signed_in.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let show = Request::get("/staff/tests/Te1").header(header::COOKIE, cookie).body(Body::empty());
    let shown = router.oneshot(show.unwrap()).await.unwrap();
    assert_eq!(shown.status(), 200);
    String::from_utf8(to_bytes(shown.into_body(), 1 << 22).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn a_test_of_before_says_which_rules_hold_and_how_to_have_the_present_ones() {
    let test_app = TestApp::with_earlier_rules(PAPER).await;
    let page = overview(&test_app, "ada", Role::Editor).await;
    assert!(page.contains(SAID) && page.contains("/staff/tests/Te1/edit\">Save the test</a>"));
    let caller = test_app.operator();
    let library = test_app.app.test_library();
    let test = TestId::from("Te1");
    let text = library.test_text(&caller, &test, None, DocumentFormat::Json).await.unwrap().text;
    let options = TestImportOptions { test: Some(test), ..TestImportOptions::default() };
    library.import_test(&caller, text.as_bytes(), DocumentFormat::Json, options).await.unwrap();
    assert!(!overview(&test_app, "grace", Role::Editor).await.contains(SAID));
}

#[tokio::test]
async fn a_present_test_says_nothing_of_it() {
    let test_app = TestApp::with(PAPER).await;
    assert!(!overview(&test_app, "ada", Role::Editor).await.contains(SAID));
}
