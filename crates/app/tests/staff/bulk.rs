//! Large acts of staff: done in batches between which others write, and gone on with after a server
//! died in the middle.

use app::administration::{ExtendedStep, LimitExtension, TimeLimitScope};
use app::candidates::{
    LeaveOut, MOST_AT_ONCE, NewCandidate, RegisteredPerson, TableRow, TemporaryPerson,
    UniqIdTracking,
};
use app::erasure::ErasureOptions;
use app::users::NewUser;
use app::{Failure, Settings};
use domain::candidate::uniqueness::UniqScope;
use domain::id::{CandidateId, UserId};
use domain::instance::Scope;
use domain::refusal::Refusal;
use domain::role::Role;
use domain::time::Timestamp;
use std::collections::BTreeSet;
use storage::candidate::CandidateRow;
use testkit::failures::{assert_refused, faults};
use testkit::fixtures::DESK_SCREENING;
use testkit::{TestApp, candidate_session, client_context};

const MORE: LimitExtension = LimitExtension { place: TimeLimitScope::Test, seconds: 300 };
const EXTENSIONS: &str = "SELECT count(*) FROM event WHERE kind = 'instance.time_extended'";
const CANDIDATES: &str = "SELECT count(*) FROM candidate";
const ERASED: &str = "SELECT count(*) FROM candidate WHERE erased_at IS NOT NULL";

async fn hall_of(batch: i64) -> TestApp {
    TestApp::with_settings(DESK_SCREENING, Settings { batch_size: batch, ..Settings::default() })
        .await
}

/// So many candidates who sit the test.
async fn sitting(test_app: &TestApp, number: u8) {
    for one in 0..number {
        let code = format!("0000000{one:03}");
        test_app.add_candidate(test_app.candidate(&format!("Cx{one:03}"), Some(&code))).await;
        let visitor = candidate_session(
            &test_app.app.delivery().enter_by_code(&client_context(one), &code).await.unwrap(),
        );
        let instance = test_app.start(&visitor, "t").await.unwrap();
        test_app.go(&visitor, &instance, 1).await.unwrap();
    }
}

async fn extend(test_app: &TestApp) -> ExtendedStep {
    test_app
        .app
        .instances()
        .extend_step(&test_app.operator(), &test_app.task, &test_app.step, MORE)
        .await
        .unwrap()
}

/// Runs an act until at least so many are counted; then the server dies, and another one starts.
async fn dies_in(
    test_app: TestApp,
    counted: &'static str,
    least: i64,
    act: impl AsyncFn(&TestApp),
) -> TestApp {
    test_app.until_killed(counted, least, act(&test_app)).await;
    test_app.reopened_with(Settings { batch_size: 3, ..Settings::default() }).await
}

fn row(uniq_id: &str) -> TableRow {
    let tracking = Some(UniqIdTracking { uniq_id: uniq_id.into(), scope: UniqScope::Task });
    NewCandidate::of(RegisteredPerson::Temporary(TemporaryPerson {
        tracking,
        ..TemporaryPerson::default()
    }))
    .into()
}

/// A table, half of whose rows look all alike.
fn table(length: usize) -> Vec<TableRow> {
    let nameless =
        || NewCandidate::of(RegisteredPerson::Temporary(TemporaryPerson::default())).into();
    (0..length)
        .map(|index| if index % 2 == 0 { row(&format!("u{index}")) } else { nameless() })
        .collect()
}

#[tokio::test]
async fn others_write_while_a_whole_step_is_extended() {
    let test_app = hall_of(3).await;
    sitting(&test_app, 22).await;
    let (done, seen) = test_app.beside_writes(EXTENSIONS, extend(&test_app)).await;
    assert_eq!((done.extended.len(), done.passed_over.len()), (22, 0));
    assert!(seen.range(1..22).count() >= 2, "{seen:?}");
    assert!(
        seen.iter().all(|number| number % 3 == 0 || *number == 22),
        "three a transaction: {seen:?}"
    );
    assert_eq!(test_app.number("SELECT count(*) FROM bulk_batch").await, 8);
    let ordinals = "SELECT count(DISTINCT due_at) FROM instance";
    assert_eq!(test_app.number(ordinals).await, 1, "all have the same time");
}

#[tokio::test]
async fn an_extension_that_died_in_the_middle_is_finished_by_asking_again_and_gives_nobody_the_time_twice()
 {
    let test_app = hall_of(3).await;
    sitting(&test_app, 22).await;
    let test_app =
        dies_in(test_app, EXTENSIONS, 6, async |test_app| drop(extend(test_app).await)).await;
    let before = test_app.number(EXTENSIONS).await;
    assert!((6..22).contains(&before), "{before}");
    let done = extend(&test_app).await;
    assert_eq!(done.extended.len(), 22, "the answer is that of all");
    assert_eq!(test_app.number(EXTENSIONS).await, 22);
    assert_eq!(extend(&test_app).await.extended.len(), 22);
    assert_eq!(
        test_app.number(EXTENSIONS).await,
        44,
        "asked again after it was done, it is another one"
    );
}

#[tokio::test]
async fn an_extension_that_died_is_not_gone_on_with_much_later_or_by_another_one() {
    let test_app = hall_of(3).await;
    sitting(&test_app, 12).await;
    let test_app =
        dies_in(test_app, EXTENSIONS, 3, async |test_app| drop(extend(test_app).await)).await;
    let before = test_app.number(EXTENSIONS).await;
    let less = LimitExtension { seconds: 60, ..MORE };
    let other = test_app
        .app
        .instances()
        .extend_step(&test_app.operator(), &test_app.task, &test_app.step, less)
        .await
        .unwrap();
    assert_eq!(other.extended.len(), 12);
    test_app.clock.pass_seconds(15 * 60 + 1);
    assert_eq!(extend(&test_app).await.extended.len(), 12);
    assert_eq!(test_app.number(EXTENSIONS).await, before + 24);
}

#[tokio::test]
async fn an_extension_asked_twice_at_the_same_time_is_done_once_and_answers_both() {
    let test_app = hall_of(3).await;
    sitting(&test_app, 12).await;
    let other = test_app.another_node(9).await;
    let staff = test_app.operator();
    let instances = other.instances();
    let (one, two) = tokio::join!(
        extend(&test_app),
        instances.extend_step(&staff, &test_app.task, &test_app.step, MORE)
    );
    let two = two.unwrap();
    assert_eq!((one.extended.len(), two.extended.len()), (12, 12));
    let extended = test_app.number(EXTENSIONS).await;
    assert!(one != two && extended == 24 || one == two && extended == 12, "{extended}");
}

#[tokio::test]
async fn on_a_slow_machine_batches_are_shorter_and_everything_is_done_all_the_same() {
    let test_app = hall_of(100).await;
    sitting(&test_app, 5).await;
    test_app.clock.slow_down(50);
    assert_eq!(extend(&test_app).await.extended.len(), 5);
    assert_eq!(test_app.number("SELECT count(*) FROM bulk_batch").await, 5, "one a transaction");
    let imported = test_app
        .app
        .candidates()
        .import_candidates(&test_app.operator(), &test_app.task, table(4), LeaveOut::Known)
        .await
        .unwrap();
    assert_eq!(
        (imported.registered.len(), test_app.number("SELECT count(*) FROM bulk_batch").await),
        (4, 9)
    );
}

#[tokio::test]
async fn others_write_while_a_long_table_is_registered_and_who_was_quicker_is_left_out() {
    let test_app = hall_of(250).await;
    let length = MOST_AT_ONCE + 500;
    let before = test_app.number(CANDIDATES).await;
    let (staff, quick) = (test_app.operator(), tracked_row("u1400"));
    let candidates = test_app.app.candidates();
    let import =
        candidates.import_candidates(&staff, &test_app.task, table(length), LeaveOut::Nobody);
    let quicker = async {
        while test_app.number(CANDIDATES).await < before + 250 {}
        test_app.app.candidates().create_candidate(&staff, &test_app.task, quick).await.unwrap();
    };
    let both = async { tokio::join!(import, quicker).0 };
    let (imported, seen) = test_app.beside_writes(CANDIDATES, both).await;
    let imported = imported.unwrap();
    assert_eq!(imported.registered.len(), length - 1);
    assert!(seen.range(before + 1..before + 1500).count() >= 2, "{seen:?}");
    let [left_out] = imported.left_out.as_slice() else { panic!("{:?}", imported.left_out) };
    assert_eq!((left_out.index, left_out.is_late), (1400, true));
    assert_eq!(left_out.faults[0].place.to_string(), "/candidates/1400/tracking/uniqId");
    let codes: BTreeSet<_> =
        imported.registered.iter().map(|view| view.invitation_code.as_str()).collect();
    assert_eq!(codes.len(), length - 1);
}

fn tracked_row(uniq_id: &str) -> NewCandidate {
    row(uniq_id).new
}

#[tokio::test]
async fn a_table_whose_registration_died_in_the_middle_is_finished_by_sending_it_again() {
    let test_app = hall_of(3).await;
    let before = test_app.number(CANDIDATES).await;
    let import = async |test_app: &TestApp, leave_out| {
        test_app
            .app
            .candidates()
            .import_candidates(&test_app.operator(), &test_app.task, table(25), leave_out)
            .await
            .unwrap()
    };
    let test_app = dies_in(test_app, CANDIDATES, before + 6, async |test_app| {
        drop(import(test_app, LeaveOut::Known).await)
    })
    .await;
    let there = test_app.number(CANDIDATES).await - before;
    assert!((6..25).contains(&there), "{there}");
    let imported = import(&test_app, LeaveOut::Known).await;
    assert_eq!(
        (imported.registered.len(), imported.left_out.len()),
        (25, 0),
        "the answer is that of all"
    );
    assert_eq!(
        test_app.number(CANDIDATES).await - before,
        25,
        "nobody is registered twice, the nameless neither"
    );
    let again = import(&test_app, LeaveOut::Known).await;
    assert_eq!(
        (again.registered.len(), again.left_out.len()),
        (12, 13),
        "it was done: this is another one"
    );
    assert!(again.left_out.iter().all(|row| !row.is_late && row.faults.len() == 1));
}

#[tokio::test]
async fn a_table_is_stopped_before_anybody_is_registered_by_what_may_not_be_left_out() {
    let test_app = hall_of(3).await;
    let (app, staff) = (&test_app.app, test_app.operator());
    app.candidates().create_candidate(&staff, &test_app.task, tracked_row("u4")).await.unwrap();
    let before = test_app.number(CANDIDATES).await;
    let with = |more: TableRow| {
        let mut rows = table(8);
        rows.push(more);
        rows
    };
    let unknown = NewCandidate { stage: Some("Nowhere".into()), ..tracked_row("u9") };
    let candidates = app.candidates();
    let import =
        |rows, leave_out| candidates.import_candidates(&staff, &test_app.task, rows, leave_out);
    assert_eq!(
        faults(import(with(row("u2")), LeaveOut::Nobody).await),
        [
            "/candidates/4/tracking/uniqId duplicate_uniq_id",
            "/candidates/8/tracking/uniqId duplicate_uniq_id"
        ]
    );
    let existing = "/candidates/4/tracking/uniqId duplicate_uniq_id";
    let stopped = import(with(unknown.clone().into()), LeaveOut::Known).await;
    assert_eq!(faults(stopped), [existing, "/candidates/8/stage unknown_reference"]);
    let unreadable = TableRow { is_readable: false, ..row("u9") };
    assert_eq!(faults(import(with(unreadable.clone()), LeaveOut::Known).await), [existing]);
    assert_eq!(test_app.number(CANDIDATES).await, before);
    let imported = import(with(unknown.into()), LeaveOut::Faulty).await.unwrap();
    assert_eq!(imported.left_out.iter().map(|row| row.index).collect::<Vec<_>>(), [4, 8]);
    let nameless = import(vec![unreadable], LeaveOut::Faulty).await.unwrap();
    assert_eq!((nameless.registered.len(), nameless.left_out.len()), (0, 1));
}

#[tokio::test]
async fn candidates_that_are_registered_all_or_none_are_so_many_at_most() {
    let test_app = TestApp::new().await;
    let list = |length| table(length).into_iter().map(|row| row.new).collect();
    let staff = test_app.operator();
    let candidates = test_app.app.candidates();
    let create = |length| candidates.create_candidates(&staff, &test_app.task, list(length));
    assert_eq!(faults(create(MOST_AT_ONCE + 1).await), ["/candidates invalid_length"]);
    assert_eq!(create(MOST_AT_ONCE).await.unwrap().len(), MOST_AT_ONCE);
    let narrow = test_app.key(&[Scope::CandidatesRead]);
    let refused = test_app
        .app
        .candidates()
        .import_candidates(&narrow, &test_app.task, table(2), LeaveOut::Faulty)
        .await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
}

/// A manager, one of two or the only one, who is a candidate so many times.
async fn user_with(test_app: &TestApp, candidates: usize) -> UserId {
    let new =
        NewUser { username: "ada.l".into(), roles: vec![Role::Manager], ..NewUser::default() };
    let user = test_app.app.users().create_user(&test_app.operator(), new).await.unwrap().id;
    for number in 0..candidates {
        let row = test_app.candidate(&format!("Cu{number:03}"), None);
        let created_at = Timestamp(test_app.now().0 - i64::try_from(number / 2).unwrap());
        test_app
            .add_candidate(CandidateRow { user_id: Some(user.clone()), created_at, ..row })
            .await;
    }
    user
}

async fn another_manager(test_app: &TestApp) {
    let new = NewUser { username: "bo.b".into(), roles: vec![Role::Manager], ..NewUser::default() };
    test_app.app.users().create_user(&test_app.operator(), new).await.unwrap();
}

#[tokio::test]
async fn others_write_while_a_user_with_many_candidates_is_erased() {
    let test_app = hall_of(3).await;
    let user = user_with(&test_app, 20).await;
    another_manager(&test_app).await;
    let staff = test_app.operator();
    let candidates = test_app.app.candidates();
    let erase = || candidates.erase_user(&staff, &user, ErasureOptions::default());
    let (receipt, seen) = test_app.beside_writes(ERASED, erase()).await;
    let receipt = receipt.unwrap();
    assert!(seen.range(1..20).count() >= 2, "{seen:?}");
    let record = receipt.record().unwrap();
    let erased: BTreeSet<&CandidateId> =
        record.candidates.iter().map(|one| &one.candidate_id).collect();
    assert_eq!((erased.len(), record.candidates.len()), (20, 20), "each once");
    assert_eq!(
        record.removed["values of candidates"], 60,
        "of all batches: name, external id, tags"
    );
    assert_eq!(erase().await.unwrap(), receipt);
    assert_eq!(test_app.number("SELECT count(*) FROM event WHERE kind = 'person.erased'").await, 1);
}

#[tokio::test]
async fn an_erasure_that_died_in_the_middle_is_finished_by_asking_again() {
    let test_app = hall_of(3).await;
    let user = user_with(&test_app, 20).await;
    another_manager(&test_app).await;
    let (staff, options) = (test_app.operator(), ErasureOptions { grouping: true, confirm: false });
    let test_app = dies_in(test_app, ERASED, 6, async |test_app| {
        drop(test_app.app.candidates().erase_user(&staff, &user, options).await.unwrap())
    })
    .await;
    let before = test_app.number(ERASED).await;
    assert!((6..20).contains(&before), "{before}");
    assert_eq!(
        test_app
            .number("SELECT count(*) FROM user_account WHERE active AND username = 'ada.l'")
            .await,
        0
    );
    let receipt = test_app.app.candidates().erase_user(&staff, &user, options).await.unwrap();
    let record = receipt.record().unwrap();
    assert_eq!((record.candidates.len(), record.removed["values of candidates"]), (20, 60));
    assert_eq!(test_app.number(ERASED).await, 20);
    assert_eq!(
        test_app.number("SELECT count(*) FROM user_account WHERE username = 'ada.l'").await,
        0
    );
    assert_eq!(
        test_app.app.candidates().erase_user(&staff, &user, options).await.unwrap(),
        receipt
    );
}

#[tokio::test]
async fn the_last_manager_and_who_is_held_are_refused_before_anything_is_erased() {
    let test_app = hall_of(3).await;
    let user = user_with(&test_app, 20).await;
    let staff = test_app.operator();
    let candidates = test_app.app.candidates();
    let erase =
        |confirm| candidates.erase_user(&staff, &user, ErasureOptions { grouping: false, confirm });
    assert_refused(erase(false).await, Refusal::LastManager);
    assert_eq!(test_app.number(ERASED).await, 0);
    assert_eq!(test_app.number("SELECT count(*) FROM user_account WHERE active").await, 1);
    another_manager(&test_app).await;
    let (_, instance) = test_app.start_on_first_page().await;
    test_app.sql("UPDATE candidate SET created_at = created_at + 1, user_id = (SELECT id FROM user_account WHERE username = 'ada.l') WHERE id = 'Ca1'").await;
    let held = storage::proctoring::ProctoringRow {
        held: true,
        ..storage::proctoring::ProctoringRow::empty_for(instance)
    };
    test_app.write(move |tx| storage::proctoring::upsert(tx, &held)).await;
    assert_refused(erase(false).await, Refusal::InstanceHeld);
    assert_eq!(
        test_app.number(ERASED).await,
        0,
        "it is the last candidate, and the first was not erased"
    );
    assert_eq!(erase(true).await.unwrap().record().unwrap().candidates.len(), 21);
}
