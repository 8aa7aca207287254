//! HTML tags in Markdown: those that are known and have both ends are kept without attributes,
//! every other one is shown as it was typed.

use comrak::Node;
use comrak::nodes::NodeValue;
use std::collections::HashMap;

/// Elements inside each other; deeper ones are shown as they were typed.
const NESTING: usize = 20;
/// Known elements and what they are written as; as nothing where only their text matters.
const KNOWN: [(&str, &str); 26] = [
    ("b", "b"),
    ("strong", "strong"),
    ("i", "i"),
    ("em", "em"),
    ("u", "u"),
    ("ins", "u"),
    ("s", "s"),
    ("strike", "s"),
    ("del", "del"),
    ("sub", "sub"),
    ("sup", "sup"),
    ("code", "code"),
    ("kbd", "code"),
    ("samp", "code"),
    ("tt", "code"),
    ("var", "i"),
    ("cite", "i"),
    ("dfn", "i"),
    ("span", ""),
    ("font", ""),
    ("small", ""),
    ("big", ""),
    ("mark", ""),
    ("abbr", ""),
    ("bdi", ""),
    ("q", ""),
];

/// Replaces the tags of a parsed text by what is kept of them.
pub fn replace(root: Node<'_>) {
    let parents: Vec<Node<'_>> =
        root.descendants().filter(|node| node.first_child().is_some()).collect();
    for parent in parents {
        if let Some(typed) = no_address(parent) {
            parent.data_mut().value = NodeValue::Text(typed.into());
            for child in parent.children().collect::<Vec<_>>() {
                child.detach();
            }
        }
        let has_tags =
            parent.children().any(|child| matches!(child.data().value, NodeValue::HtmlInline(_)));
        if has_tags {
            replace_among(parent);
        }
    }
}

/// What was typed where the parser took a type of a program for an address: `<std::string>`.
fn no_address(node: Node<'_>) -> Option<String> {
    let NodeValue::Link(link) = &node.data().value else { return None };
    let text = match &node.first_child()?.data().value {
        NodeValue::Text(text) => text.to_string(),
        _ => return None,
    };
    let is_address = ["http:", "https:", "mailto:", "ftp:", "tel:"]
        .iter()
        .any(|scheme| link.url.starts_with(scheme));
    (!is_address && link.url == text && node.first_child()?.next_sibling().is_none())
        .then(|| format!("<{text}>"))
}

struct OpenTag<'tree> {
    node: Node<'tree>,
    name: String,
    element: &'static str,
}

fn replace_among(parent: Node<'_>) {
    let mut open: Vec<OpenTag<'_>> = Vec::new();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for node in parent.children() {
        let NodeValue::HtmlInline(tag) = node.data().value.clone() else { continue };
        if is_line_break(&tag) {
            node.data_mut().value = NodeValue::LineBreak;
        } else if let Some(name) = closing_name(&tag) {
            if counts.get(&name).copied().unwrap_or(0) == 0 {
                continue;
            }
            while let Some(begin) = open.pop() {
                if let Some(count) = counts.get_mut(&begin.name) {
                    *count = count.saturating_sub(1);
                }
                if begin.name == name {
                    write_pair(&begin, node);
                    break;
                }
            }
        } else if let Some((name, element)) = opening_name(&tag).filter(|_| open.len() < NESTING) {
            *counts.entry(name.clone()).or_default() += 1;
            open.push(OpenTag { node, name, element });
        }
    }
    for node in parent.children() {
        let typed = match &node.data().value {
            NodeValue::HtmlInline(tag) => tag.clone(),
            _ => continue,
        };
        node.data_mut().value = NodeValue::Text(typed.into());
    }
}

/// A pair with nothing in it would not be seen.
fn write_pair<'tree>(begin: &OpenTag<'tree>, end: Node<'tree>) {
    if begin.node.next_sibling().is_some_and(|next| next.same_node(end)) {
        return;
    }
    let (first, last) = match begin.element {
        "" => (String::new(), String::new()),
        element => (format!("<{element}>"), format!("</{element}>")),
    };
    begin.node.data_mut().value = NodeValue::Raw(first);
    end.data_mut().value = NodeValue::Raw(last);
}

fn is_line_break(tag: &str) -> bool {
    tag.strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .map(|inside| inside.trim_end_matches('/').trim_end())
        .is_some_and(|name| name.eq_ignore_ascii_case("br"))
}

fn closing_name(tag: &str) -> Option<String> {
    let name = tag.strip_prefix("</")?.strip_suffix('>')?.trim();
    known(name).map(|(name, _)| name)
}

fn opening_name(tag: &str) -> Option<(String, &'static str)> {
    let inside = tag.strip_prefix('<')?.strip_suffix('>')?;
    let name = inside.split(|letter: char| letter.is_ascii_whitespace()).next()?;
    known(name)
}

fn known(name: &str) -> Option<(String, &'static str)> {
    let entry = KNOWN.iter().find(|(entry, _)| entry.eq_ignore_ascii_case(name));
    entry.map(|(entry, element)| ((*entry).to_owned(), *element))
}

/// The text of a block of HTML; the block as it was typed when nothing of it would be seen.
pub fn text_of_block(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, behind)) = rest.split_once('<') {
        text.push_str(before);
        let Some((_, behind)) = behind.split_once('>') else {
            rest = "";
            break;
        };
        text.push(' ');
        rest = behind;
    }
    text.push_str(rest);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() { html.trim().to_owned() } else { words }
}
