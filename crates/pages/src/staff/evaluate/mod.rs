//! Answers that wait for a person's evaluation: how many there are, and one after the other on a
//! desk.

mod answer;
mod overview;
mod rubric;
mod shown_answer;

pub use shown_answer::ShownAnswer;

use super::tasks::{TaskTab, TaskTabs};
use crate::staff::support::AreaRoutes;
use axum::routing::{get, post};

const ADDRESS: &str = "/staff/evaluate";

/// Pages on which people grade answers, and the effect of points not saved yet.
pub fn routes() -> AreaRoutes {
    vec![
        (ADDRESS, get(overview::show)),
        ("/staff/evaluate/answer", get(answer::show)),
        ("/staff/evaluate/get/effect", get(answer::effect)),
        ("/staff/evaluate/do/save", post(answer::save)),
    ]
}
