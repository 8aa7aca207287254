//! Guessing at a task's entrance (findings security A7), and rooms that must get in all the same.

use app::delivery::enter::{EntryCredentials, NewCandidateSession};
use app::{App, Failure, Settings};
use argon2::{Argon2, PasswordHasher};
use domain::refusal::Refusal;
use std::time::Duration;
use storage::candidate::CandidateRow;
use testkit::failures::refusal;
use testkit::fixtures::DESK_SCREENING;
use testkit::{TestApp, client_context};

/// People in a room.
const ATTEMPTS: usize = 60;

fn code(person: usize) -> String {
    format!("7Q2M0KX4{person:02}")
}

fn quick() -> Settings {
    Settings { paced_try: Duration::from_millis(2), ..Settings::default() }
}

async fn app_for_many_addresses() -> TestApp {
    let test_app = TestApp::with_settings(DESK_SCREENING, quick()).await;
    for person in 0..ATTEMPTS {
        test_app
            .add_candidate(test_app.candidate(&format!("Ca1{person:02}"), Some(&code(person))))
            .await;
    }
    test_app
}

/// A task that asks for these credentials, and one candidate who has them.
async fn with_credentials(one: &str, two: Option<&str>) -> TestApp {
    let test_app = TestApp::new().await;
    let hash = |secret: &str| {
        Argon2::default()
            .hash_password_with_salt(secret.as_bytes(), b"salt of 16 bytes")
            .unwrap()
            .to_string()
    };
    let candidate = CandidateRow {
        credential1: Some(one.into()),
        credential1_exclusive: true,
        credential2_hash: two.map(hash),
        ..test_app.candidate("Ca2", None)
    };
    test_app.add_candidate(candidate).await;
    match two {
        Some(_) => test_app.sql("UPDATE task SET access_method = 'double-credential'").await,
        None => test_app.sql("UPDATE task SET access_method = 'single-credential'").await,
    }
    test_app
}

async fn enter_by_code(app: App, from: u8, code: String) -> Result<NewCandidateSession, Failure> {
    app.delivery().enter_by_code(&client_context(from), &code).await
}

/// Tries by credentials, sent at once from one address; gives how many were judged and how many got
/// in.
async fn burst(
    test_app: &TestApp,
    from: u8,
    tries: impl Iterator<Item = (String, Option<String>)>,
) -> (usize, usize) {
    let sent: Vec<_> = tries
        .map(|(credential1, credential2)| {
            let (app, task) = (test_app.app.clone(), test_app.task.clone());
            let credentials = EntryCredentials { credential1: Some(credential1), credential2 };
            tokio::spawn(async move {
                app.delivery().enter_task(&client_context(from), &task, credentials).await
            })
        })
        .collect();
    let (mut judged, mut entered) = (0, 0);
    for one in sent {
        match refusal(one.await.unwrap()) {
            None => entered += 1,
            Some(Refusal::AccessDenied) => judged += 1,
            Some(other) => assert_eq!(other, Refusal::TooManyTries),
        }
    }
    (judged, entered)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_hundred_guesses_at_once_ten_are_judged_and_others_get_in_meanwhile_a7() {
    let test_app = with_credentials("ali", Some("open sesame")).await;
    let guesses = (0..300).map(|number| ("ali".to_owned(), Some(format!("guess {number}"))));
    let guessed = burst(&test_app, 1, guesses);
    let meanwhile = test_app.enter_with(2, "ali", Some("open sesame"));
    let (guessed, meanwhile) = tokio::join!(guessed, meanwhile);
    assert_eq!(guessed, (10, 0));
    assert_eq!(meanwhile.unwrap().candidate.as_str(), "Ca2");
    assert!(
        test_app.enter_with(3, "ali", Some("open sesame")).await.is_ok(),
        "one address shut the task for others"
    );
    assert_eq!(
        refusal(test_app.enter_with(1, "ali", Some("open sesame")).await),
        Some(Refusal::TooManyTries)
    );
    assert!(test_app.app.delivery().enter_by_code(&client_context(1), "0000000000").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_employee_numbers_from_one_address_find_nobody_a7() {
    let test_app = with_credentials("EMP-2777", None).await;
    let guesses = (0..2000).map(|number| (format!("EMP-{number:04}"), None));
    let (judged, entered) = burst(&test_app, 1, guesses).await;
    assert_eq!((judged, entered), (10, 0));
    assert_eq!(test_app.enter_with(2, "EMP-2777", None).await.unwrap().candidate.as_str(), "Ca2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_of_sixty_behind_one_address_gets_in_though_twelve_mistype_a7() {
    let test_app = app_for_many_addresses().await;
    let people: Vec<_> = (0..ATTEMPTS)
        .map(|person| {
            let app = test_app.app.clone();
            tokio::spawn(async move {
                if person % 5 == 0 {
                    let mistyped = insist(&app, "0000000000").await;
                    assert_eq!(refusal(mistyped), Some(Refusal::AccessDenied));
                }
                insist(&app, &code(person)).await.unwrap();
            })
        })
        .collect();
    for person in people {
        person.await.unwrap();
    }
    assert_eq!(
        test_app.number("SELECT count(*) FROM candidate WHERE logged_in").await,
        ATTEMPTS as i64
    );
}

/// Comes again when told to wait, as people do.
async fn insist(app: &App, code: &str) -> Result<NewCandidateSession, Failure> {
    loop {
        let entered = enter_by_code(app.clone(), 1, code.to_owned()).await;
        if !matches!(&entered, Err(Failure::Refused(refused)) if refused.code == Refusal::TooManyTries)
        {
            return entered;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_codes_at_once_are_judged_at_the_pace_and_beyond_its_queue_refused_a7() {
    // So slow that the second paced turn does not come while the test lasts.
    let pace = Duration::from_secs(40);
    let test_app =
        TestApp::with_settings(DESK_SCREENING, Settings { paced_try: pace, ..Settings::default() })
            .await;
    for _ in 0..10 {
        assert!(
            test_app.app.delivery().enter_by_code(&client_context(1), "0000000000").await.is_err()
        );
    }
    let mut sent = tokio::task::JoinSet::new();
    (0..300).for_each(|_| {
        drop(sent.spawn(enter_by_code(test_app.app.clone(), 1, "0000000000".to_owned())))
    });
    let mut outcomes = Vec::new();
    // One is judged at once, one waits for its turn in forty seconds, all others are refused at
    // once.
    for _ in 0..299 {
        outcomes.push(refusal(sent.join_next().await.unwrap().unwrap()));
    }
    let judged = outcomes.iter().filter(|code| **code == Some(Refusal::AccessDenied)).count();
    assert_eq!((judged, sent.len()), (1, 1));
    assert!(
        test_app
            .app
            .delivery()
            .enter_by_code(&client_context(2), testkit::fixtures::CODE)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn credentials_of_an_unknown_task_are_counted_like_wrong_ones_a7() {
    let test_app = with_credentials("ali", Some("open sesame")).await;
    for _ in 0..10 {
        let unknown = test_app
            .app
            .delivery()
            .enter_task(&client_context(1), &"Tk-none".into(), EntryCredentials::default())
            .await;
        assert_eq!(refusal(unknown), Some(Refusal::AccessDenied));
    }
    assert_eq!(
        refusal(test_app.enter_with(1, "ali", Some("open sesame")).await),
        Some(Refusal::TooManyTries)
    );
}

#[tokio::test]
async fn what_the_server_could_not_judge_and_what_was_right_counts_for_nothing_a7() {
    let test_app = with_credentials("ali", Some("open sesame")).await;
    test_app.sql("UPDATE task SET active = FALSE").await;
    for _ in 0..12 {
        let off = test_app.enter_with(1, "ali", Some("open sesame")).await;
        assert_eq!(refusal(off), Some(Refusal::TaskInactive));
    }
    test_app.sql("UPDATE task SET active = TRUE").await;
    for _ in 0..12 {
        assert!(test_app.enter_with(1, "ali", Some("open sesame")).await.is_ok());
    }
}
