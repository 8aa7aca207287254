//! All faults at once, in document order, at most 100.

use super::{brief, read_alone};
use crate::document::{DocumentFaultCode, DocumentFormat};

#[test]
fn all_faults_are_reported_at_once_in_document_order() {
    // Levels stand behind the sections here, keys behind what they name, and required fields are
    // missing.
    let document = r#"{"assay":1,"key":"t","sections":[
        {"pages":[{"questions":[
            {"kind":"multiplechoice","choices":[{"key":"a","text":"","percentage":101},{"key":"a","text":"B"}],"key":"q","points":-1},
            {"kind":"input","type":"numeric","key":"q","text":"?","rules":[{"rule":"equal","value":"x","percentage":1}]}],
          "key":"p"}],"key":"s","title":"S","timeLimit":-1}],
        "levels":[{"name":"a"},{"name":"a"}],"colour":1}"#;
    let faults = read_alone(document, DocumentFormat::Json).unwrap_err();
    let question = "/sections/0/pages/0/questions/0";
    let other = "/sections/0/pages/0/questions/1";
    let at = |pointer: &str, field: &str| format!("{pointer}{field}");
    let wanted = [
        (DocumentFaultCode::MissingField, String::new()),
        (DocumentFaultCode::MissingField, question.to_owned()),
        (DocumentFaultCode::EmptyText, at(question, "/choices/0/text")),
        (DocumentFaultCode::PercentageRange, at(question, "/choices/0/percentage")),
        (DocumentFaultCode::DuplicateKey, at(question, "/choices/1/key")),
        (DocumentFaultCode::PointsRange, at(question, "/points")),
        (DocumentFaultCode::DuplicateKey, at(other, "/key")),
        (DocumentFaultCode::RuleNumber, at(other, "/rules/0/value")),
        (DocumentFaultCode::TimeLimitRange, "/sections/0/timeLimit".to_owned()),
        (DocumentFaultCode::LevelsFirst, "/levels/1".to_owned()),
        (DocumentFaultCode::LevelsOrder, "/levels/1".to_owned()),
        (DocumentFaultCode::UnknownField, "/colour".to_owned()),
    ];
    assert_eq!(
        brief(&faults),
        wanted.iter().map(|(code, pointer)| (*code, pointer.as_str())).collect::<Vec<_>>()
    );
    assert_eq!(faults[0].detail.as_deref(), Some("title"));
    assert_eq!(faults[1].detail.as_deref(), Some("text"));
}

#[test]
fn no_more_than_a_hundred_faults_are_reported_and_they_are_the_first() {
    let sections: Vec<_> = (0..3000).map(|_| "{}").collect();
    let document = format!(r#"{{"assay":1,"sections":[{}]}}"#, sections.join(","));
    let faults = read_alone(&document, DocumentFormat::Json).unwrap_err();
    assert_eq!(faults.len(), 100);
    // Title and key of the test, the length of the list, then three required fields of each
    // section.
    let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str().to_owned()).collect();
    assert_eq!(&pointers[..6], ["", "", "/sections", "/sections/0", "/sections/0", "/sections/0"]);
    assert_eq!(pointers[99], "/sections/32");
}

#[test]
fn a_hostile_document_costs_little() {
    let members: Vec<_> = (0..300_000).map(|index| format!("\"{index}\":1")).collect();
    let document = format!("{{{}}}", members.join(","));
    assert_eq!(read_alone(&document, DocumentFormat::Json).unwrap_err().len(), 100);
}
