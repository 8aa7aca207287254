use crate::hall::{Hall, refusal};
use app::Failure;
use app::delivery::start::Opened;
use domain::instance::State;
use domain::refusal::Refusal;

#[tokio::test]
async fn a_refused_start_changes_nothing() {
    let hall = Hall::new().await;
    let visitor = hall.enter().await;
    let cases = [
        ("UPDATE task SET active_after = 1767225600001", Refusal::TaskNotOpen),
        ("UPDATE task SET active_after = NULL, active_before = 1767225600000", Refusal::TaskClosed),
        ("UPDATE task SET active_before = NULL", Refusal::StepInactive),
    ];
    hall.sql("UPDATE step SET active_before = 1767225600000").await;
    for (sql, expected) in &cases[..2] {
        hall.sql(sql).await;
        assert_eq!(refusal(hall.start(&visitor, "t").await), Some(*expected));
    }
    hall.sql(cases[2].0).await;
    assert_eq!(refusal(hall.start(&visitor, "t").await), Some(Refusal::StepClosed));
    hall.sql("UPDATE step SET active = FALSE").await;
    assert_eq!(refusal(hall.start(&visitor, "t").await), Some(cases[2].1));
    assert_eq!(hall.number("SELECT revision + instance_count FROM task").await, 0);
    assert_eq!(hall.number("SELECT count(*) FROM instance").await, 0);
    assert_eq!(hall.number("SELECT count(*) FROM client_token").await, 0);
}

#[tokio::test]
async fn a_candidates_own_window_stands_in_the_place_of_the_steps() {
    let hall = Hall::new().await;
    let visitor = hall.enter().await;
    hall.sql("UPDATE step SET active_before = 1767225600000, active = FALSE").await;
    hall.sql(r#"UPDATE candidate SET step_overrides = '{"St1":{"before":null,"active":true}}'"#).await;
    assert!(hall.start(&visitor, "t").await.is_ok());
}

#[tokio::test]
async fn attempts_are_limited_and_the_steps_say_why() {
    let hall = Hall::new().await;
    let (visitor, instance) = hall.seated().await;
    hall.complete(&visitor, &instance, "c").await.unwrap();
    assert_eq!(refusal(hall.start(&visitor, "another").await), Some(Refusal::AttemptLimit));
    let step = hall.app.steps(&visitor).await.unwrap().remove(0);
    assert_eq!((step.access, step.attempts, step.is_completed), (Err(Refusal::AttemptLimit), 1, true));
    hall.sql("UPDATE instance SET ignored = TRUE").await;
    let step = hall.app.steps(&visitor).await.unwrap().remove(0);
    assert_eq!((step.access, step.attempts, step.is_completed), (Ok(()), 0, false));
    assert!(hall.start(&visitor, "another").await.is_ok());
}

#[tokio::test]
async fn prerequisites_are_asked_of_the_results_as_published() {
    let hall = Hall::new().await;
    let visitor = hall.enter().await;
    let needs = |kind: &'static str| match kind {
        "completion" => {
            r#"UPDATE step SET settings = '{"prerequisites":[{"kind":"completion","step":"St1"}]}', attempt_limit = -1"#
        }
        _ => {
            r#"UPDATE step SET settings = '{"prerequisites":[{"kind":"score","step":"St1","figure":"max","minimum":"0.5"}]}'"#
        }
    };
    let first = hall.start(&visitor, "first").await.unwrap();
    hall.complete(&visitor, &first, "c").await.unwrap();
    hall.sql(needs("score")).await;
    hall.sql("UPDATE step SET attempt_limit = -1").await;
    assert_eq!(refusal(hall.start(&visitor, "second").await), Some(Refusal::PrerequisiteScore));
    hall.sql(needs("completion")).await;
    assert!(hall.start(&visitor, "second").await.is_ok());
}

#[tokio::test]
async fn a_repeated_start_gives_the_same_instance_and_an_open_one_is_opened() {
    let hall = Hall::new().await;
    let visitor = hall.enter().await;
    let first = hall.app.start(&visitor, &hall.step, "t").await.unwrap();
    assert_eq!(first.opened, Opened::New);
    // Whoever has an open instance may come back after closing.
    hall.sql("UPDATE task SET active_before = 1767225600000").await;
    assert_eq!(hall.app.start(&visitor, &hall.step, "t").await.unwrap(), first);
    let other_device = hall.enter().await;
    let again = hall.app.start(&other_device, &hall.step, "u").await.unwrap();
    assert_eq!((again.opened, &again.instance_id), (Opened::Existing, &first.instance_id));
    let row = hall.row(&first.instance_id).await;
    assert_eq!((row.ordinal, row.revision, row.state), (1, 1, State::Started));
    assert_eq!(
        (row.folder.as_str(), row.group_name.as_str(), row.external_id.as_deref()),
        ("Hiring", "A", Some("E-7"))
    );
    hall.complete(&visitor, &first.instance_id, "c").await.unwrap();
    assert_eq!(hall.app.start(&visitor, &hall.step, "t").await.unwrap(), first);
    assert_eq!(hall.number("SELECT instance_count FROM task").await, 1);
}

#[tokio::test]
async fn another_persons_instance_does_not_exist() {
    let hall = Hall::new().await;
    let (_, instance) = hall.seated().await;
    hall.add_candidate(hall.candidate("Ca2", Some("0000000000"))).await;
    let stranger = crate::hall::visitor(&hall.app.enter_by_code(&crate::hall::knock(3), "0000000000").await.unwrap());
    assert!(matches!(hall.app.instance_view(&stranger, &instance).await, Err(Failure::NotFound)));
    assert!(matches!(hall.app.test_view(&stranger, &instance).await, Err(Failure::NotFound)));
    assert!(matches!(hall.app.open_instance(&stranger, &instance).await, Err(Failure::NotFound)));
    assert!(matches!(hall.complete(&stranger, &instance, "c").await, Err(Failure::NotFound)));
    assert!(matches!(hall.app.save_answers(&stranger, &instance, Vec::new()).await, Err(Failure::NotFound)));
}
