//! Tests of the library: faults, versions, archiving.

use app::Failure;
use app::test_library::TestImportOptions;
use domain::document::{DocumentFaultCode, DocumentFormat};
use testkit::TestApp;
use testkit::failures::{faults, is_not_found};
use testkit::fixtures::DESK_SCREENING;

const NAMELESS: &str = r#"{"assay":1,"key":"t","title":"T","sections":[{"key":"s","title":"S","pages":[
    {"key":"p","questions":[{"key":"q","kind":"input","type":"area","text":"Why?"}]}]}]}"#;

#[tokio::test]
async fn a_document_with_errors_is_told_whole_and_never_kept() {
    let test_app = TestApp::new().await;
    let broken = NAMELESS
        .replace("\"key\":\"p\"", "\"key\":\"p p\"")
        .replace("\"title\":\"S\"", "\"titel\":\"S\"");
    let before = test_app.number("SELECT count(*) FROM document").await;
    for result in [
        test_app
            .app
            .test_library()
            .check_test(&test_app.operator(), broken.as_bytes(), DocumentFormat::Json)
            .await
            .map(|_| ()),
        test_app
            .app
            .test_library()
            .import_test(
                &test_app.operator(),
                broken.as_bytes(),
                DocumentFormat::Json,
                TestImportOptions::default(),
            )
            .await
            .map(|_| ()),
    ] {
        let Err(Failure::Document(found)) = result else { panic!("a document with errors") };
        let codes: Vec<_> = found.iter().map(|fault| fault.code).collect();
        assert!(
            codes.contains(&DocumentFaultCode::BadKey)
                && codes.contains(&DocumentFaultCode::UnknownField),
            "{codes:?}"
        );
    }
    assert_eq!(test_app.number("SELECT count(*) FROM document").await, before);
}

#[tokio::test]
async fn a_new_version_keeps_the_uuid_and_refuses_another() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let first = app
        .test_library()
        .import_test(
            &staff,
            NAMELESS.as_bytes(),
            DocumentFormat::Json,
            TestImportOptions::default(),
        )
        .await
        .unwrap();
    let next =
        TestImportOptions { test: Some(first.test.id.clone()), ..TestImportOptions::default() };
    let foreign = app
        .test_library()
        .import_test(&staff, DESK_SCREENING.as_bytes(), DocumentFormat::Json, next.clone())
        .await;
    assert_eq!(faults(foreign), ["/uuid conflicting_values"]);
    let missing = TestImportOptions { test: Some("Te99".into()), ..TestImportOptions::default() };
    assert!(is_not_found(
        &app.test_library()
            .import_test(&staff, NAMELESS.as_bytes(), DocumentFormat::Json, missing)
            .await
            .map(|_| ())
    ));

    let same = app
        .test_library()
        .import_test(&staff, NAMELESS.as_bytes(), DocumentFormat::Json, next.clone())
        .await
        .unwrap();
    assert!(!same.is_new_version && same.test == first.test);
    let edited = NAMELESS.replace("Why?", "Why not?");
    let second = app
        .test_library()
        .import_test(&staff, edited.as_bytes(), DocumentFormat::Json, next)
        .await
        .unwrap();
    assert_eq!((second.test.version, &second.test.uuid), (2, &first.test.uuid));
    assert!(second.is_new_version);

    let id = &first.test.id;
    let old =
        app.test_library().test_text(&staff, id, Some(1), DocumentFormat::Json).await.unwrap();
    let new = app.test_library().test_text(&staff, id, None, DocumentFormat::Yaml).await.unwrap();
    assert!(old.text.contains("Why?") && new.text.contains("Why not?"));
    assert!(is_not_found(
        &app.test_library().test_text(&staff, id, Some(3), DocumentFormat::Json).await
    ));
    let imported = TestImportOptions { test: Some(id.clone()), ..TestImportOptions::default() };
    let back = app
        .test_library()
        .import_test(&staff, new.text.as_bytes(), DocumentFormat::Yaml, imported)
        .await
        .unwrap();
    assert!(!back.is_new_version, "storing a stored form changes nothing");
}

#[tokio::test]
async fn an_archived_test_leaves_the_list_and_comes_back() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    app.test_library().archive_test(&staff, &"Te1".into(), true).await.unwrap();
    assert!(app.test_library().list_tests(&staff, false).await.unwrap().is_empty());
    assert_eq!(app.test_library().list_tests(&staff, true).await.unwrap().len(), 1);
    app.test_library().archive_test(&staff, &"Te1".into(), false).await.unwrap();
    assert_eq!(app.test_library().list_tests(&staff, false).await.unwrap().len(), 1);
}

#[tokio::test]
async fn who_saw_an_older_version_does_not_write_over_a_newer_one() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let first = app
        .test_library()
        .import_test(
            &staff,
            NAMELESS.as_bytes(),
            DocumentFormat::Json,
            TestImportOptions::default(),
        )
        .await
        .unwrap();
    let seen = TestImportOptions {
        test: Some(first.test.id.clone()),
        based_on: Some(first.test.digest),
        ..TestImportOptions::default()
    };
    let edited = NAMELESS.replace("Why?", "Why not?");
    let second = app
        .test_library()
        .import_test(&staff, edited.as_bytes(), DocumentFormat::Json, seen.clone())
        .await
        .unwrap();
    let late = app
        .test_library()
        .import_test(&staff, NAMELESS.as_bytes(), DocumentFormat::Json, seen)
        .await;
    assert!(matches!(late, Err(Failure::Unfit { code: app::test_library::TEST_CHANGED, .. })));
    assert_eq!(app.test_library().test(&staff, &first.test.id).await.unwrap(), second.test);
}

#[tokio::test]
async fn an_old_version_comes_back_as_a_new_one_and_the_history_keeps_all() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let first = app
        .test_library()
        .import_test(
            &staff,
            NAMELESS.as_bytes(),
            DocumentFormat::Json,
            TestImportOptions::default(),
        )
        .await
        .unwrap();
    let id = first.test.id.clone();
    let next = TestImportOptions { test: Some(id.clone()), ..TestImportOptions::default() };
    let edited = NAMELESS.replace("Why?", "Why not?");
    let second = app
        .test_library()
        .import_test(&staff, edited.as_bytes(), DocumentFormat::Json, next)
        .await
        .unwrap();
    let late = app.test_library().restore_test(&staff, &id, 1, Some(first.test.digest)).await;
    assert!(matches!(late, Err(Failure::Unfit { .. })));
    let back =
        app.test_library().restore_test(&staff, &id, 1, Some(second.test.digest)).await.unwrap();
    assert_eq!((back.test.version, back.test.digest), (3, first.test.digest));
    let history = app.test_library().test_history(&staff, &id).await.unwrap();
    assert_eq!(history.iter().map(|version| version.number).collect::<Vec<_>>(), [3, 2, 1]);
    assert!(is_not_found(&app.test_library().restore_test(&staff, &id, 9, None).await));
}

#[tokio::test]
async fn the_shelf_knows_how_long_tests_are_and_where_they_are_used() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let shelf = app.test_library().library_overview(&staff).await.unwrap();
    assert!(shelf.questions[&"Te1".into()].0 > 0);
    assert_eq!(shelf.uses[&"Te1".into()][0].task.as_str(), "Tk1");
    let own = app
        .test_library()
        .import_test(
            &staff,
            NAMELESS.as_bytes(),
            DocumentFormat::Json,
            TestImportOptions::default(),
        )
        .await
        .unwrap()
        .test
        .id;
    let moved = app
        .test_library()
        .organize_test(&staff, &own, "Intake".into(), vec!["new".into()])
        .await
        .unwrap();
    assert_eq!((moved.folder.as_str(), moved.version), ("Intake", 1));
    assert_eq!(
        faults(app.test_library().organize_test(&staff, &own, "\u{7}".into(), vec![]).await).len(),
        1
    );
}

#[tokio::test]
async fn a_trial_compiles_and_scores_and_keeps_nothing() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let before = test_app.number("SELECT count(*) FROM instance").await;
    let trial = app
        .test_library()
        .try_test(&staff, &"Te1".into(), "one", Default::default())
        .await
        .unwrap();
    let again = app
        .test_library()
        .try_test(&staff, &"Te1".into(), "one", Default::default())
        .await
        .unwrap();
    assert_eq!(trial.compiled, again.compiled, "the same seed gives the same test");
    assert_eq!(trial.outcome.scoreboard.points, domain::decimal::Decimal::ZERO);
    let refused = app
        .test_library()
        .try_test(
            &staff,
            &"Te1".into(),
            "one",
            [(1, "{".to_owned()), (9999, "1".to_owned())].into(),
        )
        .await;
    assert_eq!(refused.unwrap().refused.len(), 1);
    assert_eq!(test_app.number("SELECT count(*) FROM instance").await, before);
}

#[tokio::test]
async fn a_duplicate_has_the_same_content_and_is_a_test_of_its_own() {
    let test_app = TestApp::new().await;
    let (library, staff) = (test_app.app.test_library(), test_app.operator());
    let options = TestImportOptions {
        folder: Some("Hiring".into()),
        labels: Some(vec!["spring".into()]),
        ..TestImportOptions::default()
    };
    let long = "T".repeat(200);
    let document = DESK_SCREENING.replace("Desk screening", &long);
    let json = DocumentFormat::Json;
    for text in [document.as_str(), NAMELESS] {
        let format = if text.starts_with('{') { json } else { DocumentFormat::Yaml };
        let first = library.import_test(&staff, text.as_bytes(), format, options.clone()).await;
        let first = first.unwrap().test;
        let second = library.duplicate_test(&staff, &first.id).await.unwrap().test;
        assert_ne!((&first.id, &first.uuid), (&second.id, &second.uuid));
        assert!(second.title.starts_with("Copy of ") && second.title.chars().count() <= 200);
        assert_eq!((&first.folder, &first.labels), (&second.folder, &second.labels));

        let text_of = async |id| library.test_text(&staff, id, None, json).await.unwrap().text;
        let (of_first, of_second) = (text_of(&first.id).await, text_of(&second.id).await);
        let uuids = |text: &str| -> std::collections::BTreeSet<String> {
            text.split("\"uuid\":\"").skip(1).map(|rest| rest[..36].to_owned()).collect()
        };
        assert!(uuids(&of_first).len() > 1 && uuids(&of_first).is_disjoint(&uuids(&of_second)));
        let mut blank = [of_first, of_second];
        for (text, title) in blank.iter_mut().zip([&first.title, &second.title]) {
            for uuid in uuids(text) {
                *text = text.replace(&uuid, "");
            }
            *text = text.replace(title.as_str(), "title");
        }
        assert_eq!(blank[0], blank[1]);
    }
    let reader = test_app.key(&[domain::instance::Scope::TestsRead]);
    let refused = library.duplicate_test(&reader, &"Te1".into()).await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
    assert!(is_not_found(&library.duplicate_test(&staff, &"Te99".into()).await));
}
