//! `POST /questions/filter`: questions of the bank that fit what the body names.

use super::schema::{ManagedQuestion, ManagedQuestionPage, kinds, states};
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::detail_level::DetailLevel;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::pagination::{PageQuery, Pagination};
use crate::parameters::{LimitParameter, PageParameter};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::server::ApiState;
use crate::values;
use app::bank::{QuestionFilter, QuestionKind, QuestionState};
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::{ErrorCode, Faults};
use domain::instance::Scope;
use domain::substring_search::SubstringSearch;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What the questions must have; all fields given must hold.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BankQuestionSearch)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct SearchQuestionsRequest {
    /// The empty name is the default folder.
    #[schema(nullable = false)]
    folder: Option<String>,
    /// All of these.
    #[schema(nullable = false, min_items = 1)]
    labels: Option<Vec<String>>,
    /// All of these, name to value.
    #[schema(nullable = false)]
    tags: Option<BTreeMap<String, String>>,
    #[schema(schema_with = kinds, required = false)]
    kind: Option<String>,
    /// Archived questions are left out unless they are asked for.
    #[schema(schema_with = states, required = false)]
    state: Option<String>,
    /// What is asked, or the key, contains this, whatever the case of the letters.
    #[schema(nullable = false, min_length = 1)]
    text: Option<String>,
}

/// Searches the bank, oldest first; folder, labels and tags fit as they do for a pool of a test.
/// `next` and `previous` go with the same body.
#[utoipa::path(
    post, path = "/questions/filter", tag = "Question bank", operation_id = "searchQuestions",
    params(LimitParameter, PageParameter), request_body = SearchQuestionsRequest,
    responses((status = 200, body = ManagedQuestionPage), CommonErrors, BodyErrors)
)]
pub async fn search_questions(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<ManagedQuestionPage>, Problem> {
    caller.require_scope(Scope::TestsRead)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let mut query = head.query();
    let (mode, page) = (DetailLevel::read(&mut query), PageQuery::read(&mut query));
    query.finish(&mut faults);
    let filter = document.read(shape);
    document.finish(&mut faults);
    faults.into_result()?;
    let filter = filter.ok_or(ErrorCode::InternalError)?;
    let (total, questions) =
        state.app.list_questions(&caller, filter, page.limit, page.rows_before()).await?;
    let pagination = Pagination::new(total, page, mode, &[]);
    Ok(Json(ManagedQuestionPage {
        questions: questions.into_iter().map(ManagedQuestion::from).collect(),
        pagination,
    }))
}

fn shape(object: &BodyObject<'_>) -> QuestionFilter {
    QuestionFilter {
        folder: values::folder(&object.optional("folder")),
        labels: values::search_texts(&object.optional("labels")).unwrap_or_default(),
        tags: values::tags(&object.optional("tags")),
        kind: object.optional("kind").one_of(QuestionKind::ALL, QuestionKind::as_str),
        state: object.optional("state").one_of(QuestionState::ALL, QuestionState::as_str),
        text: object.optional("text").filter_text().map(SubstringSearch::new),
    }
}
