//! Tables of fields, made from the JSON Schema.

use serde_json::{Map, Value};

/// What lists and fields hold, in words, by the name of the type.
const NAMES: [(&str, &str); 30] = [
    ("QuestionCriterion", "criteria with levels"),
    ("CriterionLevel", "levels"),
    ("DimensionAssignment", "dimensions with points"),
    ("BankFilter", "folder, labels, tags"),
    ("BankReference", "`questionId`, `organizationId`"),
    ("TableCell", "cells"),
    ("CellRules", "rules"),
    ("Choice", "choices"),
    ("TableColumn", "columns"),
    ("DeclaredName", "names with subs"),
    ("Decimal", "number"),
    ("EffectScore", "effects with scores"),
    ("Item", "items"),
    ("ElementKey", "key"),
    ("Level", "levels"),
    ("MandatoryRules", "`page`, `section`, `test`"),
    ("CountingMatch", "options with percentages"),
    ("NumericRule", "rules"),
    ("Page", "pages"),
    ("PageEntry", "pages, pools"),
    ("PassMark", "`ratio` or `points`"),
    ("NamePath", "one or two names"),
    ("Pool", "pool"),
    ("PrivateOption", "options"),
    ("QuestionEntry", "questions, references, pools"),
    ("TableRow", "rows"),
    ("RuleNumber", "number"),
    ("Section", "sections"),
    ("SharedOption", "options"),
    ("TextRule", "rules"),
];

pub struct Tables {
    definitions: Map<String, Value>,
}

impl Tables {
    pub fn new() -> Self {
        let schema = domain::document::json_schema();
        let mut definitions = schema["$defs"].as_object().unwrap().clone();
        definitions.insert("Test".to_owned(), schema);
        Self { definitions }
    }

    /// The table of a type's fields.
    pub fn of(&self, name: &str) -> String {
        let schema = &self.definitions[name];
        match name {
            "TextRule" | "NumericRule" => self.rules(schema),
            "Input" => words(schema, "type"),
            // Of what may stand in a list of questions, references have fields that stand nowhere
            // else.
            "QuestionEntry" => self.fields(&schema["anyOf"][1], &["ref"]),
            _ => self.fields(schema, &[]),
        }
    }

    fn fields(&self, schema: &Value, left_out: &[&str]) -> String {
        let mut lines = head(&["field", "value", "left out", "meaning"]);
        let mut add = |owner: &Value, is_one_of: bool| {
            for (field, property) in members(&owner["properties"]) {
                let is_tag =
                    owner["properties"].as_object().is_some_and(|all| all.len() == 1) && !is_one_of;
                if left_out.contains(&field.as_str()) || (is_tag && property.get("const").is_some())
                {
                    continue;
                }
                let row = [
                    format!("`{field}`"),
                    self.value(property),
                    if is_one_of {
                        "one of these".to_owned()
                    } else {
                        absent(owner, field, property)
                    },
                    self.meaning(property),
                ];
                lines.push(row.join(" | "));
            }
        };
        add(schema, false);
        // Alternatives with a field each: a pool's source, a pass mark. Kinds of question have
        // tables of their own.
        for branch in schema["oneOf"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|branch| branch.get("$ref").is_none())
        {
            add(branch, true);
        }
        finish(&lines)
    }

    fn rules(&self, schema: &Value) -> String {
        let mut lines = head(&["rule", "beside it", "holds, and what stands beside it"]);
        for branch in schema["oneOf"].as_array().unwrap() {
            let beside = members(&branch["properties"]).filter(|(field, _)| *field != "rule");
            let (names, texts): (Vec<_>, Vec<_>) = beside
                .map(|(field, property)| {
                    let default = property
                        .get("default")
                        .map_or_else(String::new, |value| format!(" ({value})"));
                    (
                        format!("`{field}`{default}"),
                        format!("`{field}`: {}", self.meaning(property)),
                    )
                })
                .unzip();
            let rule = branch["properties"]["rule"]["const"].as_str().unwrap();
            let text = std::iter::once(description(branch).to_owned())
                .chain(texts)
                .collect::<Vec<_>>()
                .join(" ");
            lines.push(format!("`{rule}` | {} | {text}", names.join(", ")));
        }
        let percentage = &schema["properties"]["percentage"];
        lines.push(format!("each | `percentage` | {}", self.meaning(percentage)));
        finish(&lines)
    }

    /// What may stand there.
    fn value(&self, property: &Value) -> String {
        if let Some(value) = property.get("const") {
            return format!("`{value}`");
        }
        if let Some(name) = target(property) {
            let words = words_of(&self.definitions[name]);
            if !words.is_empty() {
                return either(&words);
            }
            return bounded(named(name), property, "minimum", "maximum");
        }
        match property["type"].as_str() {
            Some("string") if property.get("format").is_some() => "uuid".to_owned(),
            Some("string") if property.get("maxLength").is_some() => {
                format!("{} characters", bounded("text", property, "minLength", "maxLength"))
            }
            Some("string") => "text".to_owned(),
            Some("boolean") => "`true` or `false`".to_owned(),
            Some("integer") => bounded("whole number", property, "minimum", "maximum"),
            Some("array") => {
                let of = target(&property["items"]).map_or("texts", named);
                bounded(&format!("list of {of}"), property, "minItems", "maxItems")
            }
            _ => "name to text".to_owned(),
        }
    }

    /// The description, with those of the words where there are such.
    fn meaning(&self, property: &Value) -> String {
        let mut text = description(property).to_owned();
        let branches = target(property).and_then(|name| self.definitions[name]["oneOf"].as_array());
        for branch in branches.into_iter().flatten().filter(|branch| branch.get("const").is_some())
        {
            text += &format!(" `{}`: {}", branch["const"].as_str().unwrap(), description(branch));
        }
        text.replace("\n\n", " ").replace('|', "\\|")
    }
}

/// The words of a field that decides what else there is, with what each stands for.
fn words(schema: &Value, tag: &str) -> String {
    let mut lines = head(&[tag, "is answered by"]);
    for branch in schema["oneOf"].as_array().unwrap() {
        let word = branch["properties"][tag]["const"].as_str().unwrap();
        lines.push(format!("`{word}` | {}", description(branch)));
    }
    finish(&lines)
}

fn head(cells: &[&str]) -> Vec<String> {
    vec![cells.join(" | "), vec!["---"; cells.len()].join(" | ")]
}

fn finish(lines: &[String]) -> String {
    lines.iter().map(|line| format!("| {line} |\n")).collect()
}

fn members(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flatten()
}

fn description(schema: &Value) -> &str {
    schema["description"].as_str().unwrap()
}

fn target(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/$defs/")
}

fn named(name: &str) -> &str {
    NAMES
        .iter()
        .find(|(entry, _)| *entry == name)
        .unwrap_or_else(|| panic!("no words for {name}"))
        .1
}

fn words_of(schema: &Value) -> Vec<String> {
    let branches = schema["oneOf"].as_array().into_iter().flatten();
    branches.filter_map(|branch| branch["const"].as_str()).map(|word| format!("`{word}`")).collect()
}

/// `a`, `b` or `c`.
fn either(words: &[String]) -> String {
    let (last, before) = words.split_last().unwrap();
    format!("{} or {last}", before.join(", "))
}

fn bounded(what: &str, schema: &Value, least: &str, most: &str) -> String {
    match (schema.get(least), schema.get(most)) {
        (Some(least), Some(most)) => format!("{what}, {least} to {most}"),
        (Some(least), None) if *least != 0 => format!("{what}, from {least}"),
        (None, Some(most)) if schema.get("exclusiveMinimum").is_some() => {
            format!("{what}, above 0 to {most}")
        }
        (None, Some(most)) => format!("{what}, up to {most}"),
        _ => what.to_owned(),
    }
}

/// What holds when a field is left out.
fn absent(owner: &Value, field: &str, property: &Value) -> String {
    let is_required =
        owner["required"].as_array().is_some_and(|names| names.iter().any(|name| name == field));
    match property.get("default") {
        _ if is_required => "**required**".to_owned(),
        None if property["type"] == "array" && !description(property).contains("Left out") => {
            "empty".to_owned()
        }
        None => "see right".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "empty".to_owned(),
        Some(Value::Array(items)) if items.is_empty() => "empty".to_owned(),
        Some(Value::Object(inner)) if inner.is_empty() => "empty".to_owned(),
        Some(Value::Object(inner)) => inner.values().map(shown).collect::<Vec<_>>().join(", "),
        Some(value) => shown(value),
    }
}

fn shown(value: &Value) -> String {
    format!("`{}`", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
