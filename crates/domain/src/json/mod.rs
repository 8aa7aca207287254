//! JSON as it was written: numbers as literals, object members in order with their repeats.
//!
//! Readers that must report every fault at its place (test documents, request bodies, responses)
//! work on this tree. Splitting the text is `serde_json`'s work; this module only keeps what a map
//! of values would forget.

mod collector;
mod location;

pub use collector::{FaultCollector, MOST_LISTED};
pub use location::{DocumentOrder, LocatedNode, LocatedObject, NodeLocation};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// One JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonNode {
    Null,
    Bool(bool),
    /// The literal as written, for example `1.50`.
    Number(String),
    Text(String),
    List(Vec<JsonNode>),
    /// Members in the order written; a repeated name stands twice.
    Object(Vec<(String, JsonNode)>),
}

/// Why bytes are no JSON value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    #[error("the text is not UTF-8")]
    NotUtf8,
    #[error("{0}")]
    Syntax(String),
    #[error("nested deeper than {0}")]
    TooDeep(usize),
}

impl JsonNode {
    /// Reads one JSON value of at most `depth` nested containers.
    ///
    /// # Errors
    /// When the bytes are not UTF-8, not exactly one JSON value, or nested deeper; when a text has
    /// half a surrogate pair.
    pub fn parse(bytes: &[u8], depth: usize) -> Result<Self, JsonError> {
        Self::parse_as(bytes, ParseOptions { depth, is_lenient: false })
    }

    /// As [`parse`](Self::parse), but what is wrong inside one value spoils no other: half a
    /// surrogate pair is read as U+FFFD (amendment A4), and what is nested deeper than `depth` as
    /// null, so that whoever reads the value around it refuses that one alone.
    ///
    /// # Errors
    /// When the bytes are not UTF-8 or not exactly one JSON value.
    pub fn parse_lenient(bytes: &[u8], depth: usize) -> Result<Self, JsonError> {
        Self::parse_as(bytes, ParseOptions { depth, is_lenient: true })
    }

    fn parse_as(bytes: &[u8], reading: ParseOptions) -> Result<Self, JsonError> {
        let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
        let raw: &RawValue = serde_json::from_str(text).map_err(syntax)?;
        Self::from_raw(raw.get(), reading.depth, reading)
    }

    fn from_raw(text: &str, left: usize, reading: ParseOptions) -> Result<Self, JsonError> {
        let child = |raw: &RawValue| Self::from_raw(raw.get(), left.saturating_sub(1), reading);
        match text.as_bytes().first() {
            Some(b'{' | b'[') if left == 0 && reading.is_lenient => Ok(Self::Null),
            Some(b'{' | b'[') if left == 0 => Err(JsonError::TooDeep(reading.depth)),
            Some(b'{') => {
                let JsonMembers(members) = serde_json::from_str(text).map_err(syntax)?;
                let read =
                    |(name, raw): (JsonString, &RawValue)| Ok((name.take(reading)?, child(raw)?));
                members.into_iter().map(read).collect::<Result<_, _>>().map(Self::Object)
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text).map_err(syntax)?;
                items.into_iter().map(child).collect::<Result<_, _>>().map(Self::List)
            }
            Some(b'"') => serde_json::from_str::<JsonString>(text)
                .map_err(syntax)?
                .take(reading)
                .map(Self::Text),
            Some(b't' | b'f') => serde_json::from_str(text).map(Self::Bool).map_err(syntax),
            Some(b'n') => Ok(Self::Null),
            _ => Ok(Self::Number(text.to_owned())),
        }
    }

    /// The first member of this name, if this is an object that has one.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                members.iter().find(|(entry, _)| entry == name).map(|(_, node)| node)
            }
            _ => None,
        }
    }

    /// What a reader calls this type of value in a message.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// The canonical form of RFC 8785 (sorted members, no white space), for values without
    /// fractions or exponents.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        self.write_canonical(&mut text);
        text
    }

    fn write_canonical(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(literal) => out.push_str(literal),
            Self::Text(text) => out.push_str(&quote(text)),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write_canonical(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                let mut sorted: Vec<_> = members.iter().collect();
                sorted
                    .sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
                out.push('{');
                for (index, (name, node)) in sorted.into_iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push_str(&quote(name));
                    out.push(':');
                    node.write_canonical(out);
                }
                out.push('}');
            }
        }
    }
}

/// A text as a JSON string literal: only what JSON demands is escaped, as RFC 8785 wants it.
#[must_use]
pub fn quote(text: &str) -> String {
    serde_json::to_string(text).expect("a string always serialises")
}

/// A place in a JSON value (RFC 6901).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JsonPointer(String);

impl JsonPointer {
    /// The whole value.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The member or item of this name or index below here.
    #[must_use]
    pub fn at(&self, token: impl fmt::Display) -> Self {
        let token = token.to_string();
        let mut text = String::with_capacity(self.0.len() + token.len() + 1);
        text.push_str(&self.0);
        text.push('/');
        for letter in token.chars() {
            match letter {
                '~' => text.push_str("~0"),
                '/' => text.push_str("~1"),
                other => text.push(other),
            }
        }
        Self(text)
    }

    /// The pointer in the notation of RFC 6901.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JsonPointer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// How a text is read.
#[derive(Clone, Copy)]
struct ParseOptions {
    depth: usize,
    is_lenient: bool,
}

fn syntax(error: serde_json::Error) -> JsonError {
    JsonError::Syntax(error.to_string())
}

/// A string literal's letters; half a surrogate pair is known as such, because it can be written as
/// an escape.
struct JsonString(Vec<u8>);

impl JsonString {
    /// The letters as text; half a pair is U+FFFD where reading is lenient.
    fn take(self, reading: ParseOptions) -> Result<String, JsonError> {
        String::from_utf8(self.0).or_else(|error| {
            if reading.is_lenient {
                return Ok(without_half_pairs(error.as_bytes()));
            }
            Err(JsonError::Syntax("half a surrogate pair".to_owned()))
        })
    }
}

/// The only letters that are not UTF-8 here are surrogates, written in three bytes of which the
/// first is 0xED and the second above 0x9F; no letter of UTF-8 has these two.
fn without_half_pairs(bytes: &[u8]) -> String {
    let mut whole = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        if *first == 0xED && after.first().is_some_and(|second| *second > 0x9F) {
            whole.extend_from_slice("\u{FFFD}".as_bytes());
            rest = after.get(2..).unwrap_or_default();
        } else {
            whole.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&whole).into_owned()
}

impl<'text> Deserialize<'text> for JsonString {
    fn deserialize<D: Deserializer<'text>>(deserializer: D) -> Result<Self, D::Error> {
        struct JsonStringVisitor;
        impl Visitor<'_> for JsonStringVisitor {
            type Value = JsonString;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<JsonString, E> {
                Ok(JsonString(bytes.to_vec()))
            }
        }
        // serde_json gives halves of surrogate pairs to whoever asks for bytes, and refuses them to
        // others.
        deserializer.deserialize_bytes(JsonStringVisitor)
    }
}

struct JsonMembers<'text>(Vec<(JsonString, &'text RawValue)>);

impl<'text> Deserialize<'text> for JsonMembers<'text> {
    fn deserialize<D: Deserializer<'text>>(deserializer: D) -> Result<Self, D::Error> {
        struct JsonMembersVisitor;
        impl<'text> Visitor<'text> for JsonMembersVisitor {
            type Value = JsonMembers<'text>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'text>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(JsonMembers(members))
            }
        }
        deserializer.deserialize_map(JsonMembersVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn literals_repeats_and_order_are_kept() {
        let node = JsonNode::parse(br#"{"b":1.50,"a":[true,null,"x"],"b":-0}"#, 8).unwrap();
        let JsonNode::Object(members) = &node else { panic!("an object") };
        assert_eq!(members[0], ("b".into(), JsonNode::Number("1.50".into())));
        assert_eq!(members[2], ("b".into(), JsonNode::Number("-0".into())));
        assert_eq!(node.member("a").map(JsonNode::type_name), Some("array"));
    }

    #[test]
    fn text_that_is_not_one_value_is_refused() {
        assert_eq!(JsonNode::parse(b"\xff", 8), Err(JsonError::NotUtf8));
        for text in ["", "{", "1 2", "{\"a\":01}", "nul", "{\"a\":1,}"] {
            assert!(
                matches!(JsonNode::parse(text.as_bytes(), 8), Err(JsonError::Syntax(_))),
                "{text}"
            );
        }
        assert_eq!(JsonNode::parse(b"[[[1]]]", 2), Err(JsonError::TooDeep(2)));
        assert!(JsonNode::parse(b"[[1]]", 2).is_ok());
    }

    #[test]
    fn half_a_surrogate_pair_is_no_text_unless_reading_is_lenient() {
        let written = br#"{"\udc00":"half \ud83d","b":["\ud83d\ude00","\udead\ud83d","\ud83dx\u00e9\ud7ff"]}"#;
        assert!(matches!(JsonNode::parse(written, 8), Err(JsonError::Syntax(_))));
        let read = JsonNode::parse_lenient(written, 8).unwrap();
        let plain = "{\"\u{fffd}\":\"half \u{fffd}\",\"b\":[\"\u{1f600}\",\"\u{fffd}\u{fffd}\",\"\u{fffd}x\u{e9}\u{d7ff}\"]}";
        assert_eq!(read, JsonNode::parse(plain.as_bytes(), 8).unwrap());
    }

    #[test]
    fn what_is_nested_too_deep_is_null_where_reading_is_lenient() {
        let deep = format!("{{\"a\":{}{},\"b\":1}}", "[".repeat(100_000), "]".repeat(100_000));
        let read = JsonNode::parse_lenient(deep.as_bytes(), 3).unwrap();
        assert_eq!(read, JsonNode::parse(br#"{"a":[[null]],"b":1}"#, 3).unwrap());
        assert!(JsonNode::parse_lenient(b"{\"a\":[[[", 3).is_err());
    }

    proptest! {
        /// Whatever code units a program puts into a string, lenient reading gives them as text,
        /// with U+FFFD for what no text has; and strict reading agrees wherever it reads at all.
        #[test]
        fn any_code_units_are_read_leniently(units in proptest::collection::vec(any::<u16>(), 0..40)) {
            let escaped: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let written = format!("[\"{escaped}\"]");
            let expected = JsonNode::List(vec![JsonNode::Text(String::from_utf16_lossy(&units))]);
            prop_assert_eq!(JsonNode::parse_lenient(written.as_bytes(), 2), Ok(expected.clone()));
            if let Ok(read) = JsonNode::parse(written.as_bytes(), 2) {
                prop_assert_eq!(read, expected);
            }
        }
    }

    #[test]
    fn the_canonical_form_sorts_members_by_utf16_units() {
        let node = JsonNode::parse(
            "{\"\u{ff5e}\":1,\"\u{1f600}\":2,\"a\\u000f\":\"\u{e9}\\/\"}".as_bytes(),
            4,
        )
        .unwrap();
        assert_eq!(node.canonical(), "{\"a\\u000f\":\"\u{e9}/\",\"\u{1f600}\":2,\"\u{ff5e}\":1}");
    }

    #[test]
    fn pointers_escape_their_tokens() {
        assert_eq!(JsonPointer::root().at("a/b").at(0).at("~").as_str(), "/a~1b/0/~0");
    }
}
