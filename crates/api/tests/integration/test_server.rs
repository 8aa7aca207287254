//! The whole server without a socket: a real app on a temporary database, its router, keys, and
//! what was answered.

use app::caller::Caller;
use app::keys::NewKey;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::id::{OrganizationId, RequestId};
use domain::instance::Scope;
use http_body_util::BodyExt as _;
use serde_json::Value;
use std::num::NonZeroU32;
use std::sync::Arc;
use testkit::{AppFixture, SeededRandom};
use tower::ServiceExt as _;

/// Where the integration API lives.
pub const V1: &str = "/api/integration/rest/v1";

/// The scopes of the integration API.
pub const INTEGRATION_SCOPES: [Scope; 8] = [
    Scope::TasksRead,
    Scope::TasksWrite,
    Scope::CandidatesRead,
    Scope::CandidatesWrite,
    Scope::ResultsRead,
    Scope::AnswersRead,
    Scope::EvidencesRead,
    Scope::UsersRead,
];

pub struct ApiTestServer {
    pub fixture: AppFixture,
    pub router: Router,
    /// A key of the first organization with all scopes of the integration API.
    pub key: String,
}

impl ApiTestServer {
    pub async fn new() -> Self {
        Self::with_quota(None).await
    }

    pub async fn with_quota(quota: Option<NonZeroU32>) -> Self {
        let fixture = AppFixture::new().await;
        let settings = api::state::HttpSettings { quota, ..api::state::HttpSettings::default() };
        let router = api::server::router(&fixture.app, &settings).unwrap();
        let key = new_key(&fixture, &fixture.organization, &INTEGRATION_SCOPES).await;
        Self { fixture, router, key }
    }

    /// A key of this organization with these scopes.
    pub async fn new_key(&self, organization: &OrganizationId, scopes: &[Scope]) -> String {
        new_key(&self.fixture, organization, scopes).await
    }

    pub fn operator(&self) -> Caller {
        self.fixture.operator()
    }

    /// Another server on the same database, with so much room for printed pages.
    pub async fn node(&self, page_cache_bytes: u64) -> Router {
        let settings =
            api::state::HttpSettings { quota: None, page_cache_bytes, ..Default::default() };
        self.node_with(&settings).await
    }

    /// Another server on the same database.
    pub async fn node_with(&self, settings: &api::state::HttpSettings) -> Router {
        let fixture = &self.fixture;
        let chance = Arc::new(SeededRandom::new(settings.page_cache_bytes + 2));
        let app = app::App::open(
            fixture.storage.clone(),
            fixture.clock.clone(),
            chance,
            app::Settings::default(),
        );
        api::server::router(&app.await.unwrap(), settings).unwrap()
    }

    /// Sends a request as it is.
    pub async fn send(&self, sent: TestRequest) -> TestResponse {
        send_to(&self.router, sent).await
    }

    /// Sends a request and unpacks the body, as a client that asks for compressed bodies does.
    pub async fn send_decoding(&self, sent: TestRequest) -> TestResponse {
        let client = tower::ServiceBuilder::new()
            .layer(tower_http::decompression::DecompressionLayer::new())
            .service(self.router.clone());
        let response = client.oneshot(sent.into_request()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        TestResponse { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// GET below the prefix, with the house's key.
    pub async fn get(&self, target: &str) -> TestResponse {
        self.send(TestRequest::get(format!("{V1}{target}")).bearer(&self.key)).await
    }

    /// A JSON body below the prefix, with the house's key.
    pub async fn send_json(&self, method: &str, target: &str, body: &str) -> TestResponse {
        let sent = TestRequest::new(method, format!("{V1}{target}")).bearer(&self.key);
        self.send(sent.header("content-type", "application/json").body(body)).await
    }

    /// Rises with every write: rows inserted, changed or deleted since a SQLite file was opened,
    /// rows of the tables that any act adds to on PostgreSQL, which does not count.
    pub async fn rows_written(&self) -> i64 {
        let sql = if storage::testing::is_postgres() { ROWS } else { "SELECT total_changes()" };
        self.fixture.storage.write(move |tx| tx.integer(sql, &[])).await.unwrap()
    }
}

const ROWS: &str = "SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM receipt) \
    + (SELECT count(*) FROM client_token) + (SELECT count(*) FROM login_session) + (SELECT count(*) FROM candidate) \
    + (SELECT count(*) FROM instance) + (SELECT count(*) FROM task) + (SELECT count(*) FROM test_version)";

/// Sends a request as it is to one of several nodes.
pub async fn send_to(node: &Router, sent: TestRequest) -> TestResponse {
    let (method, target) = (sent.method.clone(), sent.target.clone());
    let response = node.clone().oneshot(sent.into_request()).await.unwrap();
    let (parts, body) = response.into_parts();
    crate::documented::check(&method, &target, parts.status.as_u16());
    let body = body.collect().await.unwrap().to_bytes();
    TestResponse { status: parts.status.as_u16(), headers: parts.headers, body }
}

async fn new_key(fixture: &AppFixture, organization: &OrganizationId, scopes: &[Scope]) -> String {
    let operator = Caller::operator(organization.clone(), RequestId::from("Rq-test"));
    let new = NewKey {
        name: "test".into(),
        scopes: scopes.to_vec(),
        tasks: None,
        folders: None,
        expires_at: None,
    };
    fixture.app.create_key(&operator, new).await.unwrap().secret
}

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

    fn into_request(self) -> Request<Body> {
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
