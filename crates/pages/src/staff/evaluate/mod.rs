//! Answers that wait for a person's evaluation: how many there are, and one after the other on a desk.

mod answer;
mod overview;
mod rubric;
mod shown;

pub use shown::Shown;

use super::tasks::{Tab, TaskTabs};
use super::{Area, Frame, Given, Staff, Table, Told};
use axum::routing::{get, post};

const ADDRESS: &str = "/staff/evaluate";

pub fn table() -> Table {
    vec![
        (ADDRESS, get(overview::show)),
        ("/staff/evaluate/answer", get(answer::show)),
        ("/staff/evaluate/get/effect", get(answer::effect)),
        ("/staff/evaluate/do/save", post(answer::save)),
    ]
}
