use crate::hall::{CODE, Hall, knock, refusal, visitor};
use app::Failure;
use app::delivery::enter::Credentials;
use argon2::{Argon2, PasswordHasher};
use domain::refusal::Refusal;
use storage::candidate::Candidate;

#[tokio::test]
async fn a_wrong_code_is_denied_like_one_that_is_none_and_after_ten_a_right_one_still_lets_in() {
    let hall = Hall::new().await;
    for spelling in ["0000000000", "", "not a code", "U000000000", "7Q2M0KX4T"].into_iter().cycle().take(10) {
        assert_eq!(
            refusal(hall.app.enter_by_code(&knock(1), spelling).await),
            Some(Refusal::AccessDenied),
            "{spelling}"
        );
    }
    assert!(hall.app.enter_by_code(&knock(1), CODE).await.is_ok());
    assert!(hall.app.enter_by_code(&knock(2), CODE).await.is_ok());
}

#[tokio::test]
async fn every_allowed_spelling_of_a_code_lets_in_and_is_remembered() {
    let hall = Hall::new().await;
    for spelling in [CODE, "7q2m0kx4tb", " 7Q2M-OKX4-TB ", "7 q 2 m o k x 4 t b"] {
        let entered = hall.app.enter_by_code(&knock(1), spelling).await.unwrap();
        assert_eq!(entered.candidate.as_str(), "Ca1");
        // Sessions stand beside one another.
        assert_eq!(hall.app.me(&visitor(&entered)).await.unwrap().candidate, entered.candidate);
    }
    assert_eq!(hall.number("SELECT count(*) FROM login_session").await, 4);
    assert_eq!(hall.number("SELECT count(*) FROM candidate WHERE logged_in").await, 1);
    assert_eq!(hall.number("SELECT count(*) FROM event WHERE kind = 'candidate.entered'").await, 4);
}

#[tokio::test]
async fn switched_off_tasks_and_candidates_keep_everybody_out() {
    let hall = Hall::new().await;
    hall.sql("UPDATE candidate SET active = FALSE").await;
    assert_eq!(refusal(hall.app.enter_by_code(&knock(1), CODE).await), Some(Refusal::CandidateInactive));
    hall.sql("UPDATE task SET active = FALSE").await;
    assert_eq!(refusal(hall.app.enter_by_code(&knock(1), CODE).await), Some(Refusal::TaskInactive));
}

#[tokio::test]
async fn a_code_is_no_way_into_a_task_with_credentials() {
    let hall = Hall::new().await;
    hall.sql("UPDATE task SET access_method = 'single-credential'").await;
    assert_eq!(refusal(hall.app.enter_by_code(&knock(1), CODE).await), Some(Refusal::AccessDenied));
}

#[tokio::test]
async fn a_user_of_the_organization_does_not_enter_by_code() {
    let hall = Hall::new().await;
    hall.sql("UPDATE candidate SET kind = 'user'").await;
    assert_eq!(refusal(hall.app.enter_by_code(&knock(1), CODE).await), Some(Refusal::AccessDenied));
}

async fn with_credentials() -> Hall {
    let hall = Hall::new().await;
    let hash = Argon2::default().hash_password_with_salt(b"open sesame", b"salt of 16 bytes").unwrap().to_string();
    let candidate = Candidate {
        credential1: Some("ali".into()),
        credential1_exclusive: true,
        credential2_hash: Some(hash),
        ..hall.candidate("Ca2", None)
    };
    hall.add_candidate(candidate).await;
    hall.sql("UPDATE task SET access_method = 'double-credential'").await;
    hall
}

#[tokio::test]
async fn no_part_of_two_credentials_is_enough_and_nobody_learns_which_was_wrong() {
    let hall = with_credentials().await;
    for (one, two) in [("ali", None), ("ali", Some("wrong")), ("baba", Some("open sesame")), ("", None)] {
        assert_eq!(refusal(hall.enter_with(1, one, two).await), Some(Refusal::AccessDenied), "{one} {two:?}");
    }
    let unknown = hall.app.enter_task(&knock(1), &"Tk-none".into(), Credentials::default()).await;
    assert_eq!(refusal(unknown), Some(Refusal::AccessDenied));
    assert_eq!(hall.enter_with(1, "ali", Some("open sesame")).await.unwrap().candidate.as_str(), "Ca2");
}

#[tokio::test]
async fn one_credential_lets_in_where_the_task_asks_for_one() {
    let hall = with_credentials().await;
    hall.sql("UPDATE task SET access_method = 'single-credential'").await;
    assert_eq!(refusal(hall.enter_with(1, "baba", None).await), Some(Refusal::AccessDenied));
    assert_eq!(hall.enter_with(1, "ali", None).await.unwrap().candidate.as_str(), "Ca2");
}

#[tokio::test]
async fn each_visitor_of_a_task_without_authentication_becomes_a_candidate() {
    let hall = Hall::new().await;
    hall.sql("UPDATE task SET access_method = 'no-auth'").await;
    let first = hall.app.enter_task(&knock(1), &hall.task, Credentials::default()).await.unwrap();
    let second = hall.app.enter_task(&knock(1), &hall.task, Credentials::default()).await.unwrap();
    assert_ne!(first.candidate, second.candidate);
    assert_eq!(hall.number("SELECT count(*) FROM candidate WHERE source = 'self-registration' AND logged_in").await, 2);
    hall.sql("UPDATE task SET active = FALSE").await;
    let refused = hall.app.enter_task(&knock(1), &hall.task, Credentials::default()).await;
    assert_eq!(refusal(refused), Some(Refusal::TaskInactive));
    assert_eq!(hall.number("SELECT candidate_count FROM task").await, 3);
}

#[tokio::test]
async fn a_session_that_was_ended_is_dead_at_once() {
    let hall = Hall::new().await;
    let visitor = hall.enter().await;
    hall.app.leave(&visitor).await.unwrap();
    hall.app.leave(&visitor).await.unwrap();
    assert!(matches!(hall.app.me(&visitor).await, Err(Failure::Unauthenticated)));
    assert!(matches!(hall.start(&visitor, "t").await, Err(Failure::Unauthenticated)));
}

/// Findings security B: sessions of candidates never ended on the server.
#[tokio::test]
async fn a_session_ends_by_itself_a_week_after_its_last_use_and_a_month_after_its_first() {
    const DAY: i64 = 24 * 3600;
    let hall = Hall::new().await;
    let (used, unused) = (hall.enter().await, hall.enter().await);
    for _ in 0..4 {
        hall.clock.pass_seconds(6 * DAY);
        hall.app.admit_request(&used, 0).unwrap();
        hall.app.tend_sessions().await.unwrap();
        assert!(hall.app.me(&used).await.is_ok());
    }
    assert!(matches!(hall.app.me(&unused).await, Err(Failure::Unauthenticated)));
    hall.clock.pass_seconds(6 * DAY);
    assert_eq!(hall.app.tend_sessions().await.unwrap(), 1);
    assert!(matches!(hall.app.me(&used).await, Err(Failure::Unauthenticated)));
}

#[tokio::test]
async fn a_session_outlasts_a_long_exam_and_ends_a_day_after_its_task_has_closed() {
    let hall = Hall::new().await;
    let closes = hall.now().plus_seconds(10 * 3600);
    hall.write(move |tx| tx.execute(&format!("UPDATE task SET active_before = {}", closes.0), &[]).map(|_| ())).await;
    let visitor = hall.enter().await;
    hall.clock.pass_seconds(33 * 3600);
    assert_eq!(hall.app.tend_sessions().await.unwrap(), 0);
    assert!(hall.app.me(&visitor).await.is_ok());
    hall.clock.pass_seconds(3600);
    assert_eq!(hall.app.tend_sessions().await.unwrap(), 1);
    assert!(matches!(hall.app.me(&visitor).await, Err(Failure::Unauthenticated)));
}

#[tokio::test]
async fn no_step_starts_before_the_access_form_is_filled_in_and_its_answers_are_copied() {
    let hall = Hall::new().await;
    hall.sql(
        r#"UPDATE task SET access_form = '{"fields":[{"key":"c","label":"City","kind":"text","required":true,"assign":{"tag":"City"}},{"key":"m","label":"Mail","kind":"email"}],"fixed":[{"assign":"group","value":"Walk-in"}]}'"#,
    )
    .await;
    let visitor = hall.enter().await;
    assert_eq!(refusal(hall.start(&visitor, "t").await), Some(Refusal::AccessFormRequired));
    let answers =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
    let faulty = hall.app.fill_form(&visitor, answers(&[("c", " "), ("m", "nobody"), ("x", "1")])).await;
    let Err(Failure::Faults(faults)) = faulty else { panic!("{faulty:?}") };
    assert_eq!(faults.len(), 3);
    hall.app.fill_form(&visitor, answers(&[("c", "Kyoto")])).await.unwrap();
    hall.app.fill_form(&visitor, answers(&[("c", "Osaka")])).await.unwrap();
    let instance = hall.start(&visitor, "t").await.unwrap();
    let row = hall.row(&instance).await;
    assert_eq!((row.group_name.as_str(), row.tags.as_str()), ("Walk-in", r#"{"City":"Kyoto"}"#));
}
