//! A request as an endpoint takes it: nothing is read until the endpoint asks, so that it can check
//! the scope first.

use crate::auth_layer::ClientAddress;
use crate::body::{BodyDocument, receive};
use crate::path::PathValues;
use crate::problem::Problem;
use crate::query::QueryReader;
use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequest, MatchedPath, OriginalUri, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Uri};
use domain::fault::{ErrorCode, Fault, FaultLocation, Faults};
use domain::id::RequestId;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

/// The two halves of a request.
pub struct RawRequest {
    pub head: RequestHead,
    pub body: Body,
}

/// Everything of a request but its body.
pub struct RequestHead {
    parts: Parts,
}

impl<S: Send + Sync> FromRequest<S> for RawRequest {
    type Rejection = Infallible;

    async fn from_request(request: Request, _: &S) -> Result<Self, Infallible> {
        let (parts, body) = request.into_parts();
        Ok(Self { head: RequestHead { parts }, body })
    }
}

impl RequestHead {
    /// The parameters of the path.
    #[must_use]
    pub fn path(&self) -> PathValues<'_> {
        let template = self.parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        PathValues::parse(template, self.target().path())
    }

    /// The query string.
    #[must_use]
    pub fn query(&self) -> QueryReader<'_> {
        let target = self.target();
        let length = target.path_and_query().map_or(0, |both| both.as_str().len());
        QueryReader::parse(target.query().unwrap_or_default(), length)
    }

    /// The headers as they were sent.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// What layers have put beside the request: its id, the caller, the client's address.
    #[must_use]
    pub const fn extensions(&self) -> &Extensions {
        &self.parts.extensions
    }

    /// The id the response will carry in `X-Request-Id`.
    #[must_use]
    pub fn request_id(&self) -> Option<&RequestId> {
        self.parts.extensions.get()
    }

    /// Where the client is: what a trusted proxy told, else the other end of the connection.
    #[must_use]
    pub fn client_address(&self) -> Option<IpAddr> {
        let forwarded = self.parts.extensions.get::<ClientAddress>().map(|address| address.0);
        forwarded.or_else(|| {
            self.parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip())
        })
    }

    /// The header `Idempotency-Key`: 1 to 255 visible ASCII characters (REST specification, 10.3).
    pub fn idempotency_key(&self, faults: &mut Faults) -> Option<&str> {
        const NAME: &str = "Idempotency-Key";
        let mut lines = self.headers().get_all(NAME).iter();
        let first = lines.next()?;
        let key = first.to_str().ok().filter(|key| {
            (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
        });
        let key = key.filter(|_| lines.next().is_none());
        if key.is_none() {
            let should = "must be given once, with 1 to 255 visible ASCII characters";
            faults.push(Fault::new(FaultLocation::header(NAME), ErrorCode::InvalidFormat, should));
        }
        key
    }

    /// The JSON body of a request, its faults still to be reported.
    ///
    /// # Errors
    /// 415 and 413, which come before every 400.
    pub async fn json(&self, body: Body, limit: usize) -> Result<BodyDocument, Problem> {
        let bytes = receive::json_bytes(self.headers(), body, limit).await?;
        Ok(BodyDocument::parse(&bytes))
    }

    /// As [`json`](Self::json), for bodies with candidates' answers: one unreadable text or value
    /// spoils no other.
    ///
    /// # Errors
    /// 415 and 413, which come before every 400.
    pub async fn lenient_json(&self, body: Body, limit: usize) -> Result<BodyDocument, Problem> {
        let bytes = receive::json_bytes(self.headers(), body, limit).await?;
        Ok(BodyDocument::parse_lenient(&bytes))
    }

    /// The target as sent, before any prefix was taken off.
    fn target(&self) -> &Uri {
        self.parts.extensions.get::<OriginalUri>().map_or(&self.parts.uri, |original| &original.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn head(keys: &[&str]) -> RequestHead {
        let mut request = Request::get("/");
        for key in keys {
            request = request.header("Idempotency-Key", *key);
        }
        let Ok(incoming) =
            RawRequest::from_request(request.body(Body::empty()).unwrap(), &()).await;
        incoming.head
    }

    #[tokio::test]
    async fn an_idempotency_key_of_another_form_is_a_fault_of_the_header() {
        let long = "k".repeat(256);
        for keys in [&[""][..], &["a b"], &[&long], &["a", "a"]] {
            let mut faults = Faults::new();
            assert_eq!(head(keys).await.idempotency_key(&mut faults), None, "{keys:?}");
            assert_eq!(faults.entries()[0].place, FaultLocation::header("Idempotency-Key"));
            assert_eq!(faults.code(), ErrorCode::InvalidFormat);
        }
    }

    #[tokio::test]
    async fn an_idempotency_key_is_optional() {
        let mut faults = Faults::new();
        assert_eq!(head(&[]).await.idempotency_key(&mut faults), None);
        assert_eq!(head(&["k~1!"]).await.idempotency_key(&mut faults), Some("k~1!"));
        assert!(faults.is_empty());
    }
}
