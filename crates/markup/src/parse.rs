//! Markdown as a tree, within its budget.

use crate::budget::{MarkupFlaw, TABLE_CELLS, TABLE_COLUMNS, TEXT_BYTES, TEXT_NESTING};
use crate::guard::GuardedText;
use comrak::arena_tree::NodeEdge;
use comrak::nodes::NodeValue;
use comrak::{Arena, Node, Options, try_parse_document};
use std::cell::Cell;

/// A text as it was read.
pub enum ParsedText<'tree> {
    Within(Node<'tree>),
    Beyond(MarkupFlaw),
}

/// Reads a text. What would cost a parser more than its length is found before the parser sees it.
pub fn parse<T>(text: &str, then: impl FnOnce(ParsedText<'_>) -> T) -> T {
    if let Some(flaw) = flaw_of_lines(text) {
        return then(ParsedText::Beyond(flaw));
    }
    let arena = Arena::new();
    // The parser asks after every 256 steps. Honest texts take a few steps a byte; this many are a
    // way to burn time that the look at the lines did not know.
    let left = Cell::new(64 + text.len() / 8);
    let is_over = || {
        left.set(left.get().saturating_sub(1));
        left.get() == 0
    };
    match try_parse_document(&arena, text, &options(), &is_over) {
        Ok(root) if is_shallow(root) => then(ParsedText::Within(root)),
        _ => then(ParsedText::Beyond(MarkupFlaw::TextTooDeep)),
    }
}

/// The dialect: CommonMark with tables, strikethrough and formulas.
pub fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.math_dollars = true;
    options
}

/// The sources of all formulas.
pub fn formulas<'tree>(root: Node<'tree>) -> impl Iterator<Item = String> + 'tree {
    root.descendants().filter_map(|node| match &node.data().value {
        NodeValue::Math(math) => Some(math.literal.clone()),
        _ => None,
    })
}

/// A picture, or whatever else is written like one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub target: String,
    /// Without markup.
    pub description: String,
}

/// All pictures of a text in their order; none of a text beyond its budget.
#[must_use]
pub fn images(text: &str) -> Vec<Image> {
    parse(text, |reading| match reading {
        ParsedText::Within(root) => root
            .descendants()
            .filter_map(|node| match &node.data().value {
                NodeValue::Image(link) => {
                    let description = words(node).trim().to_owned();
                    Some(Image { target: link.url.clone(), description })
                }
                _ => None,
            })
            .collect(),
        ParsedText::Beyond(_) => Vec::new(),
    })
}

/// The words of a picture's description.
pub fn words(root: Node<'_>) -> String {
    let mut plain = String::new();
    for node in root.descendants() {
        match &node.data().value {
            NodeValue::Text(text) => plain.push_str(text),
            NodeValue::Code(code) => plain.push_str(&code.literal),
            NodeValue::Math(math) => plain.push_str(&math.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak | NodeValue::Paragraph
                if !plain.is_empty() =>
            {
                plain.push(' ')
            }
            _ => {}
        }
    }
    plain
}

/// Reads a one-line text: it has emphasis, code, links, formulas and pictures, and where it has
/// several lines also paragraphs, tables and fenced code; no lists, quotes, headings and rules.
pub fn parse_inline<T>(text: &str, then: impl FnOnce(ParsedText<'_>) -> T) -> T {
    let text = text.trim();
    let Some(guarded) = GuardedText::new(text) else {
        return then(ParsedText::Beyond(MarkupFlaw::TextTooDeep));
    };
    parse(&guarded.text, |reading| {
        if let ParsedText::Within(root) = &reading {
            restore(root, &guarded);
        }
        then(reading)
    })
}

fn restore(root: Node<'_>, guarded: &GuardedText) {
    let mend = |text: &mut String| {
        if let Some(written) = guarded.restored(text) {
            *text = written;
        }
    };
    for node in root.descendants() {
        match &mut node.data_mut().value {
            NodeValue::Text(text) => {
                if let Some(written) = guarded.restored(text) {
                    *text = written.into();
                }
            }
            NodeValue::Code(code) => mend(&mut code.literal),
            NodeValue::Math(math) => mend(&mut math.literal),
            NodeValue::HtmlInline(tag) => mend(tag),
            NodeValue::HtmlBlock(block) => mend(&mut block.literal),
            NodeValue::CodeBlock(block) => {
                mend(&mut block.literal);
                mend(&mut block.info);
            }
            NodeValue::Link(link) | NodeValue::Image(link) => {
                mend(&mut link.url);
                mend(&mut link.title);
            }
            _ => {}
        }
    }
}

/// Whether nothing of a tree lies too deep. It is walked without recursion.
fn is_shallow(root: Node<'_>) -> bool {
    let mut depth = 0_usize;
    root.traverse().all(|edge| {
        match edge {
            NodeEdge::Start(node) => depth += usize::from(is_level(&node.data().value)),
            NodeEdge::End(node) => depth -= usize::from(is_level(&node.data().value)),
        }
        depth <= TEXT_NESTING
    })
}

const fn is_level(value: &NodeValue) -> bool {
    matches!(
        value,
        NodeValue::BlockQuote
            | NodeValue::Item(_)
            | NodeValue::Emph
            | NodeValue::Strong
            | NodeValue::Strikethrough
            | NodeValue::Link(_)
            | NodeValue::Image(_)
    )
}

/// What can be seen line by line: quotes and list entries opened on one line, and tables. A parser
/// looks at every open block again for each of them, and makes a cell of every one that a row
/// leaves out.
fn flaw_of_lines(text: &str) -> Option<MarkupFlaw> {
    if text.len() > TEXT_BYTES {
        return Some(MarkupFlaw::TextTooDeep);
    }
    let (mut columns, mut cells) = (0, 0);
    for line in text.lines() {
        let (markers, rest) = without_markers(line);
        if markers > TEXT_NESTING {
            return Some(MarkupFlaw::TextTooDeep);
        }
        if rest.trim().is_empty() {
            columns = 0;
        }
        columns = columns.max(columns_of(rest));
        cells += columns;
        if columns > TABLE_COLUMNS || cells > TABLE_CELLS {
            return Some(MarkupFlaw::TableTooWide);
        }
    }
    None
}

/// How many quotes and list entries a line opens, and what stands behind their marks.
fn without_markers(line: &str) -> (usize, &str) {
    let rule = rule_begin(line);
    let (mut markers, mut rest) = (0, line);
    loop {
        let shown = rest.trim_start_matches([' ', '\t']);
        if line.len() - shown.len() >= rule {
            return (markers, shown);
        }
        let Some(behind) = behind_marker(shown) else { return (markers, shown) };
        (markers, rest) = (markers + 1, behind);
    }
}

fn behind_marker(line: &str) -> Option<&str> {
    if let Some(behind) = line.strip_prefix('>') {
        return Some(behind);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let behind = match digits {
        0 => line.strip_prefix(['-', '+', '*'])?,
        1..=9 => line[digits..].strip_prefix(['.', ')'])?,
        _ => return None,
    };
    (behind.is_empty() || behind.starts_with([' ', '\t'])).then_some(behind)
}

/// Where the dashes or stars begin that a line ends in: three or more of them are a rule, not
/// entries of lists.
fn rule_begin(line: &str) -> usize {
    let Some(mark @ ('-' | '*')) = line.trim_end().chars().next_back() else { return line.len() };
    let stored = line.trim_end_matches([mark, ' ', '\t']).len();
    let marks = line[stored..].bytes().filter(|byte| *byte == mark as u8).count();
    if marks >= 3 { stored } else { line.len() }
}

/// The columns of the table whose line of dashes this is; 0 when it is none.
fn columns_of(line: &str) -> usize {
    let is_dashes = line.contains('-') && line.bytes().all(|byte| b"|:- \t".contains(&byte));
    if is_dashes { line.bytes().filter(|byte| *byte == b'|').count() } else { 0 }
}
