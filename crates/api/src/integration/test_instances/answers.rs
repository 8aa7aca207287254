//! `GET /tasks/{taskId}/test-instances/{id}/answers`: every question of an instance with what was
//! answered and earned.

use crate::detail_level::DetailLevel;
use crate::integration::{read, reply};
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::ModeQuery;
use crate::state::ApiState;
use app::answers::{AnswerContent, InstanceAnswers, RecordedAnswer, SlotAnswer, input_type};
use app::caller::Caller;
use axum::response::Response;
use axum::{Extension, extract};
use domain::compile::model::Slot;
use domain::decimal::Decimal;
use domain::document::model::Question;
use domain::id::{InstanceId, TaskId};
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

/// All answers of a test instance.
#[derive(Serialize, ToSchema)]
pub struct AnswerList {
    /// One entry for each question, in the order delivered.
    answers: Vec<AnswerEntry>,
}

/// One question of the instance at its place.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AnswerEntry {
    /// From 0; all numbers are from 1.
    section_index: usize,
    /// Number of the section.
    section_no: usize,
    /// Number of the page in the instance.
    page_no: usize,
    /// Number of the page in its section.
    page_no_in_section: usize,
    /// Number of the question in the instance: its slot.
    question_no: usize,
    /// Number of the question in its section.
    question_no_in_section: usize,
    /// Number of the question on its page.
    question_no_in_page: usize,
    /// Where the question comes from.
    question_reference: QuestionReference,
    /// Whether it had to be answered.
    required: bool,
    /// Whether the question counts.
    effective: bool,
    /// What was asked and answered.
    question: AnsweredQuestion,
    /// With mode `detailed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    section_uuid: Option<String>,
    /// With mode `detailed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    page_uuid: Option<String>,
}

/// Where the question comes from: the organization's bank or the test itself.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum QuestionReference {
    /// The question stands in a question bank.
    #[serde(rename_all = "camelCase")]
    QuestionBank {
        /// The organization whose bank it stands in.
        organization_id: String,
        /// Id of the question in the bank.
        question_id: String,
    },
    /// The question stands in the test itself.
    QuestionBox {
        /// Uuid of the question in the test.
        #[serde(rename = "questionBoxUUID")]
        uuid: String,
    },
}

/// The question and its answer; null when nothing was given and nothing was earned.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum AnsweredQuestion {
    /// Answered by choosing.
    MultipleChoice {
        /// What was asked, Markdown.
        text: String,
        /// What was answered and earned; null when nothing was given and nothing was earned.
        #[schema(required)]
        answer: Option<ChoiceAnswer>,
    },
    /// Answered by giving items their options.
    Match {
        /// What was asked, Markdown.
        text: String,
        /// What was answered and earned; null when nothing was given and nothing was earned.
        #[schema(required)]
        answer: Option<MatchAnswer>,
    },
    /// Answered by typing, uploading or recording.
    Input {
        /// What was asked, Markdown.
        text: String,
        #[serde(rename = "type")]
        #[schema(schema_with = input_types)]
        input: &'static str,
        /// What was answered and earned; null when nothing was given and nothing was earned.
        #[schema(required)]
        answer: Option<InputAnswer>,
    },
}

/// What was chosen and earned.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ChoiceAnswer {
    /// Whether the answer is complete and well formed; an invalid one earns 0.
    valid: bool,
    /// -1 to 1.
    #[schema(value_type = f64)]
    score: Decimal,
    /// The points it earned: the score times the points, or times the negative points.
    #[schema(value_type = f64)]
    points_achieved: Decimal,
    /// The choices that were selected.
    choices: Vec<ChosenText>,
}

/// A choice that was selected.
#[derive(Serialize, ToSchema)]
struct ChosenText {
    /// What the choice says.
    text: String,
}

/// What was matched and earned.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MatchAnswer {
    /// Whether the answer is complete and well formed; an invalid one earns 0.
    valid: bool,
    /// -1 to 1.
    #[schema(value_type = f64)]
    score: Decimal,
    /// The points it earned: the score times the points, or times the negative points.
    #[schema(value_type = f64)]
    points_achieved: Decimal,
    /// The items that were given an option.
    matches: Vec<MatchedTexts>,
}

/// An item with the option it was given.
#[derive(Serialize, ToSchema)]
struct MatchedTexts {
    /// What the item says.
    item: String,
    /// What its option says.
    option: String,
}

/// What was typed, uploaded or recorded, and earned.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct InputAnswer {
    /// Whether the answer is complete and well formed; an invalid one earns 0.
    valid: bool,
    /// -1 to 1.
    #[schema(value_type = f64)]
    score: Decimal,
    /// The points it earned: the score times the points, or times the negative points.
    #[schema(value_type = f64)]
    points_achieved: Decimal,
    /// Text as typed, HTML, rows as JSON text, or the addresses of files, a line each; null once
    /// erased.
    #[schema(required)]
    value: Option<String>,
}

fn input_types() -> RefOr<Schema> {
    let words =
        ["field", "area", "audio", "video", "code", "rich", "file", "photo", "numeric", "tabular"];
    let object = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
    object.description(Some("How it is answered.")).build().into()
}

/// Fetches all answers of a test instance, in the order delivered.
///
/// One entry for each question, answered or not, whatever the status.
#[utoipa::path(
    get, path = "/tasks/{taskId}/test-instances/{id}/answers", tag = "Test instances",
    operation_id = "listTestInstanceAnswers",
    params(("taskId" = String, Path), ("id" = String, Path), ModeQuery),
    responses(
        (status = 200, body = AnswerList), (status = 304, description = "Nothing has changed."),
        CommonErrors, PathErrors
    )
)]
pub async fn answers(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadAnswers)?;
    let (head, [task, id], ModeQuery { mode }) =
        read::path_and_query(incoming, ["taskId", "id"]).await?;
    let answers = state
        .app
        .results()
        .instance_answers(&caller, &TaskId::from(task), &InstanceId::from(id))
        .await?;
    let list = AnswerList { answers: entries(&answers, mode) };
    Ok(reply::json_with_etag(&head, reply::to_json(&list)?))
}

fn entries(answers: &InstanceAnswers, mode: DetailLevel) -> Vec<AnswerEntry> {
    answers
        .list
        .iter()
        .enumerate()
        .map(|(index, answer)| entry(answers, index, answer, mode))
        .collect()
}

fn entry(
    answers: &InstanceAnswers,
    index: usize,
    answer: &SlotAnswer,
    mode: DetailLevel,
) -> AnswerEntry {
    let compiled = &answers.compiled;
    let slot = &compiled.slots[index];
    let (section, page) = (&compiled.sections[slot.section], &compiled.pages[slot.page]);
    let is_detailed = mode == DetailLevel::Detailed;
    AnswerEntry {
        section_index: slot.section,
        section_no: slot.section + 1,
        page_no: slot.page + 1,
        page_no_in_section: slot.page - section.pages.start + 1,
        question_no: index + 1,
        question_no_in_section: index - section.slots.start + 1,
        question_no_in_page: index - page.slots.start + 1,
        question_reference: reference(&slot.question),
        required: slot.required,
        effective: answer.effective,
        question: question(slot, answer.answer.as_ref()),
        section_uuid: is_detailed.then(|| compiled.section(slot.section).uuid.to_string()),
        page_uuid: is_detailed.then(|| page.uuid.to_string()),
    }
}

fn reference(question: &Question) -> QuestionReference {
    match &question.origin {
        None => QuestionReference::QuestionBox { uuid: question.uuid.to_string() },
        Some(origin) => QuestionReference::QuestionBank {
            organization_id: origin.organization_id.to_string(),
            question_id: origin.question_id.to_string(),
        },
    }
}

fn question(slot: &Slot, recorded: Option<&RecordedAnswer>) -> AnsweredQuestion {
    use domain::document::model::QuestionBody;
    let text = slot.question.text.clone();
    match slot.question.kind {
        QuestionBody::MultipleChoice(_) => {
            AnsweredQuestion::MultipleChoice { text, answer: recorded.map(choice_answer) }
        }
        QuestionBody::Match(_) => {
            AnsweredQuestion::Match { text, answer: recorded.map(match_answer) }
        }
        QuestionBody::Input(_) => {
            let input = input_type(&slot.question).unwrap_or_default();
            AnsweredQuestion::Input { text, input, answer: recorded.map(input_answer) }
        }
    }
}

fn choice_answer(recorded: &RecordedAnswer) -> ChoiceAnswer {
    let choices = match &recorded.content {
        AnswerContent::Choices(texts) => {
            texts.iter().map(|text| ChosenText { text: text.clone() }).collect()
        }
        _ => Vec::new(),
    };
    ChoiceAnswer {
        valid: recorded.valid,
        score: recorded.rate,
        points_achieved: recorded.points,
        choices,
    }
}

fn match_answer(recorded: &RecordedAnswer) -> MatchAnswer {
    let matched = |(item, option): &(String, String)| MatchedTexts {
        item: item.clone(),
        option: option.clone(),
    };
    let matches = match &recorded.content {
        AnswerContent::Matches(made) => made.iter().map(matched).collect(),
        _ => Vec::new(),
    };
    MatchAnswer {
        valid: recorded.valid,
        score: recorded.rate,
        points_achieved: recorded.points,
        matches,
    }
}

fn input_answer(recorded: &RecordedAnswer) -> InputAnswer {
    let value = match &recorded.content {
        AnswerContent::Value(value) => value.clone(),
        // Several addresses stand in a line each.
        AnswerContent::Uploads(sent) if !sent.is_empty() => {
            Some(sent.iter().map(|upload| upload.url.as_str()).collect::<Vec<_>>().join("\n"))
        }
        _ => None,
    };
    InputAnswer {
        valid: recorded.valid,
        score: recorded.rate,
        points_achieved: recorded.points,
        value,
    }
}
