//! Which columns a file has: those every result has, and one or two for each section, dimension,
//! effect and question of the tests that were taken. Parts with one title share a column, whatever
//! test they are of.

use super::cells::{CellKind, PeopleColumn};
use super::row_spool::SpooledResult;
use super::{DocumentReader, FileContext};
use crate::corrections::questions_of;
use crate::failure::Failure;
use crate::json::from_json;
use domain::document::model::Test;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{HashMap, HashSet};
use storage::Sha256Digest;

/// Questions that get columns; a sheet holds 16,384 of them.
const MOST_QUESTIONS: usize = 4000;
/// Sections, dimensions and effects that do.
const MOST_PARTS: usize = 3000;
/// Characters of a head that are shown.
const LONGEST_HEAD: usize = 100;

/// What a part of a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum PartKind {
    Section,
    Dimension,
    Effect,
}

/// A part by its title, and which of those with the same title in one result it is, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct PartKey {
    pub kind: PartKind,
    pub title: String,
    pub nth: u32,
}

/// A part of one result.
pub(super) struct ResultPart {
    pub key: PartKey,
    /// Points and ratio as literals; of an effect its score.
    pub figures: Vec<Box<RawValue>>,
}

/// A question by its test and its key.
pub(super) type QuestionColumnKey = (uuid::Uuid, String);

/// All columns behind those every file has.
pub(super) struct Columns {
    always: Vec<PeopleColumn>,
    parts: Vec<PartKey>,
    /// Where the columns of each begin, behind those every file has.
    part_places: HashMap<PartKey, usize>,
    questions: Vec<String>,
    pub question_places: HashMap<QuestionColumnKey, usize>,
    section_titles: HashMap<(String, String), (String, u32)>,
    has_points: bool,
    has_answers: bool,
}

pub(super) struct ColumnFinder<'file> {
    file: &'file FileContext,
    documents: &'file DocumentReader<'file>,
    seen: HashSet<Sha256Digest>,
    columns: Columns,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DetailedParts {
    #[serde(default)]
    sections: Vec<SectionPart>,
    #[serde(default)]
    dimensions: Vec<DimensionPart>,
    #[serde(default)]
    effects: Vec<EffectPart>,
}

#[derive(Deserialize)]
struct SectionPart {
    uuid: String,
    scoreboard: PartFigures,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DimensionPart {
    name: String,
    scoreboard: PartFigures,
    #[serde(default)]
    sub_dimensions: Vec<DimensionPart>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EffectPart {
    name: String,
    score: Box<RawValue>,
    #[serde(default)]
    sub_effects: Vec<EffectPart>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PartFigures {
    points_achieved: Box<RawValue>,
    achievement_ratio: Box<RawValue>,
}

impl PartFigures {
    fn literals(self) -> Vec<Box<RawValue>> {
        vec![self.points_achieved, self.achievement_ratio]
    }
}

impl<'file> ColumnFinder<'file> {
    pub(super) fn new(file: &'file FileContext, documents: &'file DocumentReader<'file>) -> Self {
        let columns = Columns {
            always: super::cells::columns_of_all(file),
            parts: Vec::new(),
            part_places: HashMap::new(),
            questions: Vec::new(),
            question_places: HashMap::new(),
            section_titles: HashMap::new(),
            has_points: file.query.has_points,
            has_answers: file.query.has_answers,
        };
        Self { file, documents, seen: HashSet::new(), columns }
    }

    /// Adds the columns that a result needs.
    pub(super) fn look_at(&mut self, row: &SpooledResult) -> Result<(), Failure> {
        if self.file.query.has_questions() && self.seen.insert(row.document) {
            let test = self.documents.document(row.document)?;
            self.add_questions(&test);
        }
        let Some(detailed) = &row.detailed else { return Ok(()) };
        let parts: DetailedParts = from_json(detailed.get())?;
        let is_unknown = |section: &SectionPart| {
            !self.columns.section_titles.contains_key(&(row.step.clone(), section.uuid.clone()))
        };
        if parts.sections.iter().any(is_unknown) {
            let test = self.documents.document(row.document)?;
            self.add_sections(&row.step, &test);
        }
        for part in self.columns.parts_of(&row.step, parts) {
            self.columns.add(part.key);
        }
        Ok(())
    }

    /// All sections of a test, in its order.
    fn add_sections(&mut self, step: &str, test: &Test) {
        let mut numbers = TitleNumbers::default();
        for (index, section) in test.sections.iter().enumerate() {
            let title = head_text(&section.title);
            let title = if title.is_empty() { format!("Section {}", index + 1) } else { title };
            let nth = numbers.next(PartKind::Section, &title);
            self.columns.add(PartKey { kind: PartKind::Section, title: title.clone(), nth });
            let place = (step.to_owned(), section.uuid.to_string());
            self.columns.section_titles.insert(place, (title, nth));
        }
    }

    fn add_questions(&mut self, test: &Test) {
        let entries = test.sections.iter().flat_map(|section| &section.pages);
        for (number, question) in (1..).zip(entries.flat_map(questions_of)) {
            if self.columns.questions.len() == MOST_QUESTIONS {
                return;
            }
            let key = (test.uuid, question.key.to_string());
            if self.columns.question_places.contains_key(&key) {
                continue;
            }
            self.columns.question_places.insert(key, self.columns.questions.len());
            let text = markup::to_plain_text(&question.text);
            self.columns.questions.push(format!("{number}. {}", head_text(&text)));
        }
    }

    /// Sections first, then dimensions, then effects.
    pub(super) fn finish(self) -> Columns {
        let mut columns = self.columns;
        columns.parts.sort_by_key(|part| part.kind);
        let mut place = 0;
        for part in &columns.parts {
            columns.part_places.insert(part.clone(), place);
            place += part.kind.width();
        }
        columns
    }
}

impl Columns {
    fn add(&mut self, key: PartKey) {
        if self.parts.len() < MOST_PARTS && !self.part_places.contains_key(&key) {
            self.part_places.insert(key.clone(), self.parts.len());
            self.parts.push(key);
        }
    }

    /// The parts of a result in the form of its columns.
    pub(super) fn parts_of_row(&self, row: &SpooledResult) -> Result<Vec<ResultPart>, Failure> {
        match &row.detailed {
            Some(detailed) => Ok(self.parts_of(&row.step, from_json(detailed.get())?)),
            None => Ok(Vec::new()),
        }
    }

    fn parts_of(&self, step: &str, parts: DetailedParts) -> Vec<ResultPart> {
        let mut found = Vec::new();
        for section in parts.sections {
            let place = (step.to_owned(), section.uuid);
            let Some((title, nth)) = self.section_titles.get(&place).cloned() else { continue };
            let key = PartKey { kind: PartKind::Section, title, nth };
            found.push(ResultPart { key, figures: section.scoreboard.literals() });
        }
        let mut numbers = TitleNumbers::default();
        for dimension in parts.dimensions {
            let title = head_text(&dimension.name);
            found.push(numbers.part(PartKind::Dimension, &title, dimension.scoreboard.literals()));
            for sub in dimension.sub_dimensions {
                let title = format!("{title}: {}", head_text(&sub.name));
                found.push(numbers.part(PartKind::Dimension, &title, sub.scoreboard.literals()));
            }
        }
        for effect in parts.effects {
            let title = head_text(&effect.name);
            found.push(numbers.part(PartKind::Effect, &title, vec![effect.score]));
            for sub in effect.sub_effects {
                let title = format!("{title}: {}", head_text(&sub.name));
                found.push(numbers.part(PartKind::Effect, &title, vec![sub.score]));
            }
        }
        found
    }

    /// Where the columns of a part begin, behind those every file has.
    pub(super) fn place_of_part(&self, key: &PartKey) -> Option<usize> {
        self.part_places.get(key).copied()
    }

    pub(super) fn part_width(&self) -> usize {
        self.parts.iter().map(|part| part.kind.width()).sum()
    }

    pub(super) const fn question_count(&self) -> usize {
        self.questions.len()
    }

    /// The heads of all columns; no two are the same.
    pub(super) fn heads(&self) -> Vec<PeopleColumn> {
        let mut columns = self.always.clone();
        for part in &self.parts {
            let number = if part.nth > 1 { format!(" ({})", part.nth) } else { String::new() };
            let title = format!("{}{number}", part.title);
            match part.kind {
                PartKind::Section | PartKind::Dimension => {
                    columns.push(PeopleColumn::new(format!("{title}, points"), CellKind::Figure));
                    columns.push(PeopleColumn::new(format!("{title}, %"), CellKind::Figure));
                }
                PartKind::Effect => {
                    columns.push(PeopleColumn::new(format!("{title}, score"), CellKind::Figure));
                }
            }
        }
        let of_questions = |name: &str, kind: CellKind| {
            let head = |question: &String| PeopleColumn::new(format!("{question}{name}"), kind);
            self.questions.iter().map(head).collect::<Vec<_>>()
        };
        if self.has_points {
            columns.extend(of_questions(", points", CellKind::Figure));
        }
        if self.has_answers {
            columns.extend(of_questions(", answer", CellKind::LongText));
        }
        distinguish(&mut columns);
        columns
    }
}

impl PartKind {
    pub(super) const fn width(self) -> usize {
        match self {
            Self::Section | Self::Dimension => 2,
            Self::Effect => 1,
        }
    }
}

/// How often a title has come.
#[derive(Default)]
struct TitleNumbers(HashMap<(PartKind, String), u32>);

impl TitleNumbers {
    fn next(&mut self, kind: PartKind, title: &str) -> u32 {
        let number = self.0.entry((kind, title.to_owned())).or_insert(0);
        *number += 1;
        *number
    }

    fn part(&mut self, kind: PartKind, title: &str, figures: Vec<Box<RawValue>>) -> ResultPart {
        let nth = self.next(kind, title);
        ResultPart { key: PartKey { kind, title: title.to_owned(), nth }, figures }
    }
}

/// A title on one line, as long as a head of a column may be.
fn head_text(title: &str) -> String {
    let words = title.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let line = markup::to_inline_text(&line);
    if line.chars().count() <= LONGEST_HEAD {
        return line;
    }
    line.chars().take(LONGEST_HEAD - 1).chain(['\u{2026}']).collect()
}

/// Numbers heads that are the same. Excel takes upper and lower case for the same.
fn distinguish(columns: &mut [PeopleColumn]) {
    let mut taken = HashSet::new();
    for column in columns {
        let (first, mut number) = (column.head.clone(), 1);
        while !taken.insert(column.head.to_lowercase()) {
            number += 1;
            column.head = format!("{first} ({number})");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_that_are_the_same_are_numbered_and_a_title_is_one_short_line() {
        let heads = ["Name", "name", "Name (2)", "Name"];
        let mut columns =
            heads.map(|head| PeopleColumn::new(head.to_owned(), CellKind::Text)).to_vec();
        distinguish(&mut columns);
        let distinguished: Vec<_> = columns.iter().map(|column| column.head.as_str()).collect();
        assert_eq!(distinguished, ["Name", "name (2)", "Name (2) (2)", "Name (3)"]);
        assert_eq!(head_text("a\r\n=b\u{0}\tc"), "a =b c");
        assert_eq!(head_text(&"x".repeat(500)).chars().count(), LONGEST_HEAD);
    }
}
