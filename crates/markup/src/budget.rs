//! How long and how deep an authored text may be, and what is beyond that.

use crate::formula;
use crate::parse::{ParsedText, parse};
use std::fmt;

/// Characters of a formula.
pub const FORMULA_CHARACTERS: usize = 4_000;
/// Groups, roots, fractions, scripts and environments of a formula inside each other.
pub const FORMULA_NESTING: usize = 50;
/// Block quotes, list entries, emphasis and links of a text inside each other.
pub const TEXT_NESTING: usize = 50;
/// Columns of a table.
pub const TABLE_COLUMNS: usize = 50;
/// Cells of all tables of a text, those that rows leave out included: a parser fills them in.
pub const TABLE_CELLS: usize = 10_000;
/// Bytes of a text that is read as Markdown at all. Documents take no longer ones.
pub const TEXT_BYTES: usize = 64 * 1024;
/// Flaws of one text that are told.
const MOST_FLAWS: usize = 10;

/// Why a text is not taken, or is shown as plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkupFlaw {
    /// The beginning of the formula.
    FormulaTooLong(String),
    /// The beginning of the formula.
    FormulaTooDeep(String),
    TextTooDeep,
    TableTooWide,
}

impl fmt::Display for MarkupFlaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FormulaTooLong(begin) => {
                write!(
                    formatter,
                    "a formula has at most {FORMULA_CHARACTERS} characters: ${begin}…"
                )
            }
            Self::FormulaTooDeep(begin) => {
                write!(
                    formatter,
                    "a formula has at most {FORMULA_NESTING} levels inside each other: ${begin}…"
                )
            }
            Self::TextTooDeep => {
                write!(
                    formatter,
                    "at most {TEXT_NESTING} quotes, list entries, links and emphases inside each other"
                )
            }
            Self::TableTooWide => {
                write!(
                    formatter,
                    "a table has at most {TABLE_COLUMNS} columns, and all tables together {TABLE_CELLS} cells"
                )
            }
        }
    }
}

/// What of a text is beyond its budget; nothing when it can be shown as it is meant.
#[must_use]
pub fn find_flaws(text: &str) -> Vec<MarkupFlaw> {
    // A text of so few letters cannot nest anything too deeply, and most texts of a document are as
    // short.
    if text.len() <= TEXT_NESTING {
        return Vec::new();
    }
    parse(text, |reading| match reading {
        ParsedText::Beyond(flaw) => vec![flaw],
        ParsedText::Within(root) => {
            let mut flaws: Vec<_> = crate::parse::formulas(root)
                .filter_map(|math| formula::formula_flaw(&math))
                .collect();
            flaws.truncate(MOST_FLAWS);
            flaws
        }
    })
}
