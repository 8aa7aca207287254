//! `GET /staff/tasks/{task}/results/{instance}`: all about one instance, made to be read and
//! printed.

use super::action_form::InstanceActionForm;
use super::answer_key::{AnswerGrid, MatchPairing, grid, pairings, rules};
use super::chart::{EffectProfile, bar};
use super::proctoring::{ProctoringRecord, load_recordings};
use super::timeline::TimelineEvent;
use super::{TaskTab, TaskTabs, percent, state_badge};
use crate::html_time::HtmlTime;
use crate::lang;
use crate::media::linked_media;
use crate::page_error::PageError;
use crate::refusal::reason;
use crate::reply;
use crate::staff::evaluate::ShownAnswer;
use crate::staff::support::{FormErrors, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::Failure;
use app::administration::{CorrectionRow, InstanceDetail};
use app::answers::{AnswerContent, InstanceAnswers, SlotAnswer};
use app::tasks::TaskView;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::access::settings::{AnswerReview, ResultSharing, ShareWhen, StepConduct};
use domain::compile::model::{PartOrder, Slot};
use domain::decimal::Decimal;
use domain::document::model::{Question, QuestionBody};
use domain::id::{InstanceId, StepId, TaskId};
use domain::role::Permission;
use domain::scoring::evaluation::{RubricLine, parse_rubric_lines};
use markup::Renderer;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Template)]
#[template(path = "staff/result.html")]
struct ResultReportPage {
    frame: StaffLayout,
    tabs: TaskTabs,
    here: String,
    /// Where the questions of its step are corrected.
    questions: String,
    form: InstanceActionForm,
    errors: FormErrors,
    refused: Option<&'static str>,
    id: String,
    name: String,
    step: String,
    state: &'static str,
    state_class: &'static str,
    is_open: bool,
    is_ignored: bool,
    is_erased: bool,
    may_administer: bool,
    may_correct: bool,
    may_evaluate: bool,
    release: Option<InstanceRelease>,
    started: HtmlTime,
    completed: Option<HtmlTime>,
    due: Option<HtmlTime>,
    revision: i64,
    waiting: i64,
    passed: Option<bool>,
    level: Option<String>,
    total: Option<ScoreLine>,
    sections: Vec<ScoreLine>,
    dimensions: Vec<ScoreLine>,
    effects: Vec<(String, String, bool)>,
    profile: Option<EffectProfile>,
    /// The page of the group.
    group: String,
    /// Percent of the group below it, and the group's number.
    rank: Option<(String, u64)>,
    answers: Option<Vec<AnswerReport>>,
    recorded: Option<ProctoringRecord>,
    versions: Vec<ScoreVersion>,
    corrections: Vec<AppliedCorrection>,
    pages: Vec<(u32, String)>,
    events: Option<Vec<TimelineEvent>>,
}

/// Where this result stands with its candidate, and what staff may do about it.
struct InstanceRelease {
    /// In a sentence.
    state: &'static str,
    can_release: bool,
    can_withdraw: bool,
}

impl InstanceRelease {
    /// None where the step shares nothing.
    fn of(task: &TaskView, detail: &InstanceDetail) -> Option<Self> {
        let step = task.steps.iter().find(|step| step.id == detail.step)?;
        let StepConduct { sharing, review, share_when, .. } = &step.conduct;
        if *sharing == ResultSharing::Nothing && *review == AnswerReview::None {
            return None;
        }
        let (own, of_step) = (detail.release, detail.step_release);
        let released = own.released_at.or(of_step.released_at).is_some();
        let waits = *share_when == ShareWhen::Released && !released;
        let state = match (of_step.withdrawn_at, own.withdrawn_at) {
            (Some(_), _) => "The results of the whole step are withdrawn.",
            (None, Some(_)) => "This result is withdrawn: the candidate sees nothing of it.",
            (None, None) if waits => "The candidate sees nothing until the results are released.",
            (None, None) => match share_when {
                ShareWhen::Completed => "The candidate sees the result after submitting.",
                ShareWhen::Settled => "The candidate sees the result when everything is graded.",
                ShareWhen::Closed => "The candidate sees the result when the step has closed.",
                ShareWhen::Released => "The result is released.",
            },
        };
        let can_release = own.withdrawn_at.is_some() || waits;
        Some(Self { state, can_release, can_withdraw: !can_release })
    }
}

/// A scoreboard as a line with a bar.
struct ScoreLine {
    name: String,
    is_sub: bool,
    points: String,
    maximum: String,
    ratio: String,
    questions: u32,
    filled: f64,
    is_negative: bool,
}

struct AnswerReport {
    key: String,
    number: u32,
    text: String,
    counts: bool,
    /// None when nothing was given.
    response: Option<ShownAnswer>,
    is_valid: bool,
    choices: Vec<ReportedChoice>,
    pairings: Vec<MatchPairing>,
    grid: Option<AnswerGrid>,
    /// What of a typed answer would have earned something.
    right: Vec<String>,
    rate: String,
    points: String,
    maximum: String,
    comment: Option<String>,
    is_evaluated: bool,
    /// What was chosen on a rubric.
    rubric: Vec<ReportedCriterion>,
    /// What the evaluator says to the candidate, as HTML that is safe to show.
    feedback: String,
}

/// A criterion of a rubric with what an evaluator chose of it.
struct ReportedCriterion {
    title: String,
    level: String,
    percentage: String,
    weight: String,
}

struct ReportedChoice {
    text: String,
    is_chosen: bool,
    percentage: String,
    is_right: bool,
}

/// A version of the score beside the one before it.
struct ScoreVersion {
    number: i64,
    at: HtmlTime,
    reason: &'static str,
    note: Option<String>,
    by: String,
    points: String,
    ratio: String,
    changes: Vec<String>,
}

/// A correction that holds for this instance.
struct AppliedCorrection {
    question: String,
    change: String,
    is_of_instance: bool,
    reason: String,
    at: HtmlTime,
    by: String,
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ResultReportQuery {
    said: String,
}

/// The detailed result with its figures as they are published.
#[derive(Deserialize)]
struct PublishedResult {
    scoreboard: PublishedScoreboard,
    sections: Vec<PublishedSection>,
    dimensions: Vec<PublishedDimension>,
    effects: Vec<PublishedEffect>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublishedScoreboard {
    points_achieved: Box<RawValue>,
    max_achievable_points: Box<RawValue>,
    achievement_ratio: Box<RawValue>,
    no_of_questions: u32,
}

#[derive(Deserialize)]
struct PublishedSection {
    uuid: String,
    scoreboard: PublishedScoreboard,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublishedDimension {
    name: String,
    scoreboard: PublishedScoreboard,
    #[serde(default)]
    sub_dimensions: Vec<PublishedDimension>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublishedEffect {
    name: String,
    score: Box<RawValue>,
    #[serde(default)]
    sub_effects: Vec<PublishedEffect>,
}

/// A slot of a version, as far as two versions are compared.
#[derive(Deserialize)]
struct VersionSlot {
    slot: u32,
    points: Box<RawValue>,
}

/// The report of one instance.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, instance)): Path<(String, String)>,
    Query(query): Query<ResultReportQuery>,
) -> Result<Response, PageError> {
    let said = match query.said.as_str() {
        "ignored" => Some("Marked as ignored: it no longer counts."),
        "reacknowledged" => Some("It counts again."),
        "closed" => Some("Closed and scored."),
        "rescored" => Some("Computed anew. A version was made only if something differs."),
        "extended" => Some("The time is extended."),
        "reinstated" => Some("Reopened. Its clocks stand still until the candidate opens it."),
        "withdrawn" => Some("The evaluation is withdrawn."),
        "released" => Some("Result released to the candidate."),
        "hidden" => Some("Result withdrawn: the candidate sees nothing of it."),
        _ => None,
    };
    let (task, instance) = (TaskId::from(task), InstanceId::from(instance));
    let mut page = page(&state, &staff, &task, &instance).await?;
    page.frame = page.frame.with_notice(said);
    reply::page(StatusCode::OK, &page)
}

/// The report after an act that was refused, with what was typed.
pub async fn rerender_with_errors(
    state: &PagesState,
    staff: &SignedInStaff,
    task: &TaskId,
    instance: &InstanceId,
    form: InstanceActionForm,
    failure: Failure,
) -> Result<Response, PageError> {
    let mut page = page(state, staff, task, instance).await?;
    page.form = form;
    let status = crate::page_error::status_of(&failure);
    match failure {
        Failure::Refused(refused) => {
            page.refused = Some(reason(lang::Language::english(), refused.code))
        }
        Failure::Unfit { .. } => {
            page.refused = Some("The answer has changed since. Look at it again.")
        }
        other => page.errors = FormErrors::of(other)?,
    }
    reply::page(status, &page)
}

async fn page(
    pages_state: &PagesState,
    staff: &SignedInStaff,
    task: &TaskId,
    instance: &InstanceId,
) -> Result<ResultReportPage, PageError> {
    let caller = staff.caller();
    let view = pages_state.app.tasks().task(caller, task).await?;
    let detail = pages_state.app.instances().inspect_instance(caller, task, instance).await?;
    let candidate =
        pages_state.app.candidates().candidate(caller, task, &detail.candidate).await.ok();
    let answers =
        permitted(pages_state.app.results().instance_answers(caller, task, instance).await)?;
    let answered_questions = render_answers(pages_state, staff, answers.as_ref(), &detail).await?;
    let proctoring =
        permitted(pages_state.app.proctoring().proctoring_view(caller, task, instance).await)?;
    let rank = pages_state.app.statistics().rank_in_group(caller, task, instance).await?;
    let is_erased = detail.erased_at.is_some();
    let name =
        candidate.and_then(|it| it.fullname.or(it.email)).unwrap_or_else(|| match is_erased {
            true => "Erased person".to_owned(),
            false => detail.candidate.to_string(),
        });
    let (state, state_class) = state_badge(detail.status.state, is_erased);
    let is_open = detail.status.state.is_open();
    let latest = detail.versions.last().filter(|_| !is_open);
    let result = latest.map(|version| read::<PublishedResult>(&version.detailed)).transpose()?;
    let base = format!("/staff/tasks/{task}/results");
    let effects = result.as_ref().map(effects).unwrap_or_default();
    let roots: Vec<_> =
        effects.iter().map(|(name, score, _)| (name.clone(), score.clone())).collect();
    let frame = StaffLayout::new(staff, StaffArea::Tasks, format!("Result of {name}"));
    Ok(ResultReportPage {
        frame: frame
            .with_crumb("Tasks", "/staff/tasks")
            .with_crumb(format!("Results of {}", view.title), &base),
        tabs: TaskTabs::new(staff, task, TaskTab::Results),
        here: format!("{base}/{instance}"),
        questions: format!("/staff/tasks/{}/steps/{}/questions", view.id, detail.step),
        form: InstanceActionForm::default(),
        errors: FormErrors::default(),
        refused: None,
        id: instance.to_string(),
        name,
        step: step_title(&view, &detail.step),
        state,
        state_class,
        is_open,
        is_ignored: detail.status.ignored,
        is_erased,
        may_administer: staff.may(Permission::Administer),
        may_correct: staff.may(Permission::Correct) && !is_erased,
        may_evaluate: staff.may(Permission::Evaluate) && !is_open && !is_erased,
        release: InstanceRelease::of(&view, &detail).filter(|_| !is_open && !is_erased),
        started: detail.started_at.into(),
        completed: detail.status.completed_at.map(HtmlTime::from),
        due: detail.status.due_at.map(HtmlTime::from),
        revision: detail.status.revision,
        waiting: detail.status.waiting,
        passed: latest.and_then(|version| version.passed),
        level: latest.and_then(|version| version.level.clone()),
        total: result.as_ref().map(|it| line("Whole test".to_owned(), &it.scoreboard, false)),
        sections: result.as_ref().map(|it| sections(it, answers.as_ref())).unwrap_or_default(),
        dimensions: result.as_ref().map(|it| dimensions(&it.dimensions)).unwrap_or_default(),
        profile: EffectProfile::of(&roots),
        effects,
        group: format!("/staff/tasks/{task}/group?step={}", detail.step),
        rank: rank
            .filter(|rank| rank.count > 1)
            .map(|rank| (format!("{:.1}", rank.percentile), rank.count)),
        recorded: proctoring.map(|view| load_recordings(pages_state, view)),
        versions: score_versions(&detail)?,
        corrections: detail
            .corrections
            .iter()
            .map(|it| applied_correction(it, answers.as_ref()))
            .collect(),
        answers: answered_questions,
        pages: detail.pages.iter().map(|page| (page.number, page.title.clone())).collect(),
        events: detail.events.as_ref().map(|events| events.iter().map(TimelineEvent::of).collect()),
    })
}

/// None where the user lacks the permission.
fn permitted<T>(outcome: Result<T, Failure>) -> Result<Option<T>, PageError> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(Failure::InsufficientScope(_)) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

fn read<'text, T: Deserialize<'text>>(text: &'text str) -> Result<T, PageError> {
    serde_json::from_str(text).map_err(|error| Failure::internal(error).into())
}

/// A kept ratio in percent, or as it is kept where it does not read.
fn ratio_in_percent(literal: &str) -> String {
    Decimal::parse(literal).map_or_else(|| literal.to_owned(), percent)
}

fn line(name: String, board: &PublishedScoreboard, is_sub: bool) -> ScoreLine {
    let literal = board.achievement_ratio.get();
    let (filled, is_negative) = bar(literal);
    ScoreLine {
        name,
        is_sub,
        points: board.points_achieved.get().to_owned(),
        maximum: board.max_achievable_points.get().to_owned(),
        ratio: ratio_in_percent(literal),
        questions: board.no_of_questions,
        filled,
        is_negative,
    }
}

/// Sections by their titles; whoever may not read answers sees them numbered.
fn sections(result: &PublishedResult, answers: Option<&InstanceAnswers>) -> Vec<ScoreLine> {
    let title = |uuid: &str, number: usize| {
        let sections =
            answers.map(|answers| answers.compiled.test.sections.as_slice()).unwrap_or_default();
        let entry = sections.iter().find(|section| section.uuid.to_string() == uuid);
        entry
            .map(|it| it.title.clone())
            .filter(|it| !it.is_empty())
            .unwrap_or_else(|| format!("Section {number}"))
    };
    let numbered = (1..).zip(&result.sections);
    numbered.map(|(number, it)| line(title(&it.uuid, number), &it.scoreboard, false)).collect()
}

fn dimensions(all: &[PublishedDimension]) -> Vec<ScoreLine> {
    let with_subs = |root: &PublishedDimension| {
        let subs =
            root.sub_dimensions.iter().map(|sub| line(sub.name.clone(), &sub.scoreboard, true));
        std::iter::once(line(root.name.clone(), &root.scoreboard, false))
            .chain(subs)
            .collect::<Vec<_>>()
    };
    all.iter().flat_map(with_subs).collect()
}

/// Name, score, and whether it is part of the effect above it.
fn effects(result: &PublishedResult) -> Vec<(String, String, bool)> {
    let one = |effect: &PublishedEffect, is_sub| {
        (effect.name.clone(), effect.score.get().to_owned(), is_sub)
    };
    let with_subs = |root: &PublishedEffect| {
        let subs = root.sub_effects.iter().map(|sub| one(sub, true));
        std::iter::once(one(root, false)).chain(subs).collect::<Vec<_>>()
    };
    result.effects.iter().flat_map(with_subs).collect()
}

/// A report shows the whole test with all answers: a large page, rendered as such.
async fn render_answers(
    state: &PagesState,
    staff: &SignedInStaff,
    answers: Option<&InstanceAnswers>,
    detail: &InstanceDetail,
) -> Result<Option<Vec<AnswerReport>>, PageError> {
    let Some(answers) = answers else { return Ok(None) };
    let stored = domain::document::to_stored(&answers.compiled.test);
    let of = &staff.caller().organization;
    let media = linked_media(state, lang::Language::english(), of, &stored).await?;
    let rendered = state
        .rendering
        .render_with(media, usize::MAX, |renderer| answer_reports(answers, detail, renderer))
        .await;
    Ok(Some(rendered))
}

/// Empty for a step that is no longer part of the task.
fn step_title(task: &TaskView, step: &StepId) -> String {
    let found = task.steps.iter().find(|it| it.id == *step);
    found.map(|it| it.title.clone()).unwrap_or_default()
}

fn answer_reports(
    answers: &InstanceAnswers,
    detail: &InstanceDetail,
    renderer: &Renderer,
) -> Vec<AnswerReport> {
    let slots = answers.compiled.slots.iter().zip(&answers.questions).zip(&answers.list);
    (1_u32..)
        .zip(slots)
        .map(|(number, ((slot, question), answer))| {
            question_report(number, slot, question, answer, detail, renderer)
        })
        .collect()
}

fn question_report(
    number: u32,
    slot: &Slot,
    question: &Question,
    answer: &SlotAnswer,
    detail: &InstanceDetail,
    renderer: &Renderer,
) -> AnswerReport {
    let evaluation = detail.evaluations.iter().find(|it| it.slot == i64::from(number));
    let response = answer.answer.as_ref();
    let content = response.map(|response| &response.content);
    let pairs: &[(String, String)] = match content {
        Some(AnswerContent::Matches(pairs)) => pairs,
        Some(AnswerContent::Choices(_) | AnswerContent::Value(_) | AnswerContent::Uploads(_))
        | None => &[],
    };
    let shown = content.map(|content| ShownAnswer::of_content(question, content, renderer));
    AnswerReport {
        key: slot.question.key.to_string(),
        number,
        text: renderer.blocks(&question.text),
        counts: answer.effective,
        is_valid: response.is_none_or(|response| response.valid),
        choices: choices(slot, question, content, renderer),
        pairings: pairings(slot, question, pairs, renderer),
        grid: grid(question, shown.as_ref().unwrap_or(&ShownAnswer::Nothing)),
        right: rules(question),
        response: shown,
        rate: response.map(|response| percent(response.rate)).unwrap_or_default(),
        points: response.map_or(Decimal::ZERO, |response| response.points).to_string(),
        maximum: question.points.to_string(),
        comment: evaluation.and_then(|it| it.comment.clone()),
        is_evaluated: evaluation.is_some(),
        rubric: evaluation
            .and_then(|it| parse_rubric_lines(it.rubric.as_deref()?))
            .map(|lines| reported_criteria(question, &lines))
            .unwrap_or_default(),
        feedback: renderer
            .blocks(evaluation.and_then(|it| it.feedback.as_deref()).unwrap_or_default()),
    }
}

/// The lines of a rubric by the titles of the question's criteria; of typed ones only the number is
/// known here, their titles stand in the comment.
fn reported_criteria(question: &Question, lines: &[RubricLine]) -> Vec<ReportedCriterion> {
    let report = |(index, line): (usize, &RubricLine)| {
        let of_key = |key: &String| question.rubric.iter().find(|it| it.key.as_str() == key);
        let criterion = line.criterion.as_ref().and_then(of_key);
        let of_level = |key: &String| criterion?.levels.iter().find(|it| it.key.as_str() == key);
        ReportedCriterion {
            title: criterion
                .map_or_else(|| format!("Criterion {}", index + 1), |it| it.title.clone()),
            level: line
                .level
                .as_ref()
                .and_then(of_level)
                .map(|it| it.title.clone())
                .unwrap_or_default(),
            percentage: format!("{} %", line.percentage),
            weight: line.weight.to_string(),
        }
    };
    lines.iter().enumerate().map(report).collect()
}

fn applied_correction(
    correction: &CorrectionRow,
    answers: Option<&InstanceAnswers>,
) -> AppliedCorrection {
    let slots = answers.map(|answers| answers.compiled.slots.as_slice()).unwrap_or_default();
    let slot = slots.iter().position(|slot| slot.question.key.as_str() == correction.question_key);
    AppliedCorrection {
        question: slot.map_or_else(
            || correction.question_key.clone(),
            |slot| format!("Question {}", slot + 1),
        ),
        change: changed(&correction.change),
        is_of_instance: correction.instance_id.is_some(),
        reason: correction.reason.clone(),
        at: correction.at.into(),
        by: correction
            .actor_id
            .clone()
            .unwrap_or_else(|| correction.actor_kind.as_str().to_owned()),
    }
}

/// What a correction changes, in words: plain figures with their values, the rest by name.
fn changed(change: &str) -> String {
    let Ok(members) = serde_json::from_str::<serde_json::Map<String, Value>>(change) else {
        return change.to_owned();
    };
    if members.get("change").and_then(Value::as_str) == Some("ignore") {
        return "taken out of scoring".to_owned();
    }
    let words = |(name, value): (&String, &Value)| {
        let name = match name.as_str() {
            "choices" | "items" => "percentages",
            "negativePoints" => "negative points",
            other => other,
        };
        match value {
            Value::Number(figure) => format!("{name} {figure}"),
            Value::Null => format!("no {name}"),
            _ => name.to_owned(),
        }
    };
    let named = members.iter().filter(|(name, _)| !matches!(name.as_str(), "question" | "change"));
    format!("other {}", named.map(words).collect::<Vec<_>>().join(", "))
}

/// The choices in the order the candidate saw.
fn choices(
    slot: &Slot,
    question: &Question,
    content: Option<&AnswerContent>,
    renderer: &Renderer,
) -> Vec<ReportedChoice> {
    let (body, order) = match (&question.kind, &slot.order) {
        (QuestionBody::MultipleChoice(body), PartOrder::Choices(order)) => (body, order),
        (QuestionBody::MultipleChoice(_), PartOrder::None | PartOrder::Match { .. })
        | (
            QuestionBody::Match(_) | QuestionBody::Input(_),
            PartOrder::None | PartOrder::Choices(_) | PartOrder::Match { .. },
        ) => return Vec::new(),
    };
    let chosen: &[String] = match content {
        Some(AnswerContent::Choices(texts)) => texts,
        Some(AnswerContent::Matches(_) | AnswerContent::Value(_) | AnswerContent::Uploads(_))
        | None => &[],
    };
    let shown = order.iter().filter_map(|index| body.choices.get(usize::from(*index)));
    shown
        .map(|choice| ReportedChoice {
            text: renderer.inline(&choice.text),
            is_chosen: chosen.contains(&choice.text),
            percentage: format!("{} %", choice.percentage),
            is_right: choice.percentage > Decimal::ZERO,
        })
        .collect()
}

fn score_versions(detail: &InstanceDetail) -> Result<Vec<ScoreVersion>, PageError> {
    let mut editions = Vec::with_capacity(detail.versions.len());
    let mut before: Option<Vec<VersionSlot>> = None;
    for version in &detail.versions {
        let board = read::<PublishedResult>(&version.detailed)?.scoreboard;
        let slots: Vec<VersionSlot> = read(&version.slots)?;
        editions.push(ScoreVersion {
            number: version.number,
            at: version.at.into(),
            reason: version.reason.as_str(),
            note: version.note.clone(),
            by: version.actor_id.clone().unwrap_or_else(|| version.actor_kind.as_str().to_owned()),
            points: format!("{} of {}", board.points_achieved, board.max_achievable_points),
            ratio: ratio_in_percent(board.achievement_ratio.get()),
            changes: before.as_deref().map(|before| changes(before, &slots)).unwrap_or_default(),
        });
        before = Some(slots);
    }
    editions.reverse();
    Ok(editions)
}

/// Questions whose points differ.
fn changes(before: &[VersionSlot], after: &[VersionSlot]) -> Vec<String> {
    let pairs = before.iter().zip(after).filter(|(old, new)| old.points.get() != new.points.get());
    pairs
        .map(|(old, new)| format!("Question {}: {} → {} points", new.slot, old.points, new.points))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::changed;

    #[test]
    fn a_correction_is_told_in_words() {
        assert_eq!(changed(r#"{"question":"q1","change":"ignore"}"#), "taken out of scoring");
        let replaced = r#"{"question":"q1","change":"replace","points":2,"threshold":null,"choices":{"a":100}}"#;
        assert_eq!(changed(replaced), "other points 2, no threshold, percentages");
    }
}
