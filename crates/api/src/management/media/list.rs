//! `GET /media`: the library.

use super::schema::ManagedMedia;
use crate::detail_level::DetailLevel;
use crate::management::read;
use crate::openapi::CommonErrors;
use crate::pagination::{PageQuery, Pagination};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{mode, page, query, short_text, word};
use crate::state::ApiState;
use app::caller::Caller;
use app::media::authored::AuthorMediaSearch;
use axum::{Extension, Json, extract};
use domain::authored_media::AuthoredMediaKind;
use domain::fault::Faults;
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

const LONGEST_SEARCH: usize = 255;

query! {
    /// Which files are listed.
    struct ListMediaQuery {
        /// Only files whose name contains this, whatever the case of the letters.
        name: Option<String> = short_text(LONGEST_SEARCH),
        /// Only files that are shown like this.
        kind: Option<AuthoredMediaKind> = word::<AuthoredMediaKind>(),
        /// Taken and repeated in links, as on every list; each row is printed as a whole.
        mode: DetailLevel = mode(),
        page: PageQuery = page(),
    }
}

/// A page of files.
#[derive(Serialize, ToSchema)]
#[schema(as = AuthorMediaPage)]
pub(in crate::management) struct ManagedMediaPage {
    /// The files, the newest first.
    media: Vec<ManagedMedia>,
    /// How many there are in all, and the pages beside this one.
    pagination: Pagination,
}

/// Lists the files of the library, the newest first. A key that is limited to folders sees its own
/// files and those that tests and questions of its folders use.
#[utoipa::path(
    get, path = "/media", tag = "Media", operation_id = "listMedia", params(ListMediaQuery),
    responses((status = 200, body = ManagedMediaPage), CommonErrors)
)]
pub async fn list_media(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<ManagedMediaPage>, Problem> {
    caller.require(Right::ReadTests)?;
    let mut faults = Faults::new();
    let ListMediaQuery { name, kind, mode, page } = read::query(&head, &mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let search = AuthorMediaSearch { name: name.clone().unwrap_or_default(), kind };
    let before = i64::try_from(page.rows_before()).unwrap_or(i64::MAX);
    let library = state.app.author_media();
    let found = library.list_author_media(&caller, search, page.limit.into(), before).await?;
    let filters: Vec<_> =
        [("name", name.as_deref()), ("kind", kind.map(AuthoredMediaKind::as_str))]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
    Ok(Json(ManagedMediaPage {
        media: found.media.into_iter().map(ManagedMedia::from).collect(),
        pagination: Pagination::new(found.total, page, mode, &filters),
    }))
}
