//! Invariants 18, 22, 23 and 25, and the tags of 1.4: whatever is done to a task's instances, in any order, tags change
//! with bodies, copies stay, and what is taken back leaves no trace.

use crate::house::{Answer, House, Sent, V1, send_to};
use crate::school::{Placed, temporary};
use app::caller::Visitor;
use app::candidates::CandidateView;
use axum::Router;
use domain::id::InstanceId;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::runtime::Runtime;

#[derive(Clone, Copy, Debug)]
pub enum Act {
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

pub fn act() -> impl Strategy<Value = Act> {
    let who = 0..3_usize;
    let which = 0..3_usize;
    prop_oneof![
        3 => who.clone().prop_map(Act::Start),
        4 => which.clone().prop_map(Act::Complete),
        1 => which.clone().prop_map(Act::Ignore),
        1 => which.clone().prop_map(Act::IgnoreAndTakeBack),
        1 => which.clone().prop_map(Act::Reacknowledge),
        1 => which.clone().prop_map(Act::Reinstate),
        2 => (which.clone(), -100..=100_i64).prop_map(|(which, percentage)| Act::Evaluate(which, percentage)),
        1 => which.clone().prop_map(Act::Rescore),
        1 => who.prop_map(Act::Regroup),
        1 => Just(Act::Refile),
        1 => Just(Act::LetTimePass),
        1 => which.prop_map(Act::ForceClose),
    ]
}

/// A task at work.
pub struct Scene<'house> {
    pub house: &'house House,
    pub task: Placed,
    pub people: Vec<(CandidateView, Visitor)>,
    pub instances: Vec<(usize, InstanceId)>,
    acts: usize,
    /// A node that keeps no page.
    forgetful: &'house Router,
}

impl<'house> Scene<'house> {
    pub async fn new(house: &'house House, forgetful: &'house Router) -> Self {
        let task = house.task(1).await;
        let mut people = Vec::new();
        for external_id in [None, Some("E1"), Some("E2")] {
            let candidate = house.candidate(&task.id, temporary(external_id)).await;
            let visitor = house.enter(&candidate).await;
            people.push((candidate, visitor));
        }
        Self { house, task, people, instances: Vec::new(), acts: 0, forgetful }
    }

    fn instance(&self, which: usize) -> Option<&InstanceId> {
        self.instances.get(which).map(|(_, instance)| instance)
    }

    /// Does it, whether or not it is allowed. True when the use case said so.
    pub async fn act(&mut self, act: Act) -> bool {
        self.acts += 1;
        match act {
            Act::Start(who) => self.start(who).await,
            Act::Complete(which) => self.complete(which).await,
            Act::LetTimePass => {
                self.house.fixture.clock.pass_seconds(700);
                true
            }
            Act::Regroup(who) => {
                let candidate = self.people[who].0.id.clone();
                self.house.regroup(&self.task.id, &candidate, &format!("group-{}", self.acts)).await;
                true
            }
            Act::Refile => {
                let change =
                    app::tasks::TaskUpdate { folder: Some(format!("folder-{}", self.acts)), ..Default::default() };
                let app = &self.house.fixture.app;
                app.update_task(&self.house.operator(), &self.task.id, change).await.is_ok()
            }
            other => self.administer(other).await,
        }
    }

    async fn start(&mut self, who: usize) -> bool {
        let token = format!("start-{}", self.acts);
        let app = &self.house.fixture.app;
        let Ok(started) = app.start(&self.people[who].1, &self.task.steps[0], &token).await else { return false };
        if self.instances.iter().all(|(_, known)| *known != started.instance_id) {
            self.house.answer(&self.people[who].1, &started.instance_id).await;
            self.instances.push((who, started.instance_id));
        }
        true
    }

    async fn complete(&self, which: usize) -> bool {
        let Some((who, instance)) = self.instances.get(which) else { return false };
        let asked = app::delivery::complete::Submit {
            client_token: format!("complete-{}", self.acts),
            confirm: true,
            without_uploads: false,
            writes: Vec::new(),
        };
        self.house.fixture.app.complete(&self.people[*who].1, instance, asked).await.is_ok()
    }

    async fn administer(&self, act: Act) -> bool {
        let (app, caller, task) = (&self.house.fixture.app, self.house.operator(), &self.task.id);
        let token = format!("act-{}", self.acts);
        let (Act::Ignore(which)
        | Act::IgnoreAndTakeBack(which)
        | Act::Reacknowledge(which)
        | Act::Reinstate(which)
        | Act::Evaluate(which, _)
        | Act::Rescore(which)
        | Act::ForceClose(which)) = act
        else {
            return false;
        };
        let Some(instance) = self.instance(which) else { return false };
        match act {
            Act::Ignore(_) => app.ignore(&caller, task, instance, None).await.is_ok(),
            Act::Reacknowledge(_) => app.reacknowledge(&caller, task, instance, None).await.is_ok(),
            Act::IgnoreAndTakeBack(_) => self.ignore_and_take_back(instance).await,
            Act::Evaluate(_, percentage) => {
                let asked = crate::school::evaluation_of_essay(percentage, &token);
                app.evaluate(&caller, task, instance, asked).await.is_ok()
            }
            Act::Reinstate(_) => {
                app.reinstate(&caller, task, instance, crate::school::reinstatement(&token)).await.is_ok()
            }
            Act::Rescore(_) => app.rescore(&caller, task, instance, None).await.is_ok(),
            _ => app.force_close(&caller, task, instance).await.is_ok(),
        }
    }

    async fn ignore_and_take_back(&self, instance: &InstanceId) -> bool {
        let (app, caller, task) = (&self.house.fixture.app, self.house.operator(), &self.task.id);
        let target = format!("{V1}/tasks/{task}/test-instances/{instance}?mode=detailed");
        let before = self.get(&target).await;
        if before.json()["ignored"] == true || app.ignore(&caller, task, instance, None).await.is_err() {
            return false;
        }
        let ignored = self.get(&target).await;
        assert_eq!(ignored.json()["ignored"], true);
        assert_ne!(ignored.tag(), before.tag());
        app.reacknowledge(&caller, task, instance, None).await.unwrap();
        assert_eq!(self.get(&target).await.body, before.body);
        true
    }

    async fn get(&self, target: &str) -> Answer {
        self.house.send(Sent::get(target).bearer(&self.house.key)).await
    }

    /// The same, and again, and from a node that keeps no page: none can be told from the others.
    async fn get_anew(&self, target: &str) -> Answer {
        let sent = Sent::get(target).bearer(&self.house.key);
        let (first, again) = (self.house.send(sent.clone()).await, self.house.send(sent.clone()).await);
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
        let mut targets: Vec<_> = ["", "?mode=detailed", "?limit=1&page=2", "?externalId=E1", "?page=9"]
            .iter()
            .map(|query| format!("{list}{query}"))
            .collect();
        targets.push(format!("{list}?ticketId={}&mode=detailed", self.people[0].0.id));
        for (_, instance) in &self.instances {
            targets.extend(["", "?mode=detailed"].map(|query| format!("{list}/{instance}{query}")));
        }
        targets
    }

    async fn read_all(&self) -> BTreeMap<String, Answer> {
        let mut answers = BTreeMap::new();
        for target in self.addresses() {
            let answer = self.get_anew(&target).await;
            answers.insert(target, answer);
        }
        answers
    }

    /// Compares two readings of the same addresses with an act in between.
    async fn compare(&self, before: &BTreeMap<String, Answer>, after: &BTreeMap<String, Answer>) {
        for (target, answer) in after {
            assert_eq!(answer.status, 200, "{target}: {}", answer.text());
            assert_eq!(self.get(target).await.tag(), answer.tag(), "{target}");
            let Some(earlier) = before.get(target) else { continue };
            if earlier.body != answer.body {
                assert_ne!(earlier.tag(), answer.tag(), "{target}");
            }
            let sent = Sent::get(target).bearer(&self.house.key).header("if-none-match", earlier.tag());
            let again = self.house.send(sent).await;
            let expected = if earlier.tag() == answer.tag() { (304, &[][..]) } else { (200, &answer.body[..]) };
            assert_eq!((again.status, &again.body[..]), expected, "{target}");
        }
    }
}

/// What of an instance never changes after its start.
fn copies(row: &Value) -> Value {
    json!([row["group"], row["labels"], row["tags"], row["folder"], row["candidate"], row["stepId"], row["ticketId"]])
}

fn check_change(act: Act, before: &Value, after: &Value) {
    assert_eq!(copies(before), copies(after));
    let complete = |row: &Value| row["status"] == "COMPLETE";
    assert_eq!(complete(after), after["result"].is_object(), "{after}");
    assert!(complete(after) || after["ignored"] == false, "{after}");
    if matches!(act, Act::Evaluate(..) | Act::Rescore(_) | Act::Ignore(_) | Act::Reacknowledge(_)) && complete(before) {
        assert_eq!(before["result"]["completedAt"], after["result"]["completedAt"], "{act:?}");
    }
    if matches!(act, Act::Ignore(_) | Act::Reacknowledge(_)) {
        assert_eq!((&before["status"], &before["result"]), (&after["status"], &after["result"]));
    }
}

/// Does these things one by one; gives for each whether it was done and whether the detailed list changed with it.
async fn live(house: &House, forgetful: &Router, acts: &[Act]) -> Vec<(bool, bool)> {
    let mut scene = Scene::new(house, forgetful).await;
    let mut before = scene.read_all().await;
    let list = scene.addresses().swap_remove(1);
    let mut told = Vec::new();
    for act in acts {
        // Deadlines that have passed are no part of the act.
        house.fixture.app.settled().await.unwrap();
        let written = house.rows_written().await;
        let done = scene.act(*act).await;
        if !done && !matches!(act, Act::Start(_) | Act::Complete(_)) {
            assert_eq!(house.rows_written().await, written, "{act:?} was refused and wrote");
        }
        let after = scene.read_all().await;
        scene.compare(&before, &after).await;
        for (target, answer) in after.iter().filter(|(target, _)| target.ends_with("?mode=detailed")) {
            let (Some(earlier), now) = (before.get(target), answer.json()) else { continue };
            if now["testInstanceId"].is_string() {
                check_change(*act, &earlier.json(), &now);
            }
        }
        told.push((done, before[&list].tag() != after[&list].tag()));
        before = after;
    }
    told
}

#[test]
fn tags_follow_bodies_and_copies_stay_whatever_happens() {
    let runtime = Runtime::new().unwrap();
    let house = runtime.block_on(House::new());
    let forgetful = runtime.block_on(house.node(0));
    proptest!(ProptestConfig::with_cases(20), |(acts in prop::collection::vec(act(), 4..20))| {
        runtime.block_on(live(&house, &forgetful, &acts));
    });
}

#[tokio::test]
async fn every_kind_of_change_gives_the_list_a_new_tag() {
    let house = House::new().await;
    let forgetful = house.node(0).await;
    let changes = [
        Act::Start(1),
        Act::Complete(0),
        Act::Evaluate(0, 50),
        Act::Ignore(0),
        Act::Reacknowledge(0),
        Act::IgnoreAndTakeBack(0),
        Act::Reinstate(0),
        Act::Complete(0),
        Act::Start(0),
        Act::ForceClose(1),
    ];
    assert_eq!(live(&house, &forgetful, &changes).await, [(true, true); 10]);
    let repeats = [
        (Act::Start(1), (true, true)),
        (Act::Start(1), (true, false)),
        (Act::Complete(0), (true, true)),
        (Act::Reacknowledge(0), (true, false)),
        (Act::Rescore(0), (true, false)),
        (Act::Regroup(1), (true, false)),
        (Act::Refile, (true, false)),
    ];
    let (acts, told): (Vec<_>, Vec<_>) = repeats.into_iter().unzip();
    assert_eq!(live(&house, &forgetful, &acts).await, told);
}
