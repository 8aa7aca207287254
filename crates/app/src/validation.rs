//! The forms of texts and dates that staff give (REST specification, 1.7), collected as faults with
//! their places.
//!
//! Whoever reads a request may ask the same questions earlier; the use cases ask them again,
//! because not everything that calls them is a request. Nothing here needs the database.

use crate::failure::Failure;
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::json::JsonPointer;
use domain::time::TimeWindow;
use std::collections::BTreeMap;
use std::fmt::Display;

/// Most members of a list or map.
pub const MOST_ENTRIES: usize = 100;
/// Most characters of a text, unless stated otherwise.
pub const LONGEST_TEXT: usize = 200;
/// Most characters of a tag's value.
pub const LONGEST_TAG: usize = 2000;
/// Most characters of notes, reasons and comments.
pub const LONGEST_NOTE: usize = 10_000;

/// Most characters of an address that callbacks go to.
pub const LONGEST_ADDRESS: usize = 2000;

/// The title of a copy, no longer than a title may be.
#[must_use]
pub fn copied_title(title: &str) -> String {
    format!("Copy of {title}").chars().take(LONGEST_TEXT).collect()
}

/// An absolute `https` address, or `http` if that is allowed, without user and fragment, in
/// characters that need no escape.
#[must_use]
pub fn is_web_address(text: &str, is_http_allowed: bool) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let is_known = scheme.eq_ignore_ascii_case("https")
        || is_http_allowed && scheme.eq_ignore_ascii_case("http");
    let is_plain =
        text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&byte));
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    // The colons of an address in brackets are its own.
    let (host, behind) = match authority.rfind(']') {
        Some(end) => authority.split_at(end + 1),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let is_port = behind.is_empty()
        || behind.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    is_known && is_plain && is_port && !host.is_empty() && !authority.contains('@')
}

/// Up to 254 characters, exactly one `@`, text on both sides and no blank.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let sides = text.split_once('@');
    text.chars().count() <= 254
        && sides
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !text.chars().any(|letter| letter.is_whitespace() || letter == '\0')
}

/// Whether a title, folder or label has none of the letters that are refused in them.
#[must_use]
pub fn is_plain_name(text: &str) -> bool {
    !text.contains(['<', '>', '/', '\0'])
}

/// Faults found so far, below one place of the request.
#[derive(Debug)]
pub struct FieldValidator {
    base: JsonPointer,
    faults: Vec<Fault>,
}

impl FieldValidator {
    #[must_use]
    pub const fn below(base: JsonPointer) -> Self {
        Self { base, faults: Vec::new() }
    }

    /// The place of a member below the base; `path` is separated by slashes.
    #[must_use]
    pub fn at(&self, path: &str) -> JsonPointer {
        path.split('/').fold(self.base.clone(), |place, token| place.at(token))
    }

    pub fn refuse(&mut self, place: JsonPointer, code: ErrorCode, should: impl Display) {
        self.faults.push(Fault::new(FaultLocation::Body(place), code, should));
    }

    pub fn push(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// A text of so many characters, without U+0000.
    pub fn text(&mut self, place: JsonPointer, text: &str, least: usize, most: usize) {
        let (low, high) = (i64::try_from(least).ok(), i64::try_from(most).ok());
        if !(least..=most).contains(&text.chars().count()) {
            let should = format!("must have {least} to {most} characters");
            self.push(
                Fault::new(FaultLocation::Body(place), ErrorCode::InvalidLength, should)
                    .with_bounds(low, high),
            );
        } else if text.contains('\0') {
            self.refuse(place, ErrorCode::InvalidFormat, "must not contain U+0000");
        }
    }

    /// A title, folder or label: 2 to 200 characters, none of `<`, `>`, `/`.
    pub fn name(&mut self, place: JsonPointer, text: &str) {
        let before = self.faults.len();
        self.text(place.clone(), text, 2, LONGEST_TEXT);
        if self.faults.len() == before && !is_plain_name(text) {
            self.refuse(place, ErrorCode::InvalidFormat, "must not contain <, > or /");
        }
    }

    pub fn names(&mut self, place: &JsonPointer, names: &[String]) {
        self.count(place, names.len());
        for (index, name) in names.iter().enumerate() {
            self.name(place.at(index), name);
        }
    }

    /// Texts of 1 to 200 characters, such as a candidate's labels.
    pub fn texts(&mut self, place: &JsonPointer, texts: &[String]) {
        self.count(place, texts.len());
        for (index, text) in texts.iter().enumerate() {
            self.text(place.at(index), text, 1, LONGEST_TEXT);
        }
    }

    pub fn tags(&mut self, place: &JsonPointer, tags: &BTreeMap<String, String>) {
        self.count(place, tags.len());
        for (name, value) in tags {
            self.text(place.at(name), name, 1, LONGEST_TEXT);
            self.text(place.at(name), value, 0, LONGEST_TAG);
        }
    }

    pub fn email(&mut self, place: JsonPointer, text: &str) {
        if !is_email(text) {
            self.refuse(place, ErrorCode::InvalidFormat, "must be an e-mail address");
        }
    }

    pub fn optional_text(&mut self, path: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(self.at(path), text, 1, LONGEST_TEXT);
        }
    }

    /// A lower date after an upper one, told at the upper one.
    pub fn window(&mut self, place: JsonPointer, window: TimeWindow) {
        if window.after.zip(window.before).is_some_and(|(after, before)| after > before) {
            self.refuse(
                place,
                ErrorCode::InvalidRange,
                "must not lie before the date it begins at",
            );
        }
    }

    fn count(&mut self, place: &JsonPointer, number: usize) {
        if number > MOST_ENTRIES {
            let should = format!("must have at most {MOST_ENTRIES} entries");
            self.refuse(place.clone(), ErrorCode::InvalidLength, should);
        }
    }

    #[must_use]
    pub fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    /// # Errors
    /// All faults, when there is one.
    pub fn finish(self) -> Result<(), Failure> {
        if self.faults.is_empty() { Ok(()) } else { Err(Failure::Faults(self.faults)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks_go_to_absolute_addresses_without_user_and_fragment() {
        let wrong = [
            "",
            "https",
            "https://",
            "https:///a",
            "http://example.org",
            "ftp://example.org",
            "https://a@b.org",
            "https://example.org/#a",
            "https://exa mple.org",
            "https://example.org:x",
            "https://example.org:99999",
            "https://:80/",
            "//example.org",
            "https://example.org/\u{e9}",
            "https://example.org\\a",
        ];
        for wrong in wrong {
            assert!(!is_web_address(wrong, false), "{wrong}");
        }
        for right in
            ["https://example.org", "HTTPS://example.org:8443/a?b=%20", "https://[2001:db8::1]:1/x"]
        {
            assert!(is_web_address(right, false), "{right}");
        }
        assert!(is_web_address("http://127.0.0.1:8080/hook", true));
    }

    #[test]
    fn an_address_has_one_at_sign_with_text_on_both_sides() {
        for wrong in ["", "@", "a@", "@b", "a@b@c", "a b@c", "ab"] {
            assert!(!is_email(wrong), "{wrong}");
        }
        assert!(is_email("ada@example.com"));
    }

    #[test]
    fn a_name_is_told_its_length_before_its_letters() {
        let mut checks = FieldValidator::below(JsonPointer::root());
        checks.name(checks.at("title"), "<");
        checks.name(checks.at("title"), "a/b");
        let codes: Vec<_> = checks.into_faults().iter().map(|fault| fault.code).collect();
        assert_eq!(codes, [ErrorCode::InvalidLength, ErrorCode::InvalidFormat]);
    }
}
