//! `POST /instances/{id}/slots/{slot}/check`: in practice mode, whether a kept answer is right.

use super::read;
use super::result_review::ChoiceFeedbackResponse;
use crate::body::receive::unexpected;
use crate::openapi::{CommonErrors, EnumWord, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::delivery::practice::CheckedAnswer;
use axum::Json;
use axum::extract;
use domain::fault::Faults;
use domain::id::InstanceId;
use domain::scoring::feedback::AnswerOutcome;
use serde::Serialize;
use utoipa::ToSchema;

type AnswerOutcomeWord = EnumWord<AnswerOutcome>;

/// What is told of a kept answer while practising.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckedAnswer)]
pub(super) struct CheckedAnswerResponse {
    /// The question's number, from 1.
    slot: u32,
    /// The sequence number of the answer that was checked.
    seq: u64,
    /// `right`, `partly-right` or `wrong`.
    #[schema(inline)]
    outcome: AnswerOutcomeWord,
    /// Markdown about the question; may be empty.
    feedback: String,
    /// What is said about the choices that were selected.
    choices: Vec<ChoiceFeedbackResponse>,
}

impl From<CheckedAnswer> for CheckedAnswerResponse {
    fn from(checked: CheckedAnswer) -> Self {
        let CheckedAnswer { slot, seq, outcome, feedback, chosen } = checked;
        let choices = chosen.into_iter().map(Into::into).collect();
        Self { slot, seq, outcome: outcome.into(), feedback, choices }
    }
}

/// Checks the kept answer of a question, in a step for practice.
///
/// Asking again after changing the answer is allowed; nothing of it counts. 409 `practice_off` in
/// every other step; `nothing_to_check`, `answer_not_valid`, `not_scored_automatically`; 429
/// `too_many_checks` beyond 30 a minute.
#[utoipa::path(
    post, path = "/instances/{id}/slots/{slot}/check", tag = "Taking a test",
    operation_id = "checkAnswer", params(("id" = String, Path), ("slot" = String, Path)),
    responses((status = 200, body = CheckedAnswerResponse), CommonErrors, PathErrors, StateErrors)
)]
pub async fn check(
    extract::State(state): extract::State<ApiState>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<CheckedAnswerResponse>, Problem> {
    let visitor = read::candidate_session(&state, &head)?;
    let mut faults = Faults::new();
    let mut path = head.path();
    let (instance, slot) = (path.take_text("id"), path.take_text("slot"));
    path.finish(&mut faults);
    head.query().finish(&mut faults);
    faults.extend(unexpected(body).await);
    faults.into_result()?;
    // What is no number is slot 0, which is not found.
    let slot = slot.parse().unwrap_or(0);
    let instance = InstanceId::from(instance);
    Ok(Json(state.app.delivery().check_answer(&visitor, &instance, slot).await?.into()))
}
