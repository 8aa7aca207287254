//! Guessing at staff's sign-in (findings security A7, M4).

use app::staff::{NewStaffSession, SignInRequest};
use app::users::{NewUser, Role};
use app::{App, Failure};
use domain::refusal::Refusal;
use testkit::failures::{assert_refused, faults};
use testkit::fixtures::CODE;
use testkit::{TestApp, client_context};

const PASSWORD: &str = "correct horse battery";

async fn with_ada() -> TestApp {
    let test_app = TestApp::new().await;
    let new = NewUser { username: "ada".into(), roles: vec![Role::Manager], ..NewUser::default() };
    let user = test_app.app.users().create_user(&test_app.operator(), new).await.unwrap();
    test_app
        .app
        .staff()
        .set_password(&test_app.operator(), &user.id, Some(PASSWORD.into()))
        .await
        .unwrap();
    test_app
}

async fn sign_in(
    app: App,
    from: u8,
    name: &str,
    password: String,
) -> Result<NewStaffSession, Failure> {
    let request = SignInRequest {
        organization: None,
        username: name.to_owned(),
        password,
        client: String::new(),
    };
    app.staff().sign_in(&client_context(from), request).await
}

async fn is_judged(test_app: &TestApp, from: u8, name: &str) -> bool {
    match sign_in(test_app.app.clone(), from, name, "wrong".into()).await {
        Err(Failure::Refused(refused)) => refused.code == Refusal::AccessDenied,
        other => panic!("{other:?}"),
    }
}

/// The record of a failed sign-in is written after the answer.
async fn wait_for_records(test_app: &TestApp, count: i64) {
    while test_app.number("SELECT count(*) FROM event WHERE kind = 'login.failed'").await < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_hundred_passwords_at_once_ten_are_judged_and_the_user_signs_in_from_elsewhere_a7()
{
    let test_app = with_ada().await;
    let sent: Vec<_> = (0..300)
        .map(|n| tokio::spawn(sign_in(test_app.app.clone(), 1, "ada", format!("guess {n}"))))
        .collect();
    let elsewhere = sign_in(test_app.app.clone(), 2, "ada", PASSWORD.into());
    assert!(elsewhere.await.is_ok());
    let mut judged = 0;
    for one in sent {
        match one.await.unwrap() {
            Err(Failure::Refused(refused)) => {
                judged += usize::from(refused.code == Refusal::AccessDenied)
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(judged, 10);
    assert_refused(
        sign_in(test_app.app.clone(), 1, "ada", PASSWORD.into()).await,
        Refusal::TooManyTries,
    );
    assert!(
        sign_in(test_app.app.clone(), 3, "ada", PASSWORD.into()).await.is_ok(),
        "one address locked the user out"
    );
    wait_for_records(&test_app, 10).await;
}

#[tokio::test]
async fn ten_addresses_stop_at_the_same_try_whether_or_not_there_is_such_a_user_a7() {
    let test_app = with_ada().await;
    let mut judged = [0, 0];
    for from in 1..=12 {
        for _ in 0..6 {
            // Both names from each address, so that its own limit is not passed first.
            for (count, name) in judged.iter_mut().zip(["ada", "nobody"]) {
                *count += usize::from(is_judged(&test_app, from, name).await);
            }
        }
    }
    assert_eq!(judged[0], judged[1]);
    test_app.clock.pass_seconds(600);
    assert!(is_judged(&test_app, 1, "ada").await && is_judged(&test_app, 1, "nobody").await);
    wait_for_records(&test_app, 1).await;
}

#[tokio::test]
async fn candidates_typing_errors_never_stop_staff_behind_the_same_address_nor_the_other_way_round_a7()
 {
    let test_app = with_ada().await;
    for _ in 0..10 {
        assert!(
            test_app.app.delivery().enter_by_code(&client_context(1), "0000000000").await.is_err()
        );
    }
    assert!(sign_in(test_app.app.clone(), 1, "ada", PASSWORD.into()).await.is_ok());
    for _ in 0..10 {
        assert!(is_judged(&test_app, 2, "ada").await);
    }
    assert!(!is_judged(&test_app, 2, "ada").await);
    assert!(test_app.app.delivery().enter_by_code(&client_context(2), CODE).await.is_ok());
}

#[tokio::test]
async fn the_present_password_cannot_be_found_by_changing_it_m4() {
    let test_app = with_ada().await;
    let token = sign_in(test_app.app.clone(), 1, "ada", PASSWORD.into()).await.unwrap().token;
    let ada = test_app.app.staff().authenticate_staff(&token, "Rq9".into()).await.unwrap();
    let change = |present: &str| {
        let (app, ada, present) = (test_app.app.clone(), ada.clone(), present.to_owned());
        async move {
            app.staff()
                .change_password(&client_context(1), &ada, present, "another good one".into())
                .await
        }
    };
    for _ in 0..10 {
        assert_eq!(faults(change("wrong").await), ["/present invalid_format"]);
    }
    assert_refused(change(PASSWORD).await, Refusal::TooManyTries);
    test_app.clock.pass_seconds(600);
    change(PASSWORD).await.unwrap();
}
