//! The change feed (10.1) and its invariants 13, 15 and 16: whatever happens between two reads, a
//! reader that keeps its cursor ends with the very bytes of the list.

use crate::case_fixture::CaseFixture;
use crate::life::{LifecycleAct, LifecycleScene, act};
use app::erasure::ErasureOptions;
use domain::history::Epoch;
use domain::id::TaskId;
use domain::instance::InstanceChange;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use storage::Transaction;
use testkit::{TestRequest, TestResponse, TestServer, V1};
use tokio::runtime::Runtime;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangeFeedBody {
    changes: Vec<ChangeFeedEntry>,
    cursor: String,
    has_more: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangeFeedEntry {
    cursor: String,
    kind: String,
    at: i64,
    test_instance_id: String,
    test_instance: Box<RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InstanceListBody {
    test_instances: Vec<Box<RawValue>>,
}

/// A reader that keeps its cursor and the latest entry for each instance.
struct ChangeFeedReader<'server> {
    server: &'server TestServer,
    task: TaskId,
    cursor: Option<String>,
    stored: BTreeMap<String, String>,
    kinds: Vec<String>,
}

impl<'server> ChangeFeedReader<'server> {
    fn new(server: &'server TestServer, task: &TaskId) -> Self {
        Self {
            server,
            task: task.clone(),
            cursor: None,
            stored: BTreeMap::new(),
            kinds: Vec::new(),
        }
    }

    async fn ask(&self, query: &str) -> TestResponse {
        self.server.get(&format!("/tasks/{}/test-instances/changes?{query}", self.task)).await
    }

    /// Reads one run. True when there is more.
    async fn read(&mut self, limit: usize) -> bool {
        let since =
            self.cursor.as_ref().map_or_else(String::new, |cursor| format!("&since={cursor}"));
        let answer = self.ask(&format!("mode=detailed&limit={limit}{since}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let feed: ChangeFeedBody = serde_json::from_slice(&answer.body).unwrap();
        assert!(feed.changes.len() <= limit && (!feed.has_more || feed.changes.len() == limit));
        let last =
            feed.changes.last().map(|entry| entry.cursor.clone()).or_else(|| self.cursor.clone());
        assert!(last.is_none_or(|last| last == feed.cursor));
        for entry in feed.changes {
            assert!(entry.at > 0 && entry.test_instance.get().contains(&entry.test_instance_id));
            self.kinds.push(entry.kind);
            self.stored.insert(entry.test_instance_id, entry.test_instance.get().to_owned());
        }
        self.cursor = Some(feed.cursor);
        feed.has_more
    }

    async fn read_to_end(&mut self, limit: usize) {
        while self.read(limit).await {}
    }

    /// The instances of the list, as printed, by id.
    async fn listed(&self) -> BTreeMap<String, String> {
        let answer = self
            .server
            .get(&format!("/tasks/{}/test-instances?mode=detailed&limit=1000", self.task))
            .await;
        let ids = answer.ids();
        let list: InstanceListBody = serde_json::from_slice(&answer.body).unwrap();
        ids.into_iter().zip(list.test_instances.iter().map(|row| row.get().to_owned())).collect()
    }
}

#[tokio::test]
async fn a_cursor_of_another_task_or_place_or_time_is_unknown() {
    let class = CaseFixture::new().await;
    let feed = |task: &str| format!("/tasks/{{{task}}}/test-instances/changes");
    let cursor = |answer: TestResponse| answer.json()["cursor"].as_str().unwrap().to_owned();
    let foreign = cursor(class.server.get(&class.fill(&feed("T0"))).await);
    let (t1, epoch) = (class.t1.id.clone(), epoch(&class.server).await);
    let elsewhere =
        domain::cursor::issue(&Epoch { secret: "elsewhere".into(), ..epoch.clone() }, &t1, 1);
    let ahead = domain::cursor::issue(&epoch, &t1, 10_000);
    for since in [foreign.as_str(), &ahead, &elsewhere, "nosuch", "c_", "%F0%9F%98%80"] {
        let answer = class.server.get(&class.fill(&format!("{}?since={since}", feed("T1")))).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "unknown_cursor"), "{since}");
        assert_eq!(answer.json()["errors"][0]["name"], "since");
    }
}

async fn epoch(server: &TestServer) -> Epoch {
    let read = |tx: &mut dyn Transaction| storage::history::current(tx);
    let row = server.test_app.storage.read(read).await.unwrap().unwrap();
    Epoch { number: row.number, secret: row.epoch, end: None }
}

#[tokio::test]
async fn an_unknown_cursor_is_told_beside_the_other_faults_in_the_order_sent() {
    let class = CaseFixture::new().await;
    let reported = async |task: &str, query: &str| {
        let target = class.fill(&format!("/tasks/{task}/test-instances/changes?{query}"));
        let answer = class.server.get(&target).await;
        let entries = answer.json()["errors"].as_array().cloned().unwrap();
        entries.iter().map(|entry| entry["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = ["out_of_range", "unknown_cursor", "invalid_enum", "unknown_parameter"];
    assert_eq!(reported("{T1}", "limit=0&since=nosuch&mode=x&page=2").await, all);
    assert_eq!(reported("{T1}", "since=&limit=1001").await, ["empty_value", "out_of_range"]);
    assert_eq!(reported("{T1}", "since=a&since=b").await, ["repeated_parameter"]);
    // A task that is not there has no cursors to be judged.
    assert_eq!(reported("nosuch", "limit=0&since=nosuch").await, ["out_of_range"]);
    assert_eq!(reported("{T9}", "limit=0&since=nosuch").await, ["out_of_range"]);
}

#[tokio::test]
async fn the_feed_of_another_organization_is_not_found() {
    let class = CaseFixture::new().await;
    let missing = class.server.get("/tasks/nosuch/test-instances/changes").await;
    let foreign =
        class.server.get(&class.fill("/tasks/{T9}/test-instances/changes?since=nosuch")).await;
    assert_eq!((missing.status, foreign.status), (404, 404));
    assert_eq!(missing.body, foreign.body);
}

#[tokio::test]
async fn an_empty_feed_has_a_cursor_for_its_beginning() {
    let server = TestServer::new().await;
    let mut scene = LifecycleScene::new(&server, &server.router).await;
    let mut reader = ChangeFeedReader::new(&server, &scene.task.id);
    assert!(!reader.read(10).await);
    let beginning = reader.cursor.clone();
    assert!(!reader.read(10).await);
    assert_eq!(reader.cursor, beginning);
    assert!(scene.act(LifecycleAct::Start(0)).await);
    reader.read(10).await;
    assert_eq!(reader.stored.len(), 1);
}

#[tokio::test]
async fn every_kind_of_change_is_told_once_with_the_instance_as_it_is() {
    let server = TestServer::new().await;
    let mut scene = LifecycleScene::new(&server, &server.router).await;
    let mut reader = ChangeFeedReader::new(&server, &scene.task.id);
    let acts = [
        (LifecycleAct::Start(1), InstanceChange::Started),
        (LifecycleAct::Complete(0), InstanceChange::Completed),
        (LifecycleAct::Evaluate(0, 50), InstanceChange::Rescored),
        (LifecycleAct::Ignore(0), InstanceChange::Ignored),
        (LifecycleAct::Reacknowledge(0), InstanceChange::Reacknowledged),
        (LifecycleAct::Reinstate(0), InstanceChange::Reinstated),
        (LifecycleAct::ForceClose(0), InstanceChange::Completed),
    ];
    for (act, kind) in acts {
        assert!(scene.act(act).await, "{act:?}");
        reader.read_to_end(1).await;
        assert_eq!(reader.kinds.drain(..).collect::<Vec<_>>(), [kind.as_str()], "{act:?}");
        assert_eq!(reader.stored, reader.listed().await, "{act:?}");
    }
    // What changes nothing that is listed is not told.
    for act in [
        LifecycleAct::Rescore(0),
        LifecycleAct::Regroup(1),
        LifecycleAct::Refile,
        LifecycleAct::Reacknowledge(0),
    ] {
        assert!(scene.act(act).await, "{act:?}");
        reader.read_to_end(1).await;
        assert_eq!(reader.kinds, Vec::<String>::new(), "{act:?}");
    }
}

#[tokio::test]
async fn an_erased_instance_is_told_with_what_remains_of_it() {
    let server = TestServer::new().await;
    let mut scene = LifecycleScene::new(&server, &server.router).await;
    let mut reader = ChangeFeedReader::new(&server, &scene.task.id);
    assert!(scene.act(LifecycleAct::Start(1)).await && scene.act(LifecycleAct::Complete(0)).await);
    reader.read_to_end(10).await;
    let instance = scene.instances[0].1.clone();
    let find = move |tx: &mut dyn Transaction| storage::instance::find_any(tx, &instance);
    let row = server.test_app.storage.read(find).await.unwrap().unwrap();
    let (app, staff) = (&server.test_app.app, server.test_app.operator());
    app.candidates()
        .erase_candidate(&staff, &scene.task.id, &row.candidate_id, ErasureOptions::default())
        .await
        .unwrap();
    reader.kinds.clear();
    reader.read_to_end(10).await;
    assert_eq!(reader.kinds, [InstanceChange::Erased.as_str()]);
    assert_eq!(reader.stored, reader.listed().await);
}

#[tokio::test]
async fn a_304_of_the_feed_lasts_until_the_next_change() {
    let server = TestServer::new().await;
    let mut scene = LifecycleScene::new(&server, &server.router).await;
    scene.act(LifecycleAct::Start(0)).await;
    let target = format!("{V1}/tasks/{}/test-instances/changes", scene.task.id);
    let ask = async |tag: &str| {
        let sent = TestRequest::get(target.as_str()).bearer(&server.key);
        server.send(if tag.is_empty() { sent } else { sent.header("if-none-match", tag) }).await
    };
    let first = ask("").await;
    let again = ask(first.tag()).await;
    assert_eq!((again.status, again.body.len(), again.tag()), (304, 0, first.tag()));
    scene.act(LifecycleAct::Complete(0)).await;
    let changed = ask(first.tag()).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.tag(), first.tag());
}

#[derive(Clone, Debug)]
enum FeedStep {
    Act(LifecycleAct),
    Read(usize),
}

fn step() -> impl Strategy<Value = FeedStep> {
    prop_oneof![3 => act().prop_map(FeedStep::Act), 2 => (1..4_usize).prop_map(FeedStep::Read)]
}

#[test]
fn any_interleaving_of_reads_and_writes_ends_with_the_bytes_of_the_list() {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(TestServer::new());
    proptest!(ProptestConfig::with_cases(24), |(moves in prop::collection::vec(step(), 4..24), limit in 1..5_usize)| {
        runtime.block_on(async {
            let mut scene = LifecycleScene::new(&server, &server.router).await;
            let mut reader = ChangeFeedReader::new(&server, &scene.task.id);
            for step in moves {
                match step {
                    FeedStep::Act(act) => { scene.act(act).await; }
                    FeedStep::Read(limit) => { reader.read(limit).await; }
                }
            }
            reader.read_to_end(limit).await;
            let listed = reader.listed().await;
            assert_eq!(reader.stored, listed);
            let mut late = ChangeFeedReader::new(&server, &scene.task.id);
            late.read_to_end(limit).await;
            assert_eq!(late.stored, listed);
            assert_eq!(late.kinds.len(), listed.len());
        });
    });
}
