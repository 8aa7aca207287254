//! Approving questions, and changing where they stand in the bank. What is asked changes by a new
//! version only.

use super::{BankQuestionView, BankReach, BankRight, found};
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::candidates::LabelChange;
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use crate::services::BankService;
use crate::validation::FieldValidator;
use domain::id::QuestionId;
use domain::json::JsonPointer;
use domain::time::Timestamp;
use storage::bank::BankQuestionRow;

/// What is to change; absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuestionUpdate {
    pub folder: Option<String>,
    pub labels: LabelChange,
    /// An archived question is drawn no more and cannot be named by new documents; tests that name
    /// it go on.
    pub archived: Option<bool>,
}

impl BankService {
    /// Lets tests read a question. One that is approved stays as it is.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] for whoever may only submit; [`Failure::NotFound`].
    pub async fn approve_question(
        &self,
        caller: &Caller,
        question: &QuestionId,
    ) -> Result<BankQuestionView, Failure> {
        let reach = caller.bank_reach(BankRight::Write)?;
        let approve = |row: &BankQuestionRow, now| {
            Ok(BankQuestionRow { approved_at: row.approved_at.or(Some(now)), ..row.clone() })
        };
        self.change_question(caller, question, reach, AuditEventKind::QuestionApproved, approve)
            .await
    }

    /// Changes folder and labels, archives or brings back.
    ///
    /// # Errors
    /// Faults of the change, all at once; [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn update_question(
        &self,
        caller: &Caller,
        question: &QuestionId,
        change: QuestionUpdate,
    ) -> Result<BankQuestionView, Failure> {
        let reach = caller.bank_reach(BankRight::Write)?;
        check(&change)?;
        let apply = move |row: &BankQuestionRow, now| {
            let labels: Vec<String> = from_json(&row.labels)?;
            let archived_at = match change.archived {
                None => row.archived_at,
                Some(true) => row.archived_at.or(Some(now)),
                Some(false) => None,
            };
            Ok(BankQuestionRow {
                folder: change.folder.clone().unwrap_or_else(|| row.folder.clone()),
                labels: to_json(&change.labels.applied_to(&labels))?,
                archived_at,
                ..row.clone()
            })
        };
        self.change_question(caller, question, reach, AuditEventKind::QuestionUpdated, apply).await
    }

    async fn change_question(
        &self,
        caller: &Caller,
        question: &QuestionId,
        reach: BankReach,
        kind: AuditEventKind,
        apply: impl Fn(&BankQuestionRow, Timestamp) -> Result<BankQuestionRow, Failure> + Send + 'static,
    ) -> Result<BankQuestionView, Failure> {
        let question = question.clone();
        self.write_for(caller, move |work| {
            let before = found(work, &question, reach)?;
            let after = apply(&before, work.now)?;
            work.caller.require_folder_access(&after.folder)?;
            if after == before {
                return BankQuestionView::of(before);
            }
            let after = BankQuestionRow { updated_at: work.now, ..after };
            storage::bank::update(work.tx, &after)?;
            let event = AuditEvent::of_organization(kind).about("questionId", &after.id);
            let event = event
                .with("digest", hex::encode(after.digest))
                .with("fields", fields(&before, &after));
            work.record_event(event)?;
            BankQuestionView::of(after)
        })
        .await
    }
}

/// The names of what changed.
fn fields(before: &BankQuestionRow, after: &BankQuestionRow) -> Vec<&'static str> {
    let fields = [
        ("folder", before.folder != after.folder),
        ("labels", before.labels != after.labels),
        ("approved", before.approved_at != after.approved_at),
        ("archived", before.archived_at != after.archived_at),
    ];
    fields.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect()
}

fn check(change: &QuestionUpdate) -> Result<(), Failure> {
    let mut checks = FieldValidator::below(JsonPointer::root());
    if let Some(folder) = change.folder.as_ref().filter(|folder| !folder.is_empty()) {
        checks.name(checks.at("folder"), folder);
    }
    let labels = checks.at("labels");
    change.labels.check(&mut checks, &labels);
    checks.names(&labels.at("add"), &change.labels.add);
    checks.finish()
}
