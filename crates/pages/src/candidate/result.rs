//! The result of a completed instance: outcome, figures of the parts, and the answers with what
//! became of them, as far as the step shares them.

use super::figures::{figure, filled, percent, points};
use super::layout::CandidateLayout;
use super::reviewed_answer::{ReviewedAnswer, ReviewedBody};
use super::withheld::WithheldNotice;
use crate::html_time::HtmlTime;
use crate::lang::Language;
use crate::page_error::PageError;
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use crate::{address, reply};
use app::delivery::result::{
    CandidateResult, DetailedFigures, NamedEffect, NamedScore, SharedFigures, SharedResult,
};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::access::sharing::WithheldBecause;
use domain::decimal::Decimal;
use domain::document::model::PassMark;
use domain::id::{InstanceId, TaskId};
use markup::Renderer;

#[derive(Template)]
#[template(path = "candidate/result.html")]
struct ResultPage {
    frame: CandidateLayout,
    title: String,
    /// The language of the test's own texts.
    lang: String,
    at: Option<HtmlTime>,
    withheld: Option<WithheldNotice>,
    is_provisional: bool,
    figures: Option<ShownFigures>,
    sections: Vec<ShownScore>,
    dimensions: Vec<ShownScore>,
    effects: Vec<ShownEffect>,
    answers: Vec<ReviewedAnswer>,
    /// A sentence about questions that are not shown.
    unseen: Option<String>,
    receipt: Option<String>,
    back: String,
}

/// The figures of the whole.
struct ShownFigures {
    headline: &'static str,
    /// `passed`, `failed` or `plain`, for its look.
    look: &'static str,
    percent: String,
    points: String,
    filled: f64,
    /// Where the bar has its mark, and what it says.
    mark: Option<(f64, String)>,
    level: Option<String>,
}

/// A part with its bar.
struct ShownScore {
    name: String,
    is_sub: bool,
    percent: String,
    points: String,
    filled: f64,
}

/// An effect with its bar, which begins where nothing is.
struct ShownEffect {
    name: String,
    is_sub: bool,
    score: String,
    /// Where the bar begins and how long it is, of a hundred.
    from: f64,
    length: f64,
    /// Where nothing is.
    zero: f64,
}

/// `GET /t/{task}/sit/{instance}/result`. While the test is open it leads back there.
pub async fn show(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path((task, instance)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let (visitor, task, instance) =
        (guest.candidate_session()?, TaskId::from(task), InstanceId::from(instance));
    let result = state.app.delivery().candidate_result(&visitor, &instance).await?;
    let is_open = result.completed_at.is_none();
    if is_open && withheld_because(&result) == Some(WithheldBecause::InstanceOpen) {
        return Ok(reply::redirect(&address::sit(&task, &instance)));
    }
    let me = state.app.delivery().candidate_profile(&visitor).await?;
    let words = guest.texts_for(&me.lang);
    let here = address::result(&task, &instance);
    let frame = CandidateLayout::for_candidate(words, here, &me);
    let receipt = (!is_open).then(|| address::receipt(&task, &instance));
    let back = address::steps(&task);
    let bytes = text_bytes(&result);
    let page = state.rendering.render(bytes, |renderer| ResultPage {
        receipt,
        back,
        ..ResultPage::of(words, frame, &result, renderer)
    });
    reply::page(StatusCode::OK, &page.await)
}

fn withheld_because(result: &CandidateResult) -> Option<WithheldBecause> {
    result.content.as_ref().err().map(|withheld| withheld.because)
}

/// Bytes of the texts of authors that are shown, for the place at which the page is made.
fn text_bytes(result: &CandidateResult) -> usize {
    let Some(review) = result.content.as_ref().ok().and_then(|shown| shown.review.as_ref()) else {
        return 0;
    };
    let text = |slot: u32| {
        let question = result.content.as_ref().ok().and_then(|shown| {
            shown.compiled.slots.get((slot as usize).wrapping_sub(1)).map(|slot| &slot.question)
        });
        question.map_or(0, |question| question.text.len() + question.feedback.len())
    };
    review.questions.iter().map(|reviewed| text(reviewed.slot)).sum()
}

impl ResultPage {
    fn of(
        words: &'static Language,
        frame: CandidateLayout,
        result: &CandidateResult,
        renderer: &Renderer,
    ) -> Self {
        let shown = result.content.as_ref().ok();
        let lang = shown.map(|shown| super::tag(shown.compiled.test.lang)).unwrap_or_default();
        let review = shown.and_then(|shown| shown.review.as_ref());
        let figures = shown.and_then(|shown| shown.figures.as_ref());
        let detail = figures.and_then(|figures| figures.detail.as_ref());
        let list = |of: fn(&DetailedFigures) -> &Vec<NamedScore>| {
            detail.map(|detail| scores(words, of(detail))).unwrap_or_default()
        };
        let unseen = review.map(|review| review.unseen).filter(|count| *count > 0);
        Self {
            frame,
            title: result.title.clone(),
            lang,
            at: result.completed_at.map(HtmlTime::from),
            withheld: result
                .content
                .as_ref()
                .err()
                .map(|withheld| WithheldNotice::of(words, *withheld)),
            is_provisional: shown.is_some_and(|shown| shown.waiting > 0),
            figures: figures.map(|figures| ShownFigures::of(words, figures)),
            sections: list(|detail| &detail.sections),
            dimensions: list(|detail| &detail.dimensions),
            effects: detail.map(|detail| effects(&detail.effects)).unwrap_or_default(),
            answers: shown.map(|shown| answers(words, shown, renderer)).unwrap_or_default(),
            unseen: unseen.map(|count| words.result_unseen(count)),
            receipt: None,
            back: String::new(),
        }
    }
}

fn answers(
    words: &'static Language,
    shown: &SharedResult,
    renderer: &Renderer,
) -> Vec<ReviewedAnswer> {
    let Some(review) = &shown.review else { return Vec::new() };
    ReviewedAnswer::all(words, &shown.compiled, &review.questions, renderer)
}

impl ShownFigures {
    fn of(words: &'static Language, figures: &SharedFigures) -> Self {
        let (headline, look) = match figures.passed {
            Some(true) => (words.result_passed, "passed"),
            Some(false) => (words.result_not_passed, "failed"),
            None => (words.result_title, "plain"),
        };
        let total = figures.total;
        Self {
            headline,
            look,
            percent: percent(words, total.ratio),
            points: points(words, total.points, total.maximum),
            filled: filled(total.ratio),
            mark: figures.pass_mark.map(|mark| pass_mark(words, mark, total.maximum)),
            level: figures.level.clone(),
        }
    }
}

fn pass_mark(words: &Language, mark: PassMark, maximum: Decimal) -> (f64, String) {
    let (place, said) = match mark {
        PassMark::Ratio(ratio) => (filled(ratio), percent(words, ratio)),
        PassMark::Points(least) => {
            (filled(least.divide_round6(maximum)), words.number(figure(least)))
        }
    };
    (place, words.result_pass_mark(said))
}

fn scores(words: &Language, list: &[NamedScore]) -> Vec<ShownScore> {
    let shown = |named: &NamedScore, is_sub: bool| ShownScore {
        name: named.name.clone(),
        is_sub,
        percent: percent(words, named.score.ratio),
        points: points(words, named.score.points, named.score.maximum),
        filled: filled(named.score.ratio),
    };
    let with_subs = |named: &NamedScore| {
        let subs: Vec<_> = named.subs.iter().map(|sub| shown(sub, true)).collect();
        std::iter::once(shown(named, false)).chain(subs)
    };
    list.iter().flat_map(with_subs).collect()
}

/// The scores on one scale, from the lowest to the highest that there is, nothing being on it.
fn effects(list: &[NamedEffect]) -> Vec<ShownEffect> {
    let number = |score: Decimal| score.millionths().map_or(0.0, |millionths| millionths as f64);
    let flat: Vec<(&NamedEffect, bool)> = list
        .iter()
        .flat_map(|named| {
            std::iter::once((named, false)).chain(named.subs.iter().map(|sub| (sub, true)))
        })
        .collect();
    let numbers = || flat.iter().map(|(named, _)| number(named.score));
    let (low, high) = (numbers().fold(0.0, f64::min), numbers().fold(0.0, f64::max));
    let span = if high > low { high - low } else { 1.0 };
    let place = |score: f64| (score - low) / span * 100.0;
    let shown = |(named, is_sub): &(&NamedEffect, bool)| {
        let (at, zero) = (place(number(named.score)), place(0.0));
        ShownEffect {
            name: named.name.clone(),
            is_sub: *is_sub,
            score: figure(named.score),
            from: at.min(zero),
            length: (at - zero).abs(),
            zero,
        }
    };
    flat.iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(name: &str, score: &str) -> NamedEffect {
        let score = Decimal::parse(score).unwrap();
        NamedEffect { name: name.to_owned(), score, subs: Vec::new() }
    }

    #[test]
    fn a_profile_begins_at_nothing_and_ends_at_the_furthest_score() {
        let shown = effects(&[effect("Calm", "-5"), effect("Open", "15"), effect("Bold", "0")]);
        let bars: Vec<_> = shown.iter().map(|bar| (bar.from, bar.length, bar.zero)).collect();
        assert_eq!(bars, [(0.0, 25.0, 25.0), (25.0, 75.0, 25.0), (25.0, 0.0, 25.0)]);
        assert_eq!(shown[1].score, "15");
    }

    #[test]
    fn a_profile_of_nothing_has_no_bars_of_any_length() {
        let shown = effects(&[effect("Calm", "0")]);
        assert_eq!((shown[0].from, shown[0].length), (0.0, 0.0));
    }
}
