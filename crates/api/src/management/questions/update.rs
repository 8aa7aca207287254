//! `PATCH /questions/{id}`: changes where a question stands in the bank.

use super::schema::ManagedQuestion;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::candidate_change::LabelChangeRequest;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use crate::values;
use app::bank::QuestionUpdate;
use app::caller::Caller;
use app::candidates::LabelChange;
use axum::{Extension, Json, extract};
use domain::id::QuestionId;
use domain::instance::Scope;
use utoipa::ToSchema;

/// A change of where a question stands; what is absent stays.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BankQuestionChange)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct UpdateQuestionRequest {
    /// The empty name is the default folder.
    #[schema(nullable = false)]
    folder: Option<String>,
    /// Labels to add and to remove.
    #[schema(nullable = false)]
    labels: Option<LabelChangeRequest>,
    /// An archived question is drawn no more and new documents cannot name it; tests that name it
    /// go on.
    #[schema(nullable = false)]
    archived: Option<bool>,
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
    caller.require_scope(Scope::TestsWrite)?;
    let ([id], change) =
        read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, |object| Some(shape(object))).await?;
    Ok(Json(state.app.update_question(&caller, &QuestionId::from(id), change).await?.into()))
}

fn shape(object: &BodyObject<'_>) -> QuestionUpdate {
    QuestionUpdate {
        folder: values::folder(&object.optional("folder")),
        labels: object.optional("labels").object(labels).unwrap_or_default(),
        archived: object.optional("archived").boolean(),
    }
}

fn labels(object: &BodyObject<'_>) -> LabelChange {
    LabelChange {
        add: values::names(&object.optional("add")),
        remove: values::names(&object.optional("remove")),
    }
}
