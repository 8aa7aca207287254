//! A small server: one resource to list and to create, its keys, and ways to call it.

use api::auth_layer::{AuthLayer, Authenticate, INTEGRATION, KeyRejection, mount_with_auth};
use api::authorization::Credentials;
use api::body::receive::{ONE_MEBIBYTE, unexpected};
use api::etag::EntityTag;
use api::layers::{LayerConfig, apply_layers};
use api::openapi::{self, BodyErrors, CommonErrors, PathErrors};
use api::pagination::Pagination;
use api::problem::Problem;
use api::raw_request::RawRequest;
use api::request::query::{PagedQuery, RequestQuery as _};
use axum::body::Body;
use axum::extract::Extension;
use axum::http::{Request, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use domain::fault::{ErrorCode, Fault, FaultLocation, Faults};
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
pub struct SampleCaller(KeyId);

pub struct SampleKeys;

impl Authenticate for SampleKeys {
    type Caller = SampleCaller;
    type RateLimitKey = KeyId;

    async fn authenticate(
        &self,
        credentials: Credentials,
        _: RequestId,
    ) -> Result<SampleCaller, KeyRejection> {
        match (credentials.organization.as_deref(), credentials.secret.as_str()) {
            (None | Some("O1"), "K1") => Ok(SampleCaller("Ky1".into())),
            (None | Some("O9"), "K9") => Ok(SampleCaller("Ky9".into())),
            (None, "down") => Err(KeyRejection::Unavailable),
            _ => Err(KeyRejection::Unusable),
        }
    }

    fn was_recently_authenticated(&self, credentials: &Credentials) -> bool {
        credentials.secret == "K1"
    }

    fn rate_limit_key(caller: &SampleCaller) -> KeyId {
        caller.0.clone()
    }
}

/// Lists things.
#[utoipa::path(get, path = "/tasks/{taskId}/things",
    params(("taskId" = String, Path), PagedQuery),
    responses((status = 200, body = Pagination), CommonErrors, PathErrors))]
async fn list(
    Extension(SampleCaller(key)): Extension<SampleCaller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    let mut faults = Faults::new();
    let mut path = head.path();
    let task = path.take_text("taskId");
    path.finish(&mut faults);
    let mut query = head.query();
    let PagedQuery { mode, page } = PagedQuery::read(&mut query);
    let filter = query.text("externalId");
    query.finish(&mut faults);
    faults.extend(unexpected(body).await);
    faults.into_result()?;
    if task != "T1" || key.as_str() != "Ky1" {
        return Err(ErrorCode::NotFound.into());
    }
    let tag = EntityTag::of_revision(7, 1, &format!("{task} {mode} {page:?} {filter:?}"), "test");
    if let Some(unchanged) = tag.not_modified(head.headers()) {
        return Ok(unchanged);
    }
    let filters: Vec<_> = filter.iter().map(|value| ("externalId", value.as_str())).collect();
    Ok(tag.apply_to(Json(Pagination::new(23, page, mode, &filters))))
}

/// Creates a thing.
#[utoipa::path(post, path = "/tasks/{taskId}/things", params(("taskId" = String, Path)),
    responses((status = 200, body = String), CommonErrors, PathErrors, BodyErrors))]
async fn create(RawRequest { head, body }: RawRequest) -> Result<Response, Problem> {
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let mut path = head.path();
    let _ = path.take_text("taskId");
    path.finish(&mut faults);
    head.query().finish(&mut faults);
    let _ = head.idempotency_key(&mut faults);
    let name =
        document.read(|body| body.required("name").text(1..=200).map(str::to_owned)).flatten();
    let taken = name.as_deref() == Some("taken");
    document.add_faults(taken.then(|| {
        let pointer = domain::json::JsonPointer::root().at("name");
        Fault::new(FaultLocation::Body(pointer), ErrorCode::DuplicateUniqId, "must not be taken")
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
async fn long(RawRequest { head, .. }: RawRequest) -> Response {
    let tag = EntityTag::of_bytes(b"long");
    tag.not_modified(head.headers()).unwrap_or_else(|| tag.apply_to(Json("long ".repeat(1000))))
}

pub struct SampleServer {
    router: Router,
    pub clock: FakeRelativeClock,
}

pub fn sample() -> SampleServer {
    sample_with_quota(NonZeroU32::new(6000))
}

pub fn sample_with_quota(quota: Option<NonZeroU32>) -> SampleServer {
    let described = OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(panic_now))
        .routes(routes!(hang))
        .routes(routes!(long));
    let (routes, document) = described.split_for_parts();
    let document = openapi::assemble("0.0.0", [(INTEGRATION[0], document)]);
    let clock = FakeRelativeClock::default();
    let gate = Arc::new(AuthLayer::new(SampleKeys, quota, clock.clone()));
    let routes = mount_with_auth(gate, &INTEGRATION, routes)
        .merge(openapi::routes(&document).unwrap())
        .merge(api::problem_pages::routes());
    let surroundings = LayerConfig {
        meters: None,
        base_url: "https://assess.example.org".into(),
        new_request_id: Arc::new(|| RequestId::from("Rq1")),
        timeout: Duration::from_secs(30),
        not_found: None,
    };
    SampleServer { router: apply_layers(routes, surroundings), clock }
}

/// A response that was read to its end.
pub struct SampleReply {
    pub status: u16,
    pub headers: axum::http::HeaderMap,
    pub body: Vec<u8>,
}

impl SampleReply {
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

impl SampleServer {
    pub async fn send(&self, request: Request<Body>) -> SampleReply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        SampleReply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// A request with key K1, further headers and a body.
    pub async fn call(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> SampleReply {
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header(header::AUTHORIZATION, "Bearer K1");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    pub async fn get(&self, target: &str) -> SampleReply {
        self.call("GET", target, &[], Body::empty()).await
    }

    /// A GET with this `Authorization`, or none.
    pub async fn get_as(&self, target: &str, authorization: Option<&str>) -> SampleReply {
        let mut request = Request::get(target);
        if let Some(line) = authorization {
            request = request.header(header::AUTHORIZATION, line);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }
}
