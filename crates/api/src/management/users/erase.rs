//! `POST /users/{id}/erase`: removes a user's values for good, with all that user's candidates.

use crate::body::receive::ONE_MEBIBYTE;
use crate::management::erasure::{ErasePersonRequest, ErasureReceiptResponse};
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::RequestObject as _;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::UserId;
use domain::role::Right;

/// Erases a user and every candidate of that user in any task, as `eraseCandidate` does. The user
/// can do nothing any more. Not for keys limited to tasks or folders. Repeating it gives the same
/// receipt. Of a user with many candidates some are erased at a time; after the server ended in the
/// middle, repeating it goes on.
#[utoipa::path(
    post, path = "/users/{id}/erase", tag = "Users", operation_id = "eraseUser",
    params(("id" = String, Path)), request_body = ErasePersonRequest,
    responses(
        (status = 200, body = ErasureReceiptResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn erase_user(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ErasureReceiptResponse>, Problem> {
    caller.require(Right::Erase)?;
    let ([id], body) =
        read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, ErasePersonRequest::read).await?;
    Ok(Json(state.app.candidates().erase_user(&caller, &UserId::from(id), body).await?.into()))
}
