//! Webhooks of an organization, their secrets, and who may see them.

use crate::webhook_fixture::set_callback;
use app::Failure;
use app::caller::Caller;
use app::outbox::{OutboxLogQuery, OutboxTarget};
use app::webhooks::{NewWebhook, WebhookUpdate};
use domain::callback::{CallbackResource, EventType};
use domain::instance::Scope;
use std::collections::BTreeSet;
use testkit::failures::{faults, is_not_found};
use testkit::{FakeWebhookSender, TestApp};

fn new(url: &str, events: &[EventType]) -> NewWebhook {
    let events: BTreeSet<_> = events.iter().copied().collect();
    NewWebhook {
        url: url.into(),
        events,
        resource: CallbackResource::Basic,
        description: "crm".into(),
    }
}

fn query() -> OutboxLogQuery {
    OutboxLogQuery { limit: 10, ..OutboxLogQuery::default() }
}

#[tokio::test]
async fn every_fault_of_a_webhook_is_told_at_once() {
    let test_app = TestApp::new().await;
    let wrong = NewWebhook { description: "x".repeat(201), ..new("http://example.org", &[]) };
    let faults = faults(test_app.app.webhooks().create_webhook(&test_app.operator(), wrong).await);
    assert_eq!(
        faults,
        ["/url invalid_format", "/events invalid_length", "/description invalid_length"]
    );
}

#[tokio::test]
async fn a_key_without_manage_or_for_some_tasks_only_has_no_webhooks() {
    let test_app = TestApp::new().await;
    let narrow = test_app.key(&[Scope::ResultsRead, Scope::CandidatesWrite]);
    let grant = app::caller::KeyGrant {
        organization: test_app.organization.clone(),
        key: "Ky1".into(),
        scopes: vec![Scope::Manage],
        tasks: Some(vec![test_app.task.clone()]),
        folders: None,
        expires_at: None,
    };
    let limited = Caller::with_key(grant.into(), "Rq1".into());
    for caller in [narrow, limited] {
        let refused = test_app.app.webhooks().list_webhooks(&caller).await;
        assert!(matches!(refused, Err(Failure::InsufficientScope(_))), "{refused:?}");
        let refused =
            test_app.app.webhooks().callback_secret(&caller, &OutboxTarget::Callback).await;
        assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
    }
}

#[tokio::test]
async fn another_organization_finds_no_webhook_and_no_message() {
    let test_app = TestApp::new().await;
    set_callback(&test_app, "https://example.org/hook", CallbackResource::Basic).await;
    let made = test_app
        .app
        .webhooks()
        .create_webhook(&test_app.operator(), new("https://a.example", EventType::ALL))
        .await
        .unwrap();
    test_app.submit_candidate_a().await;
    let id = made.webhook.row.id;
    let event = test_app
        .app
        .webhooks()
        .messages(&test_app.operator(), &OutboxTarget::Callback, query())
        .await
        .unwrap()
        .messages
        .remove(0);
    let other = test_app.app.organizations().create_organization("Other").await.unwrap().id;
    let caller = Caller::operator(other, "Rq1".into());
    let target = OutboxTarget::Webhook(id.clone());
    assert!(is_not_found(&test_app.app.webhooks().webhook(&caller, &id).await));
    assert!(is_not_found(&test_app.app.webhooks().delete_webhook(&caller, &id).await));
    assert!(is_not_found(
        &test_app.app.webhooks().update_webhook(&caller, &id, WebhookUpdate::default()).await
    ));
    assert!(is_not_found(&test_app.app.webhooks().messages(&caller, &target, query()).await));
    assert!(is_not_found(&test_app.app.webhooks().rotate_callback_secret(&caller, &target).await));
    assert!(is_not_found(
        &test_app
            .app
            .webhooks()
            .replay_message(&caller, &OutboxTarget::Callback, &event.message.event_id)
            .await
    ));
    assert_eq!(
        test_app
            .app
            .webhooks()
            .messages(&caller, &OutboxTarget::Callback, query())
            .await
            .unwrap()
            .messages,
        []
    );
    assert_eq!(test_app.app.webhooks().list_webhooks(&caller).await.unwrap(), []);
}

#[tokio::test]
async fn a_webhook_is_told_what_it_chose_at_the_address_it_has_when_it_is_told() {
    let test_app = TestApp::new().await;
    let caller = test_app.operator();
    let made = test_app
        .app
        .webhooks()
        .create_webhook(&caller, new("https://a.example", &[EventType::Ignored]))
        .await
        .unwrap();
    let id = made.webhook.row.id.clone();
    let instance = test_app.submit_candidate_a().await;
    test_app.app.instances().ignore(&caller, &test_app.task, &instance, None).await.unwrap();
    let moved = WebhookUpdate { url: Some("https://b.example".into()), ..WebhookUpdate::default() };
    let view = test_app.app.webhooks().update_webhook(&caller, &id, moved).await.unwrap();
    assert_eq!(view.events.into_iter().collect::<Vec<_>>(), [EventType::Ignored]);
    let postbox = FakeWebhookSender::new();
    assert_eq!(test_app.app.webhooks().deliver_due(postbox.clone()).await.unwrap(), 1);
    let letter = &postbox.requests()[0];
    assert_eq!(letter.url, "https://b.example");
    assert!(letter.body.starts_with(r#"{"type":"test-instance.ignored","#), "{}", letter.body);
    test_app.app.webhooks().delete_webhook(&caller, &id).await.unwrap();
    assert!(is_not_found(&test_app.app.webhooks().webhook(&caller, &id).await));
}

#[tokio::test]
async fn a_changed_secret_signs_beside_the_one_before_it_for_a_day() {
    let test_app = TestApp::new().await;
    set_callback(&test_app, "https://example.org/hook", CallbackResource::Basic).await;
    let (caller, target) = (test_app.operator(), OutboxTarget::Callback);
    let first = test_app.app.webhooks().callback_secret(&caller, &target).await.unwrap();
    assert_eq!(test_app.app.webhooks().callback_secret(&caller, &target).await.unwrap(), first);
    let second = test_app.app.webhooks().rotate_callback_secret(&caller, &target).await.unwrap();
    assert!(second != first && second.starts_with("whsec_"));
    let instance = test_app.submit_candidate_a().await;
    let postbox = FakeWebhookSender::new();
    test_app.app.webhooks().deliver_due(postbox.clone()).await.unwrap();
    test_app.clock.pass_seconds(86_400);
    test_app.app.instances().ignore(&caller, &test_app.task, &instance, None).await.unwrap();
    test_app.app.webhooks().deliver_due(postbox.clone()).await.unwrap();
    let counts: Vec<_> =
        postbox.requests().iter().map(|letter| letter.signature.split(' ').count()).collect();
    assert_eq!(counts, [2, 1]);
    let kinds = "SELECT count(*) FROM event WHERE kind = 'organization.updated' AND detail LIKE '%secret_rotated%'";
    assert_eq!(test_app.number(kinds).await, 1);
}

#[tokio::test]
async fn a_log_is_paged_from_the_newest_to_the_oldest() {
    let test_app = TestApp::new().await;
    set_callback(&test_app, "https://example.org/hook", CallbackResource::Basic).await;
    let (instance, caller) = (test_app.submit_candidate_a().await, test_app.operator());
    test_app.clock.pass_seconds(1);
    test_app.app.instances().ignore(&caller, &test_app.task, &instance, None).await.unwrap();
    let one = OutboxLogQuery { limit: 1, ..OutboxLogQuery::default() };
    let first = test_app
        .app
        .webhooks()
        .messages(&caller, &OutboxTarget::Callback, one.clone())
        .await
        .unwrap();
    assert!(first.has_more);
    let behind = Some(first.messages[0].message.event_id.clone());
    let second = test_app
        .app
        .webhooks()
        .messages(&caller, &OutboxTarget::Callback, OutboxLogQuery { behind, ..one.clone() })
        .await
        .unwrap();
    assert!(!second.has_more && second.messages[0].message.at < first.messages[0].message.at);
    let unknown = OutboxLogQuery { behind: Some("c_1".into()), ..one };
    let faults =
        faults(test_app.app.webhooks().messages(&caller, &OutboxTarget::Callback, unknown).await);
    assert_eq!(faults, ["before unknown_cursor"]);
}
