//! Authored texts as HTML that is safe to show.

use crate::parse::{ParsedText, options, parse};
use crate::{formula, rich_text, sanitize};
use comrak::nodes::{NodeMath, NodeValue};
use comrak::{Node, format_html};
use std::cell::Cell;

/// Bytes of texts and of the HTML they become, all texts of one page together. A whole document (4
/// MiB at most) with ordinary texts stays below it.
pub const PAGE_BUDGET: usize = 12 << 20;

/// Shows the texts of one page, within a budget of its own: what comes after it is used up is shown
/// as plain text, so that a page takes bounded time and memory whatever its authors wrote.
pub struct Renderer {
    left: Cell<usize>,
}

impl Default for Renderer {
    fn default() -> Self {
        Self { left: Cell::new(PAGE_BUDGET) }
    }
}

impl Renderer {
    /// A renderer for one page, with its whole budget.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
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
        let html = parse(text, |reading| match reading {
            ParsedText::Within(root) => self.finished(root),
            ParsedText::Beyond(_) => None,
        });
        html.unwrap_or_else(|| as_plain(text))
    }

    fn finished(&self, root: Node<'_>) -> Option<String> {
        for node in root.descendants() {
            let mut ast = node.data_mut();
            if let NodeValue::Math(math) = &ast.value {
                let html = shown(math);
                // A page is not made larger by formulas than it may be.
                if !self.spend(html.len()) {
                    return None;
                }
                ast.value = NodeValue::Raw(html);
            }
        }
        let mut html = String::new();
        format_html(root, &options(), &mut html).ok()?;
        self.spend(html.len()).then(|| sanitize::sanitize_html(&html))
    }

    /// A text inside a line, for a label; of several paragraphs it stays blocks.
    #[must_use]
    pub fn inline(&self, text: &str) -> String {
        let html = self.blocks(text);
        let only = html.trim().strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>"));
        match only.filter(|inside| !inside.contains("<p>")) {
            Some(inside) => inside.to_owned(),
            None => html,
        }
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

/// Whether shown text holds a formula.
#[must_use]
pub fn has_formula(html: &str) -> bool {
    html.contains("<math")
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

#[cfg(test)]
mod tests;
