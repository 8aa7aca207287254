//! Markdown as plain text: for lists to choose from, for programs that read aloud, for titles of
//! windows.

use crate::parse::{ParsedText, parse, parse_inline};
use crate::{formula, tags};
use comrak::Node;
use comrak::arena_tree::NodeEdge;
use comrak::nodes::{ListType, NodeValue};

/// What stands for a picture that has no description.
const PICTURE: &str = "🖼";

/// A text of any length without any markup, in one line.
#[must_use]
pub fn to_plain_text(text: &str) -> String {
    parse(text, |reading| match reading {
        ParsedText::Within(root) => words(root),
        ParsedText::Beyond(_) => text.trim().to_owned(),
    })
}

/// A one-line text without any markup: what [`crate::Renderer::inline`] shows. Formulas are words
/// and signs where they are simple.
#[must_use]
pub fn to_inline_text(text: &str) -> String {
    let plain = parse_inline(text, |reading| match reading {
        ParsedText::Within(root) => words(root),
        ParsedText::Beyond(_) => String::new(),
    });
    // What would show nothing is shown as it was typed.
    if is_visible(&plain) { plain } else { text.trim().to_owned() }
}

/// Whether a one-line text has signs, but none of them would be seen.
#[must_use]
pub fn is_inline_text_invisible(text: &str) -> bool {
    is_visible(text)
        && parse_inline(text, |reading| match reading {
            ParsedText::Within(root) => !is_visible(&words(root)),
            ParsedText::Beyond(_) => false,
        })
}

/// The same as [`is_inline_text_invisible`] of a text of any length.
#[must_use]
pub fn is_text_invisible(text: &str) -> bool {
    is_visible(text) && !is_visible(&to_plain_text(text))
}

/// What people see of a one-line text, to be compared: two of them that are alike cannot be told
/// apart in a list.
#[must_use]
pub fn look_of(text: &str) -> String {
    let plain = to_inline_text(text);
    let mut look = plain
        .split_whitespace()
        .map(|word| word.chars().filter(|letter| !is_mark_without_width(*letter)).collect())
        .filter(|word: &String| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    // Pictures with the same description are not the same.
    parse_inline(text, |reading| {
        let ParsedText::Within(root) = reading else { return };
        for node in root.descendants() {
            if let NodeValue::Image(image) = &node.data().value {
                look.push('\0');
                look.push_str(&image.url);
            }
        }
    });
    look
}

/// Whether a text shows anything: white space, controls and marks of width zero do not.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    text.chars().any(|letter| {
        !letter.is_whitespace() && !letter.is_control() && !is_mark_without_width(letter)
    })
}

fn is_mark_without_width(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A walk over a tree that writes its words.
#[derive(Default)]
struct PlainWriter {
    out: String,
    /// Where raised and lowered texts began.
    scripts: Vec<usize>,
    /// Where the descriptions of pictures began.
    pictures: Vec<usize>,
}

fn words(root: Node<'_>) -> String {
    tags::replace(root);
    let mut writer = PlainWriter::default();
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(node) => writer.start(&node.data().value),
            NodeEdge::End(node) => writer.end(&node.data().value),
        }
    }
    writer.out.trim_matches([' ', '\n', '\t']).to_owned()
}

impl PlainWriter {
    fn start(&mut self, value: &NodeValue) {
        match value {
            NodeValue::Text(text) => self.out.push_str(text),
            NodeValue::Code(code) => self.out.push_str(&code.literal),
            NodeValue::Math(math) => {
                match formula::to_words(&math.literal) {
                    Some(words) => self.out.push_str(&words),
                    None => self.out.push_str(math.literal.trim()),
                };
            }
            NodeValue::CodeBlock(block) => {
                self.space();
                self.out.push_str(block.literal.trim_end());
            }
            NodeValue::HtmlBlock(block) => {
                self.space();
                self.out.push_str(&tags::text_of_block(&block.literal));
            }
            NodeValue::Item(list) => {
                self.space();
                match list.list_type {
                    ListType::Bullet => self.out.push_str("- "),
                    ListType::Ordered => self.out.push_str(&format!("{}. ", list.start)),
                }
            }
            NodeValue::Image(_) => self.pictures.push(self.out.len()),
            NodeValue::Raw(tag) => self.tag(tag),
            NodeValue::SoftBreak
            | NodeValue::LineBreak
            | NodeValue::Paragraph
            | NodeValue::Heading(_)
            | NodeValue::TableCell
            | NodeValue::ThematicBreak => self.space(),
            _ => {}
        }
    }

    fn end(&mut self, value: &NodeValue) {
        if !matches!(value, NodeValue::Image(_)) {
            return;
        }
        let from = self.pictures.pop().unwrap_or(0);
        if !is_visible(self.out.get(from..).unwrap_or_default()) {
            self.out.push_str(PICTURE);
        }
    }

    fn space(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
    }

    fn tag(&mut self, tag: &str) {
        match tag {
            "<sub>" | "<sup>" => self.scripts.push(self.out.len()),
            "</sub>" | "</sup>" => {
                let Some(from) = self.scripts.pop().filter(|from| *from <= self.out.len()) else {
                    return;
                };
                let inside = self.out.split_off(from);
                let written = match tag {
                    "</sub>" => formula::lowered(&inside),
                    _ => formula::raised(&inside),
                };
                self.out.push_str(&written);
            }
            _ => {}
        }
    }
}
