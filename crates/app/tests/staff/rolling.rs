//! The roll of a task, what a list of candidates would lead to, and inviting whoever was not invited.

use crate::hall::Hall;
use crate::office::{candidate_a, is_not_found, key, operator};
use app::Failure;
use app::candidates::roll::{Roll, RollFilter, RollQuery, Stand, Start};
use app::candidates::{CandidateUpdate, Invitation, LabelChange, NewCandidate, Person, Temporary, Tracking};
use app::tasks::{EmailTemplate, TaskUpdate};
use domain::candidate::uniqueness::UniqScope;
use domain::containing::Containing;
use domain::fault::Code;
use domain::instance::Scope;

fn named(name: &str, email: Option<&str>) -> NewCandidate {
    let tracking = email.map(|email| Tracking { uniq_id: email.into(), scope: UniqScope::Task });
    let person =
        Temporary { fullname: Some(name.into()), email: email.map(Into::into), tracking, ..Temporary::default() };
    NewCandidate::of(Person::Temporary(person))
}

fn asked(from: Start, limit: usize) -> RollQuery {
    RollQuery { filter: RollFilter::default(), text: None, label: None, from, limit }
}

fn names(roll: &Roll) -> Vec<&str> {
    roll.entries.iter().filter_map(|entry| entry.candidate.fullname.as_deref()).collect()
}

const NEWEST: Start = Start::Below(i64::MAX);

async fn class(hall: &Hall) {
    let list = (1..=5).map(|n| named(&format!("Pupil {n}"), Some(&format!("p{n}@example.org")))).collect();
    hall.app.create_candidates(&operator(hall), &hall.task, list).await.unwrap();
}

#[tokio::test]
async fn the_roll_turns_its_pages_in_both_directions() {
    let hall = Hall::new().await;
    let (app, staff) = (&hall.app, operator(&hall));
    class(&hall).await;
    let first = app.roll(&staff, &hall.task, asked(NEWEST, 2)).await.unwrap();
    assert_eq!((names(&first), first.newer), (vec!["Pupil 5", "Pupil 4"], None));
    let second = app.roll(&staff, &hall.task, asked(Start::Below(first.older.unwrap()), 2)).await.unwrap();
    assert_eq!(names(&second), ["Pupil 3", "Pupil 2"]);
    let back = app.roll(&staff, &hall.task, asked(Start::Above(second.newer.unwrap()), 2)).await.unwrap();
    assert_eq!((names(&back), back.newer), (names(&first), None));
    let searched = RollQuery { text: Some(Containing::new("P3@EXAMPLE")), ..asked(NEWEST, 2) };
    let found = app.roll(&staff, &hall.task, searched).await.unwrap();
    assert_eq!((names(&found), found.older), (vec!["Pupil 3"], None));
    assert!(is_not_found(&app.roll(&staff, &"Tk99".into(), asked(NEWEST, 2)).await));
    let refused = app.roll(&key(&hall, &[Scope::TasksRead]), &hall.task, asked(NEWEST, 2)).await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
}

#[tokio::test]
async fn labels_and_progress_narrow_the_roll() {
    let hall = Hall::new().await;
    let (app, staff) = (&hall.app, operator(&hall));
    candidate_a(&hall).await;
    class(&hall).await;
    let pupil = app.roll(&staff, &hall.task, asked(NEWEST, 1)).await.unwrap().entries.remove(0).candidate.id;
    let labels = LabelChange { add: vec!["late".into()], remove: Vec::new() };
    let change = CandidateUpdate { labels, ..CandidateUpdate::default() };
    app.update_candidate(&staff, &hall.task, &pupil, change).await.unwrap();
    let late = RollQuery { label: Some("late".into()), ..asked(NEWEST, 10) };
    assert_eq!(names(&app.roll(&staff, &hall.task, late).await.unwrap()), ["Pupil 5"]);
    let filter = RollFilter { stand: Some(Stand::Finished), ..RollFilter::default() };
    let finished = app.roll(&staff, &hall.task, RollQuery { filter, ..asked(NEWEST, 10) }).await.unwrap();
    assert_eq!((finished.entries.len(), finished.entries[0].progress.finished), (1, 1));
    let counts = app.task_counts(&staff, &hall.task).await.unwrap();
    assert_eq!((counts.entered, counts.started, counts.open), (1, 1, 0));
    let file = app.candidate_file(&staff, &hall.task, &finished.entries[0].candidate.id).await.unwrap();
    assert_eq!(file.attempts.len(), 1);
}

#[tokio::test]
async fn a_preview_tells_the_fault_of_each_row_and_does_nothing() {
    let hall = Hall::new().await;
    let (app, staff) = (&hall.app, operator(&hall));
    class(&hall).await;
    let before = hall.number("SELECT count(*) FROM candidate").await;
    let wrong = NewCandidate { stage: Some("Nowhere".into()), ..named("Eve", Some("no address")) };
    let list = vec![
        named("Ada", Some("ada@example.org")),
        named("Pupil again", Some("p1@example.org")),
        wrong,
        named("Ada again", Some("ada@example.org")),
        named("Nobody", None),
    ];
    let seen = app.preview_candidates(&staff, &hall.task, list.into_iter().map(Into::into).collect()).await.unwrap();
    let codes: Vec<Vec<Code>> = seen.iter().map(|faults| faults.iter().map(|fault| fault.code).collect()).collect();
    assert_eq!(codes[0], []);
    assert_eq!(codes[1], [Code::DuplicateUniqId]);
    assert_eq!(codes[2].len(), 2);
    assert_eq!(codes[3], [Code::DuplicateUniqId]);
    assert_eq!(codes[4], []);
    assert_eq!(hall.number("SELECT count(*) FROM candidate").await, before);
}

#[tokio::test]
async fn everybody_not_invited_is_invited_once() {
    let hall = Hall::new().await;
    let (app, staff) = (&hall.app, operator(&hall));
    let template = EmailTemplate { name: "Welcome".into(), subject: "{{task}}".into(), body: None };
    let change = TaskUpdate { email_templates: Some(vec![template]), ..TaskUpdate::default() };
    app.update_task(&staff, &hall.task, change).await.unwrap();
    class(&hall).await;
    app.create_candidate(&staff, &hall.task, named("Without address", None)).await.unwrap();
    let invitation = Invitation { template: "Welcome".into(), at: None };
    let before = hall.number("SELECT count(*) FROM mail").await;
    let invited = app.invite_uninvited(&staff, &hall.task, invitation.clone()).await.unwrap();
    assert!(invited >= 5);
    assert!(hall.number("SELECT count(*) FROM mail").await >= before + 5);
    assert_eq!(app.invite_uninvited(&staff, &hall.task, invitation).await.unwrap(), 0);
}
