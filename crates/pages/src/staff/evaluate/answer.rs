//! One answer on the desk. What is typed survives every refusal, also when somebody else was quicker.

use super::rubric;
use super::shown::Shown;
use super::{ADDRESS, Area, Frame, Given, Staff, Tab, TaskTabs, Told};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::reply;
use crate::trouble::Trouble;
use app::Failure;
use app::evaluation::{ALREADY_EVALUATED, Effect, Evaluations, NewEvaluation, NewGiven, Seek, Spot, Work};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::decimal::Decimal;
use domain::id::{InstanceId, TaskId};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/evaluate/answer.html")]
struct Page {
    frame: Frame,
    /// While only one task is evaluated.
    tabs: Option<TaskTabs>,
    told: Told,
    given: Given,
    asked: Asked,
    work: Work,
    /// The rubric's lines as they were typed, with some that are free.
    lines: Vec<rubric::Fields>,
    /// What tells the rubric of one question from that of another.
    rubric: String,
    shown: Shown,
    question: String,
    above: String,
    task_address: String,
    completed: Option<Moment>,
    /// What it was given before, when, and with which comment.
    before: Option<(String, Moment, String)>,
    negative: String,
    previous: String,
    next: String,
    token: String,
}

#[derive(Template)]
#[template(path = "staff/evaluate/done.html")]
struct Done {
    frame: Frame,
    asked: Asked,
}

#[derive(Template)]
#[template(path = "staff/evaluate/effect.html")]
struct Piece {
    effect: Option<Effect>,
    fault: Option<String>,
}

/// Where the evaluator is, as the address says it.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
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

impl Asked {
    fn within(&self) -> Option<TaskId> {
        Some(self.task.as_str()).filter(|task| !task.is_empty()).map(TaskId::from)
    }

    fn seek(&self) -> Seek {
        match (spot(&self.at), spot(&self.after), spot(&self.before)) {
            (Some(at), ..) => Seek::At(at),
            (None, Some(after), _) => Seek::After(after),
            (None, None, Some(before)) => Seek::Before(before),
            _ => Seek::First,
        }
    }

    fn shows_names(&self) -> bool {
        self.names == "yes"
    }

    fn address(&self, place: &str, of: &str) -> String {
        format!("{ADDRESS}/answer?task={}&names={}&{place}={of}", self.task, self.names)
    }

    /// The same answer with the other choice of names.
    fn with_names(&self, names: &str, work: &Work) -> String {
        let at = written(work);
        format!("{ADDRESS}/answer?task={}&names={names}&at={at}", self.task)
    }
}

/// `instance.slot`, as addresses have it.
fn spot(text: &str) -> Option<Spot> {
    let (instance, slot) = text.rsplit_once('.')?;
    Some(Spot { instance: InstanceId::from(instance), slot: slot.parse().ok()? })
}

fn written(work: &Work) -> String {
    format!("{}.{}", work.instance, work.slot)
}

/// `GET /staff/evaluate/answer`.
pub async fn show(State(desk): State<Desk>, staff: Staff, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    match desk.app.work(staff.caller(), asked.within(), asked.seek()).await? {
        Some(work) => page(&desk, &staff, asked, work, Given::default(), Told::default()).await,
        None => {
            let frame = Frame::new(&staff, Area::Evaluate, "Nothing more waits here").under("Evaluate", ADDRESS);
            let frame = frame.said(said(&asked));
            reply::page(StatusCode::OK, &Done { frame, asked })
        }
    }
}

/// `POST /staff/evaluate/do/save`.
pub async fn save(
    State(desk): State<Desk>,
    staff: Staff,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let given = Given(pairs);
    let asked = Asked {
        task: given.text("task").to_owned(),
        names: given.text("names").to_owned(),
        at: given.text("at").to_owned(),
        ..Asked::default()
    };
    let spot = spot(&asked.at).ok_or(Failure::NotFound)?;
    let new = match entered(&given, spot.slot) {
        Ok(new) => new,
        Err(told) => return again(&desk, &staff, asked, given, told).await,
    };
    let list = Evaluations { client_token: given.text("token").to_owned(), list: vec![new], note: None };
    let (task, is_again) = (TaskId::from(given.text("of")), given.has("again"));
    match desk.app.evaluate_waiting(staff.caller(), &task, &spot.instance, list, is_again).await {
        Ok(effect) => Ok(reply::go(&format!("{}&said={}", asked.address("after", &asked.at), changed(&effect)))),
        Err(Failure::Unfit { code, .. }) => {
            let told = unfit(code);
            again(&desk, &staff, asked, given, told).await
        }
        Err(failure) => {
            let told = Told::of(failure)?;
            again(&desk, &staff, asked, given, told).await
        }
    }
}

/// `GET /staff/evaluate/get/effect`: what the value in the form would change, as a piece of the page.
pub async fn effect(
    State(desk): State<Desk>,
    staff: Staff,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let given = Given(pairs);
    let spot = spot(given.text("at")).ok_or(Failure::NotFound)?;
    let new = match entered(&given, spot.slot) {
        Ok(new) => new,
        Err(told) => return piece(None, told.all().first().map(|(_, sentence)| sentence.clone())),
    };
    match desk.app.foresee(staff.caller(), &TaskId::from(given.text("of")), &spot.instance, new).await {
        Ok(effect) => piece(Some(effect), None),
        Err(Failure::Unfit { code, .. }) => piece(None, unfit(code).all().first().map(|(_, told)| told.clone())),
        Err(failure) => Err(failure.into()),
    }
}

fn piece(effect: Option<Effect>, fault: Option<String>) -> Result<Response, Trouble> {
    reply::page(StatusCode::OK, &Piece { effect, fault })
}

/// The evaluation as it was typed.
fn entered(given: &Given, slot: u32) -> Result<NewEvaluation, Told> {
    let mut told = Told::default();
    let (rate, comment) = if given.is("unit", "rubric") {
        let lines = rubric::read(given, &mut told);
        let comment = rubric::comment(&lines, given.some("comment"));
        (Some(NewGiven::Rubric(lines.iter().map(|line| line.criterion).collect())), comment)
    } else {
        let value = rubric::number(given.text("value"));
        if value.is_none() {
            told.add("/value", "Must be a number.");
        }
        let is_percent = given.is("unit", "percent");
        let rate = |value| if is_percent { NewGiven::Percentage(value) } else { NewGiven::Points(value) };
        (value.map(rate), given.some("comment"))
    };
    let seq = given.text("seq").parse().ok();
    let (Some(rate), Some(seq), true) = (rate, seq, told.is_empty()) else { return Err(told) };
    Ok(NewEvaluation { slot, seq, given: rate, method: None, comment })
}

fn unfit(code: &str) -> Told {
    let mut told = Told::default();
    match code {
        ALREADY_EVALUATED => told.add(
            "/again",
            "Somebody else evaluated this answer meanwhile. What they gave is shown below; what you typed is still here. \
             Save again to put yours in its place, or go on.",
        ),
        "answer_changed" => told.add(
            "/changed",
            "The answer was changed meanwhile. It is shown below as it is now; what you typed is still here.",
        ),
        "nothing_to_evaluate" => told.add("/changed", "There is no answer here any more, or the question does not count."),
        _ => told.add("/value", "Must lie within what can be earned."),
    }
    told
}

/// The page again, with all that was typed beside the answer as it is now.
async fn again(desk: &Desk, staff: &Staff, asked: Asked, given: Given, told: Told) -> Result<Response, Trouble> {
    match desk.app.work(staff.caller(), asked.within(), asked.seek()).await? {
        Some(work) => page(desk, staff, asked, work, given, told).await,
        None => Err(Failure::NotFound.into()),
    }
}

async fn page(
    desk: &Desk,
    staff: &Staff,
    asked: Asked,
    work: Work,
    given: Given,
    told: Told,
) -> Result<Response, Trouble> {
    let status = if told.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let at = written(&work);
    let title = format!("Question {}", work.slot);
    // An answer may be long, whatever its question says.
    let (shown, question, above) = desk
        .rendering
        .render(usize::MAX, |renderer| {
            (Shown::of(&work, renderer), renderer.blocks(&work.question.text), renderer.blocks(&work.page_text))
        })
        .await;
    let page = Page {
        frame: framed(staff, &asked, &work, title).said(said(&asked)).with_script("staff/evaluate.js"),
        shown,
        question,
        above,
        task_address: format!("/staff/tasks/{}", work.task),
        completed: work.completed_at.map(Into::into),
        before: work
            .given
            .as_ref()
            .map(|known| (given_before(&known.given), known.at.into(), known.comment.clone().unwrap_or_default())),
        tabs: asked.within().map(|task| TaskTabs::new(staff, &task, Tab::Evaluate)),
        lines: rubric::fields(&given),
        rubric: work.question.uuid.to_string(),
        negative: if work.question.negative_points.is_zero() {
            "0".to_owned()
        } else {
            format!("−{}", work.question.negative_points.abs())
        },
        previous: asked.address("before", &at),
        next: asked.address("after", &at),
        // Sending the same form twice gives the first answer again.
        token: desk.app.mint::<domain::id::RequestId>(desk.app.now()).to_string(),
        told,
        given,
        asked,
        work,
    };
    reply::page(status, &page)
}

/// Under the task when only that one is evaluated.
fn framed(staff: &Staff, asked: &Asked, work: &Work, title: String) -> Frame {
    match asked.within() {
        None => Frame::new(staff, Area::Evaluate, title).under("Evaluate", ADDRESS),
        Some(task) => Frame::new(staff, Area::Tasks, title)
            .under("Tasks", "/staff/tasks")
            .under(work.task_title.clone(), format!("/staff/tasks/{task}"))
            .under("Evaluate", format!("{ADDRESS}?task={task}")),
    }
}

/// What an evaluation gave, from how it is kept.
fn given_before(kept: &str) -> String {
    let kept: serde_json::Value = serde_json::from_str(kept).unwrap_or_default();
    match (&kept["percentage"], &kept["points"]) {
        (serde_json::Value::Null, points) => format!("{points} points"),
        (percentage, _) => format!("{percentage} %"),
    }
}

/// What the last evaluation changed. The address holds figures only: a sentence there could be anybody's.
fn said(asked: &Asked) -> Option<String> {
    let figures: Vec<Decimal> = asked.said.split('_').map(Decimal::parse).collect::<Option<_>>()?;
    let [before, after, maximum, percent, percent_after] = figures.as_slice() else { return None };
    Some(format!(
        "Saved. The result went from {before} to {after} of {maximum} points ({percent} % to {percent_after} %)."
    ))
}

fn changed(effect: &Effect) -> String {
    let Effect { before, after } = effect;
    [&before.points, &after.points, &after.maximum, &before.percent, &after.percent].map(String::as_str).join("_")
}
