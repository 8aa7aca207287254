//! What a program with a key sends over the whole router, and what it is answered.

use crate::TestApp;
use crate::openapi_check::assert_documented;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use domain::instance::Scope;
use serde_json::Value;
use tower::ServiceExt as _;

/// A program with a key.
pub struct ManagementClient {
    pub router: Router,
    pub secret: String,
}

impl ManagementClient {
    /// One with a new key of the app's organization.
    pub async fn with(test_app: &TestApp, scopes: &[Scope]) -> Self {
        Self { router: test_app.router(), secret: test_app.create_key(scopes).await }
    }

    /// The same server asked with another key.
    pub fn with_secret(&self, secret: impl Into<String>) -> Self {
        Self { router: self.router.clone(), secret: secret.into() }
    }

    /// Sends a body of a media type below the prefix of the management API. Status and body.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        media_type: Option<&str>,
        body: String,
    ) -> (u16, Value) {
        self.send_to(&format!("/api/management/v1{path}"), method, media_type, body).await
    }

    /// Reads from the integration API.
    pub async fn integration(&self, path: &str) -> (u16, Value) {
        self.send_to(&format!("/api/integration/rest/v1{path}"), "GET", None, String::new()).await
    }

    pub async fn send_to(
        &self,
        target: &str,
        method: &str,
        media_type: Option<&str>,
        body: String,
    ) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(target);
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.secret));
        if let Some(media_type) = media_type {
            request = request.header(header::CONTENT_TYPE, media_type);
        }
        let response =
            self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        assert_documented(method, target, status);
        let bytes = to_bytes(response.into_body(), 1 << 22).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, None, String::new()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send("POST", path, Some("application/json"), body.to_string()).await
    }
}

/// Pointers and codes of a problem's faults.
pub fn faults_of(problem: &Value) -> Vec<String> {
    let entry = |fault: &Value| {
        format!("{} {}", fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap())
    };
    problem["errors"].as_array().unwrap().iter().map(entry).collect()
}
