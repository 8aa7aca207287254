//! What a kept response means to the server, as the candidate is told (domain rules, 2.8): whether
//! it is valid, why not, and how numbers were read. Nothing here depends on the key.

use super::number::{self, NumberFault, NumberFormat};
use super::{Response, ResponseShape};
use crate::decimal::Decimal;
use crate::document::key::ElementKey;
use crate::document::model::{ColumnKind, Input, Lang, Question, QuestionBody, TabularInput};
use std::collections::{BTreeMap, BTreeSet};

crate::string_enum! {
    /// Why a kept response is not valid.
    pub enum InvalidReason {
        NotANumber = "not_a_number",
        /// It may mean thousands as well as decimals.
        AmbiguousNumber = "ambiguous_number",
        TooFewSelections = "too_few_selections",
        TooFewMatches = "too_few_matches",
    }
}

/// How a kept response was understood. A blank one is valid: it clears the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Understanding {
    /// Why it is not valid.
    pub reason: Option<InvalidReason>,
    /// The number that was read.
    pub read_as: Option<Decimal>,
    /// The filled cells of a table's columns of numbers.
    pub cells: Vec<CellReading>,
}

/// How a cell in a column of numbers was understood. One that is no number earns nothing, and the
/// table is valid nevertheless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellReading {
    pub row: ElementKey,
    pub column: ElementKey,
    pub reason: Option<InvalidReason>,
    pub read_as: Option<Decimal>,
}

impl From<NumberFault> for InvalidReason {
    fn from(fault: NumberFault) -> Self {
        match fault {
            NumberFault::NotANumber => Self::NotANumber,
            NumberFault::Ambiguous => Self::AmbiguousNumber,
        }
    }
}

impl Understanding {
    const fn unless(is_enough: bool, reason: InvalidReason) -> Self {
        Self {
            reason: if is_enough { None } else { Some(reason) },
            read_as: None,
            cells: Vec::new(),
        }
    }

    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.reason.is_none()
    }
}

/// Whether a kept response follows its question's rules, in a document of this language; one that
/// does not earns nothing, triggers no effect and does not satisfy `required`.
#[must_use]
pub fn is_valid(question: &Question, response: &Response, lang: Lang) -> bool {
    ResponseShape::of_response(response) == ResponseShape::of_question(question)
        && invalidity(question, response, lang).is_none()
}

fn invalidity(question: &Question, response: &Response, lang: Lang) -> Option<InvalidReason> {
    // A table is valid whatever its cells hold: they need not be read.
    if matches!(response, Response::Cells(_)) {
        return None;
    }
    understand(question, response, lang).reason
}

/// How a kept response is understood in a document of this language.
#[must_use]
pub fn understand(question: &Question, response: &Response, lang: Lang) -> Understanding {
    match (&question.kind, response) {
        (QuestionBody::MultipleChoice(body), Response::Choices(selected)) => Understanding::unless(
            selected.len() >= body.min_selections as usize,
            InvalidReason::TooFewSelections,
        ),
        (QuestionBody::Match(body), Response::Matches(made)) => Understanding::unless(
            made.len() >= body.min_matches as usize,
            InvalidReason::TooFewMatches,
        ),
        (QuestionBody::Input(Input::Numeric(body)), Response::Text(typed)) => {
            let (reason, read_as) = reading(typed, body.format(lang));
            Understanding { reason, read_as, cells: Vec::new() }
        }
        (QuestionBody::Input(Input::Tabular(body)), Response::Cells(rows)) => {
            Understanding { cells: cells(body, rows, lang), ..Understanding::default() }
        }
        (
            QuestionBody::MultipleChoice(_) | QuestionBody::Match(_) | QuestionBody::Input(_),
            Response::Choices(_)
            | Response::Matches(_)
            | Response::Text(_)
            | Response::Cells(_)
            | Response::Uploads(_),
        ) => Understanding::default(),
    }
}

/// As [`understand`], of the canonical text that is kept. Long texts, of which there is nothing to
/// tell, are not read.
#[must_use]
pub fn understand_stored(question: &Question, stored: &str, lang: Lang) -> Understanding {
    let tells_something = match &question.kind {
        QuestionBody::MultipleChoice(_) | QuestionBody::Match(_) => true,
        QuestionBody::Input(input) => matches!(input, Input::Numeric(_) | Input::Tabular(_)),
    };
    if !tells_something {
        return Understanding::default();
    }
    Response::parse_stored_response(question, stored)
        .map_or_else(Understanding::default, |response| understand(question, &response, lang))
}

fn reading(typed: &str, format: NumberFormat<'_>) -> (Option<InvalidReason>, Option<Decimal>) {
    match number::read(typed, format) {
        Ok(number) => (None, Some(number)),
        Err(fault) => (Some(fault.into()), None),
    }
}

fn cells(
    body: &TabularInput,
    rows: &BTreeMap<ElementKey, BTreeMap<ElementKey, String>>,
    lang: Lang,
) -> Vec<CellReading> {
    let is_of_numbers =
        |column: &&crate::document::model::TableColumn| column.kind == ColumnKind::Numeric;
    let numeric: BTreeSet<_> =
        body.columns.iter().filter(is_of_numbers).map(|column| &column.key).collect();
    let format = body.number_format(lang);
    let filled = rows
        .iter()
        .flat_map(|(row, columns)| columns.iter().map(move |(column, text)| (row, column, text)))
        .filter(|(_, column, text)| numeric.contains(column) && !text.trim().is_empty());
    filled
        .map(|(row, column, text)| {
            let (reason, read_as) = reading(text, format);
            CellReading { row: row.clone(), column: column.clone(), reason, read_as }
        })
        .collect()
}
