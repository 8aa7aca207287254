//! How often candidates' browsers may ask: per log-in session, and per client network.

use super::attempt_log::LONGEST_QUEUE_MILLIS;
use super::token_buckets::{RateAllowance, TokenBuckets};
use super::{ClientNetwork, millis, too_many};
use crate::caller::CandidateSession;
use crate::failure::{Failure, RefusalDetail};
use crate::services::DeliveryService;
use crate::settings::Settings;
use domain::id::InstanceId;
use domain::refusal::Refusal;
use domain::time::Timestamp;
use std::hash::Hash;
use std::net::IpAddr;
use storage::Sha256Digest;
use tokio::time::sleep;

/// Requests that a session may make at once: a page with many questions, an answer to each, and a
/// reload.
const SESSION_BURST_SECONDS: u32 = 5;
/// Requests of a network at once: a room that is let in, or hands in, at the same moment.
const NETWORK_BURST_SECONDS: u32 = 10;
/// KiB of a session a second, and at once: a long essay is sent again after every pause, a million
/// characters now and then.
const SESSION_KIBIBYTES: (u32, u32) = (256, 8 << 10);
/// The same of a network: two hundred candidates who each send twenty kibibytes a second.
const NETWORK_KIBIBYTES: (u32, u32) = (4 << 10, 64 << 10);
/// Entries at once, in minutes of their rate: a hall of three hundred comes through the door
/// together.
const ENTRY_BURST_MINUTES: u32 = 5;

/// Answers of an instance that are checked in practice mode, a minute and at once: each leaves an
/// event for ever.
const CHECKS: u32 = 30;

/// What was one too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitExceeded {
    /// What was counted: `session` or `address`.
    pub by: &'static str,
    /// Seconds until asking again makes sense.
    pub retry_after: u32,
}

/// The counts of one server. None lifts a limit.
pub(crate) struct DeliveryRateLimiter {
    by_session: Option<TrafficLimiter<Sha256Digest>>,
    by_network: Option<TrafficLimiter<ClientNetwork>>,
    entries: Option<TokenBuckets<ClientNetwork>>,
    registrations: Option<TokenBuckets<ClientNetwork>>,
    checks: TokenBuckets<InstanceId>,
}

/// Requests, and KiB of their bodies.
struct TrafficLimiter<K> {
    requests: TokenBuckets<K>,
    kibibytes: TokenBuckets<K>,
}

impl<K: Eq + Hash + Clone> TrafficLimiter<K> {
    fn new(requests_per_second: u32, seconds: u32, kibibytes: RateAllowance) -> Self {
        let burst = requests_per_second.saturating_mul(seconds);
        let requests = TokenBuckets::new(RateAllowance::per_second(requests_per_second, burst));
        Self { requests, kibibytes: TokenBuckets::new(kibibytes) }
    }
}

fn take<K: Eq + Hash + Clone>(
    traffic: Option<&TrafficLimiter<K>>,
    key: &K,
    [requests, kibibytes]: [u32; 2],
    now: Timestamp,
    by: &'static str,
) -> Result<(), RateLimitExceeded> {
    let Some(traffic) = traffic else { return Ok(()) };
    let taken = traffic
        .requests
        .take(key, requests, now)
        .and_then(|()| traffic.kibibytes.take(key, kibibytes, now));
    taken.map_err(|retry_after| RateLimitExceeded { by, retry_after })
}

impl DeliveryRateLimiter {
    pub(crate) fn new(settings: &Settings) -> Self {
        let entries = settings.entries_per_minute_and_address;
        Self {
            by_session: settings.requests_per_second_and_session.map(|number| {
                TrafficLimiter::new(number, SESSION_BURST_SECONDS, SESSION_KIBIBYTES.into())
            }),
            by_network: settings.requests_per_second_and_address.map(|number| {
                TrafficLimiter::new(number, NETWORK_BURST_SECONDS, NETWORK_KIBIBYTES.into())
            }),
            entries: entries.map(|number| {
                TokenBuckets::new(RateAllowance::per_minute(
                    number,
                    number.saturating_mul(ENTRY_BURST_MINUTES),
                ))
            }),
            registrations: entries
                .map(|number| TokenBuckets::new(RateAllowance::per_minute(number, number))),
            checks: TokenBuckets::new(RateAllowance::per_minute(CHECKS, CHECKS)),
        }
    }
}

impl DeliveryService {
    /// Counts a request of a log-in session to the delivery API, and the bytes of its body, whether
    /// or not there is such a session. Files are no part of `bytes`: they have limits of their own.
    ///
    /// # Errors
    /// When there were too many of the session, or from its network.
    pub fn admit_request(
        &self,
        visitor: &CandidateSession,
        bytes: u64,
    ) -> Result<(), RateLimitExceeded> {
        let (rates, now, network) =
            (self.delivery_rates(), self.now(), ClientNetwork::of(visitor.address));
        let kibibytes = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        // The session first: what it may not do must not be taken from its neighbours.
        take(rates.by_session.as_ref(), &visitor.token_hash, [1, kibibytes], now, "session")?;
        take(rates.by_network.as_ref(), &network, [1, kibibytes], now, "address")?;
        self.session_uses().note(visitor.token_hash, now);
        Ok(())
    }

    /// Counts a check of an answer of an instance.
    ///
    /// # Errors
    /// `too_many_checks` with the seconds until there may be another.
    pub(crate) fn admit_check(&self, instance: &InstanceId, now: Timestamp) -> Result<(), Failure> {
        let taken = self.delivery_rates().checks.take(instance, 1, now);
        taken.map_err(|seconds| {
            Failure::Refused(RefusalDetail {
                code: Refusal::TooManyChecks,
                slots: Vec::new(),
                retry_after: Some(seconds),
            })
        })
    }

    /// Counts an entry before it is judged, so that a refusal tells nothing about it.
    pub(crate) fn admit_entry(&self, address: Option<IpAddr>) -> Result<(), Failure> {
        let (network, now) = (ClientNetwork::of(address), self.now());
        self.delivery_rates()
            .entries
            .as_ref()
            .map_or(Ok(()), |rate| rate.take(&network, 1, now))
            .map_err(too_many)
    }

    /// Waits for the turn of a visitor who becomes a candidate, since each leaves a row for ever:
    /// those beyond the rate come in one after another, and are refused when too many wait.
    pub(crate) async fn admit_registration(&self, address: Option<IpAddr>) -> Result<(), Failure> {
        let (Some(rate), network) =
            (&self.delivery_rates().registrations, ClientNetwork::of(address))
        else {
            return Ok(());
        };
        let wait = rate.reserve(&network, self.now(), LONGEST_QUEUE_MILLIS).map_err(too_many)?;
        sleep(millis(wait)).await;
        Ok(())
    }
}
