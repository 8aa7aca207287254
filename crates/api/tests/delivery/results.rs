//! What a candidate may read of a result: every combination of what a step shares and when, of how
//! the instance stands, and of who asks.

use app::administration::{Reinstatement, ReleaseAct};
use app::erasure::ErasureOptions;
use app::evaluation::{NewEvaluation, NewScore};
use app::tasks::{NewConduct, StepUpdate, TaskUpdate};
use axum::body::Body;
use axum::http::{Request, header};
use domain::access::settings::{AnswerReview, ResultSharing, ShareWhen};
use domain::decimal::Decimal;
use domain::id::InstanceId;
use domain::instance::Scope;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use testkit::fixtures::CODE;
use testkit::{DeliveryClient, TestApp};

const OTHER_CODE: &str = "7Q2M0KX4TC";
/// Until the step closes.
const HOUR: i64 = 3600;

const PAPER: &str = r#"{"assay": 1, "key": "shared", "title": "Shared", "passMark": {"ratio": 0.5},
    "levels": [{"name": "Low"}, {"name": "High", "from": 0.7}],
    "dimensions": [{"name": "Numeracy", "sub": ["Sums"]}], "effects": [{"name": "Calm"}],
    "sections": [{"key": "s1", "title": "First", "pages": [
        {"key": "p1", "questions": [
            {"key": "q1", "kind": "multiplechoice", "text": "Which?", "feedback": "Because.",
                "dimensions": [{"path": ["Numeracy", "Sums"]}],
                "choices": [{"key": "a", "text": "A", "percentage": 100, "feedback": "Yes, A.",
                    "effects": [{"path": ["Calm"], "score": 3}]},
                    {"key": "b", "text": "B", "feedback": "Not B."}]},
            {"key": "q2", "kind": "input", "type": "area", "text": "Why?"}]},
        {"key": "p2", "questions": [{"key": "q3", "kind": "input", "type": "field", "text": "Never seen.",
            "rules": [{"rule": "equal", "value": "unseen", "percentage": 100}]}]}]}]}"#;

/// A candidate who has answered the first page of the paper, and a neighbour who looks over.
struct Attempt {
    test_app: TestApp,
    browser: DeliveryClient,
    instance: InstanceId,
}

impl Attempt {
    async fn open() -> Self {
        let test_app = TestApp::with(PAPER).await;
        test_app.add_candidate(test_app.candidate("Ca2", Some(OTHER_CODE))).await;
        let browser = DeliveryClient::entered_with(&test_app, CODE).await;
        let begun = browser.post("/steps/St1/start", &json!({ "clientToken": "s" })).await;
        let instance = InstanceId::from(begun.body["instanceId"].as_str().unwrap());
        let attempt = Self { test_app, browser, instance };
        attempt.post("page", &json!({ "page": 1 })).await;
        let writes = [(1, json!(["a"])), (2, json!("So."))];
        let writes =
            writes.map(|(slot, response)| json!({ "slot": slot, "seq": 1, "response": response }));
        attempt.post("answers", &json!({ "writes": writes })).await;
        let window = Some(Some(attempt.test_app.now().plus_seconds(HOUR)));
        attempt.update(StepUpdate { active_before: window, ..StepUpdate::default() }).await;
        attempt
    }

    async fn complete() -> Self {
        let attempt = Self::open().await;
        attempt.post("complete", &json!({ "clientToken": "c", "confirm": true })).await;
        attempt
    }

    async fn settled() -> Self {
        let attempt = Self::complete().await;
        let evaluation = NewEvaluation {
            slot: 2,
            seq: 1,
            score: NewScore::Percentage(Decimal::parse("50").unwrap()),
            method: None,
            comment: Some("internal remark".to_owned()),
            feedback: Some("*Well* argued".to_owned()),
        };
        attempt.test_app.evaluate(&attempt.instance, "e", vec![evaluation]).await.unwrap();
        attempt
    }

    async fn post(&self, act: &str, body: &Value) {
        let reply = self.browser.post(&format!("/instances/{}/{act}", self.instance), body).await;
        assert_eq!(reply.status, 200, "{act}: {}", reply.body);
    }

    async fn update(&self, step: StepUpdate) {
        let steps = BTreeMap::from([(self.test_app.step.clone(), step)]);
        let change = TaskUpdate { steps, ..TaskUpdate::default() };
        let (operator, task) = (self.test_app.operator(), &self.test_app.task);
        self.test_app.app.tasks().update_task(&operator, task, change).await.unwrap();
    }

    async fn share(&self, rules: &Rules) {
        let conduct = NewConduct {
            sharing: Some(rules.sharing),
            review: Some(rules.review),
            share_when: Some(rules.share_when),
            ..NewConduct::default()
        };
        self.update(StepUpdate { conduct, ..StepUpdate::default() }).await;
    }

    /// Staff decide about the whole step, while it shares something.
    async fn decide(&self, act: ReleaseAct) {
        self.share(&Rules::all()[8]).await;
        let (operator, test_app) = (self.test_app.operator(), &self.test_app);
        let instances = test_app.app.instances();
        instances
            .release_step_results(&operator, &test_app.task, &test_app.step, act)
            .await
            .unwrap();
    }

    async fn reinstate(&self) {
        let how = Reinstatement {
            client_token: "r".to_owned(),
            pages: None,
            start: None,
            time: BTreeMap::new(),
            reason: "power-cut".to_owned(),
        };
        let (operator, test_app) = (self.test_app.operator(), &self.test_app);
        let instances = test_app.app.instances();
        instances.reinstate(&operator, &test_app.task, &self.instance, how).await.unwrap();
    }

    async fn ignore(&self) {
        let (operator, test_app) = (self.test_app.operator(), &self.test_app);
        let instances = test_app.app.instances();
        instances.ignore(&operator, &test_app.task, &self.instance, None).await.unwrap();
    }

    async fn erase(&self) {
        let (operator, test_app) = (self.test_app.operator(), &self.test_app);
        let (candidates, options) = (test_app.app.candidates(), ErasureOptions::default());
        let candidate = "Ca1".into();
        candidates.erase_candidate(&operator, &test_app.task, &candidate, options).await.unwrap();
    }

    async fn result(&self) -> (u16, Value) {
        let reply = self.browser.get(&format!("/instances/{}/result", self.instance)).await;
        (reply.status, reply.body)
    }

    /// What everybody else is answered.
    async fn others_are_told_nothing(&self) {
        let path = format!("/instances/{}/result", self.instance);
        let neighbour = DeliveryClient::entered_with(&self.test_app, OTHER_CODE).await;
        assert_eq!(neighbour.get(&path).await.code(), (404, "not_found"));
        let nobody = DeliveryClient::for_app(&self.test_app);
        assert_eq!(nobody.get(&path).await.code(), (401, "unauthenticated"));
        let mut program = DeliveryClient::for_app(&self.test_app);
        program.token = Some(self.test_app.create_key(&[Scope::Manage]).await);
        assert_eq!(program.get(&path).await.code(), (401, "unauthenticated"));
        let request = Request::get(format!("/api/delivery/v1{path}"))
            .header(header::COOKIE, "assay-staff=token; assay-session=token");
        let staff = nobody.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(staff.code(), (401, "unauthenticated"));
    }

    async fn looks(&self) -> i64 {
        let chain = format!("instance/{}", self.instance);
        self.test_app
            .write(move |tx| {
                let sql = "SELECT count(*) FROM event WHERE chain = $1 AND kind = 'result.viewed'";
                tx.integer(sql, &[storage::SqlValue::Text(&chain)])
            })
            .await
    }
}

#[derive(Clone, Copy, Debug)]
struct Rules {
    sharing: ResultSharing,
    review: AnswerReview,
    share_when: ShareWhen,
}

impl Rules {
    fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for share_when in ShareWhen::ALL {
            for sharing in ResultSharing::ALL {
                for review in AnswerReview::ALL {
                    all.push(Self { sharing: *sharing, review: *review, share_when: *share_when });
                }
            }
        }
        all
    }

    fn shares_nothing(&self) -> bool {
        self.sharing == ResultSharing::Nothing && self.review == AnswerReview::None
    }
}

fn names(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn set<const N: usize>(of: [&'static str; N]) -> BTreeSet<&'static str> {
    of.into()
}

const WITHHELD: [&str; 5] = ["instanceId", "stepId", "title", "completedAt", "withheld"];

fn assert_withheld(body: &Value, code: &str, about: &str) {
    assert_eq!(names(body), set(WITHHELD), "{about}: {body}");
    assert_eq!(names(&body["withheld"]), set(["code", "detail", "until"]), "{about}");
    assert_eq!(body["withheld"]["code"], code, "{about}");
    assert!(body["withheld"]["detail"].as_str().unwrap().ends_with('.'), "{about}");
}

/// The exact members that may appear.
fn assert_shown(body: &Value, rules: &Rules, is_waiting: bool, about: &str) {
    let mut expected = set(WITHHELD);
    expected.insert("evaluation");
    let has_figures = rules.sharing != ResultSharing::Nothing;
    if has_figures {
        expected.insert("result");
    }
    if rules.review != AnswerReview::None {
        expected.insert("review");
    }
    assert_eq!((names(body), &body["withheld"]), (expected, &Value::Null), "{about}: {body}");
    if has_figures {
        let mut expected = set(["scoreboard", "passed", "passMark", "level"]);
        if rules.sharing == ResultSharing::Detailed {
            expected.extend(["sections", "dimensions", "effects"]);
        }
        let result = &body["result"];
        assert_eq!(names(result), expected, "{about}");
        let board = set(["pointsAchieved", "maxAchievablePoints", "achievementRatio"]);
        assert_eq!(names(&result["scoreboard"]), board, "{about}");
        let has_verdict = [&result["passed"], &result["passMark"], &result["level"]];
        assert!(has_verdict.iter().all(|it| it.is_null() == is_waiting), "{about}: {result}");
    }
    if rules.review != AnswerReview::None {
        assert_review(&body["review"], rules, is_waiting, about);
    }
}

fn assert_review(review: &Value, rules: &Rules, is_waiting: bool, about: &str) {
    assert_eq!(names(review), set(["questions", "unseen"]), "{about}");
    assert_eq!(review["unseen"], 1, "{about}: what was not entered is not told");
    let questions = review["questions"].as_array().unwrap();
    assert_eq!(questions.len(), 2, "{about}");
    for (index, question) in questions.iter().enumerate() {
        let is_essay = index == 1;
        let mut expected = set([
            "slot",
            "outcome",
            "counts",
            "question",
            "response",
            "feedback",
            "choices",
            "evaluatorFeedback",
        ]);
        if rules.sharing != ResultSharing::Nothing && !(is_essay && is_waiting) {
            expected.insert("pointsAchieved");
        }
        if rules.review == AnswerReview::Solutions && !is_essay {
            expected.insert("solution");
        }
        assert_eq!(names(question), expected, "{about}: {question}");
        let outcome = match (is_essay, is_waiting) {
            (false, _) => "right",
            (true, true) => "waiting",
            (true, false) => "graded",
        };
        assert_eq!(question["outcome"], outcome, "{about}");
        assert!(!question.to_string().contains("percentage"), "{about}");
    }
    assert_eq!(questions[0]["choices"], json!([{ "key": "a", "feedback": "Yes, A." }]), "{about}");
}

const SHOWN: &str = "shown";

/// Whether a result is shown, or why not: for `completed`, `settled`, `closed`, `released`.
async fn assert_row(attempt: &Attempt, state: &str, row: [&str; 4]) {
    for rules in Rules::all() {
        attempt.share(&rules).await;
        let about = format!("{state}: {rules:?}");
        let (status, body) = attempt.result().await;
        assert_eq!(status, 200, "{about}");
        let at = ShareWhen::ALL.iter().position(|when| *when == rules.share_when).unwrap();
        match row[at] {
            _ if rules.shares_nothing() => {
                assert_withheld(&body, "result_not_shared", &about);
            }
            SHOWN => assert_shown(&body, &rules, state.contains("waiting"), &about),
            code => assert_withheld(&body, code, &about),
        }
        assert!(!body.to_string().contains("internal remark"), "{about}");
        let until = &body["withheld"]["until"];
        let has_date = body["withheld"]["code"] == "result_not_closed";
        assert_eq!(until.is_i64(), has_date, "{about}");
    }
    attempt.others_are_told_nothing().await;
}

#[tokio::test]
async fn an_open_a_reinstated_a_withdrawn_and_an_excluded_instance_show_nothing_at_any_setting() {
    let open = Attempt::open().await;
    assert_row(&open, "open", ["instance_open"; 4]).await;
    let reinstated = Attempt::settled().await;
    reinstated.decide(ReleaseAct::Release).await;
    reinstated.reinstate().await;
    assert_row(&reinstated, "reinstated", ["instance_open"; 4]).await;
    let withdrawn = Attempt::settled().await;
    withdrawn.decide(ReleaseAct::Release).await;
    withdrawn.decide(ReleaseAct::Withdraw).await;
    withdrawn.test_app.clock.pass_seconds(HOUR);
    assert_row(&withdrawn, "withdrawn", ["result_withdrawn"; 4]).await;
    let ignored = Attempt::settled().await;
    ignored.decide(ReleaseAct::Release).await;
    ignored.ignore().await;
    ignored.test_app.clock.pass_seconds(HOUR);
    assert_row(&ignored, "ignored", ["result_excluded"; 4]).await;
    assert_eq!(ignored.looks().await, 0, "nothing was seen");
}

#[tokio::test]
async fn a_result_is_shown_when_its_moment_has_come_with_exactly_what_is_shared() {
    let waiting = Attempt::complete().await;
    let row = [SHOWN, "result_not_settled", "result_not_closed", "result_not_released"];
    assert_row(&waiting, "waiting", row).await;
    waiting.test_app.clock.pass_seconds(HOUR);
    let row = [SHOWN, "result_not_settled", SHOWN, "result_not_released"];
    assert_row(&waiting, "closed, waiting", row).await;

    let settled = Attempt::settled().await;
    let row = [SHOWN, SHOWN, "result_not_closed", "result_not_released"];
    assert_row(&settled, "settled", row).await;
    settled.decide(ReleaseAct::Release).await;
    assert_row(&settled, "released", [SHOWN, SHOWN, "result_not_closed", SHOWN]).await;
    settled.test_app.clock.pass_seconds(HOUR);
    assert_row(&settled, "released and closed", [SHOWN; 4]).await;
}

#[tokio::test]
async fn the_result_of_an_erased_person_is_nowhere() {
    let attempt = Attempt::settled().await;
    attempt.share(&Rules::all()[8]).await;
    assert_eq!(attempt.result().await.0, 200);
    attempt.erase().await;
    for rules in Rules::all() {
        attempt.share(&rules).await;
        let (status, body) = attempt.result().await;
        assert_eq!((status, &body["code"]), (401, &json!("unauthenticated")), "{rules:?}");
    }
    attempt.others_are_told_nothing().await;
}

#[tokio::test]
async fn one_instance_is_released_or_withdrawn_for_itself_and_the_step_wins_when_it_withdraws() {
    let attempt = Attempt::settled().await;
    let (test_app, operator) = (&attempt.test_app, attempt.test_app.operator());
    let share = |share_when| Rules {
        sharing: ResultSharing::Basic,
        review: AnswerReview::None,
        share_when,
    };
    attempt.share(&share(ShareWhen::Released)).await;
    let decide = async |act| {
        let instances = test_app.app.instances();
        instances
            .release_instance_result(&operator, &test_app.task, &attempt.instance, act)
            .await
            .unwrap()
    };
    let code = async || attempt.result().await.1["withheld"]["code"].clone();
    assert_eq!(code().await, "result_not_released");
    let first = decide(ReleaseAct::Release).await;
    assert_eq!(code().await, Value::Null);
    test_app.clock.pass_seconds(5);
    assert_eq!(decide(ReleaseAct::Release).await, first, "a repeat changes nothing");
    decide(ReleaseAct::Withdraw).await;
    assert_eq!(code().await, "result_withdrawn");
    decide(ReleaseAct::Release).await;
    assert_eq!(code().await, Value::Null);
    attempt.decide(ReleaseAct::Withdraw).await;
    attempt.share(&share(ShareWhen::Completed)).await;
    assert_eq!(code().await, "result_withdrawn");
}

#[tokio::test]
async fn every_look_is_an_event_but_not_more_than_one_a_minute() {
    let attempt = Attempt::settled().await;
    attempt.share(&Rules::all()[8]).await;
    assert_eq!(attempt.looks().await, 0);
    for _ in 0..3 {
        assert_eq!(attempt.result().await.0, 200);
    }
    assert_eq!(attempt.looks().await, 1);
    attempt.test_app.clock.pass_seconds(60);
    attempt.result().await;
    attempt.result().await;
    assert_eq!(attempt.looks().await, 2);
}

#[tokio::test]
async fn the_list_of_steps_says_which_results_can_be_read() {
    let attempt = Attempt::complete().await;
    let results = async || attempt.browser.get("/steps").await.body["steps"][0]["results"].clone();
    assert_eq!(results().await, json!([]));
    let settled = Rules {
        sharing: ResultSharing::Basic,
        review: AnswerReview::None,
        share_when: ShareWhen::Settled,
    };
    attempt.share(&settled).await;
    let listed = results().await;
    assert_eq!(listed[0]["instanceId"], attempt.instance.as_str());
    assert_eq!(listed[0]["withheld"]["code"], "result_not_settled");
    attempt.share(&Rules { share_when: ShareWhen::Completed, ..settled }).await;
    assert_eq!(results().await[0]["withheld"], Value::Null);
}
