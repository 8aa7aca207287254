//! A question as it is written on its page. What may be answered is the domain's to judge; the
//! limits written here only help the person who types.

use crate::lang::{Language, UiTexts};
use crate::rendering::direction_of;
use askama::Template;
use domain::compile::view::{ChoiceView, InputView, ItemView, KindView, OptionView, QuestionView};
use domain::document::model::{CELL_LENGTH, ChoiceLayout, ColumnKind, TableColumn};
use domain::media_reference::slot_scope;
use domain::response::NUMERIC_LENGTH;
use markup::{Renderer, has_formula, to_inline_text};

/// Bytes that an option of a list takes beside its words.
const OPTION_BYTES: usize = 100;

/// One question as HTML, with the controls that its kind takes.
#[derive(Template)]
#[template(path = "candidate/question.html")]
pub struct RenderedQuestion {
    w: &'static Language,
    slot: usize,
    text: String,
    hint: String,
    points: String,
    required: bool,
    /// In practice mode: whether the answer may be checked while working.
    can_check: bool,
    kind: AnswerControl,
}

enum AnswerControl {
    Choices {
        type_: &'static str,
        layout: &'static str,
        least: u32,
        most: u32,
        guidance: String,
        choices: Vec<RenderedChoice>,
    },
    Dropdown {
        choices: Vec<RenderedChoice>,
    },
    Match {
        least: u32,
        items: Vec<RenderedItem>,
        pool: Vec<MatchPartner>,
    },
    Line {
        most: u32,
    },
    Area {
        most: u32,
    },
    Rich {
        most: u32,
    },
    Code {
        most: u32,
        language: String,
        template: String,
    },
    Number {
        unit: String,
        /// What stands before decimals where numbers are shown.
        mark: char,
    },
    Table {
        /// As of a number; none where no cell is one.
        mark: Option<char>,
        columns: Vec<TabularHead>,
        rows: Vec<TabularHead>,
    },
    Files {
        most: u32,
        bytes: u64,
        accept: String,
        is_photo: bool,
        limits: String,
    },
    Recording {
        medium: &'static str,
        seconds: u32,
        limits: String,
    },
}

struct RenderedChoice {
    key: String,
    html: String,
    plain: String,
}

struct RenderedItem {
    key: String,
    html: String,
    /// What is said of a label that is a formula: not every program reads MathML aloud.
    spoken: Option<String>,
    options: Vec<ListedOption>,
    /// The partners are this item's alone.
    is_private: bool,
}

/// An option as an item's list names it.
struct ListedOption {
    key: String,
    plain: String,
}

impl ListedOption {
    fn of(partner: &MatchPartner) -> Self {
        Self { key: partner.key.clone(), plain: partner.plain.clone() }
    }
}

struct MatchPartner {
    key: String,
    html: String,
    plain: String,
    /// 0 is unlimited.
    uses: u32,
}

struct TabularHead {
    key: String,
    title: String,
    is_number: bool,
}

impl RenderedQuestion {
    /// Renders a question's Markdown and chooses its controls; answers are put in by the script.
    pub fn of(w: &'static Language, view: &QuestionView<'_>, renderer: &Renderer) -> Self {
        renderer.enter(slot_scope(view.slot));
        Self {
            w,
            slot: view.slot,
            text: renderer.blocks(view.text),
            hint: renderer.blocks(view.hint),
            points: view.points.to_string(),
            required: view.required,
            can_check: false,
            kind: AnswerControl::of(w, &view.kind, renderer),
        }
    }

    /// Lets the candidate have the answer checked.
    pub fn allow_check(&mut self) {
        self.can_check = true;
    }

    /// How the script reads and writes the controls.
    fn mode(&self) -> &'static str {
        match &self.kind {
            AnswerControl::Choices { .. } => "choices",
            AnswerControl::Dropdown { .. } => "dropdown",
            AnswerControl::Match { .. } => "match",
            AnswerControl::Line { .. }
            | AnswerControl::Area { .. }
            | AnswerControl::Code { .. }
            | AnswerControl::Number { .. } => "text",
            AnswerControl::Rich { .. } => "rich",
            AnswerControl::Table { .. } => "table",
            AnswerControl::Files { .. } | AnswerControl::Recording { .. } => "files",
        }
    }

    fn most(&self) -> u32 {
        match &self.kind {
            AnswerControl::Choices { most, .. }
            | AnswerControl::Line { most }
            | AnswerControl::Area { most }
            | AnswerControl::Rich { most }
            | AnswerControl::Files { most, .. }
            | AnswerControl::Code { most, .. } => *most,
            AnswerControl::Recording { .. } => 1,
            AnswerControl::Number { .. } => NUMERIC_LENGTH,
            AnswerControl::Table { .. } => CELL_LENGTH,
            // None of these can be filled in beyond what is shown.
            AnswerControl::Dropdown { .. } | AnswerControl::Match { .. } => 0,
        }
    }

    /// How many have to be chosen or matched.
    fn least(&self) -> u32 {
        match &self.kind {
            AnswerControl::Choices { least, .. } | AnswerControl::Match { least, .. } => *least,
            AnswerControl::Dropdown { .. }
            | AnswerControl::Line { .. }
            | AnswerControl::Area { .. }
            | AnswerControl::Rich { .. }
            | AnswerControl::Code { .. }
            | AnswerControl::Number { .. }
            | AnswerControl::Table { .. }
            | AnswerControl::Files { .. }
            | AnswerControl::Recording { .. } => 0,
        }
    }

    /// What stands before decimals where the numbers of the answer are shown.
    fn mark(&self) -> Option<char> {
        match &self.kind {
            AnswerControl::Number { mark, .. } => Some(*mark),
            AnswerControl::Table { mark, .. } => *mark,
            AnswerControl::Choices { .. }
            | AnswerControl::Match { .. }
            | AnswerControl::Dropdown { .. }
            | AnswerControl::Line { .. }
            | AnswerControl::Area { .. }
            | AnswerControl::Rich { .. }
            | AnswerControl::Code { .. }
            | AnswerControl::Files { .. }
            | AnswerControl::Recording { .. } => None,
        }
    }

    /// Whether there may be something to say of how an answer was understood.
    fn is_understood(&self) -> bool {
        self.least() > 1 || self.mark().is_some()
    }

    /// Bytes a file may have; 0 where none is asked for.
    fn bytes(&self) -> u64 {
        match &self.kind {
            AnswerControl::Files { bytes, .. } => *bytes,
            AnswerControl::Choices { .. }
            | AnswerControl::Dropdown { .. }
            | AnswerControl::Match { .. }
            | AnswerControl::Line { .. }
            | AnswerControl::Area { .. }
            | AnswerControl::Rich { .. }
            | AnswerControl::Code { .. }
            | AnswerControl::Number { .. }
            | AnswerControl::Table { .. }
            | AnswerControl::Recording { .. } => 0,
        }
    }

    /// What is recorded and for how many seconds at most.
    fn recording(&self) -> Option<(&'static str, u32)> {
        match &self.kind {
            AnswerControl::Recording { medium, seconds, .. } => Some((medium, *seconds)),
            AnswerControl::Choices { .. }
            | AnswerControl::Dropdown { .. }
            | AnswerControl::Match { .. }
            | AnswerControl::Line { .. }
            | AnswerControl::Area { .. }
            | AnswerControl::Rich { .. }
            | AnswerControl::Code { .. }
            | AnswerControl::Number { .. }
            | AnswerControl::Table { .. }
            | AnswerControl::Files { .. } => None,
        }
    }

    /// The direction of a list to choose from, which has none of its own: that of its first entry.
    fn direction(&self) -> &'static str {
        let first = match &self.kind {
            AnswerControl::Dropdown { choices } => choices.first().map(|it| it.plain.as_str()),
            AnswerControl::Match { items, .. } => items
                .first()
                .and_then(|item| item.options.first())
                .map(|option| option.plain.as_str()),
            _ => None,
        };
        direction_of(first.unwrap_or_default())
    }

    fn labels(&self) -> String {
        format!("q{0}-no q{0}-text", self.slot)
    }
}

impl AnswerControl {
    fn of(w: &'static Language, view: &KindView<'_>, renderer: &Renderer) -> Self {
        let choice = |view: &ChoiceView<'_>| RenderedChoice::of(view, renderer);
        match view {
            KindView::MultipleChoice {
                max_selections: 1,
                layout: ChoiceLayout::Dropdown,
                choices,
                ..
            } => Self::Dropdown { choices: choices.iter().map(choice).collect() },
            KindView::MultipleChoice { min_selections, max_selections, layout, choices } => {
                Self::Choices {
                    type_: if *max_selections == 1 { "radio" } else { "checkbox" },
                    layout: match layout {
                        ChoiceLayout::Horizontal => "horizontal",
                        ChoiceLayout::Grid => "grid",
                        ChoiceLayout::Vertical | ChoiceLayout::Dropdown => "vertical",
                    },
                    most: *max_selections,
                    least: *min_selections,
                    guidance: guidance(w, *min_selections, *max_selections, choices.len()),
                    choices: choices.iter().map(choice).collect(),
                }
            }
            KindView::Match { min_matches, items, options } => {
                let pool: Vec<_> =
                    options.iter().map(|option| MatchPartner::of_pool(option, renderer)).collect();
                Self::Match {
                    least: *min_matches,
                    items: items
                        .iter()
                        .map(|item| RenderedItem::of(item, &pool, renderer))
                        .collect(),
                    pool,
                }
            }
            KindView::Input(input) => Self::of_input(w, input),
        }
    }

    fn of_input(w: &Language, view: &InputView<'_>) -> Self {
        match view {
            InputView::Field { max_length } => Self::Line { most: *max_length },
            InputView::Area { max_length } => Self::Area { most: *max_length },
            InputView::Rich { max_length } => Self::Rich { most: *max_length },
            InputView::Code { max_length, language, template } => Self::Code {
                most: *max_length,
                language: (*language).to_owned(),
                template: (*template).to_owned(),
            },
            InputView::Numeric { unit, decimal_mark, .. } => {
                Self::Number { unit: (*unit).to_owned(), mark: *decimal_mark }
            }
            InputView::Tabular { columns, rows, decimal_mark, .. } => Self::Table {
                mark: columns
                    .iter()
                    .any(|column| column.kind == ColumnKind::Numeric)
                    .then_some(*decimal_mark),
                columns: columns.iter().map(TabularHead::of_column).collect(),
                rows: rows
                    .iter()
                    .map(|row| TabularHead {
                        key: row.key.to_string(),
                        title: row.title.clone(),
                        is_number: false,
                    })
                    .collect(),
            },
            InputView::Audio { max_seconds } => Self::recording(w, "audio", *max_seconds),
            InputView::Video { max_seconds } => Self::recording(w, "video", *max_seconds),
            InputView::File { max_files, max_bytes, media_types } => Self::Files {
                most: *max_files,
                bytes: *max_bytes,
                accept: media_types.join(","),
                is_photo: false,
                limits: file_limits(w, *max_files, *max_bytes, &media_types.join(",")),
            },
            InputView::Photo { max_files, max_bytes, media_types } => Self::Files {
                most: *max_files,
                bytes: *max_bytes,
                accept: if media_types.is_empty() {
                    "image/*".to_owned()
                } else {
                    media_types.join(",")
                },
                is_photo: true,
                limits: file_limits(w, *max_files, *max_bytes, &media_types.join(",")),
            },
        }
    }

    fn recording(w: &Language, medium: &'static str, seconds: u32) -> Self {
        Self::Recording { medium, seconds, limits: w.record_most(w.duration(seconds)) }
    }
}

/// How many files of which size and kind may be handed in, in words.
fn file_limits(w: &Language, most: u32, bytes: u64, accept: &str) -> String {
    let words = w.file_most(most, w.size(bytes));
    let mut kinds: Vec<String> = Vec::new();
    for media_type in accept.split(',').filter(|entry| !entry.is_empty()) {
        let kind = kind_of_files(w, media_type);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    if kinds.is_empty() { words } else { format!("{words} ({})", kinds.join(", ")) }
}

/// What people call files of a media type.
fn kind_of_files(w: &Language, media_type: &str) -> String {
    let (kind, subtype) = media_type.split_once('/').unwrap_or((media_type, "*"));
    match (kind, subtype) {
        ("image", "*") => w.kind_images.to_owned(),
        ("audio", "*") => w.kind_audio.to_owned(),
        ("video", "*") => w.kind_video.to_owned(),
        ("text", "*" | "plain") => w.kind_text.to_owned(),
        (_, "vnd.openxmlformats-officedocument.wordprocessingml.document" | "msword") => {
            "Word".to_owned()
        }
        (_, "vnd.openxmlformats-officedocument.spreadsheetml.sheet" | "vnd.ms-excel") => {
            "Excel".to_owned()
        }
        (
            _,
            "vnd.openxmlformats-officedocument.presentationml.presentation" | "vnd.ms-powerpoint",
        ) => "PowerPoint".to_owned(),
        (_, "vnd.oasis.opendocument.text") => "OpenDocument".to_owned(),
        (_, "svg+xml") => "SVG".to_owned(),
        (_, subtype) => subtype.trim_start_matches("x-").to_uppercase(),
    }
}

fn guidance(w: &'static UiTexts, least: u32, most: u32, choices: usize) -> String {
    match (least, most) {
        (_, 1) => w.choose_one.to_owned(),
        (1, most) if most as usize >= choices => String::new(),
        (1, most) => w.choose_most(most),
        (least, most) if least == most => w.choose_exactly(most),
        (least, most) => w.choose_between(least, most),
    }
}

impl RenderedChoice {
    /// Not every program reads MathML aloud.
    fn has_formula(&self) -> bool {
        has_formula(&self.html)
    }

    fn of(view: &ChoiceView<'_>, renderer: &Renderer) -> Self {
        Self {
            key: view.key.to_string(),
            html: renderer.inline(view.text),
            plain: to_inline_text(view.text),
        }
    }
}

impl MatchPartner {
    fn of_pool(view: &OptionView<'_>, renderer: &Renderer) -> Self {
        let (html, plain) = (renderer.inline(view.text), to_inline_text(view.text));
        Self { key: view.key.to_string(), html, plain, uses: view.max_uses }
    }

    fn of_own(view: &ChoiceView<'_>, renderer: &Renderer) -> Self {
        let (html, plain) = (renderer.inline(view.text), to_inline_text(view.text));
        Self { key: view.key.to_string(), html, plain, uses: 0 }
    }
}

impl RenderedItem {
    fn of(view: &ItemView<'_>, pool: &[MatchPartner], renderer: &Renderer) -> Self {
        let own: Vec<_> =
            view.options.iter().map(|option| MatchPartner::of_own(option, renderer)).collect();
        let html = renderer.inline(view.text);
        // Every item repeats its options, so they count towards the page's budget each time.
        let listed = |partner: &&MatchPartner| renderer.spend(partner.plain.len() + OPTION_BYTES);
        Self {
            key: view.key.to_string(),
            spoken: has_formula(&html).then(|| to_inline_text(view.text)),
            html,
            is_private: !own.is_empty(),
            options: if own.is_empty() { pool } else { &own }
                .iter()
                .take_while(listed)
                .map(ListedOption::of)
                .collect(),
        }
    }
}

impl TabularHead {
    fn of_column(column: &TableColumn) -> Self {
        let is_number = column.kind == ColumnKind::Numeric;
        Self { key: column.key.to_string(), title: column.title.clone(), is_number }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_files_are_named_each_once() {
        let words = |accept| file_limits(Language::english(), 2, 1_000_000, accept);
        assert_eq!(words(""), words("").trim());
        let limits = words("application/pdf,image/*,image/*,audio/x-wav,text/plain");
        assert!(limits.ends_with(" (PDF, images, WAV, text)"), "{limits}");
        assert!(limits.starts_with("Up to 2 files"), "{limits}");
    }
}
