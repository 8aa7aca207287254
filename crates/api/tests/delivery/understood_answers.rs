//! What a candidate is told of how a kept answer was understood (findings F5 to F8 and B2,
//! amendment A4).

use serde_json::{Value, json};
use testkit::{DeliveryClient, TestApp};

const PAPER: &str = r#"{"assay": 1, "key": "understood", "title": "Understood", "sections": [{"key": "s", "title": "S", "pages": [
    {"key": "p", "questions": [
        {"key": "n", "kind": "input", "type": "numeric", "text": "100 times 100?", "unit": "EUR",
            "rules": [{"rule": "equal", "value": 10000, "percentage": 100}]},
        {"key": "e", "kind": "input", "type": "numeric", "text": "Again?", "decimalSeparator": "either",
            "rules": [{"rule": "equal", "value": 10, "percentage": 100}]},
        {"key": "c", "kind": "multiplechoice", "text": "Two of them.", "minSelections": 2, "maxSelections": 3,
            "choices": [{"key": "a", "text": "A", "percentage": 50}, {"key": "b", "text": "B", "percentage": 50},
                {"key": "d", "text": "D"}]},
        {"key": "m", "kind": "match", "text": "Match two.", "minMatches": 2,
            "options": [{"key": "o1", "text": "one"}, {"key": "o2", "text": "two"}],
            "items": [{"key": "i1", "text": "1", "matches": [{"option": "o1", "percentage": 50}]},
                {"key": "i2", "text": "2", "matches": [{"option": "o2", "percentage": 50}]}]},
        {"key": "t", "kind": "input", "type": "tabular", "text": "Fill.",
            "columns": [{"key": "x", "title": "X", "type": "field"}, {"key": "y", "title": "Y", "type": "numeric"}],
            "rows": [{"key": "r1", "title": "R1"}, {"key": "r2", "title": "R2"}],
            "cells": [{"row": "r1", "column": "y", "rules": [{"rule": "equal", "value": 1, "percentage": 100}]}]},
        {"key": "w", "kind": "input", "type": "field", "text": "Short for do not?",
            "rules": [{"rule": "equal", "value": "don't", "percentage": 100}]}]}]}]}"#;

struct UnderstoodFixture {
    browser: DeliveryClient,
    base: String,
    _app: TestApp,
}

impl UnderstoodFixture {
    async fn new(test_app: TestApp) -> Self {
        let browser = DeliveryClient::entered(&test_app).await;
        let started = browser.post("/steps/St1/start", &json!({ "clientToken": "s" })).await;
        let base = format!("/instances/{}", started.body["instanceId"].as_str().unwrap());
        assert_eq!(browser.post(&format!("{base}/page"), &json!({ "page": 1 })).await.status, 200);
        Self { browser, base, _app: test_app }
    }

    /// The acknowledgement of one write, without what every one has.
    async fn write(&self, slot: u32, seq: u64, response: Value) -> Value {
        let body = json!({ "writes": [{ "slot": slot, "seq": seq, "response": response }] });
        let saved = self.browser.post(&format!("{}/answers", self.base), &body).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
        self.understanding(&saved.body["acknowledgements"][0])
    }

    fn understanding(&self, told: &Value) -> Value {
        let said = ["valid", "reason", "readAs", "cells", "refused"];
        let member = |name: &str| Some((name.to_owned(), told.get(name)?.clone()));
        said.into_iter().filter_map(member).collect::<serde_json::Map<_, _>>().into()
    }

    /// What a reloaded page is told of a slot: by the list of answers, and by the state.
    async fn reloaded(&self, slot: u32) -> [Value; 2] {
        let of_slot = |body: &Value| {
            let answers = body["answers"].as_array().unwrap();
            self.understanding(answers.iter().find(|answer| answer["slot"] == slot).unwrap())
        };
        [
            of_slot(&self.browser.get(&format!("{}/answers", self.base)).await.body),
            of_slot(&self.browser.get(&self.base).await.body),
        ]
    }
}

#[tokio::test]
async fn a_number_is_told_as_it_was_read_and_what_is_none_why_f6_f7_f8() {
    let sitter = UnderstoodFixture::new(TestApp::with(PAPER).await).await;
    let (not_a_number, ambiguous) = ("not_a_number", "ambiguous_number");
    let cases = [
        (1, "five", Err(not_a_number)),
        (1, "54 euros", Err(not_a_number)),
        (1, "10.000,5", Err(not_a_number)),
        (1, "10 000", Err(not_a_number)),
        (1, "1,0000", Err(not_a_number)),
        (1, "1\u{662}", Err(not_a_number)),
        (1, "10,000", Ok("10000")),
        (1, "10000 EUR", Ok("10000")),
        (1, "\u{2013} 5", Ok("-5")),
        (1, "\u{200e}-5", Ok("-5")),
        (1, "\u{ff11}\u{ff12}.\u{ff15}", Ok("12.5")),
        (1, "1.50", Ok("1.5")),
        (1, "-0", Ok("0")),
        (2, "10,000", Err(ambiguous)),
        (2, "10.000", Err(ambiguous)),
        (2, "1.234,5", Err(not_a_number)),
        (2, "10,5", Ok("10.5")),
        (2, "10", Ok("10")),
    ];
    for (seq, (slot, typed, wanted)) in (1..).zip(cases) {
        let told = sitter.write(slot, seq, json!(typed)).await;
        let wanted = match wanted {
            Ok(number) => json!({ "valid": true, "readAs": number }),
            Err(reason) => json!({ "valid": false, "reason": reason }),
        };
        assert_eq!(told, wanted, "{typed:?}");
        assert_eq!(sitter.reloaded(slot).await, [wanted.clone(), wanted], "{typed:?} reloaded");
    }
}

#[tokio::test]
async fn choices_and_matches_that_are_too_few_are_told_f7() {
    let sitter = UnderstoodFixture::new(TestApp::with(PAPER).await).await;
    let few = |reason: &str| json!({ "valid": false, "reason": reason });
    let valid = json!({ "valid": true });
    assert_eq!(sitter.write(3, 1, json!(["a"])).await, few("too_few_selections"));
    assert_eq!(sitter.reloaded(3).await[0], few("too_few_selections"));
    assert_eq!(sitter.write(3, 2, json!(["a", "d"])).await, valid, "right or wrong is not told");
    assert_eq!(sitter.write(3, 3, json!([])).await, valid, "an empty answer clears it");
    assert_eq!(sitter.write(4, 1, json!({ "i1": "o2" })).await, few("too_few_matches"));
    assert_eq!(sitter.write(4, 2, json!({ "i1": "o2", "i2": "o1" })).await, valid);
    assert_eq!(sitter.write(6, 1, json!("anything")).await, valid);
    let refused = sitter.write(6, 2, json!(["wrong shape"])).await;
    assert_eq!(refused, json!({ "refused": { "code": "response_wrong_shape" } }));
}

#[tokio::test]
async fn each_cell_of_numbers_is_told_and_the_table_stays_valid() {
    let sitter = UnderstoodFixture::new(TestApp::with(PAPER).await).await;
    let cells = json!({ "r1": { "x": "1 m", "y": "1 m" }, "r2": { "y": "1,000" } });
    let told = sitter.write(5, 1, cells).await;
    let wanted = json!({ "valid": true, "cells": [
        { "row": "r1", "column": "y", "valid": false, "reason": "not_a_number" },
        { "row": "r2", "column": "y", "valid": true, "readAs": "1000" },
    ]});
    assert_eq!(told, wanted);
    assert_eq!(sitter.reloaded(5).await, [wanted.clone(), wanted]);
}

#[tokio::test]
async fn a_repeated_write_is_told_again_and_a_superseded_one_what_is_kept() {
    let sitter = UnderstoodFixture::new(TestApp::with(PAPER).await).await;
    let five = json!({ "valid": false, "reason": "not_a_number" });
    assert_eq!(sitter.write(1, 2, json!("five")).await, five);
    assert_eq!(sitter.write(1, 2, json!("five")).await, five);
    assert_eq!(sitter.write(1, 1, json!("5")).await, five, "newer work is kept");
}

#[tokio::test]
async fn nothing_of_it_depends_on_the_key() {
    let other_key = PAPER.replace("10000", "77").replace("\"don't\"", "\"do not\"");
    let mut told = Vec::new();
    for paper in [PAPER, &other_key] {
        let sitter = UnderstoodFixture::new(TestApp::with(paper).await).await;
        let mut of_paper = Vec::new();
        for (seq, typed) in (1..).zip(["10000", "77", "10,000", "five", "don't", ""]) {
            of_paper.push(sitter.write(1, seq, json!(typed)).await);
            of_paper.push(sitter.write(6, seq, json!(typed)).await);
        }
        told.push(of_paper);
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn an_instance_of_a_document_of_before_is_read_by_the_rules_of_then() {
    let sitter = UnderstoodFixture::new(TestApp::with_earlier_rules(PAPER).await).await;
    let read_as = |number: &str| json!({ "valid": true, "readAs": number });
    assert_eq!(sitter.write(1, 1, json!("10,000")).await, read_as("10"));
    assert_eq!(sitter.write(1, 2, json!("12,5")).await, read_as("12.5"));
    let none = json!({ "valid": false, "reason": "not_a_number" });
    assert_eq!(sitter.write(1, 3, json!("10000 EUR")).await, none);
    assert_eq!(sitter.write(1, 4, json!("\u{2013}5")).await, none);
}
