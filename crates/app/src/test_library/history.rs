//! The history of a test, where tests are used, and putting an old version on top again.

use super::{
    ImportedTest, LibraryTestView, TestImportOptions, check_options, filed, found, keep_row,
    new_folder, uuid_of_row, within_reach,
};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::TestLibraryService;
use crate::unit_of_work::UnitOfWork;
use domain::document::{self, CheckedDocument, DocumentFormat};
use domain::id::{TaskId, TestId, UserId};
use domain::instance::ActorKind;
use domain::role::Right;
use domain::time::Timestamp;
use std::collections::BTreeMap;
use storage::Sha256Digest;
use storage::test::TestVersionRow;

/// One version of a test, as the history lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentVersionView {
    pub number: i64,
    pub digest: Sha256Digest,
    pub created_at: Timestamp,
    pub made_by: ActorKind,
    /// The name of the user who made it, while there is one.
    pub made_by_name: Option<String>,
}

/// A task that has a test as a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestUse {
    pub task: TaskId,
    pub title: String,
}

/// What the library knows of its tests beyond their rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LibraryOverview {
    /// The fewest and the most questions a candidate gets.
    pub questions: BTreeMap<TestId, (u64, u64)>,
    /// Empty for whoever may not read tasks.
    pub uses: BTreeMap<TestId, Vec<TestUse>>,
}

impl TestLibraryService {
    /// All versions, the latest first.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn test_history(
        &self,
        caller: &Caller,
        test: &TestId,
    ) -> Result<Vec<DocumentVersionView>, Failure> {
        let test = test.clone();
        self.read_as(caller, Right::ReadTests, move |work| {
            found(work, &test)?;
            let versions = storage::test::versions(work.tx, work.organization, &test)?;
            versions.into_iter().rev().map(|version| seen(work, version)).collect()
        })
        .await
    }

    /// Makes an old version the latest one again, as a new version with the same document.
    /// `based_on` is the digest the caller saw on top.
    ///
    /// # Errors
    /// As [`TestLibraryService::import_test`]; [`Failure::Unfit`] with `test_changed` when another version is on
    /// top by now.
    pub async fn restore_test(
        &self,
        caller: &Caller,
        test: &TestId,
        number: i64,
        based_on: Option<Sha256Digest>,
    ) -> Result<ImportedTest, Failure> {
        caller.require(Right::WriteTests)?;
        let old = self.test_text(caller, test, Some(number), DocumentFormat::Json).await?;
        let options = TestImportOptions {
            test: Some(test.clone()),
            based_on,
            ..TestImportOptions::default()
        };
        self.import_test(caller, old.text.as_bytes(), DocumentFormat::Json, options).await
    }

    /// Sets folder and labels of a test; its document stays as it is kept, whatever one that is
    /// kept today would be.
    ///
    /// # Errors
    /// Faults of `/folder` and `/labels`, [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn organize_test(
        &self,
        caller: &Caller,
        test: &TestId,
        folder: String,
        labels: Vec<String>,
    ) -> Result<LibraryTestView, Failure> {
        caller.require(Right::WriteTests)?;
        let options = TestImportOptions {
            test: Some(test.clone()),
            folder: Some(folder),
            labels: Some(labels),
            ..TestImportOptions::default()
        };
        check_options(&options)?;
        if let Some(folder) = new_folder(&options) {
            caller.require_folder_access(folder)?;
        }
        let test = test.clone();
        self.write_for(caller, move |work| {
            let before = found(work, &test)?;
            let row = filed(before.clone(), &options)?;
            LibraryTestView::of(keep_row(work, &before, row)?)
        })
        .await
    }

    /// Reads a kept version again as if it were sent today: what it holds, and what is to be said
    /// about it.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`]; [`Failure::Document`] when what it
    /// refers to is gone.
    pub async fn recheck_test(
        &self,
        caller: &Caller,
        test: &TestId,
        version: Option<i64>,
    ) -> Result<CheckedDocument, Failure> {
        caller.require(Right::ReadTests)?;
        let text = self.test_text(caller, test, version, DocumentFormat::Json).await?;
        let uuid = uuid_of_row(&self.test(caller, test).await?.uuid)?;
        let bytes = text.text.as_bytes();
        Ok(self.read_document(caller, bytes, DocumentFormat::Json, uuid).await?.0)
    }

    /// How long the tests of the library are, and which tasks use them.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`].
    pub async fn library_overview(&self, caller: &Caller) -> Result<LibraryOverview, Failure> {
        let reads_tasks = caller.require(Right::ReadTasks).is_ok();
        self.read_as(caller, Right::ReadTests, move |work| {
            let mut shelf = LibraryOverview::default();
            for test in within_reach(work)? {
                let document = work.app.compiled_cache().document(work.tx, &test.digest)?;
                shelf.questions.insert(test.id, document::question_count_range(&document));
            }
            if reads_tasks {
                for (test, task, title) in storage::test::uses(work.tx, work.organization)? {
                    if shelf.questions.contains_key(&test) && is_reached(work, &task)? {
                        shelf.uses.entry(test).or_default().push(TestUse { task, title });
                    }
                }
            }
            Ok(shelf)
        })
        .await
    }
}

/// Whether a task lies within reach; looked up only for whoever is limited.
fn is_reached(work: &mut UnitOfWork<'_>, task: &TaskId) -> Result<bool, Failure> {
    if !work.caller.is_limited() {
        return Ok(true);
    }
    let row = storage::task::find(work.tx, work.organization, task)?;
    Ok(row.is_some_and(|row| work.caller.require_task_access(&row.id, &row.folder).is_ok()))
}

fn seen(
    work: &mut UnitOfWork<'_>,
    version: TestVersionRow,
) -> Result<DocumentVersionView, Failure> {
    Ok(DocumentVersionView {
        number: version.number,
        digest: version.digest,
        created_at: version.created_at,
        made_by: version.actor_kind,
        made_by_name: actor_name(work, version.actor_kind, version.actor_id)?,
    })
}

/// The name of the user who did something, while there is one.
pub(crate) fn actor_name(
    work: &mut UnitOfWork<'_>,
    kind: ActorKind,
    id: Option<String>,
) -> Result<Option<String>, Failure> {
    let (ActorKind::User, Some(id)) = (kind, id) else { return Ok(None) };
    let user = storage::user::find(work.tx, work.organization, &UserId::from(id))?;
    Ok(user.map(|user| user.fullname.unwrap_or(user.username)))
}
