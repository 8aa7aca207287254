//! [`TestApp`]: the use cases on a database of their own.

mod candidate;
mod example;
mod interleaving;
mod rows;

pub use candidate::{candidate_session, client_context, write};

use crate::fixtures::{CODE, DESK_SCREENING, NEIGHBOURS_CODE};
use crate::{SeededRandom, TestClock};
use api::state::HttpSettings;
use app::caller::{Caller, KeyGrant};
use app::keys::NewKey;
use app::ports::Clock as _;
use app::{App, Settings};
use axum::Router;
use domain::id::{OrganizationId, RequestId, StepId, TaskId};
use domain::instance::Scope;
use domain::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use storage::testing::ScratchDatabase;
use storage::{EpochSource, Storage, StorageOptions};

/// A running app and what a test needs beside it. Dropping it removes its database.
pub struct TestApp {
    pub app: App,
    /// The app's database, for rows that no use case makes.
    pub storage: Storage,
    pub clock: Arc<TestClock>,
    pub organization: OrganizationId,
    /// The task and its only step; there are none in an [`empty`](Self::empty) app.
    pub task: TaskId,
    pub step: StepId,
    scratch: ScratchDatabase,
    /// How often the database was opened: each time with chance of its own, as a server has it, or
    /// tokens would come again.
    openings: u64,
}

impl TestApp {
    /// One organization with one task of the desk screening, and one candidate who may enter it
    /// with the invitation code [`CODE`].
    pub async fn new() -> Self {
        Self::with(DESK_SCREENING).await
    }

    /// One organization and nothing in it.
    pub async fn empty() -> Self {
        Self::empty_with(Settings::default()).await
    }

    /// The same as [`new`](Self::new), with another test.
    pub async fn with(document: &str) -> Self {
        Self::with_settings(document, Settings::default()).await
    }

    /// The same on a server with settings of its own.
    pub async fn with_settings(document: &str, settings: Settings) -> Self {
        let test_app = Self::empty_with(settings).await;
        test_app.insert_rows(document).await;
        test_app.add_candidate(test_app.candidate("Ca1", Some(CODE))).await;
        test_app
    }

    /// The same with the document as the program kept it before documents said how loosely typed
    /// answers are compared.
    pub async fn with_earlier_rules(document: &str) -> Self {
        let test_app = Self::empty_with(Settings::default()).await;
        test_app.insert_rows_of_version_1(document).await;
        test_app.add_candidate(test_app.candidate("Ca1", Some(CODE))).await;
        test_app
    }

    async fn empty_with(settings: Settings) -> Self {
        let scratch = ScratchDatabase::new();
        let clock = Arc::new(TestClock::default());
        let (app, storage) = open_with(&scratch.options(), clock.clone(), 1, settings).await;
        let organization = app.organizations().create_organization("Example").await.unwrap().id;
        let (task, step) = ("Tk1".into(), "St1".into());
        Self { app, storage, clock, organization, task, step, scratch, openings: 1 }
    }

    /// Another organization on the same server, with a task of its own. Only the first one is to be
    /// reopened.
    pub async fn neighbour(&self, document: &str) -> Self {
        let organization =
            self.app.organizations().create_organization("Neighbour").await.unwrap().id;
        let (app, storage, clock) = (self.app.clone(), self.storage.clone(), self.clock.clone());
        let (task, step, scratch) = ("Tk2".into(), "St2".into(), ScratchDatabase::embedded());
        let test_app = Self { app, storage, clock, organization, task, step, scratch, openings: 1 };
        test_app.insert_rows(document).await;
        test_app.add_candidate(test_app.candidate("CaN", Some(NEIGHBOURS_CODE))).await;
        test_app
    }

    /// Another server on the same database.
    pub async fn another_node(&self, seed: u64) -> App {
        open(&self.scratch, self.clock.clone(), seed).await.0
    }

    /// The same database after a restart; the clock has gone on meanwhile.
    pub async fn reopened(self) -> Self {
        self.reopened_with(Settings::default()).await
    }

    /// The same with settings of its own.
    pub async fn reopened_with(self, settings: Settings) -> Self {
        let Self { app, storage, clock, organization, task, step, scratch, openings } = self;
        let openings = openings + 1;
        drop(app);
        drop(storage);
        let (app, storage) = open_with(&scratch.options(), clock.clone(), openings, settings).await;
        Self { app, storage, clock, organization, task, step, scratch, openings }
    }

    /// The same database after a restart, and a copy of its present state that is read as its
    /// replica; none on a file.
    pub async fn with_replica(self) -> Option<(Self, ScratchDatabase)> {
        let Self { app, storage, clock, organization, task, step, scratch, openings } = self;
        let openings = openings + 1;
        drop(app);
        drop(storage);
        let copy = scratch.copied()?;
        let options = StorageOptions { replica: copy.url(), ..scratch.options() };
        let (app, storage) =
            open_with(&options, clock.clone(), openings, Settings::default()).await;
        Some((Self { app, storage, clock, organization, task, step, scratch, openings }, copy))
    }

    /// The same database after a restart, and a backup of the state before: a copy of the file as
    /// `assay backup` makes it, a copy of the database on a server.
    pub async fn backed_up(self) -> (Self, ScratchDatabase) {
        let Self { app, storage, clock, organization, task, step, scratch, openings } = self;
        let openings = openings + 1;
        let file = ScratchDatabase::embedded();
        if scratch.url().is_none() {
            storage.backup(&file.folder().join("assay.sqlite"), &mut |_| {}).unwrap();
        }
        drop(app);
        drop(storage);
        let copy = scratch.copied().unwrap_or(file);
        let (app, storage) = open(&scratch, clock.clone(), openings).await;
        (Self { app, storage, clock, organization, task, step, scratch, openings }, copy)
    }

    /// The database is lost, and a backup of it is served instead.
    pub async fn restored(self, backup: &ScratchDatabase) -> Self {
        let Self { app, storage, clock, organization, task, step, scratch, openings } = self;
        let openings = openings + 1;
        drop(app);
        drop(storage);
        drop(scratch);
        let scratch = backup.copied().unwrap_or_else(|| {
            let fresh = ScratchDatabase::embedded();
            let name = "assay.sqlite";
            std::fs::copy(backup.folder().join(name), fresh.folder().join(name)).unwrap();
            fresh
        });
        let (app, storage) = open(&scratch, clock.clone(), openings).await;
        Self { app, storage, clock, organization, task, step, scratch, openings }
    }

    /// How the database was opened.
    pub fn options(&self) -> StorageOptions {
        self.scratch.options()
    }

    /// The organization's operator: a caller that may do everything in it.
    pub fn operator(&self) -> Caller {
        operator_of(&self.organization)
    }

    /// A key with these scopes only, as a caller.
    pub fn key(&self, scopes: &[Scope]) -> Caller {
        let grant = KeyGrant {
            organization: self.organization.clone(),
            key: "Ky1".into(),
            scopes: scopes.to_vec(),
            tasks: None,
            folders: None,
            expires_at: None,
        };
        Caller::with_key(Arc::new(grant), "Rq1".into())
    }

    /// Makes a key with these scopes and gives its secret.
    pub async fn create_key(&self, scopes: &[Scope]) -> String {
        self.create_key_of(&self.organization, scopes).await
    }

    /// The same for another organization.
    pub async fn create_key_of(&self, organization: &OrganizationId, scopes: &[Scope]) -> String {
        let new = NewKey {
            name: "A program".into(),
            scopes: scopes.to_vec(),
            tasks: None,
            folders: None,
            expires_at: None,
        };
        self.app.keys().create_key(&operator_of(organization), new).await.unwrap().secret
    }

    /// The three APIs on this app, with the settings of a fresh server.
    pub fn router(&self) -> Router {
        api::server::router(&self.app, &HttpSettings::default()).unwrap()
    }

    pub fn now(&self) -> Timestamp {
        self.app.now()
    }
}

async fn open(scratch: &ScratchDatabase, clock: Arc<TestClock>, seed: u64) -> (App, Storage) {
    open_with(&scratch.options(), clock, seed, Settings::default()).await
}

async fn open_with(
    options: &StorageOptions,
    clock: Arc<TestClock>,
    seed: u64,
    settings: Settings,
) -> (App, Storage) {
    let options = StorageOptions { epochs: Some(epoch_source(clock.clone())), ..options.clone() };
    let storage = Storage::open(&options).unwrap();
    let app = App::open(storage.clone(), clock, Arc::new(SeededRandom::new(seed)), settings)
        .await
        .unwrap();
    (app, storage)
}

/// An operator of any organization.
pub(crate) fn operator_of(organization: &OrganizationId) -> Caller {
    Caller::operator(organization.clone(), RequestId::from("Rq1"))
}

/// Epochs that differ however often a database is restored.
fn epoch_source(clock: Arc<TestClock>) -> EpochSource {
    static EPOCHS: AtomicU64 = AtomicU64::new(0);
    EpochSource::new(move || {
        (format!("epoch {}", EPOCHS.fetch_add(1, Ordering::Relaxed)), clock.now())
    })
}
