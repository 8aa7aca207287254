//! Proctoring evidences (REST specification, 7.5), identity photos and documents: kept, listed,
//! marked, and gone in time.

use crate::upload_fixture::{
    IntegrationClient, PNG, RECORDED, REQUIRED_EVIDENCE, UploadFixture, integration_path,
    management_path,
};
use app::Settings;
use domain::instance::Scope;
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600;

async fn recorded() -> UploadFixture {
    UploadFixture::with(RECORDED, Settings::default()).await
}

async fn listed(reader: &IntegrationClient, fixture: &UploadFixture) -> Vec<Value> {
    let answer =
        reader.get(&integration_path(fixture, "/proctoring-evidences?mode=detailed")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["proctoringEvidences"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_a_step_does_not_record_or_what_is_no_picture_is_refused() {
    let fixture = recorded().await;
    for kind in ["video", "screencapture"] {
        let refused = fixture.record(kind, 1).await;
        assert_eq!(
            (refused.code(), refused.detail()),
            ((409, "upload_not_allowed"), "No file is asked for here."),
            "{kind}"
        );
    }
    let path = format!("{}/evidences?kind=photo&number=1", fixture.base);
    for (kind, body) in
        [("image/png", &b"words"[..]), ("text/html", &b"<!doctype html><html></html>"[..])]
    {
        let refused = fixture.browser.file(&path, kind, body).await;
        let detail = "The file must be of one of the types image/*.";
        assert_eq!(
            (refused.code(), refused.detail()),
            ((409, "upload_not_allowed"), detail),
            "{kind}"
        );
    }
    let large =
        fixture.browser.file(&path, "image/png", [PNG, vec![0; 5 << 20].as_slice()].concat()).await;
    assert_eq!(
        (large.code(), large.detail()),
        ((409, "upload_not_allowed"), "The file must have at most 5242880 bytes.")
    );
    assert_eq!((fixture.files(), fixture.rows().await), (0, 0));
}

#[tokio::test]
async fn evidences_are_read_with_their_scope_by_their_organization_only() {
    let fixture = recorded().await;
    fixture.record("photo", 1).await;
    let path = integration_path(&fixture, "/proctoring-evidences");
    let others: Vec<_> =
        Scope::ALL.iter().copied().filter(|scope| !scope.includes(Scope::EvidencesRead)).collect();
    assert!(others.len() > 10);
    let refused = fixture.program(&others).await.get(&path).await;
    assert_eq!(refused.code(), (403, "insufficient_scope"));
    let reader = fixture.program(&[Scope::EvidencesRead]).await;
    assert_eq!(reader.get(&path).await.status, 200);
    let missing = reader
        .get("/integration/rest/v1/tasks/Tk1/test-instances/Ti-none/proctoring-evidences")
        .await;
    assert_eq!(missing.code(), (404, "not_found"));
    let other = fixture.test_app.app.organizations().create_organization("Other").await.unwrap().id;
    let foreign = fixture.program_of(&other, &[Scope::EvidencesRead]).await;
    for path in [
        &path,
        &management_path(&fixture, "/proctoring"),
        "/management/v1/tasks/Tk1/candidates/Ca1/identity",
    ] {
        let answer = foreign.get(path).await;
        assert_eq!((answer.status, &answer.bytes), (404, &missing.bytes), "{path}");
        assert_eq!(
            fixture.program(&others).await.get(path).await.code(),
            (403, "insufficient_scope"),
            "{path}"
        );
    }
    assert_eq!(reader.get(&format!("{path}?mode=full")).await.code(), (400, "invalid_enum"));
    assert_eq!(reader.get(&format!("{path}?limit=1")).await.code(), (400, "unknown_parameter"));
}

#[tokio::test]
async fn evidences_are_listed_in_the_order_of_their_creation_to_the_letter() {
    let fixture = recorded().await;
    let mut ids = Vec::new();
    for (kind, number) in [("photo", 7), ("screenshot", 1), ("photo", 8), ("photo", 7)] {
        let stored = fixture.record(kind, number).await;
        assert_eq!(stored.status, 200, "{}", stored.body);
        ids.push(stored.body["id"].as_str().unwrap().to_owned());
        fixture.test_app.clock.pass_seconds(1);
    }
    assert_eq!(ids[3], ids[0], "a number that comes again changes nothing");
    let reader = fixture.program(&[Scope::EvidencesRead]).await;
    let path = integration_path(&fixture, "/proctoring-evidences");
    let basic = reader.get(&path).await;
    let first = &basic.body["proctoringEvidences"][0];
    let (url, organization, instance) =
        (first["url"].as_str().unwrap(), &fixture.test_app.organization, &fixture.instance);
    let at = first["createdAt"].as_i64().unwrap();
    let shape = format!(
        r#"{{"id":"{}","testInstanceId":"{instance}","taskId":"Tk1","organizationId":"{organization}","createdAt":{at},"kind":"photo","url":"{url}""#,
        ids[0]
    );
    let text = std::str::from_utf8(&basic.bytes).unwrap();
    assert!(text.starts_with(&format!(r#"{{"proctoringEvidences":[{shape}}},"#)), "{text}");
    let detailed = reader.get(&format!("{path}?mode=detailed")).await;
    let rest = r#","owner":{"kind":"temp","id":"Ca1"},"nth":1,"summary":{"kind":"photo","flag":"SEAMLESS","AIDetected":false,"detections":[]}}"#;
    let text = std::str::from_utf8(&detailed.bytes).unwrap();
    assert!(text.contains(&format!("{shape}{rest}")), "{text}");
    let listed = detailed.body["proctoringEvidences"].as_array().unwrap().iter();
    let picked: Vec<_> = listed.map(|one| json!([one["id"], one["kind"], one["nth"]])).collect();
    let expected = [
        json!([ids[0], "photo", 1]),
        json!([ids[1], "screenshot", 1]),
        json!([ids[2], "photo", 2]),
    ];
    assert_eq!(picked, expected);
    let opened = fixture.browser.follow("GET", url, &[]).await;
    assert_eq!(
        (opened.status, &opened.bytes[..]),
        (200, PNG),
        "whoever has the address needs no key"
    );
    let unchanged = reader.get_with(&path, &[("if-none-match", basic.header("etag"))]).await;
    assert_eq!((unchanged.status, unchanged.bytes.len()), (304, 0));
    let events = fixture.test_app.events(&fixture.instance.as_str().into()).await;
    assert!(events.iter().any(|kind| kind == "evidence.viewed"), "{events:?}");
}

#[tokio::test]
async fn a_summary_tells_what_was_seen_and_the_worst_of_it() {
    let fixture = recorded().await;
    let id = fixture.record("photo", 1).await.body["id"].as_str().unwrap().to_owned();
    let proctor = fixture.program(&[Scope::EvidencesRead, Scope::ResultsWrite]).await;
    let path = management_path(&fixture, &format!("/evidences/{id}"));
    let seen = |from: &str, method: &str, source: &str| json!({ "from": from, "method": method, "source": source });
    let person = seen("live-proctoring", "manual", "person-count");
    let cheating = seen("post-proctoring", "ai", "cheating-activity");
    let summary = async || listed(&proctor, &fixture).await[0]["summary"].clone();
    for (detection, flag, ai) in
        [(&person, "SUSPICIOUS_ACTIVITY", false), (&cheating, "CHEATING_ACTIVITY", true)]
    {
        assert_eq!(
            proctor.send("POST", &format!("{path}/detections"), detection).await.status,
            200
        );
        assert_eq!(
            proctor.send("POST", &format!("{path}/detections"), detection).await.status,
            200,
            "the same again"
        );
        assert_eq!(
            (&summary().await["flag"], &summary().await["AIDetected"]),
            (&json!(flag), &json!(ai))
        );
    }
    assert_eq!(summary().await["detections"], json!([person, cheating]));
    proctor.send("PATCH", &path, &json!({ "flag": "SEAMLESS" })).await;
    assert_eq!(summary().await["flag"], "SEAMLESS", "set by hand");
    let faulty = seen("later", "human", "weather");
    let refused = proctor.send("POST", &format!("{path}/detections"), &faulty).await;
    assert_eq!(
        refused.faults(),
        ["/from invalid_enum", "/method invalid_enum", "/source invalid_enum"]
    );
    let elsewhere = management_path(&fixture, "/evidences/Me-none");
    assert_eq!(
        proctor.send("PATCH", &elsewhere, &json!({ "flag": null })).await.code(),
        (404, "not_found")
    );
}

#[tokio::test]
async fn an_organization_says_how_long_files_stay_and_then_only_the_row_does() {
    let fixture = recorded().await;
    let manager = fixture.program(&[Scope::Manage]).await;
    let organization = "/management/v1/organization";
    assert_eq!(manager.get(organization).await.body["evidenceDays"], 365);
    for (body, faults) in [
        (json!({ "evidenceDays": 0 }), "/evidenceDays out_of_range"),
        (json!({ "evidenceDays": 3651 }), "/evidenceDays out_of_range"),
        (json!({ "evidenceDays": null }), "/evidenceDays invalid_type"),
        (json!({ "days": 5 }), "/days unknown_key"),
    ] {
        assert_eq!(manager.send("PATCH", organization, &body).await.faults(), [faults], "{body}");
    }
    let narrow = fixture.program(&[Scope::EvidencesRead, Scope::TasksWrite]).await;
    assert_eq!(
        narrow.send("PATCH", organization, &json!({ "evidenceDays": 5 })).await.code(),
        (403, "insufficient_scope")
    );
    let changed = manager.send("PATCH", organization, &json!({ "evidenceDays": 10 })).await;
    assert_eq!((changed.status, &changed.body["evidenceDays"]), (200, &json!(10)));
    let events = fixture.test_app.number("SELECT count(*) FROM event").await;
    manager.send("PATCH", organization, &json!({ "evidenceDays": 10 })).await;
    manager.send("PATCH", organization, &json!({})).await;
    assert_eq!(
        fixture.test_app.number("SELECT count(*) FROM event").await,
        events,
        "the same again changes nothing"
    );

    fixture.record("photo", 1).await;
    fixture.complete().await;
    let before = listed(&manager, &fixture).await[0].clone();
    let url = before["url"].as_str().unwrap().to_owned();
    fixture.test_app.clock.pass_seconds(10 * DAY + 1);
    assert_eq!(fixture.test_app.app.files().clean_up_media().await.unwrap().removed, 1);
    let after = listed(&manager, &fixture).await[0].clone();
    assert_eq!(
        (&after["id"], &after["nth"], &after["url"]),
        (&before["id"], &json!(1), &json!(""))
    );
    assert_eq!((fixture.files(), fixture.browser.follow("GET", &url, &[]).await.status), (0, 404));
}

#[tokio::test]
async fn held_files_stay_and_erasing_their_person_has_to_be_confirmed() {
    let fixture = recorded().await;
    fixture.record("photo", 1).await;
    fixture.complete().await;
    let manager = fixture.program(&[Scope::Manage]).await;
    let proctoring = management_path(&fixture, "/proctoring");
    assert_eq!(
        manager.send("PATCH", &proctoring, &json!({ "held": true })).await.body["held"],
        true
    );
    fixture.test_app.clock.pass_seconds(4000 * DAY);
    assert_eq!(fixture.test_app.app.files().clean_up_media().await.unwrap().expired, 0);
    // Time alone does not end a hold either.
    fixture
        .test_app
        .app
        .tasks()
        .set_task_retention(&fixture.operator(), &"Tk1".into(), Some(1))
        .await
        .unwrap();
    assert_eq!(fixture.test_app.app.tasks().erase_expired().await.unwrap(), 0);

    let path = "/management/v1/tasks/Tk1/candidates/Ca1/erase";
    for body in [json!({}), json!({ "confirm": false, "grouping": true })] {
        let refused = manager.send("POST", path, &body).await;
        assert_eq!(refused.code(), (409, "instance_held"), "{body}");
        assert_eq!((fixture.files(), listed(&manager, &fixture).await.len()), (1, 1));
    }
    assert_eq!(
        manager.send("POST", path, &json!({ "confirm": 1 })).await.faults(),
        ["/confirm invalid_type"]
    );
    let receipt = manager.send("POST", path, &json!({ "confirm": true })).await;
    assert_eq!((receipt.status, fixture.files()), (200, 0), "{}", receipt.body);
    assert_eq!(
        manager.send("POST", path, &json!({})).await.body,
        receipt.body,
        "done once, it is done"
    );
    let list = manager.get(&integration_path(&fixture, "/proctoring-evidences")).await;
    assert_eq!(&list.bytes[..], br#"{"proctoringEvidences":[]}"#);
}

#[tokio::test]
async fn a_photo_or_document_that_no_step_asks_for_or_of_another_kind_is_refused() {
    let plain = UploadFixture::empty("UPDATE step SET title = title", Settings::default()).await;
    assert_eq!(
        plain.browser.file("/identity-photo", "image/png", PNG).await.code(),
        (404, "not_found")
    );
    assert_eq!(
        plain.browser.file("/documents?name=Passport", "image/png", PNG).await.code(),
        (404, "not_found")
    );
    let fixture = UploadFixture::empty(REQUIRED_EVIDENCE, Settings::default()).await;
    let file = async |path: &str, kind: &str, body: &'static [u8]| {
        fixture.browser.file(path, kind, body).await
    };
    let photo = file("/identity-photo", "image/png", b"words").await;
    assert_eq!(photo.detail(), "The file must be of one of the types image/*.");
    let document = file("/documents?name=Passport", "text/plain", b"words").await;
    assert_eq!(document.detail(), "The file must be of one of the types image/*, application/pdf.");
    assert_eq!(file("/documents?name=Diploma", "image/png", PNG).await.code(), (404, "not_found"));
    assert_eq!(file("/documents", "image/png", PNG).await.faults(), ["name required"]);
    assert_eq!(
        file("/identity-photo?x=1", "image/png", PNG).await.faults(),
        ["x unknown_parameter"]
    );
    assert_eq!((fixture.files(), fixture.rows().await), (0, 0));
    let refused = fixture.browser.post("/steps/St1/start", &json!({ "clientToken": "s" })).await;
    assert_eq!(refused.code(), (409, "evidence_required"));
}

#[tokio::test]
async fn an_identity_photo_and_documents_are_read_by_staff_before_and_after_the_start() {
    let mut fixture = UploadFixture::empty(REQUIRED_EVIDENCE, Settings::default()).await;
    let reader = fixture.program(&[Scope::ResultsRead, Scope::EvidencesRead]).await;
    let identity = "/management/v1/tasks/Tk1/candidates/Ca1/identity";
    assert_eq!(reader.get(identity).await.body, json!({ "identityPhoto": null, "documents": [] }));
    let first = fixture.browser.file("/identity-photo", "image/png", PNG).await.body;
    let old = reader.get(identity).await.body["identityPhoto"].clone();
    assert_eq!(
        (&old["id"], &old["mediaType"], &old["bytes"]),
        (&first["id"], &json!("image/png"), &json!(PNG.len()))
    );
    let second = fixture
        .browser
        .file("/identity-photo", "image/png", [PNG, b"!".as_slice()].concat())
        .await
        .body;
    let passport =
        fixture.browser.file("/documents?name=Passport", "application/pdf", "%PDF-1.7").await.body;
    let shown = reader.get(identity).await.body;
    let document = &shown["documents"][0];
    assert_eq!((&shown["identityPhoto"]["id"], &document["id"]), (&second["id"], &passport["id"]));
    assert_eq!(
        (&document["name"], &document["mediaType"]),
        (&json!("Passport"), &json!("application/pdf"))
    );
    let follow =
        async |url: &Value| fixture.browser.follow("GET", url.as_str().unwrap(), &[]).await.status;
    assert_eq!(follow(&old["url"]).await, 404, "the later photo took its place");
    assert_eq!(
        (follow(&shown["identityPhoto"]["url"]).await, follow(&document["url"]).await),
        (200, 200)
    );

    fixture.start_test().await;
    let request = json!({ "expand": ["identityPhoto"] });
    let expanded = reader.send("POST", &integration_path(&fixture, "/expand"), &request).await;
    assert_eq!(expanded.body["identityPhoto"]["url"], shown["identityPhoto"]["url"]);
    let proctoring = reader.get(&management_path(&fixture, "/proctoring")).await.body;
    assert_eq!(proctoring["identityPhotoUrl"], shown["identityPhoto"]["url"]);
    assert_eq!(proctoring["documents"], shown["documents"]);
    let narrow = fixture.program(&[Scope::ResultsRead]).await;
    let refused = narrow.send("POST", &integration_path(&fixture, "/expand"), &request).await;
    assert_eq!(refused.code(), (403, "insufficient_scope"));

    let eraser = fixture.program(&[Scope::PersonsErase]).await;
    let path = "/management/v1/tasks/Tk1/candidates/Ca1/erase";
    assert_eq!(eraser.send("POST", path, &json!({})).await.status, 200);
    let expanded = reader.send("POST", &integration_path(&fixture, "/expand"), &request).await;
    assert_eq!((expanded.status, &expanded.body["identityPhoto"]), (200, &json!({ "url": null })));
    assert_eq!(reader.get(identity).await.code(), (404, "not_found"));
    assert_eq!(
        fixture.browser.follow("GET", document["url"].as_str().unwrap(), &[]).await.status,
        404
    );
    assert_eq!(fixture.files(), 0);
}
