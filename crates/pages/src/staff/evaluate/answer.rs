//! One answer on the desk. What is typed survives every refusal, also when somebody else was
//! quicker.

use super::rubric;
use super::shown_answer::ShownAnswer;
use super::{ADDRESS, TaskTab, TaskTabs};
use crate::html_time::HtmlTime;
use crate::lang;
use crate::media::linked_media;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::Failure;
use app::evaluation::{
    ALREADY_EVALUATED, AnswerRef, EvaluationBatch, GradeChange, GradingCursor, GradingItem,
    NewEvaluation, NewScore,
};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::decimal::Decimal;
use domain::id::{InstanceId, TaskId};
use domain::scoring::evaluation::{CriterionChoice, parse_rubric_lines};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/evaluate/answer.html")]
struct GradeAnswerPage {
    frame: StaffLayout,
    /// While only one task is evaluated.
    tabs: Option<TaskTabs>,
    errors: FormErrors,
    values: FormValues,
    query: GradeAnswerQuery,
    work: GradingItem,
    /// The rubric's lines as they were typed, with some that are free.
    lines: Vec<rubric::RubricLineFields>,
    /// What tells the rubric of one question from that of another.
    rubric: String,
    /// The criteria of the question's own rubric.
    criteria: Vec<rubric::CriterionControl>,
    shown: ShownAnswer,
    question: String,
    above: String,
    /// What evaluators should look for.
    guidance: String,
    task_address: String,
    completed: Option<HtmlTime>,
    /// What it was given before, when, and with which comment.
    before: Option<(String, HtmlTime, String)>,
    negative: String,
    previous: String,
    next: String,
    token: String,
}

#[derive(Template)]
#[template(path = "staff/evaluate/done.html")]
struct GradingDonePage {
    frame: StaffLayout,
    query: GradeAnswerQuery,
}

#[derive(Template)]
#[template(path = "staff/evaluate/effect.html")]
struct GradeEffectFragment {
    effect: Option<GradeChange>,
    fault: Option<String>,
}

/// Where the evaluator is, as the address says it.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct GradeAnswerQuery {
    /// Only this task.
    task: String,
    /// `yes`: names are shown.
    names: String,
    at: String,
    after: String,
    before: String,
    /// What the last evaluation changed, to be told.
    said: String,
}

impl GradeAnswerQuery {
    fn task_filter(&self) -> Option<TaskId> {
        Some(self.task.as_str()).filter(|task| !task.is_empty()).map(TaskId::from)
    }

    fn seek(&self) -> GradingCursor {
        match (
            parse_answer_ref(&self.at),
            parse_answer_ref(&self.after),
            parse_answer_ref(&self.before),
        ) {
            (Some(at), ..) => GradingCursor::At(at),
            (None, Some(after), _) => GradingCursor::After(after),
            (None, None, Some(before)) => GradingCursor::Before(before),
            _ => GradingCursor::First,
        }
    }

    fn shows_names(&self) -> bool {
        self.names == "yes"
    }

    fn address(&self, place: &str, of: &str) -> String {
        format!("{ADDRESS}/answer?task={}&names={}&{place}={of}", self.task, self.names)
    }

    /// The same answer with the other choice of names.
    fn with_names(&self, names: &str, work: &GradingItem) -> String {
        let at = format_answer_ref(work);
        format!("{ADDRESS}/answer?task={}&names={names}&at={at}", self.task)
    }
}

/// `instance.slot`, as addresses have it.
fn parse_answer_ref(text: &str) -> Option<AnswerRef> {
    let (instance, slot) = text.rsplit_once('.')?;
    Some(AnswerRef { instance: InstanceId::from(instance), slot: slot.parse().ok()? })
}

fn format_answer_ref(work: &GradingItem) -> String {
    format!("{}.{}", work.instance, work.slot)
}

/// `GET /staff/evaluate/answer`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<GradeAnswerQuery>,
) -> Result<Response, PageError> {
    match state
        .app
        .evaluation()
        .grading_item(staff.caller(), query.task_filter(), query.seek())
        .await?
    {
        Some(work) => {
            page(&state, &staff, query, work, FormValues::default(), FormErrors::default()).await
        }
        None => {
            let frame = StaffLayout::new(&staff, StaffArea::Evaluate, "All graded")
                .with_crumb("Grade", ADDRESS);
            let frame = frame.with_notice(said(&query));
            reply::page(StatusCode::OK, &GradingDonePage { frame, query })
        }
    }
}

/// `POST /staff/evaluate/do/save`.
pub async fn save(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let values = FormValues(pairs);
    let query = GradeAnswerQuery {
        task: values.text("task").to_owned(),
        names: values.text("names").to_owned(),
        at: values.text("at").to_owned(),
        ..GradeAnswerQuery::default()
    };
    let spot = parse_answer_ref(&query.at).ok_or(Failure::NotFound)?;
    let new = match read_evaluation(&values, spot.slot) {
        Ok(new) => new,
        Err(errors) => return rerender_with_errors(&state, &staff, query, values, errors).await,
    };
    let list = EvaluationBatch {
        client_token: values.text("token").to_owned(),
        list: vec![new],
        note: None,
    };
    let (task, is_again) = (TaskId::from(values.text("of")), values.has("again"));
    match state
        .app
        .evaluation()
        .grade_waiting(staff.caller(), &task, &spot.instance, list, is_again)
        .await
    {
        Ok(effect) => Ok(reply::redirect(&format!(
            "{}&said={}",
            query.address("after", &query.at),
            changed(&effect)
        ))),
        Err(Failure::Unfit { code, .. }) => {
            let errors = conflict_errors(code);
            rerender_with_errors(&state, &staff, query, values, errors).await
        }
        Err(failure) => {
            let errors = FormErrors::of(failure)?;
            rerender_with_errors(&state, &staff, query, values, errors).await
        }
    }
}

/// `GET /staff/evaluate/get/effect`: what the value in the form would change, as a piece of the
/// page.
pub async fn effect(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let values = FormValues(pairs);
    let spot = parse_answer_ref(values.text("at")).ok_or(Failure::NotFound)?;
    let new = match read_evaluation(&values, spot.slot) {
        Ok(new) => new,
        Err(errors) => {
            return effect_fragment(
                None,
                errors.all().first().map(|(_, sentence)| sentence.clone()),
            );
        }
    };
    match state
        .app
        .evaluation()
        .preview_grade(staff.caller(), &TaskId::from(values.text("of")), &spot.instance, new)
        .await
    {
        Ok(effect) => effect_fragment(Some(effect), None),
        Err(Failure::Unfit { code, .. }) => effect_fragment(
            None,
            conflict_errors(code).all().first().map(|(_, errors)| errors.clone()),
        ),
        Err(failure) => Err(failure.into()),
    }
}

fn effect_fragment(
    effect: Option<GradeChange>,
    fault: Option<String>,
) -> Result<Response, PageError> {
    reply::page(StatusCode::OK, &GradeEffectFragment { effect, fault })
}

/// The evaluation as it was typed.
fn read_evaluation(values: &FormValues, slot: u32) -> Result<NewEvaluation, FormErrors> {
    let mut errors = FormErrors::default();
    let choices = match values.is("unit", "rubric") {
        true => rubric::read_choices(values, &mut errors),
        false => None,
    };
    let (rate, comment) = if let Some(choices) = choices {
        (Some(NewScore::Rubric(choices)), values.non_empty("comment"))
    } else if values.is("unit", "rubric") {
        let lines = rubric::read(values, &mut errors);
        let comment = rubric::comment(&lines, values.non_empty("comment"));
        let free = |line: &rubric::RubricLine| CriterionChoice {
            weight: Some(line.criterion.weight),
            percentage: Some(line.criterion.percentage),
            ..CriterionChoice::default()
        };
        (Some(NewScore::Rubric(lines.iter().map(free).collect())), comment)
    } else {
        let value = rubric::number(values.text("value"));
        if value.is_none() {
            errors.add("/value", "Must be a number.");
        }
        let is_percent = values.is("unit", "percent");
        let rate =
            |value| if is_percent { NewScore::Percentage(value) } else { NewScore::Points(value) };
        (value.map(rate), values.non_empty("comment"))
    };
    let seq = values.text("seq").parse().ok();
    let (Some(rate), Some(seq), true) = (rate, seq, errors.is_empty()) else { return Err(errors) };
    let feedback = values.non_empty("feedback");
    Ok(NewEvaluation { slot, seq, score: rate, method: None, comment, feedback })
}

fn conflict_errors(code: &str) -> FormErrors {
    let mut errors = FormErrors::default();
    match code {
        ALREADY_EVALUATED => errors.add(
            "/again",
            "Somebody else evaluated this answer meanwhile. What they gave is shown below; what you typed is still here. \
             Save again to put yours in its place, or go on.",
        ),
        "answer_changed" => errors.add(
            "/changed",
            "The answer was changed meanwhile. It is shown below as it is now; what you typed is still here.",
        ),
        "rubric_mismatch" => errors.add("/rubric", "Choose a level or a number for each criterion."),
        "nothing_to_evaluate" => errors.add("/changed", "There is no answer here any more, or the question does not count."),
        _ => errors.add("/value", "Must lie within what can be earned."),
    }
    errors
}

/// The page again, with all that was typed beside the answer as it is now.
async fn rerender_with_errors(
    state: &PagesState,
    staff: &SignedInStaff,
    query: GradeAnswerQuery,
    values: FormValues,
    errors: FormErrors,
) -> Result<Response, PageError> {
    match state
        .app
        .evaluation()
        .grading_item(staff.caller(), query.task_filter(), query.seek())
        .await?
    {
        Some(work) => page(state, staff, query, work, values, errors).await,
        None => Err(Failure::NotFound.into()),
    }
}

async fn page(
    state: &PagesState,
    staff: &SignedInStaff,
    query: GradeAnswerQuery,
    work: GradingItem,
    values: FormValues,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let at = format_answer_ref(&work);
    let title = format!("Question {}", work.slot);
    // An answer may be long, whatever its question says.
    let earlier = work.evaluation.as_ref();
    let lines = earlier.and_then(|entry| parse_rubric_lines(entry.rubric.as_deref()?));
    let feedback = earlier.and_then(|entry| entry.feedback.clone()).unwrap_or_default();
    let mut values = values;
    if !values.has("feedback") {
        values.set("feedback", feedback);
    }
    let stored = domain::document::question_to_stored(&work.question) + &work.page_text;
    let of = &staff.caller().organization;
    let media = linked_media(state, lang::Language::english(), of, &stored).await?;
    let (shown, question, above, guidance, criteria) = state
        .rendering
        .render_with(media, usize::MAX, |renderer| {
            (
                ShownAnswer::of(&work, renderer),
                renderer.blocks(&work.question.text),
                renderer.blocks(&work.page_text),
                renderer.blocks(&work.question.guidance),
                rubric::controls(
                    &work.question.rubric,
                    &values,
                    lines.as_deref().unwrap_or_default(),
                    renderer,
                ),
            )
        })
        .await;
    let page = GradeAnswerPage {
        frame: page_layout(staff, &query, &work, title)
            .with_notice(said(&query))
            .with_script("staff/evaluate.js"),
        shown,
        question,
        above,
        guidance,
        criteria,
        task_address: format!("/staff/tasks/{}", work.task),
        completed: work.completed_at.map(Into::into),
        before: work.evaluation.as_ref().map(|entry| {
            (
                earlier_grade(&entry.given),
                entry.at.into(),
                entry.comment.clone().unwrap_or_default(),
            )
        }),
        tabs: query.task_filter().map(|task| TaskTabs::new(staff, &task, TaskTab::Evaluate)),
        lines: rubric::fields(&values),
        rubric: work.question.uuid.to_string(),
        negative: if work.question.negative_points.is_zero() {
            "0".to_owned()
        } else {
            format!("−{}", work.question.negative_points.abs())
        },
        previous: query.address("before", &at),
        next: query.address("after", &at),
        // Sending the same form twice gives the first answer again.
        token: state.app.new_id::<domain::id::RequestId>(state.app.now()).to_string(),
        errors,
        values,
        query,
        work,
    };
    reply::page(status, &page)
}

/// Under the task when only that one is evaluated.
fn page_layout(
    staff: &SignedInStaff,
    query: &GradeAnswerQuery,
    work: &GradingItem,
    title: String,
) -> StaffLayout {
    match query.task_filter() {
        None => StaffLayout::new(staff, StaffArea::Evaluate, title).with_crumb("Grade", ADDRESS),
        Some(task) => StaffLayout::new(staff, StaffArea::Tasks, title)
            .with_crumb("Tasks", "/staff/tasks")
            .with_crumb(work.task_title.clone(), format!("/staff/tasks/{task}"))
            .with_crumb("Grade", format!("{ADDRESS}?task={task}")),
    }
}

/// What an evaluation gave, from how it is kept.
fn earlier_grade(stored: &str) -> String {
    let Ok(grade) = serde_json::from_str::<serde_json::Value>(stored) else {
        return stored.to_owned();
    };
    match (&grade["percentage"], &grade["points"]) {
        (serde_json::Value::Null, points) => format!("{points} points"),
        (percentage, _) => format!("{percentage} %"),
    }
}

/// What the last evaluation changed. The address holds figures only: a sentence there could be
/// anybody's.
fn said(query: &GradeAnswerQuery) -> Option<String> {
    let figures: Vec<Decimal> = query.said.split('_').map(Decimal::parse).collect::<Option<_>>()?;
    let [before, after, maximum, percent, percent_after] = figures.as_slice() else { return None };
    Some(format!(
        "Saved. The result went from {before} to {after} of {maximum} points ({percent} % to {percent_after} %)."
    ))
}

fn changed(effect: &GradeChange) -> String {
    let GradeChange { before, after } = effect;
    [&before.points, &after.points, &after.maximum, &before.percent, &after.percent]
        .map(String::as_str)
        .join("_")
}
