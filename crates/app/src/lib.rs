//! Use cases: authorise, load, let the domain decide, store with audit and outbox, in one
//! transaction.
//!
//! Every use case is a method of a service (`services`) whose first argument says who asks. Time is read once,
//! when the request has arrived whole. A refused request changes nothing; nothing is acknowledged
//! before its commit. This crate parses no HTTP and writes no SQL.

pub mod administration;
pub mod answers;
pub mod app_metrics;
pub mod audit;
pub mod background;
pub mod bank;
mod bulk;
pub mod caller;
pub mod candidates;
pub mod change_feed;
pub mod clock_watch;
pub mod compiled_cache;
mod compute;
mod concurrency_limiter;
pub mod correction_jobs;
pub mod correction_preview;
pub mod corrections;
pub mod deadlines;
pub(crate) mod deferred_viewings;
pub mod delivery;
pub mod dispatch;
pub mod erasure;
pub mod evaluation;
pub mod evidences;
pub mod expansion;
pub mod export;
pub mod failure;
pub mod health;
mod idempotency;
pub mod instance_search;
mod json;
pub mod keys;
pub mod mail;
pub mod media;
pub mod organization_profile;
mod organization_view;
pub mod organizations;
pub mod outbox;
pub mod ports;
pub mod proctoring;
mod replica;
pub mod result_release;
pub mod results;
pub mod retention;
pub mod seeding;
pub mod serialize;
pub mod services;
pub mod settings;
pub mod staff;
pub mod statistics;
mod stored_number;
pub mod tasks;
pub mod test_library;
pub mod throttle;
mod unit_of_work;
pub mod user_search;
pub mod users;
pub mod validation;
pub mod verification;
pub(crate) mod versions;
pub mod webhooks;

use crate::statistics::ReportCache;
use app_metrics::AppMetrics;
use clock_watch::ClockMonitor;
use compiled_cache::CompiledTestCache;
use concurrency_limiter::ConcurrencyLimiter;
use deadlines::DeadlineTracker;
use delivery::sessions::SessionUses;
use domain::pattern::MatchMemo;
use domain::time::Timestamp;
use export::SpoolQuota;
pub use failure::Failure;
use ports::{Clock, NewId, Rng, RngExt};
use replica::ReplicaState;
use results::head_loader::HeadLoader;
pub use settings::Settings;
use std::sync::{Arc, OnceLock};
use storage::Storage;
use throttle::{DeliveryRateLimiter, LoginThrottles};

/// The running server's use cases. Clones share everything.
#[derive(Clone)]
pub struct App {
    inner: Arc<AppInner>,
}

struct AppInner {
    storage: Storage,
    clock: ClockMonitor,
    rng: Arc<dyn Rng>,
    settings: Settings,
    keys: keys::ApiKeyCache,
    compiled: CompiledTestCache,
    deadlines: DeadlineTracker,
    /// What signs receipts, once it was read.
    receipt_key: OnceLock<ed25519_dalek::SigningKey>,
    heads: HeadLoader,
    late_views: deferred_viewings::DeferredViewings,
    replica: ReplicaState,
    meters: AppMetrics,
    write_probes: health::WriteProbes,
    throttles: LoginThrottles,
    delivery_rates: DeliveryRateLimiter,
    session_uses: SessionUses,
    media: media::MediaContext,
    pictures: ReportCache,
    verifications: verification::VerificationRuns,
    compute_places: ConcurrencyLimiter,
    match_memo: Arc<MatchMemo>,
    exports: ConcurrencyLimiter,
    spool_quota: SpoolQuota,
}

impl App {
    /// Puts the use cases on top of an open database.
    ///
    /// # Errors
    /// When the database cannot be read or its installation row cannot be made.
    pub async fn open(
        storage: Storage,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Rng>,
        settings: Settings,
    ) -> Result<Self, Failure> {
        let compiled = CompiledTestCache::new(settings.compiled_cache_bytes);
        let export_room = SpoolQuota::new(settings.export_spool_bytes);
        let delivery_rates = DeliveryRateLimiter::new(&settings);
        let inner = AppInner {
            storage,
            clock: ClockMonitor::new(clock),
            rng: chance,
            settings,
            keys: keys::ApiKeyCache::default(),
            compiled,
            deadlines: DeadlineTracker::default(),
            receipt_key: OnceLock::new(),
            heads: HeadLoader::default(),
            late_views: deferred_viewings::DeferredViewings::default(),
            replica: ReplicaState::default(),
            meters: AppMetrics::default(),
            write_probes: health::WriteProbes::default(),
            throttles: LoginThrottles::default(),
            delivery_rates,
            session_uses: SessionUses::default(),
            media: media::MediaContext::default(),
            pictures: ReportCache::default(),
            verifications: verification::VerificationRuns::default(),
            compute_places: compute::compute_limiter(),
            match_memo: Arc::default(),
            exports: ConcurrencyLimiter::new(export::LIMITS),
            spool_quota: export_room,
        };
        let app = Self { inner: Arc::new(inner) };
        app.organizations().ensure_installed().await?;
        app.storage().remember_place().await?;
        app.files().derive_link_key().await?;
        Ok(app)
    }

    /// The present moment: the server's clock, or while that jumped the steady count
    /// (`clock_watch`).
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    pub(crate) fn clock(&self) -> &ClockMonitor {
        &self.inner.clock
    }

    pub(crate) fn storage(&self) -> &Storage {
        &self.inner.storage
    }

    pub(crate) fn compiled_cache(&self) -> &CompiledTestCache {
        &self.inner.compiled
    }

    pub(crate) fn deadlines(&self) -> &DeadlineTracker {
        &self.inner.deadlines
    }

    pub(crate) fn compute_limiter(&self) -> &ConcurrencyLimiter {
        &self.inner.compute_places
    }

    pub(crate) fn match_memo(&self) -> &Arc<MatchMemo> {
        &self.inner.match_memo
    }

    pub(crate) fn export_limiter(&self) -> &ConcurrencyLimiter {
        &self.inner.exports
    }

    pub(crate) fn spool_quota(&self) -> &SpoolQuota {
        &self.inner.spool_quota
    }

    pub(crate) fn meters(&self) -> &AppMetrics {
        &self.inner.meters
    }

    pub(crate) fn write_probes(&self) -> &health::WriteProbes {
        &self.inner.write_probes
    }

    pub(crate) fn deferred_viewings(&self) -> &deferred_viewings::DeferredViewings {
        &self.inner.late_views
    }

    pub(crate) fn head_loader(&self) -> &HeadLoader {
        &self.inner.heads
    }

    pub(crate) fn replica(&self) -> &ReplicaState {
        &self.inner.replica
    }

    pub(crate) fn throttles(&self) -> &LoginThrottles {
        &self.inner.throttles
    }

    pub(crate) fn delivery_rates(&self) -> &DeliveryRateLimiter {
        &self.inner.delivery_rates
    }

    pub(crate) fn session_uses(&self) -> &SessionUses {
        &self.inner.session_uses
    }

    pub(crate) fn report_cache(&self) -> &ReportCache {
        &self.inner.pictures
    }

    pub(crate) fn verifications(&self) -> &verification::VerificationRuns {
        &self.inner.verifications
    }

    pub(crate) fn media(&self) -> &media::MediaContext {
        &self.inner.media
    }

    /// Something nobody can guess, for one answer.
    #[must_use]
    pub fn nonce(&self) -> String {
        hex::encode(self.rng().bytes::<16>())
    }

    pub(crate) fn rng(&self) -> &dyn Rng {
        self.inner.rng.as_ref()
    }

    /// 64 random bits.
    #[must_use]
    pub fn random_u64(&self) -> u64 {
        self.rng().bits()
    }

    /// A new id of any kind.
    pub fn new_id<Id: NewId>(&self, now: Timestamp) -> Id {
        Id::new_id(now, self.rng().bits())
    }
}
