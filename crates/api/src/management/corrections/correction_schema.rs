//! A correction as requests send it and as it is kept: read by the domain, described here.

use crate::body::BodyField;
use crate::request::ValueReader;
use crate::request::schema::{self, ObjectSchema};
use crate::request::value::{boolean, label, text};
use domain::fault::ErrorCode;
use domain::scoring::Correction;
use std::borrow::Cow;
use utoipa::openapi::schema::{AdditionalProperties, SchemaType};
use utoipa::openapi::{ArrayBuilder, ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A change of how one question is scored.
pub(in crate::management) struct CorrectionSchema;

/// Reads a correction.
pub(super) struct CorrectionReader;

impl ValueReader for CorrectionReader {
    type Value = Correction;

    fn read(&self, field: &BodyField<'_>) -> Option<Correction> {
        let read = Correction::read(field.any_object()?);
        if read.is_err() {
            field.refuse(ErrorCode::InvalidFormat, "must be a correction: a question and a change");
        }
        read.ok()
    }

    fn schema(&self) -> RefOr<Schema> {
        schema::reference::<CorrectionSchema>()
    }

    fn components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        schema::add_component::<CorrectionSchema>(components);
    }
}

impl ToSchema for CorrectionSchema {
    fn name() -> Cow<'static, str> {
        "Correction".into()
    }

    fn schemas(components: &mut Vec<(String, RefOr<Schema>)>) {
        let ignore = of_question("Takes the question out of scoring.").build();
        let variants =
            [("IgnoreQuestion", "ignore", ignore), ("ReplaceScoring", "replace", replacement())];
        for (name, word, variant) in variants {
            schema::add_variant_as(components, name, "change", word, variant);
        }
        schema::add_component::<RuleSchema>(components);
    }
}

impl PartialSchema for CorrectionSchema {
    fn schema() -> RefOr<Schema> {
        schema::union(
            &["A change of how one question is scored."],
            "change",
            &[("ignore", "IgnoreQuestion".into()), ("replace", "ReplaceScoring".into())],
        )
    }
}

fn of_question(about: &str) -> ObjectSchema {
    ObjectSchema::new(&[about]).property(
        "question",
        "The question's key in the test.",
        true,
        label().schema(),
    )
}

fn replacement() -> RefOr<Schema> {
    let rules = || list_of(schema::reference::<RuleSchema>());
    let item = ObjectSchema::new(&["Percentages of one item."])
        .property("matches", "By the key of an option.", false, by_key(exact()))
        .property("wrongPercentage", "Of every other option.", false, exact())
        .property("blankPercentage", "Of no option.", false, exact())
        .build();
    let cell = ObjectSchema::new(&["A cell, in place of the one of its row and column."])
        .property("row", "The key of the row.", true, label().schema())
        .property("column", "The key of the column.", true, label().schema())
        .property("rules", "All its rules, on text or all on numbers.", true, rules())
        .property("otherwise", "Percent when no rule holds; 0 when omitted.", false, exact())
        .build();
    let path = list_of(label().schema());
    let dimension = ObjectSchema::new(&["New points for a dimension of the question."])
        .property("path", "The names of the dimension and its sub.", true, path)
        .property("points", "What a right answer adds; 1 when omitted.", false, exact())
        .property("negativePoints", "What a wrong one takes; 0 when omitted.", false, exact())
        .build();
    of_question("Replaces parts of how the question is scored; what is absent stays.")
        .property("choices", "Percentages by the key of a choice.", false, by_key(exact()))
        .property("items", "Percentages by the key of an item.", false, by_key(item))
        .property("rules", "All rules, on text or all on numbers.", false, rules())
        .property("otherwise", "Percent when no rule holds.", false, exact())
        .property("cells", "Cells of a table.", false, list_of(cell))
        .property("threshold", "Null takes it away.", false, schema::nullable(exact()))
        .property("points", "The nominal points.", false, exact())
        .property("negativePoints", "The largest loss.", false, exact())
        .property("dimensions", "Its points for dimensions.", false, list_of(dimension))
        .build()
}

/// A rule with the percentage it earns.
struct RuleSchema;

impl ToSchema for RuleSchema {
    fn name() -> Cow<'static, str> {
        "CorrectionRule".into()
    }

    fn schemas(components: &mut Vec<(String, RefOr<Schema>)>) {
        for ((word, name), shape) in RULE_NAMES.into_iter().zip(rule_shapes()) {
            schema::add_variant_as(components, name, "rule", word, shape);
        }
    }
}

impl PartialSchema for RuleSchema {
    fn schema() -> RefOr<Schema> {
        let names = RULE_NAMES.map(|(word, name)| (word, name.into()));
        let about = "A rule on text or on a number, with the percentage it earns.";
        schema::union(&[about], "rule", &names)
    }
}

/// The words of the rules and the names of their schemas, in the order of [`rule_shapes`].
const RULE_NAMES: [(&str, &str); 8] = [
    ("equal", "EqualRule"),
    ("not-equal", "NotEqualRule"),
    ("one-of", "OneOfRule"),
    ("none-of", "NoneOfRule"),
    ("matches", "MatchesRule"),
    ("not-matches", "NotMatchesRule"),
    ("compare", "CompareRule"),
    ("between", "BetweenRule"),
];

fn rule_shapes() -> [RefOr<Schema>; 8] {
    let one = |about: &str| {
        let object = value_rule(about);
        object.property("value", "The text or number.", true, exact()).build()
    };
    let several = |about: &str| {
        let object = value_rule(about);
        object.property("values", "The texts or numbers.", true, list_of(exact())).build()
    };
    let pattern = |about: &str| {
        let pattern = text(0..=usize::MAX).schema();
        percentage_rule(about).property("pattern", "A regular expression.", true, pattern).build()
    };
    let comparison = percentage_rule("Holds when the number compares so.")
        .property("op", "How it compares.", true, schema::words(["<", "<=", ">", ">="]))
        .property("value", "The number it is compared with.", true, exact());
    let between = percentage_rule("Holds when the number lies between two.")
        .property("min", "The lower bound.", true, exact())
        .property("max", "The upper bound.", true, exact())
        .property(
            "inclusive",
            "Whether bounds hold; true when omitted.",
            false,
            boolean().schema(),
        );
    [
        one("Holds when the answer is the value."),
        one("Holds when the answer is not the value."),
        several("Holds when the answer is one of the values."),
        several("Holds when the answer is none of the values."),
        pattern("Holds when the pattern is found in the text."),
        pattern("Holds when the pattern is not found in the text."),
        comparison.build(),
        between.build(),
    ]
}

fn percentage_rule(about: &str) -> ObjectSchema {
    let what = "What the answer earns when it holds, in percent: -100 to 100.";
    ObjectSchema::new(&[about]).property("percentage", what, true, exact())
}

fn value_rule(about: &str) -> ObjectSchema {
    let what = "How far a number may be off; 0 when omitted, never with a text.";
    percentage_rule(about).property("tolerance", what, false, exact())
}

/// A number, or a text with the same digits, as in documents; a text where a text is compared.
fn exact() -> RefOr<Schema> {
    let either = SchemaType::Array(vec![Type::Number, Type::String]);
    ObjectBuilder::new().schema_type(either).build().into()
}

fn by_key(value: RefOr<Schema>) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(AdditionalProperties::RefOr(value)))
        .build()
        .into()
}

fn list_of(item: RefOr<Schema>) -> RefOr<Schema> {
    ArrayBuilder::new().items(item).build().into()
}
