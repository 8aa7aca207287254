//! What a candidate's browser sends over the whole router, and what it is answered.

use crate::TestApp;
use crate::fixtures::CODE;
use crate::openapi_check::assert_documented;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, header};
use serde_json::{Value, json};
use tower::ServiceExt;

const PREFIX: &str = "/api/delivery/v1";

#[derive(Clone)]
pub struct DeliveryClient {
    pub router: Router,
    pub token: Option<String>,
}

pub struct DeliveryReply {
    pub status: u16,
    pub retry_after: Option<String>,
    pub headers: HeaderMap,
    pub bytes: Bytes,
    pub body: Value,
}

impl DeliveryClient {
    pub fn for_app(test_app: &TestApp) -> Self {
        Self { router: test_app.router(), token: None }
    }

    pub async fn entered(test_app: &TestApp) -> Self {
        Self::entered_with(test_app, CODE).await
    }

    pub async fn entered_with(test_app: &TestApp, code: &str) -> Self {
        let mut browser = Self::for_app(test_app);
        let session = browser.post("/enter", &json!({ "invitationCode": code })).await;
        browser.token = Some(session.body["token"].as_str().unwrap().to_owned());
        browser
    }

    pub async fn get(&self, path: &str) -> DeliveryReply {
        self.call("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> DeliveryReply {
        self.call("POST", path, Some(body)).await
    }

    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> DeliveryReply {
        let mut request = Request::builder().method(method).uri(format!("{PREFIX}{path}"));
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    /// Sends a file.
    pub async fn file(&self, path: &str, kind: &str, body: impl Into<Body>) -> DeliveryReply {
        let mut request =
            Request::post(format!("{PREFIX}{path}")).header(header::CONTENT_TYPE, kind);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Follows a link with these headers, as anybody may who has it.
    pub async fn follow(&self, method: &str, url: &str, headers: &[(&str, &str)]) -> DeliveryReply {
        let mut request = Request::builder().method(method).uri(path_of(url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub async fn send(&self, request: Request<Body>) -> DeliveryReply {
        let (method, target) = (request.method().to_string(), request.uri().to_string());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        assert_documented(&method, &target, parts.status.as_u16());
        let retry_after =
            parts.headers.get(header::RETRY_AFTER).map(|line| line.to_str().unwrap().to_owned());
        let bytes = to_bytes(body, 1 << 22).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        DeliveryReply {
            status: parts.status.as_u16(),
            retry_after,
            headers: parts.headers,
            bytes,
            body,
        }
    }
}

/// An address without its server.
pub fn path_of(url: &str) -> &str {
    url.strip_prefix("http://127.0.0.1:8080").unwrap_or(url)
}

impl DeliveryReply {
    pub fn code(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |line| line.to_str().unwrap())
    }

    pub fn detail(&self) -> &str {
        self.body["detail"].as_str().unwrap_or_default()
    }

    /// Name and code of each fault.
    pub fn faults(&self) -> Vec<String> {
        let place = |fault: &Value| {
            fault["name"].as_str().or(fault["pointer"].as_str()).unwrap_or("?").to_owned()
        };
        let spell = |fault: &Value| format!("{} {}", place(fault), fault["code"].as_str().unwrap());
        self.body["errors"].as_array().unwrap().iter().map(spell).collect()
    }
}
