//! The list of what may stand in a page, and the pass of it over a finished text.

use crate::mathml;
use ammonia::{Builder, UrlRelative};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// What Markdown becomes.
const ELEMENTS: [&str; 32] = [
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "em",
    "strong",
    "del",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "hr",
    "br",
    "a",
    "img",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "b",
    "i",
    "u",
    "s",
    "sub",
    "sup",
];
const ATTRIBUTES: [(&str, &[&str]); 5] = [
    ("a", &["href", "title"]),
    ("img", &["src", "alt", "title"]),
    ("ol", &["start"]),
    ("th", &["align"]),
    ("td", &["align"]),
];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::empty();
    let mut attributes: HashMap<&str, HashSet<&str>> = ATTRIBUTES
        .iter()
        .map(|(element, names)| (*element, names.iter().copied().collect()))
        .collect();
    attributes.extend(mathml::elements().map(|element| (element, mathml::attributes().collect())));
    cleaner
        .tags(ELEMENTS.into_iter().chain(mathml::elements()).collect())
        .tag_attributes(attributes)
        // What these hold is no text.
        .clean_content_tags(HashSet::from(["script", "style", "iframe", "noscript", "template"]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "data"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .set_tag_attribute_value("a", "target", "_blank")
        .set_tag_attribute_value("img", "loading", "lazy")
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("img", "src") => is_picture(value).then_some(Cow::Borrowed(value)),
            (_, "href") => {
                (!value.trim_start().starts_with("data:")).then_some(Cow::Borrowed(value))
            }
            _ => Some(Cow::Borrowed(value)),
        });
    cleaner
});

/// A picture that stands in the text itself.
fn is_picture(target: &str) -> bool {
    ["png", "jpeg", "gif", "webp"]
        .iter()
        .any(|kind| target.starts_with(&format!("data:image/{kind};base64,")))
}

/// A finished text, formulas included, with nothing left in it but what is listed.
///
/// It is read as a browser reads it and written again. A browser that reads what was written must
/// not find anything else in it, so nothing is listed whose content browsers read by other rules
/// (`style`, `noscript`, `annotation-xml`).
pub fn sanitize_html(html: &str) -> String {
    CLEANER.clean(html).to_string()
}
