use app::Failure;
use app::delivery::enter::EntryCredentials;
use argon2::{Argon2, PasswordHasher};
use domain::refusal::Refusal;
use storage::candidate::CandidateRow;
use testkit::failures::refusal;
use testkit::fixtures::CODE;
use testkit::{TestApp, candidate_session, client_context};

#[tokio::test]
async fn a_wrong_code_is_denied_like_one_that_is_none_and_after_ten_a_right_one_still_lets_in() {
    let test_app = TestApp::new().await;
    for spelling in
        ["0000000000", "", "not a code", "U000000000", "7Q2M0KX4T"].into_iter().cycle().take(10)
    {
        assert_eq!(
            refusal(test_app.app.delivery().enter_by_code(&client_context(1), spelling).await),
            Some(Refusal::AccessDenied),
            "{spelling}"
        );
    }
    assert!(test_app.app.delivery().enter_by_code(&client_context(1), CODE).await.is_ok());
    assert!(test_app.app.delivery().enter_by_code(&client_context(2), CODE).await.is_ok());
}

#[tokio::test]
async fn every_allowed_spelling_of_a_code_lets_in_and_is_remembered() {
    let test_app = TestApp::new().await;
    for spelling in [CODE, "7q2m0kx4tb", " 7Q2M-OKX4-TB ", "7 q 2 m o k x 4 t b"] {
        let entered =
            test_app.app.delivery().enter_by_code(&client_context(1), spelling).await.unwrap();
        assert_eq!(entered.candidate.as_str(), "Ca1");
        // Sessions stand beside one another.
        assert_eq!(
            test_app
                .app
                .delivery()
                .candidate_profile(&candidate_session(&entered))
                .await
                .unwrap()
                .candidate,
            entered.candidate
        );
    }
    assert_eq!(test_app.number("SELECT count(*) FROM login_session").await, 4);
    assert_eq!(test_app.number("SELECT count(*) FROM candidate WHERE logged_in").await, 1);
    assert_eq!(
        test_app.number("SELECT count(*) FROM event WHERE kind = 'candidate.entered'").await,
        4
    );
}

#[tokio::test]
async fn switched_off_tasks_and_candidates_keep_everybody_out() {
    let test_app = TestApp::new().await;
    test_app.sql("UPDATE candidate SET active = FALSE").await;
    assert_eq!(
        refusal(test_app.app.delivery().enter_by_code(&client_context(1), CODE).await),
        Some(Refusal::CandidateInactive)
    );
    test_app.sql("UPDATE task SET active = FALSE").await;
    assert_eq!(
        refusal(test_app.app.delivery().enter_by_code(&client_context(1), CODE).await),
        Some(Refusal::TaskInactive)
    );
}

#[tokio::test]
async fn a_code_is_no_way_into_a_task_with_credentials() {
    let test_app = TestApp::new().await;
    test_app.sql("UPDATE task SET access_method = 'single-credential'").await;
    assert_eq!(
        refusal(test_app.app.delivery().enter_by_code(&client_context(1), CODE).await),
        Some(Refusal::AccessDenied)
    );
}

#[tokio::test]
async fn a_user_of_the_organization_does_not_enter_by_code() {
    let test_app = TestApp::new().await;
    test_app.sql("UPDATE candidate SET kind = 'user'").await;
    assert_eq!(
        refusal(test_app.app.delivery().enter_by_code(&client_context(1), CODE).await),
        Some(Refusal::AccessDenied)
    );
}

async fn with_credentials() -> TestApp {
    let test_app = TestApp::new().await;
    let hash = Argon2::default()
        .hash_password_with_salt(b"open sesame", b"salt of 16 bytes")
        .unwrap()
        .to_string();
    let candidate = CandidateRow {
        credential1: Some("ali".into()),
        credential1_exclusive: true,
        credential2_hash: Some(hash),
        ..test_app.candidate("Ca2", None)
    };
    test_app.add_candidate(candidate).await;
    test_app.sql("UPDATE task SET access_method = 'double-credential'").await;
    test_app
}

#[tokio::test]
async fn no_part_of_two_credentials_is_enough_and_nobody_learns_which_was_wrong() {
    let test_app = with_credentials().await;
    for (one, two) in
        [("ali", None), ("ali", Some("wrong")), ("baba", Some("open sesame")), ("", None)]
    {
        assert_eq!(
            refusal(test_app.enter_with(1, one, two).await),
            Some(Refusal::AccessDenied),
            "{one} {two:?}"
        );
    }
    let unknown = test_app
        .app
        .delivery()
        .enter_task(&client_context(1), &"Tk-none".into(), EntryCredentials::default())
        .await;
    assert_eq!(refusal(unknown), Some(Refusal::AccessDenied));
    assert_eq!(
        test_app.enter_with(1, "ali", Some("open sesame")).await.unwrap().candidate.as_str(),
        "Ca2"
    );
}

#[tokio::test]
async fn one_credential_lets_in_where_the_task_asks_for_one() {
    let test_app = with_credentials().await;
    test_app.sql("UPDATE task SET access_method = 'single-credential'").await;
    assert_eq!(refusal(test_app.enter_with(1, "baba", None).await), Some(Refusal::AccessDenied));
    assert_eq!(test_app.enter_with(1, "ali", None).await.unwrap().candidate.as_str(), "Ca2");
}

#[tokio::test]
async fn each_visitor_of_a_task_without_authentication_becomes_a_candidate() {
    let test_app = TestApp::new().await;
    test_app.sql("UPDATE task SET access_method = 'no-auth'").await;
    let first = test_app
        .app
        .delivery()
        .enter_task(&client_context(1), &test_app.task, EntryCredentials::default())
        .await
        .unwrap();
    let second = test_app
        .app
        .delivery()
        .enter_task(&client_context(1), &test_app.task, EntryCredentials::default())
        .await
        .unwrap();
    assert_ne!(first.candidate, second.candidate);
    assert_eq!(
        test_app
            .number(
                "SELECT count(*) FROM candidate WHERE source = 'self-registration' AND logged_in"
            )
            .await,
        2
    );
    test_app.sql("UPDATE task SET active = FALSE").await;
    let refused = test_app
        .app
        .delivery()
        .enter_task(&client_context(1), &test_app.task, EntryCredentials::default())
        .await;
    assert_eq!(refusal(refused), Some(Refusal::TaskInactive));
    assert_eq!(test_app.number("SELECT candidate_count FROM task").await, 3);
}

#[tokio::test]
async fn a_session_that_was_ended_is_dead_at_once() {
    let test_app = TestApp::new().await;
    let visitor = test_app.enter().await;
    test_app.app.delivery().end_candidate_session(&visitor).await.unwrap();
    test_app.app.delivery().end_candidate_session(&visitor).await.unwrap();
    assert!(matches!(
        test_app.app.delivery().candidate_profile(&visitor).await,
        Err(Failure::Unauthenticated)
    ));
    assert!(matches!(test_app.start(&visitor, "t").await, Err(Failure::Unauthenticated)));
}

/// Findings security B: sessions of candidates never ended on the server.
#[tokio::test]
async fn a_session_ends_by_itself_a_week_after_its_last_use_and_a_month_after_its_first() {
    const DAY: i64 = 24 * 3600;
    let test_app = TestApp::new().await;
    let (used, unused) = (test_app.enter().await, test_app.enter().await);
    for _ in 0..4 {
        test_app.clock.pass_seconds(6 * DAY);
        test_app.app.delivery().admit_request(&used, 0).unwrap();
        test_app.app.delivery().maintain_sessions().await.unwrap();
        assert!(test_app.app.delivery().candidate_profile(&used).await.is_ok());
    }
    assert!(matches!(
        test_app.app.delivery().candidate_profile(&unused).await,
        Err(Failure::Unauthenticated)
    ));
    test_app.clock.pass_seconds(6 * DAY);
    assert_eq!(test_app.app.delivery().maintain_sessions().await.unwrap(), 1);
    assert!(matches!(
        test_app.app.delivery().candidate_profile(&used).await,
        Err(Failure::Unauthenticated)
    ));
}

#[tokio::test]
async fn a_session_outlasts_a_long_exam_and_ends_a_day_after_its_task_has_closed() {
    let test_app = TestApp::new().await;
    let closes = test_app.now().plus_seconds(10 * 3600);
    test_app
        .write(move |tx| {
            tx.execute(&format!("UPDATE task SET active_before = {}", closes.0), &[]).map(|_| ())
        })
        .await;
    let visitor = test_app.enter().await;
    test_app.clock.pass_seconds(33 * 3600);
    assert_eq!(test_app.app.delivery().maintain_sessions().await.unwrap(), 0);
    assert!(test_app.app.delivery().candidate_profile(&visitor).await.is_ok());
    test_app.clock.pass_seconds(3600);
    assert_eq!(test_app.app.delivery().maintain_sessions().await.unwrap(), 1);
    assert!(matches!(
        test_app.app.delivery().candidate_profile(&visitor).await,
        Err(Failure::Unauthenticated)
    ));
}

#[tokio::test]
async fn no_step_starts_before_the_access_form_is_filled_in_and_its_answers_are_copied() {
    let test_app = TestApp::new().await;
    test_app.sql(
        r#"UPDATE task SET access_form = '{"fields":[{"key":"c","label":"City","kind":"text","required":true,"assign":{"tag":"City"}},{"key":"m","label":"Mail","kind":"email"}],"fixed":[{"assign":"group","value":"Walk-in"}]}'"#,
    )
    .await;
    let visitor = test_app.enter().await;
    assert_eq!(refusal(test_app.start(&visitor, "t").await), Some(Refusal::AccessFormRequired));
    let answers = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
    };
    let faulty = test_app
        .app
        .delivery()
        .fill_form(&visitor, answers(&[("c", " "), ("m", "nobody"), ("x", "1")]))
        .await;
    let Err(Failure::Faults(faults)) = faulty else { panic!("{faulty:?}") };
    assert_eq!(faults.len(), 3);
    test_app.app.delivery().fill_form(&visitor, answers(&[("c", "Kyoto")])).await.unwrap();
    test_app.app.delivery().fill_form(&visitor, answers(&[("c", "Osaka")])).await.unwrap();
    let instance = test_app.start(&visitor, "t").await.unwrap();
    let row = test_app.row(&instance).await;
    assert_eq!((row.group_name.as_str(), row.tags.as_str()), ("Walk-in", r#"{"City":"Kyoto"}"#));
}
