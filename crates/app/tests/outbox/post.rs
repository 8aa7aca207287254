//! A post office for tests: a postman that does what it is told, and receivers to send to.

use crate::hall::{CODE, Hall};
use app::ports::{Letter, Postman, Reply};
use domain::callback::{Outcome, Resource, RetryAfter};
use domain::instance::Change;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use storage::candidate::Candidate;
use storage::outbox::Message;
use storage::webhook::Webhook;

/// A postman that remembers letters and comes back with what was scripted, then with 204.
#[derive(Default)]
pub struct Postbox {
    script: Mutex<VecDeque<Reply>>,
    letters: Mutex<Vec<Letter>>,
    /// Letters to addresses with this in them never come back.
    lost: Option<&'static str>,
}

impl Postbox {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn that_loses(lost: &'static str) -> Arc<Self> {
        Arc::new(Self { lost: Some(lost), ..Self::default() })
    }

    pub fn will(&self, replies: impl IntoIterator<Item = Reply>) {
        self.script.lock().unwrap().extend(replies);
    }

    pub fn letters(&self) -> Vec<Letter> {
        self.letters.lock().unwrap().clone()
    }
}

impl Postman for Postbox {
    fn post(&self, letter: Letter) -> Pin<Box<dyn Future<Output = Reply> + Send>> {
        let is_lost = self.lost.is_some_and(|lost| letter.url.contains(lost));
        self.letters.lock().unwrap().push(letter);
        if is_lost {
            return Box::pin(std::future::pending());
        }
        let reply = self.script.lock().unwrap().pop_front().unwrap_or_else(|| answered(204));
        Box::pin(std::future::ready(reply))
    }
}

pub fn answered(status: u16) -> Reply {
    let outcome = match status {
        200..300 => Outcome::Delivered,
        410 => Outcome::Gone,
        _ => Outcome::Refused,
    };
    Reply { outcome, status: Some(status), retry_after: None, taken: Duration::from_millis(3) }
}

pub fn put_off(status: u16, seconds: u32) -> Reply {
    Reply { retry_after: Some(RetryAfter::Seconds(seconds)), ..answered(status) }
}

pub fn timed_out() -> Reply {
    Reply { outcome: Outcome::TimedOut, status: None, ..answered(500) }
}

/// Gives the hall's candidate a callback.
pub async fn listen(hall: &Hall, url: &str, resource: Resource) {
    let callback = format!(r#"{{"url":"{url}","params":{{"job":"42"}},"resource":"{resource}"}}"#);
    hall.write(move |tx| {
        let row = storage::candidate::find_by_code(tx, CODE)?.unwrap();
        storage::candidate::update(tx, &Candidate { callback: Some(callback.clone()), ..row })
    })
    .await;
}

/// A webhook that is told of all changes.
pub async fn subscribe(hall: &Hall, id: &'static str, url: &str) {
    let webhook = Webhook {
        id: id.into(),
        organization_id: hall.organization.clone(),
        url: url.to_owned(),
        resource: Resource::Basic,
        description: String::new(),
        active: true,
        gone_at: None,
        created_at: hall.now(),
        deleted_at: None,
    };
    hall.write(move |tx| {
        storage::webhook::insert(tx, &webhook)?;
        let kinds = [Change::Completed, Change::Rescored, Change::Ignored, Change::Reacknowledged, Change::Reinstated];
        storage::webhook::set_events(tx, &id.into(), &kinds)
    })
    .await;
}

/// All messages to a target, the oldest first.
pub async fn messages(hall: &Hall, target: &'static str) -> Vec<Message> {
    let organization = hall.organization.clone();
    let mut found = hall
        .write(move |tx| {
            storage::outbox::list(tx, &organization, target, &storage::outbox::Filter::default(), None, 1000)
        })
        .await;
    found.reverse();
    found
}
