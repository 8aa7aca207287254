//! A test as a candidate sees it, to look at and to try out. No instance is made and nothing is
//! kept.

use super::address;
use crate::candidate::question::RenderedQuestion;
use crate::media::linked_media;
use crate::page_error::PageError;
use crate::staff::support::SignedInStaff;
use crate::state::PagesState;
use crate::{assets, lang, reply};
use app::Failure;
use app::test_library::TrialResult;
use askama::Template;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::compile::view;
use domain::id::{OrganizationId, TestId};
use domain::refusal::Refusal;
use markup::Renderer;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "staff/tests/preview.html")]
struct TestPreviewPage {
    back: String,
    attempt: String,
    /// What answers are kept under while this tab is open.
    store: String,
    words: String,
    lang: &'static str,
    title: String,
    seed: String,
    next_seed: String,
    instructions: String,
    pages: Vec<PreviewedPage>,
    /// The test cannot be compiled as it is.
    is_refused: bool,
}

struct PreviewedPage {
    number: usize,
    section: String,
    intro: String,
    title: Option<String>,
    text: String,
    seconds: u32,
    questions: Vec<RenderedQuestion>,
}

impl TestPreviewPage {
    fn asset(&self, path: &str) -> String {
        assets::address(path)
    }
}

/// The seed by which the preview draws and shuffles; none makes a new one.
#[derive(Deserialize)]
pub struct TestPreviewQuery {
    seed: Option<String>,
}

impl TestPreviewQuery {
    /// The draw that is to be shown.
    pub fn seed(self) -> String {
        self.seed.unwrap_or_else(|| "1".to_owned()).chars().take(64).collect()
    }
}

/// What is tried out, and where.
pub struct PreviewSubject {
    pub back: String,
    /// Where answers are sent to be scored.
    pub attempt: String,
    /// What answers are kept under, beside the seed.
    pub store: String,
    pub title: String,
    /// Whose media are shown.
    pub organization: OrganizationId,
}

/// `GET /staff/tests/{test}/preview`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(test): Path<String>,
    Query(query): Query<TestPreviewQuery>,
) -> Result<Response, PageError> {
    let id = TestId::from(test);
    let existing = state.app.test_library().test(staff.caller(), &id).await?;
    let seed = query.seed();
    let trial =
        state.app.test_library().try_test(staff.caller(), &id, &seed, BTreeMap::new()).await;
    let about = PreviewSubject {
        back: address(&id, ""),
        attempt: address(&id, "/do/try"),
        store: format!("{id}-{}", hex::encode(&existing.digest[..8])),
        title: existing.title,
        organization: existing.organization,
    };
    page(&state, about, seed, trial).await
}

/// The page of a trial that was compiled with a seed.
///
/// # Errors
/// When it could not be compiled for another reason than what stands in it.
pub async fn page(
    state: &PagesState,
    about: PreviewSubject,
    seed: String,
    trial: Result<TrialResult, Failure>,
) -> Result<Response, PageError> {
    let words = lang::Language::english();
    let mut page = TestPreviewPage {
        back: about.back,
        attempt: about.attempt,
        store: format!("assay-trial-{}-{seed}", about.store),
        words: words.script.to_owned(),
        lang: "en",
        title: about.title,
        next_seed: seed
            .parse::<u32>()
            .map_or_else(|_| "1".to_owned(), |number| number.wrapping_add(1).to_string()),
        seed,
        instructions: String::new(),
        pages: Vec::new(),
        is_refused: false,
    };
    match trial {
        Ok(trial) => {
            // A whole test is a large page.
            let whole = |renderer: &Renderer| {
                page.instructions = renderer.blocks(&trial.compiled.test.instructions);
                page.pages = sheets(words, &trial.compiled, renderer);
            };
            let stored = domain::document::to_stored(&trial.compiled.test);
            let media = linked_media(state, words, &about.organization, &stored).await?;
            state.rendering.render_with(media, usize::MAX, whole).await;
        }
        Err(Failure::Refused(refused)) if refused.code == Refusal::TestNotCompilable => {
            page.is_refused = true
        }
        Err(other) => return Err(other.into()),
    }
    reply::page(StatusCode::OK, &page)
}

fn sheets(
    words: &'static lang::Language,
    compiled: &domain::compile::model::CompiledTest,
    renderer: &Renderer,
) -> Vec<PreviewedPage> {
    let sheet = |index: usize| {
        let page = view::page(compiled, index)?;
        let section = compiled.section(compiled.pages[index].section);
        let is_first = page.page_no_in_section == 1;
        Some(PreviewedPage {
            number: page.page_no,
            section: section.title.clone(),
            intro: if is_first { renderer.blocks(&section.intro) } else { String::new() },
            title: page.title.map(str::to_owned),
            text: renderer.blocks(page.text),
            seconds: page.time_limit,
            questions: page
                .questions
                .iter()
                .map(|question| RenderedQuestion::of(words, question, renderer))
                .collect(),
        })
    };
    (0..compiled.pages.len()).filter_map(sheet).collect()
}

/// Answers of a preview, which are scored and not kept.
#[derive(Deserialize)]
pub struct PreviewAnswersForm {
    seed: String,
    /// Responses by slot, as the candidate's script reads them.
    answers: BTreeMap<u32, serde_json::Value>,
}

impl PreviewAnswersForm {
    /// The seed, and the responses as JSON texts.
    pub fn read(self) -> (String, BTreeMap<u32, String>) {
        (
            self.seed,
            self.answers.into_iter().map(|(slot, value)| (slot, value.to_string())).collect(),
        )
    }
}

/// `POST /staff/tests/{test}/do/try`: what the answers would earn.
pub async fn score(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(test): Path<String>,
    Json(tried): Json<PreviewAnswersForm>,
) -> Result<Response, PageError> {
    let (seed, answers) = tried.read();
    Ok(trial_score(
        &state
            .app
            .test_library()
            .try_test(staff.caller(), &TestId::from(test), &seed, answers)
            .await?,
    ))
}

/// The figures of a trial, for the script.
pub fn trial_score(trial: &TrialResult) -> Response {
    let outcome = &trial.outcome;
    let board = |board: &domain::scoring::scoreboard::Scoreboard| json!({ "points": board.points.to_string(), "maximum": board.maximum.to_string(), "ratio": board.ratio.to_string() });
    let dimensions = outcome
        .dimensions
        .iter()
        .map(|one| json!({ "name": crate::rendering::plain(&one.name), "board": board(&one.scoreboard) }));
    let effects = outcome.effects.iter().map(
        |one| json!({ "name": crate::rendering::plain(&one.name), "score": one.score.to_string() }),
    );
    let slots = outcome.slots.iter().map(|slot| {
        json!({
            "slot": slot.slot, "points": slot.points.to_string(), "waiting": slot.waiting, "valid": slot.valid,
            "blank": slot.blank, "counts": slot.effective,
            "refused": trial.refused.get(&slot.slot).map(|fault| fault.as_str()),
        })
    });
    Json(json!({
        "total": board(&outcome.scoreboard), "waiting": outcome.waiting, "passed": outcome.passed,
        "level": outcome.level.as_deref().map(crate::rendering::plain), "dimensions": dimensions.collect::<Vec<_>>(),
        "effects": effects.collect::<Vec<_>>(), "slots": slots.collect::<Vec<_>>(),
    }))
    .into_response()
}
