//! What every response carries, and answers when something breaks.

use crate::sample::{THINGS, sample};
use axum::body::Body;
use std::cell::RefCell;
use std::io::Write;

const LONG: &str = "/api/integration/rest/v1/long";

#[tokio::test]
async fn a_panic_becomes_500_without_internals() {
    let answer = sample().get("/api/integration/rest/v1/panic").await;
    assert_eq!((answer.status, answer.code().as_str()), (500, "internal_error"));
    assert!(!answer.text().contains("secret"));
    assert_eq!(answer.header("x-request-id"), "Rq1");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_begin_becomes_503() {
    let answer = sample().get("/api/integration/rest/v1/hang").await;
    assert_eq!(
        (answer.status, answer.code().as_str(), answer.header("retry-after")),
        (503, "unavailable", "1")
    );
}

#[tokio::test]
async fn every_response_carries_the_common_headers() {
    let sample = sample();
    for target in [
        THINGS,
        "/nothing",
        "/api/integration/rest/v1/panic",
        "/problems/not_found",
        "/openapi.json",
        LONG,
    ] {
        for encoding in ["identity", "gzip"] {
            let answer =
                sample.call("GET", target, &[("accept-encoding", encoding)], Body::empty()).await;
            assert_eq!(answer.header("x-request-id"), "Rq1", "{target}");
            assert_eq!(answer.header("cache-control"), "private, no-cache");
            assert_eq!(answer.header("vary"), "Authorization, Accept-Encoding");
            assert_eq!(answer.headers.get_all("vary").iter().count(), 1);
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert!(!answer.headers.contains_key("access-control-allow-origin"));
        }
    }
}

#[tokio::test]
async fn a_problem_has_the_published_shape_and_type() {
    let answer = sample().get(&format!("{THINGS}?limit=1001")).await;
    let expected = r#"{"type":"https://assess.example.org/problems/out_of_range","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 1000.","code":"out_of_range","errors":[{"in":"query","name":"limit","code":"out_of_range","message":"limit must be an integer from 1 to 1000.","minimum":1,"maximum":1000}]}"#;
    assert_eq!(answer.text(), expected);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("content-length"), expected.len().to_string());
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let sample = sample();
    let (get, head) =
        (sample.get(THINGS).await, sample.call("HEAD", THINGS, &[], Body::empty()).await);
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in ["etag", "content-type", "content-length", "cache-control", "vary"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    let refused = sample.call("HEAD", &format!("{THINGS}?limit=0"), &[], Body::empty()).await;
    assert_eq!((refused.status, refused.body.len()), (400, 0));
}

#[tokio::test]
async fn a_reader_that_has_the_tag_gets_304_without_a_body() {
    let sample = sample();
    let tag = sample.get(THINGS).await.header("etag").to_owned();
    for sent in [tag.as_str(), "*", &format!("W/{tag}"), &format!("\"x\", {tag}")] {
        let answer = sample.call("GET", THINGS, &[("if-none-match", sent)], Body::empty()).await;
        assert_eq!(
            (answer.status, answer.body.len(), answer.header("etag")),
            (304, 0, tag.as_str()),
            "{sent}"
        );
    }
    let other = sample
        .call("GET", &format!("{THINGS}?page=2"), &[("if-none-match", &tag)], Body::empty())
        .await;
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn a_compressed_body_has_its_own_tag_and_is_recognised_by_it() {
    let sample = sample();
    let plain = sample.get(LONG).await;
    let bare = plain.header("etag").trim_matches('"').to_owned();
    for (accepted, suffix) in [("gzip", "-gzip"), ("br", "-br"), ("gzip;q=0, br", "-br")] {
        let answer =
            sample.call("GET", LONG, &[("accept-encoding", accepted)], Body::empty()).await;
        let tag = format!("\"{bare}{suffix}\"");
        assert_eq!(
            (answer.header("etag"), answer.header("content-encoding")),
            (tag.as_str(), &suffix[1..])
        );
        assert!(answer.body.len() < plain.body.len() / 4);
        let headers = [("accept-encoding", accepted), ("if-none-match", tag.as_str())];
        let again = sample.call("GET", LONG, &headers, Body::empty()).await;
        assert_eq!((again.status, again.header("etag")), (304, tag.as_str()));
    }
}

#[tokio::test]
async fn small_bodies_and_readers_that_do_not_ask_get_them_plain() {
    let sample = sample();
    for (target, accepted) in [(THINGS, "gzip, br"), (LONG, "identity"), (LONG, "gzip;q=0")] {
        let answer =
            sample.call("GET", target, &[("accept-encoding", accepted)], Body::empty()).await;
        assert_eq!(
            (answer.status, answer.header("content-encoding")),
            (200, ""),
            "{target} {accepted}"
        );
    }
}

thread_local! {
    /// What was logged on this thread. A test and the server it asks share one.
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct LogLines;

impl Write for LogLines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_has_one_line_a_request_without_its_query_key_or_entry_code() {
    // One subscriber for the whole process: tests beside this one would switch a thread's own off.
    tracing_subscriber::fmt().with_ansi(false).with_writer(|| LogLines).init();
    tracing::callsite::rebuild_interest_cache();
    let sample = sample();
    sample.get(&format!("{THINGS}?externalId=hidden")).await;
    sample.get("/enter/K7QX92MD4T").await;
    let text = String::from_utf8(LOGGED.take()).unwrap();
    let logged: Vec<_> = text.lines().filter(|line| line.contains("assay::http")).collect();
    assert_eq!(logged.len(), 2, "{text}");
    assert!(
        logged[0].contains("/tasks/T1/things")
            && logged[0].contains("status=200")
            && logged[0].contains("Rq1")
    );
    assert!(logged[0].contains("micros=") && logged[0].contains("GET"));
    for secret in ["hidden", "K1", "K7QX92MD4T"] {
        assert!(!text.contains(secret), "{secret}");
    }
}
