//! `PATCH /questions/{id}`: changes where a question stands in the bank.

use super::schema::ManagedQuestion;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{boolean, folder_name, names, object};
use crate::request::{RequestObject as _, optional, or_default, request};
use crate::state::ApiState;
use app::bank::QuestionUpdate;
use app::caller::Caller;
use app::candidates::LabelChange;
use axum::{Extension, Json, extract};
use domain::id::QuestionId;
use domain::role::Right;

request! {
    /// A change of where a question stands; what is absent stays.
    pub(in crate::management) struct UpdateQuestionRequest as "BankQuestionChange"
        for QuestionUpdate
    {
        /// The empty name is the default folder.
        folder = optional(folder_name()),
        /// Labels to add and to remove.
        labels = or_default(object::<QuestionLabelsRequest>()),
        /// An archived question is drawn no more and new documents cannot name it; tests that name
        /// it go on.
        archived = optional(boolean()),
    }
}

request! {
    /// Labels to add and to remove; removing an absent one does nothing.
    struct QuestionLabelsRequest as "BankQuestionLabelChange" for LabelChange {
        /// Labels to add.
        add = or_default(names()),
        /// Labels to remove.
        remove = or_default(names()),
    }
}

/// Changes a question's folder and labels, archives it or brings it back; absent stays. What is
/// asked is changed by submitting a new version.
#[utoipa::path(
    patch, path = "/questions/{id}", tag = "Question bank", operation_id = "updateQuestion",
    params(("id" = String, Path)), request_body = UpdateQuestionRequest,
    responses((status = 200, body = ManagedQuestion), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn update_question(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ManagedQuestion>, Problem> {
    caller.require(Right::WriteTests)?;
    let ([id], change) =
        read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, UpdateQuestionRequest::read).await?;
    Ok(Json(state.app.bank().update_question(&caller, &QuestionId::from(id), change).await?.into()))
}
