//! The budget of patterns: what a small document may make the server do.

use super::read_alone;
use crate::document::{
    DocumentFaultCode, DocumentFormat, EmptyBank, ValidationContext, parse_stored, read_questions,
};
use crate::id::OrganizationId;
use uuid::Uuid;

fn question(n: usize, patterns: &[String]) -> String {
    let rule = |pattern: &String| {
        format!(r#"{{"rule":"matches","pattern":{},"percentage":1}}"#, crate::json::quote(pattern))
    };
    let rules: Vec<_> = patterns.iter().map(rule).collect();
    format!(
        r#"{{"key":"q{n}","kind":"input","type":"field","text":"T","rules":[{}]}}"#,
        rules.join(",")
    )
}

fn document(questions: &[String]) -> String {
    format!(
        r#"{{"assay":1,"key":"t","title":"T","sections":[{{"key":"s","title":"S","pages":[{{"key":"p","questions":[{}]}}]}}]}}"#,
        questions.join(",")
    )
}

/// Forty questions with a hundred patterns each, no two the same: `\\w` is a large class.
fn four_thousand(pattern: impl Fn(usize) -> String) -> Vec<String> {
    let of = |n: usize| (0..100).map(|m| pattern(n * 100 + m)).collect::<Vec<_>>();
    (0..40).map(|n| question(n, &of(n))).collect()
}

/// Finding security A6: 240 KB with 4,000 patterns held all reading threads for minutes.
#[test]
fn a_document_of_four_thousand_large_patterns_is_refused_after_some_of_them_a6() {
    let text = document(&four_thousand(|n| format!("\\w{{{}}}", 20 + n)));
    let faults = read_alone(&text, DocumentFormat::Json).unwrap_err();
    assert_eq!(faults.len(), 100);
    assert!(
        faults.iter().all(|fault| fault.code == DocumentFaultCode::RulePattern),
        "{:?}",
        faults[0]
    );
}

#[test]
fn patterns_are_compiled_until_the_budget_of_the_document_is_used_up_a6() {
    let text = document(&four_thousand(|n| format!("[a-c]{{200}}{n}")));
    let faults = read_alone(&text, DocumentFormat::Json).unwrap_err();
    assert_eq!(faults[0].code, DocumentFaultCode::PatternBudget);
    assert!(
        faults[0].pointer.to_string().starts_with("/sections/0/pages/0/questions/"),
        "{:?}",
        faults[0]
    );
}

/// A list of questions for the bank is one document.
#[test]
fn questions_of_a_list_share_one_budget_a6() {
    let list = format!("[{}]", four_thousand(|n| format!("[a-c]{{200}}{n}")).join(","));
    let organization = OrganizationId::from("Og1");
    let surroundings = ValidationContext { bank: &EmptyBank, has_asset: &|_| false, organization };
    let mut number = 0;
    let mut fresh = || {
        number += 1;
        Uuid::from_u128(number)
    };
    let faults = read_questions(list.as_bytes(), DocumentFormat::Json, &mut fresh, &surroundings)
        .unwrap_err();
    assert_eq!(faults[0].code, DocumentFaultCode::PatternBudget);
}

#[test]
fn many_small_patterns_and_one_pattern_many_times_are_welcome() {
    let small = document(&four_thousand(|n| format!("^answer {n}$")));
    read_alone(&small, DocumentFormat::Json).unwrap();
    let again = document(&four_thousand(|_| "(?i)\\bphoto\\w*synthesis\\b".to_owned()));
    read_alone(&again, DocumentFormat::Json).unwrap();
}

/// Limits that came later change nothing of what was kept.
#[test]
fn a_kept_document_with_larger_patterns_still_reads() {
    let before = document(&[question(0, &["PATTERN".to_owned()])]);
    let stored =
        crate::document::to_stored(&read_alone(&before, DocumentFormat::Json).unwrap().test);
    let stored = stored.replace("PATTERN", "a[ab]{20000}c");
    let test = parse_stored(&stored).unwrap();
    assert!(crate::document::to_stored(&test).contains("a[ab]{20000}c"));
}
