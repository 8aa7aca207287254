//! `POST /enter`: in with an invitation code.

use super::read;
use super::session::LogInSession;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use axum::Json;
use axum::extract;
use domain::fault::Faults;
use utoipa::ToSchema;

/// An invitation code; case, spaces and hyphens do not matter.
#[derive(ToSchema)]
#[schema(as = CodeEntry)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
pub(super) struct EnterByCodeRequest {
    /// The code as the candidate types it, such as `K7QX-92MD-4T`.
    invitation_code: String,
}

/// Enters by an invitation code.
///
/// A refused entry never tells which part was wrong.
#[utoipa::path(
    post, path = "/enter", tag = "Entering", operation_id = "enterByCode",
    request_body = EnterByCodeRequest, security(()),
    responses((status = 200, body = LogInSession), CommonErrors, BodyErrors)
)]
pub async fn enter_by_code(
    extract::State(state): extract::State<ApiState>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<LogInSession>, Problem> {
    let mut faults = Faults::new();
    head.query().finish(&mut faults);
    let shape = |object: &crate::body::BodyObject<'_>| {
        object.required("invitationCode").text(0..=200).map(str::to_owned)
    };
    let code = read::body(&head, body, faults, shape).await?;
    Ok(Json(state.app.enter_by_code(&read::client_context(&state, &head), &code).await?.into()))
}
