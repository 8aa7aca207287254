//! Test instances beyond the list: search (7.1), expand (7.3), answers (7.4), evidences (7.5).

use crate::case_fixture::CaseFixture;
use crate::generated_task::{GeneratedTask, PropertyServer, plan};
use app::candidates::{NewCandidate, RegisteredPerson, TemporaryPerson, UniqIdTracking};
use domain::candidate::uniqueness::UniqScope;
use domain::decimal::Decimal;
use domain::instance::Scope;
use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use storage::{StorageError, Transaction};
use testkit::{TestRequest, TestResponse, V1};

impl CaseFixture {
    async fn search(&self, query: &str, body: &str) -> TestResponse {
        let target = self.fill(&format!("/tasks/{{T1}}/test-instances/filter{query}"));
        self.server.send_json("POST", &target, &self.fill(body)).await
    }

    /// The numbers of the instances found, from 1.
    async fn found(&self, body: &str) -> Vec<usize> {
        let answer = self.search("?limit=100", body).await;
        let ids = answer.ids();
        let number =
            |id: &String| self.instances.iter().position(|entry| entry.as_str() == id).unwrap() + 1;
        ids.iter().map(number).collect()
    }

    async fn expand(&self, key: &str, body: &str) -> TestResponse {
        let target = self.fill(&format!("{V1}/tasks/{{T1}}/test-instances/{{I02}}/expand"));
        let sent =
            TestRequest::new("POST", target).bearer(key).header("content-type", "application/json");
        self.server.send(sent.body(body)).await
    }

    async fn answers(&self, instance: &str, query: &str) -> TestResponse {
        self.server
            .get(&self.fill(&format!("/tasks/{{T1}}/test-instances/{{{instance}}}/answers{query}")))
            .await
    }
}

#[tokio::test]
async fn all_faults_of_a_search_are_told_at_once() {
    let class = CaseFixture::new().await;
    let cases: [(&str, &str, &[&str]); 11] = [
        ("", "{}", &["/kind required"]),
        ("", r#"{"kind":"Meta","group":5,"x":1}"#, &["/kind invalid_enum", "/x unknown_key"]),
        ("", r#"{"kind":""}"#, &["/kind empty_value"]),
        ("", r#"{"kind":"info"}"#, &[" missing_criterion"]),
        ("", r#"{"kind":"info","group":"g"}"#, &[" missing_criterion", "/group unknown_key"]),
        ("", r#"{"kind":"info","email":""}"#, &["/email empty_value"]),
        (
            "",
            r#"{"kind":"meta","status":"","label":"","stepId":null}"#,
            &["/status empty_value", "/label empty_value", "/stepId invalid_type"],
        ),
        (
            "",
            r#"{"kind":"meta","from":5,"to":4,"status":"OPEN"}"#,
            &["/to invalid_range", "/status invalid_enum"],
        ),
        ("", r#"{"kind":"meta","from":-1,"to":1e3}"#, &["/from out_of_range", "/to invalid_type"]),
        ("?page=1", r#"{"kind":"meta"}"#, &["page unknown_parameter"]),
        (
            "?lastDocId=nosuch&limit=0",
            r#"{"kind":"meta","code":"x"}"#,
            &["lastDocId unknown_cursor", "limit out_of_range", "/code unknown_key"],
        ),
    ];
    for (query, body, expected) in cases {
        let answer = class.search(query, body).await;
        assert_eq!(
            (answer.status, answer.faults()),
            (400, expected.iter().map(ToString::to_string).collect()),
            "{body}"
        );
    }
    let elsewhere = class
        .server
        .send_json("POST", "/tasks/nosuch/test-instances/filter?lastDocId=x", "{}")
        .await;
    assert_eq!(elsewhere.faults(), ["/kind required"]);
    assert_eq!(
        class.search("?lastDocId={C1}", r#"{"kind":"meta"}"#).await.code(),
        "unknown_cursor"
    );
}

#[tokio::test]
async fn instances_are_found_by_what_they_are() {
    let class = CaseFixture::new().await;
    let rest: Vec<usize> = (6..=23).collect();
    let all: Vec<usize> = (1..=23).collect();
    assert_eq!(class.found(r#"{"kind":"meta"}"#).await, all);
    assert_eq!(class.found(r#"{"kind":"meta","status":"COMPLETE"}"#).await, [1, 2, 5]);
    assert_eq!(class.found(r#"{"kind":"meta","status":"RESETUP"}"#).await, [4]);
    assert_eq!(
        class.found(r#"{"kind":"meta","status":"STARTED","stepId":"nosuch"}"#).await,
        Vec::<usize>::new()
    );
    assert_eq!(class.found(r#"{"kind":"meta","label":"north"}"#).await, [2, 4]);
    assert_eq!(class.found(r#"{"kind":"meta","label":"north","status":"COMPLETE"}"#).await, [2]);
    assert_eq!(class.found(r#"{"kind":"meta","label":"nort"}"#).await, Vec::<usize>::new());
    assert_eq!(class.found(r#"{"kind":"meta","group":"default"}"#).await, all);
    let other_step = format!(r#"{{"kind":"meta","stepId":"{}"}}"#, class.t1.steps[1]);
    assert_eq!(class.found(&other_step).await, [5]);
    // Each instance starts a second after the one before it; both ends are included.
    let id = class.instances[5].clone();
    let started = move |tx: &mut dyn Transaction| -> Result<i64, StorageError> {
        Ok(storage::instance::find_any(tx, &id)?.unwrap().started_at.0)
    };
    let sixth = class.server.test_app.storage.read(started).await.unwrap();
    assert_eq!(class.found(&format!(r#"{{"kind":"meta","from":{sixth}}}"#)).await, rest);
    assert_eq!(class.found(&format!(r#"{{"kind":"meta","from":{}}}"#, sixth + 1)).await, rest[1..]);
    assert_eq!(
        class.found(&format!(r#"{{"kind":"meta","from":{sixth},"to":{sixth}}}"#)).await,
        [6]
    );
}

#[tokio::test]
async fn instances_are_found_by_what_their_candidates_have_now() {
    let class = CaseFixture::new().await;
    let candidate = class.candidates[&1].clone();
    let code = &candidate.invitation_code;
    assert_eq!(class.found(&format!(r#"{{"kind":"info","code":"{code}"}}"#)).await, [1, 3, 5]);
    assert_eq!(
        class.found(&format!(r#"{{"kind":"info","code":"{}"}}"#, code.to_lowercase())).await,
        Vec::<usize>::new()
    );
    assert_eq!(class.found(r#"{"kind":"info","uniqId":"u2","credential1":"u2"}"#).await, [2, 4]);
    assert_eq!(
        class.found(&format!(r#"{{"kind":"info","uniqId":"u2","code":"{code}"}}"#)).await,
        Vec::<usize>::new()
    );
    let change =
        app::candidates::CandidateUpdate { fullname: Some("Ada".into()), ..Default::default() };
    class
        .server
        .test_app
        .app
        .candidates()
        .update_candidate(&class.server.operator(), &class.t1.id, &candidate.id, change)
        .await
        .unwrap();
    assert_eq!(class.found(r#"{"kind":"info","displayName":"Ada"}"#).await, [1, 3, 5]);
    assert_eq!(class.found(r#"{"kind":"info","displayName":"ada"}"#).await, Vec::<usize>::new());
}

#[tokio::test]
async fn a_run_begins_behind_any_instance_of_the_task() {
    let class = CaseFixture::new().await;
    let body = r#"{"kind":"meta","status":"COMPLETE"}"#;
    let first = class.search("?limit=2", body).await;
    assert_eq!(first.ids(), class.ids([1, 2]));
    let pagination = first.json()["pagination"].to_string();
    let next = class.fill("?limit=2&lastDocId={I02}&mode=basic");
    assert_eq!(
        pagination,
        class.fill(&format!(r#"{{"limit":2,"lastDocId":"{{I02}}","next":"{next}"}}"#))
    );
    let second = class.search(&next, body).await;
    assert_eq!(second.ids(), class.ids([5]));
    assert_eq!(second.json()["pagination"], json!({"limit": 2, "lastDocId": null, "next": null}));
    // The position need not match what is sought.
    assert_eq!(class.search(&class.fill("?lastDocId={I03}"), body).await.ids(), class.ids([5]));
    assert_eq!(
        class.search(&class.fill("?lastDocId={I23}"), r#"{"kind":"meta"}"#).await.ids(),
        Vec::<String>::new()
    );
    assert_eq!(
        class.search("?limit=1", r#"{"kind":"meta","label":"east"}"#).await.ids(),
        class.ids([2])
    );
    let missing = class
        .server
        .send_json("POST", "/tasks/nosuch/test-instances/filter", r#"{"kind":"meta"}"#)
        .await;
    let foreign = class
        .server
        .send_json("POST", &class.fill("/tasks/{T9}/test-instances/filter"), r#"{"kind":"meta"}"#)
        .await;
    assert_eq!((missing.status, &missing.body), (404, &foreign.body));
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct SearchedRowsBody {
    test_instances: Vec<Box<RawValue>>,
}

/// Walks a search to its end; the rows as printed.
fn walk(hall: &PropertyServer, roll: &GeneratedTask, limit: u32, body: &Value) -> Vec<String> {
    let (mut query, mut rows) = (format!("?limit={limit}&mode=detailed"), Vec::new());
    loop {
        let target = format!("/tasks/{}/test-instances/filter{query}", roll.task);
        let answer =
            hall.runtime.block_on(hall.server.send_json("POST", &target, &body.to_string()));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let read: SearchedRowsBody = serde_json::from_slice(&answer.body).unwrap();
        rows.extend(read.test_instances.iter().map(|row| row.get().to_owned()));
        match answer.json()["pagination"]["next"].as_str() {
            Some(next) => query = next.to_owned(),
            None => return rows,
        }
    }
}

#[test]
fn a_search_walked_to_its_end_is_the_list_filtered() {
    let hall = PropertyServer::new();
    proptest!(ProptestConfig::with_cases(10), |(plan in plan(12), limit in 1..6_u32, at in any::<prop::sample::Index>())| {
        let roll = hall.write(&plan);
        let target = format!("/tasks/{}/test-instances?limit=1000&mode=detailed", roll.task);
        let list = hall.runtime.block_on(hall.server.get(&target));
        let read: SearchedRowsBody = serde_json::from_slice(&list.body).unwrap();
        let all: Vec<_> = read.test_instances.iter().map(|row| row.get().to_owned()).collect();
        prop_assert_eq!(&walk(&hall, &roll, limit, &json!({"kind": "meta"})), &all);
        let parsed: Vec<Value> = all.iter().map(|row| serde_json::from_str(row).unwrap()).collect();
        if parsed.is_empty() {
            return Ok(());
        }
        let chosen = parsed[at.index(parsed.len())].clone();
        let brute = |fits: &dyn Fn(&Value) -> bool| -> Vec<String> {
            parsed.iter().zip(&all).filter(|(row, _)| fits(row)).map(|(_, text)| text.clone()).collect()
        };
        for (name, member) in [("group", "group"), ("status", "status"), ("stepId", "stepId")] {
            let body = json!({"kind": "meta", name: chosen[member]});
            prop_assert_eq!(walk(&hall, &roll, limit, &body), brute(&|row| row[member] == chosen[member]), "{}", body);
        }
        if let Some(label) = chosen["labels"].get(0) {
            let fits = |row: &Value| row["labels"].as_array().unwrap().contains(label) && row["status"] == chosen["status"];
            let body = json!({"kind": "meta", "label": label, "status": chosen["status"]});
            prop_assert_eq!(walk(&hall, &roll, limit, &body), brute(&fits), "{}", body);
        }
    });
}

#[tokio::test]
async fn an_unknown_keyword_is_told_at_its_place_and_the_photo_asks_for_its_scope() {
    let class = CaseFixture::new().await;
    let own = &class.server.test_app.organization;
    let expected = ["/expand/1 invalid_enum", "/expand/2 invalid_type", "/x unknown_key"];
    assert_eq!(
        class.expand(&class.server.key, r#"{"expand":["test","Test",5],"x":1}"#).await.faults(),
        expected
    );
    assert_eq!(class.expand(&class.server.key, "{}").await.faults(), ["/expand required"]);
    let key = class.server.new_key(own, &[Scope::ResultsRead]).await;
    assert_eq!(class.expand(&key, r#"{"expand":["uniqId"]}"#).await.status, 200);
    for body in [r#"{"expand":["identityPhoto"]}"#, r#"{"expand":["nosuch","identityPhoto"]}"#] {
        assert_eq!(class.expand(&key, body).await.code(), "insufficient_scope", "{body}");
    }
}

#[tokio::test]
async fn an_instance_is_expanded_by_what_is_asked_for_in_one_order() {
    let class = CaseFixture::new().await;
    let plain =
        class.server.get(&class.fill("/tasks/{T1}/test-instances/{I02}?mode=detailed")).await;
    let key = &class.server.key;
    assert_eq!(class.expand(key, r#"{"expand":[]}"#).await.body, plain.body);
    let task = class.server.get(&class.fill("/tasks/{T1}?mode=detailed")).await.json();
    let stored = &task["steps"][0]["test"];
    let test = format!(
        r#"{{"source":{},"testId":{},"organizationId":{}}}"#,
        stored["source"], stored["testId"], stored["organizationId"]
    );
    let open = plain.text().strip_suffix('}').unwrap();
    let all = r#"{"expand":["identityPhoto","roomForm","test","test","creditCost","uniqId"]}"#;
    let expected = format!(
        r#"{open},"creditCost":0,"uniqId":"u2","test":{test},"identityPhoto":{{"url":null}}}}"#
    );
    assert_eq!(class.expand(key, all).await.text(), expected);
    let two = class.expand(key, r#"{"expand":["test","creditCost"]}"#).await;
    assert_eq!(two.text(), format!(r#"{open},"creditCost":0,"test":{test}}}"#));
}

#[tokio::test]
async fn a_form_is_empty_until_it_is_filled_in() {
    use domain::access::form::{AccessForm, AccessFormField, FieldKind};
    let class = CaseFixture::new().await;
    let field = AccessFormField {
        key: "city".into(),
        label: "City".into(),
        kind: FieldKind::Text,
        required: false,
        options: Vec::new(),
        assign: None,
    };
    let form = AccessForm { fields: vec![field], ..AccessForm::default() };
    let change = app::tasks::TaskUpdate { access_form: Some(Some(form)), ..Default::default() };
    class
        .server
        .test_app
        .app
        .tasks()
        .update_task(&class.server.operator(), &class.t1.id, change)
        .await
        .unwrap();
    let request = r#"{"expand":["roomForm"]}"#;
    assert_eq!(class.expand(&class.server.key, request).await.json()["roomForm"], json!({}));
    let visitor = class.server.enter(&class.candidates[&2]).await;
    let answers = [("city".to_owned(), "Izmir".to_owned())].into();
    class.server.test_app.app.delivery().fill_form(&visitor, answers).await.unwrap();
    assert_eq!(
        class.expand(&class.server.key, request).await.json()["roomForm"],
        json!({"City": "Izmir"})
    );
}

fn decimal(value: &Value) -> Decimal {
    Decimal::parse(&value.to_string()).unwrap()
}

#[tokio::test]
async fn effective_answers_of_a_completed_instance_add_up_to_its_result() {
    let class = CaseFixture::new().await;
    class.server.evaluate(&class.t1.id, &class.instances[0], 62, "evaluate").await;
    for (instance, is_complete) in
        [("I01", true), ("I02", true), ("I05", true), ("I03", false), ("I04", false)]
    {
        let answer = class.answers(instance, "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let body = answer.json();
        let entries = body["answers"].as_array().unwrap();
        assert_eq!(entries.len(), 5, "{instance}");
        let target =
            class.fill(&format!("/tasks/{{T1}}/test-instances/{{{instance}}}?mode=detailed"));
        let result = class.server.get(&target).await.json()["result"].clone();
        assert_eq!(result.is_object(), is_complete);
        if is_complete {
            let effective: Vec<_> =
                entries.iter().filter(|entry| entry["effective"] == true).collect();
            let earned =
                effective.iter().map(|entry| &entry["question"]["answer"]["pointsAchieved"]);
            let sum = earned
                .filter(|points| points.is_number())
                .fold(Decimal::ZERO, |sum, points| sum + decimal(points));
            assert_eq!(sum, decimal(&result["scoreboard"]["pointsAchieved"]), "{instance}");
            assert_eq!(result["scoreboard"]["noOfQuestions"], effective.len(), "{instance}");
        }
    }
}

#[tokio::test]
async fn answers_stand_at_their_places_with_what_was_entered() {
    let class = CaseFixture::new().await;
    let answer = class.answers("I01", "?mode=detailed").await;
    let body = answer.json();
    let keys =
        |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let essay = &body["answers"][4];
    assert_eq!(
        keys(essay),
        "sectionIndex sectionNo pageNo pageNoInSection questionNo questionNoInSection questionNoInPage \
         questionReference required effective question sectionUuid pageUuid"
    );
    let place = [
        "sectionIndex",
        "sectionNo",
        "pageNo",
        "pageNoInSection",
        "questionNo",
        "questionNoInSection",
        "questionNoInPage",
    ]
    .map(|name| essay[name].as_u64().unwrap());
    assert_eq!(place, [1, 2, 3, 1, 5, 2, 2]);
    assert_eq!(keys(&essay["questionReference"]), "kind questionBoxUUID");
    let evaluation_json =
        json!({"valid": true, "score": 0, "pointsAchieved": 0, "value": "Because it was due."});
    assert_eq!(essay["question"]["answer"], evaluation_json);
    assert_eq!(keys(&essay["question"]), "kind text type answer");
    let way = &body["answers"][3]["question"];
    assert_eq!(way["answer"]["choices"], json!([{"text": "check every figure twice"}]));
    assert_eq!(body["answers"][0]["question"]["answer"], Value::Null);
    // The last blank of the section was disregarded; of an open instance none is yet.
    let third = |body: &Value| {
        json!([body["answers"][2]["effective"], body["answers"][2]["question"]["answer"]])
    };
    assert_eq!(third(&body), json!([false, null]));
    assert_eq!(third(&class.answers("I03", "").await.json()), json!([true, null]));
    let basic = class.answers("I01", "").await.json();
    assert!(basic["answers"][4].get("sectionUuid").is_none());
}

#[tokio::test]
async fn an_evaluation_by_points_appears_as_entered_and_an_erased_answer_keeps_its_figures() {
    let class = CaseFixture::new().await;
    let given_score = app::evaluation::NewScore::Points(Decimal::from(1));
    let evaluation = app::evaluation::NewEvaluation {
        slot: 5,
        seq: 1,
        score: given_score,
        method: None,
        comment: None,
        feedback: None,
    };
    let request = app::evaluation::EvaluationBatch {
        client_token: "t".into(),
        list: vec![evaluation],
        note: None,
    };
    let app = &class.server.test_app.app;
    app.evaluation()
        .evaluate(&class.server.operator(), &class.t1.id, &class.instances[0], request)
        .await
        .unwrap();
    let essay = class.answers("I01", "").await.json()["answers"][4]["question"]["answer"].clone();
    assert_eq!(
        essay,
        json!({"valid": true, "score": 0.25, "pointsAchieved": 1, "value": "Because it was due."})
    );
    let erase = "UPDATE receipt SET response = NULL, digest = NULL";
    class
        .server
        .test_app
        .storage
        .write(move |tx: &mut dyn Transaction| tx.execute(erase, &[]))
        .await
        .unwrap();
    let body = class.answers("I01", "").await.json();
    let essay = &body["answers"][4]["question"]["answer"];
    assert_eq!(*essay, json!({"valid": true, "score": 0.25, "pointsAchieved": 1, "value": null}));
    assert_eq!(body["answers"][3]["question"]["answer"]["choices"], json!([]));
}

#[tokio::test]
async fn viewing_answers_is_recorded() {
    let class = CaseFixture::new().await;
    class.answers("I01", "").await;
    class.answers("nosuch", "").await;
    let chain = storage::event::EventChain::Instance(class.instances[0].clone());
    let organization = class.server.test_app.organization.clone();
    let read =
        move |tx: &mut dyn Transaction| storage::event::list(tx, &organization, &chain, 0, 100);
    let events = class.server.test_app.storage.read(read).await.unwrap();
    let last = &events.last().unwrap().event;
    assert_eq!((last.kind.as_str(), last.actor_kind.as_str()), ("answers.viewed", "key"));
}

#[tokio::test]
async fn evidences_are_an_empty_list_of_an_instance_that_is_there() {
    let class = CaseFixture::new().await;
    let get = async |path: &str| {
        class
            .server
            .get(&class.fill(&format!("/tasks/{path}/proctoring-evidences?mode=detailed")))
            .await
    };
    let answer = get("{T1}/test-instances/{I02}").await;
    assert_eq!((answer.status, answer.text()), (200, r#"{"proctoringEvidences":[]}"#));
    let missing = get("{T1}/test-instances/nosuch").await;
    for path in
        ["{T0}/test-instances/{I02}", "{T9}/test-instances/{I02}", "nosuch/test-instances/{I02}"]
    {
        let other = get(path).await;
        assert_eq!((other.status, &other.body), (404, &missing.body), "{path}");
    }
}

#[tokio::test]
async fn a_uniq_id_is_found_and_expanded() {
    let class = CaseFixture::new().await;
    let tracking = Some(UniqIdTracking { uniq_id: "7".into(), scope: UniqScope::Task });
    let person =
        RegisteredPerson::Temporary(TemporaryPerson { tracking, ..TemporaryPerson::default() });
    let candidate = class.server.candidate(&class.t1.id, NewCandidate::of(person)).await;
    let visitor = class.server.enter(&candidate).await;
    let instance = class.server.start(&visitor, &class.t1.steps[0], "late").await;
    assert_eq!(
        class.search("", r#"{"kind":"info","uniqId":"7"}"#).await.ids(),
        [instance.to_string()]
    );
    let target = format!("/tasks/{}/test-instances/{instance}/expand", class.t1.id);
    let expanded = class.server.send_json("POST", &target, r#"{"expand":["uniqId"]}"#).await;
    assert_eq!(expanded.json()["uniqId"], "7");
}
