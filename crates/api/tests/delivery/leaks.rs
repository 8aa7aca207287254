//! Nothing of the key reaches a candidate before it is due: papers are made up, with a mark in
//! everything that is secret, and every answer of the delivery API is searched for them.

use app::tasks::{NewConduct, StepUpdate, TaskUpdate};
use domain::access::settings::{AnswerReview, ResultSharing, ShareWhen};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::{DeliveryClient, TestApp};

/// A mark and who may see it.
struct Secret {
    mark: String,
    due: Due,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Never,
    /// With the answers.
    Review,
    /// With the right answers.
    Solutions,
    /// With figures of the whole.
    Basic,
    /// With figures of the parts.
    Detailed,
}

/// Numbers that repeat themselves.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// A paper, its secrets, and an answer to each slot.
struct Paper {
    document: Value,
    secrets: Vec<Secret>,
    answers: Vec<Value>,
}

impl Paper {
    fn of(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let mut paper = Self { document: Value::Null, secrets: Vec::new(), answers: Vec::new() };
        let count = 3 + chance.below(5);
        let questions: Vec<Value> =
            (0..count).map(|number| paper.question(number, &mut chance)).collect();
        for (mark, due) in [
            ("DIMENSION-SECRET", Due::Detailed),
            ("SUBDIMENSION-SECRET", Due::Detailed),
            ("EFFECT-SECRET", Due::Detailed),
            ("LEVEL-SECRET", Due::Basic),
            ("0.012345", Due::Basic),
            ("UPPER-LEVEL", Due::Never),
            ("STAFF-SECRET", Due::Never),
        ] {
            paper.secrets.push(Secret { mark: mark.to_owned(), due });
        }
        paper.document = json!({ "assay": 1, "key": "secret", "title": "Paper",
            "description": "STAFF-SECRET", "passMark": { "ratio": 0.012345 },
            "levels": [{ "name": "LEVEL-SECRET" }, { "name": "UPPER-LEVEL", "from": 0.999999 }],
            "dimensions": [{ "name": "DIMENSION-SECRET", "sub": ["SUBDIMENSION-SECRET"] }],
            "effects": [{ "name": "EFFECT-SECRET" }],
            "sections": [{ "key": "s", "title": "Part", "pages": [
                { "key": "p", "questions": questions },
                { "key": "unseen", "questions": [{ "key": "last", "kind": "input", "type": "field",
                    "text": "UNSEEN-SECRET", "feedback": "UNSEEN-SECRET",
                    "rules": [{ "rule": "equal", "value": "UNSEEN-SECRET", "percentage": 100 }] }] }] }] });
        paper.secrets.push(Secret { mark: "UNSEEN-SECRET".to_owned(), due: Due::Never });
        paper
    }

    fn secret(&mut self, mark: String, due: Due) -> String {
        self.secrets.push(Secret { mark: mark.clone(), due });
        mark
    }

    fn question(&mut self, number: u64, chance: &mut Chance) -> Value {
        let feedback = self.secret(format!("feedback-{number}-secret"), Due::Review);
        // No figure of a result has four such decimals in a row.
        let percentage = self.secret(format!("31.{number}707"), Due::Never);
        let percentage: serde_json::Number = percentage.parse().unwrap();
        let mut question = json!({ "key": format!("q{number}"), "text": "What?",
            "feedback": feedback, "dimensions": [{ "path": ["DIMENSION-SECRET", "SUBDIMENSION-SECRET"] }] });
        let (body, answer) = match chance.below(4) {
            0 => {
                let chosen = self.secret(format!("chosen-{number}-secret"), Due::Review);
                let other = self.secret(format!("other-{number}-secret"), Due::Never);
                let body = json!({ "kind": "multiplechoice", "negativePoints": 0.25, "choices": [
                    { "key": "a", "text": "A", "percentage": percentage, "feedback": chosen,
                        "effects": [{ "path": ["EFFECT-SECRET"], "score": 1 }] },
                    { "key": "b", "text": "B", "percentage": -5, "feedback": other }] });
                (body, json!(["a"]))
            }
            1 => {
                let right = self.secret(format!("right-{number}-secret"), Due::Solutions);
                let pattern = self.secret(format!("pattern-{number}-secret"), Due::Never);
                let body = json!({ "kind": "input", "type": "field", "rules": [
                    { "rule": "equal", "value": right, "percentage": 100 },
                    { "rule": "matches", "pattern": pattern, "percentage": percentage }] });
                (body, json!("something"))
            }
            2 => {
                let right = self.secret(format!("4{number}81.375"), Due::Solutions);
                let right: serde_json::Number = right.parse().unwrap();
                let body = json!({ "kind": "input", "type": "numeric", "otherwise": percentage,
                    "rules": [{ "rule": "equal", "value": right, "percentage": 100 }] });
                (body, json!("7"))
            }
            _ => {
                let body = json!({ "kind": "match", "options": [
                    { "key": "x", "text": "X" }, { "key": "y", "text": "Y" }],
                    "items": [{ "key": "i", "text": "I", "wrongPercentage": -3,
                        "matches": [{ "option": "x", "percentage": percentage }] }] });
                (body, json!({ "i": "y" }))
            }
        };
        question.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        self.answers.push(answer);
        question
    }
}

#[derive(Clone, Copy, Debug)]
struct Setting {
    sharing: ResultSharing,
    review: AnswerReview,
    share_when: ShareWhen,
}

impl Setting {
    fn all() -> impl Iterator<Item = Self> {
        ShareWhen::ALL.iter().flat_map(|share_when| {
            ResultSharing::ALL.iter().flat_map(|sharing| {
                AnswerReview::ALL.iter().map(|review| Self {
                    sharing: *sharing,
                    review: *review,
                    share_when: *share_when,
                })
            })
        })
    }

    fn allows(self, due: Due) -> bool {
        match due {
            Due::Never => false,
            Due::Review => self.review != AnswerReview::None,
            Due::Solutions => self.review == AnswerReview::Solutions,
            Due::Basic => self.sharing != ResultSharing::Nothing,
            Due::Detailed => self.sharing == ResultSharing::Detailed,
        }
    }

    /// The step has no end and nothing waits or was released.
    fn is_due(self) -> bool {
        matches!(self.share_when, ShareWhen::Completed | ShareWhen::Settled)
    }
}

async fn set(test_app: &TestApp, setting: Setting) {
    let conduct = NewConduct {
        sharing: Some(setting.sharing),
        review: Some(setting.review),
        share_when: Some(setting.share_when),
        ..NewConduct::default()
    };
    let end = Some(Some(test_app.now().plus_seconds(86_400)));
    let step = StepUpdate { conduct, active_before: end, ..StepUpdate::default() };
    let steps = BTreeMap::from([(test_app.step.clone(), step)]);
    let change = TaskUpdate { steps, ..TaskUpdate::default() };
    test_app.app.tasks().update_task(&test_app.operator(), &test_app.task, change).await.unwrap();
}

/// Everything that can be read of an instance, and of its task.
async fn read_all(browser: &DeliveryClient, base: &str) -> Vec<(String, String)> {
    let mut read = Vec::new();
    let of_instance = ["", "/test", "/answers", "/receipt", "/conduct", "/result", "/recorded"];
    let paths = of_instance.iter().map(|path| format!("{base}{path}"));
    for path in paths.chain(["/me".to_owned(), "/steps".to_owned(), "/tasks/Tk1".to_owned()]) {
        let reply = browser.get(&path).await;
        read.push((path, String::from_utf8_lossy(&reply.bytes).into_owned()));
    }
    let check = format!("{base}/slots/1/check");
    let reply = browser.call("POST", &check, None).await;
    assert_eq!(reply.status, 409, "practice is off: {}", reply.body);
    read.push((check, reply.body.to_string()));
    read
}

fn assert_silent(read: &[(String, String)], secrets: &[Secret], about: &str) {
    for (path, text) in read {
        for secret in secrets {
            assert!(!text.contains(&secret.mark), "{about}: {path} tells {}: {text}", secret.mark);
        }
    }
}

#[tokio::test]
async fn nothing_of_the_key_is_told_before_it_is_due_whatever_the_paper() {
    for seed in 0..6 {
        let paper = Paper::of(seed);
        let test_app = TestApp::with(&paper.document.to_string()).await;
        let browser = DeliveryClient::entered(&test_app).await;
        let started = browser.post("/steps/St1/start", &json!({ "clientToken": "s" })).await;
        let base = format!("/instances/{}", started.body["instanceId"].as_str().unwrap());
        let page = browser.post(&format!("{base}/page"), &json!({ "page": 1 })).await;
        let write = |(slot, answer): (usize, &Value)| json!({ "slot": slot + 1, "seq": 1, "response": answer });
        let writes: Vec<Value> = paper.answers.iter().enumerate().map(write).collect();
        let saved = browser.post(&format!("{base}/answers"), &json!({ "writes": writes })).await;
        assert!(!saved.body.to_string().contains("refused"), "{}", saved.body);
        let opened = browser.call("POST", &format!("{base}/open"), None).await;
        for (what, reply) in
            [("start", &started), ("page", &page), ("save", &saved), ("open", &opened)]
        {
            let text = reply.body.to_string();
            assert_silent(&[(what.to_owned(), text)], &paper.secrets, "while working");
        }
        for setting in Setting::all() {
            set(&test_app, setting).await;
            let read = read_all(&browser, &base).await;
            assert_silent(&read, &paper.secrets, &format!("{seed}, open: {setting:?}"));
        }
        let complete = json!({ "clientToken": "c", "confirm": true });
        let done = browser.post(&format!("{base}/complete"), &complete).await;
        assert_eq!(done.status, 200, "{}", done.body);
        assert_silent(&[("complete".into(), done.body.to_string())], &paper.secrets, "at the end");
        for setting in Setting::all() {
            set(&test_app, setting).await;
            let about = format!("{seed}, complete: {setting:?}");
            let (result, rest): (Vec<_>, Vec<_>) = read_all(&browser, &base)
                .await
                .into_iter()
                .partition(|(path, _)| path.ends_with("/result"));
            assert_silent(&rest, &paper.secrets, &about);
            for secret in &paper.secrets {
                let may = setting.is_due() && setting.allows(secret.due);
                let is_shown = result[0].1.contains(&secret.mark);
                assert_eq!(is_shown, may, "{about}: {} in {}", secret.mark, result[0].1);
            }
        }
    }
}
