//! Tasks and steps: every fault at once, references, changes.

use app::Failure;
use app::candidates::LabelChange;
use app::tasks::{NewConduct, NewPrerequisite, NewStep, NewTask, StepUpdate, TaskUpdate, TaskView};
use domain::access::prerequisite::Prerequisite;
use domain::access::settings::{AccessSwitch, AttemptLimit};
use domain::instance::Scope;
use domain::time::{TimeWindow, Timestamp};
use std::collections::BTreeMap;
use testkit::TestApp;
use testkit::failures::{faults, is_not_found};

fn waiting_for(prerequisite: NewPrerequisite) -> NewStep {
    let conduct = NewConduct { prerequisites: Some(vec![prerequisite]), ..NewConduct::default() };
    NewStep { conduct, ..NewStep::of("Te1".into()) }
}

#[tokio::test]
async fn every_fault_of_a_new_task_is_told_at_once() {
    let test_app = TestApp::new().await;
    let backwards = TimeWindow { after: Some(Timestamp(2)), before: Some(Timestamp(1)) };
    let new = NewTask {
        switch: AccessSwitch { active: true, window: backwards },
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
    assert_eq!(faults(test_app.app.tasks().create_task(&test_app.operator(), new).await), expected);
    let empty = test_app
        .app
        .tasks()
        .create_task(&test_app.operator(), NewTask::of("Without steps", Vec::new()))
        .await;
    assert_eq!(faults(empty), ["/steps invalid_length"]);
    let reader = test_app.key(&[Scope::TasksRead]);
    let refused = test_app
        .app
        .tasks()
        .create_task(&reader, NewTask::of("A task", vec![NewStep::of("Te1".into())]))
        .await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
    assert_eq!(test_app.number("SELECT count(*) FROM task").await, 1);
}

#[tokio::test]
async fn a_task_is_made_read_and_changed() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let steps =
        vec![NewStep::of("Te1".into()), waiting_for(NewPrerequisite::Completion { step: 1 })];
    let new = NewTask { stages: vec!["Interview".into()], ..NewTask::of("Sales trainee", steps) };
    let made = app.tasks().create_task(&staff, new).await.unwrap();
    assert_eq!(made.steps[0].title, "Desk screening", "a step is called after its test");
    let first = made.steps[0].id.clone();
    assert_eq!(
        made.steps[1].conduct.prerequisites,
        [Prerequisite::Completion { step: first.clone() }]
    );
    assert_eq!(app.tasks().task(&staff, &made.id).await.unwrap(), made);
    assert_eq!(app.tasks().list_tasks(&staff, 1, 1).await.unwrap().0, 2);

    let step = StepUpdate { attempt_limit: Some(AttemptLimit::Unlimited), ..StepUpdate::default() };
    let change = TaskUpdate {
        title: Some("Sales".into()),
        labels: LabelChange { add: vec!["north".into()], remove: Vec::new() },
        stages: Some(vec!["Offer".into(), "Interview".into()]),
        steps: BTreeMap::from([(first, step)]),
        ..TaskUpdate::default()
    };
    let changed = app.tasks().update_task(&staff, &made.id, change.clone()).await.unwrap();
    assert_eq!(changed.stages[1], made.stages[0], "a stage that stays keeps its uuid");
    assert_eq!(changed.steps[0].attempt_limit, AttemptLimit::Unlimited);
    assert_eq!(changed.labels, ["north"]);
    let before = test_app.number("SELECT count(*) FROM event").await;
    assert_eq!(app.tasks().update_task(&staff, &made.id, change).await.unwrap(), changed);
    assert_eq!(test_app.number("SELECT count(*) FROM event").await, before, "no change, no event");
}

#[tokio::test]
async fn a_change_with_a_fault_changes_nothing() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let before = app.tasks().task(&staff, &test_app.task).await.unwrap();
    let both = LabelChange { add: vec!["north".into()], remove: vec!["north".into()] };
    let change = TaskUpdate {
        title: Some("Renamed".into()),
        labels: both,
        steps: BTreeMap::from([("St99".into(), StepUpdate::default())]),
        ..TaskUpdate::default()
    };
    let expected = ["/fields/labels/remove/0 conflicting_values", "/steps/St99 unknown_reference"];
    assert_eq!(faults(app.tasks().update_task(&staff, &test_app.task, change).await), expected);
    assert_eq!(app.tasks().task(&staff, &test_app.task).await.unwrap(), before);
    assert!(is_not_found(
        &app.tasks().update_task(&staff, &"Tk99".into(), TaskUpdate::default()).await
    ));
}

fn titles(task: &TaskView) -> Vec<&str> {
    task.steps.iter().map(|step| step.title.as_str()).collect()
}

fn called(title: &str) -> NewStep {
    NewStep { title: Some(title.into()), ..NewStep::of("Te1".into()) }
}

#[tokio::test]
async fn steps_are_added_moved_and_removed_and_conditions_follow_their_steps() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let made = app
        .tasks()
        .create_task(&staff, NewTask::of("Sales", vec![called("First"), called("Second")]))
        .await
        .unwrap();
    let [first, second] = [made.steps[0].id.clone(), made.steps[1].id.clone()];
    let wrong = NewStep {
        title: Some("a/b".into()),
        ..waiting_for(NewPrerequisite::Completion { step: 3 })
    };
    let expected =
        ["/steps/2/title invalid_format", "/steps/2/prerequisites/0/step unknown_reference"];
    assert_eq!(
        faults(app.tasks().add_step(&staff, &made.id, wrong).await),
        expected,
        "a step cannot wait for itself"
    );

    let third = NewStep {
        title: Some("Third".into()),
        ..waiting_for(NewPrerequisite::Completion { step: 1 })
    };
    let task = app.tasks().add_step(&staff, &made.id, third).await.unwrap();
    assert_eq!(titles(&task), ["First", "Second", "Third"]);
    let last = task.steps[2].id.clone();
    let task = app.tasks().move_step(&staff, &made.id, &last, 0).await.unwrap();
    assert_eq!(titles(&task), ["Third", "First", "Second"]);
    assert_eq!(
        task.steps[0].conduct.prerequisites,
        [Prerequisite::Completion { step: first.clone() }]
    );
    let task = app.tasks().move_step(&staff, &made.id, &last, 99).await.unwrap();
    assert_eq!(titles(&task), ["First", "Second", "Third"]);
    assert_eq!(app.tasks().task(&staff, &made.id).await.unwrap(), task);

    let reported = "SELECT count(*) FROM event WHERE kind = 'task.updated'";
    let before = test_app.number(reported).await;
    let waited_for = app.tasks().remove_step(&staff, &made.id, &first).await;
    assert_eq!(faults(waited_for), [format!("/steps/{first} conflicting_values")]);
    app.tasks().move_step(&staff, &made.id, &first, 0).await.unwrap();
    assert_eq!(test_app.number(reported).await, before, "what changes nothing is not recorded");
    app.tasks().remove_step(&staff, &made.id, &last).await.unwrap();
    let task = app.tasks().remove_step(&staff, &made.id, &first).await.unwrap();
    assert_eq!(titles(&task), ["Second"]);
    assert_eq!(test_app.number(reported).await, before + 2);
    assert_eq!(
        faults(app.tasks().remove_step(&staff, &made.id, &second).await),
        [format!("/steps/{second} conflicting_values")]
    );
    assert!(is_not_found(&app.tasks().remove_step(&staff, &made.id, &first).await));
    let reader = test_app.key(&[Scope::TasksRead]);
    assert!(matches!(
        app.tasks().move_step(&reader, &made.id, &second, 0).await,
        Err(Failure::InsufficientScope(_))
    ));
}

#[tokio::test]
async fn a_step_that_somebody_has_begun_stays_and_own_settings_go_with_one_that_goes() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let visitor = test_app.enter().await;
    let begun = app.tasks().task(&staff, &test_app.task).await.unwrap().steps[0].id.clone();
    test_app.start(&visitor, "a").await.unwrap();
    let task = app.tasks().add_step(&staff, &test_app.task, called("Second")).await.unwrap();
    let added = task.steps.last().unwrap().id.clone();
    let refused = app.tasks().remove_step(&staff, &test_app.task, &begun).await;
    assert_eq!(faults(refused), [format!("/steps/{begun} conflicting_values")]);

    let candidate = "SELECT count(*) FROM candidate WHERE step_overrides LIKE '%\"active\"%'";
    let own = format!(r#"{{"{added}":{{"active":false}},"{begun}":{{"active":true}}}}"#);
    test_app.sql(format!("UPDATE candidate SET step_overrides = '{own}'").leak()).await;
    app.tasks().remove_step(&staff, &test_app.task, &added).await.unwrap();
    assert!(test_app.number(candidate).await >= 1, "settings of other steps stay");
    let left = format!("SELECT count(*) FROM candidate WHERE step_overrides LIKE '%{added}%'");
    assert_eq!(test_app.number(left.leak()).await, 0);
}

#[tokio::test]
async fn a_copy_of_a_task_has_its_settings_and_neither_candidates_nor_dates() {
    let test_app = TestApp::new().await;
    let (tasks, staff) = (test_app.app.tasks(), test_app.operator());
    let window = TimeWindow { after: Some(Timestamp(1)), before: Some(Timestamp(2)) };
    let switch = AccessSwitch { active: false, window };
    let first = NewStep {
        attempt_limit: AttemptLimit::try_from(3).unwrap(),
        conduct: NewConduct {
            practice_mode: Some(true),
            identity_photo: Some(true),
            documents: Some(vec!["Passport".into()]),
            ..NewConduct::default()
        },
        switch,
        ..called("First")
    };
    let conditions = vec![
        NewPrerequisite::Completion { step: 1 },
        NewPrerequisite::Stage { stages: vec!["Interview".into()] },
        NewPrerequisite::Program { programs: vec!["Night".into()] },
    ];
    let conduct = NewConduct { prerequisites: Some(conditions), ..NewConduct::default() };
    let new = NewTask {
        switch,
        folder: "Hiring".into(),
        labels: vec!["spring".into()],
        tags: BTreeMap::from([("city".to_owned(), "Ankara".to_owned())]),
        programs: vec!["Day".into(), "Night".into()],
        stages: vec!["Invited".into(), "Interview".into()],
        ..NewTask::of("Sales", vec![first, NewStep { conduct, ..called("Second") }])
    };
    let made = tasks.create_task(&staff, new).await.unwrap();
    let copy = tasks.create_task(&staff, made.to_copy()).await.unwrap();
    assert_ne!(copy.id, made.id);
    assert_eq!(copy.title, "Copy of Sales");

    // Compared in the words in which both could be made again: ids differ, what they name does not.
    let undated = |view: &TaskView| NewTask { title: String::new(), ..view.to_copy() };
    assert_eq!(undated(&copy), undated(&made));
    let conditions = copy.to_copy().steps[1].conduct.prerequisites.clone().unwrap();
    assert_eq!(conditions.len(), 3);
    assert_eq!(conditions[0], NewPrerequisite::Completion { step: 1 });
    for switch in [copy.switch, copy.steps[0].switch] {
        assert!(!switch.active && switch.window == TimeWindow { after: None, before: None });
    }
    let long = TaskView { title: "x".repeat(200), ..copy };
    assert_eq!(long.to_copy().title.chars().count(), 200);
}
