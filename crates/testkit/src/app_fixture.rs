//! An app on a database of its own, with one organization.

use crate::{SeededRandom, TestClock};
use app::caller::Caller;
use app::ports::Clock as _;
use app::{App, Settings};
use domain::id::{OrganizationId, RequestId};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use storage::testing::ScratchDatabase;
use storage::{EpochSource, Storage, StorageOptions};

/// A running app; dropping it removes its database.
pub struct AppFixture {
    pub app: App,
    /// The app's database, for rows that no use case makes.
    pub storage: Storage,
    pub clock: Arc<TestClock>,
    pub organization: OrganizationId,
    scratch: ScratchDatabase,
}

impl AppFixture {
    /// An app on an empty database with one organization.
    ///
    /// # Panics
    /// When the machine has no place for a temporary database.
    pub async fn new() -> Self {
        let scratch = ScratchDatabase::new();
        let clock = Arc::new(TestClock::default());
        let (app, storage) = open(&scratch.options(), clock.clone(), 1).await;
        let organization =
            app.create_organization("Example").await.expect("an organization can be made").id;
        Self { app, storage, clock, organization, scratch }
    }

    /// The organization's operator: a caller that may do everything in it.
    #[must_use]
    pub fn operator(&self) -> Caller {
        Caller::operator(self.organization.clone(), RequestId::from("Rq-test"))
    }

    #[must_use]
    pub fn options(&self) -> StorageOptions {
        self.scratch.options()
    }

    /// The same database opened again, as after a restart; clocks go on.
    ///
    /// # Panics
    /// When the database cannot be opened.
    #[must_use]
    pub async fn reopened(self) -> Self {
        let Self { app, storage, clock, organization, scratch } = self;
        drop(app);
        drop(storage);
        let (app, storage) = open(&scratch.options(), clock.clone(), 2).await;
        Self { app, storage, clock, organization, scratch }
    }
}

async fn open(options: &StorageOptions, clock: Arc<TestClock>, seed: u64) -> (App, Storage) {
    let options = StorageOptions { epochs: Some(epoch_source(clock.clone())), ..options.clone() };
    let storage = Storage::open(&options).expect("a database can be opened");
    let app =
        App::open(storage.clone(), clock, Arc::new(SeededRandom::new(seed)), Settings::default())
            .await
            .expect("an app can be opened");
    (app, storage)
}

/// Epochs that differ however often a database is restored.
#[must_use]
pub fn epoch_source(clock: Arc<TestClock>) -> EpochSource {
    static EPOCHS: AtomicU64 = AtomicU64::new(0);
    EpochSource::new(move || {
        (format!("epoch {}", EPOCHS.fetch_add(1, Ordering::Relaxed)), clock.now())
    })
}
