//! The table of 2.7: the lines that change nothing in one run, those that do each by itself.

use crate::case::CaseRun;
use crate::case_fixture::CaseFixture;
use crate::cases;
use serde_json::Value;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use testkit::{TestRequest, TestResponse, V1};

/// Cases that have a test of their own below; 67 has its lines in the table and its compressed form
/// here.
const APART: [u32; 4] = [63, 64, 65, 68];

impl CaseFixture {
    async fn get(&self, query: &str) -> TestResponse {
        self.server.get(&self.fill(&format!("/tasks/{{T1}}/test-instances{query}"))).await
    }

    async fn get_with(&self, name: &str, value: &str) -> TestResponse {
        let target = self.fill(&format!("{V1}/tasks/{{T1}}/test-instances"));
        self.server
            .send(TestRequest::get(target).bearer(&self.server.key).header(name, value))
            .await
    }
}

#[test]
fn every_case_has_its_line() {
    let written: BTreeSet<_> = cases::all().iter().map(|case| case.number).chain(APART).collect();
    assert_eq!(written, (1..=68).collect());
}

#[tokio::test]
async fn every_line_of_the_table_holds() {
    let class = CaseFixture::new().await;
    let before = class.server.rows_written().await;
    let mut run = CaseRun::new(&class);
    for case in cases::all() {
        run.run(case).await;
    }
    assert_eq!(class.server.rows_written().await, before, "reading writes nothing");
}

#[tokio::test]
async fn case_63_a_new_evaluation_changes_the_tag_and_the_points_but_not_the_moment_of_completion()
{
    let class = CaseFixture::new().await;
    let before = class.get("").await;
    class.server.test_app.clock.pass_seconds(60);
    class.server.evaluate(&class.t1.id, &class.instances[1], 50, "evaluate").await;
    let after = class.get_with("if-none-match", before.tag()).await;
    assert_eq!(after.status, 200);
    assert_ne!(after.tag(), before.tag());
    assert_eq!(after.ids(), before.ids());
    let result = |answer: &TestResponse| answer.json()["testInstances"][1]["result"].clone();
    let points = |answer: &TestResponse| result(answer)["scoreboard"]["pointsAchieved"].clone();
    assert_ne!(points(&after), points(&before));
    assert_eq!(result(&after)["completedAt"], result(&before)["completedAt"]);
}

#[tokio::test]
async fn case_64_a_new_instance_is_appended_and_shifts_nothing() {
    let mut class = CaseFixture::new().await;
    assert_eq!(class.get("").await.ids(), class.ids(1..=10));
    let visitor = class.server.enter(&class.candidates[&3]).await;
    let instance = class.server.start(&visitor, &class.t1.steps[0], "start-24").await;
    class.instances.push(instance);
    assert_eq!(class.get("?page=2").await.ids(), class.ids(11..=20));
    let last = class.get("?page=3").await;
    assert_eq!(last.ids(), class.ids(21..=24));
    assert_eq!(last.json()["pagination"]["totalItems"], 24);
}

#[tokio::test]
async fn case_65_a_changed_candidate_leaves_its_instances_as_they_were() {
    let class = CaseFixture::new().await;
    let before = class.get("?ticketId={C2}&mode=detailed").await;
    class.server.regroup(&class.t1.id, &class.candidates[&2].id, "south").await;
    let after = class.get("?ticketId={C2}&mode=detailed").await;
    assert_eq!(after.text(), before.text());
    let first: &Value = &after.json()["testInstances"][0];
    assert_eq!(
        (&first["group"], &first["labels"]),
        (&"default".into(), &serde_json::json!(["north", "east"]))
    );
}

#[tokio::test]
async fn case_67_a_compressed_body_decodes_to_the_bytes_of_case_1() {
    let class = CaseFixture::new().await;
    let plain = class.get("").await;
    for encoding in ["gzip", "br"] {
        let sent = TestRequest::get(class.fill(&format!("{V1}/tasks/{{T1}}/test-instances")))
            .bearer(&class.server.key);
        let packed = class.server.send(sent.clone().header("accept-encoding", encoding)).await;
        assert_eq!((packed.status, packed.header("content-encoding")), (200, encoding));
        assert!(packed.body.len() < plain.body.len());
        let unpacked = class.server.send_decoding(sent.header("accept-encoding", encoding)).await;
        assert_eq!(unpacked.body, plain.body);
    }
}

#[tokio::test]
async fn case_68_one_request_too_many_is_told_when_to_come_back() {
    let class = CaseFixture::with_quota(NonZeroU32::new(3)).await;
    for left in ["2", "1", "0"] {
        let answer = class.get("").await;
        assert_eq!(
            (answer.status, answer.header("ratelimit-policy")),
            (200, "\"default\";q=3;w=60")
        );
        assert!(
            answer.header("ratelimit").starts_with(&format!("\"default\";r={left};t=")),
            "{left}"
        );
    }
    let refused = class.get("?limit=0").await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"));
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert!(refused.header("ratelimit").starts_with("\"default\";r=0;t="));
    // Another key is counted apart, and an unusable one is not told of the limit.
    let target = class.fill(&format!("{V1}/tasks/{{T9}}/test-instances"));
    assert_eq!(
        class.server.send(TestRequest::get(&target).bearer(class.value("K9"))).await.status,
        200
    );
    assert_eq!(class.server.send(TestRequest::get(&target)).await.status, 401);
}
