//! The receipt of a completed instance, to look at and to keep.

use super::layout::CandidateLayout;
use super::steps::ResultLine;
use crate::html_time::HtmlTime;
use crate::lang::Language;
use crate::media::media_for_candidate;
use crate::page_error::PageError;
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use crate::{address, reply};
use app::Failure;
use app::caller::CandidateSession;
use app::delivery::receipt::SignedReceipt;
use app::delivery::show::InstanceView;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::{InstanceId, TaskId};
use domain::instance::ClosingReason;
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};

#[derive(Template)]
#[template(path = "candidate/receipt.html")]
struct ReceiptPage {
    has_media: bool,
    frame: CandidateLayout,
    instance: String,
    /// The title of the step.
    step: String,
    /// Of the candidate; empty when it is not known.
    name: String,
    /// Where the script asks once more for what this device still holds.
    api: String,
    words: String,
    /// How many questions the server has answers to.
    has: String,
    at: HtmlTime,
    n: u64,
    digest: String,
    is_time_over: bool,
    closing: String,
    file: String,
    /// The address of the page that checks receipts, and of the one that checks this one.
    verify: String,
    check: String,
    back: String,
    result: Option<ResultLine>,
    recorded: String,
}

/// A receipt as a file; the words are those of the delivery API.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptFile {
    pub instance_id: String,
    pub completed_at: i64,
    pub n: u64,
    pub digest: String,
    /// Exactly the text that is signed.
    pub signed_text: String,
    /// Ed25519, in hexadecimal.
    pub signature: String,
    pub public_key: String,
}

impl From<&SignedReceipt> for ReceiptFile {
    fn from(receipt: &SignedReceipt) -> Self {
        Self {
            instance_id: receipt.instance.to_string(),
            completed_at: receipt.completed_at.seconds(),
            n: receipt.n,
            digest: hex::encode(receipt.digest),
            signed_text: receipt.text(),
            signature: hex::encode(receipt.signature),
            public_key: hex::encode(receipt.public_key),
        }
    }
}

/// `GET /t/{task}/sit/{instance}/receipt`. While the test is open it leads back there.
pub async fn show(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path((task, instance)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let (visitor, task, instance) =
        (guest.candidate_session()?, TaskId::from(task), InstanceId::from(instance));
    let receipt = match state.app.delivery().receipt(&visitor, &instance).await {
        Err(Failure::Refused(refused)) if refused.code == Refusal::InstanceOpen => {
            return Ok(reply::redirect(&address::sit(&task, &instance)));
        }
        other => other?,
    };
    let me = state.app.delivery().candidate_profile(&visitor).await?;
    let view = state.app.delivery().instance_view(&visitor, &instance).await?;
    let written = ReceiptFile::from(&receipt);
    let closing = state.app.delivery().closing_text(&visitor, &instance).await?;
    let count = state.app.delivery().answered_count(&visitor, &instance).await?;
    let words = guest.texts_for(&me.lang);
    let media = media_for_candidate(&state, words, &visitor, &closing).await?;
    let (step, result) = step_of(&state, &visitor, words, &task, &view).await?;
    let public_url = &state.app.settings().public_url;
    let page = ReceiptPage {
        has_media: media.is_some(),
        frame: CandidateLayout::for_candidate(words, address::receipt(&task, &instance), &me),
        api: address::instance_api(&task, &instance),
        words: words.script.to_owned(),
        has: words.receipt_answered(count.answered, count.questions),
        at: HtmlTime::in_language(receipt.completed_at, words),
        n: receipt.n,
        digest: written.digest,
        instance: written.instance_id,
        is_time_over: view.closing == Some(ClosingReason::TimeOver),
        closing: state
            .rendering
            .render_with(media, closing.len(), |renderer| renderer.blocks(&closing))
            .await,
        file: address::receipt_file(&task, &instance),
        verify: format!("{public_url}/verify"),
        check: receipt.check_address(public_url),
        step,
        name: me.fullname.clone().unwrap_or_default(),
        back: address::steps(&task),
        recorded: address::recorded(&task, &instance),
        result,
    };
    reply::page(StatusCode::OK, &page)
}

/// The title of the step, and what is said of the result beside the receipt; nothing where the step
/// shares none.
async fn step_of(
    state: &PagesState,
    visitor: &CandidateSession,
    words: &'static Language,
    task: &TaskId,
    view: &InstanceView,
) -> Result<(String, Option<ResultLine>), PageError> {
    let steps = state.app.delivery().steps(visitor).await?;
    let Some(step) = steps.into_iter().find(|step| step.step == view.step) else {
        return Ok((String::new(), None));
    };
    let notice = step.results.iter().find(|notice| notice.instance == view.instance);
    let result = notice.map(|notice| ResultLine::of(words, task, notice));
    Ok((step.title, result))
}

/// `GET /t/{task}/sit/{instance}/receipt.json`.
pub async fn file(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path((_, instance)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let receipt = state
        .app
        .delivery()
        .receipt(&guest.candidate_session()?, &InstanceId::from(instance))
        .await?;
    let written = ReceiptFile::from(&receipt);
    let text = serde_json::to_string_pretty(&written).map_err(Failure::internal)?;
    let name = format!("attachment; filename=\"receipt-{}.json\"", written.instance_id);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Failure::internal)?),
    ];
    Ok((headers, text).into_response())
}
