//! `GET /staff/tasks/{task}/steps/{step}/questions/{question_key}/correct`: a wrong key is mended, after a
//! look at who changes.

use super::shown_figures::{ShownFigure, count};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::Failure;
use app::correction_preview::{AskedQuestion, CorrectionPreview, OutcomeFlip};
use app::corrections::{CorrectionTarget, NewCorrection};
use app::tasks::TaskView;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::decimal::Decimal;
use domain::document::key::ElementKey;
use domain::document::model::{Question, QuestionBody};
use domain::fault::ErrorCode;
use domain::id::{StepId, TaskId};
use domain::role::Permission;
use domain::scoring::Correction;
use domain::scoring::correction::{CorrectionChange, QuestionReplacement};
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "staff/correct.html")]
struct CorrectQuestionPage {
    frame: StaffLayout,
    address: String,
    back: String,
    text: String,
    choices: Vec<CorrectedChoice>,
    /// Whether percentages can be typed; other questions can be left out only.
    has_choices: bool,
    leaves_out: bool,
    is_ignored: bool,
    wordings: usize,
    reason: String,
    faults: Vec<String>,
    preview: Option<ShownPreview>,
}

struct CorrectedChoice {
    key: String,
    text: String,
    now: String,
    is_right_now: bool,
    typed: String,
    is_bad: bool,
}

/// A preview in words.
struct ShownPreview {
    headline: String,
    /// Up, down and the rest, each with its share of the whole from 0 to 100.
    parts: Vec<(&'static str, String, f64, f64, &'static str)>,
    outcomes: String,
    flips: Vec<ShownFlip>,
    more_flips: String,
    passed: Option<(String, String)>,
    mean: Option<(String, String)>,
    open: String,
    note: &'static str,
    button: String,
}

struct ShownFlip {
    address: String,
    name: String,
    before: ShownFigure,
    after: ShownFigure,
    passes: bool,
}

/// What was typed, by the names of fields.
#[derive(Default)]
struct TypedCorrection {
    fields: BTreeMap<String, String>,
}

impl TypedCorrection {
    fn text(&self, name: &str) -> &str {
        self.fields.get(name).map(|text| text.trim()).unwrap_or_default()
    }

    fn leaves_out(&self) -> bool {
        self.text("change") == "ignore"
    }

    /// The correction, and the choices whose percentage does not read.
    fn correction(&self, question: &Question) -> Result<Correction, Vec<String>> {
        let key = question.key.clone();
        if self.leaves_out() {
            return Ok(Correction { question: key, change: CorrectionChange::Ignore });
        }
        let QuestionBody::MultipleChoice(body) = &question.kind else {
            return Ok(Correction { question: key, change: CorrectionChange::Ignore });
        };
        let (mut choices, mut bad) = (BTreeMap::new(), Vec::new());
        for choice in &body.choices {
            match percentage(self.text(&format!("choice-{}", choice.key))) {
                Some(percentage) => {
                    if percentage != choice.percentage {
                        choices.insert(choice.key.clone(), percentage);
                    }
                }
                None => bad.push(choice.key.to_string()),
            }
        }
        if !bad.is_empty() {
            return Err(bad);
        }
        let replacement = QuestionReplacement { choices, ..QuestionReplacement::default() };
        Ok(Correction { question: key, change: CorrectionChange::Replace(Box::new(replacement)) })
    }
}

fn percentage(text: &str) -> Option<Decimal> {
    let literal = text.trim_end_matches(['%', ' ']).replace(',', ".");
    Decimal::parse(&literal)
        .filter(|percent| percent.abs() <= Decimal::HUNDRED && percent.decimals() <= 4)
}

fn is_unchanged(correction: &Correction) -> bool {
    match &correction.change {
        CorrectionChange::Ignore => false,
        CorrectionChange::Replace(replacement) => **replacement == QuestionReplacement::default(),
    }
}

/// The question as it is scored now.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, step, question)): Path<(String, String, String)>,
) -> Result<Response, PageError> {
    let place = CorrectionPlace::of(task, step, question);
    let (view, found) = place.load(&state, &staff).await?;
    let typed = TypedCorrection::default();
    let page = page(&staff, &place, &view, &found, &typed, Vec::new(), None);
    reply::page(StatusCode::OK, &page)
}

/// Shows what a correction would change, or makes it.
pub async fn submit(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, step, question)): Path<(String, String, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let place = CorrectionPlace::of(task, step, question);
    let (view, found) = place.load(&state, &staff).await?;
    let typed = TypedCorrection { fields: fields.into_iter().collect() };
    let again = |faults: Vec<String>, preview: Option<CorrectionPreview>| {
        let status = match faults.is_empty() {
            true => StatusCode::OK,
            false => StatusCode::UNPROCESSABLE_ENTITY,
        };
        reply::page(status, &page(&staff, &place, &view, &found, &typed, faults, preview))
    };
    let correction = match typed.correction(&found.question) {
        Ok(correction) => correction,
        Err(bad) => {
            let fault = format!(
                "{} must be a number from -100 to 100 with at most 4 decimals.",
                if bad.len() == 1 { "One percentage" } else { "Some percentages" }
            );
            return again(vec![fault], None);
        }
    };
    if is_unchanged(&correction) {
        return again(vec!["Nothing differs from how the question is scored now.".into()], None);
    }
    let corrections = state.app.corrections();
    if typed.text("act") != "apply" {
        let preview = corrections
            .preview_correction(staff.caller(), &place.task, &place.step, &correction)
            .await;
        return match preview {
            Ok(preview) => again(Vec::new(), Some(preview)),
            Err(failure) => again(vec![sentence(failure)?], None),
        };
    }
    let new = NewCorrection { correction, reason: typed.text("reason").to_owned() };
    let target = CorrectionTarget::Step(place.step.clone());
    match corrections.apply_correction(staff.caller(), &place.task, target, new).await {
        Ok(_) => {
            Ok(reply::redirect(&format!("/staff/tasks/{}/results?said=corrected", place.task)))
        }
        Err(failure) => again(vec![sentence(failure)?], None),
    }
}

/// A refusal in a sentence; other failures are the page's.
fn sentence(failure: Failure) -> Result<String, PageError> {
    match failure {
        Failure::Faults(faults) => {
            let is_unknown = faults.iter().any(|fault| fault.code == ErrorCode::UnknownReference);
            Ok(match is_unknown {
                true => "Nobody was asked this question.".to_owned(),
                false => "Enter a reason of up to 500 characters.".to_owned(),
            })
        }
        Failure::Unfit { .. } => Ok("This change does not fit the question.".to_owned()),
        failure => Err(failure.into()),
    }
}

/// The question of a step.
struct CorrectionPlace {
    task: TaskId,
    step: StepId,
    question: String,
}

impl CorrectionPlace {
    fn of(task: String, step: String, question: String) -> Self {
        Self { task: task.into(), step: step.into(), question }
    }

    async fn load(
        &self,
        state: &PagesState,
        staff: &SignedInStaff,
    ) -> Result<(TaskView, AskedQuestion), PageError> {
        let view = state.app.tasks().task(staff.caller(), &self.task).await?;
        ElementKey::parse(&self.question).ok_or(Failure::NotFound)?;
        let corrections = state.app.corrections();
        let found = corrections
            .asked_question(staff.caller(), &self.task, &self.step, &self.question)
            .await?;
        Ok((view, found))
    }
}

fn page(
    staff: &SignedInStaff,
    place: &CorrectionPlace,
    task: &TaskView,
    found: &AskedQuestion,
    typed: &TypedCorrection,
    faults: Vec<String>,
    preview: Option<CorrectionPreview>,
) -> CorrectQuestionPage {
    let base = format!("/staff/tasks/{}", place.task);
    let back = format!("{base}/group?step={}", place.step);
    let choices: Vec<CorrectedChoice> = match &found.question.kind {
        QuestionBody::MultipleChoice(body) => body
            .choices
            .iter()
            .map(|choice| {
                let name = format!("choice-{}", choice.key);
                let own = typed.fields.get(&name);
                CorrectedChoice {
                    text: markup::to_inline_text(&choice.text),
                    now: format!("{} %", choice.percentage),
                    is_right_now: choice.percentage > Decimal::ZERO,
                    typed: own.cloned().unwrap_or_else(|| choice.percentage.to_string()),
                    is_bad: own.is_some_and(|text| percentage(text.trim()).is_none()),
                    key: choice.key.to_string(),
                }
            })
            .collect(),
        QuestionBody::Match(_) | QuestionBody::Input(_) => Vec::new(),
    };
    CorrectQuestionPage {
        frame: StaffLayout::new(staff, StaffArea::Tasks, "Correct a question".to_owned())
            .with_crumb("Tasks", "/staff/tasks")
            .with_crumb(task.title.clone(), base.clone())
            .with_crumb("Group", back.clone()),
        address: format!("{base}/steps/{}/questions/{}/do/correct", place.step, place.question),
        back,
        text: markup::to_plain_text(&found.question.text),
        has_choices: !choices.is_empty(),
        leaves_out: typed.leaves_out() || choices.is_empty(),
        choices,
        is_ignored: found.is_ignored,
        wordings: found.wordings,
        reason: typed.text("reason").to_owned(),
        faults,
        preview: preview
            .map(|preview| ShownPreview::of(&preview, &base, staff.may(Permission::Candidates))),
    }
}

impl ShownPreview {
    fn of(preview: &CorrectionPreview, base: &str, sees_names: bool) -> Self {
        let rest = preview.finished.saturating_sub(preview.up + preview.down);
        let share =
            |part: u64| part.saturating_mul(1000).checked_div(preview.finished).unwrap_or_default();
        let mut place = 0;
        let mut parts = Vec::new();
        for (name, part, class) in
            [("go up", preview.up, "up"), ("go down", preview.down, "down"), ("stay", rest, "stay")]
        {
            let width = share(part);
            parts.push((name, count(part), tenths(place), tenths(width), class));
            place += width;
        }
        let flips = preview.now_pass + preview.no_longer_pass;
        let has_mark = preview.passed_before + preview.passed_after + flips > 0;
        let percent = |ratio: i64| ShownFigure::percent(Decimal::from_millionths(ratio)).text;
        let flip = |flip: &OutcomeFlip| ShownFlip {
            address: format!("{base}/results/{}", flip.instance),
            name: flip
                .name
                .clone()
                .filter(|_| sees_names)
                .unwrap_or_else(|| flip.instance.to_string()),
            before: ShownFigure::percent(flip.before),
            after: ShownFigure::percent(flip.after),
            passes: flip.passes,
        };
        let results = |number: u64| if number == 1 { "result" } else { "results" };
        Self {
            headline: format!(
                "{} of {} {} {}",
                count(preview.changed),
                count(preview.finished),
                results(preview.finished),
                if preview.changed == 1 { "changes" } else { "change" }
            ),
            parts,
            outcomes: match (flips, has_mark) {
                (_, false) => String::new(),
                (0, true) => "No outcome changes".to_owned(),
                (flips, true) => format!(
                    "{} {}: {} more pass, {} no longer",
                    count(flips),
                    if flips == 1 { "outcome changes" } else { "outcomes change" },
                    count(preview.now_pass),
                    count(preview.no_longer_pass)
                ),
            },
            flips: preview.flips.iter().map(flip).collect(),
            more_flips: match flips.saturating_sub(preview.flips.len() as u64) {
                0 => String::new(),
                more => format!("and {} more", count(more)),
            },
            passed: has_mark.then(|| (count(preview.passed_before), count(preview.passed_after))),
            mean: preview
                .mean_before
                .zip(preview.mean_after)
                .map(|(before, after)| (percent(before), percent(after))),
            open: match preview.open {
                0 => String::new(),
                1 => "1 test is running now; it is scored with the correction when it ends."
                    .to_owned(),
                open => format!(
                    "{} tests are running now; they are scored with the correction when they end.",
                    count(open)
                ),
            },
            note: if preview.is_part {
                "There are more results than could be looked at here; all of them are corrected."
            } else {
                ""
            },
            button: match (preview.is_part, preview.changed) {
                (true, _) => "Correct all results".to_owned(),
                (false, 0) => "Correct the question".to_owned(),
                (false, changed) => format!("Correct {} {}", count(changed), results(changed)),
            },
        }
    }
}

/// Thousandths as per cent, for places of a picture.
fn tenths(thousandths: u64) -> f64 {
    f64::from(u32::try_from(thousandths).unwrap_or(1000)) / 10.0
}
