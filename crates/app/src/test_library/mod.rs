//! The library of tests: checking documents, keeping versions of them, reading them back.
//!
//! A document is kept once, addressed by the SHA-256 of its stored form; a test's history is a list
//! of digests.

mod archive;
mod duplicate;
mod history;
mod trial;

pub use archive::{IncomingArchive, TestArchive};
pub(crate) use history::actor_name;
pub use history::{DocumentVersionView, LibraryOverview, TestUse};
pub use trial::TrialResult;
pub(crate) use trial::run_trial;

use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::compute::BlockingBank;
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use crate::media::authored::{hold_media, is_known};
use crate::ports::RngExt;
use crate::services::TestLibraryService;
use crate::unit_of_work::UnitOfWork;
use crate::validation::FieldValidator;
use domain::document::model::Test as Document;
use domain::document::{self, CheckedDocument, DocumentFault, DocumentFormat, ValidationContext};
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::id::{OrganizationId, TestId};
use domain::json::JsonPointer;
use domain::role::Right;
use domain::time::Timestamp;
use std::collections::HashSet;
use storage::asset::AssetHolder;
use storage::test::{TestRow, TestVersionRow};
use storage::{Sha256Digest, Transaction};
use uuid::{Builder, Uuid};

/// Somebody else kept another version in the meantime.
pub const TEST_CHANGED: &str = "test_changed";

/// Where an imported document goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestImportOptions {
    /// The test it becomes the next version of; none makes a new test.
    pub test: Option<TestId>,
    /// The folder of a new test, or the one an existing test moves to.
    pub folder: Option<String>,
    pub labels: Option<Vec<String>>,
    /// The latest version the writer saw: if another is on top by now, nothing is kept. None writes
    /// over whatever is there.
    pub based_on: Option<Sha256Digest>,
}

/// A kept document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedTest {
    pub test: LibraryTestView,
    /// False when the test's latest version was this very document already, so that nothing
    /// changed.
    pub is_new_version: bool,
    pub warnings: Vec<DocumentFault>,
}

/// A test as the library lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryTestView {
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
    pub digest: Sha256Digest,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub archived_at: Option<Timestamp>,
}

/// One version of a test with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestText {
    pub number: i64,
    pub digest: Sha256Digest,
    /// The stored form, or the same as YAML.
    pub text: String,
}

impl LibraryTestView {
    fn of(row: TestRow) -> Result<Self, Failure> {
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

impl TestLibraryService {
    /// Reads a document and tells everything that is wrong with it; keeps nothing.
    ///
    /// # Errors
    /// [`Failure::Document`] with all errors; [`Failure::InsufficientScope`].
    pub async fn check_test(
        &self,
        caller: &Caller,
        bytes: &[u8],
        format: DocumentFormat,
    ) -> Result<CheckedDocument, Failure> {
        caller.require(Right::WriteTests)?;
        caller.require_any_folder()?;
        let read = self.read_document(caller, bytes, format, self.random_uuid()).await?;
        Ok(read.0)
    }

    /// Keeps a document as a new test, or as the next version of an existing one, whose uuid stays.
    /// A document that equals the latest version makes none.
    ///
    /// # Errors
    /// [`Failure::Document`], faults of the options, [`Failure::InsufficientScope`],
    /// [`Failure::NotFound`], [`Failure::Unfit`] with [`TEST_CHANGED`].
    pub async fn import_test(
        &self,
        caller: &Caller,
        bytes: &[u8],
        format: DocumentFormat,
        options: TestImportOptions,
    ) -> Result<ImportedTest, Failure> {
        caller.require(Right::WriteTests)?;
        check_options(&options)?;
        if let Some(folder) = new_folder(&options) {
            caller.require_folder_access(folder)?;
        }
        let uuid = match &options.test {
            None => self.random_uuid(),
            Some(test) => self.uuid_of(caller, test).await?,
        };
        let (mut read, mut media) = self.read_document(caller, bytes, format, uuid).await?;
        // Only of a document without errors: nothing else is to leave files behind.
        if let Some(adopted) = self.author_media().adopt_data_pictures(caller, bytes).await? {
            (read, media) = self.read_document(caller, &adopted, format, uuid).await?;
        }
        let CheckedDocument { test, warnings } = read;
        if options.test.is_some() && test.uuid != uuid {
            let should = "must be absent or the uuid of the test this becomes a version of";
            return Err(Fault::new(
                FaultLocation::Body(JsonPointer::root().at("uuid")),
                ErrorCode::ConflictingValues,
                should,
            )
            .into());
        }
        self.write_for(caller, move |work| {
            let (row, is_new_version) = match &options.test {
                None => (insert_test(work, &test, &options)?, true),
                Some(id) => renew_test(work, id, &test, &options)?,
            };
            hold_media(work, &media, &AssetHolder::Test(row.id.clone()))?;
            Ok(ImportedTest {
                test: LibraryTestView::of(row)?,
                is_new_version,
                warnings: warnings.clone(),
            })
        })
        .await
    }

    /// The library in creation order; archived tests only when asked for.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`].
    pub async fn list_tests(
        &self,
        caller: &Caller,
        with_archived: bool,
    ) -> Result<Vec<LibraryTestView>, Failure> {
        self.read_as(caller, Right::ReadTests, move |work| {
            let rows = within_reach(work)?;
            let shown = rows.into_iter().filter(|row| with_archived || row.archived_at.is_none());
            shown.map(LibraryTestView::of).collect()
        })
        .await
    }

    /// One test of the library.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn test(&self, caller: &Caller, test: &TestId) -> Result<LibraryTestView, Failure> {
        let test = test.clone();
        self.read_as(caller, Right::ReadTests, move |work| LibraryTestView::of(found(work, &test)?))
            .await
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
        format: DocumentFormat,
    ) -> Result<TestText, Failure> {
        let test = test.clone();
        let read = move |work: &mut UnitOfWork<'_>| {
            let row = found(work, &test)?;
            let number = version.unwrap_or(row.version);
            let versions = storage::test::versions(work.tx, work.organization, &test)?;
            let stored = versions
                .into_iter()
                .find(|version| version.number == number)
                .ok_or(Failure::NotFound)?;
            let text = storage::document::find(work.tx, &stored.digest)?;
            let text = text.ok_or_else(|| Failure::internal("a test's document is missing"))?;
            Ok(TestText { number, digest: stored.digest, text })
        };
        let mut found: TestText = self.read_as(caller, Right::ReadTests, read).await?;
        if format == DocumentFormat::Yaml {
            let read = document::parse_stored(&found.text);
            let test = read.map_err(|_| Failure::internal("a kept document does not read"))?;
            found.text = document::to_yaml(&test);
        }
        Ok(found)
    }

    /// Takes a test out of the library's list or puts it back. Steps that use it go on.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn archive_test(
        &self,
        caller: &Caller,
        test: &TestId,
        archived: bool,
    ) -> Result<LibraryTestView, Failure> {
        let test = test.clone();
        self.write_as(caller, Right::WriteTests, move |work| {
            let mut row = found(work, &test)?;
            if row.archived_at.is_some() == archived {
                return LibraryTestView::of(row);
            }
            row.archived_at = archived.then_some(work.now);
            storage::test::update(work.tx, &row)?;
            let kind =
                if archived { AuditEventKind::TestArchived } else { AuditEventKind::TestUpdated };
            work.record_event(
                AuditEvent::of_organization(kind)
                    .about("testId", &row.id)
                    .with("archived", archived),
            )?;
            LibraryTestView::of(row)
        })
        .await
    }

    /// Reads a document beside the bank as it is now; gives also the media that it may name.
    async fn read_document(
        &self,
        caller: &Caller,
        bytes: &[u8],
        format: DocumentFormat,
        fresh: Uuid,
    ) -> Result<(CheckedDocument, HashSet<Sha256Digest>), Failure> {
        self.read_with(caller, bytes, format, fresh, &HashSet::new()).await
    }

    /// The same with media that come with the document.
    async fn read_with(
        &self,
        caller: &Caller,
        bytes: &[u8],
        format: DocumentFormat,
        fresh: Uuid,
        more_media: &HashSet<Sha256Digest>,
    ) -> Result<(CheckedDocument, HashSet<Sha256Digest>), Failure> {
        let mut usable = self.author_media().known_digests(caller, bytes).await?;
        usable.extend(more_media);
        let (app, caller_of_bank, bytes) = (self.clone(), caller.clone(), bytes.to_vec());
        let read = move || {
            let organization = caller_of_bank.organization.clone();
            let bank = BlockingBank::new(&app, &caller_of_bank);
            let has_asset = |digest: &str| is_known(&usable, digest);
            let surroundings =
                ValidationContext { bank: &bank, has_asset: &has_asset, organization };
            let read = document::read(&bytes, format, fresh, &surroundings);
            bank.finish()?;
            Ok((read.map_err(Failure::Document)?, usable))
        };
        self.run_on_compute_thread(&caller.organization, read).await?
    }

    /// The uuid a test has had from the beginning.
    async fn uuid_of(&self, caller: &Caller, test: &TestId) -> Result<Uuid, Failure> {
        let test = test.clone();
        let row = self.read_for(caller, move |work| found(work, &test)).await?;
        uuid_of_row(&row.uuid)
    }

    /// A random version 4 uuid.
    pub(crate) fn random_uuid(&self) -> Uuid {
        Builder::from_random_bytes(self.rng().bytes()).into_uuid()
    }
}

fn renew_test(
    work: &mut UnitOfWork<'_>,
    id: &TestId,
    document: &Document,
    options: &TestImportOptions,
) -> Result<(TestRow, bool), Failure> {
    let before = found(work, id)?;
    if options.based_on.is_some_and(|seen| seen != before.digest) {
        return Err(Failure::Unfit { code: TEST_CHANGED, slots: Vec::new() });
    }
    let digest = store_document(work.tx, document)?;
    let is_new = digest != before.digest;
    let row = TestRow {
        key: document.key.to_string(),
        title: document.title.to_string(),
        digest,
        version: before.version + i64::from(is_new),
        ..before.clone()
    };
    let row = filed(row, options)?;
    Ok((keep_row(work, &before, row)?, is_new))
}

/// The row with the folder and the labels that are wanted.
fn filed(row: TestRow, options: &TestImportOptions) -> Result<TestRow, Failure> {
    let folder = options.folder.clone().unwrap_or(row.folder);
    let labels = options.labels.as_ref().map(to_json).transpose()?.unwrap_or(row.labels);
    Ok(TestRow { folder, labels, ..row })
}

/// Writes a changed row, with its version if it has a new one; leaves one that is as it was.
fn keep_row(work: &mut UnitOfWork<'_>, before: &TestRow, row: TestRow) -> Result<TestRow, Failure> {
    if row == *before {
        return Ok(row);
    }
    let row = TestRow { updated_at: work.now, ..row };
    storage::test::update(work.tx, &row)?;
    if row.version != before.version {
        storage::test::insert_version(work.tx, &version_of(&row, work.caller, work.now))?;
    }
    let event = AuditEvent::of_organization(AuditEventKind::TestUpdated).about("testId", &row.id);
    let event = event
        .with("digestBefore", hex::encode(before.digest))
        .with("digest", hex::encode(row.digest));
    work.record_event(event)?;
    Ok(row)
}

fn insert_test(
    work: &mut UnitOfWork<'_>,
    document: &Document,
    options: &TestImportOptions,
) -> Result<TestRow, Failure> {
    let ordinal = storage::organization::next_ordinal(work.tx, work.organization)?
        .ok_or(Failure::NotFound)?;
    let digest = store_document(work.tx, document)?;
    let row = TestRow {
        id: work.app.new_id(work.now),
        organization_id: work.caller.organization.clone(),
        ordinal,
        uuid: document.uuid.to_string(),
        key: document.key.to_string(),
        title: document.title.to_string(),
        folder: options.folder.clone().unwrap_or_default(),
        labels: to_json(options.labels.as_deref().unwrap_or_default())?,
        digest,
        version: 1,
        created_at: work.now,
        updated_at: work.now,
        archived_at: None,
    };
    storage::test::insert(work.tx, &row)?;
    storage::test::insert_version(work.tx, &version_of(&row, work.caller, work.now))?;
    let event = AuditEvent::of_organization(AuditEventKind::TestCreated).about("testId", &row.id);
    work.record_event(event.with("digest", hex::encode(digest)))?;
    Ok(row)
}

fn uuid_of_row(text: &str) -> Result<Uuid, Failure> {
    Uuid::parse_str(text).map_err(Failure::internal)
}

/// A test of the organization within the caller's reach; what lies outside does not exist.
fn found(work: &mut UnitOfWork<'_>, test: &TestId) -> Result<TestRow, Failure> {
    let row = storage::test::find(work.tx, work.organization, test)?;
    row.filter(|row| work.caller.can_access_folder(&row.folder)).ok_or(Failure::NotFound)
}

/// All of them.
fn within_reach(work: &mut UnitOfWork<'_>) -> Result<Vec<TestRow>, Failure> {
    let mut rows = storage::test::list(work.tx, work.organization)?;
    rows.retain(|row| work.caller.can_access_folder(&row.folder));
    Ok(rows)
}

/// The folder a test would come to lie in; none when it stays where it is.
fn new_folder(options: &TestImportOptions) -> Option<&str> {
    options.folder.as_deref().or_else(|| options.test.is_none().then_some(""))
}

fn store_document(tx: &mut dyn Transaction, document: &Document) -> Result<Sha256Digest, Failure> {
    let stored = document::to_stored(document);
    let digest = document::stored_digest(&stored);
    storage::document::insert_if_absent(tx, &digest, &stored)?;
    Ok(digest)
}

fn version_of(row: &TestRow, caller: &Caller, now: Timestamp) -> TestVersionRow {
    let actor = caller.actor();
    TestVersionRow {
        test_id: row.id.clone(),
        number: row.version,
        digest: row.digest,
        created_at: now,
        actor_kind: actor.kind,
        actor_id: Some(actor.id).filter(|id| !id.is_empty()),
    }
}

fn check_options(options: &TestImportOptions) -> Result<(), Failure> {
    let mut checks = FieldValidator::below(JsonPointer::root());
    if let Some(folder) = options.folder.as_ref().filter(|folder| !folder.is_empty()) {
        checks.name(checks.at("folder"), folder);
    }
    checks.names(&checks.at("labels"), options.labels.as_deref().unwrap_or_default());
    checks.finish()
}
