//! Ignoring, reacknowledging, reinstating, closing, extending, computing anew.

use app::administration::{
    InstanceStatus, LimitExtension, ReinstatedTime, Reinstatement, TimeLimitScope,
};
use app::evaluation::NewScore;
use domain::id::InstanceId;
use domain::instance::{ClosingReason, InstanceState};
use domain::refusal::Refusal;
use std::collections::BTreeMap;
use storage::instance::InstanceRow;
use testkit::failures::{assert_refused, faults, is_not_found};
use testkit::fixtures::{new_evaluation, slot};
use testkit::{TestApp, write};

fn reopening(token: &str) -> Reinstatement {
    let time = BTreeMap::from([(TimeLimitScope::Test, ReinstatedTime::Seconds(600))]);
    Reinstatement {
        client_token: token.into(),
        pages: None,
        start: None,
        time,
        reason: "power_cut".into(),
    }
}

async fn reinstate(
    test_app: &TestApp,
    instance: &InstanceId,
    how: Reinstatement,
) -> Result<InstanceStatus, app::Failure> {
    test_app.app.instances().reinstate(&test_app.operator(), &test_app.task, instance, how).await
}

#[tokio::test]
async fn what_the_table_forbids_is_refused_and_changes_nothing() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let (visitor, instance) = test_app.start_on_first_page().await;
    let open = test_app.row(&instance).await;
    assert_refused(
        app.instances().ignore(&staff, &test_app.task, &instance, None).await,
        Refusal::InstanceOpen,
    );
    assert_eq!(
        app.instances()
            .reacknowledge(&staff, &test_app.task, &instance, None)
            .await
            .unwrap()
            .revision,
        open.revision
    );
    assert_eq!(
        app.instances().rescore(&staff, &test_app.task, &instance, None).await.unwrap().version,
        0
    );
    assert_eq!(test_app.row(&instance).await, open);
    test_app.complete(&visitor, &instance, "c").await.unwrap();
    let longer = LimitExtension { place: TimeLimitScope::Test, seconds: 60 };
    assert_refused(
        app.instances().extend(&staff, &test_app.task, &instance, longer).await,
        Refusal::InstanceComplete,
    );
    assert_refused(
        app.instances().force_close(&staff, &test_app.task, &instance).await,
        Refusal::InstanceComplete,
    );
    app.instances().ignore(&staff, &test_app.task, &instance, None).await.unwrap();
    assert_refused(reinstate(&test_app, &instance, reopening("r")).await, Refusal::InstanceIgnored);
}

#[tokio::test]
async fn things_of_another_organization_do_not_exist() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let other = test_app.app.organizations().create_organization("Other").await.unwrap().id;
    let stranger = app::caller::Caller::operator(other, "Rq2".into());
    assert!(is_not_found(
        &test_app.app.instances().ignore(&stranger, &test_app.task, &instance, None).await
    ));
    assert!(is_not_found(
        &test_app
            .app
            .instances()
            .inspect_instance(&stranger, &test_app.task, &instance)
            .await
            .map(|_| ())
    ));
    assert!(is_not_found(
        &test_app
            .app
            .instances()
            .reinstate(&stranger, &test_app.task, &instance, reopening("r"))
            .await
    ));
    assert!(is_not_found(
        &test_app
            .app
            .instances()
            .ignore(&test_app.operator(), &"Tk2".into(), &instance, None)
            .await
    ));
}

#[tokio::test]
async fn a_reason_is_a_code() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let spoken = test_app
        .app
        .instances()
        .ignore(&test_app.operator(), &test_app.task, &instance, Some("Ada was ill".into()))
        .await;
    assert_eq!(faults(spoken), ["/reason invalid_format"]);
    let how = Reinstatement { reason: String::new(), ..reopening("r") };
    assert_eq!(faults(reinstate(&test_app, &instance, how).await), ["/reason invalid_format"]);
}

#[tokio::test]
async fn ignoring_and_reacknowledging_gives_back_the_very_row() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let before = test_app.row(&instance).await;
    test_app.clock.pass_seconds(5);
    let ignored = app
        .instances()
        .ignore(&staff, &test_app.task, &instance, Some("duplicate".into()))
        .await
        .unwrap();
    assert!(ignored.ignored && ignored.revision == before.revision + 1);
    assert_eq!(
        app.instances().ignore(&staff, &test_app.task, &instance, None).await.unwrap(),
        ignored,
        "a repeat changes nothing"
    );
    let back =
        app.instances().reacknowledge(&staff, &test_app.task, &instance, None).await.unwrap();
    assert_eq!(back.revision, before.revision + 2);
    let after = test_app.row(&instance).await;
    let listed = InstanceRow {
        revision: before.revision,
        change_kind: before.change_kind,
        changed_at: before.changed_at,
        ..after.clone()
    };
    assert_eq!(listed, before);
    let events = test_app.events(&instance).await;
    assert_eq!(events[events.len() - 2..], ["instance.ignored", "instance.reacknowledged"]);
}

#[tokio::test]
async fn an_ignored_instance_is_evaluated_and_stays_ignored() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    test_app
        .app
        .instances()
        .ignore(&test_app.operator(), &test_app.task, &instance, None)
        .await
        .unwrap();
    let q5 = slot("q5");
    let list =
        vec![new_evaluation(q5, 1, NewScore::Percentage(testkit::fixtures::decimal("62.5")))];
    let standing = test_app.evaluate(&instance, "e", list).await.unwrap();
    assert!(standing.ignored && standing.version == 2);
}

#[tokio::test]
async fn reinstating_nothing_or_beyond_the_test_is_refused() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let before = test_app.row(&instance).await;
    let none = Reinstatement { pages: Some(Vec::new()), ..reopening("r") };
    assert_refused(reinstate(&test_app, &instance, none).await, Refusal::NothingUnlocked);
    let start = Reinstatement { pages: Some(vec![1]), start: Some(2), ..reopening("r") };
    assert_refused(reinstate(&test_app, &instance, start).await, Refusal::NothingUnlocked);
    let timeless = Reinstatement {
        time: [(TimeLimitScope::Test, ReinstatedTime::Seconds(0))].into(),
        ..reopening("r")
    };
    assert_refused(reinstate(&test_app, &instance, timeless).await, Refusal::NothingUnlocked);
    for pages in [vec![0], vec![9]] {
        let beyond = Reinstatement { pages: Some(pages), ..reopening("r") };
        assert!(is_not_found(&reinstate(&test_app, &instance, beyond).await));
    }
    assert_eq!(test_app.row(&instance).await, before);
}

#[tokio::test]
async fn a_reinstated_instance_runs_again_and_completes_with_the_same_figures() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let first = test_app.row(&instance).await;
    test_app.clock.pass_seconds(86_400);
    let standing = reinstate(&test_app, &instance, reopening("r")).await.unwrap();
    assert_eq!(
        (standing.state, standing.version, standing.due_at),
        (InstanceState::Resetup, 1, None)
    );
    let row = test_app.row(&instance).await;
    assert_eq!((row.result_basic, row.completed_at, row.waiting), (None, None, 0));
    assert_eq!(
        reinstate(&test_app, &instance, reopening("r")).await.unwrap(),
        standing,
        "a repeat with the token"
    );

    test_app.clock.pass_seconds(86_400);
    let visitor = test_app.enter().await;
    test_app.app.delivery().open_instance(&visitor, &instance).await.unwrap();
    assert!(
        test_app.row(&instance).await.due_at.is_some(),
        "the clock runs since the candidate opened it"
    );
    test_app.complete(&visitor, &instance, "again").await.unwrap();
    let second = test_app.row(&instance).await;
    assert_eq!(
        (second.state, second.result_number, second.waiting),
        (InstanceState::Complete, 2, 1)
    );
    let moved = |text: Option<String>| text.unwrap().split_once(',').unwrap().1.to_owned();
    assert_eq!(moved(second.result_detailed), moved(first.result_detailed));
    assert!(second.completed_at > first.completed_at);
}

#[tokio::test]
async fn an_evaluation_is_dropped_when_its_answer_changes_after_reinstating() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let q5 = slot("q5");
    let list =
        vec![new_evaluation(q5, 1, NewScore::Percentage(testkit::fixtures::decimal("62.5")))];
    test_app.evaluate(&instance, "e", list).await.unwrap();
    reinstate(&test_app, &instance, reopening("r")).await.unwrap();
    let visitor = test_app.enter().await;
    test_app.app.delivery().open_instance(&visitor, &instance).await.unwrap();
    for page in 2..=3 {
        test_app.go(&visitor, &instance, page).await.unwrap();
    }
    test_app.answer(&visitor, &instance, write(q5, 2, r#""On reflection.""#)).await;
    test_app.complete(&visitor, &instance, "again").await.unwrap();
    assert_eq!(test_app.row(&instance).await.waiting, 1);
}

#[tokio::test]
async fn another_open_instance_of_the_step_stands_in_the_way() {
    let test_app = TestApp::new().await;
    let first = test_app.submit_candidate_a().await;
    test_app.sql("UPDATE step SET attempt_limit = 2").await;
    let visitor = test_app.enter().await;
    test_app.start(&visitor, "second").await.unwrap();
    assert_refused(reinstate(&test_app, &first, reopening("r")).await, Refusal::OtherInstanceOpen);
}

#[tokio::test]
async fn force_closing_completes_with_what_was_answered() {
    let test_app = TestApp::new().await;
    let (_, instance) = test_app.start_on_first_page().await;
    test_app.clock.pass_seconds(30);
    let standing = test_app
        .app
        .instances()
        .force_close(&test_app.operator(), &test_app.task, &instance)
        .await
        .unwrap();
    assert_eq!(
        (standing.state, standing.closing),
        (InstanceState::Complete, Some(ClosingReason::ForceClosed))
    );
    assert_eq!(standing.completed_at, Some(test_app.now()));
    assert!(test_app.events(&instance).await.contains(&"instance.force_closed".to_owned()));
}

#[tokio::test]
async fn an_overdue_instance_is_never_force_closed_but_complete_by_its_deadline() {
    let test_app = TestApp::new().await;
    let (_, instance) = test_app.start_on_first_page().await;
    test_app.clock.pass_seconds(1803);
    assert_refused(
        test_app.app.instances().force_close(&test_app.operator(), &test_app.task, &instance).await,
        Refusal::InstanceComplete,
    );
    assert_eq!(test_app.row(&instance).await.closing, Some(ClosingReason::TimeOver));
}

#[tokio::test]
async fn extending_moves_the_deadline_and_takes_no_revision() {
    let test_app = TestApp::new().await;
    let (_, instance) = test_app.start_on_first_page().await;
    let before = test_app.row(&instance).await;
    let (app, staff) = (&test_app.app, test_app.operator());
    for place in [TimeLimitScope::Section(1), TimeLimitScope::Page(1)] {
        let refused = app
            .instances()
            .extend(&staff, &test_app.task, &instance, LimitExtension { place, seconds: 60 })
            .await;
        assert_refused(refused, Refusal::NoTimeLimit);
    }
    let beyond = app
        .instances()
        .extend(
            &staff,
            &test_app.task,
            &instance,
            LimitExtension { place: TimeLimitScope::Page(9), seconds: 60 },
        )
        .await;
    assert!(is_not_found(&beyond));
    let none = app
        .instances()
        .extend(
            &staff,
            &test_app.task,
            &instance,
            LimitExtension { place: TimeLimitScope::Test, seconds: 0 },
        )
        .await;
    assert_eq!(faults(none), ["/seconds out_of_range"]);
    let longer = LimitExtension { place: TimeLimitScope::Test, seconds: 60 };
    let standing = app.instances().extend(&staff, &test_app.task, &instance, longer).await.unwrap();
    assert_eq!(standing.due_at, before.due_at.map(|due| due.plus_seconds(60)));
    let all =
        app.instances().extend_step(&staff, &test_app.task, &test_app.step, longer).await.unwrap();
    assert_eq!(all.extended[0].due_at, before.due_at.map(|due| due.plus_seconds(120)));
    assert_eq!(test_app.row(&instance).await.revision, before.revision);
    test_app.clock.pass_seconds(1860);
    app.delivery().ensure_deadlines_swept().await.unwrap();
    assert!(test_app.row(&instance).await.state.is_open());
    test_app.clock.pass_seconds(63);
    app.delivery().ensure_deadlines_swept().await.unwrap();
    assert!(!test_app.row(&instance).await.state.is_open());
}

#[tokio::test]
async fn computing_anew_without_a_difference_makes_no_version() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let before = test_app.row(&instance).await;
    test_app
        .app
        .instances()
        .rescore(&test_app.operator(), &test_app.task, &instance, Some("Audit".into()))
        .await
        .unwrap();
    assert_eq!(test_app.row(&instance).await, before);
    assert_eq!(test_app.events(&instance).await.last().unwrap(), "result.rescored");
}
