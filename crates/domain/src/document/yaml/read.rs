//! From YAML to the tree of JSON.

use super::scalar;
use crate::json::JsonNode;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

/// Why a text is not YAML as it is allowed in documents.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum YamlError {
    #[error("the text is not UTF-8")]
    NotUtf8,
    #[error("{0}")]
    Syntax(String),
    #[error("{what}, line {line}")]
    Refused { what: &'static str, line: usize },
}

impl From<ScanError> for YamlError {
    fn from(error: ScanError) -> Self {
        Self::Syntax(error.to_string())
    }
}

/// Reads one YAML document of at most `depth` nested collections.
///
/// # Errors
/// When the text is no YAML, or uses what JSON has not: anchors, aliases, custom tags, several
/// documents, names that are no text, infinities.
pub fn read(bytes: &[u8], depth: usize) -> Result<JsonNode, YamlError> {
    let text = std::str::from_utf8(bytes).map_err(|_| YamlError::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = YamlTreeBuilder { open: Vec::new(), root: None, documents: 0, depth };
    for event in Parser::new_from_str(text) {
        let (event, span) = event?;
        builder.take(event).map_err(|what| YamlError::Refused { what, line: span.start.line() })?;
    }
    builder.root.ok_or_else(|| YamlError::Syntax("there is no document".to_owned()))
}

/// Puts a tree together from the parser's events.
struct YamlTreeBuilder {
    open: Vec<OpenYamlCollection>,
    root: Option<JsonNode>,
    documents: usize,
    depth: usize,
}

/// A collection whose end has not come yet.
enum OpenYamlCollection {
    List(Vec<JsonNode>),
    /// Members so far and the name that waits for its value.
    Object(Vec<(String, JsonNode)>, Option<String>),
}

type YamlRefusal = &'static str;

impl YamlTreeBuilder {
    fn take(&mut self, event: Event<'_>) -> Result<(), YamlRefusal> {
        match event {
            Event::Alias(_) => Err("aliases are not allowed"),
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 { Err("only one document is allowed") } else { Ok(()) }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let node = value(&text, style, anchor, tag.as_deref())?;
                self.put(node)
            }
            Event::SequenceStart(anchor, tag) => {
                collection(anchor, tag.as_deref(), "seq")?;
                self.begin(OpenYamlCollection::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                collection(anchor, tag.as_deref(), "map")?;
                self.begin(OpenYamlCollection::Object(Vec::new(), None))
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(&mut self, open: OpenYamlCollection) -> Result<(), YamlRefusal> {
        if let Some(OpenYamlCollection::Object(_, None)) = self.open.last() {
            return Err("a name must be a text");
        }
        if self.open.len() >= self.depth {
            return Err("nested too deeply");
        }
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self) -> Result<(), YamlRefusal> {
        let node = match self.open.pop() {
            Some(OpenYamlCollection::List(items)) => JsonNode::List(items),
            Some(OpenYamlCollection::Object(members, None)) => JsonNode::Object(members),
            Some(OpenYamlCollection::Object(_, Some(_))) | None => {
                return Err("a collection ends where none can");
            }
        };
        self.put(node)
    }

    fn put(&mut self, node: JsonNode) -> Result<(), YamlRefusal> {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(OpenYamlCollection::List(items)) => items.push(node),
            Some(OpenYamlCollection::Object(members, name)) => match (name.take(), node) {
                (Some(name), node) => members.push((name, node)),
                (None, JsonNode::Text(text)) => *name = Some(text),
                (None, _) => return Err("a name must be a text"),
            },
        }
        Ok(())
    }
}

fn value(
    text: &str,
    style: ScalarStyle,
    anchor: usize,
    tag: Option<&Tag>,
) -> Result<JsonNode, YamlRefusal> {
    if anchor > 0 {
        return Err("anchors are not allowed");
    }
    let resolved =
        || scalar::resolve(text).ok_or("infinities and what is no number are not allowed");
    let Some(tag) = tag else {
        return if style == ScalarStyle::Plain {
            resolved()
        } else {
            Ok(JsonNode::Text(text.to_owned()))
        };
    };
    let text_only = tag.handle.is_empty() && tag.suffix == "!";
    if text_only || (tag.is_yaml_core_schema() && tag.suffix == "str") {
        return Ok(JsonNode::Text(text.to_owned()));
    }
    let node = resolved()?;
    let fits = match &node {
        JsonNode::Null => tag.suffix == "null",
        JsonNode::Bool(_) => tag.suffix == "bool",
        JsonNode::Number(literal) => {
            tag.suffix == "float" || tag.suffix == "int" && !literal.contains(['.', 'e', 'E'])
        }
        JsonNode::Text(_) | JsonNode::List(_) | JsonNode::Object(_) => false,
    };
    if tag.is_yaml_core_schema() && fits { Ok(node) } else { Err("custom tags are not allowed") }
}

fn collection(anchor: usize, tag: Option<&Tag>, name: &str) -> Result<(), YamlRefusal> {
    if anchor > 0 {
        return Err("anchors are not allowed");
    }
    match tag {
        Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == name) => {
            Err("custom tags are not allowed")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        read(text.as_bytes(), 8).unwrap_err().to_string()
    }

    #[test]
    fn what_json_has_not_is_refused() {
        assert!(refusal("a: &x 1").starts_with("anchors"));
        assert!(refusal("a: &x [1]").starts_with("anchors"));
        assert!(refusal("- &x 1\n- *x").starts_with("anchors"));
        assert!(refusal("a: !mine 1").starts_with("custom tags"));
        assert!(refusal("a: !!binary aGk=").starts_with("custom tags"));
        assert!(refusal("a: 1\n---\nb: 2").starts_with("only one document"));
        assert!(refusal("1: a").starts_with("a name"));
        assert!(refusal("? [a]\n: b").starts_with("a name"));
        assert!(refusal("a: .inf").starts_with("infinities"));
        assert!(refusal("[[[[[[[[[1]]]]]]]]]").starts_with("nested"));
        assert_eq!(read(b"\xff", 8), Err(YamlError::NotUtf8));
        assert!(matches!(read(b"a: [", 8), Err(YamlError::Syntax(_))));
        assert!(matches!(read(b"", 8), Err(YamlError::Syntax(_))));
    }

    #[test]
    fn literals_repeats_and_order_are_kept() {
        let node =
            read(b"b: 1.50\na: [true, ~, x, 'null', \"1\"]\nb: |\n  two\n  lines\n", 8).unwrap();
        let JsonNode::Object(members) = node else { panic!("an object") };
        assert_eq!(members[0], ("b".into(), JsonNode::Number("1.50".into())));
        let text = |text: &str| JsonNode::Text(text.to_owned());
        assert_eq!(
            members[1].1,
            JsonNode::List(vec![
                JsonNode::Bool(true),
                JsonNode::Null,
                text("x"),
                text("null"),
                text("1")
            ])
        );
        assert_eq!(members[2], ("b".into(), text("two\nlines\n")));
    }
}
