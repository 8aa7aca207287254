//! The gate before an API: who calls, and whether that is too often. It runs before routing, so
//! that an unauthenticated caller learns nothing about paths (REST specification, 1.5: order of
//! checks).
//!
//! Must never say why a key is no good: missing, malformed, unknown, revoked and expired look the
//! same.

use crate::authorization::{self, Credentials};
use crate::bad_key_throttle::BadKeyThrottle;
use crate::fallback::with_fallbacks;
use crate::problem::Problem;
use crate::rate_limit::{KeyedRateLimiter, RateLimitStatus};
use app::throttle::ClientNetwork;
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use domain::fault::ErrorCode;
use domain::id::RequestId;
use governor::clock::{Clock, DefaultClock};
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use tower::ServiceBuilder;

/// The integration API and its alias; both serve the same handlers.
pub const INTEGRATION: [&str; 2] = ["/api/integration/rest/v1", "/api/integration/rest"];

/// Why a key was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRejection {
    /// Unknown, revoked, expired, or not of the organization it was shown with.
    Unusable,
    /// The keys cannot be looked up now.
    Unavailable,
}

/// Knows the keys.
pub trait Authenticate: Send + Sync + 'static {
    /// Who calls; put into the extensions of the request for the extractors of the endpoints.
    type Caller: Clone + Send + Sync + 'static;
    /// What requests are counted by.
    type RateLimitKey: Hash + Eq + Clone + Send + Sync + 'static;

    /// Looks a key up. `request` is the id the response will carry.
    fn authenticate(
        &self,
        credentials: Credentials,
        request: RequestId,
    ) -> impl Future<Output = Result<Self::Caller, KeyRejection>> + Send;

    /// Whether these were good a short while ago; never asks the database. Such keys are looked up
    /// even when their network sends too many bad ones, so that nobody behind the same address
    /// stops a program at work.
    fn was_recently_authenticated(&self, credentials: &Credentials) -> bool;

    /// What the requests of a caller are counted by.
    fn rate_limit_key(caller: &Self::Caller) -> Self::RateLimitKey;
}

/// The address of the client, for servers behind a proxy the operator trusts. Without it, that of
/// the connection.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// Authentication and counting together.
pub struct AuthLayer<A: Authenticate, C: Clock = DefaultClock> {
    keys: A,
    requests: Option<KeyedRateLimiter<A::RateLimitKey, C>>,
    bad_keys: Option<BadKeyThrottle<C>>,
}

impl<A: Authenticate, C> AuthLayer<A, C>
where
    C: Clock + Clone + Send + Sync + 'static,
    C::Instant: Send + Sync,
{
    /// A gate that allows `quota` requests a minute for each key, and as many bad keys from each
    /// address; no limit when the operator lifted it.
    pub fn new(keys: A, quota: Option<NonZeroU32>, clock: C) -> Self {
        let requests = quota.map(|quota| KeyedRateLimiter::new(quota, clock.clone()));
        let bad_keys = quota.map(|quota| BadKeyThrottle::new(quota, clock));
        Self { keys, requests, bad_keys }
    }

    async fn admit(&self, request: &mut Request) -> Result<Option<RateLimitStatus>, Problem> {
        let Some(credentials) = authorization::read(request.headers()) else {
            return Err(ErrorCode::Unauthenticated.into());
        };
        let network = address(request).map(|address| ClientNetwork::of(Some(address)));
        let blocked = self
            .bad_keys
            .as_ref()
            .zip(network)
            .and_then(|(bad_keys, network)| bad_keys.blocked_for(network));
        if let Some(seconds) =
            blocked.filter(|_| !self.keys.was_recently_authenticated(&credentials))
        {
            return Err(rate_limited("address", seconds));
        }
        // Routes that are not dressed, as in tests of the gate alone, have none.
        let id = request.extensions().get().cloned().unwrap_or_else(|| RequestId::from(""));
        let caller = match self.keys.authenticate(credentials, id).await {
            Ok(caller) => caller,
            Err(KeyRejection::Unavailable) => return Err(ErrorCode::Unavailable.into()),
            Err(KeyRejection::Unusable) => return Err(self.refuse(network)),
        };
        // Counted by whose key it is, once it has proved good: counted by what was sent, every
        // guess would be a key of the table of counts.
        let rate_status =
            self.requests.as_ref().map(|rates| rates.count(&A::rate_limit_key(&caller)));
        request.extensions_mut().insert(caller);
        Ok(rate_status)
    }

    fn refuse(&self, network: Option<ClientNetwork>) -> Problem {
        match self
            .bad_keys
            .as_ref()
            .zip(network)
            .and_then(|(bad_keys, network)| bad_keys.record_failure(network))
        {
            Some(seconds) => rate_limited("address", seconds),
            None => ErrorCode::Unauthenticated.into(),
        }
    }
}

/// Puts the gate before routes, under each of the prefixes. `routes` are written without a prefix.
pub fn mount_with_auth<A, C>(
    gate: Arc<AuthLayer<A, C>>,
    prefixes: &[&str],
    routes: Router,
) -> Router
where
    A: Authenticate,
    C: Clock + Clone + Send + Sync + 'static,
    C::Instant: Send + Sync,
{
    let guard = from_fn_with_state(gate, auth_middleware::<A, C>);
    let guarded = ServiceBuilder::new().layer(guard).service(with_fallbacks(routes));
    prefixes
        .iter()
        .fold(Router::new(), |router, prefix| router.nest_service(prefix, guarded.clone()))
}

async fn auth_middleware<A, C>(
    State(gate): State<Arc<AuthLayer<A, C>>>,
    mut request: Request,
    next: Next,
) -> Response
where
    A: Authenticate,
    C: Clock + Clone + Send + Sync + 'static,
    C::Instant: Send + Sync,
{
    let rate_status = match gate.admit(&mut request).await {
        Ok(rate_status) => rate_status,
        Err(problem) => return problem.into_response(),
    };
    let mut response = match rate_status.and_then(|rate_status| rate_status.retry_after) {
        Some(seconds) => rate_limited("key", seconds).into_response(),
        None => next.run(request).await,
    };
    if let Some(rate_status) = rate_status {
        rate_status.write_headers(response.headers_mut());
    }
    response
}

/// `by` is what was counted: a key, a session, or the address something came from.
pub(crate) fn rate_limited(by: &'static str, seconds: u64) -> Problem {
    metrics::counter!("assay_rate_limited_total", "by" => by).increment(1);
    Problem::new(ErrorCode::RateLimited).retry_after(seconds)
}

fn address(request: &Request) -> Option<IpAddr> {
    let extensions = request.extensions();
    let forwarded = extensions.get::<ClientAddress>().map(|address| address.0);
    forwarded.or_else(|| extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip()))
}
