//! Users sign in, are known by their session, and lose it.

use app::Failure;
use app::delivery::enter::ClientContext;
use app::staff::{NewStaffSession, SignInRequest, StaffUser};
use app::users::{NewUser, Role, UserView};
use domain::refusal::Refusal;
use domain::role::Permission;
use testkit::TestApp;
use testkit::failures::{assert_refused, faults};

const PASSWORD: &str = "correct horse battery";

fn client_context() -> ClientContext {
    ClientContext { address: None, request: "Rq9".into() }
}

async fn user(test_app: &TestApp, name: &str, roles: &[Role]) -> UserView {
    let new = NewUser { username: name.into(), roles: roles.to_vec(), ..NewUser::default() };
    let user = test_app.app.users().create_user(&test_app.operator(), new).await.unwrap();
    test_app
        .app
        .staff()
        .set_password(&test_app.operator(), &user.id, Some(PASSWORD.into()))
        .await
        .unwrap();
    user
}

async fn sign_in(
    test_app: &TestApp,
    name: &str,
    password: &str,
) -> Result<NewStaffSession, Failure> {
    let organization = Some(test_app.organization.clone());
    let request = SignInRequest {
        organization,
        username: name.into(),
        password: password.into(),
        client: "Browser".into(),
    };
    test_app.app.staff().sign_in(&client_context(), request).await
}

async fn staff(test_app: &TestApp, signed_in: &NewStaffSession) -> Result<StaffUser, Failure> {
    test_app.app.staff().authenticate_staff(&signed_in.token, "Rq9".into()).await
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_are_refused_alike_and_limited() {
    let test_app = TestApp::new().await;
    user(&test_app, "ada", &[Role::Manager]).await;
    for _ in 0..5 {
        assert_refused(sign_in(&test_app, "ada", "wrong").await, Refusal::AccessDenied);
        assert_refused(sign_in(&test_app, "nobody", PASSWORD).await, Refusal::AccessDenied);
    }
    assert_refused(sign_in(&test_app, "ada", PASSWORD).await, Refusal::TooManyTries);
}

#[tokio::test]
async fn a_user_without_a_password_or_switched_off_does_not_get_in() {
    let test_app = TestApp::new().await;
    user(&test_app, "ada", &[Role::Manager]).await;
    let signed_in = sign_in(&test_app, "ada", PASSWORD).await.unwrap();
    test_app.sql("UPDATE user_account SET active = false").await;
    assert!(matches!(staff(&test_app, &signed_in).await, Err(Failure::Unauthenticated)));
    assert_refused(sign_in(&test_app, "ada", PASSWORD).await, Refusal::AccessDenied);
}

#[tokio::test]
async fn a_session_ends_by_itself_when_nobody_uses_it_and_after_thirty_days_at_the_latest() {
    let test_app = TestApp::new().await;
    user(&test_app, "ada", &[Role::Manager]).await;
    let signed_in = sign_in(&test_app, "ada", PASSWORD).await.unwrap();
    for _ in 0..65 {
        test_app.clock.pass_seconds(11 * 3600);
        staff(&test_app, &signed_in).await.unwrap();
    }
    test_app.clock.pass_seconds(11 * 3600);
    assert!(matches!(staff(&test_app, &signed_in).await, Err(Failure::Unauthenticated)));
    let idle = sign_in(&test_app, "ada", PASSWORD).await.unwrap();
    test_app.clock.pass_seconds(12 * 3600);
    assert!(matches!(staff(&test_app, &idle).await, Err(Failure::Unauthenticated)));
}

#[tokio::test]
async fn a_user_may_what_the_roles_permit_and_nothing_of_another_role() {
    let test_app = TestApp::new().await;
    user(&test_app, "ed", &[Role::Editor]).await;
    let editor =
        staff(&test_app, &sign_in(&test_app, "ed", PASSWORD).await.unwrap()).await.unwrap();
    assert!(editor.has_permission(Permission::WriteTests));
    assert!(test_app.app.test_library().list_tests(&editor.caller, false).await.is_ok());
    let refused = test_app.app.users().list_users(&editor.caller, 10, 0).await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
    let refused = test_app.app.staff().set_password(&editor.caller, &editor.user.id, None).await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
}

#[tokio::test]
async fn changing_ones_password_needs_the_present_one_and_ends_the_other_sessions() {
    let test_app = TestApp::new().await;
    user(&test_app, "ada", &[Role::Manager]).await;
    let other = sign_in(&test_app, "ada", PASSWORD).await.unwrap();
    let signed_in = sign_in(&test_app, "ada", PASSWORD).await.unwrap();
    let ada = staff(&test_app, &signed_in).await.unwrap();
    assert_eq!(test_app.app.staff().own_sessions(&ada).await.unwrap().len(), 2);
    let weak = test_app
        .app
        .staff()
        .change_password(&client_context(), &ada, PASSWORD.into(), "1234567890".into())
        .await;
    assert_eq!(faults(weak), ["/password invalid_format"]);
    let short = test_app
        .app
        .staff()
        .change_password(&client_context(), &ada, PASSWORD.into(), "short".into())
        .await;
    assert_eq!(faults(short), ["/password invalid_length"]);
    let wrong = test_app
        .app
        .staff()
        .change_password(&client_context(), &ada, "wrong".into(), "another velvet good one".into())
        .await;
    assert_eq!(faults(wrong), ["/present invalid_format"]);
    test_app
        .app
        .staff()
        .change_password(&client_context(), &ada, PASSWORD.into(), "another velvet good one".into())
        .await
        .unwrap();
    assert!(matches!(staff(&test_app, &other).await, Err(Failure::Unauthenticated)));
    assert!(staff(&test_app, &signed_in).await.is_ok());
    assert_refused(sign_in(&test_app, "ada", PASSWORD).await, Refusal::AccessDenied);
    test_app.app.staff().sign_out(&ada).await.unwrap();
    assert!(matches!(staff(&test_app, &signed_in).await, Err(Failure::Unauthenticated)));
}

/// Somebody with the role USER, signed in.
pub async fn signed_in(test_app: &TestApp, name: &str) -> StaffUser {
    let new = NewUser { username: name.into(), roles: vec![Role::User], ..NewUser::default() };
    let user = test_app.app.users().create_user(&test_app.operator(), new).await.unwrap();
    test_app
        .app
        .staff()
        .set_password(&test_app.operator(), &user.id, Some(PASSWORD.into()))
        .await
        .unwrap();
    staff(test_app, &sign_in(test_app, name, PASSWORD).await.unwrap()).await.unwrap()
}
