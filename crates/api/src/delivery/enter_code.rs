//! `POST /enter`: in with an invitation code.

use super::read;
use super::session::LogInSession;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::text;
use crate::request::{RequestObject as _, request};
use crate::state::ApiState;
use axum::Json;
use axum::extract;
use domain::fault::Faults;

request! {
    /// An invitation code; case, spaces and hyphens do not matter.
    struct EnterByCodeRequest as "CodeEntry" {
        /// The code as the candidate types it, such as `K7QX-92MD-4T`.
        invitation_code: String = text(0..=200),
    }
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
    let sent = read::body(&head, body, faults, EnterByCodeRequest::read).await?;
    let client = read::client_context(&state, &head);
    Ok(Json(state.app.delivery().enter_by_code(&client, &sent.invitation_code).await?.into()))
}
