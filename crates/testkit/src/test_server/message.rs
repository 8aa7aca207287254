//! Requests and responses of a [`TestServer`](super::TestServer).

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

/// A request about to be sent.
#[derive(Clone, Debug)]
pub struct TestRequest {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl TestRequest {
    pub fn new(method: &str, target: impl Into<String>) -> Self {
        Self {
            method: method.to_owned(),
            target: target.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub fn get(target: impl Into<String>) -> Self {
        Self::new("GET", target)
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn bearer(self, key: &str) -> Self {
        self.header("authorization", format!("Bearer {key}"))
    }

    pub fn basic(self, organization: &str, key: &str) -> Self {
        let pair = BASE64_STANDARD.encode(format!("{organization}:{key}"));
        self.header("authorization", format!("Basic {pair}"))
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(super) fn into_request(self) -> Request<Body> {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.target);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(Body::from(self.body)).unwrap()
    }
}

/// A response that was read to its end.
#[derive(Clone, Debug)]
pub struct TestResponse {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl TestResponse {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn tag(&self) -> &str {
        self.header(header::ETAG.as_str())
    }

    /// The headers that may not differ between two requests that differ in nothing the client may
    /// learn.
    pub fn lasting_headers(&self) -> Vec<(String, String)> {
        const PASSING: [&str; 4] = ["date", "x-request-id", "ratelimit", "ratelimit-policy"];
        let lasting = self.headers.iter().filter(|(name, _)| !PASSING.contains(&name.as_str()));
        let mut lines: Vec<_> = lasting
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        lines.sort();
        lines
    }

    /// Place and code of every fault, in order.
    pub fn faults(&self) -> Vec<String> {
        let body = self.json();
        let entries = body["errors"].as_array().unwrap_or_else(|| panic!("{}", self.text()));
        let place = |entry: &Value| {
            entry["pointer"].as_str().or(entry["name"].as_str()).unwrap_or("?").to_owned()
        };
        entries
            .iter()
            .map(|entry| format!("{} {}", place(entry), entry["code"].as_str().unwrap()))
            .collect()
    }

    /// One member of each row of a list.
    pub fn column(&self, list: &str, member: &str) -> Vec<String> {
        let body = self.json();
        let rows = body[list].as_array().unwrap_or_else(|| panic!("{}", self.text()));
        rows.iter().map(|row| row[member].as_str().unwrap().to_owned()).collect()
    }

    /// The ids of the listed instances.
    pub fn ids(&self) -> Vec<String> {
        let body = self.json();
        let rows = body["testInstances"].as_array().unwrap_or_else(|| panic!("{}", self.text()));
        rows.iter().map(|row| row["testInstanceId"].as_str().unwrap().to_owned()).collect()
    }
}
