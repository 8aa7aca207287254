//! What a correction of a step would change: computed by the engine from kept inputs, and nothing of
//! it is stored (domain rules, 6.7).

use crate::administration::find_instance;
use crate::caller::Caller;
use crate::compute::ComputePayer;
use crate::corrections::questions_of;
use crate::failure::Failure;
use crate::services::CorrectionService;
use crate::versions::{ScoringContext, inputs, new_version, stored_slots};
use domain::decimal::Decimal;
use domain::document::model::Question;
use domain::id::{InstanceId, StepId, TaskId};
use domain::instance::VersionReason;
use domain::role::Right;
use domain::scoring::correction::corrected_question;
use domain::scoring::{Correction, ScoringResult, score};
use std::sync::Arc;
use storage::Transaction;

/// Results that are looked into.
pub const MOST_PREVIEWED: u64 = 2000;
/// People who are named.
const MOST_NAMED: usize = 50;
/// Ordinals of a task that are looked at in one read.
const ORDINALS_AT_ONCE: i64 = 100;
/// Documents in which a question is looked for.
const MOST_DOCUMENTS: usize = 200;

/// A question of a step, as candidates were asked it.
#[derive(Clone, Debug)]
pub struct AskedQuestion {
    /// As it is scored now: with the corrections there are.
    pub question: Arc<Question>,
    /// Taken out of scoring.
    pub is_ignored: bool,
    /// Different questions with this key that were asked.
    pub wordings: usize,
}

/// What would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorrectionPreview {
    /// Finished results with the question, and those under way.
    pub finished: u64,
    pub open: u64,
    /// Results that would get a new version, by where their score would go.
    pub changed: u64,
    pub up: u64,
    pub down: u64,
    /// Settled results that count: how many pass, and the mean ratio in millionths.
    pub passed_before: u64,
    pub passed_after: u64,
    pub mean_before: Option<i64>,
    pub mean_after: Option<i64>,
    pub now_pass: u64,
    pub no_longer_pass: u64,
    /// The first of those whose outcome changes.
    pub flips: Vec<OutcomeFlip>,
    /// There are more results than were looked into.
    pub is_part: bool,
}

/// A result whose outcome would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeFlip {
    pub instance: InstanceId,
    /// None for whoever may not see it, and of an erased person.
    pub name: Option<String>,
    pub before: Decimal,
    pub after: Decimal,
    pub passes: bool,
}

/// One result before and after.
struct PreviewedResult {
    instance: InstanceId,
    name: Option<String>,
    changes: bool,
    counts: bool,
    before: ScoringResult,
    after: ScoringResult,
}

/// What a result is to the preview.
enum Previewed {
    Elsewhere,
    Open,
    Finished(Box<PreviewedResult>),
}

impl CorrectionService {
    /// A question of a step as it was asked; as it stands in the test when nobody was asked yet.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; [`Failure::NotFound`] for task, step and question.
    pub async fn asked_question(
        &self,
        caller: &Caller,
        task: &TaskId,
        step: &StepId,
        key: &str,
    ) -> Result<AskedQuestion, Failure> {
        let (task, step, key) = (task.clone(), step.clone(), key.to_owned());
        self.read_as(caller, Right::Correct, move |work| {
            let row = work.task(&task)?;
            let found = storage::step::find(work.tx, work.organization, &task, &step)?
                .ok_or(Failure::NotFound)?;
            let mut digests = storage::instance::list_documents_by_step(
                work.tx,
                &task,
                &step,
                0,
                row.instance_count,
            )?;
            digests.truncate(MOST_DOCUMENTS);
            if digests.is_empty() {
                let test = storage::test::find(work.tx, work.organization, &found.test_id)?;
                digests.extend(test.map(|test| test.digest));
            }
            let mut wordings: Vec<Arc<Question>> = Vec::new();
            for digest in digests {
                let document = work.app.compiled_cache().document(work.tx, &digest)?;
                let pages = document.sections.iter().flat_map(|section| &section.pages);
                let question =
                    pages.flat_map(questions_of).find(|question| question.key.as_str() == key);
                wordings.extend(question.filter(|question| !wordings.contains(question)));
            }
            let question = wordings.last().cloned().ok_or(Failure::NotFound)?;
            let corrections = storage::correction::list(work.tx, work.organization, &step)?
                .iter()
                .filter(|row| row.withdrawn_at.is_none() && row.instance_id.is_none())
                .map(inputs::correction)
                .collect::<Result<Vec<_>, _>>()?;
            let (question, is_ignored) = corrected(question, &corrections);
            Ok(AskedQuestion { question, is_ignored, wordings: wordings.len() })
        })
        .await
    }

    /// What a correction of a step would change.
    ///
    /// # Errors
    /// As those of making it, but for its reason.
    pub async fn preview_correction(
        &self,
        caller: &Caller,
        task: &TaskId,
        step: &StepId,
        correction: &Correction,
    ) -> Result<CorrectionPreview, Failure> {
        caller.require(Right::Correct)?;
        self.delivery().ensure_deadlines_swept().await?;
        self.check_correction_of_step(caller, task, step, correction).await?;
        let mut preview = CorrectionPreview::default();
        let mut sums = MeanSums::default();
        let (mut after, last) = (0, self.last_ordinal(caller, task).await?);
        while after < last {
            if preview.finished >= MOST_PREVIEWED {
                preview.is_part = true;
                break;
            }
            let until = after.saturating_add(ORDINALS_AT_ONCE);
            for previewed in
                self.preview_ordinals(caller, task, step, correction, (after, until)).await?
            {
                preview.add(previewed, &mut sums);
            }
            after = until;
        }
        (preview.mean_before, preview.mean_after) = sums.means();
        Ok(preview)
    }

    async fn last_ordinal(&self, caller: &Caller, task: &TaskId) -> Result<i64, Failure> {
        let task = task.clone();
        self.read_as(caller, Right::Correct, move |work| Ok(work.task(&task)?.instance_count)).await
    }

    async fn preview_ordinals(
        &self,
        caller: &Caller,
        task: &TaskId,
        step: &StepId,
        correction: &Correction,
        (after, until): (i64, i64),
    ) -> Result<Vec<Previewed>, Failure> {
        let (app, caller, task, step) = (self.clone(), caller.clone(), task.clone(), step.clone());
        let (payer, correction) = (ComputePayer::from(&caller), correction.clone());
        let read = move |tx: &mut dyn Transaction| {
            let ids = storage::instance::list_by_step(tx, &task, &step, after, until)?;
            let preview = |id: &InstanceId| app.preview_one(tx, &caller, &task, id, &correction);
            ids.iter().map(preview).collect::<Result<Vec<_>, Failure>>()
        };
        self.read_scored(payer, read).await
    }

    fn preview_one(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        task: &TaskId,
        id: &InstanceId,
        correction: &Correction,
    ) -> Result<Previewed, Failure> {
        let row = find_instance(tx, caller, task, id)?;
        let compiled = self.compiled_test(tx, &row)?;
        if !compiled.slots.iter().any(|slot| slot.question.key == correction.question) {
            return Ok(Previewed::Elsewhere);
        }
        if row.state.is_open() {
            return Ok(Previewed::Open);
        }
        let mut inputs = inputs::load(tx, &row, &compiled)?;
        let before = score(&compiled, &inputs);
        inputs.corrections.push(correction.clone());
        let after = score(&compiled, &inputs);
        let act = ScoringContext {
            actor: caller,
            now: self.now(),
            reason: VersionReason::Corrected,
            note: None,
        };
        let fresh = new_version(&row, &inputs, &after, &act)?;
        let changes = match storage::version::latest(tx, &row.id)? {
            Some(latest) => stored_slots::differs(&latest, &fresh)?,
            None => true,
        };
        let flips = before.passed != after.passed;
        let name = match flips && caller.require(Right::ReadCandidates).is_ok() {
            true => storage::candidate::find(tx, &caller.organization, task, &row.candidate_id)?
                .and_then(|candidate| candidate.fullname.or(candidate.email)),
            false => None,
        };
        Ok(Previewed::Finished(Box::new(PreviewedResult {
            instance: row.id.clone(),
            name,
            changes,
            counts: !row.ignored && after.waiting == 0,
            before,
            after,
        })))
    }
}

/// A question as corrections make it.
fn corrected(question: Arc<Question>, corrections: &[Correction]) -> (Arc<Question>, bool) {
    let slot = domain::compile::model::Slot {
        question,
        section: 0,
        page: 0,
        required: false,
        effective: true,
        order: domain::compile::model::PartOrder::None,
    };
    corrected_question(&slot, corrections)
}

/// Sums of ratios in millionths.
#[derive(Default)]
struct MeanSums {
    count: i64,
    before: i64,
    after: i64,
}

impl MeanSums {
    fn means(&self) -> (Option<i64>, Option<i64>) {
        (self.before.checked_div(self.count), self.after.checked_div(self.count))
    }
}

impl CorrectionPreview {
    fn add(&mut self, previewed: Previewed, sums: &mut MeanSums) {
        let result = match previewed {
            Previewed::Elsewhere => return,
            Previewed::Open => {
                self.open += 1;
                return;
            }
            Previewed::Finished(result) => result,
        };
        self.finished += 1;
        self.changed += u64::from(result.changes);
        let (before, after) = (&result.before.scoreboard, &result.after.scoreboard);
        self.up += u64::from(after.ratio > before.ratio);
        self.down += u64::from(after.ratio < before.ratio);
        if !result.counts {
            return;
        }
        sums.count += 1;
        sums.before += before.ratio.millionths().unwrap_or_default();
        sums.after += after.ratio.millionths().unwrap_or_default();
        self.passed_before += u64::from(result.before.passed == Some(true));
        self.passed_after += u64::from(result.after.passed == Some(true));
        let passes = match (result.before.passed, result.after.passed) {
            (Some(false), Some(true)) => true,
            (Some(true), Some(false)) => false,
            _ => return,
        };
        self.now_pass += u64::from(passes);
        self.no_longer_pass += u64::from(!passes);
        if self.flips.len() < MOST_NAMED {
            self.flips.push(OutcomeFlip {
                instance: result.instance,
                name: result.name,
                before: before.ratio,
                after: after.ratio,
                passes,
            });
        }
    }
}
