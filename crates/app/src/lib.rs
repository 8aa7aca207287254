//! Use cases: authorise, load, let the domain decide, store with audit and outbox, in one transaction.
//!
//! Every use case is a method of [`App`] whose first argument says who asks. Time is read once, when the request has
//! arrived whole. A refused request changes nothing; nothing is acknowledged before its commit. This room parses no
//! HTTP and writes no SQL.

pub mod administration;
mod admission;
pub mod answers;
pub mod audit;
pub mod bank;
mod bulk;
pub mod caller;
pub mod candidates;
pub mod clock_watch;
pub mod compiled;
mod compute;
pub mod correction_jobs;
pub mod corrections;
pub mod deadlines;
pub mod delivery;
pub mod erasure;
pub mod evaluation;
pub mod evidences;
pub mod expansion;
pub mod export;
pub mod failure;
pub mod feed;
pub mod forms;
pub mod health;
pub mod instance_search;
mod json;
pub mod keys;
pub(crate) mod late_views;
pub mod mail;
pub mod media;
pub mod meters;
pub mod organizations;
pub mod outbox;
pub mod ports;
pub mod printed;
pub mod proctoring;
mod repeated;
mod replica;
pub mod results;
pub mod retention;
pub mod seeding;
pub mod settings;
pub mod staff;
pub mod statistics;
pub mod tasks;
pub mod tests;
pub mod throttle;
pub mod user_search;
pub mod users;
pub mod verification;
pub(crate) mod versions;
pub mod webhooks;

use crate::statistics::Pictures;
use admission::Admission;
use clock_watch::ClockWatch;
use compiled::CompiledTests;
use deadlines::Deadlines;
use delivery::sessions::SessionUses;
use domain::response::pattern::MatchMemo;
use domain::time::Timestamp;
use export::SpoolRoom;
pub use failure::Failure;
use meters::Meters;
use ports::{Chance, Clock, Draw, Minted};
use replica::Replica;
use results::heads::Heads;
pub use settings::Settings;
use std::sync::{Arc, OnceLock};
use storage::Storage;
use throttle::{DeliveryRates, Throttles};

/// The running server's use cases. Clones share everything.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    storage: Storage,
    clock: ClockWatch,
    chance: Arc<dyn Chance>,
    settings: Settings,
    keys: keys::Authentication,
    compiled: CompiledTests,
    deadlines: Deadlines,
    /// What signs receipts, once it was read.
    receipt_key: OnceLock<ed25519_dalek::SigningKey>,
    heads: Heads,
    late_views: late_views::LateViews,
    replica: Replica,
    meters: Meters,
    write_probes: health::WriteProbes,
    throttles: Throttles,
    delivery_rates: DeliveryRates,
    session_uses: SessionUses,
    media: media::Shelf,
    pictures: Pictures,
    verifications: verification::Runs,
    compute_places: Admission,
    match_memo: Arc<MatchMemo>,
    exports: Admission,
    export_room: SpoolRoom,
}

impl App {
    /// Puts the use cases on top of an open database.
    ///
    /// # Errors
    /// When the database cannot be read or its installation row cannot be made.
    pub async fn open(
        storage: Storage,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
        settings: Settings,
    ) -> Result<Self, Failure> {
        let compiled = CompiledTests::new(settings.compiled_cache_bytes);
        let export_room = SpoolRoom::new(settings.export_spool_bytes);
        let delivery_rates = DeliveryRates::new(&settings);
        let inner = Inner {
            storage,
            clock: ClockWatch::new(clock),
            chance,
            settings,
            keys: keys::Authentication::default(),
            compiled,
            deadlines: Deadlines::default(),
            receipt_key: OnceLock::new(),
            heads: Heads::default(),
            late_views: late_views::LateViews::default(),
            replica: Replica::default(),
            meters: Meters::default(),
            write_probes: health::WriteProbes::default(),
            throttles: Throttles::default(),
            delivery_rates,
            session_uses: SessionUses::default(),
            media: media::Shelf::default(),
            pictures: Pictures::default(),
            verifications: verification::Runs::default(),
            compute_places: compute::places(),
            match_memo: Arc::default(),
            exports: Admission::new(export::LIMITS),
            export_room,
        };
        let app = Self { inner: Arc::new(inner) };
        app.install().await?;
        app.storage().settle().await?;
        app.learn_link_key().await?;
        Ok(app)
    }

    /// The present moment: the server's clock, or while that jumped the steady count (`clock_watch`).
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    pub(crate) fn clock(&self) -> &ClockWatch {
        &self.inner.clock
    }

    pub(crate) fn storage(&self) -> &Storage {
        &self.inner.storage
    }

    pub(crate) fn compiled(&self) -> &CompiledTests {
        &self.inner.compiled
    }

    pub(crate) fn deadlines(&self) -> &Deadlines {
        &self.inner.deadlines
    }

    pub(crate) fn compute_places(&self) -> &Admission {
        &self.inner.compute_places
    }

    pub(crate) fn match_memo(&self) -> &Arc<MatchMemo> {
        &self.inner.match_memo
    }

    pub(crate) fn exports(&self) -> &Admission {
        &self.inner.exports
    }

    pub(crate) fn export_room(&self) -> &SpoolRoom {
        &self.inner.export_room
    }

    pub(crate) fn meters(&self) -> &Meters {
        &self.inner.meters
    }

    pub(crate) fn write_probes(&self) -> &health::WriteProbes {
        &self.inner.write_probes
    }

    pub(crate) fn late_views(&self) -> &late_views::LateViews {
        &self.inner.late_views
    }

    pub(crate) fn heads(&self) -> &Heads {
        &self.inner.heads
    }

    pub(crate) fn replica(&self) -> &Replica {
        &self.inner.replica
    }

    pub(crate) fn throttles(&self) -> &Throttles {
        &self.inner.throttles
    }

    pub(crate) fn delivery_rates(&self) -> &DeliveryRates {
        &self.inner.delivery_rates
    }

    pub(crate) fn session_uses(&self) -> &SessionUses {
        &self.inner.session_uses
    }

    pub(crate) fn pictures(&self) -> &Pictures {
        &self.inner.pictures
    }

    pub(crate) fn verifications(&self) -> &verification::Runs {
        &self.inner.verifications
    }

    pub(crate) fn media(&self) -> &media::Shelf {
        &self.inner.media
    }

    /// Something nobody can guess, for one answer.
    #[must_use]
    pub fn nonce(&self) -> String {
        hex::encode(self.chance().bytes::<16>())
    }

    pub(crate) fn chance(&self) -> &dyn Chance {
        self.inner.chance.as_ref()
    }

    /// 64 random bits.
    #[must_use]
    pub fn draw_bits(&self) -> u64 {
        self.chance().bits()
    }

    /// A new id of any kind.
    pub fn mint<Id: Minted>(&self, now: Timestamp) -> Id {
        Id::mint(now, self.chance().bits())
    }
}
