//! From the tree of JSON to YAML that reads back as the same tree.

use super::scalar;
use crate::json::{JsonNode, quote};
use std::fmt::Write;

/// Names longer than this (escaped) cannot stand before a colon on one line (YAML 1.2.2, 7.4.2).
const LONGEST_PLAIN_NAME: usize = 1000;

/// The value as a YAML document in block style.
#[must_use]
pub fn write(node: &JsonNode) -> String {
    let mut out = String::new();
    block(node, 0, &mut out);
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// Writes a value where a line begins, indented by so many spaces.
fn block(node: &JsonNode, indent: usize, out: &mut String) {
    match node {
        JsonNode::List(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                margin(index, indent, out);
                out.push_str("- ");
                inside(item, indent + 2, out);
            }
        }
        JsonNode::Object(members) if !members.is_empty() => {
            for (index, (name, value)) in members.iter().enumerate() {
                margin(index, indent, out);
                member(name, value, indent, out);
            }
        }
        other => {
            out.push_str(&flow(other));
            out.push('\n');
        }
    }
}

/// The indentation of all lines but the first, which stands where its parent put it.
fn margin(index: usize, indent: usize, out: &mut String) {
    if index > 0 {
        out.extend(std::iter::repeat_n(' ', indent));
    }
}

/// Writes an item after its dash: collections begin on the same line.
fn inside(node: &JsonNode, indent: usize, out: &mut String) {
    block(node, indent, out);
}

fn member(name: &str, value: &JsonNode, indent: usize, out: &mut String) {
    let name = scalar_text(name);
    if name.len() > LONGEST_PLAIN_NAME {
        let _ = write!(out, "? {name}\n{:indent$}:", "");
    } else {
        let _ = write!(out, "{name}:");
    }
    if is_empty_or_scalar(value) {
        out.push(' ');
        block(value, indent, out);
    } else {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent + 2));
        block(value, indent + 2, out);
    }
}

fn is_empty_or_scalar(node: &JsonNode) -> bool {
    match node {
        JsonNode::List(items) => items.is_empty(),
        JsonNode::Object(members) => members.is_empty(),
        JsonNode::Null | JsonNode::Bool(_) | JsonNode::Number(_) | JsonNode::Text(_) => true,
    }
}

fn flow(node: &JsonNode) -> String {
    match node {
        JsonNode::Null => "null".to_owned(),
        JsonNode::Bool(value) => value.to_string(),
        JsonNode::Number(literal) => literal.clone(),
        JsonNode::Text(text) => scalar_text(text),
        JsonNode::List(_) => "[]".to_owned(),
        JsonNode::Object(_) => "{}".to_owned(),
    }
}

/// A text as a scalar: plain where nobody could mistake it, in double quotes otherwise.
fn scalar_text(text: &str) -> String {
    if is_safely_plain(text) { text.to_owned() } else { quoted(text) }
}

/// Letters, digits and a few marks, beginning with a letter, and no word that any YAML takes for
/// something else.
fn is_safely_plain(text: &str) -> bool {
    let starts = text.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let plain = |letter: char| {
        letter.is_alphanumeric() || matches!(letter, ' ' | '_' | '-' | '.' | '/' | '(' | ')' | '%')
    };
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    starts
        && text.len() <= LONGEST_PLAIN_NAME
        && text.chars().all(plain)
        && !text.ends_with(' ')
        && !words.contains(&text.to_ascii_lowercase().as_str())
        && scalar::resolve(text) == Some(JsonNode::Text(text.to_owned()))
}

/// A text in double quotes: JSON's escapes, and those of characters YAML does not print.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for letter in quote(text).chars() {
        let unprinted = matches!(
            letter,
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        );
        if unprinted {
            let _ = write!(out, "\\u{:04x}", u32::from(letter));
        } else {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml::read;
    use proptest::prelude::*;

    fn nodes() -> impl Strategy<Value = JsonNode> {
        let text = || {
            prop_oneof![
                any::<String>(),
                "[ -~\n\r\t]{0,12}",
                "\\PC{0,4}",
                "[\u{7f}-\u{a0}\u{2028}\u{2029}\u{e000}-\u{ffff}]{0,3}"
            ]
        };
        let leaf = prop_oneof![
            Just(JsonNode::Null),
            any::<bool>().prop_map(JsonNode::Bool),
            "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,9})?(e[-+]?[0-9]{1,3})?".prop_map(JsonNode::Number),
            text().prop_map(JsonNode::Text),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(JsonNode::List),
                prop::collection::vec((prop_oneof![any::<String>(), "[a-z]{1,3}"], inner), 0..4)
                    .prop_map(JsonNode::Object),
            ]
        })
    }

    #[test]
    fn long_names_and_unprinted_characters_survive() {
        let name = "\u{7f}".repeat(300);
        let inner = JsonNode::Object(vec![
            (name.clone(), JsonNode::List(vec![JsonNode::Null])),
            (name, JsonNode::Text("\u{85}".into())),
        ]);
        let node = JsonNode::List(vec![inner.clone(), JsonNode::Object(vec![("a".into(), inner)])]);
        assert_eq!(read(write(&node).as_bytes(), 16).unwrap(), node);
    }

    proptest! {
        #[test]
        fn any_tree_reads_back_as_it_was_written(node in nodes()) {
            let text = write(&node);
            prop_assert_eq!(read(text.as_bytes(), 64), Ok(node), "{}", text);
        }
    }
}
