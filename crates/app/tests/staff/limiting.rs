//! Keys and jokers limited to tasks or folders use tests, the question bank and users only within
//! their folders, and whoever is limited to tasks not at all (finding security A10, amendment A8).

use app::Failure;
use app::bank::{QuestionFilter, QuestionSubmitOptions, QuestionUpdate};
use app::caller::{Caller, KeyGrant, UserGrant};
use app::tasks::{NewStep, NewTask};
use app::test_library::TestImportOptions;
use app::users::NewUser;
use domain::document::DocumentFormat;
use domain::id::{QuestionId, TestId, UserId};
use domain::instance::Scope;
use domain::role::{Permission, Role};
use std::collections::BTreeMap;
use std::sync::Arc;
use testkit::TestApp;
use testkit::failures::{faults, is_not_found};
use testkit::fixtures::DESK_SCREENING;

const QUESTION: &str = r#"{"key":"sum","kind":"input","type":"area","text":"2 + 2?"}"#;

/// A test, a question and a user in each of two folders.
struct TwoFolderLibrary {
    test_app: TestApp,
    tests: [TestId; 2],
    questions: [QuestionId; 2],
    users: [UserId; 2],
}

impl TwoFolderLibrary {
    async fn new() -> Self {
        let test_app = TestApp::new().await;
        let (app, staff) = (&test_app.app, test_app.operator());
        for folder in ["north", "south"] {
            let options =
                TestImportOptions { folder: Some(folder.into()), ..TestImportOptions::default() };
            app.test_library()
                .import_test(&staff, DESK_SCREENING.as_bytes(), DocumentFormat::Json, options)
                .await
                .unwrap();
            let options = QuestionSubmitOptions {
                folder: Some(folder.into()),
                approve: true,
                ..QuestionSubmitOptions::default()
            };
            app.bank()
                .submit_questions(&staff, QUESTION.as_bytes(), DocumentFormat::Json, options)
                .await
                .unwrap();
            let new = NewUser {
                username: folder.into(),
                folder: Some(folder.into()),
                ..NewUser::default()
            };
            app.users().create_user(&staff, new).await.unwrap();
        }
        Self::created_ids(test_app).await
    }

    async fn created_ids(test_app: TestApp) -> Self {
        let (app, staff) = (&test_app.app, test_app.operator());
        let tests = app.test_library().list_tests(&staff, false).await.unwrap();
        let (_, questions) =
            app.bank().list_questions(&staff, QuestionFilter::default(), 100, 0).await.unwrap();
        let (_, users) = app.users().list_users(&staff, 100, 0).await.unwrap();
        let folders = ["north", "south"];
        let tests =
            folders.map(|folder| tests.iter().find(|one| one.folder == folder).unwrap().id.clone());
        let questions = folders
            .map(|folder| questions.iter().find(|one| one.folder == folder).unwrap().id.clone());
        let users =
            folders.map(|folder| users.iter().find(|one| one.folder == folder).unwrap().id.clone());
        Self { test_app, tests, questions, users }
    }

    /// A key with everything, and a joker with all that may be chosen, both limited alike.
    fn limited(&self, tasks: Option<&str>, folder: Option<&str>) -> [Caller; 2] {
        let (organization, expires_at) = (self.test_app.organization.clone(), None);
        let tasks = tasks.map(|task| vec![task.into()]);
        let folders = folder.map(|folder| vec![folder.to_owned()]);
        let seat = UserGrant {
            organization: organization.clone(),
            user: "Us9".into(),
            roles: vec![Role::Joker],
            permissions: Permission::ALL
                .iter()
                .copied()
                .filter(|one| one.may_be_chosen())
                .collect(),
            tasks: tasks.clone(),
            folders: folders.clone(),
        };
        let grant = KeyGrant {
            organization,
            key: "Ky1".into(),
            scopes: vec![Scope::Manage],
            tasks,
            folders,
            expires_at,
        };
        [
            Caller::with_key(Arc::new(grant), "Rq1".into()),
            Caller::with_user(Arc::new(seat), "Rq1".into()),
        ]
    }

    /// What comes of every use case about a test, in one word each.
    async fn about_a_test(
        &self,
        caller: &Caller,
        test: &TestId,
    ) -> Vec<(&'static str, Result<(), Failure>)> {
        let (app, bytes) = (&self.test_app.app, DESK_SCREENING.as_bytes());
        let version =
            TestImportOptions { test: Some(test.clone()), ..TestImportOptions::default() };
        vec![
            ("test", app.test_library().test(caller, test).await.map(drop)),
            (
                "text",
                app.test_library()
                    .test_text(caller, test, None, DocumentFormat::Json)
                    .await
                    .map(drop),
            ),
            ("history", app.test_library().test_history(caller, test).await.map(drop)),
            ("check kept", app.test_library().recheck_test(caller, test, None).await.map(drop)),
            (
                "try",
                app.test_library().try_test(caller, test, "s", BTreeMap::new()).await.map(drop),
            ),
            (
                "import",
                app.test_library()
                    .import_test(caller, bytes, DocumentFormat::Json, version)
                    .await
                    .map(drop),
            ),
            ("restore", app.test_library().restore_test(caller, test, 1, None).await.map(drop)),
            ("archive", app.test_library().archive_test(caller, test, false).await.map(drop)),
        ]
    }

    async fn about_a_question(
        &self,
        caller: &Caller,
        id: &QuestionId,
    ) -> Vec<(&'static str, Result<(), Failure>)> {
        let app = &self.test_app.app;
        let version = QuestionSubmitOptions {
            question: Some(id.clone()),
            ..QuestionSubmitOptions::default()
        };
        vec![
            ("question", app.bank().question(caller, id).await.map(drop)),
            (
                "text",
                app.bank().question_text(caller, id, None, DocumentFormat::Json).await.map(drop),
            ),
            ("history", app.bank().question_history(caller, id).await.map(drop)),
            ("uses", app.bank().question_uses(caller, id).await.map(drop)),
            ("try", app.bank().try_question(caller, id, "s", BTreeMap::new()).await.map(drop)),
            (
                "submit",
                app.bank()
                    .submit_questions(caller, QUESTION.as_bytes(), DocumentFormat::Json, version)
                    .await
                    .map(drop),
            ),
            ("restore", app.bank().restore_question(caller, id, 1, None).await.map(drop)),
            ("approve", app.bank().approve_question(caller, id).await.map(drop)),
            (
                "update",
                app.bank().update_question(caller, id, QuestionUpdate::default()).await.map(drop),
            ),
        ]
    }

    async fn counts(&self, caller: &Caller) -> (usize, u64, usize) {
        let app = &self.test_app.app;
        let tests = app.test_library().list_tests(caller, true).await.unwrap();
        let shelf = app.test_library().library_overview(caller).await.unwrap();
        assert_eq!(shelf.questions.len(), tests.len());
        let (questions, _) =
            app.bank().list_questions(caller, QuestionFilter::default(), 100, 0).await.unwrap();
        (tests.len(), questions, app.bank().bank_facets(caller).await.unwrap().folders.len())
    }
}

fn assert_all(outcomes: Vec<(&'static str, Result<(), Failure>)>, is_reached: bool) {
    for (name, outcome) in outcomes {
        assert_eq!(!is_not_found(&outcome), is_reached, "{name}: {outcome:?}");
        assert!(outcome.is_ok() == is_reached, "{name}: {outcome:?}");
    }
}

#[tokio::test]
async fn whoever_is_limited_to_tasks_has_neither_tests_nor_bank_nor_users_a10() {
    let library = TwoFolderLibrary::new().await;
    let (app, task) = (&library.test_app.app, library.test_app.task.to_string());
    for caller in library.limited(Some(&task), None) {
        for test in &library.tests {
            assert_all(library.about_a_test(&caller, test).await, false);
        }
        for question in &library.questions {
            assert_all(library.about_a_question(&caller, question).await, false);
        }
        assert_eq!(library.counts(&caller).await, (0, 0, 0));
        let new = app
            .test_library()
            .import_test(
                &caller,
                DESK_SCREENING.as_bytes(),
                DocumentFormat::Json,
                TestImportOptions::default(),
            )
            .await;
        assert!(
            is_not_found(&new)
                && is_not_found(
                    &app.test_library().check_test(&caller, b"{}", DocumentFormat::Json).await
                )
        );
        let new = app
            .bank()
            .submit_questions(
                &caller,
                QUESTION.as_bytes(),
                DocumentFormat::Json,
                QuestionSubmitOptions::default(),
            )
            .await;
        assert!(
            is_not_found(&new)
                && is_not_found(
                    &app.bank().check_questions(&caller, b"{}", DocumentFormat::Json).await
                )
        );
    }
    let [key, _] = library.limited(Some(&task), None);
    assert_eq!(app.users().list_users(&key, 10, 0).await.unwrap().0, 0);
    assert!(is_not_found(&app.users().user(&key, &library.users[0]).await));
}

#[tokio::test]
async fn whoever_is_limited_to_folders_reaches_tests_questions_and_users_in_them_only_a10() {
    let library = TwoFolderLibrary::new().await;
    let app = &library.test_app.app;
    for caller in library.limited(None, Some("north")) {
        let [inside, outside] = &library.tests;
        assert_all(library.about_a_test(&caller, inside).await, true);
        assert_all(library.about_a_test(&caller, outside).await, false);
        let [inside, outside] = &library.questions;
        assert_all(library.about_a_question(&caller, inside).await, true);
        assert_all(library.about_a_question(&caller, outside).await, false);
        assert_eq!(library.counts(&caller).await, (1, 1, 1));
        let moved = app
            .test_library()
            .organize_test(&caller, &library.tests[0], "south".into(), Vec::new())
            .await;
        assert!(is_not_found(&moved));
        let change = QuestionUpdate { folder: Some("south".into()), ..QuestionUpdate::default() };
        assert!(is_not_found(
            &app.bank().update_question(&caller, &library.questions[0], change).await
        ));
        for folder in [None, Some("south".to_owned())] {
            let options =
                TestImportOptions { folder: folder.clone(), ..TestImportOptions::default() };
            let new = app
                .test_library()
                .import_test(&caller, DESK_SCREENING.as_bytes(), DocumentFormat::Json, options)
                .await;
            assert!(is_not_found(&new));
            let options = QuestionSubmitOptions { folder, ..QuestionSubmitOptions::default() };
            let new = app
                .bank()
                .submit_questions(&caller, QUESTION.as_bytes(), DocumentFormat::Json, options)
                .await;
            assert!(is_not_found(&new));
        }
    }
    let [key, _] = library.limited(None, Some("north"));
    let (count, users) = app.users().list_users(&key, 10, 0).await.unwrap();
    assert_eq!((count, &users[0].id), (1, &library.users[0]));
    assert!(app.users().user(&key, &library.users[0]).await.is_ok());
    assert!(is_not_found(&app.users().user(&key, &library.users[1]).await));
}

#[tokio::test]
async fn what_lies_outside_is_not_reached_by_naming_it_in_a_document_or_a_task_a10() {
    let library = TwoFolderLibrary::new().await;
    let app = &library.test_app.app;
    let naming = |question: &QuestionId| {
        format!(
            r#"{{"assay":1,"key":"t","title":"T","sections":[{{"key":"s","title":"S","pages":[
            {{"key":"p","questions":[{{"ref":{{"questionId":"{question}"}}}}]}}]}}]}}"#
        )
    };
    for caller in library.limited(None, Some("north")) {
        let check = |question: &QuestionId| {
            let (text, caller) = (naming(question), caller.clone());
            async move {
                app.test_library()
                    .check_test(&caller, text.as_bytes(), DocumentFormat::Json)
                    .await
                    .map(drop)
            }
        };
        assert!(check(&library.questions[0]).await.is_ok());
        assert!(matches!(check(&library.questions[1]).await, Err(Failure::Document(_))));
        let task = |test: &TestId| NewTask {
            folder: "north".into(),
            ..NewTask::of("A task", vec![NewStep::of(test.clone())])
        };
        assert!(app.tasks().create_task(&caller, task(&library.tests[0])).await.is_ok());
        let outside = app.tasks().create_task(&caller, task(&library.tests[1])).await;
        assert_eq!(faults(outside), ["/steps/0/test unknown_reference"]);
    }
}
