//! Managers change users: roles, whom a joker may reach, switching off, and the last manager.

use crate::hall::Hall;
use crate::office::{assert_refused, count_on, faults, key, operator};
use app::Failure;
use app::erasure::Erasure;
use app::staff::Chosen;
use app::users::{NewUser, Role, UserUpdate, UserView};
use domain::instance::Scope;
use domain::refusal::Refusal;
use domain::role::Permission;

async fn user(hall: &Hall, name: &str, roles: &[Role]) -> UserView {
    let new = NewUser { username: name.into(), roles: roles.to_vec(), ..NewUser::default() };
    hall.app.create_user(&operator(hall), new).await.unwrap()
}

async fn update(hall: &Hall, user: &UserView, update: UserUpdate) -> Result<UserView, Failure> {
    hall.app.update_user(&operator(hall), &user.id, update).await
}

fn roles(roles: &[Role]) -> UserUpdate {
    UserUpdate { roles: Some(roles.to_vec()), ..UserUpdate::default() }
}

fn inactive() -> UserUpdate {
    UserUpdate { active: Some(false), ..UserUpdate::default() }
}

async fn hall() -> Hall {
    let hall = Hall::new().await;
    count_on(&hall).await;
    hall
}

#[tokio::test]
async fn the_last_active_manager_stays_one() {
    let hall = hall().await;
    let (ada, bo) = (user(&hall, "ada", &[Role::Manager]).await, user(&hall, "bo", &[Role::Manager]).await);
    update(&hall, &bo, inactive()).await.unwrap();
    assert_refused(update(&hall, &ada, inactive()).await, Refusal::LastManager);
    assert_refused(update(&hall, &ada, roles(&[Role::Editor])).await, Refusal::LastManager);
    let erased = hall.app.erase_user(&operator(&hall), &ada.id, Erasure::default()).await;
    assert_refused(erased, Refusal::LastManager);
    let kept = hall.app.user(&operator(&hall), &ada.id).await.unwrap();
    assert_eq!((kept.active, kept.roles, kept.username.as_str()), (true, vec![Role::Manager], "ada"));
    update(&hall, &bo, UserUpdate { active: Some(true), ..UserUpdate::default() }).await.unwrap();
    update(&hall, &ada, roles(&[Role::Editor])).await.unwrap();
    hall.app.erase_user(&operator(&hall), &ada.id, Erasure::default()).await.unwrap();
    assert_refused(hall.app.erase_user(&operator(&hall), &bo.id, Erasure::default()).await, Refusal::LastManager);
}

#[tokio::test]
async fn of_two_managers_that_go_at_once_one_stays() {
    let hall = hall().await;
    let (ada, bo) = (user(&hall, "ada", &[Role::Manager]).await, user(&hall, "bo", &[Role::Manager]).await);
    let (first, second) = tokio::join!(update(&hall, &ada, inactive()), update(&hall, &bo, inactive()));
    assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|is_ok| **is_ok).count(), 1);
}

#[tokio::test]
async fn a_joker_limited_to_tasks_or_folders_has_no_other_role_of_staff() {
    let hall = hall().await;
    user(&hall, "ada", &[Role::Manager]).await;
    let bo = user(&hall, "bo", &[Role::User]).await;
    let chosen =
        Chosen { permissions: vec![Permission::Evaluate], tasks: Some(vec![hall.task.clone()]), folders: None };
    let both = UserUpdate { chosen: Some(chosen.clone()), ..roles(&[Role::Joker, Role::Editor]) };
    assert_eq!(faults(update(&hall, &bo, both).await), ["/roles conflicting_values"]);
    let limited = UserUpdate { chosen: Some(chosen.clone()), ..roles(&[Role::Joker, Role::User]) };
    assert_eq!(update(&hall, &bo, limited).await.unwrap().chosen, Some(chosen));
    assert_eq!(faults(update(&hall, &bo, roles(&[Role::Joker, Role::Editor])).await), ["/roles conflicting_values"]);
    let wrong = Chosen {
        permissions: vec![Permission::Manage],
        tasks: Some(vec!["Tk-none".into()]),
        folders: Some(Vec::new()),
    };
    let told = faults(update(&hall, &bo, UserUpdate { chosen: Some(wrong), ..UserUpdate::default() }).await);
    assert_eq!(
        told,
        ["/chosen/permissions/0 invalid_enum", "/chosen/tasks/0 unknown_reference", "/chosen/folders invalid_length"]
    );
    let plain = update(&hall, &bo, roles(&[Role::Editor])).await.unwrap();
    assert_eq!(plain.chosen, None, "what a joker might have done is not kept");
}

#[tokio::test]
async fn nobody_without_manage_over_the_whole_organization_changes_users() {
    let hall = hall().await;
    let ada = user(&hall, "ada", &[Role::Manager]).await;
    for scopes in [&[Scope::UsersRead, Scope::PersonsErase][..], &[Scope::TasksWrite]] {
        let refused = hall.app.update_user(&key(&hall, scopes), &ada.id, inactive()).await;
        assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
    }
    assert_eq!(faults(update(&hall, &ada, roles(&[])).await), ["/roles invalid_length"]);
    let taken = UserUpdate { username: Some("ada".into()), email: Some(Some("x".into())), ..UserUpdate::default() };
    let bo = user(&hall, "bo", &[Role::User]).await;
    assert_eq!(faults(update(&hall, &bo, taken).await), ["/email invalid_format", "/username conflicting_values"]);
}

#[tokio::test]
async fn a_change_is_recorded_once_with_what_was_and_what_is() {
    let hall = hall().await;
    user(&hall, "ada", &[Role::Manager]).await;
    let bo = user(&hall, "bo", &[Role::User]).await;
    let named = UserUpdate { fullname: Some(Some("Bo Berg".into())), ..roles(&[Role::Operator]) };
    update(&hall, &bo, named.clone()).await.unwrap();
    update(&hall, &bo, named).await.unwrap();
    update(&hall, &bo, inactive()).await.unwrap();
    let organization = hall.organization.clone();
    let chain = storage::event::Chain::Organization(organization.clone());
    let events = hall.write(move |tx| storage::event::list(tx, &organization, &chain, 0, 100)).await;
    let of_bo = events.iter().filter(|one| one.event.subject.contains(bo.id.as_str()));
    let told: Vec<_> = of_bo.map(|one| (one.event.kind.as_str(), one.event.detail.contains("Berg"))).collect();
    assert_eq!(
        told,
        [("user.created", false), ("user.roles_changed", false), ("user.updated", false), ("user.deactivated", false),]
    );
}
