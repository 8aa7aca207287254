//! The roll of a task, what a list of candidates would lead to, and inviting whoever was not
//! invited.

use app::Failure;
use app::candidates::roster::{CandidateStatus, RollFilter, RosterPage, RosterQuery, RosterStart};
use app::candidates::{
    CandidateUpdate, Invitation, LabelChange, NewCandidate, RegisteredPerson, TemporaryPerson,
    UniqIdTracking,
};
use app::tasks::{EmailTemplate, TaskUpdate};
use domain::candidate::uniqueness::UniqScope;
use domain::fault::ErrorCode;
use domain::instance::Scope;
use domain::person_search::PersonSearch;
use testkit::TestApp;
use testkit::failures::is_not_found;

fn named(name: &str, email: Option<&str>) -> NewCandidate {
    let tracking =
        email.map(|email| UniqIdTracking { uniq_id: email.into(), scope: UniqScope::Task });
    let person = TemporaryPerson {
        fullname: Some(name.into()),
        email: email.map(Into::into),
        tracking,
        ..TemporaryPerson::default()
    };
    NewCandidate::of(RegisteredPerson::Temporary(person))
}

fn roster_query(from: RosterStart, limit: usize) -> RosterQuery {
    RosterQuery { filter: RollFilter::default(), text: None, label: None, from, limit }
}

fn names(roll: &RosterPage) -> Vec<&str> {
    roll.entries.iter().filter_map(|entry| entry.candidate.fullname.as_deref()).collect()
}

const NEWEST: RosterStart = RosterStart::Below(i64::MAX);

async fn class(test_app: &TestApp) {
    let list =
        (1..=5).map(|n| named(&format!("Pupil {n}"), Some(&format!("p{n}@example.org")))).collect();
    test_app
        .app
        .candidates()
        .create_candidates(&test_app.operator(), &test_app.task, list)
        .await
        .unwrap();
}

#[tokio::test]
async fn the_roll_turns_its_pages_in_both_directions() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    class(&test_app).await;
    let first =
        app.candidates().roster(&staff, &test_app.task, roster_query(NEWEST, 2)).await.unwrap();
    assert_eq!((names(&first), first.newer), (vec!["Pupil 5", "Pupil 4"], None));
    let second = app
        .candidates()
        .roster(&staff, &test_app.task, roster_query(RosterStart::Below(first.older.unwrap()), 2))
        .await
        .unwrap();
    assert_eq!(names(&second), ["Pupil 3", "Pupil 2"]);
    let back = app
        .candidates()
        .roster(&staff, &test_app.task, roster_query(RosterStart::Above(second.newer.unwrap()), 2))
        .await
        .unwrap();
    assert_eq!((names(&back), back.newer), (names(&first), None));
    let searched = RosterQuery { text: PersonSearch::new("P3@EXAMPLE"), ..roster_query(NEWEST, 2) };
    let found = app.candidates().roster(&staff, &test_app.task, searched).await.unwrap();
    assert_eq!((names(&found), found.older), (vec!["Pupil 3"], None));
    assert!(is_not_found(
        &app.candidates().roster(&staff, &"Tk99".into(), roster_query(NEWEST, 2)).await
    ));
    let refused = app
        .candidates()
        .roster(&test_app.key(&[Scope::TasksRead]), &test_app.task, roster_query(NEWEST, 2))
        .await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
}

#[tokio::test]
async fn labels_and_progress_narrow_the_roll() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    test_app.submit_candidate_a().await;
    class(&test_app).await;
    let pupil = app
        .candidates()
        .roster(&staff, &test_app.task, roster_query(NEWEST, 1))
        .await
        .unwrap()
        .entries
        .remove(0)
        .candidate
        .id;
    let labels = LabelChange { add: vec!["late".into()], remove: Vec::new() };
    let change = CandidateUpdate { labels, ..CandidateUpdate::default() };
    app.candidates().update_candidate(&staff, &test_app.task, &pupil, change).await.unwrap();
    let late = RosterQuery { label: Some("late".into()), ..roster_query(NEWEST, 10) };
    assert_eq!(
        names(&app.candidates().roster(&staff, &test_app.task, late).await.unwrap()),
        ["Pupil 5"]
    );
    let filter = RollFilter { status: Some(CandidateStatus::Finished), ..RollFilter::default() };
    let finished = app
        .candidates()
        .roster(&staff, &test_app.task, RosterQuery { filter, ..roster_query(NEWEST, 10) })
        .await
        .unwrap();
    assert_eq!((finished.entries.len(), finished.entries[0].progress.finished), (1, 1));
    let counts = app.candidates().task_counts(&staff, &test_app.task).await.unwrap();
    assert_eq!((counts.entered, counts.started, counts.open), (1, 1, 0));
    let file = app
        .candidates()
        .candidate_detail(&staff, &test_app.task, &finished.entries[0].candidate.id)
        .await
        .unwrap();
    assert_eq!(file.attempts.len(), 1);
}

#[tokio::test]
async fn a_preview_tells_the_fault_of_each_row_and_does_nothing() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    class(&test_app).await;
    let before = test_app.number("SELECT count(*) FROM candidate").await;
    let wrong = NewCandidate { stage: Some("Nowhere".into()), ..named("Eve", Some("no address")) };
    let list = vec![
        named("Ada", Some("ada@example.org")),
        named("Pupil again", Some("p1@example.org")),
        wrong,
        named("Ada again", Some("ada@example.org")),
        named("Nobody", None),
    ];
    let seen = app
        .candidates()
        .preview_candidates(&staff, &test_app.task, list.into_iter().map(Into::into).collect())
        .await
        .unwrap();
    let codes: Vec<Vec<ErrorCode>> =
        seen.iter().map(|faults| faults.iter().map(|fault| fault.code).collect()).collect();
    assert_eq!(codes[0], []);
    assert_eq!(codes[1], [ErrorCode::DuplicateUniqId]);
    assert_eq!(codes[2].len(), 2);
    assert_eq!(codes[3], [ErrorCode::DuplicateUniqId]);
    assert_eq!(codes[4], []);
    assert_eq!(test_app.number("SELECT count(*) FROM candidate").await, before);
}

#[tokio::test]
async fn everybody_not_invited_is_invited_once() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let template = EmailTemplate { name: "Welcome".into(), subject: "{{task}}".into(), body: None };
    let change = TaskUpdate { email_templates: Some(vec![template]), ..TaskUpdate::default() };
    app.tasks().update_task(&staff, &test_app.task, change).await.unwrap();
    class(&test_app).await;
    app.candidates()
        .create_candidate(&staff, &test_app.task, named("Without address", None))
        .await
        .unwrap();
    let invitation = Invitation { template: "Welcome".into(), at: None };
    let before = test_app.number("SELECT count(*) FROM mail").await;
    let invited =
        app.mail().invite_uninvited(&staff, &test_app.task, invitation.clone()).await.unwrap();
    assert!(invited >= 5);
    assert!(test_app.number("SELECT count(*) FROM mail").await >= before + 5);
    assert_eq!(app.mail().invite_uninvited(&staff, &test_app.task, invitation).await.unwrap(), 0);
}
