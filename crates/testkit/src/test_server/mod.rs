//! The whole server without a socket: a real app on a temporary database, its router, keys, and
//! what was answered.

mod message;
mod scenario;

pub use message::{TestRequest, TestResponse};
pub use scenario::{TaskWithSteps, evaluation_of_essay, reinstatement, temporary};

use crate::openapi_check::assert_documented;
use crate::{SeededRandom, TestApp};
use app::caller::Caller;
use axum::Router;
use domain::id::OrganizationId;
use domain::instance::Scope;
use http_body_util::BodyExt as _;
use std::num::NonZeroU32;
use std::sync::Arc;
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

/// A server with one organization and a key.
pub struct TestServer {
    pub test_app: TestApp,
    pub router: Router,
    /// A key of the first organization with all scopes of the integration API.
    pub key: String,
}

impl TestServer {
    pub async fn new() -> Self {
        Self::with_quota(None).await
    }

    pub async fn with_quota(quota: Option<NonZeroU32>) -> Self {
        let test_app = TestApp::empty().await;
        let settings = api::state::HttpSettings { quota, ..api::state::HttpSettings::default() };
        let router = api::server::router(&test_app.app, &settings).unwrap();
        let key = test_app.create_key(&INTEGRATION_SCOPES).await;
        Self { test_app, router, key }
    }

    /// A key of this organization with these scopes.
    pub async fn new_key(&self, organization: &OrganizationId, scopes: &[Scope]) -> String {
        self.test_app.create_key_of(organization, scopes).await
    }

    pub fn operator(&self) -> Caller {
        self.test_app.operator()
    }

    /// Another server on the same database, with so much room for printed pages.
    pub async fn node(&self, page_cache_bytes: u64) -> Router {
        let settings =
            api::state::HttpSettings { quota: None, page_cache_bytes, ..Default::default() };
        self.node_with(&settings).await
    }

    /// Another server on the same database.
    pub async fn node_with(&self, settings: &api::state::HttpSettings) -> Router {
        let test_app = &self.test_app;
        let chance = Arc::new(SeededRandom::new(settings.page_cache_bytes + 2));
        let app = app::App::open(
            test_app.storage.clone(),
            test_app.clock.clone(),
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

    /// GET below the prefix, with the server's key.
    pub async fn get(&self, target: &str) -> TestResponse {
        self.send(TestRequest::get(format!("{V1}{target}")).bearer(&self.key)).await
    }

    /// A JSON body below the prefix, with the server's key.
    pub async fn send_json(&self, method: &str, target: &str, body: &str) -> TestResponse {
        let sent = TestRequest::new(method, format!("{V1}{target}")).bearer(&self.key);
        self.send(sent.header("content-type", "application/json").body(body)).await
    }

    /// Rises with every write: rows inserted, changed or deleted since a SQLite file was opened,
    /// rows of the tables that any act adds to on PostgreSQL, which does not count.
    pub async fn rows_written(&self) -> i64 {
        let sql = if storage::testing::is_postgres() { ROWS } else { "SELECT total_changes()" };
        self.test_app.storage.write(move |tx| tx.integer(sql, &[])).await.unwrap()
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
    assert_documented(&method, &target, parts.status.as_u16());
    let body = body.collect().await.unwrap().to_bytes();
    TestResponse { status: parts.status.as_u16(), headers: parts.headers, body }
}
