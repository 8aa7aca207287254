//! Reading the bank.

use super::{BankQuestionView, BankReach, BankRight, QuestionKind, QuestionState, found};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::BankService;
use crate::unit_of_work::UnitOfWork;
use domain::document::model::BankFilter;
use domain::document::{self, DocumentFormat};
use domain::id::QuestionId;
use domain::substring_search::SubstringSearch;
use std::collections::BTreeMap;
use storage::Sha256Digest;
use storage::bank::BankQuestionRow;

/// What all questions of a list have; absent is any, and archived ones are left out unless they are
/// asked for.
#[derive(Clone, Debug, Default)]
pub struct QuestionFilter {
    /// The empty name is the default folder.
    pub folder: Option<String>,
    /// All of these, as a pool demands them.
    pub labels: Vec<String>,
    /// All of these.
    pub tags: BTreeMap<String, String>,
    pub kind: Option<QuestionKind>,
    pub state: Option<QuestionState>,
    /// Somewhere in what is asked, or in the key.
    pub text: Option<SubstringSearch>,
}

/// One version of a question with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionText {
    pub number: i64,
    pub digest: Sha256Digest,
    /// The stored form, or the same as YAML.
    pub text: String,
}

impl BankService {
    /// Questions in creation order that fit a filter and that the caller may read, and how many
    /// there are.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`].
    pub async fn list_questions(
        &self,
        caller: &Caller,
        filter: QuestionFilter,
        limit: u32,
        skip: u64,
    ) -> Result<(u64, Vec<BankQuestionView>), Failure> {
        let reach = caller.bank_reach(BankRight::Read)?;
        self.read_for(caller, move |work| {
            let (mut total, mut found, mut failed) = (0, Vec::new(), None);
            let folder = filter.folder.as_deref();
            storage::bank::each(work.tx, work.organization, folder, &mut |row| {
                match filter.shows(row, reach, work.caller) {
                    Ok(Some(view)) => {
                        if total >= skip && found.len() < limit as usize {
                            found.push(view);
                        }
                        total += 1;
                    }
                    Ok(None) => {}
                    Err(failure) => failed = Some(failure),
                }
                Ok(())
            })?;
            failed.map_or(Ok((total, found)), Err)
        })
        .await
    }

    /// One question.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn question(
        &self,
        caller: &Caller,
        question: &QuestionId,
    ) -> Result<BankQuestionView, Failure> {
        let reach = caller.bank_reach(BankRight::Read)?;
        let question = question.clone();
        self.read_for(caller, move |work| BankQuestionView::of(found(work, &question, reach)?))
            .await
    }

    /// A version's text, the latest unless a number is given, as JSON or as YAML.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn question_text(
        &self,
        caller: &Caller,
        question: &QuestionId,
        version: Option<i64>,
        format: DocumentFormat,
    ) -> Result<QuestionText, Failure> {
        let reach = caller.bank_reach(BankRight::Read)?;
        let question = question.clone();
        let read = move |work: &mut UnitOfWork<'_>| {
            let row = found(work, &question, reach)?;
            let number = version.unwrap_or(row.version);
            let versions = storage::bank::versions(work.tx, work.organization, &question)?;
            let stored = versions
                .into_iter()
                .find(|version| version.number == number)
                .ok_or(Failure::NotFound)?;
            let text = storage::document::find(work.tx, &stored.digest)?;
            let text = text.ok_or_else(|| Failure::internal("a question's document is missing"))?;
            Ok(QuestionText { number, digest: stored.digest, text })
        };
        let mut found = self.read_for(caller, read).await?;
        if format == DocumentFormat::Yaml {
            let read = document::parse_stored_question(&found.text);
            found.text = document::question_to_yaml(
                &read.map_err(|_| Failure::internal("a kept question does not read"))?,
            );
        }
        Ok(found)
    }
}

impl QuestionFilter {
    fn shows(
        &self,
        row: BankQuestionRow,
        reach: BankReach,
        caller: &Caller,
    ) -> Result<Option<BankQuestionView>, Failure> {
        if !reach.includes(&row, caller) {
            return Ok(None);
        }
        let view = BankQuestionView::of(row)?;
        Ok(Some(view).filter(|view| self.fits(view)))
    }

    fn fits(&self, view: &BankQuestionView) -> bool {
        let marks = BankFilter {
            folder: self.folder.clone(),
            labels: self.labels.clone(),
            tags: self.tags.clone(),
        };
        let is_in = |text: &SubstringSearch| {
            text.is_contained_in(&view.text) || text.is_contained_in(&view.key)
        };
        let has_state = match self.state {
            None => view.state != QuestionState::Archived,
            Some(state) => view.state == state,
        };
        has_state
            && self.kind.is_none_or(|kind| kind.as_str() == view.kind)
            && self.text.as_ref().is_none_or(is_in)
            && marks.fits(&view.folder, &view.labels, &view.tags)
    }
}
