//! `GET /me`: who is logged in, and what is still asked of them.

use super::read;
use super::welcome::Welcome;
use crate::incoming::Incoming;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::server::State;
use axum::Json;
use axum::extract;
use domain::access::form::Field;
use serde::Serialize;
use utoipa::ToSchema;

/// The candidate who is logged in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LoggedInCandidate)]
pub(super) struct Me {
    candidate_id: String,
    fullname: Option<String>,
    /// The candidate's own language, or the task's.
    lang: String,
    task: Welcome,
    /// The fields to fill in before any step starts; empty when nothing is asked any more.
    access_form: Vec<FormField>,
}

/// A field of the access form.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FormField {
    key: String,
    label: String,
    /// `text`, `email`, `number`, `date`, `select` or `checkbox`.
    kind: &'static str,
    required: bool,
    options: Vec<String>,
}

/// Shows who is logged in.
#[utoipa::path(get, path = "/me", tag = "Entering", operation_id = "showMe",
    responses((status = 200, body = Me), CommonErrors))]
pub async fn me(extract::State(state): extract::State<State>, incoming: Incoming) -> Result<Json<Me>, Problem> {
    let visitor = read::visitor(&state, &incoming.head)?;
    read::nothing(incoming).await?;
    let me = state.app.me(&visitor).await?;
    Ok(Json(Me {
        candidate_id: me.candidate.to_string(),
        fullname: me.fullname,
        lang: me.lang,
        task: me.welcome.into(),
        access_form: me.form.into_iter().map(FormField::from).collect(),
    }))
}

impl From<Field> for FormField {
    fn from(field: Field) -> Self {
        let Field { key, label, kind, required, options, .. } = field;
        Self { key, label, kind: kind.as_str(), required, options }
    }
}
