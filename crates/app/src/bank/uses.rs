//! Which tests take a question from the bank.

use super::{BankRight, found};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::from_json;
use crate::services::BankService;
use domain::document::{BankSlot, bank_slots};
use domain::id::{QuestionId, TestId};
use domain::role::Right;
use std::collections::BTreeMap;

domain::string_enum! {
    /// How a test takes a question.
    pub enum BankUseKind {
        /// It names it.
        Reference = "reference",
        /// A pool of it may draw it.
        Pool = "pool",
    }
}

/// A test whose latest version takes a question, by the surest way it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankUse {
    pub test: TestId,
    pub title: String,
    pub by: BankUseKind,
}

impl BankService {
    /// The tests of the library that take a question from the bank; none for whoever may not read
    /// tests. Pools draw approved questions only, and none that is archived.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn question_uses(
        &self,
        caller: &Caller,
        question: &QuestionId,
    ) -> Result<Vec<BankUse>, Failure> {
        let reach = caller.bank_reach(BankRight::Read)?;
        let reads_tests = caller.require(Right::ReadTests).is_ok();
        let question = question.clone();
        self.read_for(caller, move |work| {
            let row = found(work, &question, reach)?;
            let can_be_drawn = row.approved_at.is_some() && row.archived_at.is_none();
            let labels: Vec<String> = from_json(&row.labels)?;
            let tags: BTreeMap<String, String> = from_json(&row.tags)?;
            let by = |place: &BankSlot<'_>| match place {
                BankSlot::Reference(named) => {
                    let is_own =
                        named.organization_id.as_ref().is_none_or(|it| *it == *work.organization);
                    (is_own && named.question_id == question).then_some(BankUseKind::Reference)
                }
                BankSlot::Pool(filter) => (can_be_drawn
                    && filter.fits(&row.folder, &labels, &tags))
                .then_some(BankUseKind::Pool),
            };
            let mut uses = Vec::new();
            if !reads_tests {
                return Ok(uses);
            }
            for test in storage::test::list(work.tx, work.organization)? {
                if test.archived_at.is_some() || !work.caller.can_access_folder(&test.folder) {
                    continue;
                }
                let document = work.app.compiled_cache().document(work.tx, &test.digest)?;
                let found: Vec<BankUseKind> = bank_slots(&document).iter().filter_map(by).collect();
                let named = found.iter().find(|by| **by == BankUseKind::Reference);
                if let Some(by) = named.or(found.first()) {
                    uses.push(BankUse { test: test.id, title: test.title, by: *by });
                }
            }
            Ok(uses)
        })
        .await
    }
}
