//! `POST /enter`: in with an invitation code.

use super::read;
use super::session::Session;
use crate::incoming::Incoming;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::server::State;
use axum::Json;
use axum::extract;
use domain::fault::Faults;
use utoipa::ToSchema;

/// An invitation code; case, spaces and hyphens do not matter.
#[derive(ToSchema)]
#[schema(as = CodeEntry)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
pub(super) struct Entry {
    /// The code as the candidate types it, such as `K7QX-92MD-4T`.
    invitation_code: String,
}

/// Enters by an invitation code.
///
/// A refused entry never tells which part was wrong.
#[utoipa::path(post, path = "/enter", tag = "Entering", operation_id = "enterByCode", request_body = Entry,
    security(()), responses((status = 200, body = Session), CommonErrors, BodyErrors))]
pub async fn enter_by_code(
    extract::State(state): extract::State<State>,
    Incoming { head, body }: Incoming,
) -> Result<Json<Session>, Problem> {
    let mut faults = Faults::new();
    head.query().finish(&mut faults);
    let shape = |object: &crate::body::Object<'_>| object.required("invitationCode").text(0..=200).map(str::to_owned);
    let code = read::body(&head, body, faults, shape).await?;
    Ok(Json(state.app.enter_by_code(&read::knock(&state, &head), &code).await?.into()))
}
