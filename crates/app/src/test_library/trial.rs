//! Trying a test out: compiled and scored as for a candidate, with nothing kept. No instance is
//! made.

use crate::bank::{BankPurpose, StoredBank};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::TestLibraryService;
use crate::unit_of_work::UnitOfWork;
use domain::compile::freeze::freeze;
use domain::compile::model::CompiledTest;
use domain::compile::{Seed, compile};
use domain::document;
use domain::document::model::Test;
use domain::id::TestId;
use domain::json::JsonNode;
use domain::refusal::Refusal;
use domain::response::{NoUploads, ResponseFault, read};
use domain::role::Right;
use domain::scoring::outcome::ScoringResult;
use domain::scoring::{Answer, ScoringInputs, score};
use domain::time_factor::TimeFactor;
use std::collections::BTreeMap;
use std::sync::Arc;
use storage::Sha256Digest;

/// A response's text nests two deep at most.
const DEEPEST: usize = 4;

/// What a candidate would get, and what answers would earn.
#[derive(Clone, Debug)]
pub struct TrialResult {
    pub digest: Sha256Digest,
    pub compiled: Arc<CompiledTest>,
    pub outcome: ScoringResult,
    /// Responses that would have been refused, by slot.
    pub refused: BTreeMap<u32, ResponseFault>,
}

impl TestLibraryService {
    /// Compiles a test as it is now with the draws and orders of a named seed, and scores responses
    /// (JSON texts by slot).
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`], `test_not_compilable`.
    pub async fn try_test(
        &self,
        caller: &Caller,
        test: &TestId,
        seed: &str,
        responses: BTreeMap<u32, String>,
    ) -> Result<TrialResult, Failure> {
        let seed = Seed(document::stored_digest(seed));
        let organization = caller.organization.clone();
        let test = test.clone();
        let read = move |work: &mut UnitOfWork<'_>| {
            let organization = work.organization.clone();
            let row = super::found(work, &test)?;
            let authored = work.app.compiled_cache().document(work.tx, &row.digest)?;
            let bank = StoredBank::new(work.app, work.tx, &organization, BankPurpose::Starting);
            let frozen = freeze(&authored, &bank, &organization, &seed);
            bank.finish()?;
            Ok((row.digest, frozen))
        };
        let (digest, frozen) = self.read_as(caller, Right::ReadTests, read).await?;
        let frozen = frozen.map_err(|_| Refusal::TestNotCompilable)?;
        self.run_on_compute_thread(&organization, move || {
            run_trial(digest, &frozen, &seed, &responses)
        })
        .await?
    }
}

/// A frozen document compiled and the responses scored. Not for a thread of the database or of the
/// runtime.
pub(crate) fn run_trial(
    digest: Sha256Digest,
    frozen: &Arc<Test>,
    seed: &Seed,
    responses: &BTreeMap<u32, String>,
) -> Result<TrialResult, Failure> {
    let compiled =
        compile(frozen, seed, TimeFactor::ONE).map_err(|_| Refusal::TestNotCompilable)?;
    let (inputs, refused) = answered(&compiled, responses);
    let outcome = score(&compiled, &inputs);
    Ok(TrialResult { digest, compiled: Arc::new(compiled), outcome, refused })
}

fn answered(
    compiled: &CompiledTest,
    responses: &BTreeMap<u32, String>,
) -> (ScoringInputs, BTreeMap<u32, ResponseFault>) {
    let (mut inputs, mut refused) = (ScoringInputs::default(), BTreeMap::new());
    for (number, text) in responses {
        let index = usize::try_from(*number).ok().and_then(|number| number.checked_sub(1));
        let Some(slot) = index.and_then(|index| compiled.slots.get(index)) else { continue };
        let node = JsonNode::parse_lenient(text.as_bytes(), DEEPEST)
            .map_err(|_| ResponseFault::WrongShape);
        match node.and_then(|node| read(&slot.question, &node, &NoUploads)) {
            Ok(Some(response)) => {
                inputs.answers.insert(*number, Answer { seq: 1, response });
            }
            Ok(None) => {}
            Err(fault) => {
                refused.insert(*number, fault);
            }
        }
    }
    (inputs, refused)
}
