//! `GET /me`: who is logged in, and what is still asked of them.

use super::read;
use super::welcome::TaskWelcome;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use axum::Json;
use axum::extract;
use domain::access::form::AccessFormField;
use serde::Serialize;
use utoipa::ToSchema;

/// The candidate who is logged in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LoggedInCandidate)]
pub(super) struct LoggedInCandidate {
    /// Id of the candidate.
    candidate_id: String,
    /// The name, where it is known.
    fullname: Option<String>,
    /// The candidate's own language, or the task's.
    lang: String,
    /// What is told of the task.
    task: TaskWelcome,
    /// The fields to fill in before any step starts; empty when nothing is asked any more.
    access_form: Vec<FormField>,
}

/// A field of the access form.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FormField {
    /// What an answer names the field by.
    key: String,
    /// What the candidate reads beside it.
    label: String,
    /// `text`, `email`, `number`, `date`, `select` or `checkbox`.
    kind: &'static str,
    /// Whether it must be filled in.
    required: bool,
    /// What can be chosen, for `select`; else empty.
    options: Vec<String>,
}

/// Shows who is logged in.
#[utoipa::path(get, path = "/me", tag = "Entering", operation_id = "showMe",
    responses((status = 200, body = LoggedInCandidate), CommonErrors))]
pub async fn me(
    extract::State(state): extract::State<ApiState>,
    incoming: RawRequest,
) -> Result<Json<LoggedInCandidate>, Problem> {
    let visitor = read::candidate_session(&state, &incoming.head)?;
    read::no_query_or_body(incoming).await?;
    let me = state.app.delivery().candidate_profile(&visitor).await?;
    Ok(Json(LoggedInCandidate {
        candidate_id: me.candidate.to_string(),
        fullname: me.fullname,
        lang: me.lang,
        task: me.welcome.into(),
        access_form: me.form.into_iter().map(FormField::from).collect(),
    }))
}

impl From<AccessFormField> for FormField {
    fn from(field: AccessFormField) -> Self {
        let AccessFormField { key, label, kind, required, options, .. } = field;
        Self { key, label, kind: kind.as_str(), required, options }
    }
}
