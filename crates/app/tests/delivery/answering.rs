use app::delivery::answers::WriteResult;
use domain::receipt;
use domain::refusal::Refusal;
use testkit::failures::{outcome_code, refusal};
use testkit::{TestApp, write};

#[tokio::test]
async fn what_does_not_fit_is_refused_in_its_place_and_the_rest_is_kept() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    let writes = vec![
        write(1, 1, r#"["a","z"]"#),
        write(2, 1, r#"{"no":"text"}"#),
        write(99, 1, r#""x""#),
        write(3, 1, r#"{"i1":"o1"}"#),
        write(2, 1, r#""12.1""#),
    ];
    let written = test_app.app.delivery().save_answers(&visitor, &instance, writes).await.unwrap();
    let words: Vec<_> = written.iter().map(outcome_code).collect();
    // Slot 3 is on a page that was not entered.
    assert_eq!(
        words,
        ["response_unknown_key", "response_wrong_shape", "not_found", "page_locked", "kept"]
    );
    assert_eq!(test_app.number("SELECT count(*) FROM receipt").await, 1);
}

#[tokio::test]
async fn a_sequence_number_counts_once_and_older_work_never_wins() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    let first = test_app.answer(&visitor, &instance, write(1, 5, r#"["b","a"]"#)).await;
    assert_eq!(outcome_code(&first), "kept");
    test_app.clock.pass_seconds(3);
    let WriteResult::Acknowledged(acknowledgement) = &first else { panic!() };
    let WriteResult::Acknowledged(again) =
        test_app.answer(&visitor, &instance, write(1, 5, r#"["a","b"]"#)).await
    else {
        panic!()
    };
    assert_eq!(
        (again.outcome.as_str(), again.n, again.received_at, again.digest),
        ("repeated", 1, acknowledgement.received_at, acknowledgement.digest)
    );
    assert_eq!(
        outcome_code(&test_app.answer(&visitor, &instance, write(1, 5, r#"["a"]"#)).await),
        "seq_conflict"
    );
    let WriteResult::Acknowledged(late) =
        test_app.answer(&visitor, &instance, write(1, 4, r#"["d"]"#)).await
    else {
        panic!()
    };
    assert_eq!((late.outcome.as_str(), late.seq, late.kept_seq), ("superseded", 4, 5));
    assert_eq!(
        outcome_code(&test_app.answer(&visitor, &instance, write(1, 6, "[]")).await),
        "kept"
    );
    assert_eq!(test_app.number("SELECT count(*) FROM receipt").await, 2);
    assert_eq!(
        test_app.app.delivery().stored_answers(&visitor, &instance).await.unwrap()[0]
            .receipt
            .response
            .as_deref(),
        Some("[]")
    );
}

#[tokio::test]
async fn receipts_form_a_chain_that_anybody_can_recompute() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    let writes = vec![write(2, 1, r#""12""#), write(1, 9, r#"["a"]"#), write(2, 2, r#""12.1""#)];
    let written = test_app.app.delivery().save_answers(&visitor, &instance, writes).await.unwrap();
    let mut digest = receipt::first(&instance);
    for (n, (written, response)) in
        written.iter().zip([r#""12""#, r#"["a"]"#, r#""12.1""#]).enumerate()
    {
        let WriteResult::Acknowledged(acknowledgement) = written else { panic!() };
        digest = receipt::next(
            &digest,
            n as u64 + 1,
            acknowledgement.slot,
            acknowledgement.seq,
            response,
        );
        assert_eq!((acknowledgement.n, acknowledgement.digest), (n as u64 + 1, digest));
    }
}

#[tokio::test]
async fn a_switch_that_is_turned_off_keeps_everybody_out_while_the_clock_runs_on() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    for (off, expected) in [
        ("UPDATE step SET active = FALSE", Refusal::StepInactive),
        ("UPDATE candidate SET active = FALSE", Refusal::CandidateInactive),
        ("UPDATE task SET active = FALSE", Refusal::TaskInactive),
    ] {
        test_app.sql(off).await;
        let saved = test_app
            .app
            .delivery()
            .save_answers(&visitor, &instance, vec![write(1, 1, r#"["a"]"#)])
            .await;
        assert_eq!(refusal(saved), Some(expected));
        assert_eq!(refusal(test_app.go(&visitor, &instance, 2).await), Some(expected));
        assert_eq!(
            refusal(test_app.app.delivery().open_instance(&visitor, &instance).await),
            Some(expected)
        );
    }
    test_app.clock.pass_seconds(1803);
    assert_eq!(test_app.app.delivery().sweep_deadlines().await.unwrap().completed, 1);
}

#[tokio::test]
async fn an_answer_in_the_grace_of_the_deadline_is_kept_and_a_later_one_is_not() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.clock.pass_seconds(1802);
    assert_eq!(
        outcome_code(&test_app.answer(&visitor, &instance, write(1, 1, r#"["a"]"#)).await),
        "kept"
    );
    assert_eq!(refusal(test_app.go(&visitor, &instance, 2).await), Some(Refusal::TimeOver));
    test_app.clock.pass_millis(1);
    assert_eq!(
        outcome_code(&test_app.answer(&visitor, &instance, write(1, 2, r#"["b"]"#)).await),
        "time_over"
    );
    assert_eq!(
        outcome_code(&test_app.answer(&visitor, &instance, write(1, 1, r#"["a"]"#)).await),
        "repeated"
    );
}

#[tokio::test]
async fn an_evaluation_is_dropped_when_its_answer_changes_after_reinstating_and_moves_along_when_it_does_not()
 {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.answer(&visitor, &instance, write(1, 1, r#"["a"]"#)).await;
    test_app.answer(&visitor, &instance, write(2, 1, r#""12""#)).await;
    test_app.sql("UPDATE instance SET state = 'RESETUP'").await;
    test_app.sql(
        r#"INSERT INTO evaluation (instance_id, slot, given_kind, given, method, comment, actor_kind, actor_id, at, seq)
        SELECT id, 1, 'percentage', '{"percentage":50,"scale":{"points":2,"negativePoints":0.5},"method":"manual","seq":1}', 'manual', NULL, 'key', 'Ky1', 0, 1 FROM instance
        UNION ALL
        SELECT id, 2, 'points', '{"points":1.25,"scale":{"points":1.5,"negativePoints":0},"method":"manual","seq":1}', 'manual', NULL, 'key', 'Ky1', 0, 1 FROM instance"#,
    )
    .await;
    test_app.answer(&visitor, &instance, write(1, 2, r#"["b"]"#)).await;
    test_app.answer(&visitor, &instance, write(2, 2, r#""12""#)).await;
    assert_eq!(test_app.number("SELECT slot * 10 + seq FROM evaluation").await, 22);
    let dropped = test_app
        .events(&instance)
        .await
        .into_iter()
        .filter(|kind| kind == "answer.evaluation_dropped")
        .count();
    assert_eq!(dropped, 1);
}
