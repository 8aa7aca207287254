//! The elements of rich answers: which there are, what becomes of others, and what may lie in what.

/// Elements that hold nothing.
pub const EMPTY: [&str; 1] = ["br"];

/// How an element behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Lies in a line.
    Inline,
    /// Holds lines and no blocks.
    Lines,
    /// Holds lines and blocks.
    Holder,
    List,
    Entry,
    Table,
    /// `thead`, `tbody`
    Rows,
    Row,
    Cell,
    Empty,
}

/// The group of an element that is kept.
pub fn known(name: &str) -> Option<Group> {
    Some(match name {
        "b" | "strong" | "i" | "em" | "u" | "s" | "sub" | "sup" | "code" => Group::Inline,
        "p" | "h2" | "h3" | "h4" | "pre" => Group::Lines,
        "blockquote" => Group::Holder,
        "ul" | "ol" => Group::List,
        "li" => Group::Entry,
        "table" => Group::Table,
        "thead" | "tbody" => Group::Rows,
        "tr" => Group::Row,
        "td" | "th" => Group::Cell,
        "br" => Group::Empty,
        _ => return None,
    })
}

/// What an element is kept as: itself, its next of kin, a paragraph where it made a block; none when only its text is.
pub fn kept_as(name: &str) -> Option<&'static str> {
    const SAME: [&str; 26] = [
        "b",
        "strong",
        "i",
        "em",
        "u",
        "s",
        "sub",
        "sup",
        "code",
        "p",
        "h2",
        "h3",
        "h4",
        "pre",
        "blockquote",
        "ul",
        "ol",
        "li",
        "table",
        "thead",
        "tbody",
        "tr",
        "td",
        "th",
        "br",
        "hr",
    ];
    if let Some(same) = SAME.iter().find(|same| **same == name) {
        return Some(same);
    }
    Some(match name {
        "h1" => "h2",
        "h5" | "h6" => "h4",
        "strike" | "del" => "s",
        "ins" => "u",
        "kbd" | "samp" | "tt" => "code",
        "listing" => "pre",
        "dir" | "menu" => "ul",
        "tfoot" => "tbody",
        "div" | "section" | "article" | "header" | "footer" | "main" | "aside" | "nav" | "address" | "figure"
        | "figcaption" | "dl" | "dt" | "dd" | "fieldset" | "legend" | "form" | "details" | "summary" | "center"
        | "caption" | "option" | "optgroup" | "select" | "body" | "html" | "dialog" | "hgroup" | "search"
        | "textarea" | "button" | "video" | "audio" | "canvas" | "object" => "p",
        _ => return None,
    })
}

/// Whether an element may lie directly in another; none is the outside. Where this holds a browser reads what was written
/// as it was written.
pub fn may_hold(outer: Option<&str>, inner: &str) -> bool {
    let Some(inner) = known(inner) else { return false };
    let is_line = matches!(inner, Group::Inline | Group::Empty);
    let is_block = matches!(inner, Group::Lines | Group::Holder | Group::List | Group::Table);
    match outer.map(known) {
        None | Some(Some(Group::Holder | Group::Entry | Group::Cell)) => is_line || is_block,
        Some(Some(Group::Inline | Group::Lines)) => is_line,
        Some(Some(Group::List)) => matches!(inner, Group::Entry | Group::List),
        Some(Some(Group::Table)) => matches!(inner, Group::Rows),
        Some(Some(Group::Rows)) => inner == Group::Row,
        Some(Some(Group::Row)) => inner == Group::Cell,
        Some(Some(Group::Empty) | None) => false,
    }
}
