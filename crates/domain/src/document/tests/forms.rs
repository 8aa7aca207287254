//! The stored form, its YAML twin and its thawing.

use super::{EXAMPLE, brief, read_alone, with_context};
use crate::document::arbitrary::any_test;
use crate::document::model::{BankOrigin, PageEntry, QuestionEntry};
use crate::document::{
    DocumentFaultCode, DocumentFormat, parse_stored, parse_stored_question, question_to_stored,
    read_question, stored_digest, to_stored, to_yaml,
};
use proptest::prelude::*;
use std::sync::Arc;
use uuid::Uuid;

#[test]
fn the_example_reads_with_the_published_section_uuids() {
    let checked = read_alone(EXAMPLE, DocumentFormat::Guess).unwrap();
    let uuids: Vec<_> =
        checked.test.sections.iter().map(|section| section.uuid.to_string()).collect();
    assert_eq!(
        uuids,
        ["2e1643c0-5242-559a-af29-f0260c2d8e42", "21c5c73b-e90d-5bfc-95bd-d5f2f42209fd"]
    );
    // Its second question takes 100 % away from wrong numbers and has no negative points.
    let advice = (DocumentFaultCode::WarnNegativeFree, "/sections/0/pages/0/questions/1");
    assert_eq!(super::brief(&checked.warnings), [advice]);
}

#[test]
fn the_yaml_twin_of_the_example_is_the_same_document() {
    let checked = read_alone(EXAMPLE, DocumentFormat::Json).unwrap();
    let twin = include_str!("../../../tests/documents/desk-screening.yaml");
    assert_eq!(to_yaml(&checked.test), twin);
    assert_eq!(read_alone(twin, DocumentFormat::Guess).unwrap(), checked);
}

#[test]
fn a_digest_is_the_sha_256_of_the_stored_bytes() {
    let empty = hex::encode(stored_digest(""));
    assert_eq!(empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn only_frozen_documents_name_the_origin_of_a_question() {
    let mut test = read_alone(EXAMPLE, DocumentFormat::Json).unwrap().test;
    let PageEntry::Page(page) = &mut test.sections[0].pages[0] else { panic!("a page") };
    let QuestionEntry::Question(question) = &mut page.questions[0] else { panic!("a question") };
    let origin = BankOrigin { organization_id: "Og1".into(), question_id: "Qu1".into() };
    Arc::make_mut(question).origin = Some(origin);
    let frozen = to_stored(&test);
    assert_eq!(parse_stored(&frozen), Ok(test));
    let faults = read_alone(&frozen, DocumentFormat::Json).unwrap_err();
    assert_eq!(
        brief(&faults),
        [(DocumentFaultCode::UnknownField, "/sections/0/pages/0/questions/0/origin")]
    );
}

#[test]
fn a_document_without_uuid_takes_the_fresh_one_and_derives_from_it() {
    let without = EXAMPLE.replace(r#""uuid": "5f0c2a8e-6f0b-4c3e-9a51-0d6f3c1b7e20","#, "");
    let test = read_alone(&without, DocumentFormat::Json).unwrap().test;
    assert_eq!(test.uuid, Uuid::from_u128(7));
    assert_eq!(test.sections[0].uuid, Uuid::new_v5(&Uuid::from_u128(7), b"section/numbers"));
}

#[test]
fn bank_references_and_pools_keep_their_form() {
    let document = r#"{"assay":1,"key":"t","title":"T","sections":[{"key":"s","title":"S","pages":[
        {"pool":{"key":"a","draw":3,"spread":2,"bank":{"tags":{"x":"y"}}}},
        {"pool":{"key":"b","draw":1,"pages":[{"key":"p","questions":[{"key":"q","kind":"input","type":"photo","text":"?"}]}]}}]}]}"#;
    let checked = read_alone(document, DocumentFormat::Json).unwrap();
    assert_eq!(
        brief(&checked.warnings),
        [(DocumentFaultCode::WarnBankSmall, "/sections/0/pages/0/pool")]
    );
    let text = to_stored(&checked.test);
    assert!(
        text.contains(
            r#""draw":3,"bank":{"labels":[],"tags":{"x":"y"}},"spread":2,"shuffle":false,"secondsPerQuestion":0}"#
        ),
        "{text}"
    );
    assert!(text.contains(r#""mediaTypes":["image/*"]"#), "{text}");
    assert_eq!(read_alone(&text, DocumentFormat::Json).unwrap().test, checked.test);
    assert_eq!(parse_stored(&text), Ok(checked.test));
}

#[test]
fn a_bank_question_is_read_and_thawed_without_a_test_around_it() {
    let authored =
        br#"{"key":"b","kind":"input","type":"area","text":"?","dimensions":[{"path":["Any"]}]}"#;
    let question = |bytes: &[u8]| {
        with_context(|surroundings| {
            read_question(bytes, DocumentFormat::Json, Uuid::from_u128(7), surroundings)
        })
    };
    let read = question(authored).unwrap();
    assert_eq!(parse_stored_question(&question_to_stored(&read)), Ok(read));
    assert_eq!(brief(&question(b"{}").unwrap_err())[0], (DocumentFaultCode::MissingField, ""));
}

#[test]
fn text_that_is_no_stored_document_does_not_thaw() {
    assert!(parse_stored("{").is_err());
    assert!(parse_stored("{}").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Invariant 40.
    #[test]
    fn storing_the_stored_form_changes_nothing(test in any_test()) {
        let text = to_stored(&test);
        let again = read_alone(&text, DocumentFormat::Json);
        prop_assert!(again.is_ok(), "{:?}\n{}", again, text);
        let again = again.unwrap().test;
        prop_assert_eq!(&again, &test);
        prop_assert_eq!(to_stored(&again), text);
    }

    /// Invariant 40.
    #[test]
    fn a_document_survives_json_to_yaml_to_json(test in any_test()) {
        let text = to_yaml(&test);
        let again = read_alone(&text, DocumentFormat::Yaml);
        prop_assert!(again.is_ok(), "{:?}\n{}", again, text);
        prop_assert_eq!(again.unwrap().test, test);
    }

    #[test]
    fn a_stored_document_thaws_as_it_was(test in any_test()) {
        prop_assert_eq!(parse_stored(&to_stored(&test)), Ok(test));
    }
}
