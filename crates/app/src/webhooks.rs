//! Webhooks: where an organization has events of all its candidates sent to.

use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::WebhookService;
use crate::validation::{self, FieldValidator, LONGEST_TEXT};
use domain::callback::{CallbackResource, EventType};
use domain::fault::ErrorCode;
use domain::id::WebhookId;
use domain::instance::InstanceChange;
use domain::json::JsonPointer;
use std::collections::BTreeSet;
use storage::Transaction;
use storage::webhook::WebhookRow;

/// Webhooks of one organization.
const MOST: usize = 50;

/// A webhook to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWebhook {
    pub url: String,
    pub events: BTreeSet<EventType>,
    pub resource: CallbackResource,
    pub description: String,
}

/// What changes of a webhook; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookUpdate {
    pub url: Option<String>,
    pub events: Option<BTreeSet<EventType>>,
    pub resource: Option<CallbackResource>,
    pub description: Option<String>,
    pub active: Option<bool>,
}

/// A webhook and what it is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookView {
    pub row: WebhookRow,
    pub events: BTreeSet<EventType>,
}

/// A webhook with the secret that signs what it is sent.
#[derive(Clone, Debug)]
pub struct CreatedWebhook {
    pub webhook: WebhookView,
    pub secret: String,
}

/// The event of a change of what an organization has sent.
pub(crate) fn webhooks_changed_event(what: &str) -> AuditEvent {
    AuditEvent::of_organization(AuditEventKind::OrganizationUpdated)
        .with("fields", ["webhooks"])
        .with("webhook", what)
}

impl WebhookService {
    /// Makes a webhook.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `manage`; faults of url, events and description.
    pub async fn create_webhook(
        &self,
        caller: &Caller,
        new: NewWebhook,
    ) -> Result<CreatedWebhook, Failure> {
        caller.require_whole_organization()?;
        let now = self.now();
        let row = WebhookRow {
            id: self.new_id(now),
            organization_id: caller.organization.clone(),
            url: new.url,
            resource: new.resource,
            description: new.description,
            active: true,
            gone_at: None,
            created_at: now,
            deleted_at: None,
        };
        let webhook = WebhookView { row, events: new.events };
        self.check_webhook(&webhook)?;
        let (app, caller) = (self.clone(), caller.clone());
        let write = move |tx: &mut dyn Transaction| {
            if storage::webhook::list(tx, &caller.organization)?.len() >= MOST {
                let mut checks = FieldValidator::below(JsonPointer::root());
                checks.refuse(
                    JsonPointer::root(),
                    ErrorCode::OutOfRange,
                    format!("must be at most {MOST} webhooks"),
                );
                checks.finish()?;
            }
            let WebhookView { row, events } = &webhook;
            storage::webhook::insert(tx, row)?;
            storage::webhook::set_events(tx, &row.id, &changes(events))?;
            app.record_event(
                tx,
                now,
                &caller,
                webhooks_changed_event("created").about("webhookId", &row.id),
            )?;
            let secret = app.displayed_secret(tx, row.id.as_str(), now)?;
            Ok(CreatedWebhook { webhook: webhook.clone(), secret })
        };
        self.storage().write(write).await
    }

    /// The organization's webhooks, oldest first.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `manage`.
    pub async fn list_webhooks(&self, caller: &Caller) -> Result<Vec<WebhookView>, Failure> {
        caller.require_whole_organization()?;
        self.read_for(caller, move |work| {
            let rows = storage::webhook::list(work.tx, work.organization)?;
            rows.into_iter().map(|row| view(work.tx, row)).collect()
        })
        .await
    }

    /// # Errors
    /// [`Failure::InsufficientScope`] without `manage`; [`Failure::NotFound`].
    pub async fn webhook(
        &self,
        caller: &Caller,
        webhook: &WebhookId,
    ) -> Result<WebhookView, Failure> {
        caller.require_whole_organization()?;
        let webhook = webhook.clone();
        self.read_for(caller, move |work| {
            let row = storage::webhook::find(work.tx, work.organization, &webhook)?
                .ok_or(Failure::NotFound)?;
            view(work.tx, row)
        })
        .await
    }

    /// Changes a webhook. What waits for it goes to its new address; switched off, it is told
    /// nothing and what waits is dropped.
    ///
    /// # Errors
    /// As [`WebhookService::create_webhook`]; [`Failure::NotFound`].
    pub async fn update_webhook(
        &self,
        caller: &Caller,
        webhook: &WebhookId,
        update: WebhookUpdate,
    ) -> Result<WebhookView, Failure> {
        caller.require_whole_organization()?;
        let webhook = webhook.clone();
        self.write_for(caller, move |work| {
            let row = storage::webhook::find(work.tx, work.organization, &webhook)?
                .ok_or(Failure::NotFound)?;
            let before = view(work.tx, row)?;
            let after = updated(before.clone(), update.clone());
            work.app.webhooks().check_webhook(&after)?;
            if after != before {
                storage::webhook::update(work.tx, &after.row)?;
                storage::webhook::set_events(work.tx, &webhook, &changes(&after.events))?;
                work.record_event(webhooks_changed_event("updated").about("webhookId", &webhook))?;
            }
            Ok(after)
        })
        .await
    }

    /// Deletes a webhook; what waits for it is dropped.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `manage`; [`Failure::NotFound`].
    pub async fn delete_webhook(
        &self,
        caller: &Caller,
        webhook: &WebhookId,
    ) -> Result<(), Failure> {
        caller.require_whole_organization()?;
        let webhook = webhook.clone();
        self.write_for(caller, move |work| {
            let row = storage::webhook::find(work.tx, work.organization, &webhook)?
                .ok_or(Failure::NotFound)?;
            storage::webhook::update(
                work.tx,
                &WebhookRow { active: false, deleted_at: Some(work.now), ..row },
            )?;
            work.record_event(webhooks_changed_event("deleted").about("webhookId", &webhook))
        })
        .await
    }

    fn check_webhook(&self, webhook: &WebhookView) -> Result<(), Failure> {
        let mut checks = FieldValidator::below(JsonPointer::root());
        self.check_address(&mut checks, "url", &webhook.row.url);
        if webhook.events.is_empty() {
            checks.refuse(
                checks.at("events"),
                ErrorCode::InvalidLength,
                "must name at least one event",
            );
        }
        checks.text(checks.at("description"), &webhook.row.description, 0, LONGEST_TEXT);
        checks.finish()
    }

    /// An address that callbacks may go to.
    pub(crate) fn check_address(&self, checks: &mut FieldValidator, path: &str, url: &str) {
        let is_allowed = validation::is_web_address(url, self.settings().plain_http_callbacks);
        if url.chars().count() > validation::LONGEST_ADDRESS || !is_allowed {
            let should = "must be an absolute https URL without user and fragment";
            checks.refuse(checks.at(path), ErrorCode::InvalidFormat, should);
        }
    }
}

fn view(tx: &mut dyn Transaction, row: WebhookRow) -> Result<WebhookView, Failure> {
    let kinds = storage::webhook::events(tx, &row.id)?;
    Ok(WebhookView { row, events: kinds.into_iter().filter_map(EventType::of).collect() })
}

fn changes(events: &BTreeSet<EventType>) -> Vec<InstanceChange> {
    events.iter().map(|event| event.change()).collect()
}

fn updated(before: WebhookView, update: WebhookUpdate) -> WebhookView {
    let WebhookView { row, events } = before;
    let active = update.active.unwrap_or(row.active);
    let row = WebhookRow {
        url: update.url.unwrap_or(row.url),
        resource: update.resource.unwrap_or(row.resource),
        description: update.description.unwrap_or(row.description),
        active,
        gone_at: row.gone_at.filter(|_| !active),
        ..row
    };
    WebhookView { row, events: update.events.unwrap_or(events) }
}
