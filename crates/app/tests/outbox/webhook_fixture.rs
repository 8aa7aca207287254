//! Receivers to send callbacks to, and what is sent to them.

use domain::callback::CallbackResource;
use domain::instance::InstanceChange;
use storage::candidate::CandidateRow;
use storage::outbox::OutboxRow;
use storage::webhook::WebhookRow;
use testkit::TestApp;
use testkit::fixtures::CODE;

/// Gives the test_app's candidate a callback.
pub async fn set_callback(test_app: &TestApp, url: &str, resource: CallbackResource) {
    let callback = format!(r#"{{"url":"{url}","params":{{"job":"42"}},"resource":"{resource}"}}"#);
    test_app
        .write(move |tx| {
            let row = storage::candidate::find_by_code(tx, CODE)?.unwrap();
            storage::candidate::update(
                tx,
                &CandidateRow { callback: Some(callback.clone()), ..row },
            )
        })
        .await;
}

/// A webhook that is told of all changes.
pub async fn add_webhook(test_app: &TestApp, id: &'static str, url: &str) {
    let webhook = WebhookRow {
        id: id.into(),
        organization_id: test_app.organization.clone(),
        url: url.to_owned(),
        resource: CallbackResource::Basic,
        description: String::new(),
        active: true,
        gone_at: None,
        created_at: test_app.now(),
        deleted_at: None,
    };
    test_app
        .write(move |tx| {
            storage::webhook::insert(tx, &webhook)?;
            let kinds = [
                InstanceChange::Completed,
                InstanceChange::Rescored,
                InstanceChange::Ignored,
                InstanceChange::Reacknowledged,
                InstanceChange::Reinstated,
            ];
            storage::webhook::set_events(tx, &id.into(), &kinds)
        })
        .await;
}

/// All messages to a target, the oldest first.
pub async fn messages_to(test_app: &TestApp, target: &'static str) -> Vec<OutboxRow> {
    let organization = test_app.organization.clone();
    let mut found = test_app
        .write(move |tx| {
            storage::outbox::list(
                tx,
                &organization,
                target,
                &storage::outbox::OutboxFilter::default(),
                None,
                1000,
            )
        })
        .await;
    found.reverse();
    found
}
