//! The JSON Schema of an authored document, generated from the types of the stored form.
//!
//! The types say what exists, what it means, and what holds where an author leaves it out; this
//! module makes of them what is authored, and closes the objects.

use super::model::Test;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// Types whose fields stand among those of a question; the question closes them.
const PARTS: &[&str] = &[
    "MultipleChoice",
    "MatchQuestion",
    "Input",
    "TextInput",
    "RichTextInput",
    "CodeInput",
    "NumericInput",
    "TabularInput",
    "RecordingInput",
    "UploadInput",
];

/// The JSON Schema (2020-12) that editors use while a document is written.
///
/// It accepts every valid document; what compares values (unknown paths, sums, duplicates) only
/// validation finds.
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
    let version = schema["properties"]["assay"]["description"].take();
    schema["properties"]["assay"] = json!({ "const": 1, "description": version });
    definitions.insert("RuleNumber".to_owned(), rule_number());
    schema["$defs"] = Value::Object(definitions);
    schema
}

/// Makes the schema of a type that of what authors write.
fn adapt(schema: &mut Value, name: &str) {
    without_null(schema);
    on_one_line(schema);
    describe_tags(schema);
    if name == "NumericRule" {
        each_property(schema, &|property, value| {
            if property != "percentage" {
                replace_decimal(value);
            }
        });
    }
    if name == "NamePath" {
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

/// Descriptions are sentences; where their source breaks the line says nothing.
fn on_one_line(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(text)) = members.get_mut("description") {
                let paragraphs: Vec<_> =
                    text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect();
                *text = paragraphs.join("\n\n");
            }
            members.values_mut().for_each(on_one_line);
        }
        Value::Array(items) => items.iter_mut().for_each(on_one_line),
        _ => {}
    }
}

/// What tells alternatives apart is described as the alternative it stands for: the word of `kind`,
/// `type` or `rule`, or the only field there is.
fn describe_tags(schema: &mut Value) {
    let Some(Value::Array(branches)) = schema.get_mut("oneOf") else { return };
    for branch in branches {
        let Some(described) = branch.get("description").cloned() else { continue };
        let is_only =
            branch["properties"].as_object().is_some_and(|properties| properties.len() == 1);
        each_property(branch, &|_, value| {
            if value.get("const").is_some() || (is_only && value.get("description").is_none()) {
                value["description"] = described.clone();
            }
        });
    }
}

/// Forbids fields that are not defined, in an object or in each of alternative objects.
fn close(schema: &mut Value) {
    let has = |schema: &Value, word: &str| schema.get(word).is_some();
    if has(schema, "properties") {
        let word =
            if has(schema, "oneOf") { "unevaluatedProperties" } else { "additionalProperties" };
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
        schema["$ref"] = json!("#/$defs/RuleNumber");
    } else if schema.get("items").is_some() {
        replace_decimal(&mut schema["items"]);
    }
}

fn rule_number() -> Value {
    json!({
        "description": "A number of at most 18 digits and 9 decimals, or a string with it as a candidate would type it.",
        "type": ["number", "string"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::arbitrary::any_test;
    use crate::document::tests::{EXAMPLE, read_alone};
    use crate::document::{DocumentFormat, to_stored};
    use proptest::prelude::*;
    use std::collections::BTreeSet;
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
        assert!(accepts(&to_stored(&read_alone(EXAMPLE, DocumentFormat::Json).unwrap().test)));
    }

    /// All schemas of a schema, with where they stand.
    fn each_schema(schema: &Value, place: &str, act: &mut dyn FnMut(&str, &Value)) {
        act(place, schema);
        let Value::Object(members) = schema else { return };
        for (word, inner) in members {
            match (word.as_str(), inner) {
                ("properties" | "$defs", Value::Object(named)) => {
                    named.iter().for_each(|(name, inner)| {
                        each_schema(inner, &format!("{place}/{name}"), act)
                    });
                }
                ("oneOf" | "anyOf", Value::Array(branches)) => {
                    let numbered = branches.iter().enumerate();
                    numbered.for_each(|(index, inner)| {
                        each_schema(inner, &format!("{place}/{index}"), act)
                    });
                }
                ("items" | "additionalProperties", Value::Object(_)) => {
                    each_schema(inner, place, act)
                }
                _ => {}
            }
        }
    }

    #[test]
    fn every_property_and_every_word_is_described() {
        let mut silent = Vec::new();
        let is_described =
            |schema: &Value| schema["description"].as_str().is_some_and(|text| text.ends_with('.'));
        each_schema(&json_schema(), "", &mut |place, schema| {
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                if !is_described(property) {
                    silent.push(format!("{place}/{name}"));
                }
            }
            let words = schema["enum"].as_array().into_iter().flatten();
            silent.extend(words.map(|word| format!("{place}: {word}")));
            if schema.get("const").is_some() && !is_described(schema) {
                silent.push(format!("{place}: {}", schema["const"]));
            }
        });
        let definitions = json_schema()["$defs"].clone();
        let unnamed = definitions
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, definition)| !is_described(definition));
        silent.extend(unnamed.map(|(name, _)| name.clone()));
        assert!(silent.is_empty(), "say what it is, in its doc comment: {silent:#?}");
    }

    /// Every part of a document once, with nothing that may be left out.
    const BARE: &str = include_str!("../../tests/documents/bare.json");

    /// Goes through a schema beside what was authored and what became of it.
    struct Defaults<'s> {
        schema: &'s Value,
        definitions: &'s Map<String, Value>,
        met: BTreeSet<String>,
    }

    impl Defaults<'_> {
        /// The schema and all that applies beside it: what it refers to, and the alternatives that
        /// fit.
        fn compare(&mut self, name: &str, schema: &Value, authored: &Value, stored: &Value) {
            if let Some(target) =
                schema["$ref"].as_str().and_then(|target| target.strip_prefix("#/$defs/"))
            {
                let definitions = self.definitions;
                self.compare(target, &definitions[target], authored, stored);
            }
            for branch in ["oneOf", "anyOf"]
                .iter()
                .flat_map(|word| schema[*word].as_array().into_iter().flatten())
            {
                if self.fits(branch, authored) {
                    self.compare(name, branch, authored, stored);
                }
            }
            if let (Value::Array(authored), Value::Array(stored)) = (authored, stored) {
                for (authored, stored) in authored.iter().zip(stored) {
                    self.compare(name, &schema["items"], authored, stored);
                }
            }
            for (property, inner) in schema["properties"].as_object().into_iter().flatten() {
                match (authored.get(property), inner.get("default")) {
                    (None, Some(default)) if stored.get(property).is_some() => {
                        assert_eq!(stored[property], *default, "{name}.{property}");
                        self.met.insert(format!("{name}.{property}"));
                    }
                    (Some(authored), _) => self.compare(name, inner, authored, &stored[property]),
                    _ => {}
                }
            }
        }

        fn fits(&self, branch: &Value, authored: &Value) -> bool {
            let mut whole = branch.clone();
            whole["$defs"] = self.schema["$defs"].clone();
            jsonschema::validator_for(&whole).unwrap().is_valid(authored)
        }
    }

    #[test]
    fn the_defaults_it_states_are_those_that_reading_fills_in() {
        let schema = json_schema();
        let definitions = schema["$defs"].as_object().unwrap();
        let bare: Value = serde_json::from_str(BARE).unwrap();
        let mut barer = bare.clone();
        barer["sections"][0]["pages"] =
            json!([{ "key": "p", "questions": [bare["sections"][0]["pages"][1]["questions"][1]] }]);
        for left_out in ["mandatory", "levels", "dimensions", "effects"] {
            barer.as_object_mut().unwrap().remove(left_out);
        }
        let mut defaults = Defaults { schema: &schema, definitions, met: BTreeSet::new() };
        for authored in [bare, barer] {
            let read = read_alone(&authored.to_string(), DocumentFormat::Json)
                .unwrap_or_else(|faults| panic!("{faults:?}"));
            let stored: Value = serde_json::from_str(&to_stored(&read.test)).unwrap();
            defaults.compare("Test", &schema, &authored, &stored);
        }
        let mut stated = BTreeSet::new();
        let mut collect = |name: &str, schema: &Value| {
            let mut owners = vec![(name.to_owned(), schema.clone())];
            while let Some((name, schema)) = owners.pop() {
                let branches = schema["oneOf"].as_array().into_iter().flatten();
                owners.extend(branches.map(|branch| (name.clone(), branch.clone())));
                let properties = schema["properties"].as_object().into_iter().flatten();
                let with_default =
                    properties.filter(|(_, property)| property.get("default").is_some());
                stated.extend(with_default.map(|(property, _)| format!("{name}.{property}")));
            }
        };
        collect("Test", &schema);
        definitions.iter().for_each(|(name, definition)| collect(name, definition));
        let unmet: Vec<_> = stated.difference(&defaults.met).collect();
        assert!(unmet.is_empty(), "{unmet:?}");
    }

    /// The places of a document whose value the schema bounds, each with a value just beyond a
    /// bound.
    fn beyond(
        schema: &Value,
        whole: &Value,
        document: &Value,
        place: &str,
        found: &mut Vec<(String, Value)>,
    ) {
        if let Some(target) =
            schema["$ref"].as_str().and_then(|target| target.strip_prefix("#/$defs/"))
        {
            beyond(&whole["$defs"][target], whole, document, place, found);
        }
        for (word, step) in [("minimum", -1), ("maximum", 1), ("exclusiveMinimum", 0)] {
            if let Some(bound) = schema[word].as_i64() {
                found.push((place.to_owned(), json!(bound + step)));
            }
        }
        if let (Some(most), Value::String(_)) = (schema["maxLength"].as_u64(), document) {
            found.push((place.to_owned(), json!("x".repeat(usize::try_from(most).unwrap() + 1))));
        }
        if let (Some(most), Value::Array(items)) = (schema["maxItems"].as_u64(), document) {
            let item = items.first().cloned().unwrap_or_default();
            found.push((place.to_owned(), json!(vec![item; usize::try_from(most).unwrap() + 1])));
        }
        for branch in ["oneOf", "anyOf"]
            .iter()
            .flat_map(|word| schema[*word].as_array().into_iter().flatten())
        {
            beyond(branch, whole, document, place, found);
        }
        for (index, item) in document.as_array().into_iter().flatten().enumerate() {
            beyond(&schema["items"], whole, item, &format!("{place}/{index}"), found);
        }
        for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(value) = document.get(name) {
                beyond(inner, whole, value, &format!("{place}/{name}"), found);
            }
        }
    }

    #[test]
    fn what_lies_beyond_a_bound_it_states_is_refused_at_that_place() {
        let document: Value =
            serde_json::from_str(&to_stored(&read_alone(BARE, DocumentFormat::Json).unwrap().test))
                .unwrap();
        let schema = json_schema();
        let mut found = Vec::new();
        beyond(&schema, &schema, &document, "", &mut found);
        assert!(found.len() > 200, "{}", found.len());
        for (place, value) in found {
            let mut broken = document.clone();
            *broken.pointer_mut(&place).unwrap() = value.clone();
            let faults =
                read_alone(&broken.to_string(), DocumentFormat::Json).err().unwrap_or_default();
            let is_told = faults.iter().any(|fault| fault.pointer.as_str() == place);
            // How many may be chosen is told at `maxSelections`, whichever of the two is wrong.
            let beside = place.replace("/minSelections", "/maxSelections");
            let is_told_beside = faults.iter().any(|fault| fault.pointer.as_str() == beside);
            assert!(is_told || is_told_beside, "{place}: {:.80}", value.to_string());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn every_stored_document_is_accepted(test in any_test()) {
            prop_assert!(accepts(&to_stored(&test)));
        }
    }
}
