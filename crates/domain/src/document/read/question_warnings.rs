//! Advice on one question: texts that cannot be seen or told apart, and percentages that do not do
//! what they look like.

use crate::decimal::Decimal;
use crate::document::fault::{DocumentFault, DocumentFaultCode};
use crate::document::model::{
    CellRules, EvaluationMode, Input, Item, MatchQuestion, MultipleChoice, Question, QuestionBody,
};
use crate::json::JsonPointer;
use std::collections::HashMap;

/// How far shares of 33.3334 and the like may be from 100 together.
const NEARLY: &str = "0.01";

/// What is advised about a question at a place.
pub fn of(question: &Question, place: &JsonPointer) -> Vec<DocumentFault> {
    let mut finder = QuestionAdviser { found: Vec::new() };
    if markup::is_text_invisible(&question.text) {
        finder.warn(DocumentFaultCode::WarnTextInvisible, &place.at("text"), None);
    }
    let is_scored = question.effective && question.evaluation == EvaluationMode::Auto;
    match &question.kind {
        QuestionBody::MultipleChoice(body) => {
            let texts = body.choices.iter().map(|choice| (choice.key.as_str(), &choice.text));
            finder.texts(texts, &place.at("choices"));
            if is_scored && earns_all_when_all_are_chosen(body) {
                finder.warn(DocumentFaultCode::WarnEverythingEarnsAll, place, None);
            }
        }
        QuestionBody::Match(body) => finder.matching(body, place, is_scored),
        QuestionBody::Input(Input::Tabular(table)) => {
            let columns = table.columns.iter().map(|it| (it.key.as_str(), &it.title));
            finder.visible(columns, &place.at("columns"), "title");
            let rows = table.rows.iter().map(|row| (row.key.as_str(), &row.title));
            finder.visible(rows, &place.at("rows"), "title");
        }
        QuestionBody::Input(_) => {}
    }
    let has_negative_points = !question.negative_points.is_zero()
        || question.dimensions.iter().any(|it| !it.negative_points.is_zero());
    if is_scored && !has_negative_points && has_percentage_below_zero(&question.kind) {
        finder.warn(DocumentFaultCode::WarnNegativeFree, place, None);
    }
    finder.found
}

/// The advice on a title or name at a place.
pub fn of_title(title: &str, place: &JsonPointer) -> Option<DocumentFault> {
    markup::is_inline_text_invisible(title)
        .then(|| DocumentFault::new(DocumentFaultCode::WarnTextInvisible, place.clone(), None))
}

struct QuestionAdviser {
    found: Vec<DocumentFault>,
}

impl QuestionAdviser {
    fn warn(&mut self, code: DocumentFaultCode, place: &JsonPointer, detail: Option<String>) {
        self.found.push(DocumentFault::new(code, place.clone(), detail));
    }

    /// Texts that stand beside each other, with their keys.
    fn texts<'test>(
        &mut self,
        texts: impl Iterator<Item = (&'test str, &'test String)> + Clone,
        list: &JsonPointer,
    ) {
        self.visible(texts.clone(), list, "text");
        let mut seen: HashMap<String, &str> = HashMap::new();
        for (index, (key, text)) in texts.enumerate() {
            if let Some(first) = seen.get(&markup::look_of(text)) {
                let place = list.at(index).at("text");
                self.warn(DocumentFaultCode::WarnTextsAlike, &place, Some((*first).to_owned()));
            } else {
                seen.insert(markup::look_of(text), key);
            }
        }
    }

    fn visible<'test>(
        &mut self,
        texts: impl Iterator<Item = (&'test str, &'test String)>,
        list: &JsonPointer,
        member: &'static str,
    ) {
        for (index, (_, text)) in texts.enumerate() {
            self.found.extend(of_title(text, &list.at(index).at(member)));
        }
    }

    fn matching(&mut self, body: &MatchQuestion, place: &JsonPointer, is_scored: bool) {
        let items = place.at("items");
        self.texts(body.items.iter().map(|item| (item.key.as_str(), &item.text)), &items);
        let options = body.options.iter().map(|option| (option.key.as_str(), &option.text));
        self.texts(options, &place.at("options"));
        for (index, item) in body.items.iter().enumerate() {
            let own = item.options.iter().map(|option| (option.key.as_str(), &option.text));
            self.texts(own, &items.at(index).at("options"));
        }
        let shares: Decimal = body.items.iter().map(best_share).sum();
        let nearly = Decimal::parse(NEARLY).unwrap_or_default();
        if is_scored && shares > Decimal::ZERO && (shares - Decimal::HUNDRED).abs() > nearly {
            self.warn(DocumentFaultCode::WarnSharesNotFull, place, Some(shares.to_string()));
        }
    }
}

fn best_share(item: &Item) -> Decimal {
    item.matches
        .iter()
        .map(|matching| matching.percentage)
        .filter(|percentage| *percentage > Decimal::ZERO)
        .max()
        .unwrap_or_default()
}

/// Whether ticking all choices earns everything, so that nobody has to know which are right.
fn earns_all_when_all_are_chosen(body: &MultipleChoice) -> bool {
    if body.max_selections < 2 || (body.max_selections as usize) < body.choices.len() {
        return false;
    }
    let percentages = body.choices.iter().map(|choice| choice.percentage);
    if body.partial {
        percentages.sum::<Decimal>() >= Decimal::HUNDRED
    } else {
        percentages.into_iter().all(|percentage| percentage > Decimal::ZERO)
    }
}

/// Whether a percentage below 0 stands alone: where several are added, as of several chosen
/// answers, it takes from what the others earn.
fn has_percentage_below_zero(kind: &QuestionBody) -> bool {
    let is_below = |percentage: Decimal| percentage.is_negative();
    match kind {
        QuestionBody::MultipleChoice(body) => {
            (body.max_selections < 2 || !body.partial)
                && body.choices.iter().any(|choice| is_below(choice.percentage))
        }
        QuestionBody::Match(body) => {
            body.items.len() < 2
                && body.items.iter().any(|item| {
                    is_below(item.wrong_percentage)
                        || is_below(item.blank_percentage)
                        || item.matches.iter().any(|matching| is_below(matching.percentage))
                })
        }
        QuestionBody::Input(Input::Field(text) | Input::Area(text)) => {
            is_below(text.otherwise) || text.rules.iter().any(|rule| is_below(rule.percentage))
        }
        QuestionBody::Input(Input::Numeric(number)) => {
            is_below(number.otherwise) || number.rules.iter().any(|rule| is_below(rule.percentage))
        }
        QuestionBody::Input(Input::Tabular(table)) => {
            table.cells.len() < 2
                && table.cells.iter().any(|cell| {
                    is_below(cell.otherwise)
                        || match &cell.rules {
                            CellRules::Field(rules) => {
                                rules.iter().any(|rule| is_below(rule.percentage))
                            }
                            CellRules::Numeric(rules) => {
                                rules.iter().any(|rule| is_below(rule.percentage))
                            }
                        }
                })
        }
        QuestionBody::Input(
            Input::Rich(_)
            | Input::Code(_)
            | Input::Audio(_)
            | Input::Video(_)
            | Input::File(_)
            | Input::Photo(_),
        ) => false,
    }
}
