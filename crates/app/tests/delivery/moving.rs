use crate::hall::{Hall, refusal, word, write};
use app::Failure;
use app::delivery::complete::Submit;
use app::delivery::page::EnterPage;
use domain::refusal::Refusal;

const LINEAR: &str = r#"{ "assay": 1, "key": "two", "title": "Two pages", "navigation": "linear",
  "mandatory": { "page": "prevent", "section": "off", "test": "warn" },
  "sections": [ { "key": "s", "title": "S", "navigation": "linear", "pages": [
    { "key": "p1", "timeLimit": 60, "questions": [ { "key": "q1", "kind": "input", "type": "field", "text": "One?", "required": true, "rules": [ { "rule": "equal", "value": "1", "percentage": 100 } ] } ] },
    { "key": "p2", "questions": [ { "key": "q2", "kind": "input", "type": "field", "text": "Two?", "required": true, "rules": [ { "rule": "equal", "value": "2", "percentage": 100 } ] } ] } ] } ] }"#;

#[tokio::test]
async fn a_page_that_was_left_takes_no_answers_and_what_was_not_entered_is_not_sent() {
    let hall = Hall::with(LINEAR).await;
    let (visitor, instance) = hall.seated().await;
    assert_eq!(hall.app.test_view(&visitor, &instance).await.unwrap().pages, [0]);
    assert_eq!(refusal(hall.go(&visitor, &instance, 2).await), Some(Refusal::RequiredUnanswered));
    let asked = EnterPage { page: 2, confirm: false, writes: vec![write(1, 1, r#""1""#)] };
    let entered = hall.app.enter_page(&visitor, &instance, asked).await.unwrap();
    assert_eq!(word(&entered.writes[0]), "kept");
    assert_eq!(entered.instance.current, Some(1));
    assert_eq!(hall.app.test_view(&visitor, &instance).await.unwrap().pages, [1]);
    assert_eq!(word(&hall.answer(&visitor, &instance, write(1, 2, r#""0""#)).await), "page_locked");
    assert_eq!(refusal(hall.go(&visitor, &instance, 1).await), Some(Refusal::NavigationNotAllowed));
    assert!(hall.go(&visitor, &instance, 2).await.is_ok());
    assert_eq!(refusal(hall.go(&visitor, &instance, 3).await), Some(Refusal::NotFound));
    let events = hall.events(&instance).await;
    assert_eq!(events, ["instance.started", "instance.page_entered", "instance.page_entered", "instance.locked"]);
}

#[tokio::test]
async fn a_refused_move_keeps_nothing_of_what_rode_along() {
    let hall = Hall::with(LINEAR).await;
    let (visitor, instance) = hall.seated().await;
    let asked = EnterPage { page: 2, confirm: true, writes: vec![write(1, 1, r#"" ""#)] };
    let refused = hall.app.enter_page(&visitor, &instance, asked).await;
    let Err(Failure::Refused(refused)) = refused else { panic!("{refused:?}") };
    assert_eq!((refused.code, refused.slots), (Refusal::RequiredUnanswered, vec![1]));
    assert_eq!(hall.number("SELECT count(*) FROM receipt").await, 0);
}

#[tokio::test]
async fn a_page_locks_when_its_time_is_over_and_the_next_waits_to_be_entered() {
    let hall = Hall::with(LINEAR).await;
    let (visitor, instance) = hall.seated().await;
    hall.clock.pass_seconds(60);
    assert_eq!(word(&hall.answer(&visitor, &instance, write(1, 1, r#""1""#)).await), "kept");
    hall.clock.pass_millis(2001);
    assert_eq!(word(&hall.answer(&visitor, &instance, write(1, 2, r#""2""#)).await), "time_over");
    let view = hall.app.instance_view(&visitor, &instance).await.unwrap();
    assert!(view.pages[0].locked && view.pages[1].can_enter);
    hall.go(&visitor, &instance, 2).await.unwrap();
    assert!(hall.events(&instance).await.contains(&"instance.locked".to_owned()));
}

#[tokio::test]
async fn an_unanswered_required_question_asks_for_a_confirmation_at_the_end() {
    let hall = Hall::with(LINEAR).await;
    let (visitor, instance) = hall.seated().await;
    hall.answer(&visitor, &instance, write(1, 1, r#""1""#)).await;
    hall.go(&visitor, &instance, 2).await.unwrap();
    let submit = |confirm: bool| Submit {
        client_token: format!("c{confirm}"),
        confirm,
        without_uploads: false,
        writes: Vec::new(),
    };
    let refused = hall.app.complete(&visitor, &instance, submit(false)).await;
    let Err(Failure::Refused(refused)) = refused else { panic!("{refused:?}") };
    // The page would prevent leaving it, and completing leaves it.
    assert_eq!((refused.code, refused.slots), (Refusal::RequiredUnanswered, vec![2]));
    hall.answer(&visitor, &instance, write(2, 1, r#""2""#)).await;
    assert!(hall.app.complete(&visitor, &instance, submit(false)).await.is_ok());
}
