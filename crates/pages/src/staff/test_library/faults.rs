//! Faults of a document as pages show them: the place, the line of the text, and what stands there.

use domain::document::{DocumentFault, DocumentFaultCode, LineIndex};
use serde::Serialize;

/// A fault of a document with the line of the text that it is about.
#[derive(Serialize)]
pub struct FaultExcerpt {
    pub pointer: String,
    pub code: &'static str,
    pub message: String,
    pub detail: Option<String>,
    pub line: Option<usize>,
    /// The beginning of that line.
    pub excerpt: String,
}

/// All faults beside their lines in a text.
pub fn with_excerpts(faults: &[DocumentFault], text: &str) -> Vec<FaultExcerpt> {
    let lines = LineIndex::of(text);
    let written: Vec<&str> = text.lines().collect();
    let shown = |fault: &DocumentFault| {
        let line = match fault.code {
            DocumentFaultCode::Syntax => fault.detail.as_deref().and_then(parse_line_number),
            _ => lines.line(fault.pointer.as_str()),
        };
        let at = line.and_then(|line| written.get(line.saturating_sub(1)));
        FaultExcerpt {
            line,
            excerpt: at.map(|text| text.chars().take(120).collect()).unwrap_or_default(),
            ..without_excerpt(fault)
        }
    };
    faults.iter().map(shown).collect()
}

/// A fault without a text around it.
pub fn without_excerpt(fault: &DocumentFault) -> FaultExcerpt {
    FaultExcerpt {
        pointer: fault.pointer.to_string(),
        code: fault.code.as_str(),
        message: fault.message.clone(),
        detail: fault.detail.clone(),
        line: None,
        excerpt: String::new(),
    }
}

/// Parsers say the line in words.
fn parse_line_number(detail: &str) -> Option<usize> {
    let after = detail.rsplit_once("line ")?.1;
    after.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_broken_text_is_taken_from_what_the_parser_says() {
        assert_eq!(parse_line_number("expected `,` at line 12 column 3"), Some(12));
        assert_eq!(parse_line_number("the text is not UTF-8"), None);
    }
}
