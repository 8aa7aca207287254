//! Limits of the delivery API (findings security A8, A9): how often, how much, how slowly.

use crate::upload_fixture::{PNG, RECORDED, UploadFixture};
use app::Settings;
use app::delivery::session_hash;
use app::delivery::upload::UploadRequest;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use futures_util::stream;
use serde_json::{Value, json};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use testkit::{DeliveryClient, DeliveryReply};

static NOTHING: std::sync::LazyLock<Value> = std::sync::LazyLock::new(|| json!({}));

async fn save(
    browser: &DeliveryClient,
    base: &str,
    seq: u64,
    text: &str,
) -> (u16, Option<String>, Value) {
    let write = json!({ "writes": [{ "slot": 3, "seq": seq, "response": text }] });
    let answer = browser.post(&format!("{base}/answers"), &write).await;
    (answer.status, answer.retry_after.clone(), answer.body)
}

/// A second person in the room, at the first page.
async fn neighbour(fixture: &UploadFixture) -> (DeliveryClient, String) {
    fixture.test_app.add_candidate(fixture.test_app.candidate("Ca2", Some("7Q2M0KX4TC"))).await;
    let browser = DeliveryClient::entered_with(&fixture.test_app, "7Q2M0KX4TC").await;
    let started = browser.post("/steps/St1/start", &json!({ "clientToken": "s" })).await;
    let base = format!("/instances/{}", started.body["instanceId"].as_str().unwrap());
    assert_eq!(browser.post(&format!("{base}/page"), &json!({ "page": 1 })).await.status, 200);
    (browser, base)
}

#[tokio::test]
async fn a_session_that_saves_without_end_is_told_to_wait_and_others_go_on_a8() {
    let limit = Some(4);
    let fixture = UploadFixture::with(
        RECORDED,
        Settings { requests_per_second_and_session: limit, ..Settings::default() },
    )
    .await;
    let (other, its_base) = neighbour(&fixture).await;
    let mut refused = None;
    for seq in 1..=30 {
        let (status, retry_after, body) =
            save(&fixture.browser, &fixture.base, seq, &format!("version {seq}")).await;
        if status == 429 {
            refused = Some((seq, retry_after, body["code"].clone()));
            break;
        }
        assert_eq!(status, 200, "{body}");
    }
    // Twenty at once, of which starting and opening the page took two.
    assert_eq!(refused, Some((19, Some("1".to_owned()), json!("rate_limited"))));
    assert_eq!(save(&other, &its_base, 1, "mine").await.0, 200);
    fixture.test_app.clock.pass_seconds(1);
    assert_eq!(save(&fixture.browser, &fixture.base, 19, "version 19").await.0, 200);
}

#[tokio::test]
async fn one_address_has_a_limit_that_a_room_of_two_hundred_does_not_reach_a8() {
    let settings = Settings {
        requests_per_second_and_session: Some(20),
        requests_per_second_and_address: Some(2000),
        ..Settings::default()
    };
    let fixture = UploadFixture::with(RECORDED, settings).await;
    let candidates: Vec<_> = (0..200_u8)
        .map(|number| app::caller::CandidateSession {
            token_hash: [number; 32],
            address: None,
            request: "Rq1".into(),
        })
        .collect();
    for second in 0..30 {
        for candidate in &candidates {
            for _ in 0..2 {
                fixture
                    .test_app
                    .app
                    .delivery()
                    .admit_request(candidate, 10 << 10)
                    .unwrap_or_else(|reported| panic!("{second}: {reported:?}"));
            }
        }
        fixture.test_app.clock.pass_seconds(1);
    }
    let flood = (0..100_000_u32).find_map(|number| {
        let mut token_hash = [0; 32];
        token_hash[..4].copy_from_slice(&number.to_be_bytes());
        let visitor =
            app::caller::CandidateSession { token_hash, address: None, request: "Rq1".into() };
        fixture.test_app.app.delivery().admit_request(&visitor, 0).err()
    });
    assert_eq!(flood.map(|reported| reported.by), Some("address"));
}

#[tokio::test]
async fn visitors_become_candidates_at_a_rate_and_address_a8() {
    let settings = Settings { entries_per_minute_and_address: Some(1), ..Settings::default() };
    let fixture = UploadFixture::empty("UPDATE step SET title = title", settings).await;
    fixture.test_app.sql("UPDATE task SET access_method = 'no-auth'").await;
    let enter = || fixture.browser.post("/tasks/Tk1/enter", &NOTHING);
    assert_eq!(enter().await.status, 200);
    let refused = enter().await;
    assert_eq!(
        (refused.code(), refused.retry_after.as_deref()),
        ((429, "too_many_tries"), Some("15"))
    );
    assert_eq!(
        fixture
            .test_app
            .number("SELECT count(*) FROM candidate WHERE source = 'self-registration'")
            .await,
        1
    );
    fixture.test_app.clock.pass_seconds(60);
    assert_eq!(enter().await.status, 200);
}

#[tokio::test]
async fn versions_of_answers_have_a_limit_and_the_test_is_handed_in_all_the_same_a8() {
    let fixture =
        UploadFixture::with(RECORDED, Settings { kept_answers_bytes: 100, ..Settings::default() })
            .await;
    let long = |digit: char| digit.to_string().repeat(38);
    assert_eq!(save(&fixture.browser, &fixture.base, 1, &long('1')).await.0, 200);
    assert_eq!(save(&fixture.browser, &fixture.base, 2, &long('2')).await.0, 200);
    let (status, retry_after, body) = save(&fixture.browser, &fixture.base, 3, &long('3')).await;
    assert_eq!(
        (status, retry_after.as_deref(), &body["code"]),
        (429, Some("60"), &json!("too_many_versions"))
    );
    // What is there already is no further version.
    assert_eq!(save(&fixture.browser, &fixture.base, 2, &long('2')).await.0, 200);
    fixture.complete().await;
}

#[tokio::test]
async fn an_upload_that_stalls_is_ended_with_a_clear_answer_and_leaves_nothing_a9() {
    let settings = Settings { upload_grace: Duration::from_millis(50), ..Settings::default() };
    let fixture = UploadFixture::with(RECORDED, settings).await;
    let one_byte = stream::iter([Ok::<_, io::Error>(Bytes::from_static(b"a"))]);
    let stalled = Body::from_stream(futures_util::StreamExt::chain(one_byte, stream::pending()));
    let refused = fixture.upload(1, "", "text/plain", stalled).await;
    assert_eq!(refused.code(), (409, "upload_not_allowed"));
    assert_eq!(
        refused.detail(),
        "The file came too slowly: at least 10000 bytes a second are needed."
    );
    assert_eq!((fixture.files(), fixture.rows().await), (0, 0));
}

#[tokio::test]
async fn many_slow_uploads_of_one_visitor_keep_nobody_else_out_a9() {
    let fixture = UploadFixture::new().await;
    let visitor = fixture.test_app.enter().await;
    let mut on_their_way = Vec::new();
    for _ in 0..300 {
        let sent = UploadRequest { media_type: "text/plain".into(), ..UploadRequest::default() };
        on_their_way.extend(
            fixture
                .test_app
                .app
                .delivery()
                .begin_upload(&visitor, &fixture.instance.as_str().into(), 1, sent)
                .await,
        );
    }
    assert_eq!(on_their_way.len(), 4);
    let refused = fixture.upload(1, "", "text/plain", "mine").await;
    assert_eq!(
        (refused.code(), refused.retry_after.as_deref()),
        ((429, "too_many_uploads"), Some("5"))
    );
    let (other, base) = neighbour(&fixture).await;
    let stored = other.file(&format!("{base}/slots/1/uploads"), "text/plain", "words").await;
    assert_eq!(stored.status, 200, "{}", stored.body);
    drop(on_their_way);
    assert_eq!(fixture.upload(1, "", "image/png", PNG).await.status, 200);
}

/// An address for a class room, another for somebody at home.
const CLASS_ROOM: [u8; 4] = [192, 0, 2, 7];
const HOME: [u8; 4] = [198, 51, 100, 1];

async fn upload_from(browser: &DeliveryClient, base: &str, address: [u8; 4]) -> DeliveryReply {
    let peer = ConnectInfo(SocketAddr::from((address, 50_000)));
    let token = browser.token.as_deref().unwrap();
    let request = Request::post(format!("/api/delivery/v1{base}/slots/1/uploads"))
        .header(header::HOST, "assess.example.org")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "text/plain")
        .extension(peer);
    browser.send(request.body("words".into()).unwrap()).await
}

/// Sixty candidates behind one address send two files each at once, and nobody waits. One who makes
/// candidates without end gets half of all places by it, and everybody elsewhere goes on.
#[tokio::test]
async fn a_room_of_sixty_behind_one_address_sends_at_once_and_an_address_takes_no_more_than_half_of_the_places()
 {
    let fixture = UploadFixture::new().await;
    let (stranger, its_base) = neighbour(&fixture).await;
    let mut on_their_way = Vec::new();
    for number in 0..100 {
        let (id, code) = (format!("Ca1{number:02}"), format!("7Q2M0KX{number:03}"));
        fixture.test_app.add_candidate(fixture.test_app.candidate(&id, Some(&code))).await;
        let browser = DeliveryClient::entered_with(&fixture.test_app, &code).await;
        let started = browser.post("/steps/St1/start", &json!({ "clientToken": "s" })).await;
        let instance = started.body["instanceId"].as_str().unwrap().to_owned();
        browser.post(&format!("/instances/{instance}/page"), &json!({ "page": 1 })).await;
        let address = Some(CLASS_ROOM.into());
        let token_hash = session_hash(browser.token.as_deref().unwrap());
        let visitor = app::caller::CandidateSession { token_hash, address, request: "Rq1".into() };
        for _ in 0..2 {
            let sent =
                UploadRequest { media_type: "text/plain".into(), ..UploadRequest::default() };
            let begun = fixture
                .test_app
                .app
                .delivery()
                .begin_upload(&visitor, &instance.as_str().into(), 1, sent)
                .await;
            assert!(number >= 60 || begun.is_ok(), "{number}: {:?}", begun.err());
            on_their_way.extend(begun);
        }
    }
    assert_eq!(on_their_way.len(), 128);
    let refused = upload_from(&stranger, &its_base, CLASS_ROOM).await;
    assert_eq!(
        (refused.code(), refused.retry_after.as_deref()),
        ((429, "too_many_uploads"), Some("5"))
    );
    let stored = upload_from(&stranger, &its_base, HOME).await;
    assert_eq!(stored.status, 200, "{}", stored.body);
    drop(on_their_way);
    assert_eq!(upload_from(&stranger, &its_base, CLASS_ROOM).await.status, 200);
}
