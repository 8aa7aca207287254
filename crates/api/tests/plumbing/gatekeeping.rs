//! Who is let in, and in which order a request is checked.

use crate::sample::{THINGS, sample, sample_with_quota};
use api::auth_layer::ClientAddress;
use axum::body::Body;
use axum::http::Request;
use std::num::NonZeroU32;
use std::time::Duration;

#[tokio::test]
async fn every_unusable_key_gets_the_same_401() {
    let sample = sample();
    let reference = sample.get_as(THINGS, None).await;
    assert_eq!((reference.status, reference.code().as_str()), (401, "unauthenticated"));
    assert_eq!(reference.header("www-authenticate"), "Bearer");
    assert_eq!(reference.header("content-type"), "application/problem+json");
    // O9:K1 belong to different organizations.
    for line in ["Bearer", "Bearer nothing", "Digest K1", "Basic Tzk6SzE=", "K1"] {
        let answer = sample.get_as(THINGS, Some(line)).await;
        assert_eq!((answer.status, &answer.body), (401, &reference.body), "{line}");
        assert_eq!(answer.headers, reference.headers);
    }
}

#[tokio::test]
async fn a_key_in_the_url_is_an_unknown_parameter_and_no_key() {
    let sample = sample();
    assert_eq!(sample.get_as(&format!("{THINGS}?key=K1"), None).await.status, 401);
    assert_eq!(sample.get(&format!("{THINGS}?key=K1")).await.code(), "unknown_parameter");
}

#[tokio::test]
async fn an_unauthenticated_caller_learns_nothing_about_paths_methods_or_faults() {
    let sample = sample();
    for (method, path) in [
        ("GET", "/nothing"),
        ("GET", ""),
        ("GET", "/"),
        ("DELETE", "/tasks/T1/things"),
        ("POST", "/tasks/%ZZ/things?x=1"),
    ] {
        let target = format!("/api/integration/rest/v1{path}");
        let request = Request::builder().method(method).uri(target).body(Body::from("x")).unwrap();
        let answer = sample.send(request).await;
        assert_eq!(answer.status, 401, "{method} {path}");
        assert!(!answer.headers.contains_key("allow"));
    }
}

#[tokio::test]
async fn unknown_paths_and_trailing_slashes_are_unknown_routes() {
    let sample = sample();
    for target in [
        &format!("{THINGS}/"),
        "/api/integration/rest/v1",
        "/api/integration/rest/v1/x",
        "/api/integration/rest/",
        "/x",
    ] {
        let answer = sample.get(target).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "unknown_route"), "{target}");
    }
}

#[tokio::test]
async fn a_known_path_with_another_method_says_which_methods_it_takes() {
    let sample = sample();
    let answer = sample.call("DELETE", THINGS, &[], Body::empty()).await;
    assert_eq!((answer.status, answer.code().as_str()), (405, "method_not_allowed"));
    assert_eq!(answer.header("allow"), "GET, HEAD, POST");
    let answer = sample.call("POST", "/api/integration/rest/long", &[], Body::from("x")).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"));
}

#[tokio::test]
async fn both_prefixes_and_both_schemes_give_the_same_bytes() {
    let sample = sample();
    let reference = sample.get(THINGS).await;
    assert_eq!(reference.status, 200);
    let alias = sample.get("/api/integration/rest/tasks/T1/things").await;
    let basic = sample.get_as(THINGS, Some("basic TzE6SzE=")).await;
    assert_eq!(
        (alias.status, &alias.body, alias.header("etag")),
        (200, &reference.body, reference.header("etag"))
    );
    assert_eq!((basic.status, &basic.body), (200, &reference.body));
}

#[tokio::test]
async fn what_belongs_to_another_organization_looks_like_what_never_existed() {
    let sample = sample();
    let missing = sample.get("/api/integration/rest/v1/tasks/nosuchtask/things").await;
    let foreign = sample.get_as(THINGS, Some("Bearer K9")).await;
    assert_eq!((missing.status, missing.code().as_str()), (404, "not_found"));
    assert_eq!((foreign.status, foreign.body), (404, missing.body));
    let names = |headers: &axum::http::HeaderMap| headers.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&foreign.headers), names(&missing.headers));
}

#[tokio::test]
async fn keys_that_cannot_be_looked_up_now_are_not_called_bad() {
    let answer = sample().get_as(THINGS, Some("Bearer down")).await;
    assert_eq!(
        (answer.status, answer.code().as_str(), answer.header("retry-after")),
        (503, "unavailable", "1")
    );
}

#[tokio::test]
async fn requests_beyond_the_quota_are_refused_until_it_refills() {
    let sample = sample_with_quota(NonZeroU32::new(2));
    let first = sample.get(THINGS).await;
    assert_eq!(first.header("ratelimit-policy"), "\"default\";q=2;w=60");
    assert_eq!(first.header("ratelimit"), "\"default\";r=1;t=30");
    assert_eq!(sample.get("/api/integration/rest/v1/nothing").await.status, 404);
    let refused = sample.get("/api/integration/rest/v1/nothing").await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"));
    assert_eq!(
        (refused.header("retry-after"), refused.header("ratelimit")),
        ("30", "\"default\";r=0;t=60")
    );
    assert_eq!(sample.get_as(THINGS, Some("Bearer K9")).await.status, 404);
    sample.clock.advance(Duration::from_secs(30));
    assert_eq!(sample.get(THINGS).await.status, 200);
}

#[tokio::test]
async fn a_lifted_limit_sends_no_counters() {
    let answer = sample_with_quota(None).get(THINGS).await;
    assert_eq!((answer.status, answer.header("ratelimit")), (200, ""));
}

/// Findings security B: /64 for bad keys, and refused before they are looked up.
#[tokio::test]
async fn an_address_that_keeps_sending_bad_keys_is_refused_before_they_are_looked_up() {
    let sample = sample_with_quota(NonZeroU32::new(2));
    let knock = |address: &str, key: &'static str| {
        let request = Request::get(THINGS).header("authorization", format!("Bearer {key}"));
        let address = ClientAddress(address.parse().unwrap());
        sample.send(request.extension(address).body(Body::empty()).unwrap())
    };
    assert_eq!(knock("2001:db8:1:2::1", "bad").await.status, 401);
    assert_eq!(knock("2001:db8:1:2::2", "bad").await.status, 401);
    let refused = knock("2001:db8:1:2::3", "worse").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "30"));
    // This one cannot be looked up: it would be 503.
    assert_eq!(knock("2001:db8:1:2::4", "down").await.status, 429);
    assert_eq!(knock("2001:db8:1:2::1", "K1").await.status, 200, "a key at work was stopped");
    assert_eq!(knock("2001:db8:1:3::1", "bad").await.status, 401);
    sample.clock.advance(Duration::from_secs(30));
    assert_eq!(knock("2001:db8:1:2::4", "down").await.status, 503);
}
