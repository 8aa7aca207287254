//! JSON as it was written: numbers as literals, object members in order with their repeats.
//!
//! Readers that must report every fault at its place (test documents, request bodies, responses) work on this tree.
//! Splitting the text is `serde_json`'s work; this module only keeps what a map of values would forget.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// One JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Null,
    Bool(bool),
    /// The literal as written, for example `1.50`.
    Number(String),
    Text(String),
    List(Vec<Node>),
    /// Members in the order written; a repeated name stands twice.
    Object(Vec<(String, Node)>),
}

/// Why bytes are no JSON value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("the text is not UTF-8")]
    NotUtf8,
    #[error("{0}")]
    Syntax(String),
    #[error("nested deeper than {0}")]
    TooDeep(usize),
}

impl Node {
    /// Reads one JSON value of at most `depth` nested containers.
    ///
    /// # Errors
    /// When the bytes are not UTF-8, not exactly one JSON value, or nested deeper.
    pub fn parse(bytes: &[u8], depth: usize) -> Result<Self, Malformed> {
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed::NotUtf8)?;
        let raw: &RawValue = serde_json::from_str(text).map_err(|error| Malformed::Syntax(error.to_string()))?;
        Self::from_raw(raw.get(), depth, depth)
    }

    fn from_raw(text: &str, left: usize, depth: usize) -> Result<Self, Malformed> {
        let syntax = |error: serde_json::Error| Malformed::Syntax(error.to_string());
        let deeper = || left.checked_sub(1).ok_or(Malformed::TooDeep(depth));
        match text.as_bytes().first() {
            Some(b'{') => {
                let left = deeper()?;
                let members: Members = serde_json::from_str(text).map_err(syntax)?;
                let read = |(name, raw): (String, &RawValue)| Ok((name, Self::from_raw(raw.get(), left, depth)?));
                members.0.into_iter().map(read).collect::<Result<_, _>>().map(Self::Object)
            }
            Some(b'[') => {
                let left = deeper()?;
                let items: Vec<&RawValue> = serde_json::from_str(text).map_err(syntax)?;
                items
                    .into_iter()
                    .map(|raw| Self::from_raw(raw.get(), left, depth))
                    .collect::<Result<_, _>>()
                    .map(Self::List)
            }
            Some(b'"') => serde_json::from_str(text).map(Self::Text).map_err(syntax),
            Some(b't' | b'f') => serde_json::from_str(text).map(Self::Bool).map_err(syntax),
            Some(b'n') => Ok(Self::Null),
            _ => Ok(Self::Number(text.to_owned())),
        }
    }

    /// The first member of this name, if this is an object that has one.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(known, _)| known == name).map(|(_, node)| node),
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

    /// The canonical form of RFC 8785 (sorted members, no white space), for values without fractions or exponents.
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
                sorted.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
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
pub struct Pointer(String);

impl Pointer {
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

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

struct Members<'text>(Vec<(String, &'text RawValue)>);

impl<'text> Deserialize<'text> for Members<'text> {
    fn deserialize<D: Deserializer<'text>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'text> Visitor<'text> for InOrder {
            type Value = Members<'text>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'text>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_repeats_and_order_are_kept() {
        let node = Node::parse(br#"{"b":1.50,"a":[true,null,"x"],"b":-0}"#, 8).unwrap();
        let Node::Object(members) = &node else { panic!("an object") };
        assert_eq!(members[0], ("b".into(), Node::Number("1.50".into())));
        assert_eq!(members[2], ("b".into(), Node::Number("-0".into())));
        assert_eq!(node.member("a").map(Node::type_name), Some("array"));
    }

    #[test]
    fn text_that_is_not_one_value_is_refused() {
        assert_eq!(Node::parse(b"\xff", 8), Err(Malformed::NotUtf8));
        for text in ["", "{", "1 2", "{\"a\":01}", "nul", "{\"a\":1,}"] {
            assert!(matches!(Node::parse(text.as_bytes(), 8), Err(Malformed::Syntax(_))), "{text}");
        }
        assert_eq!(Node::parse(b"[[[1]]]", 2), Err(Malformed::TooDeep(2)));
        assert!(Node::parse(b"[[1]]", 2).is_ok());
    }

    #[test]
    fn the_canonical_form_sorts_members_by_utf16_units() {
        let node = Node::parse("{\"\u{ff5e}\":1,\"\u{1f600}\":2,\"a\\u000f\":\"\u{e9}\\/\"}".as_bytes(), 4).unwrap();
        assert_eq!(node.canonical(), "{\"a\\u000f\":\"\u{e9}/\",\"\u{1f600}\":2,\"\u{ff5e}\":1}");
    }

    #[test]
    fn pointers_escape_their_tokens() {
        assert_eq!(Pointer::root().at("a/b").at(0).at("~").as_str(), "/a~1b/0/~0");
    }
}
