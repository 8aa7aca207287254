//! Ignoring, reacknowledging, reinstating, closing, extending, computing anew.

use crate::hall::{Hall, write};
use crate::office::{assert_refused, candidate_a, evaluate, faults, given, is_not_found, operator, slot};
use app::administration::{Extension, Place, Reinstatement, Standing, TimeGiven};
use app::evaluation::NewGiven;
use domain::id::InstanceId;
use domain::instance::{Closing, State};
use domain::refusal::Refusal;
use std::collections::BTreeMap;
use storage::instance::Instance;

fn reopening(token: &str) -> Reinstatement {
    let time = BTreeMap::from([(Place::Test, TimeGiven::Seconds(600))]);
    Reinstatement { client_token: token.into(), pages: None, start: None, time, reason: "power_cut".into() }
}

async fn reinstate(hall: &Hall, instance: &InstanceId, how: Reinstatement) -> Result<Standing, app::Failure> {
    hall.app.reinstate(&operator(hall), &hall.task, instance, how).await
}

#[tokio::test]
async fn what_the_table_forbids_is_refused_and_changes_nothing() {
    let hall = Hall::new().await;
    let (app, staff) = (&hall.app, operator(&hall));
    let (visitor, instance) = hall.seated().await;
    let open = hall.row(&instance).await;
    assert_refused(app.ignore(&staff, &hall.task, &instance, None).await, Refusal::InstanceOpen);
    assert_eq!(app.reacknowledge(&staff, &hall.task, &instance, None).await.unwrap().revision, open.revision);
    assert_eq!(app.rescore(&staff, &hall.task, &instance, None).await.unwrap().version, 0);
    assert_eq!(hall.row(&instance).await, open);
    hall.complete(&visitor, &instance, "c").await.unwrap();
    let longer = Extension { place: Place::Test, seconds: 60 };
    assert_refused(app.extend(&staff, &hall.task, &instance, longer).await, Refusal::InstanceComplete);
    assert_refused(app.force_close(&staff, &hall.task, &instance).await, Refusal::InstanceComplete);
    app.ignore(&staff, &hall.task, &instance, None).await.unwrap();
    assert_refused(reinstate(&hall, &instance, reopening("r")).await, Refusal::InstanceIgnored);
}

#[tokio::test]
async fn things_of_another_organization_do_not_exist() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let other = hall.app.create_organization("Other").await.unwrap().id;
    let stranger = app::caller::Caller::operator(other, "Rq2".into());
    assert!(is_not_found(&hall.app.ignore(&stranger, &hall.task, &instance, None).await));
    assert!(is_not_found(&hall.app.inspect(&stranger, &hall.task, &instance).await.map(|_| ())));
    assert!(is_not_found(&hall.app.reinstate(&stranger, &hall.task, &instance, reopening("r")).await));
    assert!(is_not_found(&hall.app.ignore(&operator(&hall), &"Tk2".into(), &instance, None).await));
}

#[tokio::test]
async fn a_reason_is_a_code() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let spoken = hall.app.ignore(&operator(&hall), &hall.task, &instance, Some("Ada was ill".into())).await;
    assert_eq!(faults(spoken), ["/reason invalid_format"]);
    let how = Reinstatement { reason: String::new(), ..reopening("r") };
    assert_eq!(faults(reinstate(&hall, &instance, how).await), ["/reason invalid_format"]);
}

#[tokio::test]
async fn ignoring_and_reacknowledging_gives_back_the_very_row() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let (app, staff) = (&hall.app, operator(&hall));
    let before = hall.row(&instance).await;
    hall.clock.pass_seconds(5);
    let ignored = app.ignore(&staff, &hall.task, &instance, Some("duplicate".into())).await.unwrap();
    assert!(ignored.ignored && ignored.revision == before.revision + 1);
    assert_eq!(app.ignore(&staff, &hall.task, &instance, None).await.unwrap(), ignored, "a repeat changes nothing");
    let back = app.reacknowledge(&staff, &hall.task, &instance, None).await.unwrap();
    assert_eq!(back.revision, before.revision + 2);
    let after = hall.row(&instance).await;
    let listed = Instance {
        revision: before.revision,
        change_kind: before.change_kind,
        changed_at: before.changed_at,
        ..after.clone()
    };
    assert_eq!(listed, before);
    let events = hall.events(&instance).await;
    assert_eq!(events[events.len() - 2..], ["instance.ignored", "instance.reacknowledged"]);
}

#[tokio::test]
async fn an_ignored_instance_is_evaluated_and_stays_ignored() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    hall.app.ignore(&operator(&hall), &hall.task, &instance, None).await.unwrap();
    let q5 = slot("q5");
    let list = vec![given(q5, 1, NewGiven::Percentage(crate::office::decimal("62.5")))];
    let standing = evaluate(&hall, &instance, "e", list).await.unwrap();
    assert!(standing.ignored && standing.version == 2);
}

#[tokio::test]
async fn reinstating_nothing_or_beyond_the_test_is_refused() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let before = hall.row(&instance).await;
    let none = Reinstatement { pages: Some(Vec::new()), ..reopening("r") };
    assert_refused(reinstate(&hall, &instance, none).await, Refusal::NothingUnlocked);
    let start = Reinstatement { pages: Some(vec![1]), start: Some(2), ..reopening("r") };
    assert_refused(reinstate(&hall, &instance, start).await, Refusal::NothingUnlocked);
    let timeless = Reinstatement { time: [(Place::Test, TimeGiven::Seconds(0))].into(), ..reopening("r") };
    assert_refused(reinstate(&hall, &instance, timeless).await, Refusal::NothingUnlocked);
    for pages in [vec![0], vec![9]] {
        let beyond = Reinstatement { pages: Some(pages), ..reopening("r") };
        assert!(is_not_found(&reinstate(&hall, &instance, beyond).await));
    }
    assert_eq!(hall.row(&instance).await, before);
}

#[tokio::test]
async fn a_reinstated_instance_runs_again_and_completes_with_the_same_figures() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let first = hall.row(&instance).await;
    hall.clock.pass_seconds(86_400);
    let standing = reinstate(&hall, &instance, reopening("r")).await.unwrap();
    assert_eq!((standing.state, standing.version, standing.due_at), (State::Resetup, 1, None));
    let row = hall.row(&instance).await;
    assert_eq!((row.result_basic, row.completed_at, row.waiting), (None, None, 0));
    assert_eq!(reinstate(&hall, &instance, reopening("r")).await.unwrap(), standing, "a repeat with the token");

    hall.clock.pass_seconds(86_400);
    let visitor = hall.enter().await;
    hall.app.open_instance(&visitor, &instance).await.unwrap();
    assert!(hall.row(&instance).await.due_at.is_some(), "the clock runs since the candidate opened it");
    hall.complete(&visitor, &instance, "again").await.unwrap();
    let second = hall.row(&instance).await;
    assert_eq!((second.state, second.result_number, second.waiting), (State::Complete, 2, 1));
    let moved = |text: Option<String>| text.unwrap().split_once(',').unwrap().1.to_owned();
    assert_eq!(moved(second.result_detailed), moved(first.result_detailed));
    assert!(second.completed_at > first.completed_at);
}

#[tokio::test]
async fn an_evaluation_is_dropped_when_its_answer_changes_after_reinstating() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let q5 = slot("q5");
    let list = vec![given(q5, 1, NewGiven::Percentage(crate::office::decimal("62.5")))];
    evaluate(&hall, &instance, "e", list).await.unwrap();
    reinstate(&hall, &instance, reopening("r")).await.unwrap();
    let visitor = hall.enter().await;
    hall.app.open_instance(&visitor, &instance).await.unwrap();
    for page in 2..=3 {
        hall.go(&visitor, &instance, page).await.unwrap();
    }
    hall.answer(&visitor, &instance, write(q5, 2, r#""On reflection.""#)).await;
    hall.complete(&visitor, &instance, "again").await.unwrap();
    assert_eq!(hall.row(&instance).await.waiting, 1);
}

#[tokio::test]
async fn another_open_instance_of_the_step_stands_in_the_way() {
    let hall = Hall::new().await;
    let first = candidate_a(&hall).await;
    hall.sql("UPDATE step SET attempt_limit = 2").await;
    let visitor = hall.enter().await;
    hall.start(&visitor, "second").await.unwrap();
    assert_refused(reinstate(&hall, &first, reopening("r")).await, Refusal::OtherInstanceOpen);
}

#[tokio::test]
async fn force_closing_completes_with_what_was_answered() {
    let hall = Hall::new().await;
    let (_, instance) = hall.seated().await;
    hall.clock.pass_seconds(30);
    let standing = hall.app.force_close(&operator(&hall), &hall.task, &instance).await.unwrap();
    assert_eq!((standing.state, standing.closing), (State::Complete, Some(Closing::ForceClosed)));
    assert_eq!(standing.completed_at, Some(hall.now()));
    assert!(hall.events(&instance).await.contains(&"instance.force_closed".to_owned()));
}

#[tokio::test]
async fn an_overdue_instance_is_never_force_closed_but_complete_by_its_deadline() {
    let hall = Hall::new().await;
    let (_, instance) = hall.seated().await;
    hall.clock.pass_seconds(1803);
    assert_refused(hall.app.force_close(&operator(&hall), &hall.task, &instance).await, Refusal::InstanceComplete);
    assert_eq!(hall.row(&instance).await.closing, Some(Closing::TimeOver));
}

#[tokio::test]
async fn extending_moves_the_deadline_and_takes_no_revision() {
    let hall = Hall::new().await;
    let (_, instance) = hall.seated().await;
    let before = hall.row(&instance).await;
    let (app, staff) = (&hall.app, operator(&hall));
    for place in [Place::Section(1), Place::Page(1)] {
        let refused = app.extend(&staff, &hall.task, &instance, Extension { place, seconds: 60 }).await;
        assert_refused(refused, Refusal::NoTimeLimit);
    }
    let beyond = app.extend(&staff, &hall.task, &instance, Extension { place: Place::Page(9), seconds: 60 }).await;
    assert!(is_not_found(&beyond));
    let none = app.extend(&staff, &hall.task, &instance, Extension { place: Place::Test, seconds: 0 }).await;
    assert_eq!(faults(none), ["/seconds out_of_range"]);
    let longer = Extension { place: Place::Test, seconds: 60 };
    let standing = app.extend(&staff, &hall.task, &instance, longer).await.unwrap();
    assert_eq!(standing.due_at, before.due_at.map(|due| due.plus_seconds(60)));
    let all = app.extend_step(&staff, &hall.task, &hall.step, longer).await.unwrap();
    assert_eq!(all.extended[0].due_at, before.due_at.map(|due| due.plus_seconds(120)));
    assert_eq!(hall.row(&instance).await.revision, before.revision);
    hall.clock.pass_seconds(1860);
    app.settled().await.unwrap();
    assert!(hall.row(&instance).await.state.is_open());
    hall.clock.pass_seconds(63);
    app.settled().await.unwrap();
    assert!(!hall.row(&instance).await.state.is_open());
}

#[tokio::test]
async fn computing_anew_without_a_difference_makes_no_version() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let before = hall.row(&instance).await;
    hall.app.rescore(&operator(&hall), &hall.task, &instance, Some("Audit".into())).await.unwrap();
    assert_eq!(hall.row(&instance).await, before);
    assert_eq!(hall.events(&instance).await.last().unwrap(), "result.rescored");
}
