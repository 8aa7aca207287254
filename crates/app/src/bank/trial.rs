//! Trying a question of the bank out, alone on a page of a test that nobody keeps.

use super::{BankRight, found};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::BankService;
use crate::test_library::{TrialResult, run_trial};
use crate::unit_of_work::UnitOfWork;
use domain::compile::Seed;
use domain::document;
use domain::document::key::ElementKey;
use domain::document::model::{
    Choice, DeclaredName, EffectScore, Item, Lang, MandatoryRules, NamePath, Navigation, Page,
    PageEntry, Question, QuestionBody, QuestionEntry, Section, Test, TestKind,
};
use domain::id::QuestionId;
use std::collections::BTreeMap;
use std::sync::Arc;

impl BankService {
    /// Compiles a question with the orders of a named seed, and scores responses (JSON texts by
    /// slot; its slot is 1).
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn try_question(
        &self,
        caller: &Caller,
        question: &QuestionId,
        seed: &str,
        responses: BTreeMap<u32, String>,
    ) -> Result<TrialResult, Failure> {
        let reach = caller.bank_reach(BankRight::Read)?;
        let seed = Seed(document::stored_digest(seed));
        let organization = caller.organization.clone();
        let question = question.clone();
        let read = move |work: &mut UnitOfWork<'_>| {
            let row = found(work, &question, reach)?;
            Ok((row.digest, work.app.compiled_cache().question(work.tx, &row.digest)?))
        };
        let (digest, question) = self.read_for(caller, read).await?;
        self.run_on_compute_thread(&organization, move || {
            run_trial(digest, &Arc::new(alone(question)), &seed, &responses)
        })
        .await?
    }
}

/// A test with one question, which declares the names the question speaks of.
fn alone(question: Arc<Question>) -> Test {
    let (uuid, key): (_, ElementKey) = (question.uuid, question.key.clone());
    let dimensions = declared(question.dimensions.iter().map(|assigned| &assigned.path));
    let effects = declared(effects(&question).map(|effect| &effect.path));
    let page = Page {
        key: key.clone(),
        title: None,
        uuid,
        text: String::new(),
        time_limit: 0,
        shuffle_questions: false,
        pinned: false,
        questions: vec![QuestionEntry::Question(question.clone())],
    };
    let section = Section {
        key: key.clone(),
        title: "Question".to_owned(),
        uuid,
        intro: String::new(),
        time_limit: 0,
        navigation: Navigation::Free,
        shuffle_pages: false,
        pinned: false,
        ignorable_blanks: 0,
        pages: vec![PageEntry::Page(page)],
    };
    Test {
        assay: 1,
        uuid,
        key,
        title: "Question".to_owned(),
        kind: TestKind::Performance,
        lang: Lang::En,
        description: String::new(),
        instructions: String::new(),
        closing: String::new(),
        time_limit: 0,
        navigation: Navigation::Free,
        shuffle_sections: false,
        mandatory: MandatoryRules::default(),
        pass_mark: None,
        levels: Vec::new(),
        dimensions,
        effects,
        sections: vec![section],
    }
}

fn effects(question: &Question) -> impl Iterator<Item = &EffectScore> {
    let (choices, items): (&[Choice], &[Item]) = match &question.kind {
        QuestionBody::MultipleChoice(choice) => (&choice.choices, &[]),
        QuestionBody::Match(matching) => (&[], &matching.items),
        QuestionBody::Input(_) => (&[], &[]),
    };
    let of_choices = choices.iter().flat_map(|choice| &choice.effects);
    of_choices
        .chain(items.iter().flat_map(|item| &item.matches).flat_map(|matched| &matched.effects))
}

/// The tree of names in which these paths lead somewhere.
fn declared<'path>(paths: impl Iterator<Item = &'path NamePath>) -> Vec<DeclaredName> {
    let mut tree: Vec<DeclaredName> = Vec::new();
    for NamePath(names) in paths {
        let Some(name) = names.first() else { continue };
        let place = tree.iter().position(|entry| entry.name == *name).unwrap_or_else(|| {
            tree.push(DeclaredName { name: name.clone(), sub: Vec::new() });
            tree.len() - 1
        });
        if let Some(sub) = names.get(1).filter(|sub| !tree[place].sub.contains(sub)) {
            tree[place].sub.push(sub.clone());
        }
    }
    tree
}
