//! `GET /staff/tasks/{task}/group`: how the results of a step are spread, sections compared, and
//! what each question did.
//!
//! Everything is drawn here; a picture that is still being made is asked for again by the page's
//! script.

use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffArea, StaffLayout};
use crate::staff::tasks::{TaskTab, TaskTabs};
use crate::state::PagesState;
use app::Failure;
use app::export::escape_formula_strictly as guarded;
use app::failure::MissingRight;
use app::statistics::{
    Discrimination, Distribution, DistributionSummary, GroupOverview, GroupReport, ItemAnalysis,
    MOST_UNSETTLED, NoReliability, QuestionAnalysis, ReportProgress, SectionAnalysis, WHOLE,
};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::{StepId, TaskId};
use domain::role::{Permission, Right};
use serde::Deserialize;
use std::time::Duration;

/// How long a page waits for figures before it is shown without them.
const REPORT_WAIT: Duration = Duration::from_millis(1500);
/// How long a file waits for them.
const FULL_REPORT_WAIT: Duration = Duration::from_secs(45);
/// Shares of the group whose bounds are told, in percent.
const PERCENTILES: [u8; 9] = [5, 10, 20, 25, 50, 75, 80, 90, 95];
/// With fewer results, figures of questions are hints only.
const ENOUGH: u64 = 30;
/// Letters of a question's text that are shown.
const SHORT: usize = 140;
/// Height of the highest bar of the histogram.
const TALL: f64 = 100.0;

/// The step whose figures are shown.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct GroupQuery {
    step: String,
}

#[derive(Template)]
#[template(path = "staff/group.html")]
struct GroupPage {
    frame: StaffLayout,
    tabs: TaskTabs,
    base: String,
    step: String,
    steps: Vec<(String, String)>,
    figures: GroupFiguresFragment,
}

/// What a picture shows; also what the script asks for again.
#[derive(Template)]
#[template(path = "staff/group_figures.html")]
struct GroupFiguresFragment {
    may_evaluate: bool,
    /// Where questions are corrected, for whoever may.
    questions: Option<String>,
    file: String,
    drawn: Option<DrawnFigures>,
    progress: Option<ReportProgress>,
    is_current: bool,
    is_withheld: bool,
}

struct DrawnFigures {
    at: HtmlTime,
    count: u64,
    open: String,
    waiting: String,
    spread: Option<ResultHistogram>,
    inside: Option<InsideFigures>,
}

/// Distribution.
struct ResultHistogram {
    facts: Vec<(&'static str, String)>,
    bars: Vec<HistogramBar>,
    /// In the unit of the bars' places.
    width: usize,
    axis: Vec<String>,
    percentiles: Vec<(u8, String)>,
}

struct HistogramBar {
    x: f64,
    y: f64,
    height: f64,
    range: String,
    count: u64,
    share: String,
}

struct InsideFigures {
    /// The number looked into, when that is not all.
    sample: Option<u64>,
    is_small: bool,
    passed: Option<String>,
    alpha: Result<(String, Option<String>, usize), &'static str>,
    sections: Vec<SectionComparison>,
    questions: Vec<QuestionStatsRow>,
}

struct SectionComparison {
    title: String,
    count: u64,
    mean: String,
    median: String,
    quartiles: String,
    box_plot: Option<BoxPlot>,
}

/// Places of 0 to 100.
struct BoxPlot {
    minimum: f64,
    lower: f64,
    median: f64,
    upper: f64,
    maximum: f64,
    mean: f64,
}

struct QuestionStatsRow {
    key: String,
    number: u32,
    text: String,
    section: String,
    counts: bool,
    success: Option<(String, f64)>,
    discrimination: Option<(String, &'static str, &'static str)>,
    unanswered: String,
    answered: u64,
    choices: Vec<ChoiceStatsRow>,
}

struct ChoiceStatsRow {
    text: String,
    is_right: bool,
    share: String,
    filled: f64,
    mean_total: String,
}

/// The page.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<String>,
    Query(query): Query<GroupQuery>,
) -> Result<Response, PageError> {
    let task = TaskId::from(task);
    let group = group(&state, &staff, &task, &query, REPORT_WAIT).await?;
    let base = format!("/staff/tasks/{task}/group");
    let page = GroupPage {
        frame: StaffLayout::new(&staff, StaffArea::Tasks, format!("Group of {}", group.task_title))
            .with_crumb("Tasks", "/staff/tasks")
            .with_script("staff/group.js"),
        tabs: TaskTabs::new(&staff, &task, TaskTab::Group),
        step: group.step.to_string(),
        steps: group.steps.iter().map(|(id, title)| (id.to_string(), title.clone())).collect(),
        figures: GroupFiguresFragment::of(&staff, &base, &group),
        base,
    };
    reply::page(StatusCode::OK, &page)
}

/// `GET /staff/tasks/{task}/group/get/figures`: the figures alone.
pub async fn figures(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<String>,
    Query(query): Query<GroupQuery>,
) -> Result<Response, PageError> {
    let task = TaskId::from(task);
    let group = group(&state, &staff, &task, &query, REPORT_WAIT).await?;
    reply::page(
        StatusCode::OK,
        &GroupFiguresFragment::of(&staff, &format!("/staff/tasks/{task}/group"), &group),
    )
}

/// `GET /staff/tasks/{task}/group/get/questions`: the table of questions as CSV.
pub async fn questions(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<String>,
    Query(query): Query<GroupQuery>,
) -> Result<Response, PageError> {
    let task = TaskId::from(task);
    let group = group(&state, &staff, &task, &query, FULL_REPORT_WAIT).await?;
    if group.is_withheld {
        return Err(Failure::from(MissingRight::Permission(Right::ReadResults)).into());
    }
    let inside =
        group.picture.as_ref().and_then(|picture| picture.inside.as_ref()).ok_or(Failure::Busy)?;
    let bytes = questions_csv(&inside.questions).map_err(Failure::internal)?;
    let name = format!("attachment; filename=\"questions-{}.csv\"", group.step);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(name).map_err(Failure::internal)?),
    ];
    Ok((headers, bytes).into_response())
}

async fn group(
    state: &PagesState,
    staff: &SignedInStaff,
    task: &TaskId,
    query: &GroupQuery,
    patience: Duration,
) -> Result<GroupOverview, PageError> {
    let step = Some(query.step.trim()).filter(|step| !step.is_empty()).map(StepId::from);
    Ok(state.app.statistics().group_overview(staff.caller(), task, step.as_ref(), patience).await?)
}

impl GroupFiguresFragment {
    fn of(staff: &SignedInStaff, base: &str, group: &GroupOverview) -> Self {
        Self {
            may_evaluate: staff.may(Permission::Evaluate),
            questions: staff.may(Permission::Correct).then(|| {
                let task = base.strip_suffix("/group").unwrap_or(base);
                format!("{task}/steps/{}/questions", group.step)
            }),
            file: format!("{base}/get/questions?step={}", group.step),
            drawn: group.picture.as_deref().map(DrawnFigures::of),
            progress: group.progress,
            is_current: group.is_current,
            is_withheld: group.is_withheld,
        }
    }
}

impl DrawnFigures {
    fn of(picture: &GroupReport) -> Self {
        let few = |count: i64| match count {
            0 => String::new(),
            many if many > MOST_UNSETTLED => format!("more than {MOST_UNSETTLED}"),
            count => count.to_string(),
        };
        Self {
            at: picture.at.into(),
            count: picture.ratios.count(),
            open: few(picture.open),
            waiting: few(picture.waiting),
            spread: picture.summary().map(|summary| ResultHistogram::of(picture, &summary)),
            inside: picture
                .inside
                .as_ref()
                .filter(|inside| inside.results > 0)
                .map(|it| InsideFigures::of(it, picture)),
        }
    }
}

impl ResultHistogram {
    fn of(picture: &GroupReport, summary: &DistributionSummary) -> Self {
        let bins = picture.histogram();
        let most = bins.iter().map(|bin| bin.count).max().unwrap_or(1).max(1);
        let bars = bins.iter().enumerate().map(|(index, bin)| {
            let height = tenth(number(bin.count) / number(most) * TALL);
            HistogramBar {
                x: number(index as u64) * 10.0 + 0.5,
                y: TALL - height,
                height,
                range: format!("{} to {}", whole(bin.from), whole(bin.to)),
                count: bin.count,
                share: share(number(bin.count) / number(summary.count)),
            }
        });
        let width = bins.get(1).map_or(WHOLE, |bin| bin.to - bin.from);
        let low = bins.first().map_or(0, |bin| bin.to - width);
        let axis = (0..=4).map(|quarter| whole(low + (WHOLE - low) * quarter / 4));
        let percentile = |percent: u8| {
            let bound = picture.ratios.quantile(f64::from(percent) / 100.0)?;
            Some((percent, ratio(bound)))
        };
        Self {
            facts: facts(summary),
            width: bins.len() * 10,
            bars: bars.collect(),
            axis: axis.collect(),
            percentiles: PERCENTILES.into_iter().filter_map(percentile).collect(),
        }
    }
}

fn facts(summary: &DistributionSummary) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Results", summary.count.to_string()), ("Mean", ratio(summary.mean))];
    if let Some(deviation) = summary.standard_deviation {
        facts.push(("Standard deviation", ratio(deviation)));
    }
    facts.extend([
        ("Median", ratio(summary.median)),
        (
            "Interquartile range",
            format!("{} to {}", ratio(summary.lower_quartile), ratio(summary.upper_quartile)),
        ),
        ("Lowest and highest", format!("{} to {}", whole(summary.minimum), whole(summary.maximum))),
    ]);
    facts
}

impl InsideFigures {
    fn of(inside: &ItemAnalysis, picture: &GroupReport) -> Self {
        let lowest =
            inside.sections.iter().filter_map(|it| it.ratios.summary()).map(|it| it.minimum).min();
        let low = lowest.unwrap_or(0).clamp(-WHOLE, 0);
        let mut questions: Vec<_> = inside.questions.iter().collect();
        // Hard ones first; those that do not count come last.
        let ease = |it: &QuestionAnalysis| it.figures.difficulty.unwrap_or(f64::INFINITY);
        questions.sort_by(|one, other| ease(one).total_cmp(&ease(other)));
        Self {
            sample: inside.is_sample(picture).then_some(inside.results),
            is_small: inside.results < ENOUGH,
            passed: inside.passed.map(|(passed, of)| {
                format!("{passed} of {of} ({})", share(number(passed) / number(of)))
            }),
            alpha: alpha(inside),
            sections: inside
                .sections
                .iter()
                .enumerate()
                .map(|(at, it)| SectionComparison::of(at + 1, it, low))
                .collect(),
            questions: questions.into_iter().map(QuestionStatsRow::of).collect(),
        }
    }
}

/// Alpha, the standard error in points and the number of questions; or the reason why there is
/// none.
fn alpha(inside: &ItemAnalysis) -> Result<(String, Option<String>, usize), &'static str> {
    let reliability = inside.reliability.map_err(|reason| match reason {
        NoReliability::FewResults => "There are too few results.",
        NoReliability::FewQuestions => "Fewer than two questions count.",
        NoReliability::DifferentQuestions => {
            "Not all results hold the same counting questions, as when questions are drawn from pools."
        }
        NoReliability::NoSpread => "All results are the same.",
    })?;
    let error = reliability.standard_error.map(|points| {
        match inside.maximum.filter(|maximum| *maximum > 0.0) {
            Some(maximum) => {
                format!("{points:.2} points ({} of the whole)", share(points / maximum))
            }
            None => format!("{points:.2} points"),
        }
    });
    Ok((format!("{:.2}", reliability.alpha), error, reliability.questions))
}

impl SectionComparison {
    fn of(number: usize, section: &SectionAnalysis, low: i64) -> Self {
        let title = if section.title.is_empty() {
            format!("Section {number}")
        } else {
            section.title.clone()
        };
        let Some(summary) = section.ratios.summary() else {
            let nothing = String::new();
            return Self {
                title,
                count: 0,
                mean: nothing.clone(),
                median: nothing.clone(),
                quartiles: nothing,
                box_plot: None,
            };
        };
        Self {
            title,
            count: summary.count,
            mean: ratio(summary.mean),
            median: ratio(summary.median),
            quartiles: format!(
                "{} to {}",
                ratio(summary.lower_quartile),
                ratio(summary.upper_quartile)
            ),
            box_plot: Some(BoxPlot::of(&summary, &section.ratios, low)),
        }
    }
}

impl BoxPlot {
    fn line(&self) -> f64 {
        tenth(self.maximum - self.minimum)
    }

    fn middle(&self) -> f64 {
        tenth(self.upper - self.lower)
    }

    fn of(summary: &DistributionSummary, ratios: &Distribution, low: i64) -> Self {
        let low = millionths(low);
        let place = |value: f64| {
            tenth(((value - low) / (millionths(WHOLE) - low) * 100.0).clamp(0.0, 100.0))
        };
        let end = |p| ratios.quantile(p).map_or(0.0, place);
        Self {
            minimum: end(0.0),
            lower: place(summary.lower_quartile),
            median: place(summary.median),
            upper: place(summary.upper_quartile),
            maximum: end(1.0),
            mean: place(summary.mean),
        }
    }
}

impl QuestionStatsRow {
    fn of(question: &QuestionAnalysis) -> Self {
        let figures = &question.figures;
        let choice = |choice: &app::statistics::ChoiceAnalysis| ChoiceStatsRow {
            text: short(&markup::to_inline_text(&choice.text), &choice.key),
            is_right: choice.is_right,
            share: share(choice.taken.share),
            filled: tenth(choice.taken.share * 100.0),
            mean_total: choice.taken.mean_total.map(share).unwrap_or_default(),
        };
        Self {
            key: question.key.clone(),
            number: question.number,
            text: short(&markup::to_plain_text(&question.text), &question.key),
            section: question.section.clone(),
            counts: question.counts,
            success: figures
                .difficulty
                .map(|ease| (share(ease), tenth(ease.clamp(0.0, 1.0) * 100.0))),
            discrimination: figures.discrimination.map(|correlation| {
                let (word, class) = flag(correlation);
                (fixed(correlation, 2), word, class)
            }),
            unanswered: share(figures.unanswered),
            answered: figures.answered,
            choices: question.choices.iter().map(choice).collect(),
        }
    }
}

/// The word for a discrimination and the class of its badge.
fn flag(correlation: f64) -> (&'static str, &'static str) {
    match Discrimination::of(correlation) {
        Discrimination::Negative => ("negative", "bad"),
        Discrimination::Low => ("low", "warn"),
        Discrimination::Fair => ("fair", ""),
        Discrimination::Good => ("good", "done"),
    }
}

/// One row a question in the order of the test; choices stand behind it, five columns each.
fn questions_csv(questions: &[QuestionAnalysis]) -> Result<Vec<u8>, csv::Error> {
    let most = questions.iter().map(|question| question.choices.len()).max().unwrap_or(0);
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let fixed_columns = [
        "number",
        "key",
        "section",
        "kind",
        "text",
        "counts",
        "results",
        "unanswered",
        "difficulty",
        "discrimination",
        "flag",
    ];
    let mut header: Vec<String> = fixed_columns.map(str::to_owned).to_vec();
    for number in 1..=most {
        header.extend(
            ["", " text", " right", " share", " mean result"]
                .map(|name| format!("choice {number}{name}")),
        );
    }
    writer.write_record(&header)?;
    for question in questions {
        let figures = &question.figures;
        let figure = |value: Option<f64>| value.map(|value| fixed(value, 6)).unwrap_or_default();
        let mut row = vec![
            question.number.to_string(),
            guarded(&question.key).into_owned(),
            guarded(&question.section).into_owned(),
            question.kind.to_owned(),
            guarded(&markup::to_plain_text(&question.text)).into_owned(),
            question.counts.to_string(),
            figures.answered.to_string(),
            figure(Some(figures.unanswered)),
            figure(figures.difficulty),
            figure(figures.discrimination),
            figures
                .discrimination
                .map(|correlation| flag(correlation).0)
                .unwrap_or_default()
                .to_owned(),
        ];
        for choice in &question.choices {
            row.extend([
                guarded(&choice.key).into_owned(),
                guarded(&markup::to_inline_text(&choice.text)).into_owned(),
                choice.is_right.to_string(),
                figure(Some(choice.taken.share)),
                figure(choice.taken.mean_total),
            ]);
        }
        row.resize(header.len(), String::new());
        writer.write_record(&row)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// A text without markup so short that it fits a cell.
fn short(plain: &str, key: &str) -> String {
    let plain = plain.trim();
    match plain.chars().count() {
        0 => key.to_owned(),
        few if few <= SHORT => plain.to_owned(),
        _ => plain.chars().take(SHORT - 1).chain(['…']).collect(),
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
const fn number(count: u64) -> f64 {
    count as f64
}

#[allow(clippy::cast_precision_loss, reason = "ratios stay far below 2^53 millionths")]
const fn millionths(value: i64) -> f64 {
    value as f64
}

fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// A number with so many decimals; what rounds to nothing has no sign.
fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let is_zero = text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
    if is_zero { text.trim_start_matches('-').to_owned() } else { text }
}

/// A share of 1 in percent.
fn share(value: f64) -> String {
    format!("{} %", fixed(value * 100.0, 1))
}

/// A ratio in millionths in percent.
fn ratio(value: f64) -> String {
    share(value / millionths(WHOLE))
}

/// The same of a value that some result has, without needless decimals.
fn whole(value: i64) -> String {
    let text = fixed(millionths(value) / millionths(WHOLE) * 100.0, 1);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::statistics::{ChoiceAnalysis, ChoiceFrequency, ItemStatistics};

    fn question(text: &str, discrimination: f64) -> QuestionAnalysis {
        let taken = ChoiceFrequency { count: 1, share: 0.5, mean_total: Some(0.25) };
        QuestionAnalysis {
            key: "q1".into(),
            text: text.into(),
            section: "=Numbers".into(),
            number: 3,
            kind: "multiplechoice",
            counts: true,
            figures: ItemStatistics {
                answered: 2,
                unanswered: 0.0,
                difficulty: Some(0.5),
                discrimination: Some(discrimination),
                choices: vec![taken],
            },
            choices: vec![ChoiceAnalysis {
                key: "a".into(),
                text: "@SUM(A1)".into(),
                is_right: true,
                taken,
            }],
        }
    }

    #[test]
    fn the_table_of_questions_holds_no_formula() {
        let bytes = questions_csv(&[question("*How* many?", -0.125)]).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(
            text.lines().nth(1).unwrap(),
            "3,q1,'=Numbers,multiplechoice,How many?,true,2,0.000000,0.500000,-0.125000,negative,a,'@SUM(A1),true,0.500000,0.250000"
        );
    }

    #[test]
    fn figures_are_written_with_one_decimal_and_nothing_has_no_sign() {
        assert_eq!(
            [share(0.6249), share(-0.0001), ratio(482_353.0)],
            ["62.5 %", "0.0 %", "48.2 %"]
        );
        assert_eq!([whole(50_000), whole(-125_000), whole(1_000_000)], ["5 %", "-12.5 %", "100 %"]);
    }

    #[test]
    fn a_long_text_is_cut_and_a_picture_is_told_by_its_key() {
        assert_eq!(short(&"x".repeat(SHORT + 1), "q").chars().count(), SHORT);
        assert_eq!(short(" ", "q9"), "q9");
    }
}
