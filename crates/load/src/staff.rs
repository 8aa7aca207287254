//! What staff do before an exam, over the management API: a test, a task, candidates, keys for
//! integrators.

use crate::connection_pool::ServerConnection;
use crate::http::LoadRequest;
use crate::test_document;
use anyhow::{Context, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Candidates that one request may register.
const AT_ONCE: usize = 1000;

pub struct StaffClient {
    pub line: ServerConnection,
    pub key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatedTestReply {
    test_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatedTaskReply {
    task_id: String,
}

#[derive(Deserialize)]
struct RegisteredReply {
    candidates: Vec<InvitedReply>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InvitedReply {
    invitation_code: String,
}

#[derive(Deserialize)]
struct CreatedKeyReply {
    secret: String,
}

impl StaffClient {
    /// A task of one step; its id.
    pub async fn make_task(&mut self, pages: u32, questions: u32) -> anyhow::Result<String> {
        let document = test_document::document(pages, questions);
        let test: CreatedTestReply = self.post("/api/management/v1/tests", &document).await?;
        let task = json!({ "title": "Exam", "steps": [{ "test": test.test_id, "title": "Exam" }] });
        Ok(self.post::<CreatedTaskReply>("/api/management/v1/tasks", &task).await?.task_id)
    }

    /// Registers so many candidates; their invitation codes.
    pub async fn invite(&mut self, task: &str, candidates: usize) -> anyhow::Result<Vec<String>> {
        let mut codes = Vec::with_capacity(candidates);
        let path = format!("/api/management/v1/tasks/{task}/candidates/bulk");
        while codes.len() < candidates {
            let upto = candidates.min(codes.len() + AT_ONCE);
            let people: Vec<Value> = (codes.len()..upto).map(person).collect();
            let registered: RegisteredReply =
                self.post(&path, &json!({ "candidates": people })).await?;
            codes.extend(registered.candidates.into_iter().map(|invited| invited.invitation_code));
        }
        Ok(codes)
    }

    /// A key that may read results and nothing else.
    pub async fn make_reader_key(&mut self, number: usize) -> anyhow::Result<String> {
        let key = json!({ "name": format!("reader {number}"), "scopes": ["results:read"] });
        Ok(self.post::<CreatedKeyReply>("/api/management/v1/keys", &key).await?.secret)
    }

    pub async fn get<T: DeserializeOwned>(&mut self, path: &str) -> anyhow::Result<T> {
        let request = LoadRequest { method: "GET", path, token: Some(&self.key), body: None };
        send(&mut self.line, &request).await
    }

    async fn post<T: DeserializeOwned>(&mut self, path: &str, body: &Value) -> anyhow::Result<T> {
        let body = body.to_string();
        let request =
            LoadRequest { method: "POST", path, token: Some(&self.key), body: Some(&body) };
        send(&mut self.line, &request).await
    }
}

/// Sends a request that must not be refused.
pub async fn send<T: DeserializeOwned>(
    line: &mut ServerConnection,
    request: &LoadRequest<'_>,
) -> anyhow::Result<T> {
    let (method, path) = (request.method, request.path);
    let reply = line.exchange(request).await.with_context(|| format!("{method} {path}"))?;
    let text = || String::from_utf8_lossy(&reply.body).into_owned();
    ensure!(reply.status == 200, "{method} {path}: {} {}", reply.status, text());
    reply.json().with_context(|| format!("{method} {path}: {}", text()))
}

fn person(number: usize) -> Value {
    json!({ "kind": "temporary-candidate", "fullname": format!("Candidate {number}"),
        "email": format!("candidate{number}@example.com"), "externalId": format!("EXAM-{number}") })
}
