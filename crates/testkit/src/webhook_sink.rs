//! A receiver of callbacks that does what a test tells it, and remembers what it was sent.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;

/// What a receiver does with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiverBehaviour {
    Answer(u16),
    /// A status with `Retry-After`.
    RetryAfter(u16, String),
    /// 302 to an address.
    Redirect(String),
    /// Never answers.
    Hang,
    /// 200 and a body without an end.
    Endless,
}

/// A request that came in.
#[derive(Clone, Debug)]
pub struct ReceivedRequest {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl ReceivedRequest {
    /// A header as text; empty when there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A receiver on a free loopback port; it ends with the runtime.
#[derive(Clone)]
pub struct WebhookSink {
    address: SocketAddr,
    shared: Arc<WebhookSinkState>,
}

#[derive(Default)]
struct WebhookSinkState {
    /// What comes next; then 204.
    script: Mutex<VecDeque<ReceiverBehaviour>>,
    received: Mutex<Vec<ReceivedRequest>>,
}

impl WebhookSink {
    /// # Panics
    /// When there is no port.
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a socket has an address");
        let shared = Arc::new(WebhookSinkState::default());
        let router = Router::new().fallback(receive).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    /// The address of a path here.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    #[must_use]
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Says what is done with the next requests, in order; the rest is answered with 204.
    pub fn respond_with(&self, behaviours: impl IntoIterator<Item = ReceiverBehaviour>) {
        self.shared.script.lock().unwrap_or_else(PoisonError::into_inner).extend(behaviours);
    }

    /// What came in up to now.
    #[must_use]
    pub fn received(&self) -> Vec<ReceivedRequest> {
        self.shared.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn receive(
    State(shared): State<Arc<WebhookSinkState>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let received = ReceivedRequest { path: uri.path().to_owned(), headers, body };
    shared.received.lock().unwrap_or_else(PoisonError::into_inner).push(received);
    let next = shared.script.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    match next.unwrap_or(ReceiverBehaviour::Answer(204)) {
        ReceiverBehaviour::Answer(status) => code(status).into_response(),
        ReceiverBehaviour::RetryAfter(status, after) => {
            with(code(status), header::RETRY_AFTER, &after)
        }
        ReceiverBehaviour::Redirect(to) => with(StatusCode::FOUND, header::LOCATION, &to),
        ReceiverBehaviour::Hang => std::future::pending().await,
        ReceiverBehaviour::Endless => Body::from_stream(EndlessBody).into_response(),
    }
}

/// Chunks without an end.
struct EndlessBody;

impl futures_util::Stream for EndlessBody {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(Some(Ok(Bytes::from_static(&[b'x'; 1024]))))
    }
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a test gives a status that there is")
}

fn with(status: StatusCode, name: header::HeaderName, value: &str) -> Response {
    let value = HeaderValue::from_str(value).expect("a test gives a header that can be sent");
    (status, [(name, value)]).into_response()
}
