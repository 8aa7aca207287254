//! All users.

use super::{ADDRESS, roles};
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::user_search::{UserFilter, UserType};
use app::users::UserView;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::substring_search::SubstringSearch;
use serde::Deserialize;

const PER_PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "staff/users/list.html")]
struct UserListPage {
    frame: StaffLayout,
    query: UserListQuery,
    total: u64,
    users: Vec<UserListRow>,
    earlier: Option<String>,
    later: Option<String>,
}

struct UserListRow {
    address: String,
    username: String,
    fullname: String,
    email: String,
    roles: Vec<&'static str>,
    active: bool,
    has_password: bool,
    since: HtmlTime,
}

/// Filters and place of the list of users; absent ones are empty.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct UserListQuery {
    name: String,
    /// `staff`, `regular` or all.
    kind: String,
    /// `active`, `inactive` or all.
    state: String,
    /// From 1.
    page: u32,
    said: String,
}

impl UserListQuery {
    fn filter(&self) -> UserFilter {
        UserFilter {
            username: Some(self.name.trim())
                .filter(|name| !name.is_empty())
                .map(SubstringSearch::new),
            kind: match self.kind.as_str() {
                "staff" => Some(UserType::Teammate),
                "regular" => Some(UserType::Regular),
                _ => None,
            },
            active: match self.state.as_str() {
                "active" => Some(true),
                "inactive" => Some(false),
                _ => None,
            },
            ..UserFilter::default()
        }
    }

    fn at_page(&self, page: u32) -> String {
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        };
        format!(
            "{ADDRESS}?name={}&kind={}&state={}&page={page}",
            encode(&self.name),
            encode(&self.kind),
            encode(&self.state)
        )
    }
}

/// `GET /staff/users`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<UserListQuery>,
) -> Result<Response, PageError> {
    let page = query.page.max(1);
    let skip = u64::from(page - 1) * u64::from(PER_PAGE);
    let (total, users) =
        state.app.users().search_users(staff.caller(), query.filter(), PER_PAGE, skip).await?;
    let said = (query.said == "erased").then_some("User erased.");
    let page = UserListPage {
        frame: StaffLayout::new(&staff, StaffArea::Users, "Users").with_notice(said),
        earlier: (page > 1).then(|| query.at_page(page - 1)),
        later: (skip + u64::from(PER_PAGE) < total).then(|| query.at_page(page + 1)),
        query,
        total,
        users: users.into_iter().map(line).collect(),
    };
    reply::page(StatusCode::OK, &page)
}

fn line(user: UserView) -> UserListRow {
    UserListRow {
        address: format!("{ADDRESS}/{}", user.id),
        roles: user.roles.iter().map(|role| roles::role_name(*role)).collect(),
        username: user.username,
        fullname: user.fullname.unwrap_or_default(),
        email: user.email.unwrap_or_default(),
        active: user.active,
        has_password: user.has_password,
        since: user.created_at.into(),
    }
}
