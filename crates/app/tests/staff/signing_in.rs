//! Users sign in, are known by their session, and lose it.

use crate::hall::Hall;
use crate::office::{assert_refused, faults, operator};
use app::Failure;
use app::delivery::enter::Knock;
use app::staff::{SignIn, SignedIn, Staff};
use app::users::{NewUser, Role, UserView};
use domain::refusal::Refusal;
use domain::role::Permission;

const PASSWORD: &str = "correct horse battery";

fn knock() -> Knock {
    Knock { address: None, request: "Rq9".into() }
}

async fn user(hall: &Hall, name: &str, roles: &[Role]) -> UserView {
    crate::office::count_on(hall).await;
    let new = NewUser { username: name.into(), roles: roles.to_vec(), ..NewUser::default() };
    let user = hall.app.create_user(&operator(hall), new).await.unwrap();
    hall.app.set_password(&operator(hall), &user.id, Some(PASSWORD.into())).await.unwrap();
    user
}

async fn sign_in(hall: &Hall, name: &str, password: &str) -> Result<SignedIn, Failure> {
    let organization = Some(hall.organization.clone());
    let given = SignIn { organization, username: name.into(), password: password.into(), client: "Browser".into() };
    hall.app.sign_in(&knock(), given).await
}

async fn staff(hall: &Hall, signed_in: &SignedIn) -> Result<Staff, Failure> {
    hall.app.staff(&signed_in.token, "Rq9".into()).await
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_are_refused_alike_and_limited() {
    let hall = Hall::new().await;
    user(&hall, "ada", &[Role::Manager]).await;
    for _ in 0..5 {
        assert_refused(sign_in(&hall, "ada", "wrong").await, Refusal::AccessDenied);
        assert_refused(sign_in(&hall, "nobody", PASSWORD).await, Refusal::AccessDenied);
    }
    assert_refused(sign_in(&hall, "ada", PASSWORD).await, Refusal::TooManyTries);
}

#[tokio::test]
async fn a_user_without_a_password_or_switched_off_does_not_get_in() {
    let hall = Hall::new().await;
    user(&hall, "ada", &[Role::Manager]).await;
    let signed_in = sign_in(&hall, "ada", PASSWORD).await.unwrap();
    hall.sql("UPDATE user_account SET active = false").await;
    assert!(matches!(staff(&hall, &signed_in).await, Err(Failure::Unauthenticated)));
    assert_refused(sign_in(&hall, "ada", PASSWORD).await, Refusal::AccessDenied);
}

#[tokio::test]
async fn a_session_ends_by_itself_when_nobody_uses_it_and_after_thirty_days_at_the_latest() {
    let hall = Hall::new().await;
    user(&hall, "ada", &[Role::Manager]).await;
    let signed_in = sign_in(&hall, "ada", PASSWORD).await.unwrap();
    for _ in 0..65 {
        hall.clock.pass_seconds(11 * 3600);
        staff(&hall, &signed_in).await.unwrap();
    }
    hall.clock.pass_seconds(11 * 3600);
    assert!(matches!(staff(&hall, &signed_in).await, Err(Failure::Unauthenticated)));
    let idle = sign_in(&hall, "ada", PASSWORD).await.unwrap();
    hall.clock.pass_seconds(12 * 3600);
    assert!(matches!(staff(&hall, &idle).await, Err(Failure::Unauthenticated)));
}

#[tokio::test]
async fn a_user_may_what_the_roles_permit_and_nothing_of_another_role() {
    let hall = Hall::new().await;
    user(&hall, "ed", &[Role::Editor]).await;
    let editor = staff(&hall, &sign_in(&hall, "ed", PASSWORD).await.unwrap()).await.unwrap();
    assert!(editor.may(Permission::WriteTests));
    assert!(hall.app.list_tests(&editor.caller, false).await.is_ok());
    let refused = hall.app.list_users(&editor.caller, 10, 0).await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
    let refused = hall.app.set_password(&editor.caller, &editor.user.id, None).await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
}

#[tokio::test]
async fn changing_ones_password_needs_the_present_one_and_ends_the_other_sessions() {
    let hall = Hall::new().await;
    user(&hall, "ada", &[Role::Manager]).await;
    let other = sign_in(&hall, "ada", PASSWORD).await.unwrap();
    let signed_in = sign_in(&hall, "ada", PASSWORD).await.unwrap();
    let ada = staff(&hall, &signed_in).await.unwrap();
    assert_eq!(hall.app.own_sessions(&ada).await.unwrap().len(), 2);
    let weak = hall.app.change_password(&knock(), &ada, PASSWORD.into(), "1234567890".into()).await;
    assert_eq!(faults(weak), ["/password invalid_format"]);
    let short = hall.app.change_password(&knock(), &ada, PASSWORD.into(), "short".into()).await;
    assert_eq!(faults(short), ["/password invalid_length"]);
    let wrong = hall.app.change_password(&knock(), &ada, "wrong".into(), "another velvet good one".into()).await;
    assert_eq!(faults(wrong), ["/present invalid_format"]);
    hall.app.change_password(&knock(), &ada, PASSWORD.into(), "another velvet good one".into()).await.unwrap();
    assert!(matches!(staff(&hall, &other).await, Err(Failure::Unauthenticated)));
    assert!(staff(&hall, &signed_in).await.is_ok());
    assert_refused(sign_in(&hall, "ada", PASSWORD).await, Refusal::AccessDenied);
    hall.app.sign_out(&ada).await.unwrap();
    assert!(matches!(staff(&hall, &signed_in).await, Err(Failure::Unauthenticated)));
}

/// Somebody with the role USER, signed in.
pub async fn signed_in(hall: &Hall, name: &str) -> Staff {
    let new = NewUser { username: name.into(), roles: vec![Role::User], ..NewUser::default() };
    let user = hall.app.create_user(&operator(hall), new).await.unwrap();
    hall.app.set_password(&operator(hall), &user.id, Some(PASSWORD.into())).await.unwrap();
    staff(hall, &sign_in(hall, name, PASSWORD).await.unwrap()).await.unwrap()
}
