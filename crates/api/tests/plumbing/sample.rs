//! A small server: one resource to list and to create, its keys, and ways to call it.

use api::authorization::Credentials;
use api::body::receive::{ONE_MEBIBYTE, unexpected};
use api::etag::Tag;
use api::gate::{Authenticate, Gate, INTEGRATION, Refused, mount};
use api::incoming::Incoming;
use api::layers::{Surroundings, dress};
use api::mode::Mode;
use api::openapi::{self, BodyErrors, CommonErrors, PathErrors};
use api::pagination::{Page, Pagination};
use api::parameters::{LimitParameter, ModeParameter, PageParameter};
use api::problem::Problem;
use axum::body::Body;
use axum::extract::Extension;
use axum::http::{Request, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use domain::fault::{Code, Fault, Faults, Place};
use domain::id::{KeyId, RequestId};
use governor::clock::FakeRelativeClock;
use http_body_util::BodyExt as _;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt as _;
use utoipa_axum::{router::OpenApiRouter, routes};

pub const THINGS: &str = "/api/integration/rest/v1/tasks/T1/things";

#[derive(Clone)]
pub struct Caller(KeyId);

pub struct Keys;

impl Authenticate for Keys {
    type Caller = Caller;
    type Key = KeyId;

    async fn authenticate(&self, credentials: Credentials, _: RequestId) -> Result<Caller, Refused> {
        match (credentials.organization.as_deref(), credentials.secret.as_str()) {
            (None | Some("O1"), "K1") => Ok(Caller("Ky1".into())),
            (None | Some("O9"), "K9") => Ok(Caller("Ky9".into())),
            (None, "down") => Err(Refused::Unavailable),
            _ => Err(Refused::Unusable),
        }
    }

    fn was_good_lately(&self, credentials: &Credentials) -> bool {
        credentials.secret == "K1"
    }

    fn key(caller: &Caller) -> KeyId {
        caller.0.clone()
    }
}

/// Lists things.
#[utoipa::path(get, path = "/tasks/{taskId}/things",
    params(("taskId" = String, Path), ModeParameter, LimitParameter, PageParameter),
    responses((status = 200, body = Pagination), CommonErrors, PathErrors))]
async fn list(
    Extension(Caller(key)): Extension<Caller>,
    Incoming { head, body }: Incoming,
) -> Result<Response, Problem> {
    let mut faults = Faults::new();
    let mut path = head.path();
    let task = path.take_text("taskId");
    path.finish(&mut faults);
    let mut query = head.query();
    let (mode, page) = (Mode::read(&mut query), Page::read(&mut query));
    let filter = query.text("externalId");
    query.finish(&mut faults);
    faults.extend(unexpected(body).await);
    faults.into_result()?;
    if task != "T1" || key.as_str() != "Ky1" {
        return Err(Code::NotFound.into());
    }
    let tag = Tag::of_revision(7, 1, &format!("{task} {mode} {page:?} {filter:?}"), "test");
    if let Some(unchanged) = tag.not_modified(head.headers()) {
        return Ok(unchanged);
    }
    let filters: Vec<_> = filter.iter().map(|value| ("externalId", value.as_str())).collect();
    Ok(tag.on(Json(Pagination::new(23, page, mode, &filters))))
}

/// Creates a thing.
#[utoipa::path(post, path = "/tasks/{taskId}/things", params(("taskId" = String, Path)),
    responses((status = 200, body = String), CommonErrors, PathErrors, BodyErrors))]
async fn create(Incoming { head, body }: Incoming) -> Result<Response, Problem> {
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let mut path = head.path();
    let _ = path.take_text("taskId");
    path.finish(&mut faults);
    head.query().finish(&mut faults);
    let _ = head.idempotency_key(&mut faults);
    let name = document.read(|body| body.required("name").text(1..=200).map(str::to_owned)).flatten();
    let taken = name.as_deref() == Some("taken");
    document.add(taken.then(|| {
        let pointer = domain::json::Pointer::root().at("name");
        Fault::new(Place::Body(pointer), Code::DuplicateUniqId, "must not be taken")
    }));
    document.finish(&mut faults);
    faults.into_result()?;
    Ok(Json(name).into_response())
}

/// Panics.
#[utoipa::path(get, path = "/panic", responses(CommonErrors))]
async fn panic_now() -> Response {
    panic!("secret internals")
}

/// Never answers.
#[utoipa::path(get, path = "/hang", responses(CommonErrors))]
async fn hang() -> Response {
    std::future::pending().await
}

/// Answers with more than a kibibyte.
#[utoipa::path(get, path = "/long", responses((status = 200, body = String), CommonErrors))]
async fn long(Incoming { head, .. }: Incoming) -> Response {
    let tag = Tag::of_bytes(b"long");
    tag.not_modified(head.headers()).unwrap_or_else(|| tag.on(Json("long ".repeat(1000))))
}

pub struct Sample {
    router: Router,
    pub clock: FakeRelativeClock,
}

pub fn sample() -> Sample {
    sample_with_quota(NonZeroU32::new(6000))
}

pub fn sample_with_quota(quota: Option<NonZeroU32>) -> Sample {
    let described = OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(panic_now))
        .routes(routes!(hang))
        .routes(routes!(long));
    let (routes, document) = described.split_for_parts();
    let document = openapi::assemble("0.0.0", [(INTEGRATION[0], document)]);
    let clock = FakeRelativeClock::default();
    let gate = Arc::new(Gate::new(Keys, quota, clock.clone()));
    let routes =
        mount(gate, &INTEGRATION, routes).merge(openapi::routes(&document).unwrap()).merge(api::fault_pages::routes());
    let surroundings = Surroundings {
        meters: None,
        base_url: "https://assess.example.org".into(),
        mint_request_id: Arc::new(|| RequestId::from("Rq1")),
        patience: Duration::from_secs(30),
    };
    Sample { router: dress(routes, surroundings), clock }
}

/// A response that was read to its end.
pub struct Answer {
    pub status: u16,
    pub headers: axum::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Sample {
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// A request with key K1, further headers and a body.
    pub async fn call(&self, method: &str, target: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(target).header(header::AUTHORIZATION, "Bearer K1");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.call("GET", target, &[], Body::empty()).await
    }

    /// A GET with this `Authorization`, or none.
    pub async fn get_as(&self, target: &str, authorization: Option<&str>) -> Answer {
        let mut request = Request::get(target);
        if let Some(line) = authorization {
            request = request.header(header::AUTHORIZATION, line);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }
}
