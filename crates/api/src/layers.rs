//! What every response gets, whatever answers: an id, headers, a problem's body, compression, a
//! line in the log.
//!
//! Must never log a query, a header or a code that opens an assessment.

use crate::etag;
use crate::fallback::{tidy_allow, with_page_fallback};
use crate::meters::RequestMeters;
use crate::problem::{self, Problem};
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::Authority;
use axum::http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header,
};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::id::RequestId;
use http_body_util::{BodyExt as _, Empty};
use std::any::Any;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tower::{ServiceBuilder, ServiceExt as _, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// Bodies below this many bytes are sent as they are: compressing them costs more than it saves.
const SMALLEST_COMPRESSED: u64 = 1024;

/// How long a file may take to arrive.
const FILE_TIMEOUT: Duration = Duration::from_secs(900);

const VARY: &str = "Authorization, Accept-Encoding";

/// Browsers stay with https for so long, once the server says that its address is one.
const ONE_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// For every response that does not bring its own.
const POLICIES: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "private, no-cache"),
    (header::VARY, VARY),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// What the layers need to know.
#[derive(Clone)]
pub struct LayerConfig {
    /// The public base URL without a final slash, for the `type` of problems.
    pub base_url: Arc<str>,
    /// Makes the id of a request.
    pub new_request_id: Arc<dyn Fn() -> RequestId + Send + Sync>,
    /// How long an answer may take to begin; then it is 503.
    pub timeout: Duration,
    /// Where requests are counted, if they are.
    pub meters: Option<Arc<RequestMeters>>,
    /// The page for people who come to an address that does not exist.
    pub not_found: Option<Router>,
}

/// Dresses the routes of the whole server.
pub fn apply_layers(routes: Router, surroundings: LayerConfig) -> Router {
    let not_found = surroundings.not_found.clone();
    let inner = ServiceBuilder::new()
        .layer(from_fn_with_state(Arc::new(surroundings), respond_with_layers))
        .layer(CatchPanicLayer::custom(problem_for_panic))
        .service(with_page_fallback(routes, not_found));
    let compressed = ServiceBuilder::new().layer(compression()).service(inner.clone());
    let choose = service_fn(move |request: Request| {
        let (request, is_head) = as_get(request);
        let wants_compression = request.headers().contains_key(header::ACCEPT_ENCODING);
        let (plain, compressed) = (
            (!wants_compression).then(|| inner.clone()),
            wants_compression.then(|| compressed.clone()),
        );
        async move {
            let answered = match (plain, compressed) {
                (Some(plain), _) => plain.oneshot(request).await,
                (None, Some(compressed)) => compressed.oneshot(request).await.map(mark_compressed),
                (None, None) => {
                    Ok::<_, Infallible>(Problem::new(ErrorCode::InternalError).into_response())
                }
            };
            answered.map(|response| without_body(response, is_head))
        }
    });
    Router::new().fallback_service(choose)
}

/// The method as the client sent it.
#[derive(Clone)]
struct SentMethod(Method);

/// Whether a request came as HEAD.
#[must_use]
pub fn is_head(extensions: &Extensions) -> bool {
    extensions.get::<SentMethod>().is_some_and(|sent| sent.0 == Method::HEAD)
}

/// HEAD is answered as GET, so that its headers are those of the body it would get, compressed or
/// not.
fn as_get(mut request: Request) -> (Request, bool) {
    let sent = request.method().clone();
    let is_head = sent == Method::HEAD;
    if is_head {
        *request.method_mut() = Method::GET;
    }
    request.extensions_mut().insert(SentMethod(sent));
    (request, is_head)
}

/// Leaves the body of an answer to HEAD out, and takes the length off a 304: it would be that of no
/// body, and a cache would take it for the body's.
fn without_body(mut response: Response, is_head: bool) -> Response {
    let is_not_modified = response.status() == StatusCode::NOT_MODIFIED;
    if is_not_modified {
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    if is_head || is_not_modified {
        // Mapping frames hides the length of a body, which would be written as 0, but not that it
        // is at its end.
        *response.body_mut() = Body::new(Empty::<Bytes>::new().map_frame(|frame| frame));
    }
    response
}

fn mark_compressed<B>(response: axum::http::Response<B>) -> Response
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    let mut response = response.map(Body::new);
    // The compressing layer adds a second line.
    response.headers_mut().insert(header::VARY, HeaderValue::from_static(VARY));
    etag::mark_compressed(response.headers_mut());
    response
}

fn compression() -> CompressionLayer<impl Predicate> {
    let packed = NotForContentType::const_new("application/vnd.openxmlformats");
    let images = NotForContentType::const_new("image/");
    let (sound, film) =
        (NotForContentType::const_new("audio/"), NotForContentType::const_new("video/"));
    let predicate =
        SizeAbove::new(SMALLEST_COMPRESSED).and(packed).and(images).and(sound).and(film);
    CompressionLayer::new()
        .gzip(true)
        .br(true)
        .quality(CompressionLevel::Fastest)
        .compress_when(predicate)
}

async fn respond_with_layers(
    State(surroundings): State<Arc<LayerConfig>>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let arrival = watch_body(&mut request);
    let id = (surroundings.new_request_id)();
    let sent = request
        .extensions()
        .get::<SentMethod>()
        .map_or_else(|| request.method().clone(), |sent| sent.0.clone());
    let path = loggable(request.uri().path()).to_owned();
    request.extensions_mut().insert(id.clone());
    let patience = if takes_a_file(&path) { FILE_TIMEOUT } else { surroundings.timeout };
    let named = named_host(&request);
    let response = match named {
        Err(should) => Problem::from(Fault::new(
            FaultLocation::header("Host"),
            ErrorCode::InvalidFormat,
            should,
        ))
        .into_response(),
        // Giving up the handler takes back nothing that it has handed to the writing thread: this 503
        // leaves open whether it was done, and asking again must be harmless.
        Ok(()) => match timeout(patience, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::new(ErrorCode::Unavailable).into_response(),
        },
    };
    let mut response = problem::render(response, &surroundings.base_url);
    set_headers(response.headers_mut(), &id);
    if surroundings.base_url.starts_with("https://") {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, ONE_YEAR);
    }
    if named.is_err() || arrival.is_some_and(|is_read| !is_read.load(Ordering::Relaxed)) {
        // What is left of the body would be taken for the next request, so the connection ends; a
        // client that keeps connections must be told, or its next request on it breaks. Whoever
        // names no server or two may be read differently by a proxy, and nothing more of that
        // connection is believed.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let took = began.elapsed();
    if let Some(meters) = &surroundings.meters {
        meters.record(&sent, &response, took);
    }
    let (status, micros) = (response.status().as_u16(), took.as_micros());
    tracing::info!(target: "assay::http", method = %sent, path, status, micros, request_id = %id);
    response
}

/// Whether a request names one server (RFC 9112, 3.2): with two names a proxy before the server and
/// the server may each take another one. None is asked of HTTP/1.0, nor of what comes over no
/// connection; an empty one names nobody. The error says what `Host` should be.
fn named_host(request: &Request) -> Result<(), &'static str> {
    let mut lines = request.headers().get_all(header::HOST).iter();
    let (first, second) = (lines.next(), lines.next());
    let Some(line) = first else {
        let is_connection = request.extensions().get::<ConnectInfo<SocketAddr>>().is_some();
        let is_needed = is_connection && request.version() == Version::HTTP_11;
        return if is_needed { Err("must be sent") } else { Ok(()) };
    };
    if second.is_some() {
        return Err("must be sent once");
    }
    let host =
        Authority::try_from(line.as_bytes()).ok().filter(|host| !host.as_str().contains('@'));
    if host.is_none() && !line.is_empty() {
        return Err("must be the name or address of a server, with a port or without");
    }
    match (request.uri().authority(), request.uri().scheme_str()) {
        (Some(target), scheme) if host.is_none_or(|host| !is_same_host(&host, target, scheme)) => {
            Err("must name the server that the request's target names")
        }
        _ => Ok(()),
    }
}

/// Whether two authorities are the same one; the port that a scheme has by itself may be left out.
fn is_same_host(one: &Authority, other: &Authority, scheme: Option<&str>) -> bool {
    let usual = match scheme {
        Some("http") => Some(80),
        Some("https") => Some(443),
        _ => None,
    };
    let port = |authority: &Authority| authority.port_u16().or(usual);
    one.host().eq_ignore_ascii_case(other.host()) && port(one) == port(other)
}

/// A request's body that remembers whether it was read to its end.
struct WatchedBody {
    body: Body,
    is_read: Arc<AtomicBool>,
}

impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None)) || self.body.is_end_stream() {
            self.is_read.store(true, Ordering::Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

/// Watches the body of a request; none when it has none.
fn watch_body(request: &mut Request) -> Option<Arc<AtomicBool>> {
    if request.body().is_end_stream() {
        return None;
    }
    let is_read = Arc::new(AtomicBool::new(false));
    let body = std::mem::take(request.body_mut());
    *request.body_mut() = Body::new(WatchedBody { body, is_read: is_read.clone() });
    Some(is_read)
}

fn set_headers(headers: &mut HeaderMap, id: &RequestId) {
    tidy_allow(headers);
    for (name, value) in POLICIES {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, value);
    }
}

/// Whether a request brings a file, which may come slowly.
fn takes_a_file(path: &str) -> bool {
    ["/uploads", "/evidences", "/identity-photo", "/documents"]
        .iter()
        .any(|ending| path.ends_with(ending))
}

/// The path without the code that opens an assessment.
fn loggable(path: &str) -> &str {
    const ENTRY: &str = "/enter/";
    if path.starts_with(ENTRY) { ENTRY } else { path }
}

fn problem_for_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let reason = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(target: "assay::http", reason = reason.unwrap_or("unknown"), "a handler panicked");
    Problem::new(ErrorCode::InternalError).into_response()
}
