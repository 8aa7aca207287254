use app::delivery::complete::SubmitRequest;
use domain::instance::{ClosingReason, InstanceState};
use domain::refusal::Refusal;
use domain::time::Timestamp;
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use testkit::failures::{outcome_code, refusal};
use testkit::{TestApp, write};

#[tokio::test]
async fn completing_twice_with_a_token_gives_the_first_receipt_and_without_it_is_refused() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    assert_eq!(
        refusal(test_app.app.delivery().receipt(&visitor, &instance).await),
        Some(Refusal::InstanceOpen)
    );
    let request = SubmitRequest {
        client_token: "c".into(),
        confirm: true,
        without_uploads: false,
        writes: vec![write(1, 1, r#"["a","b"]"#)],
    };
    let first = test_app
        .app
        .delivery()
        .submit_instance(&visitor, &instance, request.clone())
        .await
        .unwrap();
    assert_eq!(outcome_code(&first.writes[0]), "kept");
    test_app.clock.pass_seconds(5);
    let again =
        test_app.app.delivery().submit_instance(&visitor, &instance, request).await.unwrap();
    assert_eq!(again.receipt, first.receipt);
    assert_eq!(
        refusal(test_app.complete(&visitor, &instance, "other").await),
        Some(Refusal::InstanceComplete)
    );
    assert_eq!(test_app.app.delivery().receipt(&visitor, &instance).await.unwrap(), first.receipt);
    assert_eq!(test_app.number("SELECT count(*) FROM result_version").await, 1);
    assert_eq!(test_app.number("SELECT revision FROM task").await, 2);
}

#[tokio::test]
async fn a_receipt_is_signed_by_the_server_over_the_chain_of_answers() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.answer(&visitor, &instance, write(2, 1, r#""12.1""#)).await;
    let receipt = test_app.complete(&visitor, &instance, "c").await.unwrap().receipt;
    assert_eq!((receipt.n, receipt.completed_at), (1, test_app.now()));
    let key = VerifyingKey::from_bytes(&receipt.public_key).unwrap();
    key.verify(receipt.text().as_bytes(), &Signature::from_bytes(&receipt.signature)).unwrap();
    assert!(
        receipt.text().contains(r#""n":1"#) && !receipt.text().contains("points"),
        "{}",
        receipt.text()
    );
}

#[tokio::test]
async fn after_completion_nothing_is_answered_opened_entered_or_shown() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.answer(&visitor, &instance, write(1, 1, r#"["a"]"#)).await;
    test_app.complete(&visitor, &instance, "c").await.unwrap();
    assert_eq!(
        outcome_code(&test_app.answer(&visitor, &instance, write(1, 2, r#"["b"]"#)).await),
        "instance_complete"
    );
    assert_eq!(
        outcome_code(&test_app.answer(&visitor, &instance, write(1, 1, r#"["a"]"#)).await),
        "repeated"
    );
    assert_eq!(
        refusal(test_app.app.delivery().open_instance(&visitor, &instance).await),
        Some(Refusal::InstanceComplete)
    );
    assert_eq!(refusal(test_app.go(&visitor, &instance, 2).await), Some(Refusal::InstanceComplete));
    assert_eq!(
        refusal(test_app.app.delivery().test_view(&visitor, &instance).await),
        Some(Refusal::InstanceComplete)
    );
    let view = test_app.app.delivery().instance_view(&visitor, &instance).await.unwrap();
    assert_eq!(
        (view.state, view.closing),
        (InstanceState::Complete, Some(ClosingReason::Submitted))
    );
    assert!(view.pages.iter().all(|page| page.locked));
    let events = test_app.events(&instance).await;
    assert_eq!(events[2..], ["result.version_created", "instance.completed"]);
}

#[tokio::test]
async fn completing_in_the_grace_is_submitting_at_the_deadline() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.clock.pass_seconds(1801);
    let receipt = test_app.complete(&visitor, &instance, "c").await.unwrap().receipt;
    assert_eq!(receipt.completed_at.seconds(), 1_767_225_600 + 1800);
    assert_eq!(test_app.row(&instance).await.closing, Some(ClosingReason::Submitted));
}

#[tokio::test]
async fn a_receipt_is_known_again_and_nothing_else_is() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    assert_eq!(
        refusal(test_app.app.delivery().closing_text(&visitor, &instance).await),
        Some(Refusal::InstanceOpen)
    );
    let receipt = test_app.complete(&visitor, &instance, "done").await.unwrap().receipt;
    let existing = test_app
        .app
        .delivery()
        .verify_receipt(&receipt.text(), &receipt.signature)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (existing.instance, existing.n, existing.digest),
        (instance.clone(), receipt.n, receipt.digest)
    );
    let other = receipt.text().replace("\"n\":0", "\"n\":1");
    assert_eq!(
        test_app.app.delivery().verify_receipt(&other, &receipt.signature).await.unwrap(),
        None
    );
    assert_eq!(
        test_app.app.delivery().verify_receipt(&receipt.text(), &[0; 64]).await.unwrap(),
        None
    );
    let steps = test_app.app.delivery().steps(&visitor).await.unwrap();
    assert_eq!(steps[0].completed, [instance]);
}

#[tokio::test]
async fn what_awaits_a_candidate_is_told_before_the_start_with_their_own_time_and_window() {
    let test_app = TestApp::new().await;
    test_app.sql("UPDATE candidate SET time_factor = '1.5', active_after = 1000").await;
    test_app.sql("UPDATE task SET active_after = 500, active_before = 9000000000000").await;
    let visitor = test_app.enter().await;
    let brief = test_app.app.delivery().step_brief(&visitor, &test_app.step).await.unwrap();
    assert_eq!((brief.time_limit, brief.step.attempts), (2700, 0));
    let window = brief.step.window;
    assert_eq!(
        (window.after, window.before),
        (Some(Timestamp(1000)), Some(Timestamp(9_000_000_000_000)))
    );
    assert!(test_app.app.delivery().step_brief(&visitor, &"St-none".into()).await.is_err());
}
