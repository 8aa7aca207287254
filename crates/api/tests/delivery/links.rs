//! `/media`: signed links that need no key and open nothing but what they were made for, and what
//! browsers do with it.

use crate::upload_fixture::{PNG, UploadFixture, integration_path};
use domain::instance::Scope;
use serde_json::Value;
use testkit::{DeliveryReply, path_of};

/// Links to the files of an answer, as whoever reads answers gets them.
async fn links(fixture: &UploadFixture, slot: usize) -> Vec<String> {
    let reader = fixture.program(&[Scope::AnswersRead]).await;
    let answers = reader.get(&integration_path(fixture, "/answers")).await;
    let value = &answers.body["answers"][slot - 1]["question"]["answer"]["value"];
    value.as_str().unwrap().lines().map(str::to_owned).collect()
}

/// A picture and a text as the answer to slot 1, with their links.
async fn with_two_files() -> (UploadFixture, String, String) {
    let fixture = UploadFixture::new().await;
    let picture = fixture.uploaded(1, "?name=my%20work.png", "image/png", PNG).await;
    let text =
        fixture.uploaded(1, "?name=a%22b%0D%0A%C3%B6.txt", "text/plain", b"0123456789").await;
    fixture.answer(1, 1, &[&picture, &text]).await;
    let links = links(&fixture, 1).await;
    assert_eq!(links.len(), 2);
    (fixture, links[0].clone(), links[1].clone())
}

fn split(url: &str) -> (&str, &str, &str) {
    let (path, query) = path_of(url).split_once('?').unwrap();
    let (ends, signature) = query.strip_prefix("exp=").unwrap().split_once("&sig=").unwrap();
    (path, ends, signature)
}

#[tokio::test]
async fn whatever_was_not_signed_is_not_found() {
    let (fixture, picture, text) = with_two_files().await;
    let (path, ends, signature) = split(&picture);
    let (other, _, other_signature) = split(&text);
    let later = ends.parse::<i64>().unwrap() + 3600;
    let mut flipped = signature.to_owned();
    let first = if flipped.starts_with('A') { "B" } else { "A" };
    flipped.replace_range(0..1, first);
    let forged = [
        path.to_owned(),
        format!("{path}?exp={ends}"),
        format!("{path}?sig={signature}"),
        format!("{path}?exp=&sig={signature}"),
        format!("{path}?exp={ends}&sig="),
        format!("{path}?exp={ends}&sig={flipped}"),
        format!("{path}?exp={ends}&sig={signature}A"),
        format!("{path}?exp={ends}&sig={}", &signature[1..]),
        format!("{path}?exp={ends}&sig={other_signature}"),
        format!("{path}?exp={later}&sig={signature}"),
        format!("{path}?exp=x&sig={signature}"),
        format!("{path}?exp=99999999999999999999&sig={signature}"),
        format!("{path}?exp={ends}&exp={ends}&sig={signature}"),
        format!("{path}?exp={ends}&sig=%FF"),
        format!("{other}?exp={ends}&sig={signature}"),
        format!("/media/Me-none?exp={ends}&sig={signature}"),
        format!("/media/..%2F..%2Fassay.sqlite?exp={ends}&sig={signature}"),
        format!("/media/%FF?exp={ends}&sig={signature}"),
        format!("/media/%00?exp={ends}&sig={signature}"),
    ];
    let missing = fixture.browser.follow("GET", "/media/Me-none", &[]).await;
    assert_eq!(missing.code(), (404, "not_found"));
    for url in &forged {
        let answer = fixture.browser.follow("GET", url, &[]).await;
        assert_eq!((answer.status, &answer.bytes), (404, &missing.bytes), "{url}");
        assert_eq!(answer.header("etag"), "", "{url}");
        // Nor does a client that says it has the file learn that it is there.
        assert_eq!(
            fixture.browser.follow("GET", url, &[("if-none-match", "*")]).await.status,
            404,
            "{url}"
        );
        assert_eq!(
            fixture.browser.follow("HEAD", url, &[("range", "bytes=0-1")]).await.status,
            404,
            "{url}"
        );
    }
    for method in ["POST", "PUT", "DELETE"] {
        let refused = fixture.browser.follow(method, &picture, &[]).await;
        assert_eq!(
            (refused.code(), refused.header("allow")),
            ((405, "method_not_allowed"), "GET, HEAD"),
            "{method}"
        );
    }
}

#[tokio::test]
async fn a_link_lives_for_one_to_two_hours_and_is_the_same_for_an_hour() {
    let (fixture, picture, _) = with_two_files().await;
    fixture.test_app.clock.pass_seconds(3599);
    assert_eq!(links(&fixture, 1).await[0], picture);
    fixture.test_app.clock.pass_seconds(1);
    let renewed = links(&fixture, 1).await[0].clone();
    assert_ne!(renewed, picture);
    assert_eq!(
        fixture.browser.follow("GET", &picture, &[]).await.status,
        200,
        "the first one has an hour left"
    );
    fixture.test_app.clock.pass_seconds(3599);
    assert_eq!(fixture.browser.follow("GET", &picture, &[]).await.status, 200);
    fixture.test_app.clock.pass_seconds(1);
    assert_eq!(
        fixture.browser.follow("GET", &picture, &[]).await.code(),
        (404, "not_found"),
        "its time is over"
    );
    assert_eq!(fixture.browser.follow("GET", &renewed, &[]).await.status, 200);
}

#[tokio::test]
async fn a_link_ends_with_its_file_whatever_time_it_has_left() {
    let (fixture, picture, text) = with_two_files().await;
    let eraser = fixture.program(&[Scope::PersonsErase]).await;
    let path = "/management/v1/tasks/Tk1/candidates/Ca1/erase";
    assert_eq!(eraser.send("POST", path, &serde_json::json!({})).await.status, 200);
    for url in [picture, text] {
        assert_eq!(fixture.browser.follow("GET", &url, &[]).await.code(), (404, "not_found"));
    }
    assert_eq!(fixture.files(), 0);
    // What was earned stays, what was handed in is gone.
    let reader = fixture.program(&[Scope::AnswersRead]).await;
    let answers = reader.get(&integration_path(&fixture, "/answers")).await;
    assert_eq!(answers.body["answers"][0]["question"]["answer"]["value"], Value::Null);
}

/// The headers that say what a browser does with a file. Finding security A1, cause 2.
fn treatment(answer: &DeliveryReply) -> [&str; 3] {
    ["content-type", "content-disposition", "content-security-policy"]
        .map(|name| answer.header(name))
}

const SANDBOX: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

#[tokio::test]
async fn pictures_are_shown_everything_else_is_kept_and_nothing_runs() {
    let (fixture, picture, text) = with_two_files().await;
    let shown = fixture.browser.follow("GET", &picture, &[]).await;
    assert_eq!((shown.status, &shown.bytes[..]), (200, PNG));
    assert_eq!(treatment(&shown), ["image/png", "inline; filename*=UTF-8''my%20work.png", SANDBOX]);
    let stored = fixture.browser.follow("GET", &text, &[]).await;
    assert_eq!((stored.status, &stored.bytes[..]), (200, &b"0123456789"[..]));
    assert_eq!(
        treatment(&stored),
        ["application/octet-stream", "attachment; filename*=UTF-8''a%22b%0D%0A%C3%B6.txt", SANDBOX]
    );
    for answer in [&shown, &stored] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "private, max-age=3600");
        assert_eq!(answer.header("set-cookie"), "");
    }
}

#[tokio::test]
async fn a_file_that_claims_to_be_something_else_is_never_shown_as_that() {
    let fixture = UploadFixture::new().await;
    let page = b"<!doctype html><html><body><script>alert(1)</script></body></html>".as_slice();
    let drawing =
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".as_slice();
    let claims = [
        ("text/html", page, "application/octet-stream"),
        ("image/png", page, "application/octet-stream"),
        ("application/octet-stream", page, "application/octet-stream"),
        ("image/svg+xml", drawing, "application/octet-stream"),
        ("text/javascript", b"alert(1)".as_slice(), "application/octet-stream"),
        ("application/javascript", b"alert(1)".as_slice(), "application/octet-stream"),
        ("text/ecmascript", b"alert(1)".as_slice(), "application/octet-stream"),
        ("text/css", b"*{}".as_slice(), "application/octet-stream"),
        ("application/wasm", b"\0asm\x01\0\0\0".as_slice(), "application/octet-stream"),
        ("application/pdf", b"alert(1)".as_slice(), "application/octet-stream"),
        ("image/gif", b"alert(1)".as_slice(), "application/octet-stream"),
        ("text/html, image/png", b"alert(1)".as_slice(), "application/octet-stream"),
    ];
    for (number, (claimed, bytes, settled)) in claims.into_iter().enumerate() {
        let id = fixture.uploaded(4, "?name=x.svg", claimed, bytes).await;
        fixture.answer(4, number as u64 + 1, &[&id]).await;
        let url = links(&fixture, 4).await[0].clone();
        let answer = fixture.browser.follow("GET", &url, &[]).await;
        let expected = [settled, "attachment; filename*=UTF-8''x.svg", SANDBOX];
        assert_eq!((answer.status, treatment(&answer)), (200, expected), "{claimed}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{claimed}");
    }
}

#[tokio::test]
async fn a_part_of_a_file_is_sent_to_whoever_asks_for_one() {
    let (fixture, _, text) = with_two_files().await;
    let whole = fixture.browser.follow("GET", &text, &[]).await;
    assert_eq!((whole.header("accept-ranges"), whole.header("content-length")), ("bytes", "10"));
    let tag = whole.header("etag").to_owned();
    assert!(tag.len() > 2 && tag.starts_with('"'), "{tag}");
    let parts = [
        ("bytes=0-0", 206, "0", "bytes 0-0/10"),
        ("bytes=2-4", 206, "234", "bytes 2-4/10"),
        ("bytes=7-", 206, "789", "bytes 7-9/10"),
        ("bytes=7-99999999999999999999", 206, "789", "bytes 7-9/10"),
        ("bytes=-3", 206, "789", "bytes 7-9/10"),
        ("bytes=0-", 206, "0123456789", "bytes 0-9/10"),
        ("bytes=-99", 206, "0123456789", "bytes 0-9/10"),
        ("bytes=0-1,4-5", 200, "0123456789", ""),
        ("bytes=4-2", 200, "0123456789", ""),
        ("bytes=x", 200, "0123456789", ""),
        ("lines=1-2", 200, "0123456789", ""),
    ];
    for (range, status, body, reported) in parts {
        for encoding in ["identity", "gzip"] {
            let headers = [("range", range), ("accept-encoding", encoding)];
            let answer = fixture.browser.follow("GET", &text, &headers).await;
            assert_eq!((answer.status, &answer.bytes[..]), (status, body.as_bytes()), "{range}");
            assert_eq!(
                (answer.header("content-range"), answer.header("etag")),
                (reported, tag.as_str()),
                "{range}"
            );
            assert_eq!(answer.header("content-length"), body.len().to_string(), "{range}");
        }
    }
    for range in ["bytes=10-", "bytes=99-100", "bytes=-0", "bytes=99999999999999999999-"] {
        let answer = fixture.browser.follow("GET", &text, &[("range", range)]).await;
        assert_eq!(
            (answer.status, answer.bytes.len(), answer.header("content-range")),
            (416, 0, "bytes */10"),
            "{range}"
        );
    }
}

#[tokio::test]
async fn whoever_has_a_file_is_not_sent_it_again_and_a_part_of_another_is_not_continued() {
    let (fixture, picture, text) = with_two_files().await;
    let tag = fixture.browser.follow("GET", &text, &[]).await.header("etag").to_owned();
    assert_ne!(fixture.browser.follow("GET", &picture, &[]).await.header("etag"), tag);
    for existing in [tag.as_str(), "*", &format!("W/{tag}"), &format!("\"x\", {tag}")] {
        let answer = fixture
            .browser
            .follow("GET", &text, &[("if-none-match", existing), ("range", "bytes=0-1")])
            .await;
        assert_eq!(
            (answer.status, answer.bytes.len(), answer.header("etag")),
            (304, 0, tag.as_str()),
            "{existing}"
        );
        assert_eq!(answer.header("cache-control"), "private, max-age=3600");
    }
    assert_eq!(
        fixture.browser.follow("GET", &text, &[("if-none-match", "\"x\"")]).await.status,
        200
    );
    let part = [("range", "bytes=2-4"), ("if-range", tag.as_str())];
    assert_eq!(fixture.browser.follow("GET", &text, &part).await.status, 206);
    for other in ["\"x\"", &format!("W/{tag}"), "Thu, 01 Jan 2026 00:00:00 GMT"] {
        let answer = fixture
            .browser
            .follow("GET", &text, &[("range", "bytes=2-4"), ("if-range", other)])
            .await;
        assert_eq!((answer.status, answer.bytes.len()), (200, 10), "{other}");
    }
}

#[tokio::test]
async fn head_tells_what_get_would_send_without_a_body_and_without_parts() {
    let (fixture, picture, text) = with_two_files().await;
    for url in [&picture, &text] {
        let (get, head) = (
            fixture.browser.follow("GET", url, &[]).await,
            fixture.browser.follow("HEAD", url, &[]).await,
        );
        assert_eq!((head.status, head.bytes.len()), (200, 0));
        for name in [
            "content-type",
            "content-length",
            "content-disposition",
            "etag",
            "accept-ranges",
            "cache-control",
        ] {
            assert_eq!(head.header(name), get.header(name), "{name}");
        }
        let part = fixture.browser.follow("HEAD", url, &[("range", "bytes=0-1")]).await;
        assert_eq!(
            (part.status, part.header("content-length")),
            (200, get.header("content-length"))
        );
        let tag = get.header("etag").to_owned();
        assert_eq!(
            fixture.browser.follow("HEAD", url, &[("if-none-match", &tag)]).await.status,
            304
        );
    }
}

#[tokio::test]
async fn a_long_text_may_be_compressed_and_then_has_a_tag_of_its_own_and_no_parts() {
    let fixture = UploadFixture::new().await;
    let id = fixture.uploaded(4, "", "text/plain", &[b'a'; 5000]).await;
    fixture.answer(4, 1, &[&id]).await;
    let url = links(&fixture, 4).await[0].clone();
    let plain = fixture.browser.follow("GET", &url, &[]).await;
    let packed = fixture.browser.follow("GET", &url, &[("accept-encoding", "gzip")]).await;
    assert_eq!((packed.header("content-encoding"), packed.header("accept-ranges")), ("gzip", ""));
    let bare = plain.header("etag").trim_matches('"').to_owned();
    assert_eq!(packed.header("etag"), format!("\"{bare}-gzip\""));
    // A part of the packed bytes is no part of the file.
    let resumed =
        [("range", "bytes=10-"), ("if-range", packed.header("etag")), ("accept-encoding", "gzip")];
    assert_eq!(fixture.browser.follow("GET", &url, &resumed).await.status, 200);
    let existing = [("if-none-match", packed.header("etag"))];
    assert_eq!(fixture.browser.follow("GET", &url, &existing).await.status, 304);
}
