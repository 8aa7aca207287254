//! Writes a rich answer from its tokens, always well nested and never deeper than allowed.

use super::element::{ElementGroup, group_of, may_hold, replacement_of};
use super::{EMPTY, NESTING};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer,
};
use std::cell::RefCell;

/// Characters of an address that is written behind its link.
const ADDRESS: usize = 2_000;

/// What is kept of a text.
pub fn sanitized(html: &str) -> String {
    let sink = RichTextSink { writer: RefCell::new(RichTextWriter::default()) };
    let tokenizer = Tokenizer::new(sink, Default::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    // It stops early only where a sink asks it to, which ours never does.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.writer.into_inner().finished()
}

struct RichTextSink {
    writer: RefCell<RichTextWriter>,
}

impl TokenSink for RichTextSink {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut writer = self.writer.borrow_mut();
        match token {
            Token::CharacterTokens(text) => writer.text(&text),
            Token::TagToken(tag) => return writer.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[derive(Default)]
struct RichTextWriter {
    open: Vec<&'static str>,
    out: String,
    /// The element whose content is no text, until it ends.
    dropped: Option<String>,
    /// Where the text of an open link began, and where the link leads.
    link: Option<(usize, String)>,
}

impl RichTextWriter {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        if self
            .dropped
            .as_deref()
            .is_some_and(|dropped| dropped != name || tag.kind == TagKind::StartTag)
        {
            return TokenSinkResult::Continue;
        }
        if tag.kind == TagKind::EndTag {
            self.dropped = None;
            self.end(name);
            return TokenSinkResult::Continue;
        }
        match name {
            "script" | "style" | "iframe" | "noembed" | "noframes" | "xmp" | "title"
            | "template" => {
                self.dropped = Some(name.to_owned());
                match name {
                    "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                    "title" => TokenSinkResult::RawData(RawKind::Rcdata),
                    "template" => TokenSinkResult::Continue,
                    _ => TokenSinkResult::RawData(RawKind::Rawtext),
                }
            }
            "a" => {
                self.end_link();
                self.begin_link(tag);
                TokenSinkResult::Continue
            }
            name => {
                if let Some(replacement) = replacement_of(name) {
                    self.begin(replacement);
                }
                TokenSinkResult::Continue
            }
        }
    }

    // --- what begins ---

    fn begin(&mut self, name: &'static str) {
        match group_of(name) {
            Some(ElementGroup::Inline) => self.begin_inline(name),
            Some(ElementGroup::Empty) => self.line_break(),
            Some(ElementGroup::Entry) => self.begin_entry(),
            Some(group @ (ElementGroup::Rows | ElementGroup::Row | ElementGroup::Cell)) => {
                self.begin_part(name, group)
            }
            Some(_) => self.begin_block(name),
            // A rule parts what stands before it from what stands behind.
            None => {
                self.leave_lines();
                self.line_break();
            }
        }
    }

    fn begin_inline(&mut self, name: &'static str) {
        // The parts of a list or table that its text needs count first.
        let is_new = !self.open.contains(&name) && self.make_room_for_text();
        if is_new && self.open.len() < NESTING {
            self.push(name);
        }
    }

    /// A block begins outside of the lines before it. Where it would lie too deep it is a new line.
    fn begin_block(&mut self, name: &'static str) {
        self.leave_lines();
        // Room for what has to lie in it before any text.
        let inside = match group_of(name) {
            Some(ElementGroup::List) => 1,
            Some(ElementGroup::Table) => 3,
            _ => 0,
        };
        let is_list_in_list =
            group_of(name) == Some(ElementGroup::List) && self.top() == Some(ElementGroup::List);
        if !is_list_in_list && !self.make_room_for_text() {
            return;
        }
        if self.open.len() + inside < NESTING && may_hold(self.open.last().copied(), name) {
            self.push(name);
        } else {
            self.line_break();
        }
    }

    /// An entry belongs to the innermost list, unless a cell or a quote lies between; without a
    /// list it is a paragraph.
    fn begin_entry(&mut self) {
        let between = self.open.iter().rposition(|open| {
            matches!(
                group_of(open),
                Some(
                    ElementGroup::List
                        | ElementGroup::Cell
                        | ElementGroup::Holder
                        | ElementGroup::Table
                )
            )
        });
        match between.filter(|place| group_of(self.open[*place]) == Some(ElementGroup::List)) {
            Some(place) => {
                self.close_to(place + 1);
                self.push("li");
            }
            None => self.begin_block("p"),
        }
    }

    /// A part of the innermost table; without one it is a paragraph.
    fn begin_part(&mut self, name: &'static str, group: ElementGroup) {
        let Some(table) = self.open.iter().rposition(|open| *open == "table") else {
            return self.begin_block("p");
        };
        let is_outside = |open: &str| match (group, group_of(open)) {
            (ElementGroup::Rows, Some(outer)) => outer == ElementGroup::Table,
            (ElementGroup::Row, Some(outer)) => {
                matches!(outer, ElementGroup::Table | ElementGroup::Rows)
            }
            (_, Some(outer)) => {
                matches!(outer, ElementGroup::Table | ElementGroup::Rows | ElementGroup::Row)
            }
            _ => false,
        };
        let place =
            self.open[table..].iter().rposition(|open| is_outside(open)).unwrap_or(0) + table;
        self.close_to(place + 1);
        if group != ElementGroup::Rows && self.top() == Some(ElementGroup::Table) {
            self.push("tbody");
        }
        if group == ElementGroup::Cell && self.top() == Some(ElementGroup::Rows) {
            self.push("tr");
        }
        self.push(name);
    }

    // --- what ends ---

    fn end(&mut self, name: &str) {
        if name == "a" {
            return self.end_link();
        }
        let Some(replacement) =
            replacement_of(name).filter(|replacement| !EMPTY.contains(replacement))
        else {
            return;
        };
        let is_inline = group_of(replacement) == Some(ElementGroup::Inline);
        for place in (0..self.open.len()).rev() {
            let open = self.open[place];
            if open == replacement {
                return self.close_to(place);
            }
            let group = group_of(open);
            let is_wall = if is_inline {
                group != Some(ElementGroup::Inline)
            } else {
                group == Some(ElementGroup::Cell) && !is_part(replacement)
            };
            if is_wall {
                break;
            }
        }
        // What is not open here has ended already, or was no element of ours; blocks end their
        // lines all the same.
        if !is_inline && !is_part(replacement) {
            self.leave_lines();
        }
    }

    fn leave_lines(&mut self) {
        let lines = |open: &&str| {
            matches!(group_of(open), Some(ElementGroup::Inline | ElementGroup::Lines))
        };
        let from = self.open.len() - self.open.iter().rev().take_while(|open| lines(open)).count();
        self.close_to(from);
    }

    fn close_to(&mut self, place: usize) {
        if self.open[place..].iter().any(|open| group_of(open) != Some(ElementGroup::Inline)) {
            self.end_link();
        }
        while self.open.len() > place {
            if let Some(name) = self.open.pop() {
                self.out.push_str(&format!("</{name}>"));
            }
        }
    }

    // --- text ---

    fn text(&mut self, text: &str) {
        if self.dropped.is_some() || text.is_empty() {
            return;
        }
        let is_blank = text.chars().all(char::is_whitespace);
        if !(is_blank && self.is_between_parts()) && self.make_room_for_text() {
            self.push_text(text);
        }
    }

    fn push_text(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '&' => self.out.push_str("&amp;"),
                '\0' => {}
                '\r' => self.out.push('\n'),
                letter => self.out.push(letter),
            }
        }
    }

    fn line_break(&mut self) {
        if self.make_room_for_text() {
            self.out.push_str("<br>");
        }
    }

    fn is_between_parts(&self) -> bool {
        matches!(
            self.top(),
            Some(ElementGroup::List | ElementGroup::Table | ElementGroup::Rows | ElementGroup::Row)
        )
    }

    /// Opens what text needs around it where lists and tables hold none themselves. There is always
    /// room for that: lists and tables are only opened where it is left.
    fn make_room_for_text(&mut self) -> bool {
        while let Some(inner) = match self.top() {
            Some(ElementGroup::List) => Some("li"),
            Some(ElementGroup::Table) => Some("tbody"),
            Some(ElementGroup::Rows) => Some("tr"),
            Some(ElementGroup::Row) => Some("td"),
            _ => None,
        } {
            if self.open.len() >= NESTING {
                return false;
            }
            self.push(inner);
        }
        true
    }

    // --- links ---

    fn begin_link(&mut self, tag: &Tag) {
        let address = tag.attrs.iter().find(|attribute| &*attribute.name.local == "href");
        let address = address.map(|attribute| attribute.value.trim()).filter(|address| {
            let is_known =
                ["http://", "https://", "mailto:"].iter().any(|scheme| address.starts_with(scheme));
            is_known && address.chars().count() <= ADDRESS && !address.chars().any(char::is_control)
        });
        self.link = address.map(|address| (self.out.len(), address.to_owned()));
    }

    /// Writes the address behind a link's text, unless the text is the address.
    fn end_link(&mut self) {
        let Some((from, address)) = self.link.take() else { return };
        let text = self.out.get(from..).unwrap_or_default();
        // Browsers put a slash behind the name of a host.
        let is_said = text.contains(&crate::escape(address.trim_end_matches('/')));
        if !is_said && self.make_room_for_text() {
            self.push_text(&format!(" ({address})"));
        }
    }

    // --- the open elements ---

    fn top(&self) -> Option<ElementGroup> {
        self.open.last().and_then(|name| group_of(name))
    }

    fn push(&mut self, name: &'static str) {
        self.open.push(name);
        self.out.push_str(&format!("<{name}>"));
    }

    fn finished(mut self) -> String {
        self.end_link();
        self.close_to(0);
        self.out
    }
}

fn is_part(name: &str) -> bool {
    matches!(
        group_of(name),
        Some(ElementGroup::Table | ElementGroup::Rows | ElementGroup::Row | ElementGroup::Cell)
    )
}
