//! Compiled tests of instances, and the documents and bank questions they are made from: made again
//! when needed and kept for a while.
//!
//! A compiled test is a pure function of what its instance row names, so forgetting one loses
//! nothing.

use crate::failure::Failure;
use domain::compile::model::CompiledTest;
use domain::compile::{Seed, compile};
use domain::document::model::{Question, Test};
use domain::document::{parse_stored, parse_stored_question};
use domain::id::InstanceId;
use domain::time_factor::TimeFactor;
use moka::sync::Cache;
use std::sync::Arc;
use storage::{Sha256Digest, Transaction};

/// What a compiled test is made from.
#[derive(Clone, Debug)]
pub struct CompileInputs {
    /// SHA-256 of the frozen document.
    pub document: Sha256Digest,
    pub seed: Seed,
    pub factor: TimeFactor,
}

/// Parsed documents, bank questions and compiled tests, bounded in bytes.
pub struct CompiledTestCache {
    documents: Cache<Sha256Digest, Arc<Test>>,
    questions: Cache<Sha256Digest, Arc<Question>>,
    instances: Cache<InstanceId, Arc<CompiledTest>>,
}

impl CompiledTestCache {
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let documents = Cache::builder()
            .max_capacity(bytes / 4)
            .weigher(|_, test: &Arc<Test>| weight_of(test))
            .build();
        let questions = Cache::builder()
            .max_capacity(bytes / 4)
            .weigher(|_, _: &Arc<Question>| PER_QUESTION)
            .build();
        let instances = Cache::builder()
            .max_capacity(bytes / 2)
            .weigher(|_, compiled: &Arc<CompiledTest>| own_weight_of(compiled))
            .build();
        Self { documents, questions, instances }
    }

    /// The parsed frozen document of this digest.
    ///
    /// # Errors
    /// When the database does not hold it or cannot be read.
    pub fn document(
        &self,
        tx: &mut dyn Transaction,
        digest: &Sha256Digest,
    ) -> Result<Arc<Test>, Failure> {
        if let Some(known) = self.documents.get(digest) {
            return Ok(known);
        }
        let body = storage::document::find(tx, digest)?
            .ok_or_else(|| Failure::internal("a document is missing"))?;
        let test = parse_stored(&body).map_err(|faults| {
            Failure::internal(format!("a stored document does not read: {faults:?}"))
        })?;
        let test = Arc::new(test);
        self.documents.insert(*digest, test.clone());
        Ok(test)
    }

    /// The parsed bank question of this digest.
    ///
    /// # Errors
    /// As [`CompiledTestCache::document`].
    pub fn question(
        &self,
        tx: &mut dyn Transaction,
        digest: &Sha256Digest,
    ) -> Result<Arc<Question>, Failure> {
        if let Some(known) = self.questions.get(digest) {
            return Ok(known);
        }
        let body = storage::document::find(tx, digest)?
            .ok_or_else(|| Failure::internal("a question is missing"))?;
        let read = parse_stored_question(&body);
        let question = read.map_err(|faults| {
            Failure::internal(format!("a kept question does not read: {faults:?}"))
        })?;
        let question = Arc::new(question);
        self.questions.insert(*digest, question.clone());
        Ok(question)
    }

    /// The compiled test of an instance.
    ///
    /// # Errors
    /// As [`CompiledTestCache::document`].
    pub fn for_instance(
        &self,
        tx: &mut dyn Transaction,
        instance: &InstanceId,
        recipe: &CompileInputs,
    ) -> Result<Arc<CompiledTest>, Failure> {
        if let Some(known) = self.instances.get(instance) {
            return Ok(known);
        }
        let document = self.document(tx, &recipe.document)?;
        let compiled =
            compile(&document, &recipe.seed, recipe.factor).map_err(Failure::internal)?;
        let compiled = Arc::new(compiled);
        self.insert(instance.clone(), compiled.clone());
        Ok(compiled)
    }

    /// The compiled test of an instance if it is at hand.
    #[must_use]
    pub fn cached(&self, instance: &InstanceId) -> Option<Arc<CompiledTest>> {
        self.instances.get(instance)
    }

    /// Keeps a compiled test that was just made.
    pub fn insert(&self, instance: InstanceId, compiled: Arc<CompiledTest>) {
        self.instances.insert(instance, compiled);
    }
}

/// A rough size in bytes of a question of ordinary length.
const PER_QUESTION: u32 = 2048;

/// A rough size in bytes: what a question of ordinary length takes.
fn weight_of(test: &Test) -> u32 {
    const PER_SECTION: usize = 4096;
    u32::try_from(
        test.sections.iter().map(|section| section.pages.len() + 1).sum::<usize>() * PER_SECTION,
    )
    .unwrap_or(u32::MAX)
}

/// The orders and indexes of one instance; the texts are shared with the document.
fn own_weight_of(compiled: &CompiledTest) -> u32 {
    const PER_ELEMENT: usize = 128;
    u32::try_from(
        (compiled.slots.len() + compiled.pages.len() + compiled.sections.len()) * PER_ELEMENT,
    )
    .unwrap_or(u32::MAX)
}
