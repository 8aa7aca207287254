//! An app on an embedded database in a temporary folder, with one organization.

use crate::{SeededChance, TestClock};
use app::caller::Caller;
use app::{App, Settings};
use domain::id::{OrganizationId, RequestId};
use std::path::PathBuf;
use std::sync::Arc;
use storage::{Options, Storage};
use tempfile::TempDir;

/// A running app; dropping it removes its database.
pub struct Fixture {
    pub app: App,
    /// The app's database, for rows that no use case makes.
    pub storage: Storage,
    pub clock: Arc<TestClock>,
    pub organization: OrganizationId,
    folder: TempDir,
}

impl Fixture {
    /// An app on an empty database with one organization.
    ///
    /// # Panics
    /// When the machine has no place for a temporary database.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let clock = Arc::new(TestClock::default());
        let (app, storage) = open(&folder.path().join("assay.sqlite"), clock.clone(), 1).await;
        let organization = app.create_organization("Example").await.expect("an organization can be made").id;
        Self { app, storage, clock, organization, folder }
    }

    /// The organization's operator: a caller that may do everything in it.
    #[must_use]
    pub fn operator(&self) -> Caller {
        Caller::operator(self.organization.clone(), RequestId::from("Rq-test"))
    }

    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("assay.sqlite")
    }

    /// The same database opened again, as after a restart; clocks go on.
    ///
    /// # Panics
    /// When the database cannot be opened.
    #[must_use]
    pub async fn reopened(self) -> Self {
        let Self { app, storage, clock, organization, folder } = self;
        drop(app);
        drop(storage);
        let (app, storage) = open(&folder.path().join("assay.sqlite"), clock.clone(), 2).await;
        Self { app, storage, clock, organization, folder }
    }
}

async fn open(path: &std::path::Path, clock: Arc<TestClock>, seed: u64) -> (App, Storage) {
    let storage = Storage::open(&Options::new(path)).expect("a database can be opened");
    let app = App::open(storage.clone(), clock, Arc::new(SeededChance::new(seed)), Settings::default())
        .await
        .expect("an app can be opened");
    (app, storage)
}
