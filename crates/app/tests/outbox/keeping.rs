//! Webhooks of an organization, their secrets, and who may see them.

use crate::hall::Hall;
use crate::office::{candidate_a, faults, is_not_found, key, operator};
use crate::post::{Postbox, listen};
use app::Failure;
use app::caller::Caller;
use app::outbox::{LogQuery, Target};
use app::webhooks::{NewWebhook, WebhookUpdate};
use domain::callback::{EventType, Resource};
use domain::instance::Scope;
use std::collections::BTreeSet;

fn new(url: &str, events: &[EventType]) -> NewWebhook {
    let events: BTreeSet<_> = events.iter().copied().collect();
    NewWebhook { url: url.into(), events, resource: Resource::Basic, description: "crm".into() }
}

fn query() -> LogQuery {
    LogQuery { limit: 10, ..LogQuery::default() }
}

#[tokio::test]
async fn every_fault_of_a_webhook_is_told_at_once() {
    let hall = Hall::new().await;
    let wrong = NewWebhook { description: "x".repeat(201), ..new("http://example.org", &[]) };
    let told = faults(hall.app.create_webhook(&operator(&hall), wrong).await);
    assert_eq!(told, ["/url invalid_format", "/events invalid_length", "/description invalid_length"]);
}

#[tokio::test]
async fn a_key_without_manage_or_for_some_tasks_only_has_no_webhooks() {
    let hall = Hall::new().await;
    let narrow = key(&hall, &[Scope::ResultsRead, Scope::CandidatesWrite]);
    let grant = app::caller::Grant {
        organization: hall.organization.clone(),
        key: "Ky1".into(),
        scopes: vec![Scope::Manage],
        tasks: Some(vec![hall.task.clone()]),
        folders: None,
        expires_at: None,
    };
    let limited = Caller::with_key(grant.into(), "Rq1".into());
    for caller in [narrow, limited] {
        let refused = hall.app.webhooks(&caller).await;
        assert!(matches!(refused, Err(Failure::InsufficientScope(_))), "{refused:?}");
        let refused = hall.app.callback_secret(&caller, &Target::Callback).await;
        assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
    }
}

#[tokio::test]
async fn another_organization_finds_no_webhook_and_no_message() {
    let hall = Hall::new().await;
    listen(&hall, "https://example.org/hook", Resource::Basic).await;
    let made = hall.app.create_webhook(&operator(&hall), new("https://a.example", EventType::ALL)).await.unwrap();
    candidate_a(&hall).await;
    let id = made.webhook.row.id;
    let event = hall.app.messages(&operator(&hall), &Target::Callback, query()).await.unwrap().messages.remove(0);
    let other = hall.app.create_organization("Other").await.unwrap().id;
    let caller = Caller::operator(other, "Rq1".into());
    let target = Target::Webhook(id.clone());
    assert!(is_not_found(&hall.app.webhook(&caller, &id).await));
    assert!(is_not_found(&hall.app.delete_webhook(&caller, &id).await));
    assert!(is_not_found(&hall.app.update_webhook(&caller, &id, WebhookUpdate::default()).await));
    assert!(is_not_found(&hall.app.messages(&caller, &target, query()).await));
    assert!(is_not_found(&hall.app.rotate_callback_secret(&caller, &target).await));
    assert!(is_not_found(&hall.app.replay_message(&caller, &Target::Callback, &event.message.event_id).await));
    assert_eq!(hall.app.messages(&caller, &Target::Callback, query()).await.unwrap().messages, []);
    assert_eq!(hall.app.webhooks(&caller).await.unwrap(), []);
}

#[tokio::test]
async fn a_webhook_is_told_what_it_chose_at_the_address_it_has_when_it_is_told() {
    let hall = Hall::new().await;
    let caller = operator(&hall);
    let made = hall.app.create_webhook(&caller, new("https://a.example", &[EventType::Ignored])).await.unwrap();
    let id = made.webhook.row.id.clone();
    let instance = candidate_a(&hall).await;
    hall.app.ignore(&caller, &hall.task, &instance, None).await.unwrap();
    let moved = WebhookUpdate { url: Some("https://b.example".into()), ..WebhookUpdate::default() };
    let view = hall.app.update_webhook(&caller, &id, moved).await.unwrap();
    assert_eq!(view.events.into_iter().collect::<Vec<_>>(), [EventType::Ignored]);
    let postbox = Postbox::new();
    assert_eq!(hall.app.deliver_due(postbox.clone()).await.unwrap(), 1);
    let letter = &postbox.letters()[0];
    assert_eq!(letter.url, "https://b.example");
    assert!(letter.body.starts_with(r#"{"type":"test-instance.ignored","#), "{}", letter.body);
    hall.app.delete_webhook(&caller, &id).await.unwrap();
    assert!(is_not_found(&hall.app.webhook(&caller, &id).await));
}

#[tokio::test]
async fn a_changed_secret_signs_beside_the_one_before_it_for_a_day() {
    let hall = Hall::new().await;
    listen(&hall, "https://example.org/hook", Resource::Basic).await;
    let (caller, target) = (operator(&hall), Target::Callback);
    let first = hall.app.callback_secret(&caller, &target).await.unwrap();
    assert_eq!(hall.app.callback_secret(&caller, &target).await.unwrap(), first);
    let second = hall.app.rotate_callback_secret(&caller, &target).await.unwrap();
    assert!(second != first && second.starts_with("whsec_"));
    let instance = candidate_a(&hall).await;
    let postbox = Postbox::new();
    hall.app.deliver_due(postbox.clone()).await.unwrap();
    hall.clock.pass_seconds(86_400);
    hall.app.ignore(&caller, &hall.task, &instance, None).await.unwrap();
    hall.app.deliver_due(postbox.clone()).await.unwrap();
    let counts: Vec<_> = postbox.letters().iter().map(|letter| letter.signature.split(' ').count()).collect();
    assert_eq!(counts, [2, 1]);
    let kinds = "SELECT count(*) FROM event WHERE kind = 'organization.updated' AND detail LIKE '%secret_rotated%'";
    assert_eq!(hall.number(kinds).await, 1);
}

#[tokio::test]
async fn a_log_is_paged_from_the_newest_to_the_oldest() {
    let hall = Hall::new().await;
    listen(&hall, "https://example.org/hook", Resource::Basic).await;
    let (instance, caller) = (candidate_a(&hall).await, operator(&hall));
    hall.clock.pass_seconds(1);
    hall.app.ignore(&caller, &hall.task, &instance, None).await.unwrap();
    let one = LogQuery { limit: 1, ..LogQuery::default() };
    let first = hall.app.messages(&caller, &Target::Callback, one.clone()).await.unwrap();
    assert!(first.has_more);
    let behind = Some(first.messages[0].message.event_id.clone());
    let second = hall.app.messages(&caller, &Target::Callback, LogQuery { behind, ..one.clone() }).await.unwrap();
    assert!(!second.has_more && second.messages[0].message.at < first.messages[0].message.at);
    let unknown = LogQuery { behind: Some("c_1".into()), ..one };
    let told = faults(hall.app.messages(&caller, &Target::Callback, unknown).await);
    assert_eq!(told, ["before unknown_cursor"]);
}
