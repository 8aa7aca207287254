//! The question bank: listing, writing, approving and trying questions, and their history.
//!
//! Who may do what is asked of `app` by doing it; pages leave out what the reader could not do.

mod compare;
mod edit;
mod history;
mod import;
mod list;
mod show;
mod trial;

use super::test_library::{
    FaultExcerpt, LARGEST_FORM, fault_response, hunks, parse_base_digest, preview, with_excerpts,
};
use crate::staff::support::{AreaRoutes, SignedInStaff, StaffArea, StaffLayout};
use app::bank::{BankQuestionView, QuestionKind, QuestionState};
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use domain::document::model::{Input, Question, QuestionBody};
use domain::id::QuestionId;
use domain::role::Permission;

const ADDRESS: &str = "/staff/bank";

/// Pages and forms of the question bank.
pub fn routes() -> AreaRoutes {
    let large = || DefaultBodyLimit::max(LARGEST_FORM);
    vec![
        (ADDRESS, get(list::show)),
        ("/staff/bank/new", get(edit::new_form)),
        ("/staff/bank/import", get(import::import_form)),
        ("/staff/bank/do/import", post(import::import).layer(large())),
        ("/staff/bank/do/save", post(edit::save).layer(large())),
        ("/staff/bank/do/check", post(edit::check).layer(large())),
        ("/staff/bank/get/found", get(list::search_for_editor)),
        ("/staff/bank/get/{file}", get(list::export)),
        ("/staff/bank/{question}", get(show::show)),
        ("/staff/bank/{question}/edit", get(edit::show)),
        ("/staff/bank/{question}/preview", get(trial::show)),
        ("/staff/bank/{question}/do/try", post(trial::score)),
        ("/staff/bank/{question}/history", get(history::show)),
        ("/staff/bank/{question}/compare", get(compare::show)),
        ("/staff/bank/{question}/do/restore", post(history::restore)),
        ("/staff/bank/{question}/do/approve", post(show::approve)),
        ("/staff/bank/{question}/do/archive", post(show::archive)),
        ("/staff/bank/{question}/do/shelve", post(show::set_folder_and_labels)),
        ("/staff/bank/{question}/get/{file}", get(import::export)),
    ]
}

/// The address of a question's page, or of one below it.
fn address(question: &QuestionId, below: &str) -> String {
    format!("{ADDRESS}/{question}{below}")
}

/// The pages of one question, for the tabs above each of them.
pub struct QuestionTabs {
    question: String,
    here: &'static str,
    may_write: bool,
}

impl QuestionTabs {
    fn of(staff: &SignedInStaff, question: &BankQuestionView, here: &'static str) -> Self {
        Self {
            question: question.id.to_string(),
            here,
            may_write: question.may_be_written_by(staff.caller()),
        }
    }
}

/// The frame of a page of one question.
fn page_layout(staff: &SignedInStaff, question: &BankQuestionView) -> StaffLayout {
    StaffLayout::new(staff, StaffArea::Bank, title(question)).with_crumb("Question bank", ADDRESS)
}

/// What a question is called where its whole text has no room.
fn title(question: &BankQuestionView) -> String {
    let line = markup::to_plain_text(&question.text);
    let short: String = line.chars().take(80).collect();
    match (short.is_empty(), short.len() < line.len()) {
        (true, _) => question.key.clone(),
        (false, true) => format!("{} …", short.trim_end()),
        (false, false) => short,
    }
}

fn is_approver(staff: &SignedInStaff) -> bool {
    staff.may(Permission::WriteBank)
}

/// A word about where a question stands, and its badge's class.
const fn state_badge(state: QuestionState) -> (&'static str, &'static str) {
    match state {
        QuestionState::Submitted => ("waiting for approval", "warn"),
        QuestionState::Approved => ("approved", "done"),
        QuestionState::Archived => ("archived", ""),
    }
}

/// A kind of question in words, with the type of an input where it is known.
fn kind_in_words(kind: &str) -> &'static str {
    match QuestionKind::parse(kind) {
        Some(QuestionKind::MultipleChoice) => "Multiple choice",
        Some(QuestionKind::Match) => "Match",
        Some(QuestionKind::Input) | None => "Input",
    }
}

fn sort_in_words(question: &Question) -> &'static str {
    match &question.kind {
        QuestionBody::MultipleChoice(_) => "Multiple choice",
        QuestionBody::Match(_) => "Match",
        QuestionBody::Input(input) => input_in_words(input),
    }
}

const fn input_in_words(input: &Input) -> &'static str {
    match input {
        Input::Field(_) => "Short text",
        Input::Area(_) => "Long text",
        Input::Rich(_) => "Rich text",
        Input::Code(_) => "Code",
        Input::Numeric(_) => "Number",
        Input::Tabular(_) => "Table",
        Input::Audio(_) => "Audio",
        Input::Video(_) => "Video",
        Input::File(_) => "File",
        Input::Photo(_) => "Photo",
    }
}
