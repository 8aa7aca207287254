use super::*;
use crate::compile::compile;
use crate::compile::random::Seed;
use crate::document::model::{Input, QuestionBody};
use crate::fixture::{
    choice, choices, desk_screening, field, item, key, matching, number, of_questions, question,
};
use crate::json::JsonNode;
use crate::scoring::{ScoringInputs, score};
use crate::time_factor::TimeFactor;

fn read(json: &str) -> Result<Correction, CorrectionFault> {
    Correction::read(&JsonNode::parse(json.as_bytes(), 16).unwrap())
}

fn slot(name: &str) -> Slot {
    let compiled = compile(&desk_screening(), &Seed([0; 32]), TimeFactor::ONE).unwrap();
    compiled.slots.into_iter().find(|slot| slot.question.key == key(name)).unwrap()
}

fn checked(json: &str) -> Result<(), CorrectionFault> {
    let correction = read(json).unwrap();
    correction.check(&slot(correction.question.as_str()).question, &correction.pattern_sizes())
}

#[test]
fn other_shapes_are_refused() {
    let shapes = [
        "[]",
        "{}",
        r#"{"question":"q1"}"#,
        r#"{"question":"q 1","change":"ignore"}"#,
        r#"{"question":"q1","change":"ignore","points":1}"#,
        r#"{"question":"q1","change":"drop"}"#,
        r#"{"question":"q1","change":"replace","points":1,"points":2}"#,
        r#"{"question":"q1","change":"replace","points":"x"}"#,
        r#"{"question":"q1","change":"replace","rules":[{"rule":"equal","value":"a"}]}"#,
        r#"{"question":"q1","change":"replace","choices":{"a":1,"a":2}}"#,
        r#"{"question":"q2","change":"replace","rules":[{"rule":"compare","op":"=","value":1,"percentage":1}]}"#,
    ];
    for json in shapes {
        assert_eq!(read(json), Err(CorrectionFault::WrongShape), "{json}");
    }
}

#[test]
fn a_correction_must_fit_its_question() {
    use CorrectionFault::{Empty, NotApplicable, OutOfRange, Rule, UnknownKey};
    let cases = [
        (r#"{"question":"q1","change":"replace"}"#, Empty),
        (r#"{"question":"q1","change":"replace","choices":{"z":10}}"#, UnknownKey),
        (r#"{"question":"q1","change":"replace","choices":{"a":100.5}}"#, OutOfRange),
        (r#"{"question":"q1","change":"replace","threshold":0}"#, OutOfRange),
        (r#"{"question":"q1","change":"replace","points":100001}"#, OutOfRange),
        (r#"{"question":"q1","change":"replace","negativePoints":-1}"#, OutOfRange),
        (r#"{"question":"q1","change":"replace","otherwise":1}"#, NotApplicable),
        (
            r#"{"question":"q1","change":"replace","dimensions":[{"path":["Language"]}]}"#,
            UnknownKey,
        ),
        (r#"{"question":"q2","change":"replace","choices":{"a":1}}"#, NotApplicable),
        (
            r#"{"question":"q2","change":"replace","rules":[{"rule":"equal","value":"a","percentage":1}]}"#,
            NotApplicable,
        ),
        (r#"{"question":"q2","change":"replace","rules":[]}"#, NotApplicable),
        (
            r#"{"question":"q2","change":"replace","rules":[{"rule":"between","min":2,"max":1,"percentage":1}]}"#,
            Rule,
        ),
        (
            r#"{"question":"q2","change":"replace","rules":[{"rule":"equal","value":1,"tolerance":-1,"percentage":1}]}"#,
            OutOfRange,
        ),
        (
            r#"{"question":"q3","change":"replace","items":{"i9":{"wrongPercentage":1}}}"#,
            UnknownKey,
        ),
        (r#"{"question":"q3","change":"replace","items":{"i1":{"matches":{"o9":1}}}}"#, UnknownKey),
        (
            r#"{"question":"q5","change":"replace","rules":[{"rule":"equal","value":"a","percentage":1}]}"#,
            NotApplicable,
        ),
    ];
    for (json, fault) in cases {
        assert_eq!(checked(json), Err(fault), "{json}");
    }
}

const FITTING: [&str; 7] = [
    r#"{"question":"q1","change":"ignore"}"#,
    r#"{"question":"q1","change":"replace","choices":{"a":100,"b":-33.3334},"threshold":40}"#,
    r#"{"question":"q1","change":"replace","threshold":null,"points":0.1,"negativePoints":3}"#,
    r#"{"question":"q1","change":"replace","dimensions":[{"path":["Numeracy","Arithmetic"],"points":2,"negativePoints":0}]}"#,
    r#"{"question":"q2","change":"replace","rules":[{"rule":"one-of","values":[1,2.5],"tolerance":0.1,"percentage":50},{"rule":"between","min":1,"max":2,"inclusive":false,"percentage":50}],"otherwise":-5}"#,
    r#"{"question":"q3","change":"replace","items":{"i1":{"matches":{"o1":50,"o4":50},"wrongPercentage":-1,"blankPercentage":0}}}"#,
    r#"{"question":"q4","change":"replace","points":999999999999}"#,
];

#[test]
fn what_fits_is_written_as_it_was_read() {
    for json in FITTING {
        assert_eq!(serde_json::to_string(&read(json).unwrap()).unwrap(), json);
        assert_eq!(serde_json::from_str::<Correction>(json).unwrap(), read(json).unwrap());
    }
    for json in &FITTING[..6] {
        assert_eq!(checked(json), Ok(()), "{json}");
    }
    let list: Vec<Correction> = serde_json::from_str(&format!("[{}]", FITTING.join(","))).unwrap();
    assert_eq!(list.len(), FITTING.len());
}

#[test]
fn patterns_and_values_of_text_rules_are_checked() {
    let rule = TextRule {
        condition: crate::document::model::TextCondition::Equal { value: "a".to_owned() },
        percentage: number("100"),
    };
    let typed = question("t", QuestionBody::Input(field(vec![rule])));
    let check = |rules: &str| {
        let json = format!(r#"{{"question":"t","change":"replace","rules":[{rules}]}}"#);
        let correction = read(&json).unwrap();
        correction.check(&typed, &correction.pattern_sizes())
    };
    assert_eq!(
        check(r#"{"rule":"matches","pattern":"(","percentage":1}"#),
        Err(CorrectionFault::Rule)
    );
    assert_eq!(
        check(r#"{"rule":"one-of","values":[],"percentage":1}"#),
        Err(CorrectionFault::Rule)
    );
    assert_eq!(check(r#"{"rule":"not-matches","pattern":"^a","percentage":1}"#), Ok(()));
}

/// Each rule alone was bounded, and all of them together were not: a hundred of the largest
/// patterns for each result.
#[test]
fn a_correction_has_the_budget_of_patterns_that_a_question_has() {
    use crate::pattern::{DOCUMENT_PATTERNS, LARGEST_PATTERN, QUESTION_BUDGET, authored_size};
    let pattern = |letters: usize, end: usize| format!("a[ab]{{{letters}}}c{end}");
    let letters =
        (1..1000).rev().find(|letters| authored_size(&pattern(*letters, 9)).is_some()).unwrap();
    let most = QUESTION_BUDGET / 20_000 / authored_size(&pattern(letters, 9)).unwrap();
    let most = usize::try_from(most).unwrap();
    let rules = |count: usize, letters: usize| {
        let rule = |end: usize| {
            format!(r#"{{"rule":"matches","pattern":"{}","percentage":1}}"#, pattern(letters, end))
        };
        (0..count).map(rule).collect::<Vec<_>>().join(",")
    };
    let area = |max_length: u32| {
        let Input::Field(text) = field(Vec::new()) else { panic!("a field") };
        let input = Input::Area(crate::document::model::TextInput { max_length, ..text });
        let evaluation = crate::document::model::EvaluationMode::Auto;
        Question { evaluation, ..question("t", QuestionBody::Input(input)) }
    };
    let check = |rules: String, max_length: u32| {
        let json = format!(r#"{{"question":"t","change":"replace","rules":[{rules}]}}"#);
        let correction = read(&json).unwrap();
        correction.check(&area(max_length), &correction.pattern_sizes())
    };
    assert_eq!(check(rules(most, letters), 20_000), Ok(()));
    assert_eq!(check(rules(most + 1, letters), 20_000), Err(CorrectionFault::PatternBudget));
    assert_eq!(check(rules(1, letters), 900_000), Err(CorrectionFault::PatternBudget));
    assert_eq!(check(rules(2, 5), 900_000), Ok(()), "small ones in a long text");
    let cells = usize::try_from(DOCUMENT_PATTERNS).unwrap() / LARGEST_PATTERN + 5;
    let mut sizes = crate::pattern::PatternSizes::default();
    for number in 0..cells {
        assert_eq!(sizes.find(&format!("\\w{{100}}{number}")), None, "each is too large");
    }
    assert!(
        sizes.is_full() && sizes.find("never met").is_none() && sizes.of("never met").is_none()
    );
}

#[test]
fn a_later_correction_wins_over_an_earlier_one() {
    let points = |literal: &str| {
        read(&format!(r#"{{"question":"q1","change":"replace","points":{literal}}}"#)).unwrap()
    };
    let threshold = read(r#"{"question":"q1","change":"replace","threshold":40}"#).unwrap();
    let (question, ignored) =
        corrected_question(&slot("q1"), &[points("5"), threshold, points("7")]);
    assert_eq!(question.points, number("7"));
    assert!(!ignored);
    let QuestionBody::MultipleChoice(body) = &question.kind else { panic!("a choice") };
    assert_eq!(body.threshold, Some(number("40")));
}

#[test]
fn replaced_percentages_reach_choices_items_and_rules() {
    let (question, _) = corrected_question(&slot("q3"), &[read(FITTING[5]).unwrap()]);
    let QuestionBody::Match(body) = &question.kind else { panic!("a match") };
    assert_eq!(body.items[0].matches.len(), 2);
    assert_eq!(body.items[0].matches[1].percentage, number("50"));
    let (question, _) = corrected_question(&slot("q2"), &[read(FITTING[4]).unwrap()]);
    let QuestionBody::Input(Input::Numeric(body)) = &question.kind else { panic!("a number") };
    assert_eq!((body.rules.len(), body.otherwise), (2, number("-5")));
}

#[test]
fn a_correction_of_another_question_changes_nothing() {
    let body = QuestionBody::Match(matching(vec![item("i", &[("o", "100")])], &["o"]));
    let test = of_questions(vec![
        question("q", QuestionBody::MultipleChoice(choices(vec![choice("a", "1")]))),
        question("m", body),
    ]);
    let compiled = compile(&test, &Seed([0; 32]), TimeFactor::ONE).unwrap();
    let corrections = vec![Correction { question: key("gone"), change: CorrectionChange::Ignore }];
    let corrected = score(&compiled, &ScoringInputs { corrections, ..ScoringInputs::default() });
    assert_eq!(corrected, score(&compiled, &ScoringInputs::default()));
}
