//! Erasing persons: what goes, what stays, and the receipt.

use crate::hall::{CODE, Hall, knock};
use crate::office::{NOTHING_OF_ADA, candidate_a, evaluate, given, is_not_found, key, operator, slot};
use app::Failure;
use app::candidates::{NewCandidate, Person, Temporary};
use app::erasure::{Erasure, ErasureReceipt};
use app::evaluation::NewGiven;
use domain::id::{CandidateId, InstanceId};
use domain::instance::{Change, Scope, State};
use ed25519_dalek::{Signature, VerifyingKey};
use storage::Transaction;

async fn erase(hall: &Hall, candidate: &CandidateId, grouping: bool) -> Result<ErasureReceipt, Failure> {
    hall.app.erase_candidate(&operator(hall), &hall.task, candidate, Erasure { grouping, confirm: false }).await
}

async fn owner(hall: &Hall, instance: &InstanceId) -> CandidateId {
    hall.row(instance).await.candidate_id
}

fn is_signed(receipt: &ErasureReceipt) -> bool {
    let bytes = |text: &str| hex::decode(text).unwrap();
    let key = VerifyingKey::from_bytes(&bytes(&receipt.public_key).try_into().unwrap()).unwrap();
    let signature = Signature::from_slice(&bytes(&receipt.signature)).unwrap();
    key.verify_strict(receipt.text.as_bytes(), &signature).is_ok()
}

/// Every text in the database that holds `word`, as the names of its columns.
async fn found_in(hall: &Hall, word: &'static str) -> Vec<String> {
    hall.write(move |tx: &mut dyn Transaction| Ok(storage::testing::columns_holding(tx, word))).await
}

#[tokio::test]
async fn without_the_scope_nobody_is_erased_and_an_unknown_person_is_not_found() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let candidate = owner(&hall, &instance).await;
    let without = key(&hall, &[Scope::CandidatesWrite, Scope::ResultsWrite]);
    let refused = hall.app.erase_candidate(&without, &hall.task, &candidate, Erasure::default()).await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
    assert!(is_not_found(&erase(&hall, &"Ca99".into(), false).await));
    assert_eq!(hall.row(&instance).await.erased_at, None);
}

#[tokio::test]
async fn what_a_person_was_and_wrote_is_gone_and_the_figures_stay() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    hall.sql("UPDATE candidate SET fullname = 'Ada NOTHINGOFADA', email = 'ada@nothingofada.example'").await;
    hall.sql("UPDATE candidate SET notes = 'nothingofada', uniq_id = 'nothingofada-7', uniq_scope = 'task'").await;
    hall.sql("UPDATE candidate SET tags = '{\"City\":\"Nothingofada\"}', room_form = '{\"a\":\"nothingofada\"}'").await;
    hall.sql("UPDATE instance SET external_id = 'nothingofada', tags = '{\"City\":\"Nothingofada\"}'").await;
    let comment = Some("nothingofada knows it".to_owned());
    let points = NewGiven::Percentage(crate::office::decimal("62.5"));
    let evaluation = app::evaluation::NewEvaluation { comment, ..given(slot("q5"), 1, points) };
    evaluate(&hall, &instance, "e", vec![evaluation]).await.unwrap();
    assert!(!found_in(&hall, NOTHING_OF_ADA).await.is_empty());
    let (before, candidate) = (hall.row(&instance).await, owner(&hall, &instance).await);
    let receipt = erase(&hall, &candidate, false).await.unwrap();
    assert_eq!(found_in(&hall, NOTHING_OF_ADA).await, Vec::<String>::new());
    assert_eq!(found_in(&hall, "Because it was due").await, Vec::<String>::new());
    let after = hall.row(&instance).await;
    assert_eq!((after.change_kind, after.revision), (Change::Erased, before.revision + 1));
    assert_eq!((&after.result_basic, &after.result_detailed), (&before.result_basic, &before.result_detailed));
    assert_eq!((after.ordinal, after.completed_at), (before.ordinal, before.completed_at));
    assert_eq!((&after.group_name, &after.labels), (&before.group_name, &before.labels));
    let record = receipt.record().unwrap();
    assert!(is_signed(&receipt));
    assert_eq!(record.candidates[0].instance_ids, std::slice::from_ref(&instance));
    assert_eq!((record.removed["responses"], record.removed["comments"]), (5, 1));
    assert!(hall.events(&instance).await.iter().any(|kind| kind == "person.erased"));
    let listed = hall.app.candidate(&operator(&hall), &hall.task, &candidate).await;
    assert!(is_not_found(&listed));
}

#[tokio::test]
async fn nobody_comes_back_with_an_erased_persons_code_or_session() {
    let hall = Hall::new().await;
    let (visitor, instance) = hall.seated().await;
    let candidate = owner(&hall, &instance).await;
    erase(&hall, &candidate, false).await.unwrap();
    assert!(hall.app.enter_by_code(&knock(9), CODE).await.is_err());
    assert!(hall.go(&visitor, &instance, 1).await.is_err());
    assert_eq!(hall.number("SELECT count(*) FROM login_session").await, 0);
}

#[tokio::test]
async fn an_open_instance_is_closed_first_and_keeps_its_result() {
    let hall = Hall::new().await;
    let (_, instance) = hall.seated().await;
    erase(&hall, &owner(&hall, &instance).await, false).await.unwrap();
    let row = hall.row(&instance).await;
    assert_eq!(row.state, State::Complete);
    assert!(row.result_basic.is_some() && row.erased_at.is_some());
    assert_eq!(row.change_kind, Change::Erased);
}

#[tokio::test]
async fn erasing_again_gives_the_same_receipt_and_changes_nothing() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let candidate = owner(&hall, &instance).await;
    let first = erase(&hall, &candidate, false).await.unwrap();
    let revision = hall.row(&instance).await.revision;
    assert_eq!(erase(&hall, &candidate, false).await.unwrap(), first);
    assert_eq!(hall.row(&instance).await.revision, revision);
    // Asking for more removes more, and is the receipt from then on.
    let whole = erase(&hall, &candidate, true).await.unwrap();
    assert_ne!(whole, first);
    let row = hall.row(&instance).await;
    assert_eq!((row.group_name.as_str(), row.labels.as_str()), ("default", "[]"));
    assert_eq!(erase(&hall, &candidate, false).await.unwrap(), whole);
}

#[tokio::test]
async fn a_user_is_erased_with_every_registration() {
    let hall = Hall::new().await;
    crate::office::count_on(&hall).await;
    let staff = operator(&hall);
    let new = app::users::NewUser {
        username: "nothingofada".into(),
        fullname: Some("Nothingofada".into()),
        ..app::users::NewUser::default()
    };
    let user = hall.app.create_user(&staff, new).await.unwrap();
    let candidate =
        hall.app.create_candidate(&staff, &hall.task, NewCandidate::of(Person::User(user.id.clone()))).await.unwrap();
    let other = NewCandidate::of(Person::Temporary(Temporary { fullname: Some("Bob".into()), ..Temporary::default() }));
    hall.app.create_candidate(&staff, &hall.task, other).await.unwrap();
    let limited = app::caller::Grant {
        organization: hall.organization.clone(),
        key: "Ky1".into(),
        scopes: vec![Scope::Manage],
        tasks: Some(vec![hall.task.clone()]),
        folders: None,
        expires_at: None,
    };
    let limited = app::caller::Caller::with_key(std::sync::Arc::new(limited), "Rq1".into());
    let refused = hall.app.erase_user(&limited, &user.id, Erasure::default()).await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
    let receipt = hall.app.erase_user(&staff, &user.id, Erasure::default()).await.unwrap();
    assert_eq!(receipt.record().unwrap().candidates[0].candidate_id, candidate.id);
    assert_eq!(hall.app.erase_user(&staff, &user.id, Erasure::default()).await.unwrap(), receipt);
    assert_eq!(found_in(&hall, NOTHING_OF_ADA).await, Vec::<String>::new());
    assert_ne!(found_in(&hall, "Bob").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_task_erases_candidates_some_days_after_their_last_activity() {
    const DAY: i64 = 24 * 60 * 60;
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let ada = owner(&hall, &instance).await;
    let (app, staff) = (&hall.app, operator(&hall));
    let narrow = key(&hall, &[Scope::TasksWrite]);
    assert!(matches!(app.set_task_retention(&narrow, &hall.task, Some(30)).await, Err(Failure::InsufficientScope(_))));
    assert_eq!(crate::office::faults(app.set_task_retention(&staff, &hall.task, Some(0)).await).len(), 1);
    app.set_task_retention(&staff, &hall.task, Some(30)).await.unwrap();
    assert_eq!(app.task_retention(&staff, &hall.task).await.unwrap(), Some(30));

    hall.clock.pass_seconds(20 * DAY);
    hall.add_candidate(hall.candidate("Ca2", Some("7Q2M0KX4TC"))).await;
    assert_eq!(app.erase_expired().await.unwrap(), 0);
    hall.clock.pass_seconds(10 * DAY + 1);
    assert_eq!(app.erase_expired().await.unwrap(), 1);
    assert_eq!(app.erase_expired().await.unwrap(), 0, "nobody is erased twice");
    assert!(hall.row(&instance).await.erased_at.is_some());
    assert!(is_not_found(&app.candidate(&staff, &hall.task, &ada).await));
    assert!(app.candidate(&staff, &hall.task, &"Ca2".into()).await.is_ok(), "registered ten days ago");

    app.set_task_retention(&staff, &hall.task, None).await.unwrap();
    hall.clock.pass_seconds(1000 * DAY);
    assert_eq!(app.erase_expired().await.unwrap(), 0);
}
