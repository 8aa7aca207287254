//! The elements of rich answers: which there are, what becomes of others, and what may lie in what.

/// Elements that hold nothing.
pub const EMPTY: [&str; 1] = ["br"];

/// How an element behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementGroup {
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
pub fn group_of(name: &str) -> Option<ElementGroup> {
    Some(match name {
        "b" | "strong" | "i" | "em" | "u" | "s" | "sub" | "sup" | "code" => ElementGroup::Inline,
        "p" | "h2" | "h3" | "h4" | "pre" => ElementGroup::Lines,
        "blockquote" => ElementGroup::Holder,
        "ul" | "ol" => ElementGroup::List,
        "li" => ElementGroup::Entry,
        "table" => ElementGroup::Table,
        "thead" | "tbody" => ElementGroup::Rows,
        "tr" => ElementGroup::Row,
        "td" | "th" => ElementGroup::Cell,
        "br" => ElementGroup::Empty,
        _ => return None,
    })
}

/// What an element is kept as: itself, its next of kin, a paragraph where it made a block; none
/// when only its text is.
pub fn replacement_of(name: &str) -> Option<&'static str> {
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
        "div" | "section" | "article" | "header" | "footer" | "main" | "aside" | "nav"
        | "address" | "figure" | "figcaption" | "dl" | "dt" | "dd" | "fieldset" | "legend"
        | "form" | "details" | "summary" | "center" | "caption" | "option" | "optgroup"
        | "select" | "body" | "html" | "dialog" | "hgroup" | "search" | "textarea" | "button"
        | "video" | "audio" | "canvas" | "object" => "p",
        _ => return None,
    })
}

/// Whether an element may lie directly in another; none is the outside. Where this holds a browser
/// reads what was written as it was written.
pub fn may_hold(outer: Option<&str>, inner: &str) -> bool {
    let Some(inner) = group_of(inner) else { return false };
    let is_line = matches!(inner, ElementGroup::Inline | ElementGroup::Empty);
    let is_block = matches!(
        inner,
        ElementGroup::Lines | ElementGroup::Holder | ElementGroup::List | ElementGroup::Table
    );
    match outer.map(group_of) {
        None | Some(Some(ElementGroup::Holder | ElementGroup::Entry | ElementGroup::Cell)) => {
            is_line || is_block
        }
        Some(Some(ElementGroup::Inline | ElementGroup::Lines)) => is_line,
        Some(Some(ElementGroup::List)) => matches!(inner, ElementGroup::Entry | ElementGroup::List),
        Some(Some(ElementGroup::Table)) => matches!(inner, ElementGroup::Rows),
        Some(Some(ElementGroup::Rows)) => inner == ElementGroup::Row,
        Some(Some(ElementGroup::Row)) => inner == ElementGroup::Cell,
        Some(Some(ElementGroup::Empty) | None) => false,
    }
}
