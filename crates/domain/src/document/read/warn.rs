//! Advice on valid documents.

use super::question_warnings;
use crate::decimal::Decimal;
use crate::document::bank::ValidationContext;
use crate::document::fault::{DocumentFault, DocumentFaultCode};
use crate::document::model::{
    BankReference, DeclaredName, EvaluationMode, Lang, NamePath, Page, PageEntry, Pool, PoolSource,
    Question, QuestionBody, QuestionEntry, Test,
};
use crate::json::{JsonNode, JsonPointer};
use std::collections::HashSet;

/// All warnings, those of texts among them, in document order, at most 100.
pub fn warnings(
    test: &Test,
    document: &JsonNode,
    surroundings: &ValidationContext<'_>,
    of_texts: Vec<DocumentFault>,
) -> Vec<DocumentFault> {
    let mut adviser = WarningFinder {
        surroundings,
        found: of_texts,
        used: UsedNames::default(),
        lang: test.lang,
    };
    adviser.test(test);
    let mut found = adviser.found;
    found.sort_by_cached_key(|fault| position(document, &fault.pointer));
    found.truncate(crate::json::MOST_LISTED);
    found
}

/// Where a pointer leads, as places among members and items.
fn position(document: &JsonNode, pointer: &JsonPointer) -> Vec<usize> {
    let mut node = Some(document);
    let mut order = Vec::new();
    for token in pointer.as_str().split('/').skip(1) {
        let (place, below) = match node {
            Some(JsonNode::List(items)) => {
                let index = token.parse().unwrap_or(items.len());
                (index, items.get(index))
            }
            Some(JsonNode::Object(members)) => {
                let place =
                    members.iter().position(|(name, _)| name == token).unwrap_or(members.len());
                (place, members.get(place).map(|(_, node)| node))
            }
            _ => (0, None),
        };
        order.push(place);
        node = below;
    }
    order
}

/// The declared names that questions use.
#[derive(Default)]
struct UsedNames {
    dimensions: HashSet<NamePath>,
    effects: HashSet<NamePath>,
}

struct WarningFinder<'s> {
    surroundings: &'s ValidationContext<'s>,
    found: Vec<DocumentFault>,
    used: UsedNames,
    lang: Lang,
}

impl WarningFinder<'_> {
    fn warn(&mut self, code: DocumentFaultCode, pointer: &JsonPointer, detail: Option<String>) {
        self.found.push(DocumentFault::new(code, pointer.clone(), detail));
    }

    fn title(&mut self, title: &str, place: &JsonPointer) {
        self.found.extend(question_warnings::of_title(title, place));
    }

    fn test(&mut self, test: &Test) {
        self.title(&test.title, &JsonPointer::root().at("title"));
        let list = JsonPointer::root().at("sections");
        for (index, section) in test.sections.iter().enumerate() {
            let place = list.at(index);
            self.title(&section.title, &place.at("title"));
            let limit = self.nested(section.time_limit, test.time_limit, &place.at("timeLimit"));
            let pages = place.at("pages");
            for (index, entry) in section.pages.iter().enumerate() {
                match entry {
                    PageEntry::Page(page) => self.page(page, limit, &pages.at(index)),
                    PageEntry::Pool { pool } => self.pool(pool, limit, &pages.at(index).at("pool")),
                }
            }
        }
        let used = std::mem::take(&mut self.used);
        self.unused(&test.dimensions, &used.dimensions, &JsonPointer::root().at("dimensions"));
        self.unused(&test.effects, &used.effects, &JsonPointer::root().at("effects"));
    }

    /// Compares a limit with the one around it; gives the tighter one, 0 for none.
    fn nested(&mut self, limit: u32, around: u32, pointer: &JsonPointer) -> u32 {
        if around > 0 && limit > around {
            self.warn(DocumentFaultCode::WarnTimeNested, pointer, Some(around.to_string()));
        }
        if limit > 0 { limit } else { around }
    }

    fn page(&mut self, page: &Page, around: u32, place: &JsonPointer) {
        self.title(page.title.as_deref().unwrap_or_default(), &place.at("title"));
        self.nested(page.time_limit, around, &place.at("timeLimit"));
        self.entries(&page.questions, &place.at("questions"));
    }

    fn entries(&mut self, entries: &[QuestionEntry], list: &JsonPointer) {
        for (index, entry) in entries.iter().enumerate() {
            let place = list.at(index);
            match entry {
                QuestionEntry::Pool { pool } => self.pool(pool, 0, &place.at("pool")),
                QuestionEntry::Ref { reference, .. } => self.reference(reference),
                QuestionEntry::Question(question) => {
                    self.use_names(question);
                    self.question(question, &place);
                    self.found.extend(super::warn_number::warnings(question, &place));
                }
            }
        }
    }

    fn pool(&mut self, pool: &Pool, around: u32, place: &JsonPointer) {
        let on_largest_page = pool.spread.map_or(0, |spread| pool.draw.div_ceil(spread.max(1)));
        let seconds = pool.seconds_per_question.saturating_mul(on_largest_page);
        self.nested(seconds, around, &place.at("secondsPerQuestion"));
        match &pool.source {
            PoolSource::Pages(pages) => {
                for (index, page) in pages.iter().enumerate() {
                    self.page(page, around, &place.at("pages").at(index));
                }
            }
            PoolSource::Questions(entries) => self.entries(entries, &place.at("questions")),
            PoolSource::Bank(filter) => {
                let matching = self.surroundings.bank.matching(filter);
                if (matching.len() as u64) < u64::from(pool.draw) {
                    self.warn(
                        DocumentFaultCode::WarnBankSmall,
                        place,
                        Some(matching.len().to_string()),
                    );
                }
                matching.iter().for_each(|found| self.use_names(&found.question));
            }
        }
    }

    fn reference(&mut self, reference: &BankReference) {
        let organization =
            reference.organization_id.as_ref().unwrap_or(&self.surroundings.organization);
        if let Some(found) = self.surroundings.bank.question(organization, &reference.question_id) {
            self.use_names(&found.question);
        }
    }

    fn use_names(&mut self, question: &Question) {
        self.used
            .dimensions
            .extend(question.dimensions.iter().map(|assignment| assignment.path.clone()));
        let effects: Vec<_> = match &question.kind {
            QuestionBody::MultipleChoice(kind) => {
                kind.choices.iter().flat_map(|choice| &choice.effects).collect()
            }
            QuestionBody::Match(kind) => kind
                .items
                .iter()
                .flat_map(|item| &item.matches)
                .flat_map(|matching| &matching.effects)
                .collect(),
            QuestionBody::Input(_) => Vec::new(),
        };
        self.used.effects.extend(effects.into_iter().map(|effect| effect.path.clone()));
    }

    /// A name is used when its path or one below it is.
    fn unused(&mut self, declared: &[DeclaredName], used: &HashSet<NamePath>, list: &JsonPointer) {
        for (index, entry) in declared.iter().enumerate() {
            let place = list.at(index);
            if !used.iter().any(|path| path.0.first() == Some(&entry.name)) {
                self.warn(
                    DocumentFaultCode::WarnUnusedName,
                    &place.at("name"),
                    Some(entry.name.clone()),
                );
            }
            for (index, sub) in entry.sub.iter().enumerate() {
                if !used.contains(&NamePath(vec![entry.name.clone(), sub.clone()])) {
                    self.warn(
                        DocumentFaultCode::WarnUnusedName,
                        &place.at("sub").at(index),
                        Some(sub.clone()),
                    );
                }
            }
        }
    }

    fn question(&mut self, question: &Question, place: &JsonPointer) {
        self.found.extend(question_warnings::of(question, place));
        if !question.effective || question.evaluation != EvaluationMode::Auto {
            return;
        }
        let best = super::max_percentage::percentage(&question.kind, self.lang);
        if best <= Decimal::ZERO || question.points.is_zero() {
            self.warn(DocumentFaultCode::WarnNoPositive, place, None);
        } else if best < Decimal::HUNDRED {
            self.warn(DocumentFaultCode::WarnUnreachableFull, place, Some(best.to_string()));
        }
    }
}
