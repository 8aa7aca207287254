//! Invariants 18, 22, 23 and 25, and the tags of 1.4: whatever is done to a task's instances, in
//! any order, tags change with bodies, copies stay, and what is taken back leaves no trace.

use app::caller::CandidateSession;
use app::candidates::CandidateView;
use axum::Router;
use domain::id::InstanceId;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::{TaskWithSteps, TestRequest, TestResponse, TestServer, V1, send_to, temporary};
use tokio::runtime::Runtime;

#[derive(Clone, Copy, Debug)]
pub enum LifecycleAct {
    Start(usize),
    Complete(usize),
    Ignore(usize),
    IgnoreAndTakeBack(usize),
    Reacknowledge(usize),
    Reinstate(usize),
    Evaluate(usize, i64),
    Rescore(usize),
    Regroup(usize),
    Refile,
    LetTimePass,
    ForceClose(usize),
}

pub fn act() -> impl Strategy<Value = LifecycleAct> {
    let who = 0..3_usize;
    let which = 0..3_usize;
    prop_oneof![
        3 => who.clone().prop_map(LifecycleAct::Start),
        4 => which.clone().prop_map(LifecycleAct::Complete),
        1 => which.clone().prop_map(LifecycleAct::Ignore),
        1 => which.clone().prop_map(LifecycleAct::IgnoreAndTakeBack),
        1 => which.clone().prop_map(LifecycleAct::Reacknowledge),
        1 => which.clone().prop_map(LifecycleAct::Reinstate),
        2 => (which.clone(), -100..=100_i64).prop_map(|(which, percentage)| LifecycleAct::Evaluate(which, percentage)),
        1 => which.clone().prop_map(LifecycleAct::Rescore),
        1 => who.prop_map(LifecycleAct::Regroup),
        1 => Just(LifecycleAct::Refile),
        1 => Just(LifecycleAct::LetTimePass),
        1 => which.prop_map(LifecycleAct::ForceClose),
    ]
}

/// A task at work.
pub struct LifecycleScene<'server> {
    pub server: &'server TestServer,
    pub task: TaskWithSteps,
    pub people: Vec<(CandidateView, CandidateSession)>,
    pub instances: Vec<(usize, InstanceId)>,
    acts: usize,
    /// A node that keeps no page.
    forgetful: &'server Router,
}

impl<'server> LifecycleScene<'server> {
    pub async fn new(server: &'server TestServer, forgetful: &'server Router) -> Self {
        let task = server.task(1).await;
        let mut people = Vec::new();
        for external_id in [None, Some("E1"), Some("E2")] {
            let candidate = server.candidate(&task.id, temporary(external_id)).await;
            let visitor = server.enter(&candidate).await;
            people.push((candidate, visitor));
        }
        Self { server, task, people, instances: Vec::new(), acts: 0, forgetful }
    }

    fn instance(&self, which: usize) -> Option<&InstanceId> {
        self.instances.get(which).map(|(_, instance)| instance)
    }

    /// Does it, whether or not it is allowed. True when the use case said so.
    pub async fn act(&mut self, act: LifecycleAct) -> bool {
        self.acts += 1;
        match act {
            LifecycleAct::Start(who) => self.start(who).await,
            LifecycleAct::Complete(which) => self.complete(which).await,
            LifecycleAct::LetTimePass => {
                self.server.test_app.clock.pass_seconds(700);
                true
            }
            LifecycleAct::Regroup(who) => {
                let candidate = self.people[who].0.id.clone();
                self.server
                    .regroup(&self.task.id, &candidate, &format!("group-{}", self.acts))
                    .await;
                true
            }
            LifecycleAct::Refile => {
                let change = app::tasks::TaskUpdate {
                    folder: Some(format!("folder-{}", self.acts)),
                    ..Default::default()
                };
                let app = &self.server.test_app.app;
                app.tasks()
                    .update_task(&self.server.operator(), &self.task.id, change)
                    .await
                    .is_ok()
            }
            other => self.administer(other).await,
        }
    }

    async fn start(&mut self, who: usize) -> bool {
        let token = format!("start-{}", self.acts);
        let app = &self.server.test_app.app;
        let Ok(started) =
            app.delivery().start(&self.people[who].1, &self.task.steps[0], &token).await
        else {
            return false;
        };
        if self.instances.iter().all(|(_, existing)| *existing != started.instance_id) {
            self.server.answer(&self.people[who].1, &started.instance_id).await;
            self.instances.push((who, started.instance_id));
        }
        true
    }

    async fn complete(&self, which: usize) -> bool {
        let Some((who, instance)) = self.instances.get(which) else { return false };
        let request = app::delivery::complete::SubmitRequest {
            client_token: format!("complete-{}", self.acts),
            confirm: true,
            without_uploads: false,
            writes: Vec::new(),
        };
        self.server
            .test_app
            .app
            .delivery()
            .submit_instance(&self.people[*who].1, instance, request)
            .await
            .is_ok()
    }

    async fn administer(&self, act: LifecycleAct) -> bool {
        let (app, caller, task) =
            (&self.server.test_app.app, self.server.operator(), &self.task.id);
        let token = format!("act-{}", self.acts);
        let (LifecycleAct::Ignore(which)
        | LifecycleAct::IgnoreAndTakeBack(which)
        | LifecycleAct::Reacknowledge(which)
        | LifecycleAct::Reinstate(which)
        | LifecycleAct::Evaluate(which, _)
        | LifecycleAct::Rescore(which)
        | LifecycleAct::ForceClose(which)) = act
        else {
            return false;
        };
        let Some(instance) = self.instance(which) else { return false };
        match act {
            LifecycleAct::Ignore(_) => {
                app.instances().ignore(&caller, task, instance, None).await.is_ok()
            }
            LifecycleAct::Reacknowledge(_) => {
                app.instances().reacknowledge(&caller, task, instance, None).await.is_ok()
            }
            LifecycleAct::IgnoreAndTakeBack(_) => self.ignore_and_take_back(instance).await,
            LifecycleAct::Evaluate(_, percentage) => {
                let request = testkit::evaluation_of_essay(percentage, &token);
                app.evaluation().evaluate(&caller, task, instance, request).await.is_ok()
            }
            LifecycleAct::Reinstate(_) => app
                .instances()
                .reinstate(&caller, task, instance, testkit::reinstatement(&token))
                .await
                .is_ok(),
            LifecycleAct::Rescore(_) => {
                app.instances().rescore(&caller, task, instance, None).await.is_ok()
            }
            _ => app.instances().force_close(&caller, task, instance).await.is_ok(),
        }
    }

    async fn ignore_and_take_back(&self, instance: &InstanceId) -> bool {
        let (app, caller, task) =
            (&self.server.test_app.app, self.server.operator(), &self.task.id);
        let target = format!("{V1}/tasks/{task}/test-instances/{instance}?mode=detailed");
        let before = self.get(&target).await;
        if before.json()["ignored"] == true
            || app.instances().ignore(&caller, task, instance, None).await.is_err()
        {
            return false;
        }
        let ignored = self.get(&target).await;
        assert_eq!(ignored.json()["ignored"], true);
        assert_ne!(ignored.tag(), before.tag());
        app.instances().reacknowledge(&caller, task, instance, None).await.unwrap();
        assert_eq!(self.get(&target).await.body, before.body);
        true
    }

    async fn get(&self, target: &str) -> TestResponse {
        self.server.send(TestRequest::get(target).bearer(&self.server.key)).await
    }

    /// The same, and again, and from a node that keeps no page: none can be told from the others.
    async fn get_anew(&self, target: &str) -> TestResponse {
        let sent = TestRequest::get(target).bearer(&self.server.key);
        let (first, again) =
            (self.server.send(sent.clone()).await, self.server.send(sent.clone()).await);
        let printed = send_to(self.forgetful, sent).await;
        for other in [again, printed] {
            assert_eq!((other.status, &other.body), (first.status, &first.body), "{target}");
            assert_eq!(other.lasting_headers(), first.lasting_headers(), "{target}");
        }
        first
    }

    /// Addresses of lists, pages and single instances.
    fn addresses(&self) -> Vec<String> {
        let list = format!("{V1}/tasks/{}/test-instances", self.task.id);
        let mut targets: Vec<_> =
            ["", "?mode=detailed", "?limit=1&page=2", "?externalId=E1", "?page=9"]
                .iter()
                .map(|query| format!("{list}{query}"))
                .collect();
        targets.push(format!("{list}?ticketId={}&mode=detailed", self.people[0].0.id));
        for (_, instance) in &self.instances {
            targets.extend(["", "?mode=detailed"].map(|query| format!("{list}/{instance}{query}")));
        }
        targets
    }

    async fn read_all(&self) -> BTreeMap<String, TestResponse> {
        let mut answers = BTreeMap::new();
        for target in self.addresses() {
            let answer = self.get_anew(&target).await;
            answers.insert(target, answer);
        }
        answers
    }

    /// Compares two readings of the same addresses with an act in between.
    async fn compare(
        &self,
        before: &BTreeMap<String, TestResponse>,
        after: &BTreeMap<String, TestResponse>,
    ) {
        for (target, answer) in after {
            assert_eq!(answer.status, 200, "{target}: {}", answer.text());
            assert_eq!(self.get(target).await.tag(), answer.tag(), "{target}");
            let Some(earlier) = before.get(target) else { continue };
            if earlier.body != answer.body {
                assert_ne!(earlier.tag(), answer.tag(), "{target}");
            }
            let sent = TestRequest::get(target)
                .bearer(&self.server.key)
                .header("if-none-match", earlier.tag());
            let again = self.server.send(sent).await;
            let expected = if earlier.tag() == answer.tag() {
                (304, &[][..])
            } else {
                (200, &answer.body[..])
            };
            assert_eq!((again.status, &again.body[..]), expected, "{target}");
        }
    }
}

/// What of an instance never changes after its start.
fn copies(row: &Value) -> Value {
    json!([
        row["group"],
        row["labels"],
        row["tags"],
        row["folder"],
        row["candidate"],
        row["stepId"],
        row["ticketId"]
    ])
}

fn check_change(act: LifecycleAct, before: &Value, after: &Value) {
    assert_eq!(copies(before), copies(after));
    let complete = |row: &Value| row["status"] == "COMPLETE";
    assert_eq!(complete(after), after["result"].is_object(), "{after}");
    assert!(complete(after) || after["ignored"] == false, "{after}");
    if matches!(
        act,
        LifecycleAct::Evaluate(..)
            | LifecycleAct::Rescore(_)
            | LifecycleAct::Ignore(_)
            | LifecycleAct::Reacknowledge(_)
    ) && complete(before)
    {
        assert_eq!(before["result"]["completedAt"], after["result"]["completedAt"], "{act:?}");
    }
    if matches!(act, LifecycleAct::Ignore(_) | LifecycleAct::Reacknowledge(_)) {
        assert_eq!((&before["status"], &before["result"]), (&after["status"], &after["result"]));
    }
}

/// Does these things one by one; gives for each whether it was done and whether the detailed list
/// changed with it.
async fn run_acts(
    server: &TestServer,
    forgetful: &Router,
    acts: &[LifecycleAct],
) -> Vec<(bool, bool)> {
    let mut scene = LifecycleScene::new(server, forgetful).await;
    let mut before = scene.read_all().await;
    let list = scene.addresses().swap_remove(1);
    let mut reported = Vec::new();
    for act in acts {
        // Deadlines that have passed are no part of the act.
        server.test_app.app.delivery().ensure_deadlines_swept().await.unwrap();
        let written = server.rows_written().await;
        let done = scene.act(*act).await;
        if !done && !matches!(act, LifecycleAct::Start(_) | LifecycleAct::Complete(_)) {
            assert_eq!(server.rows_written().await, written, "{act:?} was refused and wrote");
        }
        let after = scene.read_all().await;
        scene.compare(&before, &after).await;
        for (target, answer) in
            after.iter().filter(|(target, _)| target.ends_with("?mode=detailed"))
        {
            let (Some(earlier), now) = (before.get(target), answer.json()) else { continue };
            if now["testInstanceId"].is_string() {
                check_change(*act, &earlier.json(), &now);
            }
        }
        reported.push((done, before[&list].tag() != after[&list].tag()));
        before = after;
    }
    reported
}

#[test]
fn tags_follow_bodies_and_copies_stay_whatever_happens() {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(TestServer::new());
    let forgetful = runtime.block_on(server.node(0));
    proptest!(ProptestConfig::with_cases(20), |(acts in prop::collection::vec(act(), 4..20))| {
        runtime.block_on(run_acts(&server, &forgetful, &acts));
    });
}

#[tokio::test]
async fn every_kind_of_change_gives_the_list_a_new_tag() {
    let server = TestServer::new().await;
    let forgetful = server.node(0).await;
    let changes = [
        LifecycleAct::Start(1),
        LifecycleAct::Complete(0),
        LifecycleAct::Evaluate(0, 50),
        LifecycleAct::Ignore(0),
        LifecycleAct::Reacknowledge(0),
        LifecycleAct::IgnoreAndTakeBack(0),
        LifecycleAct::Reinstate(0),
        LifecycleAct::Complete(0),
        LifecycleAct::Start(0),
        LifecycleAct::ForceClose(1),
    ];
    assert_eq!(run_acts(&server, &forgetful, &changes).await, [(true, true); 10]);
    let repeats = [
        (LifecycleAct::Start(1), (true, true)),
        (LifecycleAct::Start(1), (true, false)),
        (LifecycleAct::Complete(0), (true, true)),
        (LifecycleAct::Reacknowledge(0), (true, false)),
        (LifecycleAct::Rescore(0), (true, false)),
        (LifecycleAct::Regroup(1), (true, false)),
        (LifecycleAct::Refile, (true, false)),
    ];
    let (acts, reported): (Vec<_>, Vec<_>) = repeats.into_iter().unzip();
    assert_eq!(run_acts(&server, &forgetful, &acts).await, reported);
}
