//! Requests as a whole: faults of all parts at once, in their order, and what comes before them.

use crate::sample::{SampleReply, THINGS, sample};
use axum::body::Body;

const JSON: (&str, &str) = ("content-type", "application/json");

fn faults(answer: &SampleReply) -> Vec<String> {
    let body = answer.json();
    let spell = |fault: &serde_json::Value| {
        let place = fault.get("name").or(fault.get("pointer")).and_then(serde_json::Value::as_str);
        format!(
            "{} {} {}",
            fault["in"].as_str().unwrap(),
            fault["code"].as_str().unwrap(),
            place.unwrap_or("-")
        )
    };
    body["errors"].as_array().unwrap().iter().map(spell).collect()
}

#[tokio::test]
async fn faults_of_path_query_header_and_body_come_together_in_this_order() {
    let headers = [JSON, ("idempotency-key", "a b")];
    let target = "/api/integration/rest/v1/tasks/%ZZ/things?x=1";
    let answer = sample().call("POST", target, &headers, r#"{"nam":1}"#).await;
    let expected = [
        "path malformed_path taskId",
        "query unknown_parameter x",
        "header invalid_format Idempotency-Key",
        "body unknown_key /nam",
        "body required /name",
    ];
    assert_eq!((answer.status, answer.code().as_str()), (400, "validation_failed"));
    assert_eq!(faults(&answer), expected);
}

#[tokio::test]
async fn a_malformed_request_to_a_missing_task_is_400() {
    let answer = sample().get("/api/integration/rest/v1/tasks/nosuchtask/things?limit=0").await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "out_of_range"));
}

#[tokio::test]
async fn a_malformed_id_is_a_plain_404() {
    for id in ["a%2Fb", "%00", "%20", &"x".repeat(65)] {
        let answer = sample().get(&format!("/api/integration/rest/v1/tasks/{id}/things")).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{id}");
    }
}

#[tokio::test]
async fn media_type_and_size_are_refused_before_any_fault() {
    let sample = sample();
    let target = format!("{THINGS}?x=1");
    assert_eq!(sample.call("POST", &target, &[], "{}").await.status, 415);
    let plain = sample.call("POST", &target, &[("content-type", "text/plain")], "{}").await;
    assert_eq!((plain.status, plain.code().as_str()), (415, "unsupported_media_type"));
    let large = sample.call("POST", &target, &[JSON], " ".repeat(1024 * 1024 + 1)).await;
    assert_eq!((large.status, large.code().as_str()), (413, "body_too_large"));
    let full = sample
        .call(
            "POST",
            THINGS,
            &[JSON],
            format!("{{\"name\":\"a\"}}{}", " ".repeat(1024 * 1024 - 12)),
        )
        .await;
    assert_eq!(full.status, 200);
}

#[tokio::test]
async fn a_body_where_none_is_taken_is_refused_beside_the_other_faults() {
    let answer = sample().call("GET", &format!("{THINGS}?x=1"), &[], r#"{"limit":5}"#).await;
    assert_eq!(
        faults(&answer),
        ["query unknown_parameter x", "body unexpected_body -"].map(|line| line.replace('-', ""))
    );
    let head = sample().call("HEAD", THINGS, &[], "x").await;
    assert_eq!((head.status, head.body.len()), (400, 0));
}

#[tokio::test]
async fn faults_found_with_data_are_reported_with_the_rest() {
    let answer = sample().call("POST", THINGS, &[JSON], r#"{"x":1,"name":"taken","y":2}"#).await;
    assert_eq!(
        faults(&answer),
        ["body unknown_key /x", "body duplicate_uniq_id /name", "body unknown_key /y"]
    );
}

#[tokio::test]
async fn a_target_above_eight_kibibytes_is_a_malformed_query() {
    let answer = sample().get(&format!("{THINGS}?externalId={}", "a".repeat(8 * 1024))).await;
    assert_eq!(faults(&answer), ["query malformed_query -"]);
    let longest = 8 * 1024 - THINGS.len() - "?externalId=".len();
    assert_eq!(
        sample().get(&format!("{THINGS}?externalId={}", "a".repeat(longest))).await.status,
        200
    );
}

#[tokio::test]
async fn a_link_to_the_next_page_is_accepted_as_it_is() {
    let answer = sample().get(&format!("{THINGS}?externalId=A%26B+1%2B1&limit=2")).await;
    let next = answer.json()["next"].as_str().unwrap().to_owned();
    assert_eq!(next, "?limit=2&page=2&mode=basic&externalId=A%26B%201%2B1");
    assert_eq!(sample().get(&format!("{THINGS}{next}")).await.json()["currentPage"], 2);
}

#[tokio::test]
async fn an_empty_body_is_no_json_object() {
    let answer = sample().call("POST", THINGS, &[JSON], Body::empty()).await;
    assert_eq!(faults(&answer), ["body malformed_json -"].map(|line| line.replace('-', "")));
}
