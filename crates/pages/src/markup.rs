//! Authored Markdown as HTML that is safe to show (domain rules, table of chapter 0): CommonMark, tables, `$...$`
//! mathematics as MathML; raw HTML is dropped, and nothing in it makes a browser ask another host.

use ammonia::{Builder, UrlRelative};
use comrak::nodes::{NodeMath, NodeValue};
use comrak::{Arena, Options, format_html, parse_document};
use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Stand around the number of a formula while the rest is cleaned. They mean nothing to anybody, so texts lose them.
const OPEN: char = '\u{F0000}';
const CLOSE: char = '\u{F0001}';

static FORMULAS: LazyLock<Option<LatexToMathML>> = LazyLock::new(|| {
    let config = MathCoreConfig { annotation: false, ignore_unknown_commands: true, ..MathCoreConfig::default() };
    LatexToMathML::new(config).ok()
});

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    cleaner
        .url_schemes(HashSet::from(["http", "https", "mailto", "data"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .set_tag_attribute_value("a", "target", "_blank")
        .set_tag_attribute_value("img", "loading", "lazy")
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("img", "src") => is_picture(value).then_some(Cow::Borrowed(value)),
            (_, "href") => (!value.starts_with("data:")).then_some(Cow::Borrowed(value)),
            _ => Some(Cow::Borrowed(value)),
        });
    cleaner
});

/// A picture that stands in the text itself.
fn is_picture(target: &str) -> bool {
    ["png", "jpeg", "gif", "webp"].iter().any(|kind| target.starts_with(&format!("data:image/{kind};base64,")))
}

/// HTML that somebody wrote, such as a rich answer, with nothing left in it but what is safe to show.
pub fn clean(html: &str) -> String {
    CLEANER.clean(html).to_string()
}

/// A text as blocks.
pub fn blocks(text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let text: String = text.chars().filter(|letter| *letter != OPEN && *letter != CLOSE).collect();
    let arena = Arena::new();
    let root = parse_document(&arena, &text, &options());
    let mut formulas = Vec::new();
    for node in root.descendants() {
        let mut ast = node.data.borrow_mut();
        if let NodeValue::Math(math) = &ast.value {
            formulas.push(formula(math));
            ast.value = NodeValue::Text(format!("{OPEN}{}{CLOSE}", formulas.len() - 1).into());
        }
    }
    let mut html = String::new();
    if format_html(root, &options(), &mut html).is_err() {
        return String::new();
    }
    with_formulas(&CLEANER.clean(&html).to_string(), &formulas)
}

/// A text inside a line, for a label; of several paragraphs it stays blocks.
pub fn inline(text: &str) -> String {
    let html = blocks(text);
    let only = html.trim().strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>"));
    match only.filter(|inside| !inside.contains("<p>")) {
        Some(inside) => inside.to_owned(),
        None => html,
    }
}

/// A text without any markup, for where a browser takes none.
pub fn plain(text: &str) -> String {
    let arena = Arena::new();
    let mut plain = String::new();
    for node in parse_document(&arena, text, &options()).descendants() {
        match &node.data.borrow().value {
            NodeValue::Text(text) => plain.push_str(text),
            NodeValue::Code(code) => plain.push_str(&code.literal),
            NodeValue::Math(math) => plain.push_str(&math.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak | NodeValue::Paragraph if !plain.is_empty() => plain.push(' '),
            _ => {}
        }
    }
    plain
}

/// Whether a text holds a formula.
pub fn has_formula(text: &str) -> bool {
    text.contains('$') && blocks(text).contains("<math")
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.math_dollars = true;
    options
}

fn formula(math: &NodeMath) -> String {
    let display = if math.display_math { MathDisplay::Block } else { MathDisplay::Inline };
    let converted =
        FORMULAS.as_ref().and_then(|formulas| formulas.convert_with_local_state(&math.literal, display).ok());
    // What no formula can be made of is at least readable as it was written.
    converted.map_or_else(|| format!("<code>{}</code>", escaped(&math.literal)), |converted| converted.mathml)
}

fn with_formulas(html: &str, formulas: &[String]) -> String {
    let mut pieces = html.split(OPEN);
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (number, rest) = piece.split_once(CLOSE).unwrap_or((piece, ""));
        whole.push_str(number.parse::<usize>().ok().and_then(|index| formulas.get(index)).map_or("", String::as_str));
        whole.push_str(rest);
    }
    whole
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_html_scripts_and_other_hosts_are_dropped() {
        for text in [
            "<script>alert(1)</script>",
            "<b onclick=x>bold</b>",
            "[x](javascript:alert(1))",
            "![x](https://evil.example/p.png)",
            "![x](//evil.example/p.png)",
            "![x](data:image/svg+xml;base64,PHN2Zy8+)",
            "[x](data:text/html;base64,PHN2Zy8+)",
            "$\\href{javascript:alert(1)}{x}$",
            "$<script>alert(1)</script>$",
            "\u{F0000}0\u{F0001}",
        ] {
            let html = blocks(text);
            for evil in ["<script", "onclick", "javascript:", "evil.example", "svg+xml", "text/html"] {
                assert!(
                    !html.contains(evil) || html.contains("<code>") || html.contains("&lt;script"),
                    "{text}: {html}"
                );
            }
        }
    }

    #[test]
    fn tables_formulas_and_pictures_in_the_text_are_shown() {
        assert!(blocks("| a | b |\n| - | - |\n| 1 | 2 |").contains("<table>"));
        let formula = blocks("Solve $x^2 = \\frac{1}{4}$.");
        assert!(formula.contains("<math") && formula.contains("<mfrac>"), "{formula}");
        assert!(blocks("$$\\sum_{i=1}^n i$$").contains("<math"));
        assert!(blocks("![dot](data:image/png;base64,iVBORw0KGgo=)").contains("src=\"data:image/png"));
        assert!(blocks("It costs $5 and then $6.").contains("$5"));
    }

    #[test]
    fn a_single_paragraph_goes_into_a_line_and_plain_text_has_no_marks() {
        assert_eq!(inline("*half* of 8"), "<em>half</em> of 8");
        assert!(inline("one\n\ntwo").contains("<p>"));
        assert_eq!(plain("*half* of `8`, $x_1$"), "half of 8, x_1");
    }
}
