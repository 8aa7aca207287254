use app::Failure;
use app::delivery::complete::SubmitRequest;
use app::delivery::page::EnterPage;
use domain::refusal::Refusal;
use testkit::failures::{outcome_code, refusal};
use testkit::{TestApp, write};

const LINEAR: &str = r#"{ "assay": 1, "key": "two", "title": "Two pages", "navigation": "linear",
  "mandatory": { "page": "prevent", "section": "off", "test": "warn" },
  "sections": [ { "key": "s", "title": "S", "navigation": "linear", "pages": [
    { "key": "p1", "timeLimit": 60, "questions": [ { "key": "q1", "kind": "input", "type": "field", "text": "One?", "required": true, "rules": [ { "rule": "equal", "value": "1", "percentage": 100 } ] } ] },
    { "key": "p2", "questions": [ { "key": "q2", "kind": "input", "type": "field", "text": "Two?", "required": true, "rules": [ { "rule": "equal", "value": "2", "percentage": 100 } ] } ] } ] } ] }"#;

#[tokio::test]
async fn a_page_that_was_left_takes_no_answers_and_what_was_not_entered_is_not_sent() {
    let test_app = TestApp::with(LINEAR).await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    assert_eq!(test_app.app.delivery().test_view(&visitor, &instance).await.unwrap().pages, [0]);
    assert_eq!(
        refusal(test_app.go(&visitor, &instance, 2).await),
        Some(Refusal::RequiredUnanswered)
    );
    let request = EnterPage { page: 2, confirm: false, writes: vec![write(1, 1, r#""1""#)] };
    let entered = test_app.app.delivery().enter_page(&visitor, &instance, request).await.unwrap();
    assert_eq!(outcome_code(&entered.writes[0]), "kept");
    assert_eq!(entered.instance.current, Some(1));
    assert_eq!(test_app.app.delivery().test_view(&visitor, &instance).await.unwrap().pages, [1]);
    assert_eq!(
        outcome_code(&test_app.answer(&visitor, &instance, write(1, 2, r#""0""#)).await),
        "page_locked"
    );
    assert_eq!(
        refusal(test_app.go(&visitor, &instance, 1).await),
        Some(Refusal::NavigationNotAllowed)
    );
    assert!(test_app.go(&visitor, &instance, 2).await.is_ok());
    assert_eq!(refusal(test_app.go(&visitor, &instance, 3).await), Some(Refusal::NotFound));
    let events = test_app.events(&instance).await;
    assert_eq!(
        events,
        ["instance.started", "instance.page_entered", "instance.page_entered", "instance.locked"]
    );
}

#[tokio::test]
async fn a_refused_move_keeps_nothing_of_what_rode_along() {
    let test_app = TestApp::with(LINEAR).await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    let request = EnterPage { page: 2, confirm: true, writes: vec![write(1, 1, r#"" ""#)] };
    let refused = test_app.app.delivery().enter_page(&visitor, &instance, request).await;
    let Err(Failure::Refused(refused)) = refused else { panic!("{refused:?}") };
    assert_eq!((refused.code, refused.slots), (Refusal::RequiredUnanswered, vec![1]));
    assert_eq!(test_app.number("SELECT count(*) FROM receipt").await, 0);
}

#[tokio::test]
async fn a_page_locks_when_its_time_is_over_and_the_next_waits_to_be_entered() {
    let test_app = TestApp::with(LINEAR).await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.clock.pass_seconds(60);
    assert_eq!(
        outcome_code(&test_app.answer(&visitor, &instance, write(1, 1, r#""1""#)).await),
        "kept"
    );
    test_app.clock.pass_millis(2001);
    assert_eq!(
        outcome_code(&test_app.answer(&visitor, &instance, write(1, 2, r#""2""#)).await),
        "time_over"
    );
    let view = test_app.app.delivery().instance_view(&visitor, &instance).await.unwrap();
    assert!(view.pages[0].locked && view.pages[1].can_enter);
    test_app.go(&visitor, &instance, 2).await.unwrap();
    assert!(test_app.events(&instance).await.contains(&"instance.locked".to_owned()));
}

#[tokio::test]
async fn an_unanswered_required_question_asks_for_a_confirmation_at_the_end() {
    let test_app = TestApp::with(LINEAR).await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.answer(&visitor, &instance, write(1, 1, r#""1""#)).await;
    test_app.go(&visitor, &instance, 2).await.unwrap();
    let submit = |confirm: bool| SubmitRequest {
        client_token: format!("c{confirm}"),
        confirm,
        without_uploads: false,
        writes: Vec::new(),
    };
    let refused = test_app.app.delivery().submit_instance(&visitor, &instance, submit(false)).await;
    let Err(Failure::Refused(refused)) = refused else { panic!("{refused:?}") };
    // The page would prevent leaving it, and completing leaves it.
    assert_eq!((refused.code, refused.slots), (Refusal::RequiredUnanswered, vec![2]));
    test_app.answer(&visitor, &instance, write(2, 1, r#""2""#)).await;
    assert!(
        test_app.app.delivery().submit_instance(&visitor, &instance, submit(false)).await.is_ok()
    );
}
