//! Rich answers: HTML of a fixed list of elements without attributes.
//!
//! It is cleaned once, when an answer is kept; [`is_sanitized`] says whether that has been done, so
//! that nothing is believed because of where it was kept. The text goes through the tokenizer of
//! `html5ever` and a small writer instead of a tree: repairing a tree as browsers do takes time
//! that grows with the square of the nesting. Blocks and cells that are not kept, or lie too deep,
//! still separate what stands in them.

mod element;
mod writer;

use element::{EMPTY, ElementGroup, group_of, may_hold};
use std::borrow::Cow;

/// Elements of a rich answer inside each other.
pub const NESTING: usize = 20;

/// The text with nothing in it but what is kept of a rich answer; itself when it is that already.
#[must_use]
pub fn sanitize_rich_text(html: &str) -> Cow<'_, str> {
    if is_sanitized(html) { Cow::Borrowed(html) } else { Cow::Owned(writer::sanitized(html)) }
}

/// The words of a cleaned rich text: a line for each block, a tab before each cell.
#[must_use]
pub fn to_lines(sanitized: &str) -> String {
    let mut text = String::new();
    let mut rest = sanitized;
    while let Some((before, behind)) = rest.split_once('<') {
        text.push_str(before);
        let Some((tag, behind)) = behind.split_once('>') else { break };
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        match group_of(name) {
            Some(ElementGroup::Inline) => {}
            Some(ElementGroup::Cell) => text.push('\t'),
            _ => text.push('\n'),
        }
        rest = behind;
    }
    text.push_str(rest.split('<').next().unwrap_or_default());
    // The ampersand last, so that what was written as a reference stays one.
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a text is as the cleaner writes it: elements of the list, without attributes, well
/// nested and not too deep, and escaped text.
#[must_use]
pub fn is_sanitized(html: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    loop {
        let Some(end) = rest.find('<') else { return open.is_empty() && is_text(rest) };
        if !is_text(&rest[..end]) || !holds(open.last().copied(), &rest[..end]) {
            return false;
        }
        let Some((tag, behind)) = rest[end + 1..].split_once('>') else { return false };
        let is_fitting = match tag.strip_prefix('/') {
            Some(name) => open.pop() == Some(name),
            None => begin(&mut open, tag),
        };
        if !is_fitting {
            return false;
        }
        rest = behind;
    }
}

fn begin<'html>(open: &mut Vec<&'html str>, name: &'html str) -> bool {
    if !may_hold(open.last().copied(), name) {
        return false;
    }
    if !EMPTY.contains(&name) {
        open.push(name);
    }
    open.len() <= NESTING
}

/// Lists and tables hold no text of their own; browsers would move it out of them.
fn holds(outer: Option<&str>, text: &str) -> bool {
    let is_between = matches!(
        outer.and_then(group_of),
        Some(ElementGroup::List | ElementGroup::Table | ElementGroup::Rows | ElementGroup::Row)
    );
    !is_between || text.chars().all(char::is_whitespace)
}

fn is_text(text: &str) -> bool {
    let references =
        |rest: &str| ["amp;", "lt;", "gt;"].iter().any(|entry| rest.starts_with(entry));
    !text.contains(['>', '\0', '\r']) && text.split('&').skip(1).all(references)
}

#[cfg(test)]
mod tests;
