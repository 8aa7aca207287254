//! All users.

use super::{ADDRESS, Area, Frame, Staff, roles};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::reply;
use crate::trouble::Trouble;
use app::user_search::{UserFilter, UserType};
use app::users::UserView;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::containing::Containing;
use serde::Deserialize;

const PER_PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "staff/users/list.html")]
struct Page {
    frame: Frame,
    asked: Asked,
    total: u64,
    users: Vec<Line>,
    earlier: Option<String>,
    later: Option<String>,
}

struct Line {
    address: String,
    username: String,
    fullname: String,
    email: String,
    roles: Vec<&'static str>,
    active: bool,
    has_password: bool,
    since: Moment,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    name: String,
    /// `staff`, `regular` or all.
    kind: String,
    /// `active`, `inactive` or all.
    state: String,
    /// From 1.
    page: u32,
    said: String,
}

impl Asked {
    fn filter(&self) -> UserFilter {
        UserFilter {
            username: Some(self.name.trim()).filter(|name| !name.is_empty()).map(Containing::new),
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
        let encode =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        format!(
            "{ADDRESS}?name={}&kind={}&state={}&page={page}",
            encode(&self.name),
            encode(&self.kind),
            encode(&self.state)
        )
    }
}

/// `GET /staff/users`.
pub async fn show(State(desk): State<Desk>, staff: Staff, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let page = asked.page.max(1);
    let skip = u64::from(page - 1) * u64::from(PER_PAGE);
    let (total, users) = desk.app.search_users(staff.caller(), asked.filter(), PER_PAGE, skip).await?;
    let said = (asked.said == "erased").then_some("The user is erased.");
    let page = Page {
        frame: Frame::new(&staff, Area::Users, "Users").said(said),
        earlier: (page > 1).then(|| asked.at_page(page - 1)),
        later: (skip + u64::from(PER_PAGE) < total).then(|| asked.at_page(page + 1)),
        asked,
        total,
        users: users.into_iter().map(line).collect(),
    };
    reply::page(StatusCode::OK, &page)
}

fn line(user: UserView) -> Line {
    Line {
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
