use app::Failure;
use app::delivery::start::StartOutcome;
use domain::instance::InstanceState;
use domain::refusal::Refusal;
use testkit::TestApp;
use testkit::failures::refusal;

#[tokio::test]
async fn a_refused_start_changes_nothing() {
    let test_app = TestApp::new().await;
    let visitor = test_app.enter().await;
    let cases = [
        ("UPDATE task SET active_after = 1767225600001", Refusal::TaskNotOpen),
        ("UPDATE task SET active_after = NULL, active_before = 1767225600000", Refusal::TaskClosed),
        ("UPDATE task SET active_before = NULL", Refusal::StepInactive),
    ];
    test_app.sql("UPDATE step SET active_before = 1767225600000").await;
    for (sql, expected) in &cases[..2] {
        test_app.sql(sql).await;
        assert_eq!(refusal(test_app.start(&visitor, "t").await), Some(*expected));
    }
    test_app.sql(cases[2].0).await;
    assert_eq!(refusal(test_app.start(&visitor, "t").await), Some(Refusal::StepClosed));
    test_app.sql("UPDATE step SET active = FALSE").await;
    assert_eq!(refusal(test_app.start(&visitor, "t").await), Some(cases[2].1));
    assert_eq!(test_app.number("SELECT revision + instance_count FROM task").await, 0);
    assert_eq!(test_app.number("SELECT count(*) FROM instance").await, 0);
    assert_eq!(test_app.number("SELECT count(*) FROM client_token").await, 0);
}

#[tokio::test]
async fn a_candidates_own_window_stands_in_the_place_of_the_steps() {
    let test_app = TestApp::new().await;
    let visitor = test_app.enter().await;
    test_app.sql("UPDATE step SET active_before = 1767225600000, active = FALSE").await;
    test_app
        .sql(r#"UPDATE candidate SET step_overrides = '{"St1":{"before":null,"active":true}}'"#)
        .await;
    assert!(test_app.start(&visitor, "t").await.is_ok());
}

#[tokio::test]
async fn attempts_are_limited_and_the_steps_say_why() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.complete(&visitor, &instance, "c").await.unwrap();
    assert_eq!(refusal(test_app.start(&visitor, "another").await), Some(Refusal::AttemptLimit));
    let step = test_app.app.delivery().steps(&visitor).await.unwrap().remove(0);
    assert_eq!(
        (step.access, step.attempts, step.is_completed),
        (Err(Refusal::AttemptLimit), 1, true)
    );
    test_app.sql("UPDATE instance SET ignored = TRUE").await;
    let step = test_app.app.delivery().steps(&visitor).await.unwrap().remove(0);
    assert_eq!((step.access, step.attempts, step.is_completed), (Ok(()), 0, false));
    assert!(test_app.start(&visitor, "another").await.is_ok());
}

#[tokio::test]
async fn prerequisites_are_asked_of_the_results_as_published() {
    let test_app = TestApp::new().await;
    let visitor = test_app.enter().await;
    let needs = |kind: &'static str| match kind {
        "completion" => {
            r#"UPDATE step SET settings = '{"prerequisites":[{"kind":"completion","step":"St1"}]}', attempt_limit = -1"#
        }
        _ => {
            r#"UPDATE step SET settings = '{"prerequisites":[{"kind":"score","step":"St1","figure":"max","minimum":"0.5"}]}'"#
        }
    };
    let first = test_app.start(&visitor, "first").await.unwrap();
    test_app.complete(&visitor, &first, "c").await.unwrap();
    test_app.sql(needs("score")).await;
    test_app.sql("UPDATE step SET attempt_limit = -1").await;
    assert_eq!(refusal(test_app.start(&visitor, "second").await), Some(Refusal::PrerequisiteScore));
    test_app.sql(needs("completion")).await;
    assert!(test_app.start(&visitor, "second").await.is_ok());
}

#[tokio::test]
async fn a_repeated_start_gives_the_same_instance_and_an_open_one_is_opened() {
    let test_app = TestApp::new().await;
    let visitor = test_app.enter().await;
    let first = test_app.app.delivery().start(&visitor, &test_app.step, "t").await.unwrap();
    assert_eq!(first.opened, StartOutcome::New);
    // Whoever has an open instance may come back after closing.
    test_app.sql("UPDATE task SET active_before = 1767225600000").await;
    assert_eq!(test_app.app.delivery().start(&visitor, &test_app.step, "t").await.unwrap(), first);
    let other_device = test_app.enter().await;
    let again = test_app.app.delivery().start(&other_device, &test_app.step, "u").await.unwrap();
    assert_eq!((again.opened, &again.instance_id), (StartOutcome::Existing, &first.instance_id));
    let row = test_app.row(&first.instance_id).await;
    assert_eq!((row.ordinal, row.revision, row.state), (1, 1, InstanceState::Started));
    assert_eq!(
        (row.folder.as_str(), row.group_name.as_str(), row.external_id.as_deref()),
        ("Hiring", "A", Some("E-7"))
    );
    test_app.complete(&visitor, &first.instance_id, "c").await.unwrap();
    assert_eq!(test_app.app.delivery().start(&visitor, &test_app.step, "t").await.unwrap(), first);
    assert_eq!(test_app.number("SELECT instance_count FROM task").await, 1);
}

#[tokio::test]
async fn another_persons_instance_does_not_exist() {
    let test_app = TestApp::new().await;
    let (_, instance) = test_app.start_on_first_page().await;
    test_app.add_candidate(test_app.candidate("Ca2", Some("0000000000"))).await;
    let stranger = testkit::candidate_session(
        &test_app
            .app
            .delivery()
            .enter_by_code(&testkit::client_context(3), "0000000000")
            .await
            .unwrap(),
    );
    assert!(matches!(
        test_app.app.delivery().instance_view(&stranger, &instance).await,
        Err(Failure::NotFound)
    ));
    assert!(matches!(
        test_app.app.delivery().test_view(&stranger, &instance).await,
        Err(Failure::NotFound)
    ));
    assert!(matches!(
        test_app.app.delivery().open_instance(&stranger, &instance).await,
        Err(Failure::NotFound)
    ));
    assert!(matches!(test_app.complete(&stranger, &instance, "c").await, Err(Failure::NotFound)));
    assert!(matches!(
        test_app.app.delivery().save_answers(&stranger, &instance, Vec::new()).await,
        Err(Failure::NotFound)
    ));
}
