//! Tasks and steps: every fault at once, references, changes.

use crate::hall::Hall;
use crate::office::{count_on, faults, is_not_found, key, operator};
use app::Failure;
use app::candidates::LabelChange;
use app::tasks::{NewConduct, NewPrerequisite, NewStep, NewTask, StepUpdate, TaskUpdate};
use domain::access::prerequisite::Prerequisite;
use domain::access::settings::{AttemptLimit, Switch};
use domain::instance::Scope;
use domain::time::{Timestamp, Window};
use std::collections::BTreeMap;

fn waiting_for(prerequisite: NewPrerequisite) -> NewStep {
    let conduct = NewConduct { prerequisites: Some(vec![prerequisite]), ..NewConduct::default() };
    NewStep { conduct, ..NewStep::of("Te1".into()) }
}

#[tokio::test]
async fn every_fault_of_a_new_task_is_told_at_once() {
    let hall = Hall::new().await;
    let backwards = Window { after: Some(Timestamp(2)), before: Some(Timestamp(1)) };
    let new = NewTask {
        switch: Switch { active: true, window: backwards },
        labels: vec!["a".into(), "<b>".into()],
        programs: vec!["Day".into(), "Day".into()],
        ..NewTask::of(
            "x",
            vec![
                NewStep { title: Some("a/b".into()), ..NewStep::of("Te99".into()) },
                waiting_for(NewPrerequisite::Completion { step: 2 }),
                waiting_for(NewPrerequisite::Stage { stages: vec!["Interview".into()] }),
            ],
        )
    };
    let expected = [
        "/title invalid_length",
        "/labels/0 invalid_length",
        "/labels/1 invalid_format",
        "/programs/1 conflicting_values",
        "/activeBefore invalid_range",
        "/steps/0/title invalid_format",
        "/steps/0/test unknown_reference",
        "/steps/1/prerequisites/0/step unknown_reference",
        "/steps/2/prerequisites/0/stages/0 unknown_reference",
    ];
    assert_eq!(faults(hall.app.create_task(&operator(&hall), new).await), expected);
    let empty = hall.app.create_task(&operator(&hall), NewTask::of("Without steps", Vec::new())).await;
    assert_eq!(faults(empty), ["/steps invalid_length"]);
    let reader = key(&hall, &[Scope::TasksRead]);
    let refused = hall.app.create_task(&reader, NewTask::of("A task", vec![NewStep::of("Te1".into())])).await;
    assert!(matches!(refused, Err(Failure::InsufficientScope)));
    assert_eq!(hall.number("SELECT count(*) FROM task").await, 1);
}

#[tokio::test]
async fn a_task_is_made_read_and_changed() {
    let hall = Hall::new().await;
    count_on(&hall).await;
    let (app, staff) = (&hall.app, operator(&hall));
    let steps = vec![NewStep::of("Te1".into()), waiting_for(NewPrerequisite::Completion { step: 1 })];
    let new = NewTask { stages: vec!["Interview".into()], ..NewTask::of("Sales trainee", steps) };
    let made = app.create_task(&staff, new).await.unwrap();
    assert_eq!(made.steps[0].title, "Desk screening", "a step is called after its test");
    let first = made.steps[0].id.clone();
    assert_eq!(made.steps[1].conduct.prerequisites, [Prerequisite::Completion { step: first.clone() }]);
    assert_eq!(app.task(&staff, &made.id).await.unwrap(), made);
    assert_eq!(app.list_tasks(&staff, 1, 1).await.unwrap().0, 2);

    let step = StepUpdate { attempt_limit: Some(AttemptLimit::Unlimited), ..StepUpdate::default() };
    let change = TaskUpdate {
        title: Some("Sales".into()),
        labels: LabelChange { add: vec!["north".into()], remove: Vec::new() },
        stages: Some(vec!["Offer".into(), "Interview".into()]),
        steps: BTreeMap::from([(first, step)]),
        ..TaskUpdate::default()
    };
    let changed = app.update_task(&staff, &made.id, change.clone()).await.unwrap();
    assert_eq!(changed.stages[1], made.stages[0], "a stage that stays keeps its uuid");
    assert_eq!(changed.steps[0].attempt_limit, AttemptLimit::Unlimited);
    assert_eq!(changed.labels, ["north"]);
    let before = hall.number("SELECT count(*) FROM event").await;
    assert_eq!(app.update_task(&staff, &made.id, change).await.unwrap(), changed);
    assert_eq!(hall.number("SELECT count(*) FROM event").await, before, "no change, no event");
}

#[tokio::test]
async fn a_change_with_a_fault_changes_nothing() {
    let hall = Hall::new().await;
    let (app, staff) = (&hall.app, operator(&hall));
    let before = app.task(&staff, &hall.task).await.unwrap();
    let both = LabelChange { add: vec!["north".into()], remove: vec!["north".into()] };
    let change = TaskUpdate {
        title: Some("Renamed".into()),
        labels: both,
        steps: BTreeMap::from([("St99".into(), StepUpdate::default())]),
        ..TaskUpdate::default()
    };
    let expected = ["/fields/labels/remove/0 conflicting_values", "/steps/St99 unknown_reference"];
    assert_eq!(faults(app.update_task(&staff, &hall.task, change).await), expected);
    assert_eq!(app.task(&staff, &hall.task).await.unwrap(), before);
    assert!(is_not_found(&app.update_task(&staff, &"Tk99".into(), TaskUpdate::default()).await));
}
