//! Files of answers on their way in: what is refused, with which limit, and that it leaves nothing;
//! then what is kept.

use crate::upload_fixture::{PNG, RECORDED, UploadFixture};
use app::Settings;
use axum::body::{Body, Bytes};
use futures_util::stream;
use serde_json::{Value, json};
use std::io;
use std::sync::atomic::Ordering;
use testkit::DeliveryClient;
use tokio::sync::oneshot;

/// A body that does not tell its length.
fn pieces(pieces: &'static [&'static [u8]]) -> Body {
    Body::from_stream(stream::iter(
        pieces.iter().map(|piece| Ok::<_, io::Error>(Bytes::from_static(piece))),
    ))
}

#[tokio::test]
async fn what_is_not_asked_for_is_refused_by_the_limit_it_breaks_and_leaves_nothing() {
    let fixture = UploadFixture::new().await;
    let types = "The file must be of one of the types image/png, text/plain.";
    let (png, text, pdf) = ("image/png", "text/plain", "application/pdf");
    let page = b"<!doctype html><html><script>alert(1)</script></html>".as_slice();
    let cases = [
        (1, text, Body::from(vec![b'a'; 101]), "The file must have at most 100 bytes."),
        (1, text, pieces(&[&[b'a'; 60], &[b'a'; 60]]), "The file must have at most 100 bytes."),
        (1, pdf, Body::from("%PDF-1.7"), types),
        (1, png, Body::from("just words"), types),
        (1, png, Body::from(page), types),
        (1, "nonsense", Body::from("just words"), types),
        (1, "", Body::from("just words"), types),
        (1, text, Body::empty(), "The file is empty."),
        (2, text, Body::from("no film"), "The file must be of one of the types video/*."),
        (3, text, Body::from("words"), "No file is asked for here."),
    ];
    for (slot, kind, body, detail) in cases {
        let refused = fixture.upload(slot, "", kind, body).await;
        assert_eq!(
            (refused.code(), refused.detail()),
            ((409, "upload_not_allowed"), detail),
            "{slot} {kind}"
        );
        assert_eq!(refused.body["slots"], json!([slot]), "{slot} {kind}");
        assert_eq!(refused.header("content-type"), "application/problem+json");
    }
    assert_eq!((fixture.files(), fixture.rows().await), (0, 0));
}

#[tokio::test]
async fn a_slot_that_is_none_of_this_person_s_is_not_found() {
    let fixture = UploadFixture::new().await;
    let file = async |path: &str| fixture.browser.file(path, "text/plain", "words").await;
    let missing = file("/instances/Ti-none/slots/1/uploads").await;
    assert_eq!(missing.code(), (404, "not_found"));
    for slot in ["0", "5", "99999999999", "-1", "x", "1.0", "%00"] {
        let answer = file(&format!("{}/slots/{slot}/uploads", fixture.base)).await;
        assert_eq!((answer.status, &answer.bytes), (404, &missing.bytes), "{slot}");
    }
    fixture.test_app.add_candidate(fixture.test_app.candidate("Ca2", Some("7Q2M0KX4TC"))).await;
    let other = DeliveryClient::entered_with(&fixture.test_app, "7Q2M0KX4TC").await;
    for path in ["/slots/1/uploads", "/evidences?kind=photo&number=1"] {
        let foreign = other.file(&format!("{}{path}", fixture.base), "text/plain", "words").await;
        assert_eq!((foreign.status, &foreign.bytes), (404, &missing.bytes), "{path}");
    }
    let nobody = DeliveryClient { token: None, ..fixture.browser.clone() };
    let refused =
        nobody.file(&format!("{}/slots/1/uploads", fixture.base), "text/plain", "words").await;
    assert_eq!(refused.code(), (401, "unauthenticated"));
    assert_eq!((fixture.files(), fixture.rows().await), (0, 0));
}

#[tokio::test]
async fn a_slip_in_the_query_of_a_file_is_told_before_its_bytes_are_taken() {
    let fixture = UploadFixture::with(RECORDED, Settings::default()).await;
    let long = format!("?name={}", "n".repeat(256));
    let cases: [(&str, &[&str]); 6] = [
        ("?nam=x", &["nam unknown_parameter"]),
        ("?name=", &["name empty_value"]),
        ("?name=a&name=a", &["name repeated_parameter"]),
        ("?name=%00", &["name invalid_format"]),
        ("?name=%FF&clientToken=", &["name malformed_query", "clientToken empty_value"]),
        (&long, &["name invalid_length"]),
    ];
    for (query, expected) in cases {
        let refused = fixture.upload(1, query, "text/plain", "words").await;
        assert_eq!(
            (refused.status, refused.faults()),
            (400, expected.iter().map(ToString::to_string).collect()),
            "{query}"
        );
    }
    let evidence = async |query: &str| {
        fixture.browser.file(&format!("{}/evidences{query}", fixture.base), "image/png", PNG).await
    };
    assert_eq!(evidence("").await.faults(), ["kind required", "number required"]);
    let refused = evidence("?kind=film&number=-1&clientTimeMillis=x").await;
    assert_eq!(
        refused.faults(),
        ["kind invalid_enum", "number out_of_range", "clientTimeMillis invalid_type"]
    );
    assert_eq!((fixture.files(), fixture.rows().await), (0, 0));
}

#[tokio::test]
async fn nothing_is_taken_for_an_answer_once_the_test_is_handed_in() {
    let fixture = UploadFixture::with(RECORDED, Settings::default()).await;
    fixture.complete().await;
    let refused = fixture.upload(1, "", "text/plain", "words").await;
    assert_eq!(refused.code(), (409, "instance_complete"));
    // Evidence that was on its way is taken for ten minutes more.
    assert_eq!(fixture.record("photo", 1).await.status, 200);
    fixture.test_app.clock.pass_seconds(601);
    assert_eq!(fixture.record("photo", 2).await.code(), (409, "instance_complete"));
    assert_eq!((fixture.files(), fixture.rows().await), (1, 1));
}

#[tokio::test]
async fn a_file_whose_sender_goes_away_leaves_nothing_and_can_be_sent_again() {
    let fixture = UploadFixture::new().await;
    let broken = stream::iter([
        Ok(Bytes::from_static(b"half of")),
        Err(io::Error::from(io::ErrorKind::ConnectionReset)),
    ]);
    let refused =
        fixture.upload(1, "?clientToken=a", "text/plain", Body::from_stream(broken)).await;
    assert_eq!(refused.code(), (400, "malformed_json"));
    assert_eq!((fixture.files(), fixture.rows().await), (0, 0));

    // The connection ends while the server waits for more.
    let (waits, waiting) = oneshot::channel::<()>();
    let endless = stream::unfold((Some(waits), 0), |(mut waits, at)| async move {
        if at > 0 {
            let _ = waits.take().map(|waits| waits.send(()));
            std::future::pending::<()>().await;
        }
        Some((Ok::<_, io::Error>(Bytes::from_static(b"half of")), (waits, at + 1)))
    });
    let (browser, path) =
        (fixture.browser.clone(), format!("{}/slots/1/uploads?clientToken=a", fixture.base));
    let sending = tokio::spawn(async move {
        browser.file(&path, "text/plain", Body::from_stream(endless)).await.status
    });
    waiting.await.unwrap();
    assert_eq!(fixture.files(), 1, "a part of it lies in the store");
    sending.abort();
    assert!(sending.await.unwrap_err().is_cancelled());
    assert_eq!((fixture.files(), fixture.rows().await), (0, 0));

    let stored = fixture.upload(1, "?clientToken=a", "text/plain", "the whole").await;
    assert_eq!((stored.status, &stored.body["bytes"]), (200, &json!(9)));
}

#[tokio::test]
async fn a_full_store_is_told_as_a_passing_trouble_and_the_same_file_is_taken_later() {
    let fixture = UploadFixture::with(RECORDED, Settings::default()).await;
    fixture.remaining_bytes.store(4, Ordering::SeqCst);
    for _ in 0..2 {
        let refused = fixture.upload(1, "?clientToken=a", "text/plain", "words").await;
        assert_eq!(
            (refused.code(), refused.retry_after.as_deref()),
            ((503, "unavailable"), Some("1"))
        );
        assert!(!refused.body.to_string().contains("storage"), "{}", refused.body);
        assert_eq!(fixture.record("photo", 1).await.code(), (503, "unavailable"));
        assert_eq!((fixture.files(), fixture.rows().await), (0, 0));
        // Words are not kept where files are.
        let write = json!({ "writes": [{ "slot": 3, "seq": 1, "response": "words" }] });
        assert_eq!(
            fixture.browser.post(&format!("{}/answers", fixture.base), &write).await.status,
            200
        );
    }
    fixture.remaining_bytes.store(1 << 20, Ordering::SeqCst);
    assert_eq!(fixture.upload(1, "?clientToken=a", "text/plain", "words").await.status, 200);
    assert_eq!(fixture.record("photo", 1).await.status, 200);
    assert_eq!((fixture.files(), fixture.rows().await), (2, 2));
}

#[tokio::test]
async fn evidence_is_put_off_while_too_much_is_on_its_way_and_answers_go_on() {
    use app::delivery::upload::EvidenceUpload;
    use domain::proctoring::EvidenceKind;
    let fixture = UploadFixture::with(RECORDED, Settings::default()).await;
    let visitor = fixture.test_app.enter().await;
    let mut on_their_way = Vec::new();
    for number in 0..6 {
        let sent = EvidenceUpload {
            kind: EvidenceKind::Photo,
            number,
            client_time: None,
            media_type: "image/png".into(),
        };
        let begun = fixture
            .test_app
            .app
            .delivery()
            .begin_evidence(&visitor, &fixture.instance.as_str().into(), sent)
            .await;
        on_their_way.push(begun.unwrap());
    }
    let refused = fixture.record("photo", 100).await;
    assert_eq!(
        (refused.code(), refused.retry_after.as_deref()),
        ((429, "too_many_uploads"), Some("5"))
    );
    let stored = fixture.uploaded(1, "", "text/plain", b"words").await;
    assert_eq!(fixture.answer(1, 1, &[&stored]).await["outcome"], "kept");
    on_their_way.pop();
    assert_eq!(fixture.record("photo", 100).await.status, 200);
    drop(on_their_way);
}

#[tokio::test]
async fn all_files_of_an_instance_together_have_a_limit_that_the_refusal_names() {
    let settings = Settings { answer_files_bytes: 150, evidences_bytes: 50, ..Settings::default() };
    let fixture = UploadFixture::with(RECORDED, settings).await;
    let detail = "All files of this test instance together must have at most 150 bytes.";
    let first = fixture.upload(1, "?clientToken=a", "text/plain", vec![b'a'; 100]).await;
    assert_eq!(first.status, 200);
    for body in [Body::from(vec![b'b'; 51]), pieces(&[&[b'b'; 30], &[b'b'; 30]])] {
        let refused = fixture.upload(4, "", "text/plain", body).await;
        assert_eq!((refused.code(), refused.detail()), ((409, "upload_not_allowed"), detail));
    }
    assert_eq!(fixture.upload(4, "", "text/plain", vec![b'b'; 50]).await.status, 200);
    let refused = fixture.upload(4, "", "text/plain", "c").await;
    assert_eq!((refused.code(), refused.detail()), ((409, "upload_not_allowed"), detail));
    // What is there already takes no room again.
    let again = fixture.upload(1, "?clientToken=a", "text/plain", vec![b'a'; 100]).await;
    assert_eq!((again.status, &again.body["id"]), (200, &first.body["id"]));
    // Recordings have a limit of their own.
    assert_eq!(fixture.record("photo", 1).await.status, 200);
    let refused = fixture.record("screenshot", 1).await;
    let detail = "All files of this test instance together must have at most 50 bytes.";
    assert_eq!((refused.code(), refused.detail()), ((409, "upload_not_allowed"), detail));
    assert_eq!(fixture.record("photo", 1).await.status, 200, "the same again");
    assert_eq!((fixture.files(), fixture.rows().await), (3, 3));
}

#[tokio::test]
async fn forty_files_can_be_sent_for_a_question_and_a_repeat_of_one_of_them() {
    let fixture = UploadFixture::new().await;
    for number in 0..40 {
        let query = format!("?clientToken={number}");
        assert_eq!(fixture.upload(4, &query, "text/plain", "words").await.status, 200, "{number}");
    }
    let refused = fixture.upload(4, "?clientToken=40", "text/plain", "words").await;
    let detail = "At most 40 files can be sent for this.";
    assert_eq!((refused.code(), refused.detail()), ((409, "upload_not_allowed"), detail));
    assert_eq!(fixture.upload(4, "?clientToken=39", "text/plain", "words").await.status, 200);
    assert_eq!((fixture.files(), fixture.rows().await), (40, 40));
}

#[tokio::test]
async fn a_kept_file_is_told_as_its_bytes_say_and_becomes_an_answer_of_its_own_slot_only() {
    let fixture = UploadFixture::new().await;
    let stored = fixture
        .upload(1, "?name=my%20work.png&clientToken=a", "text/plain; charset=utf-8", PNG)
        .await;
    let id = stored.body["id"].as_str().unwrap();
    let expected =
        json!({ "id": id, "bytes": PNG.len(), "mediaType": "image/png", "name": "my work.png" });
    assert_eq!((stored.status, &stored.body), (200, &expected));
    assert_eq!(
        fixture.upload(1, "?clientToken=a", "text/plain", PNG).await.body,
        expected,
        "a repeat is harmless"
    );
    assert_eq!(
        fixture.answer(4, 1, &[id]).await["refused"]["code"],
        "upload_unknown",
        "it was sent for another slot"
    );
    assert_eq!(fixture.answer(1, 1, &["Me-none"]).await["refused"]["code"], "upload_unknown");
    let second = fixture.uploaded(1, "", "text/plain", b"words").await;
    let third = fixture.uploaded(1, "", "text/plain", b"more words").await;
    assert_eq!(
        fixture.answer(1, 1, &[id, &second, &third]).await["refused"]["code"],
        "upload_not_allowed"
    );
    assert_eq!(fixture.answer(1, 1, &[id, &second]).await["outcome"], "kept");
    assert_eq!((fixture.files(), fixture.rows().await), (3, 3));

    // Another candidate's answer cannot name it.
    fixture.test_app.add_candidate(fixture.test_app.candidate("Ca2", Some("7Q2M0KX4TC"))).await;
    let other = DeliveryClient::entered_with(&fixture.test_app, "7Q2M0KX4TC").await;
    let started = other.post("/steps/St1/start", &json!({ "clientToken": "s" })).await.body;
    let base = format!("/instances/{}", started["instanceId"].as_str().unwrap());
    other.post(&format!("{base}/page"), &json!({ "page": 1 })).await;
    let body = json!({ "writes": [{ "slot": 1, "seq": 1, "response": [id] }] });
    let saved = other.post(&format!("{base}/answers"), &body).await.body;
    assert_eq!(saved["acknowledgements"][0]["refused"]["code"], "upload_unknown");
}

#[tokio::test]
async fn whoever_hands_in_is_told_of_a_file_that_another_device_is_still_sending_f1() {
    let fixture = UploadFixture::new().await;
    let (more, rest) = tokio::sync::mpsc::channel::<Result<Bytes, io::Error>>(1);
    let (browser, path) = (fixture.browser.clone(), format!("{}/slots/4/uploads", fixture.base));
    let body = Body::from_stream(stream::unfold(rest, |mut rest| async {
        Some((rest.recv().await?, rest))
    }));
    let sending = tokio::spawn(async move { browser.file(&path, "text/plain", body).await });
    // The second piece is only asked for once the first was taken, so the file is known to be on
    // its way.
    for piece in ["the first half, ", "the second half, "] {
        more.send(Ok(Bytes::from_static(piece.as_bytes()))).await.unwrap();
    }
    let complete = |more: Value| {
        let mut body = json!({ "clientToken": "c", "confirm": true });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (browser, path) = (fixture.browser.clone(), format!("{}/complete", fixture.base));
        async move { browser.post(&path, &body).await }
    };
    let uploads = async || fixture.browser.get(&fixture.base).await.body["uploads"].clone();

    assert_eq!(uploads().await, json!([4]));
    let reported = complete(json!({})).await;
    assert_eq!(
        (reported.code(), &reported.body["slots"]),
        ((409, "uploads_under_way"), &json!([4]))
    );
    assert_eq!(complete(json!({ "withoutUploads": "yes" })).await.status, 400);
    assert_eq!(
        fixture.browser.get(&fixture.base).await.body["state"],
        "STARTED",
        "nothing was changed"
    );

    // It may be waited for, and then it is nothing to be told of.
    drop(more);
    let file = sending.await.unwrap();
    assert_eq!((file.status, &file.body["bytes"]), (200, &json!(33)));
    assert_eq!(uploads().await, json!([]));
    let id = file.body["id"].as_str().unwrap();
    assert_eq!(fixture.answer(4, 1, &[id]).await["outcome"], "kept");
    assert_eq!(complete(json!({})).await.status, 200);
}

#[tokio::test]
async fn a_file_that_does_not_arrive_holds_up_nobody_who_knows_of_it_f1() {
    let fixture = UploadFixture::new().await;
    let (more, rest) = tokio::sync::mpsc::channel::<Result<Bytes, io::Error>>(1);
    let (browser, path) = (fixture.browser.clone(), format!("{}/slots/4/uploads", fixture.base));
    let body = Body::from_stream(stream::unfold(rest, |mut rest| async {
        Some((rest.recv().await?, rest))
    }));
    let sending = tokio::spawn(async move { browser.file(&path, "text/plain", body).await });
    for _ in 0..2 {
        more.send(Ok(Bytes::from_static(b"half"))).await.unwrap();
    }
    let path = format!("{}/complete", fixture.base);
    let body = json!({ "clientToken": "c", "confirm": true, "withoutUploads": true });
    let done = fixture.browser.post(&path, &body).await;
    assert_eq!(done.status, 200, "{}", done.body);
    // The same again is the same, whatever is under way; and the file itself comes too late, and is
    // told so.
    let body = json!({ "clientToken": "c", "confirm": true });
    assert_eq!(fixture.browser.post(&path, &body).await.body["receipt"], done.body["receipt"]);
    drop(more);
    assert_eq!(sending.await.unwrap().code(), (409, "instance_complete"));
    assert_eq!(fixture.rows().await, 0);
}
