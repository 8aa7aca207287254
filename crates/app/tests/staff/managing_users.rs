//! Managers change users: roles, whom a joker may reach, switching off, and the last manager.

use app::Failure;
use app::erasure::ErasureOptions;
use app::users::JokerPermissions;
use app::users::{NewUser, Role, UserUpdate, UserView};
use domain::instance::Scope;
use domain::refusal::Refusal;
use domain::role::Permission;
use testkit::TestApp;
use testkit::failures::{assert_refused, faults};

async fn user(test_app: &TestApp, name: &str, roles: &[Role]) -> UserView {
    let new = NewUser { username: name.into(), roles: roles.to_vec(), ..NewUser::default() };
    test_app.app.users().create_user(&test_app.operator(), new).await.unwrap()
}

async fn update(
    test_app: &TestApp,
    user: &UserView,
    update: UserUpdate,
) -> Result<UserView, Failure> {
    test_app.app.users().update_user(&test_app.operator(), &user.id, update).await
}

fn roles(roles: &[Role]) -> UserUpdate {
    UserUpdate { roles: Some(roles.to_vec()), ..UserUpdate::default() }
}

fn inactive() -> UserUpdate {
    UserUpdate { active: Some(false), ..UserUpdate::default() }
}

#[tokio::test]
async fn the_last_active_manager_stays_one() {
    let test_app = TestApp::new().await;
    let (ada, bo) = (
        user(&test_app, "ada", &[Role::Manager]).await,
        user(&test_app, "bo", &[Role::Manager]).await,
    );
    update(&test_app, &bo, inactive()).await.unwrap();
    assert_refused(update(&test_app, &ada, inactive()).await, Refusal::LastManager);
    assert_refused(update(&test_app, &ada, roles(&[Role::Editor])).await, Refusal::LastManager);
    let erased = test_app
        .app
        .candidates()
        .erase_user(&test_app.operator(), &ada.id, ErasureOptions::default())
        .await;
    assert_refused(erased, Refusal::LastManager);
    let stored = test_app.app.users().user(&test_app.operator(), &ada.id).await.unwrap();
    assert_eq!(
        (stored.active, stored.roles, stored.username.as_str()),
        (true, vec![Role::Manager], "ada")
    );
    update(&test_app, &bo, UserUpdate { active: Some(true), ..UserUpdate::default() })
        .await
        .unwrap();
    update(&test_app, &ada, roles(&[Role::Editor])).await.unwrap();
    test_app
        .app
        .candidates()
        .erase_user(&test_app.operator(), &ada.id, ErasureOptions::default())
        .await
        .unwrap();
    assert_refused(
        test_app
            .app
            .candidates()
            .erase_user(&test_app.operator(), &bo.id, ErasureOptions::default())
            .await,
        Refusal::LastManager,
    );
}

#[tokio::test]
async fn of_two_managers_that_go_at_once_one_stays() {
    let test_app = TestApp::new().await;
    let (ada, bo) = (
        user(&test_app, "ada", &[Role::Manager]).await,
        user(&test_app, "bo", &[Role::Manager]).await,
    );
    let (first, second) =
        tokio::join!(update(&test_app, &ada, inactive()), update(&test_app, &bo, inactive()));
    assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|is_ok| **is_ok).count(), 1);
}

#[tokio::test]
async fn a_joker_limited_to_tasks_or_folders_has_no_other_role_of_staff() {
    let test_app = TestApp::new().await;
    user(&test_app, "ada", &[Role::Manager]).await;
    let bo = user(&test_app, "bo", &[Role::User]).await;
    let chosen = JokerPermissions {
        permissions: vec![Permission::Evaluate],
        tasks: Some(vec![test_app.task.clone()]),
        folders: None,
    };
    let both = UserUpdate { chosen: Some(chosen.clone()), ..roles(&[Role::Joker, Role::Editor]) };
    assert_eq!(faults(update(&test_app, &bo, both).await), ["/roles conflicting_values"]);
    let limited = UserUpdate { chosen: Some(chosen.clone()), ..roles(&[Role::Joker, Role::User]) };
    assert_eq!(update(&test_app, &bo, limited).await.unwrap().chosen, Some(chosen));
    assert_eq!(
        faults(update(&test_app, &bo, roles(&[Role::Joker, Role::Editor])).await),
        ["/roles conflicting_values"]
    );
    let wrong = JokerPermissions {
        permissions: vec![Permission::Manage],
        tasks: Some(vec!["Tk-none".into()]),
        folders: Some(Vec::new()),
    };
    let faults = faults(
        update(&test_app, &bo, UserUpdate { chosen: Some(wrong), ..UserUpdate::default() }).await,
    );
    assert_eq!(
        faults,
        [
            "/chosen/permissions/0 invalid_enum",
            "/chosen/tasks/0 unknown_reference",
            "/chosen/folders invalid_length"
        ]
    );
    let plain = update(&test_app, &bo, roles(&[Role::Editor])).await.unwrap();
    assert_eq!(plain.chosen, None, "what a joker might have done is not kept");
}

#[tokio::test]
async fn nobody_without_manage_over_the_whole_organization_changes_users() {
    let test_app = TestApp::new().await;
    let ada = user(&test_app, "ada", &[Role::Manager]).await;
    for scopes in [&[Scope::UsersRead, Scope::PersonsErase][..], &[Scope::TasksWrite]] {
        let refused =
            test_app.app.users().update_user(&test_app.key(scopes), &ada.id, inactive()).await;
        assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
    }
    assert_eq!(faults(update(&test_app, &ada, roles(&[])).await), ["/roles invalid_length"]);
    let taken = UserUpdate {
        username: Some("ada".into()),
        email: Some(Some("x".into())),
        ..UserUpdate::default()
    };
    let bo = user(&test_app, "bo", &[Role::User]).await;
    assert_eq!(
        faults(update(&test_app, &bo, taken).await),
        ["/email invalid_format", "/username conflicting_values"]
    );
}

#[tokio::test]
async fn a_change_is_recorded_once_with_what_was_and_what_is() {
    let test_app = TestApp::new().await;
    user(&test_app, "ada", &[Role::Manager]).await;
    let bo = user(&test_app, "bo", &[Role::User]).await;
    let named = UserUpdate { fullname: Some(Some("Bo Berg".into())), ..roles(&[Role::Operator]) };
    update(&test_app, &bo, named.clone()).await.unwrap();
    update(&test_app, &bo, named).await.unwrap();
    update(&test_app, &bo, inactive()).await.unwrap();
    let organization = test_app.organization.clone();
    let chain = storage::event::EventChain::Organization(organization.clone());
    let events =
        test_app.write(move |tx| storage::event::list(tx, &organization, &chain, 0, 100)).await;
    let of_bo = events.iter().filter(|one| one.event.subject.contains(bo.id.as_str()));
    let reported: Vec<_> =
        of_bo.map(|one| (one.event.kind.as_str(), one.event.detail.contains("Berg"))).collect();
    assert_eq!(
        reported,
        [
            ("user.created", false),
            ("user.roles_changed", false),
            ("user.updated", false),
            ("user.deactivated", false),
        ]
    );
}
