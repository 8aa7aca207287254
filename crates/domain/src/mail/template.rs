//! Templates: text with placeholders such as `{{fullname}}`. Whatever is put in is one line of
//! plain text, so that nobody's name can add a line, a header or a paragraph to a mail.

use std::fmt;

string_enum! {
    /// What a template may ask for.
    pub enum Placeholder {
        /// The candidate's name, or the address when there is none.
        Fullname = "fullname",
        /// The task's title.
        Task = "task",
        Organization = "organization",
        /// The candidate's own way in, which asks for nothing.
        Link = "link",
        /// The candidate's invitation code.
        Code = "code",
        /// The task's page, which asks for code or credentials.
        TaskLink = "taskLink",
        /// The first credential; the second is known to nobody but the candidate.
        Credential1 = "credential1",
    }
}

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailTemplateError {
    /// Two braces that nothing closes.
    Unclosed,
    Unknown(String),
}

/// The length to which an unknown name is told.
const LONGEST_TOLD: usize = 40;

impl fmt::Display for MailTemplateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unclosed => formatter.write_str("must close every {{ with }}"),
            Self::Unknown(name) => {
                let name: String = name.chars().take(LONGEST_TOLD).collect();
                let entry: Vec<_> =
                    Placeholder::ALL.iter().map(|entry| format!("{{{{{entry}}}}}")).collect();
                write!(formatter, "must not hold {{{{{name}}}}}: there are {}", entry.join(", "))
            }
        }
    }
}

/// Whether a template asks only for what there is.
///
/// # Errors
/// The first flaw.
pub fn check(template: &str) -> Result<(), MailTemplateError> {
    let find = |piece| match piece {
        TemplatePiece::Text(_) => None,
        TemplatePiece::Unclosed => Some(MailTemplateError::Unclosed),
        TemplatePiece::Named { name, .. } => {
            Placeholder::parse(name).is_none().then(|| MailTemplateError::Unknown(name.to_owned()))
        }
    };
    pieces(template).find_map(find).map_or(Ok(()), Err)
}

/// The template with each placeholder replaced. What was kept before placeholders were looked at
/// stays as it is.
#[must_use]
pub fn fill(template: &str, value_of: impl Fn(Placeholder) -> String) -> String {
    fill_named(template, |name| Placeholder::parse(name).map(&value_of))
}

/// The template with each name replaced for which there is a value.
#[must_use]
pub fn fill_named(template: &str, value_of: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(template.len() + 128);
    for piece in pieces(template) {
        match piece {
            TemplatePiece::Text(text) => filled.push_str(text),
            TemplatePiece::Named { name, text } => match value_of(name) {
                Some(value) => filled.push_str(&one_line(&value)),
                None => filled.push_str(text),
            },
            TemplatePiece::Unclosed => filled.push_str("{{"),
        }
    }
    filled
}

/// A text on one line: whatever breaks lines or cannot be seen becomes a blank, several become one.
#[must_use]
pub fn one_line(text: &str) -> String {
    let is_gap =
        |letter: char| letter.is_whitespace() || letter.is_control() || is_direction(letter);
    text.split(is_gap).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Marks that make later text run the other way.
const fn is_direction(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

enum TemplatePiece<'text> {
    Text(&'text str),
    /// What stands in braces, and with them.
    Named {
        name: &'text str,
        text: &'text str,
    },
    Unclosed,
}

fn pieces(template: &str) -> impl Iterator<Item = TemplatePiece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(inside) = rest.strip_prefix("{{") else {
            let end = rest.find("{{").unwrap_or(rest.len());
            let (text, behind) = rest.split_at(end);
            rest = behind;
            return Some(TemplatePiece::Text(text));
        };
        let Some(length) = inside.find("}}") else {
            rest = inside;
            return Some(TemplatePiece::Unclosed);
        };
        let (text, name) = (&rest[..length + 4], inside[..length].trim());
        rest = &inside[length + 2..];
        Some(TemplatePiece::Named { name, text })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_unknown_placeholder_is_told_with_those_there_are() {
        let reported = check("Hello {{ fullname }}, {{nmae}}").unwrap_err().to_string();
        assert!(
            reported.starts_with("must not hold {{nmae}}: there are {{fullname}}, {{task}}"),
            "{reported}"
        );
        assert_eq!(check("Hello {{fullname"), Err(MailTemplateError::Unclosed));
        assert_eq!(check("{{}}"), Err(MailTemplateError::Unknown(String::new())));
        assert_eq!(check("A single { and } are text"), Ok(()));
    }

    #[test]
    fn a_value_adds_no_line_and_no_placeholder() {
        let value = |_| "Ada\r\nBcc: eve@example.org\n\n{{code}}\u{202e}".to_owned();
        assert_eq!(fill("Dear {{fullname}}!", value), "Dear Ada Bcc: eve@example.org {{code}}!");
    }

    #[test]
    fn what_was_kept_before_is_filled_as_far_as_it_can_be() {
        assert_eq!(fill("{{old}} {{code}} {{", |_| "7".to_owned()), "{{old}} 7 {{");
    }

    proptest! {
        #[test]
        fn text_without_placeholders_stays_as_it_is(text in "[^{]{0,60}") {
            prop_assert_eq!(check(&text), Ok(()));
            prop_assert_eq!(fill(&text, |_| "x".to_owned()), text);
        }

        #[test]
        fn any_text_can_be_checked_and_filled(text in "[{} a-z\u{e9}]{0,40}") {
            let filled = fill(&text, |_| String::new());
            prop_assert!(check(&text).is_err() || !filled.contains("{{"));
        }

        #[test]
        fn a_value_is_one_line(value in "\\PC*|[\\r\\n\\t a]{0,9}") {
            prop_assert!(!one_line(&value).contains(['\r', '\n', '\t', '\0']));
        }
    }
}
