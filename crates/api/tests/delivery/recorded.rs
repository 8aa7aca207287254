//! What was recorded, as the candidate's own front end reads it.

use crate::upload_fixture::{PNG, UploadFixture, management_path};
use app::Settings;
use domain::instance::Scope;
use serde_json::{Value, json};
use testkit::{DeliveryClient, TestApp};

const WATCHED: &str = r#"UPDATE step SET settings =
    '{"webcamRecording":"PHOTO","identityPhoto":true,"documents":["Passport"]}'"#;

/// A candidate who has shown a photo and a passport and begun.
async fn watched() -> UploadFixture {
    let mut fixture = UploadFixture::empty(WATCHED, Settings::default()).await;
    assert_eq!(fixture.browser.file("/identity-photo", "image/png", PNG).await.status, 200);
    let passport =
        fixture.browser.file("/documents?name=Passport", "application/pdf", "%PDF-1.7").await;
    assert_eq!(passport.status, 200);
    fixture.start_test().await;
    fixture
}

async fn recorded(browser: &DeliveryClient, fixture: &UploadFixture) -> Value {
    let seen = browser.get(&format!("{}/recorded", fixture.base)).await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    seen.body
}

#[tokio::test]
async fn an_open_test_a_bad_page_and_an_unknown_parameter_are_refused() {
    let fixture = watched().await;
    let path = format!("{}/recorded", fixture.base);
    assert_eq!(fixture.browser.get(&path).await.code(), (409, "instance_open"));
    fixture.complete().await;
    for (query, fault) in [
        ("?page=0", "page out_of_range"),
        ("?page=x", "page invalid_type"),
        ("?pages=2", "pages unknown_parameter"),
    ] {
        let refused = fixture.browser.get(&format!("{path}{query}")).await;
        assert_eq!((refused.status, refused.faults()), (400, vec![fault.to_owned()]), "{query}");
    }
    let behind = fixture.browser.get(&format!("{path}?page=9007199254740991")).await;
    assert_eq!((behind.status, &behind.body["files"]), (200, &json!([])));
}

#[tokio::test]
async fn another_candidates_session_and_another_organizations_find_nothing() {
    let fixture = watched().await;
    fixture.complete().await;
    let test_app = &fixture.test_app;
    test_app.add_candidate(test_app.candidate("Ca2", Some("Z9Y8X7W6V5"))).await;
    let other = DeliveryClient::entered_with(test_app, "Z9Y8X7W6V5").await;
    let path = format!("{}/recorded", fixture.base);
    let refused = other.get(&path).await;
    assert_eq!(refused.code(), (404, "not_found"));
    let unknown = other.get("/instances/Ti-none/recorded").await;
    assert_eq!(refused.bytes, unknown.bytes, "nobody is told that there is such an instance");
    let neighbour = TestApp::neighbour(test_app, crate::upload_fixture::PAPER).await;
    let foreign = DeliveryClient::entered_with(&neighbour, "7Q2M0KX4TN").await;
    assert_eq!(foreign.get(&path).await.code(), (404, "not_found"));
}

#[tokio::test]
async fn everything_that_was_recorded_is_listed_with_links_that_lead_to_it() {
    let fixture = watched().await;
    assert_eq!(fixture.record("photo", 1).await.status, 200);
    fixture.test_app.clock.pass_seconds(30);
    assert_eq!(fixture.record("photo", 2).await.status, 200);
    let file = fixture.uploaded(1, "?name=work.png", "image/png", PNG).await;
    fixture.answer(1, 1, &[&file]).await;
    fixture.complete().await;
    let seen = recorded(&fixture.browser, &fixture).await;
    assert_eq!(seen["records"], json!(["photo", "identity-photo", "documents", "answers"]));
    assert_eq!((&seen["recordingDays"], &seen["eraseAfterDays"]), (&json!(365), &Value::Null));
    let year = seen["completedAt"].as_i64().unwrap() + 365 * 86_400;
    assert_eq!(
        (&seen["recordingsDeletedAt"], &seen["identityDeletedAt"]),
        (&json!(year), &json!(year))
    );
    assert_eq!(seen["documents"][0]["name"], "Passport");
    let purposes: Vec<_> =
        seen["files"].as_array().unwrap().iter().map(|file| file["purpose"].clone()).collect();
    assert_eq!(json!(purposes), json!(["evidence", "evidence", "answer"]));
    assert_eq!(
        (&seen["files"][2]["slot"], &seen["files"][2]["name"]),
        (&json!(1), &json!("work.png"))
    );
    let all = seen["files"].as_array().unwrap().iter();
    for file in all.chain([&seen["identityPhoto"], &seen["documents"][0]]) {
        let url = file["url"].as_str().unwrap();
        assert_eq!(fixture.browser.follow("GET", url, &[]).await.status, 200, "{file}");
    }
    fixture.test_app.clock.pass_seconds(7200);
    let url = seen["files"][0]["url"].as_str().unwrap();
    assert_eq!(fixture.browser.follow("GET", url, &[]).await.status, 404, "links end");
}

#[tokio::test]
async fn nothing_of_what_staff_saw_marked_or_held_is_in_it() {
    let fixture = watched().await;
    let photo = fixture.record("photo", 1).await.body["id"].as_str().unwrap().to_owned();
    fixture.complete().await;
    let before = recorded(&fixture.browser, &fixture).await;
    let staff = fixture.program(&[Scope::EvidencesRead, Scope::ResultsWrite]).await;
    let evidence = management_path(&fixture, &format!("/evidences/{photo}"));
    let seen = json!({ "from": "live-proctoring", "method": "ai", "source": "cheating-activity" });
    let noted = staff.send("POST", &format!("{evidence}/detections"), &seen).await;
    assert_eq!(noted.status, 200, "{}", noted.body);
    let path = management_path(&fixture, "/proctoring");
    let flagged = staff.send("PATCH", &path, &json!({ "flag": "red" })).await;
    assert_eq!(flagged.status, 200, "{}", flagged.body);
    assert_eq!(staff.get(&path).await.status, 200);
    let after = recorded(&fixture.browser, &fixture).await;
    assert_eq!(after, before, "the same to the letter");
    let text = after.to_string();
    for word in ["flag", "red", "CHEATING", "detection", "viewed", "seen", "held", "seed"] {
        let found = text.contains(&format!("\"{word}"));
        assert!(!found, "{word}: {text}");
    }
}

#[tokio::test]
async fn an_erased_candidate_reads_nothing_any_more() {
    let fixture = watched().await;
    fixture.record("photo", 1).await;
    fixture.complete().await;
    let eraser = fixture.program(&[Scope::PersonsErase]).await;
    let path = "/management/v1/tasks/Tk1/candidates/Ca1/erase";
    assert_eq!(eraser.send("POST", path, &json!({})).await.status, 200);
    let refused = fixture.browser.get(&format!("{}/recorded", fixture.base)).await;
    assert!([401, 404].contains(&refused.status), "{}", refused.body);
}
