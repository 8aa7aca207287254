//! The answers of an instance, question by question in the order delivered, with what each earned.
//!
//! Figures of a completed instance are those of its latest result version, so that they add up to what is published.
//! Of an open one they are what its answers would earn now; its blanks have earned nothing yet.

use crate::App;
use crate::administration::found;
use crate::audit::Kind;
use crate::caller::Caller;
use crate::compute::CostBearer;
use crate::failure::Failure;
use crate::media::KeptMedia;
use crate::versions::{inputs, kept};
use domain::compile::model::{Compiled, Order, Slot};
use domain::decimal::Decimal;
use domain::document::key::Key;
use domain::document::model::{Input, Kind as QuestionKind, Match, MultipleChoice, Question, Tabular};
use domain::id::{InstanceId, TaskId};
use domain::instance::Scope;
use domain::media::{Allowance, Purpose};
use domain::response::Response;
use domain::scoring::correction::corrected;
use domain::scoring::{Answer, Inputs, SlotFigure, score};
use domain::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use storage::Transaction;
use storage::instance::Instance;
use storage::media::Media;

/// The answers of an instance beside the test they are to.
#[derive(Clone, Debug)]
pub struct Answers {
    pub compiled: Arc<Compiled>,
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
    pub given: Option<Given>,
}

/// An answer and what it earned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Whether it follows the question's rules.
    pub valid: bool,
    /// -1 to 1; 0 while the answer waits for an evaluation.
    pub rate: Decimal,
    pub points: Decimal,
    /// Empty once the person was erased.
    pub content: Content,
}

/// What was entered, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Texts of the chosen choices, in the order shown.
    Choices(Vec<String>),
    /// Texts of items and their options, in the order shown.
    Matches(Vec<(String, String)>),
    /// Text as typed, HTML, or the cells of a table row by row as JSON.
    Value(Option<String>),
    /// Files, in the order of the answer.
    Uploads(Vec<Upload>),
}

/// A file of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub media: KeptMedia,
    /// Where it can be read for an hour or two.
    pub url: String,
}

impl App {
    /// All answers of an instance, whatever its status. That they were viewed is recorded, on a full disk later.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `answers:read`; [`Failure::NotFound`].
    pub async fn instance_answers(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
    ) -> Result<Answers, Failure> {
        caller.require(Scope::AnswersRead)?;
        self.settled().await?;
        let answers = self.read_answers(caller, task, instance).await?;
        self.record_viewing(caller, Kind::AnswersViewed, None, task, instance).await?;
        Ok(answers)
    }

    async fn read_answers(&self, caller: &Caller, task: &TaskId, instance: &InstanceId) -> Result<Answers, Failure> {
        let now = self.now();
        let bearer = CostBearer::from(caller);
        let (app, caller, task, instance) = (self.clone(), caller.clone(), task.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| {
            let row = found(tx, &caller, &task, &instance)?;
            let compiled = app.compiled_of(tx, &row)?;
            let inputs = inputs::load(tx, &row, &compiled)?;
            let figures = figures(tx, &row, &compiled, &inputs)?;
            let uploads = app.uploads(tx, &row, &compiled, now)?;
            let answer = |figure: &SlotFigure| {
                let slot = compiled.slots.get(figure.slot as usize - 1)?;
                Some(slot_answer(slot, figure, inputs.answers.get(&figure.slot), &uploads))
            };
            let list = figures.iter().filter_map(answer).collect();
            let questions = compiled.slots.iter().map(|slot| corrected(slot, &inputs.corrections).0).collect();
            Ok(Answers { compiled, questions, list })
        };
        self.read_scored(bearer, read).await
    }

    /// The files of an instance's answers by their ids; none are read when no question asks for any.
    pub(crate) fn uploads(
        &self,
        tx: &mut dyn Transaction,
        row: &Instance,
        compiled: &Compiled,
        now: Timestamp,
    ) -> Result<BTreeMap<String, Upload>, Failure> {
        if !compiled.slots.iter().any(|slot| Allowance::of_question(&slot.question).is_some()) {
            return Ok(BTreeMap::new());
        }
        let sent = storage::media::list(tx, &row.id, Purpose::Answer)?;
        let upload = |media: &Media| Upload { url: self.media_url(&media.id, now), media: KeptMedia::from(media) };
        Ok(sent.iter().map(|media| (media.id.to_string(), upload(media))).collect())
    }
}

fn figures(
    tx: &mut dyn Transaction,
    row: &Instance,
    compiled: &Compiled,
    inputs: &Inputs,
) -> Result<Vec<SlotFigure>, Failure> {
    if !row.state.is_open()
        && let Some(version) = storage::version::latest(tx, &row.id)?
    {
        return kept::figures(&version);
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
    uploads: &BTreeMap<String, Upload>,
) -> SlotAnswer {
    let rate = figure.rate.unwrap_or(Decimal::ZERO);
    let has_earned = rate != Decimal::ZERO || figure.points != Decimal::ZERO;
    let given = (!figure.blank || has_earned).then(|| Given {
        // A blank that has earned something breaks no rule: what is not valid earns nothing.
        valid: figure.valid || figure.blank,
        rate,
        points: figure.points,
        content: content(slot, answer.map(|answer| &answer.response), uploads),
    });
    SlotAnswer { effective: figure.effective, given }
}

/// What was entered, in words.
pub(crate) fn content(slot: &Slot, response: Option<&Response>, uploads: &BTreeMap<String, Upload>) -> Content {
    match (&slot.question.kind, response) {
        (QuestionKind::MultipleChoice(asked), response) => Content::Choices(chosen(asked, &slot.order, response)),
        (QuestionKind::Match(asked), response) => Content::Matches(matched(asked, &slot.order, response)),
        (QuestionKind::Input(Input::Tabular(asked)), Some(response)) => Content::Value(cells(asked, response)),
        // Cleaned when it was kept, unless that was before answers were.
        (QuestionKind::Input(Input::Rich(_)), Some(Response::Text(html))) => {
            Content::Value(Some(markup::rich::cleaned(html).into_owned()))
        }
        (QuestionKind::Input(_), Some(Response::Uploads(ids))) => {
            Content::Uploads(ids.iter().filter_map(|id| uploads.get(id).cloned()).collect())
        }
        (QuestionKind::Input(_), Some(Response::Text(text))) => Content::Value(Some(text.clone())),
        (QuestionKind::Input(_), _) => Content::Value(None),
    }
}

fn chosen(asked: &MultipleChoice, order: &Order, response: Option<&Response>) -> Vec<String> {
    let (Some(Response::Choices(keys)), Order::Choices(order)) = (response, order) else { return Vec::new() };
    let shown = order.iter().filter_map(|index| asked.choices.get(usize::from(*index)));
    shown.filter(|choice| keys.contains(&choice.key)).map(|choice| choice.text.clone()).collect()
}

fn matched(asked: &Match, order: &Order, response: Option<&Response>) -> Vec<(String, String)> {
    let (Some(Response::Matches(made)), Order::Match { items, .. }) = (response, order) else { return Vec::new() };
    let shown = items.iter().filter_map(|index| asked.items.get(usize::from(*index)));
    shown
        .filter_map(|item| {
            let option = option_text(asked, &item.key, made.get(&item.key)?)?;
            Some((item.text.clone(), option))
        })
        .collect()
}

/// The text of an option: one of the item's own, or of the common pool when it has none.
fn option_text(asked: &Match, item: &Key, option: &Key) -> Option<String> {
    let item = asked.items.iter().find(|known| known.key == *item)?;
    if item.options.is_empty() {
        asked.options.iter().find(|known| known.key == *option).map(|known| known.text.clone())
    } else {
        item.options.iter().find(|known| known.key == *option).map(|known| known.text.clone())
    }
}

/// A JSON list of rows, each a list of cells; a blank cell is the empty text.
fn cells(asked: &Tabular, response: &Response) -> Option<String> {
    let Response::Cells(filled) = response else { return None };
    let cell = |row: &Key, column: &Key| filled.get(row).and_then(|cells| cells.get(column)).map_or("", String::as_str);
    let row = |row: &Key| asked.columns.iter().map(|column| cell(row, &column.key)).collect::<Vec<_>>();
    let rows: Vec<_> = asked.rows.iter().map(|known| row(&known.key)).collect();
    serde_json::to_string(&rows).ok()
}

/// The word for the type of an input question.
#[must_use]
pub const fn input_type(question: &Question) -> Option<&'static str> {
    let QuestionKind::Input(input) = &question.kind else { return None };
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
