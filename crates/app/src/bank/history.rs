//! The history of a question, and putting an old version on top again.

use super::{BankRight, QuestionSubmitOptions, SubmittedQuestion, found};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::BankService;
use crate::test_library::{DocumentVersionView, actor_name};
use domain::document::DocumentFormat;
use domain::id::QuestionId;
use storage::Sha256Digest;

impl BankService {
    /// All versions, the latest first.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn question_history(
        &self,
        caller: &Caller,
        question: &QuestionId,
    ) -> Result<Vec<DocumentVersionView>, Failure> {
        let reach = caller.bank_reach(BankRight::Read)?;
        let question = question.clone();
        self.read_for(caller, move |work| {
            found(work, &question, reach)?;
            let versions = storage::bank::versions(work.tx, work.organization, &question)?;
            let seen = versions.into_iter().rev().map(|version| {
                Ok(DocumentVersionView {
                    number: version.number,
                    digest: version.digest,
                    created_at: version.created_at,
                    made_by: version.actor_kind,
                    made_by_name: actor_name(work, version.actor_kind, version.actor_id)?,
                })
            });
            seen.collect::<Result<Vec<_>, Failure>>()
        })
        .await
    }

    /// Makes an old version the latest one again, as a new version with the same document.
    /// `based_on` is the digest the caller saw on top.
    ///
    /// # Errors
    /// As [`BankService::submit_questions`].
    pub async fn restore_question(
        &self,
        caller: &Caller,
        question: &QuestionId,
        number: i64,
        based_on: Option<Sha256Digest>,
    ) -> Result<SubmittedQuestion, Failure> {
        let old = self.question_text(caller, question, Some(number), DocumentFormat::Json).await?;
        let options = QuestionSubmitOptions {
            question: Some(question.clone()),
            based_on,
            ..QuestionSubmitOptions::default()
        };
        let mut submitted = self
            .submit_questions(caller, old.text.as_bytes(), DocumentFormat::Json, options)
            .await?;
        submitted.pop().ok_or(Failure::NotFound)
    }
}
