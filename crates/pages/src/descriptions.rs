//! What each field of a test document means, as a script module for the editor: the descriptions of the JSON Schema.
//!
//! Made from the program, not kept as a file, so that the editor cannot say anything else than `assay test schema`.

use domain::document::json_schema;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Its path among the assets.
pub const PATH: &str = "staff/editor/descriptions.js";

/// A JavaScript module with the descriptions of a test document's fields, for the editor.
pub static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    format!("export const DESCRIPTIONS = {};\n", serde_json::json!(descriptions()))
});

/// Type, then field, then its description. Where a word decides what else there is, its fields are those of the type and
/// the word: `TextRule.equal`.
type Descriptions = BTreeMap<String, BTreeMap<String, String>>;

fn descriptions() -> Descriptions {
    let mut schema = json_schema();
    let definitions = schema.get_mut("$defs").map(Value::take);
    let Some(Value::Object(definitions)) = definitions else { return Descriptions::new() };
    let mut found = Descriptions::new();
    collect("Test", &schema, &definitions, &mut found);
    for (name, definition) in &definitions {
        collect(name, definition, &definitions, &mut found);
    }
    found
}

fn collect(name: &str, schema: &Value, definitions: &Map<String, Value>, found: &mut Descriptions) {
    for (field, property) in members(&schema["properties"]) {
        if let Some(text) = described(property, definitions) {
            found.entry(name.to_owned()).or_default().insert(field.clone(), text);
        }
    }
    for branch in
        ["oneOf", "anyOf"].iter().flat_map(|word| schema[*word].as_array().into_iter().flatten())
    {
        let word =
            members(&branch["properties"]).find_map(|(_, property)| property["const"].as_str());
        let owner = word.map_or_else(|| name.to_owned(), |word| format!("{name}.{word}"));
        collect(&owner, branch, definitions, found);
    }
}

/// What is said of a field, and in a line each of the words it may be.
fn described(property: &Value, definitions: &Map<String, Value>) -> Option<String> {
    let text = property["description"].as_str()?;
    let target = property["$ref"].as_str().and_then(|target| target.strip_prefix("#/$defs/"));
    let words = target.and_then(|name| definitions[name]["oneOf"].as_array()).into_iter().flatten();
    let lines = words.filter_map(|word| {
        let (word, meaning) = (word["const"].as_str()?, word["description"].as_str()?);
        Some(format!("\n`{word}`: {meaning}"))
    });
    Some(std::iter::once(text.to_owned()).chain(lines).collect())
}

fn members(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_words_and_the_fields_of_alternatives_are_there() {
        let found = descriptions();
        assert!(
            found["Section"]["ignorableBlanks"]
                .starts_with("How many questions a candidate may leave unanswered")
        );
        assert!(
            found["Test"]["navigation"]
                .ends_with("\n`linear`: Forward only: what was left is closed.")
        );
        assert!(found["NumericRule.between"]["inclusive"].contains("bounds"));
        assert!(found["Pool"]["bank"].contains("question bank"));
        assert!(found["QuestionEntry"].contains_key("points"));
        assert!(SCRIPT.starts_with("export const DESCRIPTIONS = {\"BankFilter\":{"));
    }

    /// A name that the schema does not have would leave a field of the editor without its help, and nobody would see it.
    #[test]
    fn every_type_that_the_editor_names_has_descriptions() {
        let found = descriptions();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/staff/editor");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let scripts: Vec<String> =
            files.map(|path| std::fs::read_to_string(path).unwrap()).collect();
        let mut named = 0;
        for mark in ["describe(\"", "describedBy: \""] {
            for part in scripts.iter().flat_map(|script| script.split(mark).skip(1)) {
                let name = part.split('"').next().unwrap_or_default();
                assert!(found.contains_key(name), "{name}");
                named += 1;
            }
        }
        assert!(named > 20, "{named}");
    }
}
