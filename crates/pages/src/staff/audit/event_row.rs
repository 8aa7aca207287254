//! An event as a line of the page.

use crate::html_time::HtmlTime;
use app::audit::ChainedEvent;
use serde_json::{Map, Value};

/// An event of the audit log as a line of a table.
pub struct AuditEventRow {
    pub n: i64,
    pub at: HtmlTime,
    pub kind: String,
    pub actor: String,
    /// Where the actor has a page.
    pub actor_address: Option<String>,
    pub subject: Vec<(String, String)>,
    pub detail: Vec<(String, String)>,
}

impl AuditEventRow {
    /// The line of an event; subject and detail are flattened to names and values.
    pub fn of(recorded: &ChainedEvent) -> Self {
        let event = &recorded.event;
        let id = event.actor_id.clone().unwrap_or_default();
        Self {
            n: recorded.n,
            at: event.at.into(),
            kind: event.kind.clone(),
            actor: format!("{} {id}", event.actor_kind.as_str()).trim_end().to_owned(),
            actor_address: match event.actor_kind.as_str() {
                "user" => Some(format!("/staff/users/{id}")),
                "key" => Some(format!("/staff/keys/{id}")),
                _ => None,
            },
            subject: pairs(&event.subject),
            detail: pairs(&event.detail),
        }
    }
}

/// The members of a JSON object as texts.
fn pairs(json: &str) -> Vec<(String, String)> {
    let Ok(members) = serde_json::from_str::<Map<String, Value>>(json) else {
        return vec![("unreadable".to_owned(), json.to_owned())];
    };
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    members
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name, text(value)))
        .collect()
}
