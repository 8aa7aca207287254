//! The JSON Schema of an authored document, generated from the types of the stored form.
//!
//! The types say what exists; this module turns "always there" into "may be left out" where authors have a default,
//! and closes the objects.

use super::model::Test;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// Fields with defaults (domain rules, 2.2 to 2.7), wherever they stand.
const DEFAULTED: &[&str] = &[
    "uuid",
    "lang",
    "description",
    "instructions",
    "closing",
    "timeLimit",
    "navigation",
    "shuffleSections",
    "mandatory",
    "levels",
    "dimensions",
    "effects",
    "sub",
    "intro",
    "shufflePages",
    "pinned",
    "ignorableBlanks",
    "shuffleQuestions",
    "hint",
    "feedback",
    "tags",
    "points",
    "negativePoints",
    "effective",
    "required",
    "evaluation",
    "minSelections",
    "maxSelections",
    "partial",
    "shuffle",
    "layout",
    "options",
    "matches",
    "wrongPercentage",
    "blankPercentage",
    "minMatches",
    "shuffleItems",
    "shuffleOptions",
    "maxUses",
    "maxLength",
    "rules",
    "otherwise",
    "caseSensitive",
    "whitespace",
    "language",
    "template",
    "unit",
    "decimalSeparator",
    "groupSeparator",
    "cells",
    "maxSeconds",
    "maxFiles",
    "maxBytes",
    "mediaTypes",
    "tolerance",
    "inclusive",
    "secondsPerQuestion",
    "labels",
];

/// Fields with defaults that are required elsewhere, by the type that has the default.
const DEFAULTED_IN: &[(&str, &[&str])] = &[
    ("Test", &["type"]),
    ("Mandatory", &["page", "section", "test"]),
    ("Page", &["text", "questions"]),
    ("Choice", &["percentage"]),
    ("QuestionEntry", &["key"]),
];

/// Types whose fields stand among those of a question; the question closes them.
const PARTS: &[&str] =
    &["MultipleChoice", "Match", "Input", "Text", "Rich", "Code", "Numeric", "Tabular", "Recording", "Upload"];

/// The JSON Schema (2020-12) that editors use while a document is written.
///
/// It accepts every valid document; what compares values (unknown paths, sums, duplicates) only validation finds.
#[must_use]
pub fn json_schema() -> Value {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Test>();
    let mut schema = schema.to_value();
    let definitions = schema.get_mut("$defs").map(Value::take);
    let mut definitions = match definitions {
        Some(Value::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    for (name, definition) in &mut definitions {
        adapt(definition, name);
    }
    adapt(&mut schema, "Test");
    schema["properties"]["assay"] = json!({ "const": 1, "description": "The version of the document's form." });
    definitions.insert("RuleNumber".to_owned(), rule_number());
    schema["$defs"] = Value::Object(definitions);
    schema
}

/// Makes the schema of a type that of what authors write.
fn adapt(schema: &mut Value, name: &str) {
    without_null(schema);
    with_defaults(schema, name);
    if name == "NumericRule" {
        each_property(schema, &|property, value| {
            if property != "percentage" {
                replace_decimal(value);
            }
        });
    }
    if name == "Path" {
        schema["minItems"] = json!(1);
        schema["maxItems"] = json!(2);
    }
    if !PARTS.contains(&name) {
        close(schema);
    }
}

/// An absent field is absent: `null` is no value of a document.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    members.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(branches)) = members.get_mut("anyOf") {
                branches.retain(|branch| branch["type"] != "null");
                if let [only] = branches.as_slice() {
                    let only = only.clone();
                    members.remove("anyOf");
                    if let Value::Object(only) = only {
                        members.extend(only);
                    }
                }
            }
            members.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}

/// Takes fields with defaults out of `required`, here and in the alternatives.
fn with_defaults(schema: &mut Value, name: &str) {
    let here = DEFAULTED_IN.iter().find(|(owner, _)| *owner == name).map_or(&[][..], |(_, fields)| fields);
    // A pass mark of points has nothing but points.
    let defaulted = |field: &str| here.contains(&field) || (DEFAULTED.contains(&field) && name != "PassMark");
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|field| !field.as_str().is_some_and(defaulted));
    }
    for alternatives in ["oneOf", "anyOf"] {
        if let Some(Value::Array(branches)) = schema.get_mut(alternatives) {
            branches.iter_mut().for_each(|branch| with_defaults(branch, name));
        }
    }
}

/// Forbids fields that are not defined, in an object or in each of alternative objects.
fn close(schema: &mut Value) {
    let has = |schema: &Value, word: &str| schema.get(word).is_some();
    if has(schema, "properties") {
        let word = if has(schema, "oneOf") { "unevaluatedProperties" } else { "additionalProperties" };
        schema[word] = json!(false);
        return;
    }
    if let Some(Value::Array(branches)) = schema.get_mut("anyOf") {
        branches.iter_mut().for_each(close);
    }
}

fn each_property(schema: &mut Value, act: &dyn Fn(&str, &mut Value)) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.iter_mut().for_each(|(name, value)| act(name, value));
    }
    if let Some(Value::Array(branches)) = schema.get_mut("oneOf") {
        branches.iter_mut().for_each(|branch| each_property(branch, act));
    }
}

/// Numbers of rules may also be written as a candidate would type them.
fn replace_decimal(schema: &mut Value) {
    if schema["$ref"] == "#/$defs/Decimal" {
        *schema = json!({ "$ref": "#/$defs/RuleNumber" });
    } else if schema.get("items").is_some() {
        replace_decimal(&mut schema["items"]);
    }
}

fn rule_number() -> Value {
    json!({
        "description": "A number, or a string with a number as a candidate would type it.",
        "type": ["number", "string"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::strategy::tests;
    use crate::document::tests::{EXAMPLE, read_alone};
    use crate::document::{Format, stored};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static VALIDATOR: LazyLock<jsonschema::Validator> =
        LazyLock::new(|| jsonschema::validator_for(&json_schema()).unwrap());

    fn accepts(text: &str) -> bool {
        VALIDATOR.is_valid(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn broken_documents_are_refused() {
        let broken = [
            (r#""assay": 1"#, r#""assay": 2"#),
            (r#""key": "desk-screening","#, ""),
            (r#""title": "Numbers","#, ""),
            (r#""shuffle": true,"#, r#""shuffle": "yes","#),
            (r#""shuffle": true,"#, r#""colour": "red","#),
            (r#""kind": "match""#, r#""kind": "essay""#),
            (r#""type": "area""#, r#""type": "tabular""#),
            (r#""rule": "between""#, r#""rule": "is""#),
            (r#""min": 10,"#, ""),
            (r#""ratio": 0.4"#, r#""ratio": 0.4, "points": 1"#),
            (r#""ratio": 0.4"#, r#""ratio": null"#),
            (r#""path": ["Style", "Quick"]"#, r#""path": []"#),
            (r#""key": "q1""#, r#""key": "q 1""#),
        ];
        assert!(accepts(EXAMPLE));
        for (from, to) in broken {
            let document = EXAMPLE.replace(from, to);
            assert_ne!(document, EXAMPLE, "{from}");
            assert!(!accepts(&document), "{to}");
        }
    }

    #[test]
    fn the_example_is_accepted_as_written_and_as_stored() {
        assert!(accepts(EXAMPLE));
        assert!(accepts(&stored(&read_alone(EXAMPLE, Format::Json).unwrap().test)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn every_stored_document_is_accepted(test in tests()) {
            prop_assert!(accepts(&stored(&test)));
        }
    }
}
