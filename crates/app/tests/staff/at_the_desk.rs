//! The evaluator's desk, the picture of now, the audit log, and users who take tests themselves.

use crate::hall::{Hall, write};
use crate::office::{candidate_a, candidate_a_as, count_on, decimal, given, is_not_found, key, operator, slot};
use app::Failure;
use app::audit::{AuditQuery, Filter, Subject, Verdict};
use app::candidates::{NewCandidate, Person};
use app::evaluation::{ALREADY_EVALUATED, Evaluations, NewGiven, Seek, Spot};
use domain::id::InstanceId;
use domain::instance::Scope;

fn spot(instance: &InstanceId) -> Spot {
    Spot { instance: instance.clone(), slot: slot("q5") }
}

fn rate(token: &str, seq: u64, percent: &str) -> Evaluations {
    let list = vec![given(slot("q5"), seq, NewGiven::Percentage(decimal(percent)))];
    Evaluations { client_token: token.into(), list, note: None }
}

#[tokio::test]
async fn answers_are_laid_out_in_one_order_forwards_and_backwards() {
    let hall = Hall::new().await;
    let first = candidate_a(&hall).await;
    hall.sql("UPDATE step SET attempt_limit = 2").await;
    let second = candidate_a_as(&hall, "again").await;
    let staff = operator(&hall);
    let work = hall.app.work(&staff, None, Seek::First).await.unwrap().unwrap();
    assert_eq!((&work.instance, work.slot, work.seq), (&first, slot("q5"), 1));
    let next = hall.app.work(&staff, Some(hall.task.clone()), Seek::After(spot(&first))).await.unwrap().unwrap();
    assert_eq!(next.instance, second);
    assert!(hall.app.work(&staff, None, Seek::After(spot(&second))).await.unwrap().is_none());
    let back = hall.app.work(&staff, None, Seek::Before(spot(&second))).await.unwrap().unwrap();
    assert_eq!(back.instance, first);
    assert!(hall.app.work(&staff, None, Seek::Before(spot(&first))).await.unwrap().is_none());
    let waiting = hall.app.waiting_tasks(&staff).await.unwrap();
    assert_eq!((waiting.len(), waiting[0].instances, waiting[0].answers), (1, 2, 2));
}

#[tokio::test]
async fn what_is_foreseen_is_what_comes_and_the_second_evaluator_is_told() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let (app, staff) = (&hall.app, operator(&hall));
    let new = given(slot("q5"), 1, NewGiven::Percentage(decimal("62.5")));
    let foreseen = app.foresee(&staff, &hall.task, &instance, new).await.unwrap();
    assert_eq!(hall.row(&instance).await.waiting, 1, "nothing is kept");
    let done = app.evaluate_waiting(&staff, &hall.task, &instance, rate("a", 1, "62.5"), false).await.unwrap();
    assert_eq!(done, foreseen);
    assert_eq!((done.before.waiting, done.after.waiting), (1, 0));
    let repeat = app.evaluate_waiting(&staff, &hall.task, &instance, rate("a", 1, "62.5"), false).await.unwrap();
    assert_eq!(repeat, done, "sent twice, done once");
    let late = app.evaluate_waiting(&staff, &hall.task, &instance, rate("b", 1, "10"), false).await;
    assert!(matches!(late, Err(Failure::Unfit { code: ALREADY_EVALUATED, .. })));
    let changed = app.evaluate_waiting(&staff, &hall.task, &instance, rate("c", 7, "10"), false).await;
    assert!(matches!(changed, Err(Failure::Unfit { code: "answer_changed", .. })));
    app.evaluate_waiting(&staff, &hall.task, &instance, rate("d", 1, "10"), true).await.unwrap();
    let work = app.work(&staff, None, Seek::At(spot(&instance))).await.unwrap().unwrap();
    assert!(work.given.unwrap().given.contains("10"));
    assert!(app.work(&staff, None, Seek::First).await.unwrap().is_none());
}

#[tokio::test]
async fn another_organizations_answers_and_events_are_not_there() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let other = hall.app.create_organization("Other").await.unwrap().id;
    let stranger = app::caller::Caller::operator(other, "Rq2".into());
    assert!(hall.app.work(&stranger, None, Seek::First).await.unwrap().is_none());
    assert!(is_not_found(&hall.app.work(&stranger, None, Seek::At(spot(&instance))).await.map(|_| ())));
    let query = AuditQuery { subject: Subject::Instance(instance), limit: 10, ..AuditQuery::default() };
    assert!(is_not_found(&hall.app.audit(&stranger, query).await.map(|_| ())));
    assert!(hall.app.live(&stranger, None).await.unwrap().list.is_empty());
    let without = key(&hall, &[Scope::TasksRead]);
    assert!(matches!(hall.app.live(&without, None).await, Err(Failure::InsufficientScope(_))));
    assert!(matches!(hall.app.audit(&without, AuditQuery::default()).await, Err(Failure::InsufficientScope(_))));
}

#[tokio::test]
async fn an_open_test_shows_where_the_candidate_is_and_what_was_answered() {
    let hall = Hall::new().await;
    let (visitor, instance) = hall.seated().await;
    hall.go(&visitor, &instance, 1).await.unwrap();
    hall.clock.pass_seconds(30);
    hall.answer(&visitor, &instance, write(slot("q1"), 1, r#"["a"]"#)).await;
    let live = hall.app.live(&operator(&hall), Some(hall.task.clone())).await.unwrap();
    let running = &live.list[0];
    assert_eq!((running.page, running.answered, running.questions), (Some(1), 1, 5));
    assert_eq!(running.seen_at, live.at);
    assert!(running.ends.is_some() && !running.is_standing);
    assert_eq!(live.steps[0].instances, 1);
    hall.answer(&visitor, &instance, write(slot("q1"), 2, "[]")).await;
    assert_eq!(hall.app.live(&operator(&hall), None).await.unwrap().list[0].answered, 0, "taken back");
    hall.complete(&visitor, &instance, "c").await.unwrap();
    assert!(hall.app.live(&operator(&hall), None).await.unwrap().list.is_empty());
}

#[tokio::test]
async fn events_are_read_newest_first_by_what_they_have_and_reading_is_an_event() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let (app, staff) = (&hall.app, operator(&hall));
    let all = |behind, limit| AuditQuery {
        subject: Subject::Instance(instance.clone()),
        behind,
        limit,
        ..Default::default()
    };
    let run = app.audit(&staff, all(None, 2)).await.unwrap();
    assert!(run.has_more && run.events[0].n > run.events[1].n);
    let older = app.audit(&staff, all(Some(run.events[1].n), 1000)).await.unwrap();
    assert_eq!((older.has_more, older.events.last().unwrap().n), (false, 1));
    let verdict = app.verify_events(&staff, Subject::Instance(instance.clone())).await.unwrap();
    assert!(matches!(verdict, Verdict::Whole { .. }));
    let read = Filter { kind: Some("audit.".into()), mention: Some(instance.to_string()), ..Filter::default() };
    let run = app.audit(&staff, AuditQuery { filter: read, limit: 10, ..AuditQuery::default() }).await.unwrap();
    assert_eq!(run.events.len(), 2);
    let none = Filter { actor: Some("Us-none".into()), ..Filter::default() };
    let run = app.audit(&staff, AuditQuery { filter: none, limit: 10, ..AuditQuery::default() }).await.unwrap();
    assert!(run.events.is_empty());
    let late = Filter { since: Some(app.now().plus_seconds(1)), ..Filter::default() };
    let run = app.audit(&staff, AuditQuery { filter: late, limit: 10, ..AuditQuery::default() }).await.unwrap();
    assert!(run.events.is_empty());
}

#[tokio::test]
async fn a_user_enters_the_own_registration_by_being_signed_in_and_nobody_elses() {
    let hall = Hall::new().await;
    count_on(&hall).await;
    let (bo, ann) = (crate::signing_in::signed_in(&hall, "bo").await, crate::signing_in::signed_in(&hall, "ann").await);
    assert!(hall.app.own_tasks(&bo).await.unwrap().is_empty());
    let new = NewCandidate::of(Person::User(bo.user.id.clone()));
    hall.app.create_candidate(&operator(&hall), &hall.task, new).await.unwrap();
    let own = hall.app.own_tasks(&bo).await.unwrap();
    assert_eq!((own.len(), own[0].steps.len(), own[0].is_active), (1, 1, true));
    hall.app.enter_own(&bo, &hall.task).await.unwrap();
    assert!(is_not_found(&hall.app.enter_own(&ann, &hall.task).await.map(|_| ())));
    hall.sql("UPDATE user_account SET active = false").await;
    assert!(matches!(hall.app.enter_own(&bo, &hall.task).await, Err(Failure::Unauthenticated)));
}
