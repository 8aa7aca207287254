//! Generated input questions of every type, with rules.

use super::naming::key;
use super::{percentage, scaled, text};
use crate::decimal::Decimal;
use crate::document::model::{
    CellRules, CodeInput, ColumnKind, Comparison, DecimalSeparator, EvaluationMode, GroupSeparator,
    Input, Normalisation, NumberSeparators, NumericCondition, NumericInput, NumericRule,
    RecordingInput, RichTextInput, TableCell, TableColumn, TableRow, TabularInput, TextCondition,
    TextInput, TextRule, Typography, UploadInput, Whitespace,
};
use crate::pattern::LONGEST_TEXT;
use proptest::collection::vec;
use proptest::prelude::*;

/// An input of any type with an evaluation that fits it.
pub(super) fn input() -> impl Strategy<Value = (Input, EvaluationMode)> {
    let without_rules = prop_oneof![Just(EvaluationMode::Manual), Just(EvaluationMode::None)];
    (any_type(), without_rules).prop_map(|(input, otherwise)| {
        let evaluation = if has_rules(&input) { EvaluationMode::Auto } else { otherwise };
        (input, evaluation)
    })
}

fn has_rules(input: &Input) -> bool {
    match input {
        Input::Field(text) | Input::Area(text) => !text.rules.is_empty(),
        Input::Numeric(numeric) => !numeric.rules.is_empty(),
        Input::Tabular(tabular) => tabular.cells.iter().any(|cell| match &cell.rules {
            CellRules::Field(rules) => !rules.is_empty(),
            CellRules::Numeric(rules) => !rules.is_empty(),
        }),
        Input::Rich(_)
        | Input::Code(_)
        | Input::Audio(_)
        | Input::Video(_)
        | Input::File(_)
        | Input::Photo(_) => false,
    }
}

fn any_type() -> impl Strategy<Value = Input> {
    prop_oneof![
        3 => typed_text().prop_map(Input::Field),
        1 => typed_text().prop_map(Input::Area),
        1 => (1u32..=1_000_000).prop_map(|max_length| Input::Rich(RichTextInput { max_length })),
        1 => code().prop_map(Input::Code),
        3 => numeric().prop_map(Input::Numeric),
        2 => tabular().prop_map(Input::Tabular),
        1 => (1u32..=3600).prop_map(|max_seconds| Input::Audio(RecordingInput { max_seconds })),
        1 => (1u32..=3600).prop_map(|max_seconds| Input::Video(RecordingInput { max_seconds })),
        1 => upload().prop_map(Input::File),
        1 => upload().prop_map(Input::Photo),
    ]
}

fn typed_text() -> impl Strategy<Value = TextInput> {
    (1u32..=1_000_000, text_rules(), percentage(), normalisation()).prop_map(
        |(max_length, rules, otherwise, normalisation)| {
            let has_pattern = rules.iter().any(|rule| {
                matches!(
                    rule.condition,
                    TextCondition::Matches { .. } | TextCondition::NotMatches { .. }
                )
            });
            let max_length = if has_pattern { max_length.min(LONGEST_TEXT) } else { max_length };
            TextInput { max_length, rules, otherwise, normalisation }
        },
    )
}

fn normalisation() -> impl Strategy<Value = Normalisation> {
    let whitespace =
        prop_oneof![Just(Whitespace::Collapse), Just(Whitespace::Trim), Just(Whitespace::Exact)];
    (any::<bool>(), whitespace, typography()).prop_map(
        |(case_sensitive, whitespace, typography)| Normalisation {
            case_sensitive,
            whitespace,
            typography,
        },
    )
}

/// What authors may choose; documents of before say nothing.
fn typography() -> impl Strategy<Value = Option<Typography>> {
    prop_oneof![Just(Some(Typography::Loose)), Just(Some(Typography::Exact))]
}

fn text_rules() -> impl Strategy<Value = Vec<TextRule>> {
    let condition = prop_oneof![
        text::value().prop_map(|value| TextCondition::Equal { value }),
        text::value().prop_map(|value| TextCondition::NotEqual { value }),
        text::pattern().prop_map(|pattern| TextCondition::Matches { pattern }),
        text::pattern().prop_map(|pattern| TextCondition::NotMatches { pattern }),
        vec(text::value(), 1..3).prop_map(|values| TextCondition::OneOf { values }),
        vec(text::value(), 1..3).prop_map(|values| TextCondition::NoneOf { values }),
    ];
    vec(
        (condition, percentage())
            .prop_map(|(condition, percentage)| TextRule { condition, percentage }),
        0..4,
    )
}

fn number() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        (-20i64..20).prop_map(Decimal::from),
        scaled(-5_000..=5_000, 2),
        scaled(i64::MIN / 2..=i64::MAX / 2, 9)
    ]
}

fn tolerance() -> impl Strategy<Value = Decimal> {
    prop_oneof![Just(Decimal::ZERO), scaled(0..=2_000, 3)]
}

fn numeric_rules() -> impl Strategy<Value = Vec<NumericRule>> {
    let comparison = prop_oneof![
        Just(Comparison::Less),
        Just(Comparison::LessOrEqual),
        Just(Comparison::Greater),
        Just(Comparison::GreaterOrEqual)
    ];
    let condition = prop_oneof![
        (number(), tolerance())
            .prop_map(|(value, tolerance)| NumericCondition::Equal { value, tolerance }),
        (number(), tolerance())
            .prop_map(|(value, tolerance)| NumericCondition::NotEqual { value, tolerance }),
        (number(), number(), any::<bool>()).prop_map(|(one, other, inclusive)| {
            NumericCondition::Between {
                min: one.min(other),
                max: one.max(other),
                inclusive: inclusive || one == other,
            }
        }),
        (comparison, number()).prop_map(|(op, value)| NumericCondition::Compare { op, value }),
        (vec(number(), 1..3), tolerance())
            .prop_map(|(values, tolerance)| NumericCondition::OneOf { values, tolerance }),
        (vec(number(), 1..3), tolerance())
            .prop_map(|(values, tolerance)| NumericCondition::NoneOf { values, tolerance }),
    ];
    vec(
        (condition, percentage())
            .prop_map(|(condition, percentage)| NumericRule { condition, percentage }),
        0..4,
    )
}

fn separators() -> impl Strategy<Value = NumberSeparators> {
    use {DecimalSeparator as Decimal, GroupSeparator as Group};
    prop::sample::select(vec![
        (Decimal::Auto, Group::None),
        (Decimal::Auto, Group::Apostrophe),
        (Decimal::Either, Group::None),
        (Decimal::Either, Group::Space),
        (Decimal::Point, Group::Comma),
        (Decimal::Comma, Group::Point),
        (Decimal::Point, Group::Apostrophe),
    ])
    .prop_map(|(decimal_separator, group_separator)| NumberSeparators {
        decimal_separator,
        group_separator,
    })
}

fn numeric() -> impl Strategy<Value = NumericInput> {
    (text::markdown(), separators(), typography(), numeric_rules(), percentage()).prop_map(
        |(unit, separators, typography, rules, otherwise)| NumericInput {
            unit,
            separators,
            typography,
            rules,
            otherwise,
        },
    )
}

fn code() -> impl Strategy<Value = CodeInput> {
    (1u32..=1_000_000, text::markdown(), text::markdown())
        .prop_map(|(max_length, language, template)| CodeInput { max_length, language, template })
}

fn upload() -> impl Strategy<Value = UploadInput> {
    let types = prop::sample::subsequence(
        vec!["image/png".to_owned(), "application/pdf".to_owned()],
        0..=2,
    );
    (1u32..=20, 1u64..=2_147_483_648, types).prop_map(|(max_files, max_bytes, media_types)| {
        UploadInput { max_files, max_bytes, media_types }
    })
}

fn tabular() -> impl Strategy<Value = TabularInput> {
    let column = (text::visible(), prop_oneof![Just(ColumnKind::Field), Just(ColumnKind::Numeric)]);
    let cell = (text_rules(), numeric_rules(), percentage(), prop::bool::weighted(0.6));
    (vec(column, 1..4), vec(text::visible(), 1..4), vec(cell, 9), normalisation(), separators())
        .prop_map(|(columns, rows, cells, normalisation, separators)| {
            let column =
                |(index, (title, kind))| TableColumn { key: key("col", index), title, kind };
            let columns: Vec<_> = columns.into_iter().enumerate().map(column).collect();
            let row = |(index, title)| TableRow { key: key("row", index), title };
            let rows: Vec<_> = rows.into_iter().enumerate().map(row).collect();
            let places =
                rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column)));
            let cells = places.zip(cells).filter_map(
                |((row, column), (texts, numbers, otherwise, stored))| {
                    let rules = match column.kind {
                        ColumnKind::Field => CellRules::Field(texts),
                        ColumnKind::Numeric => CellRules::Numeric(numbers),
                    };
                    stored.then(|| TableCell {
                        row: row.key.clone(),
                        column: column.key.clone(),
                        rules,
                        otherwise,
                    })
                },
            );
            let cells = cells.collect();
            TabularInput { columns, rows, cells, normalisation, separators }
        })
}
