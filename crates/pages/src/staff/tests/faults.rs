//! Faults of a document as pages show them: the place, the line of the text, and what stands there.

use domain::document::{Code, DocumentFault, Lines};
use serde::Serialize;

#[derive(Serialize)]
pub struct Shown {
    pub pointer: String,
    pub code: &'static str,
    pub message: String,
    pub detail: Option<String>,
    pub line: Option<usize>,
    /// The beginning of that line.
    pub excerpt: String,
}

/// All faults beside their lines in a text.
pub fn beside(faults: &[DocumentFault], text: &str) -> Vec<Shown> {
    let lines = Lines::of(text);
    let written: Vec<&str> = text.lines().collect();
    let shown = |fault: &DocumentFault| {
        let line = match fault.code {
            Code::Syntax => fault.detail.as_deref().and_then(line_told),
            _ => lines.line(fault.pointer.as_str()),
        };
        let at = line.and_then(|line| written.get(line.saturating_sub(1)));
        Shown { line, excerpt: at.map(|text| text.chars().take(120).collect()).unwrap_or_default(), ..plain(fault) }
    };
    faults.iter().map(shown).collect()
}

/// A fault without a text around it.
pub fn plain(fault: &DocumentFault) -> Shown {
    Shown {
        pointer: fault.pointer.to_string(),
        code: fault.code.as_str(),
        message: fault.message.clone(),
        detail: fault.detail.clone(),
        line: None,
        excerpt: String::new(),
    }
}

/// Parsers say the line in words.
fn line_told(detail: &str) -> Option<usize> {
    let after = detail.rsplit_once("line ")?.1;
    after.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_broken_text_is_taken_from_what_the_parser_says() {
        assert_eq!(line_told("expected `,` at line 12 column 3"), Some(12));
        assert_eq!(line_told("the text is not UTF-8"), None);
    }
}
