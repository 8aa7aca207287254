//! Tests that were kept before documents said how loosely typed answers are compared (amendment A4):
//! they keep their rules until they are saved anew, and so do their results.

use super::verifying::verify;
use app::test_library::TestImportOptions;
use domain::document::{DocumentFormat, has_earlier_rules, parse_stored};
use domain::id::TestId;
use testkit::{TestApp, write};

const PAPER: &str = r#"{"assay": 1, "key": "before", "title": "Before", "sections": [{"key": "s", "title": "S", "pages": [
    {"key": "p", "questions": [
        {"key": "n", "kind": "input", "type": "numeric", "text": "100 times 100?",
            "rules": [{"rule": "equal", "value": 10000, "percentage": 100}]},
        {"key": "w", "kind": "input", "type": "field", "text": "Short for do not?",
            "rules": [{"rule": "equal", "value": "don't", "percentage": 100}]}]}]}]}"#;

async fn text(test_app: &TestApp) -> String {
    let (caller, test) = (test_app.operator(), TestId::from("Te1"));
    let library = test_app.app.test_library();
    library.test_text(&caller, &test, None, DocumentFormat::Json).await.unwrap().text
}

async fn has_earlier(test_app: &TestApp) -> bool {
    has_earlier_rules(&parse_stored(&text(test_app).await).unwrap())
}

async fn save_anew(test_app: &TestApp) {
    let options =
        TestImportOptions { test: Some(TestId::from("Te1")), ..TestImportOptions::default() };
    let (caller, stored) = (test_app.operator(), text(test_app).await);
    let library = test_app.app.test_library();
    let saved =
        library.import_test(&caller, stored.as_bytes(), DocumentFormat::Json, options).await;
    assert!(saved.unwrap().is_new_version);
}

#[tokio::test]
async fn filing_a_test_elsewhere_leaves_its_document_and_its_rules_alone() {
    let test_app = TestApp::with_earlier_rules(PAPER).await;
    let before = text(&test_app).await;
    let (caller, test) = (test_app.operator(), TestId::from("Te1"));
    let library = test_app.app.test_library();
    let filed =
        library.organize_test(&caller, &test, "Maths".into(), vec!["old".into()]).await.unwrap();
    assert_eq!((filed.version, filed.folder.as_str()), (1, "Maths"));
    assert_eq!(text(&test_app).await, before);
    let unknown = library.organize_test(&caller, &TestId::from("Te9"), String::new(), vec![]).await;
    assert!(unknown.is_err());
    let faulty = library.organize_test(&caller, &test, "a/\u{7}".into(), vec![]).await;
    assert!(faulty.is_err());
}

#[tokio::test]
async fn a_test_saved_anew_has_the_present_rules_and_what_was_started_keeps_its_own() {
    let test_app = TestApp::with_earlier_rules(PAPER).await;
    assert!(has_earlier(&test_app).await);
    let (visitor, instance) = test_app.start_on_first_page().await;
    save_anew(&test_app).await;
    assert!(!has_earlier(&test_app).await);

    // Started before, answered after: 10,000 is 10, and the curly apostrophe is another mark.
    test_app.answer(&visitor, &instance, write(1, 1, r#""10,000""#)).await;
    test_app.answer(&visitor, &instance, write(2, 1, "\"don\u{2019}t\"")).await;
    test_app.complete(&visitor, &instance, "c").await.unwrap();
    let result = test_app.row(&instance).await.result_basic.unwrap();
    assert!(result.contains("\"pointsAchieved\":0,"), "{result}");

    // It recomputes to the byte, and computing it again changes nothing.
    assert_eq!(verify(&test_app).await, []);
    let caller = test_app.operator();
    let batch =
        test_app.app.instances().rescore_batch(&caller, &test_app.task, None, 0).await.unwrap();
    assert_eq!((batch.looked_at, batch.versions, batch.repaired), (1, 0, 0));
    assert_eq!(test_app.row(&instance).await.result_basic.unwrap(), result);
}

#[tokio::test]
async fn whoever_starts_after_the_test_was_saved_anew_is_judged_by_the_present_rules() {
    let test_app = TestApp::with_earlier_rules(PAPER).await;
    save_anew(&test_app).await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    // The separator of before stands in the document; what can be read in two ways is not taken.
    test_app.answer(&visitor, &instance, write(1, 1, r#""10000""#)).await;
    test_app.answer(&visitor, &instance, write(2, 1, "\"don\u{2019}t\"")).await;
    test_app.complete(&visitor, &instance, "c").await.unwrap();
    let result = test_app.row(&instance).await.result_basic.unwrap();
    assert!(result.contains("\"pointsAchieved\":2,"), "{result}");
    assert_eq!(verify(&test_app).await, []);
}
