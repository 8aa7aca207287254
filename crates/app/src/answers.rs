//! The answers of an instance, question by question in the order delivered, with what each earned.
//!
//! Figures of a completed instance are those of its latest result version, so that they add up to
//! what is published. Of an open one they are what its answers would earn now; its blanks have
//! earned nothing yet.

use crate::administration::find_instance;
use crate::audit::AuditEventKind;
use crate::caller::Caller;
use crate::compute::ComputePayer;
use crate::failure::Failure;
use crate::media::StoredMedia;
use crate::services::ResultService;
use crate::versions::{inputs, stored_slots};
use domain::compile::model::{CompiledTest, PartOrder, Slot};
use domain::decimal::Decimal;
use domain::document::key::ElementKey;
use domain::document::model::{
    Input, MatchQuestion, MultipleChoice, Question, QuestionBody, TabularInput,
};
use domain::id::{InstanceId, TaskId};
use domain::media::{MediaPurpose, UploadRules};
use domain::response::Response;
use domain::role::Right;
use domain::scoring::correction::corrected_question;
use domain::scoring::{Answer, ScoringInputs, SlotFigure, score};
use domain::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use storage::Transaction;
use storage::instance::InstanceRow;
use storage::media::MediaRow;

/// The answers of an instance beside the test they are to.
#[derive(Clone, Debug)]
pub struct InstanceAnswers {
    pub compiled: Arc<CompiledTest>,
    /// The questions of the slots as corrections make them, by which answers are scored.
    pub questions: Vec<Arc<Question>>,
    /// One for each slot, in compiled order.
    pub list: Vec<SlotAnswer>,
}

/// What became of one slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotAnswer {
    /// Whether the question counts.
    pub effective: bool,
    /// None when nothing was given and nothing was earned.
    pub answer: Option<RecordedAnswer>,
}

/// An answer and what it earned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedAnswer {
    /// Whether it follows the question's rules.
    pub valid: bool,
    /// -1 to 1; 0 while the answer waits for an evaluation.
    pub rate: Decimal,
    pub points: Decimal,
    /// Empty once the person was erased.
    pub content: AnswerContent,
}

/// What was entered, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerContent {
    /// Texts of the chosen choices, in the order shown.
    Choices(Vec<String>),
    /// Texts of items and their options, in the order shown.
    Matches(Vec<(String, String)>),
    /// Text as typed, HTML, or the cells of a table row by row as JSON.
    Value(Option<String>),
    /// Files, in the order of the answer.
    Uploads(Vec<AnswerFile>),
}

/// A file of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerFile {
    pub media: StoredMedia,
    /// Where it can be read for an hour or two.
    pub url: String,
}

impl ResultService {
    /// All answers of an instance, whatever its status. That they were viewed is recorded, on a
    /// full disk later.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `answers:read`; [`Failure::NotFound`].
    pub async fn instance_answers(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
    ) -> Result<InstanceAnswers, Failure> {
        caller.require(Right::ReadAnswers)?;
        self.delivery().ensure_deadlines_swept().await?;
        let answers = self.read_answers(caller, task, instance).await?;
        self.record_viewing(caller, AuditEventKind::AnswersViewed, None, task, instance).await?;
        Ok(answers)
    }

    async fn read_answers(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
    ) -> Result<InstanceAnswers, Failure> {
        let now = self.now();
        let bearer = ComputePayer::from(caller);
        let (app, caller, task, instance) =
            (self.clone(), caller.clone(), task.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| {
            let row = find_instance(tx, &caller, &task, &instance)?;
            let compiled = app.compiled_test(tx, &row)?;
            let inputs = inputs::load(tx, &row, &compiled)?;
            let figures = figures(tx, &row, &compiled, &inputs)?;
            let uploads = app.uploads(tx, &row, &compiled, now)?;
            let answer = |figure: &SlotFigure| {
                let slot = compiled.slots.get(figure.slot as usize - 1)?;
                Some(slot_answer(slot, figure, inputs.answers.get(&figure.slot), &uploads))
            };
            let list = figures.iter().filter_map(answer).collect();
            let questions = compiled
                .slots
                .iter()
                .map(|slot| corrected_question(slot, &inputs.corrections).0)
                .collect();
            Ok(InstanceAnswers { compiled, questions, list })
        };
        self.read_scored(bearer, read).await
    }

    /// The files of an instance's answers by their ids; none are read when no question asks for
    /// any.
    pub(crate) fn uploads(
        &self,
        tx: &mut dyn Transaction,
        row: &InstanceRow,
        compiled: &CompiledTest,
        now: Timestamp,
    ) -> Result<BTreeMap<String, AnswerFile>, Failure> {
        if !compiled.slots.iter().any(|slot| UploadRules::of_question(&slot.question).is_some()) {
            return Ok(BTreeMap::new());
        }
        let sent = storage::media::list(tx, &row.id, MediaPurpose::Answer)?;
        let upload = |media: &MediaRow| {
            let url = self.files().media_url(&media.id, now)?;
            Ok((media.id.to_string(), AnswerFile { url, media: StoredMedia::of(media)? }))
        };
        sent.iter().map(upload).collect()
    }
}

fn figures(
    tx: &mut dyn Transaction,
    row: &InstanceRow,
    compiled: &CompiledTest,
    inputs: &ScoringInputs,
) -> Result<Vec<SlotFigure>, Failure> {
    if !row.state.is_open()
        && let Some(version) = storage::version::latest(tx, &row.id)?
    {
        return stored_slots::slot_figures(&version);
    }
    let not_yet = |figure: SlotFigure| match figure.blank {
        true => SlotFigure {
            effective: compiled.slots[figure.slot as usize - 1].effective && !figure.ignored,
            rate: None,
            points: Decimal::ZERO,
            ..figure
        },
        false => figure,
    };
    Ok(score(compiled, inputs).slots.into_iter().map(not_yet).collect())
}

fn slot_answer(
    slot: &Slot,
    figure: &SlotFigure,
    answer: Option<&Answer>,
    uploads: &BTreeMap<String, AnswerFile>,
) -> SlotAnswer {
    let rate = figure.rate.unwrap_or(Decimal::ZERO);
    let has_earned = rate != Decimal::ZERO || figure.points != Decimal::ZERO;
    let response = (!figure.blank || has_earned).then(|| RecordedAnswer {
        // A blank that has earned something breaks no rule: what is not valid earns nothing.
        valid: figure.valid || figure.blank,
        rate,
        points: figure.points,
        content: content(slot, answer.map(|answer| &answer.response), uploads),
    });
    SlotAnswer { effective: figure.effective, answer: response }
}

/// What was entered, in words.
pub(crate) fn content(
    slot: &Slot,
    response: Option<&Response>,
    uploads: &BTreeMap<String, AnswerFile>,
) -> AnswerContent {
    match (&slot.question.kind, response) {
        (QuestionBody::MultipleChoice(body), response) => {
            AnswerContent::Choices(chosen(body, &slot.order, response))
        }
        (QuestionBody::Match(body), response) => {
            AnswerContent::Matches(matched(body, &slot.order, response))
        }
        (QuestionBody::Input(body), Some(response)) => input_content(body, response, uploads),
        (QuestionBody::Input(_), None) => AnswerContent::Value(None),
    }
}

fn input_content(
    input: &Input,
    response: &Response,
    uploads: &BTreeMap<String, AnswerFile>,
) -> AnswerContent {
    match (input, response) {
        (Input::Tabular(input), Response::Cells(filled)) => {
            AnswerContent::Value(cells(input, filled))
        }
        // Cleaned when it was kept, unless that was before answers were.
        (Input::Rich(_), Response::Text(html)) => {
            AnswerContent::Value(Some(markup::rich_text::sanitize_rich_text(html).into_owned()))
        }
        (
            Input::Field(_)
            | Input::Area(_)
            | Input::Code(_)
            | Input::Numeric(_)
            | Input::Audio(_)
            | Input::Video(_)
            | Input::File(_)
            | Input::Photo(_),
            Response::Text(text),
        ) => AnswerContent::Value(Some(text.clone())),
        (
            Input::Field(_)
            | Input::Area(_)
            | Input::Rich(_)
            | Input::Code(_)
            | Input::Numeric(_)
            | Input::Audio(_)
            | Input::Video(_)
            | Input::File(_)
            | Input::Photo(_),
            Response::Uploads(ids),
        ) => AnswerContent::Uploads(ids.iter().filter_map(|id| uploads.get(id).cloned()).collect()),
        (
            Input::Tabular(_),
            Response::Choices(_) | Response::Matches(_) | Response::Text(_) | Response::Uploads(_),
        )
        | (
            Input::Field(_)
            | Input::Area(_)
            | Input::Rich(_)
            | Input::Code(_)
            | Input::Numeric(_)
            | Input::Audio(_)
            | Input::Video(_)
            | Input::File(_)
            | Input::Photo(_),
            Response::Choices(_) | Response::Matches(_) | Response::Cells(_),
        ) => AnswerContent::Value(None),
    }
}

fn chosen(body: &MultipleChoice, order: &PartOrder, response: Option<&Response>) -> Vec<String> {
    let (Some(Response::Choices(keys)), PartOrder::Choices(order)) = (response, order) else {
        return Vec::new();
    };
    let shown = order.iter().filter_map(|index| body.choices.get(usize::from(*index)));
    shown.filter(|choice| keys.contains(&choice.key)).map(|choice| choice.text.clone()).collect()
}

fn matched(
    body: &MatchQuestion,
    order: &PartOrder,
    response: Option<&Response>,
) -> Vec<(String, String)> {
    let (Some(Response::Matches(made)), PartOrder::Match { items, .. }) = (response, order) else {
        return Vec::new();
    };
    let shown = items.iter().filter_map(|index| body.items.get(usize::from(*index)));
    shown
        .filter_map(|item| {
            let option = option_text(body, &item.key, made.get(&item.key)?)?;
            Some((item.text.clone(), option))
        })
        .collect()
}

/// The text of an option: one of the item's own, or of the common pool when it has none.
fn option_text(body: &MatchQuestion, item: &ElementKey, option: &ElementKey) -> Option<String> {
    let item = body.items.iter().find(|entry| entry.key == *item)?;
    if item.options.is_empty() {
        body.options.iter().find(|entry| entry.key == *option).map(|entry| entry.text.clone())
    } else {
        item.options.iter().find(|entry| entry.key == *option).map(|entry| entry.text.clone())
    }
}

/// A JSON list of rows, each a list of cells; a blank cell is the empty text.
fn cells(
    input: &TabularInput,
    filled: &BTreeMap<ElementKey, BTreeMap<ElementKey, String>>,
) -> Option<String> {
    let cell = |row: &ElementKey, column: &ElementKey| {
        filled.get(row).and_then(|cells| cells.get(column)).map_or("", String::as_str)
    };
    let row = |row: &ElementKey| {
        input.columns.iter().map(|column| cell(row, &column.key)).collect::<Vec<_>>()
    };
    let rows: Vec<_> = input.rows.iter().map(|entry| row(&entry.key)).collect();
    Some(serde_json::to_string(&rows).expect("texts can always be written as JSON"))
}

/// The word for the type of an input question.
#[must_use]
pub const fn input_type(question: &Question) -> Option<&'static str> {
    let input = match &question.kind {
        QuestionBody::Input(input) => input,
        QuestionBody::MultipleChoice(_) | QuestionBody::Match(_) => return None,
    };
    Some(match input {
        Input::Field(_) => "field",
        Input::Area(_) => "area",
        Input::Rich(_) => "rich",
        Input::Code(_) => "code",
        Input::Numeric(_) => "numeric",
        Input::Tabular(_) => "tabular",
        Input::Audio(_) => "audio",
        Input::Video(_) => "video",
        Input::File(_) => "file",
        Input::Photo(_) => "photo",
    })
}
