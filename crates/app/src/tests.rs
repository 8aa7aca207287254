//! The library of tests: checking documents, keeping versions of them, reading them back.
//!
//! A document is kept once, addressed by the SHA-256 of its stored form; a test's history is a list of digests.

mod history;
mod preview;

pub(crate) use history::name_of;
pub use history::{Shelf, Use, VersionView};
pub use preview::Trial;
pub(crate) use preview::tried;

use crate::App;
use crate::audit::{Event, Kind};
use crate::caller::Caller;
use crate::compute::LentBank;
use crate::failure::Failure;
use crate::forms::Checks;
use crate::json::{from_json, to_json};
use crate::ports::Draw;
use domain::document::model::Test as Document;
use domain::document::{self, Checked, DocumentFault, Format, Surroundings};
use domain::fault::{Code, Fault, Place};
use domain::id::{OrganizationId, TestId};
use domain::instance::Scope;
use domain::json::Pointer;
use domain::time::Timestamp;
use storage::test::{Test, TestVersion};
use storage::{Digest, Transaction};
use uuid::{Builder, Uuid};

/// Somebody else kept another version in the meantime.
pub const TEST_CHANGED: &str = "test_changed";

/// Where an imported document goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// The test it becomes the next version of; none makes a new test.
    pub test: Option<TestId>,
    /// The folder of a new test, or the one an existing test moves to.
    pub folder: Option<String>,
    pub labels: Option<Vec<String>>,
    /// The latest version the writer saw: if another is on top by now, nothing is kept. None writes over whatever is
    /// there.
    pub based_on: Option<Digest>,
}

/// A kept document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedTest {
    pub test: TestView,
    /// False when the test's latest version was this very document already, so that nothing changed.
    pub is_new_version: bool,
    pub warnings: Vec<DocumentFault>,
}

/// A test as the library lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestView {
    pub id: TestId,
    pub organization: OrganizationId,
    pub uuid: String,
    pub key: String,
    pub title: String,
    pub folder: String,
    pub labels: Vec<String>,
    /// The latest version's number, from 1.
    pub version: i64,
    /// SHA-256 of the latest version's stored form.
    pub digest: Digest,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub archived_at: Option<Timestamp>,
}

/// One version of a test with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestText {
    pub number: i64,
    pub digest: Digest,
    /// The stored form, or the same as YAML.
    pub text: String,
}

impl TestView {
    fn of(row: Test) -> Result<Self, Failure> {
        Ok(Self {
            labels: from_json(&row.labels)?,
            id: row.id,
            organization: row.organization_id,
            uuid: row.uuid,
            key: row.key,
            title: row.title,
            folder: row.folder,
            version: row.version,
            digest: row.digest,
            created_at: row.created_at,
            updated_at: row.updated_at,
            archived_at: row.archived_at,
        })
    }
}

impl App {
    /// Reads a document and tells everything that is wrong with it; keeps nothing.
    ///
    /// # Errors
    /// [`Failure::Document`] with all errors; [`Failure::InsufficientScope`].
    pub async fn check_test(&self, caller: &Caller, bytes: &[u8], format: Format) -> Result<Checked, Failure> {
        caller.require(Scope::TestsWrite)?;
        caller.reach_some_folder()?;
        self.read_document(caller, bytes, format, self.fresh_uuid()).await
    }

    /// Keeps a document as a new test, or as the next version of an existing one, whose uuid stays. A document that
    /// equals the latest version makes none.
    ///
    /// # Errors
    /// [`Failure::Document`], faults of the options, [`Failure::InsufficientScope`], [`Failure::NotFound`],
    /// [`Failure::Unfit`] with [`TEST_CHANGED`].
    pub async fn import_test(
        &self,
        caller: &Caller,
        bytes: &[u8],
        format: Format,
        options: ImportOptions,
    ) -> Result<ImportedTest, Failure> {
        caller.require(Scope::TestsWrite)?;
        check_options(&options)?;
        if let Some(folder) = new_folder(&options) {
            caller.reach_folder(folder)?;
        }
        let uuid = match &options.test {
            None => self.fresh_uuid(),
            Some(test) => self.uuid_of(caller, test).await?,
        };
        let Checked { test, warnings } = self.read_document(caller, bytes, format, uuid).await?;
        if options.test.is_some() && test.uuid != uuid {
            let should = "must be absent or the uuid of the test this becomes a version of";
            return Err(Fault::new(Place::Body(Pointer::root().at("uuid")), Code::ConflictingValues, should).into());
        }
        let now = self.now();
        let (app, caller) = (self.clone(), caller.clone());
        let write = move |tx: &mut dyn Transaction| {
            let (row, is_new_version) = match &options.test {
                None => (app.insert_test(tx, &caller, &test, &options, now)?, true),
                Some(id) => app.renew_test(tx, &caller, id, &test, &options, now)?,
            };
            Ok(ImportedTest { test: TestView::of(row)?, is_new_version, warnings: warnings.clone() })
        };
        self.storage().write(write).await
    }

    /// The library in creation order; archived tests only when asked for.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`].
    pub async fn list_tests(&self, caller: &Caller, with_archived: bool) -> Result<Vec<TestView>, Failure> {
        caller.require(Scope::TestsRead)?;
        let caller = caller.clone();
        let read = move |tx: &mut dyn Transaction| {
            let rows = within_reach(tx, &caller)?;
            let shown = rows.into_iter().filter(|row| with_archived || row.archived_at.is_none());
            shown.map(TestView::of).collect()
        };
        self.storage().read(read).await
    }

    /// One test of the library.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn test(&self, caller: &Caller, test: &TestId) -> Result<TestView, Failure> {
        caller.require(Scope::TestsRead)?;
        let (caller, test) = (caller.clone(), test.clone());
        self.storage().read(move |tx| TestView::of(found(tx, &caller, &test)?)).await
    }

    /// A version's text, the latest unless a number is given, as JSON or as YAML.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn test_text(
        &self,
        caller: &Caller,
        test: &TestId,
        version: Option<i64>,
        format: Format,
    ) -> Result<TestText, Failure> {
        caller.require(Scope::TestsRead)?;
        let (caller, test) = (caller.clone(), test.clone());
        let read = move |tx: &mut dyn Transaction| {
            let row = found(tx, &caller, &test)?;
            let number = version.unwrap_or(row.version);
            let versions = storage::test::versions(tx, &caller.organization, &test)?;
            let wanted = versions.into_iter().find(|known| known.number == number).ok_or(Failure::NotFound)?;
            let text = storage::document::find(tx, &wanted.digest)?;
            let text = text.ok_or_else(|| Failure::internal("a test's document is missing"))?;
            Ok::<_, Failure>(TestText { number, digest: wanted.digest, text })
        };
        let mut found: TestText = self.storage().read(read).await?;
        if format == Format::Yaml {
            let read = document::thaw(&found.text);
            let test = read.map_err(|_| Failure::internal("a kept document does not read"))?;
            found.text = document::yaml(&test);
        }
        Ok(found)
    }

    /// Takes a test out of the library's list or puts it back. Steps that use it go on.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn archive_test(&self, caller: &Caller, test: &TestId, archived: bool) -> Result<TestView, Failure> {
        caller.require(Scope::TestsWrite)?;
        let now = self.now();
        let (app, caller, test) = (self.clone(), caller.clone(), test.clone());
        let write = move |tx: &mut dyn Transaction| {
            let mut row = found(tx, &caller, &test)?;
            if row.archived_at.is_some() == archived {
                return TestView::of(row);
            }
            row.archived_at = archived.then_some(now);
            storage::test::update(tx, &row)?;
            let kind = if archived { Kind::TestArchived } else { Kind::TestUpdated };
            app.record(
                tx,
                now,
                &caller,
                Event::of_organization(kind).about("testId", &row.id).with("archived", archived),
            )?;
            TestView::of(row)
        };
        self.storage().write(write).await
    }

    /// Reads a document beside the bank as it is now.
    async fn read_document(
        &self,
        caller: &Caller,
        bytes: &[u8],
        format: Format,
        fresh: Uuid,
    ) -> Result<Checked, Failure> {
        let (app, caller_of_bank, bytes) = (self.clone(), caller.clone(), bytes.to_vec());
        let read = move || {
            let organization = caller_of_bank.organization.clone();
            let bank = LentBank::new(&app, &caller_of_bank);
            let surroundings = Surroundings { bank: &bank, has_asset: &|_| false, organization };
            let read = document::read(&bytes, format, fresh, &surroundings);
            bank.finish()?;
            read.map_err(Failure::Document)
        };
        self.compute(&caller.organization, read).await?
    }

    /// The uuid a test has had from the beginning.
    async fn uuid_of(&self, caller: &Caller, test: &TestId) -> Result<Uuid, Failure> {
        let (caller, test) = (caller.clone(), test.clone());
        let row = self.storage().read(move |tx| found(tx, &caller, &test)).await?;
        uuid_of_row(&row.uuid)
    }

    /// A random version 4 uuid.
    pub(crate) fn fresh_uuid(&self) -> Uuid {
        Builder::from_random_bytes(self.chance().bytes()).into_uuid()
    }

    fn insert_test(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        document: &Document,
        options: &ImportOptions,
        now: Timestamp,
    ) -> Result<Test, Failure> {
        let ordinal = storage::organization::next_ordinal(tx, &caller.organization)?.ok_or(Failure::NotFound)?;
        let digest = kept(tx, document)?;
        let row = Test {
            id: self.mint(now),
            organization_id: caller.organization.clone(),
            ordinal,
            uuid: document.uuid.to_string(),
            key: document.key.to_string(),
            title: document.title.to_string(),
            folder: options.folder.clone().unwrap_or_default(),
            labels: to_json(options.labels.as_deref().unwrap_or_default())?,
            digest,
            version: 1,
            created_at: now,
            updated_at: now,
            archived_at: None,
        };
        storage::test::insert(tx, &row)?;
        storage::test::insert_version(tx, &version_of(&row, caller, now))?;
        let event = Event::of_organization(Kind::TestCreated).about("testId", &row.id);
        self.record(tx, now, caller, event.with("digest", hex::encode(digest)))?;
        Ok(row)
    }

    fn renew_test(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        id: &TestId,
        document: &Document,
        options: &ImportOptions,
        now: Timestamp,
    ) -> Result<(Test, bool), Failure> {
        let before = found(tx, caller, id)?;
        if options.based_on.is_some_and(|seen| seen != before.digest) {
            return Err(Failure::Unfit { code: TEST_CHANGED, slots: Vec::new() });
        }
        let digest = kept(tx, document)?;
        let is_new = digest != before.digest;
        let mut row = Test {
            key: document.key.to_string(),
            title: document.title.to_string(),
            digest,
            version: before.version + i64::from(is_new),
            ..before.clone()
        };
        row.folder = options.folder.clone().unwrap_or(row.folder);
        row.labels = options.labels.as_ref().map(to_json).transpose()?.unwrap_or(row.labels);
        if row == before {
            return Ok((before, false));
        }
        row.updated_at = now;
        storage::test::update(tx, &row)?;
        if is_new {
            storage::test::insert_version(tx, &version_of(&row, caller, now))?;
        }
        let event = Event::of_organization(Kind::TestUpdated).about("testId", &row.id);
        let event = event.with("digestBefore", hex::encode(before.digest)).with("digest", hex::encode(digest));
        self.record(tx, now, caller, event)?;
        Ok((row, is_new))
    }
}

fn uuid_of_row(text: &str) -> Result<Uuid, Failure> {
    Uuid::parse_str(text).map_err(Failure::internal)
}

/// A test of the organization within the caller's reach; what lies outside does not exist.
fn found(tx: &mut dyn Transaction, caller: &Caller, test: &TestId) -> Result<Test, Failure> {
    let row = storage::test::find(tx, &caller.organization, test)?;
    row.filter(|row| caller.reaches_folder(&row.folder)).ok_or(Failure::NotFound)
}

/// All of them.
fn within_reach(tx: &mut dyn Transaction, caller: &Caller) -> Result<Vec<Test>, Failure> {
    let mut rows = storage::test::list(tx, &caller.organization)?;
    rows.retain(|row| caller.reaches_folder(&row.folder));
    Ok(rows)
}

/// The folder a test would come to lie in; none when it stays where it is.
fn new_folder(options: &ImportOptions) -> Option<&str> {
    options.folder.as_deref().or_else(|| options.test.is_none().then_some(""))
}

fn kept(tx: &mut dyn Transaction, document: &Document) -> Result<Digest, Failure> {
    let stored = document::stored(document);
    let digest = document::digest(&stored);
    storage::document::keep(tx, &digest, &stored)?;
    Ok(digest)
}

fn version_of(row: &Test, caller: &Caller, now: Timestamp) -> TestVersion {
    let actor = caller.actor();
    TestVersion {
        test_id: row.id.clone(),
        number: row.version,
        digest: row.digest,
        created_at: now,
        actor_kind: actor.kind,
        actor_id: Some(actor.id).filter(|id| !id.is_empty()),
    }
}

fn check_options(options: &ImportOptions) -> Result<(), Failure> {
    let mut checks = Checks::below(Pointer::root());
    if let Some(folder) = options.folder.as_ref().filter(|folder| !folder.is_empty()) {
        checks.name(checks.at("folder"), folder);
    }
    checks.names(&checks.at("labels"), options.labels.as_deref().unwrap_or_default());
    checks.finish()
}
