//! A result as a row of cells: who, what, when, how it came out, and its parts.

use super::answer_text::answer_text;
use super::columns::Columns;
use super::row_spool::SpooledResult;
use super::{DocumentReader, FileContext};
use crate::failure::Failure;
use crate::versions::{compile_inputs, inputs, stored_slots};
use domain::compile::compile;
use domain::compile::model::CompiledTest;
use domain::decimal::Decimal;
use domain::instance::InstanceState;
use domain::time::Timestamp;
use jiff::civil::DateTime;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use storage::answer::ReceiptRow;

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellKind {
    Text,
    LongText,
    Figure,
    Whole,
    Moment,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PeopleColumn {
    pub head: String,
    pub kind: CellKind,
}

impl PeopleColumn {
    pub(super) const fn new(head: String, kind: CellKind) -> Self {
        Self { head, kind }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PeopleCell {
    Empty,
    Text(String),
    /// Exact; two decimals are shown.
    Figure(Decimal),
    Whole(i64),
    Moment(DateTime),
}

/// The columns every file has.
pub(super) fn columns_of_all(file: &FileContext) -> Vec<PeopleColumn> {
    let column = |head: &str, kind| PeopleColumn::new(head.to_owned(), kind);
    let mut columns = if file.sees_names {
        vec![
            column("Name", CellKind::Text),
            column("E-mail", CellKind::Text),
            column("External ID", CellKind::Text),
        ]
    } else {
        vec![column("Candidate ID", CellKind::Text)]
    };
    let zone = file.query.zone.name();
    columns.extend([
        column("Group", CellKind::Text),
        column("Labels", CellKind::Text),
        column("Test", CellKind::Text),
        column("Attempt", CellKind::Whole),
        column(&format!("Started ({zone})"), CellKind::Moment),
        column(&format!("Completed ({zone})"), CellKind::Moment),
        column("Points", CellKind::Figure),
        column("Maximum points", CellKind::Figure),
        column("Score %", CellKind::Figure),
        column("Outcome", CellKind::Text),
        column("Level", CellKind::Text),
        column("Status", CellKind::Text),
    ]);
    columns
}

/// Makes rows of a file.
pub(super) struct RowWriter<'file> {
    pub file: &'file FileContext,
    pub columns: &'file Columns,
    pub documents: &'file DocumentReader<'file>,
    pub steps: BTreeMap<&'file str, &'file str>,
}

/// The figures of a whole result.
#[derive(serde::Deserialize)]
struct WholeResult {
    scoreboard: WholeFigures,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct WholeFigures {
    points_achieved: Box<RawValue>,
    max_achievable_points: Box<RawValue>,
    achievement_ratio: Box<RawValue>,
}

impl RowWriter<'_> {
    pub(super) fn cells(&self, row: &SpooledResult) -> Result<Vec<PeopleCell>, Failure> {
        let mut cells = self.person(row)?;
        cells.extend(self.outcome(row)?);
        let first = cells.len();
        cells.resize(first + self.columns.part_width(), PeopleCell::Empty);
        for part in self.columns.parts_of_row(row)? {
            let Some(place) = self.columns.place_of_part(&part.key) else { continue };
            // Of points and ratio the second is shown in per cent.
            for (index, literal) in part.figures.iter().enumerate() {
                let figure = decimal(literal)?;
                let figure = if index == 1 { figure * Decimal::HUNDRED } else { figure };
                if let Some(cell) = cells.get_mut(first + place + index) {
                    *cell = PeopleCell::Figure(figure);
                }
            }
        }
        if self.file.query.has_questions() {
            self.add_questions(row, &mut cells)?;
        }
        Ok(cells)
    }

    fn person(&self, row: &SpooledResult) -> Result<Vec<PeopleCell>, Failure> {
        let mut cells = match (self.file.sees_names, row.is_erased) {
            (true, false) => vec![text(&row.name), text(&row.email), text(&row.external_id)],
            (true, true) => {
                let erased = PeopleCell::Text("Erased person".to_owned());
                vec![erased, PeopleCell::Empty, PeopleCell::Empty]
            }
            (false, _) => vec![PeopleCell::Text(row.candidate.clone())],
        };
        let group = Some(row.group.clone()).filter(|group| group != "default");
        let step = self.steps.get(row.step.as_str()).map(|title| (*title).to_owned());
        cells.extend([
            text(&group),
            text(&Some(row.labels()?.join(", ")).filter(|labels| !labels.is_empty())),
            text(&step),
            PeopleCell::Whole(row.attempt),
            self.moment(Some(row.started())),
            self.moment(row.completed()),
        ]);
        Ok(cells)
    }

    fn moment(&self, at: Option<Timestamp>) -> PeopleCell {
        let clock = at.and_then(|at| self.file.query.zone.clock(at));
        clock.map_or(PeopleCell::Empty, PeopleCell::Moment)
    }

    fn outcome(&self, row: &SpooledResult) -> Result<Vec<PeopleCell>, Failure> {
        let mut cells = match &row.detailed {
            None => vec![PeopleCell::Empty, PeopleCell::Empty, PeopleCell::Empty],
            Some(detailed) => {
                let whole: WholeResult =
                    serde_json::from_str(detailed.get()).map_err(Failure::internal)?;
                let figures = whole.scoreboard;
                vec![
                    PeopleCell::Figure(decimal(&figures.points_achieved)?),
                    PeopleCell::Figure(decimal(&figures.max_achievable_points)?),
                    PeopleCell::Figure(decimal(&figures.achievement_ratio)? * Decimal::HUNDRED),
                ]
            }
        };
        let is_settled = row.detailed.is_some() && row.waiting == 0;
        let outcome = match row.passed {
            _ if !is_settled => None,
            Some(true) => Some("Passed".to_owned()),
            Some(false) => Some("Not passed".to_owned()),
            None => Some("No pass mark".to_owned()),
        };
        let status = match row.state()? {
            _ if row.ignored => "Excluded",
            InstanceState::Started => "In progress",
            InstanceState::Resetup => "Reopened",
            InstanceState::Complete if row.waiting > 0 => "Waiting for grading",
            InstanceState::Complete => "Completed",
        };
        cells.extend([
            text(&outcome),
            text(&row.level.clone().filter(|_| is_settled)),
            PeopleCell::Text(status.to_owned()),
        ]);
        Ok(cells)
    }

    /// Points and answers by question; empty where the result has no such question.
    fn add_questions(
        &self,
        row: &SpooledResult,
        cells: &mut Vec<PeopleCell>,
    ) -> Result<(), Failure> {
        let (first, count) = (cells.len(), self.columns.question_count());
        let query = &self.file.query;
        let blocks = usize::from(query.has_points) + usize::from(query.has_answers);
        cells.resize(first + count * blocks, PeopleCell::Empty);
        let document = self.documents.document(row.document)?;
        let recipe = compile_inputs(&row.document, &row.seed, &row.factor)?;
        let compiled =
            compile(&document, &recipe.seed, recipe.factor).map_err(Failure::internal)?;
        let mut set = |slot: usize, block: usize, cell: PeopleCell| {
            let question = compiled.slots.get(slot).map(|slot| &slot.question)?;
            let key = (document.uuid, question.key.to_string());
            let place = self.columns.question_places.get(&key)?;
            *cells.get_mut(first + block * count + place)? = cell;
            Some(())
        };
        if query.has_points {
            for (slot, points) in points_of(row)? {
                set(slot, 0, PeopleCell::Figure(points));
            }
        }
        if query.has_answers {
            for (slot, answer) in answers_of(row, &compiled)? {
                set(slot, blocks - 1, PeopleCell::Text(answer));
            }
        }
        Ok(())
    }
}

/// Points by slot, from 0: none where an answer still waits or the question was taken out.
fn points_of(row: &SpooledResult) -> Result<Vec<(usize, Decimal)>, Failure> {
    let Some(slots) = &row.slots else { return Ok(Vec::new()) };
    let figures = stored_slots::parse_slot_figures(slots.get())?;
    let counting = figures.iter().filter(|figure| !figure.waiting && !figure.ignored);
    let point = |figure: &domain::scoring::SlotFigure| {
        Some(((figure.slot as usize).checked_sub(1)?, figure.points))
    };
    Ok(counting.filter_map(point).collect())
}

/// Answers by slot, from 0.
fn answers_of(
    row: &SpooledResult,
    compiled: &CompiledTest,
) -> Result<Vec<(usize, String)>, Failure> {
    let receipt = |answer: &super::row_spool::SpooledAnswer| ReceiptRow {
        n: 1,
        slot: answer.slot,
        seq: 1,
        response: Some(answer.response.clone()),
        received_at: Timestamp(0),
        digest: None,
    };
    let answers = inputs::answers_from_receipts(row.answers.iter().map(receipt), compiled)?;
    let name = |file: &super::row_spool::SpooledFile| (file.id.clone(), file.name.clone());
    let files = row.files.iter().map(name).collect();
    let text = |(slot, answer): (&u32, &domain::scoring::Answer)| {
        let index = (*slot as usize).checked_sub(1)?;
        let place = compiled.slots.get(index)?;
        Some((index, answer_text(place, &answer.response, &files)))
    };
    Ok(answers.iter().filter_map(text).collect())
}

fn text(text: &Option<String>) -> PeopleCell {
    text.clone().map_or(PeopleCell::Empty, PeopleCell::Text)
}

fn decimal(literal: &RawValue) -> Result<Decimal, Failure> {
    Decimal::parse(literal.get()).ok_or_else(|| Failure::internal("a kept figure is no decimal"))
}
