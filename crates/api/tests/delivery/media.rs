//! Media of questions: who gets them, from when to when, and how often they play.

use courier::media_files::FileMediaStore;
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;
use testkit::media_files::{digest_of, png, svg, vtt, wav};
use testkit::{DeliveryClient, DeliveryReply, TestApp};

/// Two pages of which the second is entered from the first only.
fn paper() -> String {
    let asset = |text: &str, bytes: &[u8], query: &str| {
        format!("![{text}](asset:{}{query})", digest_of(bytes))
    };
    let captions = digest_of(&vtt("Hello"));
    let sound = asset("A talk", &wav(2), &format!("?plays=2&captions={captions}"));
    let question = |key: &str, text: &str| {
        json!({"key": key, "kind": "multiplechoice", "text": text, "choices": [
            {"key": "a", "text": asset("Left", &svg("left"), ""), "percentage": 100},
            {"key": "b", "text": "Right", "percentage": 0}]})
    };
    json!({"assay": 1, "key": "m", "title": "Media", "navigation": "linear",
    "sections": [{"key": "s", "title": "S", "pages": [
        {"key": "p1", "text": asset("A plan", &png(4, 3, "plan"), ""),
            "questions": [question("q1", &sound), question("q2", &sound)]},
        {"key": "p2", "questions": [question("q3", &asset("Later", &png(1, 1, "later"), ""))]},
    ]}]})
    .to_string()
}

struct Sitting {
    test_app: TestApp,
    browser: DeliveryClient,
    instance: String,
    _folder: TempDir,
}

impl Sitting {
    async fn new() -> Self {
        let test_app = TestApp::with(&paper()).await;
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(FileMediaStore::new(folder.path().to_owned()));
        test_app.app.files().set_media_store(store);
        let files = [png(4, 3, "plan"), png(1, 1, "later"), svg("left"), wav(2), vtt("Hello")];
        for bytes in files {
            let library = test_app.app.author_media();
            library.add_author_media(&test_app.operator(), None, &bytes).await.unwrap();
        }
        let browser = DeliveryClient::entered(&test_app).await;
        let started = browser.post("/steps/St1/start", &json!({"clientToken": "t"})).await;
        let instance = started.body["instanceId"].as_str().unwrap().to_owned();
        Self { test_app, browser, instance, _folder: folder }
    }

    fn path(&self, below: &str) -> String {
        format!("/instances/{}{below}", self.instance)
    }

    async fn enter(&self, page: u32) {
        let entered = self.browser.post(&self.path("/page"), &json!({"page": page})).await;
        assert_eq!(entered.status, 200, "{}", entered.body);
    }

    async fn media(&self) -> Vec<Value> {
        let reply = self.browser.get(&self.path("/media")).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.body["media"].as_array().unwrap().clone()
    }

    async fn play(&self, place: &Value, token: &str) -> DeliveryReply {
        let body = json!({"place": place, "clientToken": token});
        self.browser.post(&self.path("/plays"), &body).await
    }

    async fn hand_in(&self) {
        let reply = self
            .browser
            .post(&self.path("/complete"), &json!({"clientToken": "c", "confirm": true}))
            .await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
}

fn url_of<'m>(media: &'m [Value], description: &str) -> &'m str {
    let found = media.iter().find(|entry| entry["description"] == description).unwrap();
    found["url"].as_str().unwrap()
}

#[tokio::test]
async fn only_pages_that_were_reached_have_their_media() {
    let sitting = Sitting::new().await;
    assert_eq!(sitting.media().await, [json!(null); 0], "no page was entered");
    sitting.enter(1).await;
    let media = sitting.media().await;
    let listed: Vec<_> = media
        .iter()
        .map(|entry| (entry["slot"].as_u64(), entry["description"].as_str().unwrap()))
        .collect();
    assert_eq!(
        listed,
        [
            (None, "A plan"),
            (Some(1), "A talk"),
            (Some(1), "Left"),
            (Some(2), "A talk"),
            (Some(2), "Left")
        ]
    );
    assert_eq!((media[0]["width"].as_u64(), media[0]["height"].as_u64()), (Some(4), Some(3)));
    assert_eq!(media[1]["url"], json!(null), "each play gets a link of its own");
    assert_eq!(media[1]["seconds"], 2);
    sitting.enter(2).await;
    let later = sitting.media().await.iter().filter(|entry| entry["slot"] == 3).count();
    assert_eq!((later, sitting.media().await.len()), (2, 7), "all that was reached, and no more");
}

#[tokio::test]
async fn a_picture_comes_with_fixed_safe_headers_and_may_be_kept_by_the_browser() {
    let sitting = Sitting::new().await;
    sitting.enter(1).await;
    let media = sitting.media().await;
    for (description, kind) in [("A plan", "image/png"), ("Left", "image/svg+xml")] {
        let reply = sitting.browser.follow("GET", url_of(&media, description), &[]).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, kind));
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("sandbox; default-src 'none'"), "{policy}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("cache-control"), "private, max-age=3600");
        let etag = reply.header("etag").to_owned();
        let held = [("if-none-match", etag.as_str())];
        let again = sitting.browser.follow("GET", url_of(&media, description), &held).await;
        assert_eq!(again.status, 304);
    }
    let captions = media[1]["captionsUrl"].as_str().unwrap();
    let reply = sitting.browser.follow("GET", captions, &[]).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "text/vtt; charset=utf-8"));
    let range = [("range", "bytes=1-3")];
    let part = sitting.browser.follow("GET", url_of(&media, "A plan"), &range).await;
    assert_eq!((part.status, &part.bytes[..]), (206, &b"PNG"[..]));
}

#[tokio::test]
async fn a_link_ends_with_the_instance_with_its_time_and_with_any_change_to_it() {
    let sitting = Sitting::new().await;
    sitting.enter(1).await;
    let url = url_of(&sitting.media().await, "A plan").to_owned();
    let status = async |url: &str| sitting.browser.follow("GET", url, &[]).await.status;
    assert_eq!(status(&url).await, 200);
    let of = format!("&instance={}", sitting.instance);
    for forged in
        [url.replace(&of, ""), url.replace(&of, "&instance=TiOther"), url.replace("sig=", "sig=A")]
    {
        assert_ne!(forged, url);
        assert_eq!(status(&forged).await, 404, "{forged}");
    }
    sitting.hand_in().await;
    assert_eq!(status(&url).await, 404, "the instance is complete");
    assert_eq!(
        sitting.browser.get(&sitting.path("/media")).await.code(),
        (409, "instance_complete")
    );
    let other = Sitting::new().await;
    other.enter(1).await;
    let url = url_of(&other.media().await, "A plan").to_owned();
    other.test_app.clock.pass_seconds(2 * 3600);
    assert_eq!(other.browser.follow("GET", &url, &[]).await.status, 404, "its time is over");
}

#[tokio::test]
async fn another_candidate_and_nobody_get_nothing_of_an_instance() {
    let sitting = Sitting::new().await;
    sitting.enter(1).await;
    let place = sitting.media().await[1]["place"].clone();
    let candidate = sitting.test_app.candidate("Ca2", Some("7Q2M0KX4T2"));
    sitting.test_app.add_candidate(candidate).await;
    let other = DeliveryClient::entered_with(&sitting.test_app, "7Q2M0KX4T2").await;
    let nobody = DeliveryClient::for_app(&sitting.test_app);
    let body = json!({"place": place, "clientToken": "x"});
    for (browser, status) in [(other, 404), (nobody, 401)] {
        assert_eq!(browser.get(&sitting.path("/media")).await.status, status);
        assert_eq!(browser.post(&sitting.path("/plays"), &body).await.status, status);
    }
}

#[tokio::test]
async fn plays_are_counted_by_the_server_for_each_place_of_each_instance() {
    let sitting = Sitting::new().await;
    sitting.enter(1).await;
    let media = sitting.media().await;
    let (first, second) = (&media[1]["place"], &media[3]["place"]);
    assert_ne!(first, second, "the same sound in two questions");
    let played = sitting.play(first, "1").await;
    assert_eq!((played.status, &played.body["left"]), (200, &json!(1)));
    let url = played.body["url"].as_str().unwrap();
    assert_eq!(sitting.browser.follow("GET", url, &[]).await.header("content-type"), "audio/wav");
    // Asked again because the answer was lost: the same play, and its link works no longer.
    sitting.test_app.clock.pass_seconds(60);
    assert_eq!(sitting.play(first, "1").await.body, played.body);
    assert_eq!(sitting.play(first, "2").await.body["left"], 0);
    assert_eq!(sitting.play(first, "3").await.code(), (409, "no_plays_left"));
    assert_eq!(sitting.play(second, "3").await.body["left"], 1);
    let listed = sitting.media().await;
    assert_eq!((&listed[1]["played"], &listed[3]["played"]), (&json!(2), &json!(1)));
    for place in [&media[0]["place"], &json!("s1-000000000000-0"), &json!("s3")] {
        assert_eq!(sitting.play(place, "9").await.status, 404, "{place}");
    }
    assert_eq!(sitting.play(&json!(""), "").await.status, 400);
    sitting.test_app.clock.pass_seconds(600);
    assert_eq!(sitting.browser.follow("GET", url, &[]).await.status, 404, "the play is over");
    sitting.hand_in().await;
    assert_eq!(sitting.play(second, "4").await.code(), (409, "instance_complete"));
}
