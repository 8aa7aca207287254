//! What metrics tell of requests, and what they must not: nothing a client wrote is ever a label.

use crate::case_fixture::CaseFixture;
use crate::document::operations;
use api::state::HttpSettings;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::num::NonZeroU32;
use testkit::{TestRequest, V1, send_to};

/// Counts of this thread go to the handle while the guard lives.
macro_rules! record {
    ($handle:ident, $guard:ident) => {
        let recorder = PrometheusBuilder::new().build_recorder();
        let $handle = recorder.handle();
        let $guard = metrics::set_default_local_recorder(&recorder);
    };
}

fn metered(quota: Option<NonZeroU32>) -> HttpSettings {
    HttpSettings { quota, are_metered: true, ..HttpSettings::default() }
}

/// The value of a series.
fn value(handle: &PrometheusHandle, series: &str) -> Option<f64> {
    let text = handle.render();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' ').map(str::to_owned));
    line.map(|value| value.parse().unwrap())
}

fn answers(route: &str, method: &str, status: u16) -> String {
    let labels = format!("route=\"{route}\",method=\"{method}\",status=\"{status}\"");
    format!("assay_http_request_duration_seconds_count{{{labels}}}")
}

#[tokio::test]
async fn every_operation_is_counted_under_its_template_and_nothing_that_was_sent() {
    let class = CaseFixture::new().await;
    record!(handle, _guard);
    let node = class.server.node_with(&metered(None)).await;
    for prefix in [V1, "/api/management/v1", "/api/delivery/v1"] {
        for operation in operations(&class.server, prefix).await {
            let target =
                operation.target(|_| "told-by-a-client".to_owned()) + "?told-too=told-also";
            let sent = TestRequest::new(&operation.method, target).bearer(&class.server.key);
            let sent = if operation.takes_body {
                sent.header("content-type", "application/json").body("{\"told\":1}")
            } else {
                sent
            };
            let answer = send_to(&node, sent).await;
            let series = answers(&operation.path, &operation.method, answer.status);
            assert_eq!(value(&handle, &series), Some(1.0), "{series}\n{}", handle.render());
        }
    }
    let text = handle.render();
    for secret in ["told", &class.server.key] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test]
async fn what_reaches_no_route_makes_no_series_of_its_own() {
    let class = CaseFixture::new().await;
    record!(handle, _guard);
    let node = class.server.node_with(&metered(None)).await;
    let list = class.fill("/tasks/{T1}/test-instances");
    let strange = [
        TestRequest::get("/enter/a-code"),
        TestRequest::get("/no/such/path"),
        TestRequest::get(format!("{V1}{list}")),
        TestRequest::get(format!("{V1}{list}")).bearer("assay_wrong"),
        TestRequest::get(format!("{V1}/no/such/path")).bearer(&class.server.key),
        TestRequest::new("BREW", format!("{V1}{list}")).bearer(&class.server.key),
    ];
    for sent in strange {
        send_to(&node, sent).await;
    }
    assert_eq!(value(&handle, &answers("none", "GET", 404)), Some(3.0));
    assert_eq!(value(&handle, &answers("none", "GET", 401)), Some(2.0));
    assert_eq!(value(&handle, &answers("none", "other", 405)), Some(1.0));
    let text = handle.render();
    for reported in ["a-code", "such", "wrong", "BREW", class.value("T1")] {
        assert!(!text.contains(reported), "{reported}: {text}");
    }
}

#[tokio::test]
async fn kept_pages_and_refusals_are_counted() {
    let class = CaseFixture::new().await;
    record!(handle, _guard);
    let node = class.server.node_with(&metered(NonZeroU32::new(5))).await;
    let target = format!("{V1}{}", class.fill("/tasks/{T1}/test-instances"));
    let mut statuses = Vec::new();
    for query in ["", "", "?page=2", "", "", "", ""] {
        let sent = TestRequest::get(format!("{target}{query}")).bearer(&class.server.key);
        statuses.push(send_to(&node, sent).await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429]);
    assert_eq!(value(&handle, "assay_page_cache_misses_total"), Some(2.0));
    assert_eq!(value(&handle, "assay_page_cache_hits_total"), Some(3.0));
    assert_eq!(value(&handle, "assay_rate_limited_total{by=\"key\"}"), Some(2.0));
}

#[tokio::test]
async fn without_metrics_nothing_is_counted() {
    let class = CaseFixture::new().await;
    record!(handle, _guard);
    let node = class.server.node(0).await;
    send_to(&node, TestRequest::get("/healthz")).await;
    assert!(!handle.render().contains("assay_http"));
}
