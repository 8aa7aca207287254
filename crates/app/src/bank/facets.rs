//! What the questions of the bank are marked with, and taking many of them away as one document.

use super::{BankQuestionView, BankRight, QuestionFilter};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::from_json;
use crate::services::BankService;
use crate::unit_of_work::UnitOfWork;
use domain::document::model::Question;
use domain::document::{self, DocumentFormat};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use storage::bank::BankQuestionRow;

/// Folders, labels and tags that questions have, archived ones left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BankFacets {
    /// Without the default folder, whose name is empty.
    pub folders: BTreeSet<String>,
    pub labels: BTreeSet<String>,
    pub tags: BTreeMap<String, BTreeSet<String>>,
}

impl BankService {
    /// The marks of all questions that the caller may read.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`].
    pub async fn bank_facets(&self, caller: &Caller) -> Result<BankFacets, Failure> {
        let reach = caller.bank_reach(BankRight::Read)?;
        self.read_for(caller, move |work| {
            let (mut marks, mut failed) = (BankFacets::default(), None);
            storage::bank::each(work.tx, work.organization, None, &mut |row| {
                if row.archived_at.is_none() && reach.includes(&row, work.caller) {
                    failed = marks.add(row).err().or(failed.take());
                }
                Ok(())
            })?;
            failed.map_or(Ok(marks), Err)
        })
        .await
    }

    /// The latest versions of all questions that fit, as one list that [`BankService::submit_questions`]
    /// takes back.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`].
    pub async fn export_questions(
        &self,
        caller: &Caller,
        filter: QuestionFilter,
        format: DocumentFormat,
    ) -> Result<String, Failure> {
        let (_, views) = self.list_questions(caller, filter, u32::MAX, 0).await?;
        let read = move |work: &mut UnitOfWork<'_>| {
            let read = views.iter().map(|view: &BankQuestionView| {
                work.app.compiled_cache().question(work.tx, &view.digest)
            });
            read.collect::<Result<Vec<Arc<Question>>, Failure>>()
        };
        let questions = self.read_for(caller, read).await?;
        let questions = questions.iter().map(AsRef::as_ref);
        Ok(match format {
            DocumentFormat::Yaml => document::questions_to_yaml(questions),
            DocumentFormat::Json | DocumentFormat::Guess => document::questions_to_json(questions),
        })
    }
}

impl BankFacets {
    fn add(&mut self, row: BankQuestionRow) -> Result<(), Failure> {
        self.labels.extend(from_json::<Vec<String>>(&row.labels)?);
        for (name, value) in from_json::<BTreeMap<String, String>>(&row.tags)? {
            self.tags.entry(name).or_default().insert(value);
        }
        if !row.folder.is_empty() {
            self.folders.insert(row.folder);
        }
        Ok(())
    }
}
