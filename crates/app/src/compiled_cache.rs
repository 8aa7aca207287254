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
    documents: Cache<Sha256Digest, Parsed<Test>>,
    questions: Cache<Sha256Digest, Parsed<Question>>,
    instances: Cache<InstanceId, Arc<CompiledTest>>,
}

/// Something parsed, and the bytes of memory it takes, roughly.
struct Parsed<T> {
    value: Arc<T>,
    bytes: u32,
}

impl<T> Parsed<T> {
    fn of(value: T, text_bytes: usize) -> Self {
        Self { value: Arc::new(value), bytes: parsed_bytes(text_bytes) }
    }
}

impl<T> Clone for Parsed<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), bytes: self.bytes }
    }
}

impl CompiledTestCache {
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let documents = Cache::builder()
            .max_capacity(bytes / 4)
            .weigher(|_, test: &Parsed<Test>| test.bytes)
            .build();
        let questions = Cache::builder()
            .max_capacity(bytes / 4)
            .weigher(|_, question: &Parsed<Question>| question.bytes)
            .build();
        let instances = Cache::builder()
            .max_capacity(bytes / 2)
            .weigher(|_, compiled: &Arc<CompiledTest>| weight_of(compiled))
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
        if let Some(found) = self.documents.get(digest) {
            return Ok(found.value);
        }
        let body = storage::document::find(tx, digest)?
            .ok_or_else(|| Failure::internal("a document is missing"))?;
        let test = parse_stored(&body).map_err(|faults| {
            Failure::internal(format!("a stored document does not read: {faults:?}"))
        })?;
        let parsed = Parsed::of(test, body.len());
        self.documents.insert(*digest, parsed.clone());
        Ok(parsed.value)
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
        if let Some(found) = self.questions.get(digest) {
            return Ok(found.value);
        }
        let body = storage::document::find(tx, digest)?
            .ok_or_else(|| Failure::internal("a question is missing"))?;
        let read = parse_stored_question(&body);
        let question = read.map_err(|faults| {
            Failure::internal(format!("a kept question does not read: {faults:?}"))
        })?;
        let parsed = Parsed::of(question, body.len());
        self.questions.insert(*digest, parsed.clone());
        Ok(parsed.value)
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
        if let Some(existing) = self.instances.get(instance) {
            return Ok(existing);
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

/// Bytes that a parsed document takes, from those of its text: keys, options and the ends of
/// allocations make it about three times as much.
fn parsed_bytes(text_bytes: usize) -> u32 {
    u32::try_from(text_bytes.saturating_mul(3)).unwrap_or(u32::MAX)
}

/// The orders and indexes of one instance, and its document where nobody else holds it: with pools
/// of the bank every instance may have a frozen document of its own, which lives as long as the
/// instance is here and would be in no count.
fn weight_of(compiled: &CompiledTest) -> u32 {
    const PER_ELEMENT: usize = 128;
    let elements = compiled.slots.len() + compiled.pages.len() + compiled.sections.len();
    let own = u32::try_from(elements * PER_ELEMENT).unwrap_or(u32::MAX);
    // One hold is this instance's, one may be the cache's of documents.
    let is_shared = Arc::strong_count(&compiled.test) > 2;
    let document = if is_shared { 0 } else { parsed_bytes(text_bytes(&compiled.test)) };
    own.saturating_add(document)
}

/// Bytes of a document's text; one that cannot be printed was never stored.
fn text_bytes(test: &Test) -> usize {
    serde_json::to_vec(test).map_or(0, |text| text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPACITY: u64 = 1 << 20;

    /// A document of about so many bytes, unlike any other.
    fn document(number: usize, bytes: usize) -> Test {
        let closing = format!("{number} {}", "x".repeat(bytes));
        let document = serde_json::json!({
            "assay": 1, "key": "t", "title": "T", "closing": closing,
            "sections": [{"key": "s", "title": "S", "pages": [{"key": "p", "questions": [{
                "key": "q", "kind": "multiplechoice", "text": "?",
                "choices": [{"key": "a", "text": "A", "percentage": 100}, {"key": "b", "text": "B"}],
            }]}]}],
        });
        parse_stored(&document.to_string()).unwrap()
    }

    #[test]
    fn large_documents_of_instances_count_with_their_texts() {
        let cache = CompiledTestCache::new(CAPACITY);
        for number in 0..100 {
            let test = Arc::new(document(number, 20_000));
            let compiled = compile(&test, &Seed([7; 32]), TimeFactor::ONE).unwrap();
            drop(test);
            cache.insert(format!("Ti{number}").into(), Arc::new(compiled));
        }
        cache.instances.run_pending_tasks();
        assert!(cache.instances.entry_count() <= 8, "{}", cache.instances.entry_count());
        assert!(cache.instances.weighted_size() <= CAPACITY / 2);
    }

    #[test]
    fn instances_of_one_document_count_it_once() {
        let cache = CompiledTestCache::new(CAPACITY);
        let test = Arc::new(document(0, 20_000));
        for number in 0..500 {
            let compiled = compile(&test, &Seed([7; 32]), TimeFactor::ONE).unwrap();
            cache.insert(format!("Ti{number}").into(), Arc::new(compiled));
        }
        cache.instances.run_pending_tasks();
        assert_eq!(cache.instances.entry_count(), 500);
    }

    #[test]
    fn parsed_documents_are_bounded_by_the_bytes_of_their_texts() {
        let cache = CompiledTestCache::new(CAPACITY);
        for number in 0..100_u8 {
            let parsed = Parsed::of(document(number.into(), 20_000), 20_000);
            cache.documents.insert(Sha256Digest::from([number; 32]), parsed);
        }
        cache.documents.run_pending_tasks();
        assert!(cache.documents.entry_count() <= 4, "{}", cache.documents.entry_count());
    }
}
