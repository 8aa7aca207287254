//! Warnings do not prevent storing and stand in document order.

use super::{brief, read_alone};
use crate::document::{DocumentFaultCode, DocumentFormat};

#[test]
fn warnings_of_a_valid_document_come_in_document_order() {
    let document = r#"{"assay":1,"key":"t","title":"T","timeLimit":60,"sections":[{"key":"s","title":"S","timeLimit":61,
        "pages":[{"key":"p","questions":[{"key":"q","kind":"multiplechoice","text":"?","choices":[
            {"key":"a","text":"A"},{"key":"b","text":"B"}]}]}]}],
        "dimensions":[{"name":"D","sub":["E"]}]}"#;
    let checked = read_alone(document, DocumentFormat::Json).unwrap();
    let wanted = [
        (DocumentFaultCode::WarnTimeNested, "/sections/0/timeLimit"),
        (DocumentFaultCode::WarnNoPositive, "/sections/0/pages/0/questions/0"),
        (DocumentFaultCode::WarnUnusedName, "/dimensions/0/name"),
        (DocumentFaultCode::WarnUnusedName, "/dimensions/0/sub/0"),
    ];
    assert_eq!(brief(&checked.warnings), wanted);
    assert!(checked.warnings.iter().all(|warning| warning.code.is_warning()));
}
