//! Erasing persons: what goes, what stays, and the receipt.

use app::Failure;
use app::candidates::{NewCandidate, RegisteredPerson, TemporaryPerson};
use app::erasure::{ErasureOptions, ErasureReceipt};
use app::evaluation::NewScore;
use domain::id::{CandidateId, InstanceId};
use domain::instance::{InstanceChange, InstanceState, Scope};
use ed25519_dalek::{Signature, VerifyingKey};
use storage::Transaction;
use testkit::failures::is_not_found;
use testkit::fixtures::{CODE, new_evaluation, slot};
use testkit::{TestApp, client_context};

/// A word that stands in everything of a person and nowhere else.
const NOTHING_OF_ADA: &str = "nothingofada";

async fn erase(
    test_app: &TestApp,
    candidate: &CandidateId,
    grouping: bool,
) -> Result<ErasureReceipt, Failure> {
    test_app
        .app
        .candidates()
        .erase_candidate(
            &test_app.operator(),
            &test_app.task,
            candidate,
            ErasureOptions { grouping, confirm: false },
        )
        .await
}

async fn owner(test_app: &TestApp, instance: &InstanceId) -> CandidateId {
    test_app.row(instance).await.candidate_id
}

fn is_signed(receipt: &ErasureReceipt) -> bool {
    let bytes = |text: &str| hex::decode(text).unwrap();
    let key = VerifyingKey::from_bytes(&bytes(&receipt.public_key).try_into().unwrap()).unwrap();
    let signature = Signature::from_slice(&bytes(&receipt.signature)).unwrap();
    key.verify_strict(receipt.text.as_bytes(), &signature).is_ok()
}

/// Every text in the database that holds `word`, as the names of its columns.
async fn found_in(test_app: &TestApp, word: &'static str) -> Vec<String> {
    test_app.write(move |tx: &mut dyn Transaction| Ok(testkit::columns_holding(tx, word))).await
}

#[tokio::test]
async fn without_the_scope_nobody_is_erased_and_an_unknown_person_is_not_found() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let candidate = owner(&test_app, &instance).await;
    let without = test_app.key(&[Scope::CandidatesWrite, Scope::ResultsWrite]);
    let refused = test_app
        .app
        .candidates()
        .erase_candidate(&without, &test_app.task, &candidate, ErasureOptions::default())
        .await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
    assert!(is_not_found(&erase(&test_app, &"Ca99".into(), false).await));
    assert_eq!(test_app.row(&instance).await.erased_at, None);
}

#[tokio::test]
async fn what_a_person_was_and_wrote_is_gone_and_the_figures_stay() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    test_app.sql("UPDATE candidate SET fullname = 'Ada NOTHINGOFADA', email = 'ada@nothingofada.example'").await;
    test_app.sql("UPDATE candidate SET notes = 'nothingofada', uniq_id = 'nothingofada-7', uniq_scope = 'task'").await;
    test_app
        .sql("UPDATE candidate SET tags = '{\"City\":\"Nothingofada\"}', room_form = '{\"a\":\"nothingofada\"}'")
        .await;
    test_app.sql("UPDATE instance SET external_id = 'nothingofada', tags = '{\"City\":\"Nothingofada\"}'").await;
    let comment = Some("nothingofada knows it".to_owned());
    let points = NewScore::Percentage(testkit::fixtures::decimal("62.5"));
    let evaluation =
        app::evaluation::NewEvaluation { comment, ..new_evaluation(slot("q5"), 1, points) };
    test_app.evaluate(&instance, "e", vec![evaluation]).await.unwrap();
    assert!(!found_in(&test_app, NOTHING_OF_ADA).await.is_empty());
    let (before, candidate) = (test_app.row(&instance).await, owner(&test_app, &instance).await);
    let receipt = erase(&test_app, &candidate, false).await.unwrap();
    assert_eq!(found_in(&test_app, NOTHING_OF_ADA).await, Vec::<String>::new());
    assert_eq!(found_in(&test_app, "Because it was due").await, Vec::<String>::new());
    let after = test_app.row(&instance).await;
    assert_eq!((after.change_kind, after.revision), (InstanceChange::Erased, before.revision + 1));
    assert_eq!(
        (&after.result_basic, &after.result_detailed),
        (&before.result_basic, &before.result_detailed)
    );
    assert_eq!((after.ordinal, after.completed_at), (before.ordinal, before.completed_at));
    assert_eq!((&after.group_name, &after.labels), (&before.group_name, &before.labels));
    let record = receipt.record().unwrap();
    assert!(is_signed(&receipt));
    assert_eq!(record.candidates[0].instance_ids, std::slice::from_ref(&instance));
    assert_eq!((record.removed["responses"], record.removed["comments"]), (5, 1));
    assert!(test_app.events(&instance).await.iter().any(|kind| kind == "person.erased"));
    let listed =
        test_app.app.candidates().candidate(&test_app.operator(), &test_app.task, &candidate).await;
    assert!(is_not_found(&listed));
}

#[tokio::test]
async fn nobody_comes_back_with_an_erased_persons_code_or_session() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    let candidate = owner(&test_app, &instance).await;
    erase(&test_app, &candidate, false).await.unwrap();
    assert!(test_app.app.delivery().enter_by_code(&client_context(9), CODE).await.is_err());
    assert!(test_app.go(&visitor, &instance, 1).await.is_err());
    assert_eq!(test_app.number("SELECT count(*) FROM login_session").await, 0);
}

#[tokio::test]
async fn an_open_instance_is_closed_first_and_keeps_its_result() {
    let test_app = TestApp::new().await;
    let (_, instance) = test_app.start_on_first_page().await;
    erase(&test_app, &owner(&test_app, &instance).await, false).await.unwrap();
    let row = test_app.row(&instance).await;
    assert_eq!(row.state, InstanceState::Complete);
    assert!(row.result_basic.is_some() && row.erased_at.is_some());
    assert_eq!(row.change_kind, InstanceChange::Erased);
}

#[tokio::test]
async fn erasing_again_gives_the_same_receipt_and_changes_nothing() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let candidate = owner(&test_app, &instance).await;
    let first = erase(&test_app, &candidate, false).await.unwrap();
    let revision = test_app.row(&instance).await.revision;
    assert_eq!(erase(&test_app, &candidate, false).await.unwrap(), first);
    assert_eq!(test_app.row(&instance).await.revision, revision);
    // Asking for more removes more, and is the receipt from then on.
    let whole = erase(&test_app, &candidate, true).await.unwrap();
    assert_ne!(whole, first);
    let row = test_app.row(&instance).await;
    assert_eq!((row.group_name.as_str(), row.labels.as_str()), ("default", "[]"));
    assert_eq!(erase(&test_app, &candidate, false).await.unwrap(), whole);
}

#[tokio::test]
async fn a_user_is_erased_with_every_registration() {
    let test_app = TestApp::new().await;
    let staff = test_app.operator();
    let new = app::users::NewUser {
        username: "nothingofada".into(),
        fullname: Some("Nothingofada".into()),
        ..app::users::NewUser::default()
    };
    let user = test_app.app.users().create_user(&staff, new).await.unwrap();
    let candidate = test_app
        .app
        .candidates()
        .create_candidate(
            &staff,
            &test_app.task,
            NewCandidate::of(RegisteredPerson::User(user.id.clone())),
        )
        .await
        .unwrap();
    let other = NewCandidate::of(RegisteredPerson::Temporary(TemporaryPerson {
        fullname: Some("Bob".into()),
        ..TemporaryPerson::default()
    }));
    test_app.app.candidates().create_candidate(&staff, &test_app.task, other).await.unwrap();
    let limited = app::caller::KeyGrant {
        organization: test_app.organization.clone(),
        key: "Ky1".into(),
        scopes: vec![Scope::Manage],
        tasks: Some(vec![test_app.task.clone()]),
        folders: None,
        expires_at: None,
    };
    let limited = app::caller::Caller::with_key(std::sync::Arc::new(limited), "Rq1".into());
    let refused =
        test_app.app.candidates().erase_user(&limited, &user.id, ErasureOptions::default()).await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
    let receipt = test_app
        .app
        .candidates()
        .erase_user(&staff, &user.id, ErasureOptions::default())
        .await
        .unwrap();
    assert_eq!(receipt.record().unwrap().candidates[0].candidate_id, candidate.id);
    assert_eq!(
        test_app
            .app
            .candidates()
            .erase_user(&staff, &user.id, ErasureOptions::default())
            .await
            .unwrap(),
        receipt
    );
    assert_eq!(found_in(&test_app, NOTHING_OF_ADA).await, Vec::<String>::new());
    assert_ne!(found_in(&test_app, "Bob").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_task_erases_candidates_some_days_after_their_last_activity() {
    const DAY: i64 = 24 * 60 * 60;
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let ada = owner(&test_app, &instance).await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let narrow = test_app.key(&[Scope::TasksWrite]);
    assert!(matches!(
        app.tasks().set_task_retention(&narrow, &test_app.task, Some(30)).await,
        Err(Failure::InsufficientScope(_))
    ));
    assert_eq!(
        testkit::failures::faults(
            app.tasks().set_task_retention(&staff, &test_app.task, Some(0)).await
        )
        .len(),
        1
    );
    app.tasks().set_task_retention(&staff, &test_app.task, Some(30)).await.unwrap();
    assert_eq!(app.tasks().task_retention(&staff, &test_app.task).await.unwrap(), Some(30));

    test_app.clock.pass_seconds(20 * DAY);
    test_app.add_candidate(test_app.candidate("Ca2", Some("7Q2M0KX4TC"))).await;
    assert_eq!(app.tasks().erase_expired().await.unwrap(), 0);
    test_app.clock.pass_seconds(10 * DAY + 1);
    assert_eq!(app.tasks().erase_expired().await.unwrap(), 1);
    assert_eq!(app.tasks().erase_expired().await.unwrap(), 0, "nobody is erased twice");
    assert!(test_app.row(&instance).await.erased_at.is_some());
    assert!(is_not_found(&app.candidates().candidate(&staff, &test_app.task, &ada).await));
    assert!(
        app.candidates().candidate(&staff, &test_app.task, &"Ca2".into()).await.is_ok(),
        "registered ten days ago"
    );

    app.tasks().set_task_retention(&staff, &test_app.task, None).await.unwrap();
    test_app.clock.pass_seconds(1000 * DAY);
    assert_eq!(app.tasks().erase_expired().await.unwrap(), 0);
}
