//! Sitting a test: one page of it, or what stands between two.
//!
//! The page is written whole at each look, and its script exchanges what changed; so a reload,
//! another device and a press on a button show the same. Answers are filled in and sent by the
//! script.

use super::layout::CandidateLayout;
use super::question::RenderedQuestion;
use super::recording_notice::RecordingNotice;
use crate::lang::Language;
use crate::media::{media_for_candidate, media_of_attempt};
use crate::page_error::PageError;
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use crate::{address, reply};
use app::Failure;
use app::caller::CandidateSession;
use app::delivery::answers::MOST_ANSWER_BYTES;
use app::delivery::page::EnterPage;
use app::delivery::show::{CandidateTestView, InstanceView};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::compile::model::CompiledTest;
use domain::compile::view;
use domain::delivery::navigation::PageStatus;
use domain::id::{InstanceId, TaskId};
use domain::media_reference::page_scope;
use domain::proctoring::recorded_kinds;
use domain::refusal::Refusal;
use markup::Renderer;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "candidate/sitting.html")]
struct AttemptPage {
    has_media: bool,
    frame: CandidateLayout,
    /// Where the script finds the delivery API's view of this instance.
    api: String,
    receipt: String,
    enter: String,
    words: String,
    /// JSON: what is recorded, and whether the test is taken in full screen.
    conduct: String,
    /// In practice mode: where an answer is checked.
    check_at: Option<String>,
    lang: String,
    title: String,
    sheet: AttemptView,
    map: Vec<MapSection>,
    slots: usize,
    /// Bytes a request to the delivery API may have.
    most_bytes: usize,
}

/// What is on the table.
enum AttemptView {
    /// Reinstated: the clocks stand until the candidate goes on.
    Standing,
    Between(BeforePageView),
    Page(Box<OpenPageView>),
}

/// Before a page that is to be entered.
struct BeforePageView {
    heading: String,
    intro: String,
    /// The page to enter; none when there is none left.
    next: Option<usize>,
    has_clock: bool,
    /// The page the candidate is still on.
    back: bool,
}

struct OpenPageView {
    /// From 1, of all pages.
    number: usize,
    of: usize,
    section: String,
    title: Option<String>,
    text: String,
    /// `page`, `section` or both: what takes no more answers once it is left.
    locks: String,
    questions: Vec<RenderedQuestion>,
    previous: Option<PageTarget>,
    next: Option<PageTarget>,
}

/// A page that may be entered.
#[derive(Clone, Copy)]
struct PageTarget {
    /// From 1.
    page: usize,
    /// Its section has words to read before.
    has_intro: bool,
}

struct MapSection {
    title: String,
    slots: Vec<MapSlot>,
}

/// A question on the map.
struct MapSlot {
    slot: usize,
    goal: PageTarget,
    is_here: bool,
    can_enter: bool,
    /// Known of pages that were entered.
    is_required: bool,
}

/// Where in the test the page is opened.
#[derive(Deserialize)]
pub struct AttemptQuery {
    /// The page before which to stand.
    to: Option<usize>,
}

/// `GET /t/{task}/sit/{instance}`. Once it is handed in it leads to the receipt.
pub async fn show(
    State(pages_state): State<PagesState>,
    guest: VisitorRequest,
    Path((task, instance)): Path<(String, String)>,
    Query(query): Query<AttemptQuery>,
) -> Result<Response, PageError> {
    let (visitor, task, instance) =
        (guest.candidate_session()?, TaskId::from(task), InstanceId::from(instance));
    let state = pages_state.app.delivery().instance_view(&visitor, &instance).await?;
    if !state.state.is_open() {
        return Ok(reply::redirect(&address::receipt(&task, &instance)));
    }
    let test = match pages_state.app.delivery().test_view(&visitor, &instance).await {
        Err(Failure::Refused(refused)) if refused.code == Refusal::InstanceComplete => {
            return Ok(reply::redirect(&address::receipt(&task, &instance)));
        }
        other => other?,
    };
    let conduct = pages_state.app.delivery().instance_conduct(&visitor, &instance).await?;
    let me = pages_state.app.delivery().candidate_profile(&visitor).await?;
    let words = guest.texts_for(&me.lang);
    let media = match shown_page(&test, &state, query.to) {
        Ok(page) => {
            let page = (&*test.compiled, page);
            media_of_attempt(&pages_state, words, &visitor, &instance, page).await?
        }
        Err(intro) => media_for_candidate(&pages_state, words, &visitor, intro).await?,
    };
    let shown = pages_state.rendering.render_with(media, weight(&test, &state), |renderer| {
        sheet(words, &test, &state, query.to, renderer)
    });
    let mut shown = shown.await;
    let check_at = conduct.conduct.practice_mode.then(|| address::check(&task, &instance));
    if let (Some(_), AttemptView::Page(page)) = (&check_at, &mut shown) {
        page.questions.iter_mut().for_each(RenderedQuestion::allow_check);
    }
    let organization = &me.welcome.organization.name;
    let notice = conduct.retention.as_ref().and_then(|retention| {
        RecordingNotice::of(words, organization, &conduct.conduct, retention)
    });
    let notice = notice.map(RecordingNotice::consent_sentences).unwrap_or_default();
    let page = AttemptPage {
        has_media: has_media(&test.compiled),
        frame: CandidateLayout::for_candidate(words, address::sit(&task, &instance), &me),
        api: address::instance_api(&task, &instance),
        receipt: address::receipt(&task, &instance),
        enter: address::task(&task),
        words: words.script.to_owned(),
        conduct: serde_json::json!({
            "records": recorded_kinds(&conduct.conduct),
            "fullscreen": conduct.conduct.fullscreen.is_some(),
            "recorded": conduct.recorded,
            "notice": notice,
        })
        .to_string(),
        lang: super::tag(test.compiled.test.lang),
        title: test.compiled.test.title.clone(),
        map: map(&test, &state),
        slots: test.compiled.slots.len(),
        most_bytes: MOST_ANSWER_BYTES,
        check_at,
        sheet: shown,
    };
    reply::page(StatusCode::OK, &page)
}

/// Enters the first page of a test that was just started, unless its section has an introduction:
/// the time of a page that only says "Continue" would be the candidate's. Whatever keeps it from
/// being entered, the page that is shown then offers it.
pub(super) async fn enter_first_page(
    state: &PagesState,
    visitor: &CandidateSession,
    instance: &InstanceId,
) {
    let delivery = state.app.delivery();
    let (view, test) = (
        delivery.instance_view(visitor, instance).await,
        delivery.test_view(visitor, instance).await,
    );
    let (Ok(view), Ok(test)) = (view, test) else { return };
    let is_fresh = view.current.is_none() && !view.is_standing;
    if is_fresh
        && first_open(&view, 0) == Some(0)
        && !page_target(&test.compiled, &view, 0).has_intro
    {
        let first = EnterPage { page: 1, confirm: false, writes: Vec::new() };
        let _entered = delivery.enter_page(visitor, instance, first).await;
    }
}

/// Whether any page or introduction of a test has media. The pages of a test are exchanged without
/// loading styles anew.
fn has_media(compiled: &CompiledTest) -> bool {
    let is_named = |text: &str| text.contains("asset:");
    let in_pages =
        (0..compiled.pages.len()).filter_map(|index| view::page(compiled, index)).any(|page| {
            let mut is_found = is_named(page.text);
            page.questions
                .iter()
                .for_each(|question| question.each_text(&mut |text| is_found |= is_named(text)));
            is_found
        });
    in_pages || (0..compiled.sections.len()).any(|index| is_named(&compiled.section(index).intro))
}

/// The index of the page that is shown, or the words that are shown before another.
fn shown_page<'test>(
    test: &'test CandidateTestView,
    state: &InstanceView,
    to: Option<usize>,
) -> Result<usize, &'test str> {
    let shown = state.current.filter(|page| test.pages.contains(page));
    let target = wanted_page(state, to);
    match (state.is_standing, shown, target) {
        (false, Some(current), None) => Ok(current),
        (false, _, target) => {
            let after = state.current.map_or(0, |current| current + 1);
            let next = target.or_else(|| first_open(state, after)).or_else(|| first_open(state, 0));
            let page = next.and_then(|page| test.compiled.pages.get(page));
            Err(page.map_or("", |page| &test.compiled.section(page.section).intro))
        }
        (true, ..) => Err(""),
    }
}

/// The page that is asked for, by its index from 0, where it may be entered.
fn wanted_page(state: &InstanceView, to: Option<usize>) -> Option<usize> {
    let page = to.and_then(|page| page.checked_sub(1));
    page.filter(|page| state.pages.get(*page).is_some_and(|page| page.can_enter))
}

/// Bytes of the texts of the page that may be shown.
fn weight(test: &CandidateTestView, state: &InstanceView) -> usize {
    let page = state.current.and_then(|page| view::page(&test.compiled, page));
    page.map_or(0, |page| {
        page.text.len() + page.questions.iter().map(view::QuestionView::text_bytes).sum::<usize>()
    })
}

fn sheet(
    words: &'static Language,
    test: &CandidateTestView,
    state: &InstanceView,
    to: Option<usize>,
    renderer: &Renderer,
) -> AttemptView {
    if state.is_standing {
        return AttemptView::Standing;
    }
    let shown = state.current.filter(|page| test.pages.contains(page));
    let target = wanted_page(state, to);
    match (shown, target) {
        (Some(current), None) => {
            AttemptView::Page(Box::new(open_page_view(words, test, state, current, renderer)))
        }
        (_, target) => {
            let after = state.current.map_or(0, |current| current + 1);
            let next = target.or_else(|| first_open(state, after)).or_else(|| first_open(state, 0));
            AttemptView::Between(before_page(
                words,
                &test.compiled,
                state,
                next,
                shown.is_some(),
                renderer,
            ))
        }
    }
}

fn first_open(state: &InstanceView, from: usize) -> Option<usize> {
    state.pages.iter().find(|page| page.page >= from && page.can_enter).map(|page| page.page)
}

fn before_page(
    words: &'static Language,
    compiled: &CompiledTest,
    state: &InstanceView,
    next: Option<usize>,
    back: bool,
    renderer: &Renderer,
) -> BeforePageView {
    let Some(page) = next else {
        let heading = words.between_begin.to_owned();
        return BeforePageView {
            heading,
            intro: String::new(),
            next: None,
            has_clock: false,
            back,
        };
    };
    let index = compiled.pages[page].section;
    let is_new = is_new(state, index);
    let section = compiled.section(index);
    BeforePageView {
        heading: section.title.clone(),
        intro: if is_new { renderer.blocks(&section.intro) } else { String::new() },
        next: Some(page + 1),
        has_clock: compiled.pages[page].time_limit > 0
            || (is_new && compiled.sections[index].time_limit > 0),
        back,
    }
}

/// Whether nobody has been in a section yet.
fn is_new(state: &InstanceView, section: usize) -> bool {
    !state.pages.iter().any(|page| page.section == section && page.visited)
}

fn open_page_view(
    words: &'static Language,
    test: &CandidateTestView,
    state: &InstanceView,
    current: usize,
    renderer: &Renderer,
) -> OpenPageView {
    let compiled = &test.compiled;
    let page = &compiled.pages[current];
    let can_enter = |page: &&PageStatus| page.can_enter && page.page != current;
    let previous = state.pages[..current]
        .iter()
        .rfind(can_enter)
        .map(|page| page_target(compiled, state, page.page));
    let next = state.pages[current..]
        .iter()
        .find(can_enter)
        .map(|page| page_target(compiled, state, page.page));
    let locks = [(state.leaving.page, "page"), (state.leaving.section, "section")];
    let locks: Vec<_> =
        locks.into_iter().filter_map(|(locks, word)| locks.then_some(word)).collect();
    renderer.enter(page_scope(current));
    let text = renderer.blocks(&page.text);
    let questions = view::page(compiled, current).map(|page| page.questions).unwrap_or_default();
    OpenPageView {
        number: current + 1,
        of: compiled.pages.len(),
        section: compiled.section(page.section).title.clone(),
        title: page.title.as_deref().map(str::to_owned),
        text,
        locks: locks.join(" "),
        questions: questions
            .iter()
            .map(|question| RenderedQuestion::of(words, question, renderer))
            .collect(),
        previous,
        next,
    }
}

fn page_target(compiled: &CompiledTest, state: &InstanceView, page: usize) -> PageTarget {
    let section = compiled.pages[page].section;
    let has_intro = !compiled.section(section).intro.trim().is_empty() && is_new(state, section);
    PageTarget { page: page + 1, has_intro }
}

fn map(test: &CandidateTestView, state: &InstanceView) -> Vec<MapSection> {
    let compiled = &test.compiled;
    let slot = |index: usize| {
        let slot = &compiled.slots[index];
        MapSlot {
            slot: index + 1,
            goal: page_target(compiled, state, slot.page),
            is_here: state.current == Some(slot.page),
            can_enter: state.pages[slot.page].can_enter,
            is_required: slot.required && test.pages.contains(&slot.page),
        }
    };
    let section =
        |(index, section): (usize, &domain::compile::model::CompiledSection)| MapSection {
            title: compiled.section(index).title.clone(),
            slots: section.slots.clone().map(slot).collect(),
        };
    compiled.sections.iter().enumerate().map(section).collect()
}
