//! Verification: everything that is published is computed anew from what is kept, and every chain
//! of digests is followed (domain rules, 6.7 and 10).
//!
//! It only reads: in slices, each in a short transaction of a connection of its own, so that
//! neither requests nor the database's log wait for it, with bounded memory, and from any position
//! on. What it takes long over (scoring, digesting files) is done outside of the transactions. It
//! never mends anything.

mod gather;
mod judge;
mod media;
mod position;
mod runs;

pub use position::VerificationPosition;
pub use runs::{VerificationRun, VerificationRuns, VerificationState};

use crate::failure::Failure;
use crate::ports::MediaStore;
use crate::stored_number::unsigned;
use domain::id::{OrganizationId, TaskId};
use gather::{FrozenDocuments, VerificationSlice};
use std::sync::{Arc, Mutex};
use storage::Storage;

domain::string_enum! {
    /// What is not as it should be.
    pub enum DifferenceAspect {
        /// The latest result version is not what the kept inputs give.
        Version = "version",
        /// What the list publishes is not what the latest version says.
        Published = "published",
        /// The digest over a version's inputs is another one.
        Inputs = "inputs",
        /// A chain of events was altered or cut.
        Events = "events",
        /// A chain of receipts was altered or cut.
        Receipts = "receipts",
        /// An answer does not go by the receipt it names.
        Answers = "answers",
        /// A frozen document is missing or was altered.
        Document = "document",
        /// Rows are missing, or counters do not fit them.
        Rows = "rows",
        /// A file is missing or was altered.
        File = "file",
        /// Something kept does not read at all.
        Unreadable = "unreadable",
    }
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub aspect: DifferenceAspect,
    pub organization: OrganizationId,
    pub task: Option<TaskId>,
    /// The instance, file, task or organization it is about.
    pub id: String,
    /// In words for the operator; holds no personal values.
    pub detail: String,
}

/// What one slice looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerificationTally {
    pub instances: u64,
    pub events: u64,
    pub receipts: u64,
    pub files: u64,
    /// Results of persons who were erased, of an older engine, or that a correction is about to
    /// reach: their figures are compared, not computed.
    pub compared_only: u64,
}

impl VerificationTally {
    pub fn add(&mut self, more: Self) {
        self.instances += more.instances;
        self.events += more.events;
        self.receipts += more.receipts;
        self.files += more.files;
        self.compared_only += more.compared_only;
    }
}

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationStep {
    pub tally: VerificationTally,
    pub differences: Vec<Difference>,
    /// Where to go on; none at the end.
    pub next: Option<VerificationPosition>,
}

/// A verification at work. Blocks: it belongs on a thread of its own, never on a runtime's.
pub struct HistoryVerifier {
    storage: Storage,
    files: Option<Arc<dyn MediaStore>>,
    documents: Arc<Mutex<FrozenDocuments>>,
    /// None is all organizations.
    only: Option<OrganizationId>,
}

impl HistoryVerifier {
    /// `storage` is one that nobody else reads from ([`Storage::open_for_reading`]). Without
    /// `files` no file is looked at.
    #[must_use]
    pub fn new(
        storage: Storage,
        files: Option<Arc<dyn MediaStore>>,
        only: Option<OrganizationId>,
    ) -> Self {
        Self { storage, files, documents: Arc::default(), only }
    }

    /// How many instances there are to look at.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn total(&self) -> Result<u64, Failure> {
        let only = self.only.clone();
        let count = move |tx: &mut dyn storage::Transaction| -> Result<i64, Failure> {
            Ok(storage::verification::count_instances(tx, only.as_ref())?)
        };
        unsigned(self.storage.read_blocking(count)?)
    }

    /// Looks at one slice.
    ///
    /// # Errors
    /// When the database cannot be read. What does not read in a row is a difference, no error.
    pub fn step(&self, position: &VerificationPosition) -> Result<VerificationStep, Failure> {
        let (at, only, documents) = (position.clone(), self.only.clone(), self.documents.clone());
        let slice = self
            .storage
            .read_blocking(move |tx| gather::read_slice(tx, &documents, only.as_ref(), &at))?;
        let VerificationSlice { mut tally, mut differences, instances, files, next } = slice;
        for found in instances {
            judge::verify_instance(&found, &mut tally, &mut differences);
        }
        if let Some(store) = &self.files {
            for row in files {
                tally.files += 1;
                differences.extend(media::verify_file(store.as_ref(), &row));
            }
        }
        Ok(VerificationStep { tally, differences, next })
    }
}
