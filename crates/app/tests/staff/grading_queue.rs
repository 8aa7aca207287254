//! The evaluator's desk, the picture of now, the audit log, and users who take tests themselves.

use app::Failure;
use app::audit::{AuditQuery, AuditSubject, ChainVerdict, EventFilter};
use app::candidates::{NewCandidate, RegisteredPerson};
use app::evaluation::{ALREADY_EVALUATED, AnswerRef, EvaluationBatch, GradingCursor, NewScore};
use domain::id::InstanceId;
use domain::instance::Scope;
use testkit::failures::is_not_found;
use testkit::fixtures::{decimal, new_evaluation, slot};
use testkit::{TestApp, write};

fn spot(instance: &InstanceId) -> AnswerRef {
    AnswerRef { instance: instance.clone(), slot: slot("q5") }
}

fn rate(token: &str, seq: u64, percent: &str) -> EvaluationBatch {
    let list = vec![new_evaluation(slot("q5"), seq, NewScore::Percentage(decimal(percent)))];
    EvaluationBatch { client_token: token.into(), list, note: None }
}

#[tokio::test]
async fn answers_are_laid_out_in_one_order_forwards_and_backwards() {
    let test_app = TestApp::new().await;
    let first = test_app.submit_candidate_a().await;
    test_app.sql("UPDATE step SET attempt_limit = 2").await;
    let second = test_app.submit_candidate_a_as("again").await;
    let staff = test_app.operator();
    let work = test_app
        .app
        .evaluation()
        .grading_item(&staff, None, GradingCursor::First)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((&work.instance, work.slot, work.seq), (&first, slot("q5"), 1));
    let next = test_app
        .app
        .evaluation()
        .grading_item(&staff, Some(test_app.task.clone()), GradingCursor::After(spot(&first)))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(next.instance, second);
    assert!(
        test_app
            .app
            .evaluation()
            .grading_item(&staff, None, GradingCursor::After(spot(&second)))
            .await
            .unwrap()
            .is_none()
    );
    let back = test_app
        .app
        .evaluation()
        .grading_item(&staff, None, GradingCursor::Before(spot(&second)))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(back.instance, first);
    assert!(
        test_app
            .app
            .evaluation()
            .grading_item(&staff, None, GradingCursor::Before(spot(&first)))
            .await
            .unwrap()
            .is_none()
    );
    let waiting = test_app.app.evaluation().waiting_tasks(&staff).await.unwrap();
    assert_eq!((waiting.len(), waiting[0].instances, waiting[0].answers), (1, 2, 2));
}

#[tokio::test]
async fn what_is_foreseen_is_what_comes_and_the_second_evaluator_is_told() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let new = new_evaluation(slot("q5"), 1, NewScore::Percentage(decimal("62.5")));
    let foreseen =
        app.evaluation().preview_grade(&staff, &test_app.task, &instance, new).await.unwrap();
    assert_eq!(test_app.row(&instance).await.waiting, 1, "nothing is kept");
    let done = app
        .evaluation()
        .grade_waiting(&staff, &test_app.task, &instance, rate("a", 1, "62.5"), false)
        .await
        .unwrap();
    assert_eq!(done, foreseen);
    assert_eq!((done.before.waiting, done.after.waiting), (1, 0));
    let repeat = app
        .evaluation()
        .grade_waiting(&staff, &test_app.task, &instance, rate("a", 1, "62.5"), false)
        .await
        .unwrap();
    assert_eq!(repeat, done, "sent twice, done once");
    let late = app
        .evaluation()
        .grade_waiting(&staff, &test_app.task, &instance, rate("b", 1, "10"), false)
        .await;
    assert!(matches!(late, Err(Failure::Unfit { code: ALREADY_EVALUATED, .. })));
    let changed = app
        .evaluation()
        .grade_waiting(&staff, &test_app.task, &instance, rate("c", 7, "10"), false)
        .await;
    assert!(matches!(changed, Err(Failure::Unfit { code: "answer_changed", .. })));
    app.evaluation()
        .grade_waiting(&staff, &test_app.task, &instance, rate("d", 1, "10"), true)
        .await
        .unwrap();
    let work = app
        .evaluation()
        .grading_item(&staff, None, GradingCursor::At(spot(&instance)))
        .await
        .unwrap()
        .unwrap();
    assert!(work.evaluation.unwrap().given.contains("10"));
    assert!(
        app.evaluation().grading_item(&staff, None, GradingCursor::First).await.unwrap().is_none()
    );
}

#[tokio::test]
async fn another_organizations_answers_and_events_are_not_there() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let other = test_app.app.organizations().create_organization("Other").await.unwrap().id;
    let stranger = app::caller::Caller::operator(other, "Rq2".into());
    assert!(
        test_app
            .app
            .evaluation()
            .grading_item(&stranger, None, GradingCursor::First)
            .await
            .unwrap()
            .is_none()
    );
    assert!(is_not_found(
        &test_app
            .app
            .evaluation()
            .grading_item(&stranger, None, GradingCursor::At(spot(&instance)))
            .await
            .map(|_| ())
    ));
    let query = AuditQuery {
        subject: AuditSubject::Instance(instance),
        limit: 10,
        ..AuditQuery::default()
    };
    assert!(is_not_found(&test_app.app.audit().audit_log(&stranger, query).await.map(|_| ())));
    assert!(test_app.app.instances().live_overview(&stranger, None).await.unwrap().list.is_empty());
    let without = test_app.key(&[Scope::TasksRead]);
    assert!(matches!(
        test_app.app.instances().live_overview(&without, None).await,
        Err(Failure::InsufficientScope(_))
    ));
    assert!(matches!(
        test_app.app.audit().audit_log(&without, AuditQuery::default()).await,
        Err(Failure::InsufficientScope(_))
    ));
}

#[tokio::test]
async fn an_open_test_shows_where_the_candidate_is_and_what_was_answered() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.go(&visitor, &instance, 1).await.unwrap();
    test_app.clock.pass_seconds(30);
    test_app.answer(&visitor, &instance, write(slot("q1"), 1, r#"["a"]"#)).await;
    let live = test_app
        .app
        .instances()
        .live_overview(&test_app.operator(), Some(test_app.task.clone()))
        .await
        .unwrap();
    let running = &live.list[0];
    assert_eq!((running.page, running.answered, running.questions), (Some(1), 1, 5));
    assert_eq!(running.seen_at, live.at);
    assert!(running.ends.is_some() && !running.is_standing);
    assert_eq!(live.steps[0].instances, 1);
    test_app.answer(&visitor, &instance, write(slot("q1"), 2, "[]")).await;
    assert_eq!(
        test_app.app.instances().live_overview(&test_app.operator(), None).await.unwrap().list[0]
            .answered,
        0,
        "taken back"
    );
    test_app.complete(&visitor, &instance, "c").await.unwrap();
    assert!(
        test_app
            .app
            .instances()
            .live_overview(&test_app.operator(), None)
            .await
            .unwrap()
            .list
            .is_empty()
    );
}

#[tokio::test]
async fn events_are_read_newest_first_by_what_they_have_and_reading_is_an_event() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let all = |behind, limit| AuditQuery {
        subject: AuditSubject::Instance(instance.clone()),
        behind,
        limit,
        ..Default::default()
    };
    let run = app.audit().audit_log(&staff, all(None, 2)).await.unwrap();
    assert!(run.has_more && run.events[0].n > run.events[1].n);
    let older = app.audit().audit_log(&staff, all(Some(run.events[1].n), 1000)).await.unwrap();
    assert_eq!((older.has_more, older.events.last().unwrap().n), (false, 1));
    let verdict =
        app.audit().verify_events(&staff, AuditSubject::Instance(instance.clone())).await.unwrap();
    assert!(matches!(verdict, ChainVerdict::Whole { .. }));
    let read = EventFilter {
        kind: Some("audit.".into()),
        mention: Some(instance.to_string()),
        ..EventFilter::default()
    };
    let run = app
        .audit()
        .audit_log(&staff, AuditQuery { filter: read, limit: 10, ..AuditQuery::default() })
        .await
        .unwrap();
    assert_eq!(run.events.len(), 2);
    let none = EventFilter { actor: Some("Us-none".into()), ..EventFilter::default() };
    let run = app
        .audit()
        .audit_log(&staff, AuditQuery { filter: none, limit: 10, ..AuditQuery::default() })
        .await
        .unwrap();
    assert!(run.events.is_empty());
    let late = EventFilter { since: Some(app.now().plus_seconds(1)), ..EventFilter::default() };
    let run = app
        .audit()
        .audit_log(&staff, AuditQuery { filter: late, limit: 10, ..AuditQuery::default() })
        .await
        .unwrap();
    assert!(run.events.is_empty());
}

#[tokio::test]
async fn a_user_enters_the_own_registration_by_being_signed_in_and_nobody_elses() {
    let test_app = TestApp::new().await;
    let (bo, ann) = (
        crate::signing_in::signed_in(&test_app, "bo").await,
        crate::signing_in::signed_in(&test_app, "ann").await,
    );
    assert!(test_app.app.delivery().own_tasks(&bo).await.unwrap().is_empty());
    let new = NewCandidate::of(RegisteredPerson::User(bo.user.id.clone()));
    test_app
        .app
        .candidates()
        .create_candidate(&test_app.operator(), &test_app.task, new)
        .await
        .unwrap();
    let own = test_app.app.delivery().own_tasks(&bo).await.unwrap();
    assert_eq!((own.len(), own[0].steps.len(), own[0].is_active), (1, 1, true));
    test_app.app.delivery().enter_own_task(&bo, &test_app.task).await.unwrap();
    assert!(is_not_found(
        &test_app.app.delivery().enter_own_task(&ann, &test_app.task).await.map(|_| ())
    ));
    test_app.sql("UPDATE user_account SET active = false").await;
    assert!(matches!(
        test_app.app.delivery().enter_own_task(&bo, &test_app.task).await,
        Err(Failure::Unauthenticated)
    ));
}
