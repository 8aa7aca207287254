//! Authored texts as HTML that is safe to show.

use crate::parse::{ParsedText, options, parse, parse_inline, words};
use crate::{formula, plain, rich_text, sanitize, tags};
use comrak::nodes::{NodeMath, NodeValue};
use comrak::{Node, format_html};
use std::cell::{Cell, RefCell};

/// Bytes of texts and of the HTML they become, all texts of one page together. A whole document (4
/// MiB at most) with ordinary texts stays below it.
pub const PAGE_BUDGET: usize = 12 << 20;

/// A picture of a text, or whatever else is written like one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddedMedia<'t> {
    pub target: &'t str,
    /// Without markup.
    pub description: &'t str,
    /// The whole text it stands in.
    pub text: &'t str,
    /// Which of the text's pictures it is, from 0.
    pub nth: usize,
    /// What the text belongs to; see [`Renderer::enter`].
    pub scope: &'t str,
}

/// Gives what is shown for a picture's target: HTML of phrasing elements, which is trusted and not
/// looked at again. None where there is nothing to show.
pub type MediaRenderer = Box<dyn Fn(&EmbeddedMedia<'_>) -> Option<String> + Send>;

/// Begins and ends the number of a medium in a text, until the text was looked through. No text
/// that is stored or sent has any use for it.
const MARK: char = '\u{fdd0}';

/// Shows the texts of one page, within a budget of its own: what comes after it is used up is shown
/// as plain text, so that a page takes bounded time and memory whatever its authors wrote.
pub struct Renderer {
    left: Cell<usize>,
    media: Option<MediaRenderer>,
    scope: RefCell<String>,
}

impl Default for Renderer {
    fn default() -> Self {
        Self { left: Cell::new(PAGE_BUDGET), media: None, scope: RefCell::default() }
    }
}

impl Renderer {
    /// A renderer for one page, with its whole budget.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A renderer that shows media; without one only their descriptions are shown.
    #[must_use]
    pub fn with_media(media: Option<MediaRenderer>) -> Self {
        Self { media, ..Self::default() }
    }

    /// Says what the texts that follow belong to, such as a question: media are told that.
    pub fn enter(&self, scope: String) {
        self.scope.replace(scope);
    }

    /// Takes so many bytes from the budget; false when it was used up before.
    pub fn spend(&self, bytes: usize) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(bytes));
        left > 0
    }

    /// A text as blocks.
    #[must_use]
    pub fn blocks(&self, text: &str) -> String {
        if text.trim().is_empty() {
            return String::new();
        }
        if !self.spend(text.len()) {
            return as_plain(text);
        }
        let unmarked = text.replace(MARK, "");
        let html = parse(&unmarked, |reading| match reading {
            ParsedText::Within(root) => self.finished(root, text),
            ParsedText::Beyond(_) => None,
        });
        html.unwrap_or_else(|| as_plain(text))
    }

    fn finished(&self, root: Node<'_>, text: &str) -> Option<String> {
        tags::replace(root);
        let media = self.take_media(root, text);
        if !self.spend(media.iter().map(String::len).sum()) {
            return None;
        }
        for node in root.descendants() {
            let mut ast = node.data_mut();
            let html = match &ast.value {
                NodeValue::Math(math) => shown(math),
                NodeValue::HtmlBlock(block) => shown_block(&block.literal),
                _ => continue,
            };
            // A page is not made larger by formulas than it may be.
            if !self.spend(html.len()) {
                return None;
            }
            ast.value = NodeValue::Raw(html);
        }
        let mut html = String::new();
        format_html(root, &options(), &mut html).ok()?;
        self.spend(html.len()).then(|| with_media(&sanitize::sanitize_html(&html), &media))
    }

    /// Takes the pictures out of a text, puts a mark where each was, and gives what is shown there.
    /// Pictures that stand in the text itself stay.
    fn take_media(&self, root: Node<'_>, text: &str) -> Vec<String> {
        let is_image = |node: &Node<'_>| matches!(node.data().value, NodeValue::Image(_));
        let images: Vec<_> = root.descendants().filter(is_image).collect();
        let scope = self.scope.borrow();
        let mut shown = Vec::new();
        for (nth, node) in images.into_iter().enumerate() {
            let target = match &node.data().value {
                NodeValue::Image(link) if !link.url.starts_with("data:") => link.url.clone(),
                _ => continue,
            };
            let description = words(node);
            let (target, description) = (target.as_str(), description.trim());
            let embedded = EmbeddedMedia { target, description, text, nth, scope: &scope };
            let html = self.media.as_ref().and_then(|media| media(&embedded));
            node.children().collect::<Vec<_>>().into_iter().for_each(|child| child.detach());
            node.data_mut().value = NodeValue::Text(format!("{MARK}{}{MARK}", shown.len()).into());
            shown.push(html.unwrap_or_else(|| in_words(target, description)));
        }
        shown
    }

    /// A one-line text for a label, a heading or a cell: read as inline Markdown. Of several
    /// paragraphs it stays blocks. What would show nothing is shown as it was typed.
    #[must_use]
    pub fn inline(&self, text: &str) -> String {
        if text.trim().is_empty() {
            return String::new();
        }
        if !self.spend(text.len()) {
            return escape(text.trim());
        }
        let unmarked = text.replace(MARK, "");
        let html = parse_inline(&unmarked, |reading| match reading {
            ParsedText::Within(root) => self.finished(root, text),
            ParsedText::Beyond(_) => None,
        });
        let Some(html) = html.filter(|html| shows_something(html)) else {
            return escape(text.trim());
        };
        let only = html.trim().strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>"));
        match only.filter(|inside| !inside.contains("<p>")) {
            Some(inside) => inside.to_owned(),
            None => html,
        }
    }

    /// A title, a name or the head of a column: one line of inline Markdown.
    #[must_use]
    pub fn line(&self, text: &str) -> String {
        self.inline(&text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// A rich answer. What was kept before answers were cleaned is cleaned now.
    #[must_use]
    pub fn rich(&self, html: &str) -> String {
        if self.spend(html.len()) {
            rich_text::sanitize_rich_text(html).into_owned()
        } else {
            as_plain(html)
        }
    }
}

/// What is shown where a picture cannot be: its description, and its address if it lies elsewhere.
fn in_words(target: &str, description: &str) -> String {
    let address = match target.starts_with("asset:") {
        true => String::new(),
        false => format!(" <code>{}</code>", escape(target)),
    };
    format!("<span class=\"no-medium\">{}{address}</span>", escape(description))
}

/// Puts media where their marks are.
fn with_media(html: &str, media: &[String]) -> String {
    if !html.contains(MARK) {
        return html.to_owned();
    }
    let pieces = html.split(MARK).enumerate();
    let shown = pieces.map(|(place, piece)| match place % 2 {
        1 => piece.parse().ok().and_then(|nth: usize| media.get(nth)).map_or("", String::as_str),
        _ => piece,
    });
    shown.collect()
}

/// Whether shown text holds a formula.
#[must_use]
pub fn has_formula(html: &str) -> bool {
    html.contains("<math")
}

/// Whether a browser would show anything of finished HTML.
fn shows_something(html: &str) -> bool {
    let mut texts = html.split('<');
    let first = texts.next().unwrap_or_default();
    html.contains("<img")
        || plain::is_visible(first)
        || texts.any(|tag| {
            let text = tag.split_once('>').map_or("", |(_, text)| text);
            plain::is_visible(&text.replace("&nbsp;", " "))
        })
}

/// A block of HTML as what is kept of it; as it was typed when that shows nothing.
fn shown_block(html: &str) -> String {
    let clean = sanitize::sanitize_html(html);
    if shows_something(&clean) { clean } else { as_plain(html) }
}

/// A text as it was written, its lines kept.
fn as_plain(text: &str) -> String {
    format!("<p>{}</p>", escape(text.trim()).replace("\r\n", "\n").replace(['\n', '\r'], "<br>"))
}

/// What no formula can be made of is at least readable as it was written.
fn shown(math: &NodeMath) -> String {
    formula::to_mathml(&math.literal, math.display_math)
        .unwrap_or_else(|| format!("<code>{}</code>", escape(&math.literal)))
}

/// A text with nothing in it that begins markup.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\0', "\u{fffd}")
}

/// The same with nothing in it that ends a value in double quotes.
#[must_use]
pub fn escape_attribute(text: &str) -> String {
    escape(text).replace('"', "&quot;")
}

#[cfg(test)]
mod tests;
