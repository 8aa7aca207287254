//! Patterns where texts are compared loosely (domain rules, 2.7): what a pattern says literally
//! goes through the same steps as the text it is looked for in, or it could never be found there.

use super::loosened;
use crate::document::model::{Normalisation, Typography};
use regex_syntax::ast::{self, Ast, ClassSetItem, Literal, Visitor};
use std::borrow::Cow;
use std::convert::Infallible;
use std::ops::Range;

/// The pattern as it is looked for in a text that was normalised alike. Ranges of characters stay
/// as they are written; so does a pattern that does not compile.
#[must_use]
pub fn normalised_pattern(pattern: &str, how: Normalisation) -> Cow<'_, str> {
    let names_other_letters = !pattern.is_ascii() || pattern.contains('\\');
    if how.typography != Some(Typography::Loose) || !names_other_letters {
        return Cow::Borrowed(pattern);
    }
    let Ok(parsed) = ast::parse::Parser::new().parse(pattern) else {
        return Cow::Borrowed(pattern);
    };
    let pieces =
        ast::visit(&parsed, LiteralFinder::default()).unwrap_or_else(|never| match never {});
    rewritten(pattern, &pieces)
}

/// Literal letters that stand next to each other.
struct LiteralPiece {
    place: Range<usize>,
    letters: String,
    context: Context,
}

/// What a piece may become.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Run,
    /// One letter that is repeated: it stays one thing.
    Repeated,
    /// A member of a class, which is one letter.
    ClassMember,
}

#[derive(Default)]
struct LiteralFinder {
    pieces: Vec<LiteralPiece>,
    /// Where a letter begins that is repeated.
    repeated_at: Option<usize>,
}

impl LiteralFinder {
    fn push(&mut self, literal: &Literal, context: Context) {
        let place = literal.span.start.offset..literal.span.end.offset;
        match self.pieces.last_mut() {
            Some(last)
                if context == Context::Run
                    && last.context == Context::Run
                    && last.place.end == place.start =>
            {
                last.place.end = place.end;
                last.letters.push(literal.c);
            }
            _ => self.pieces.push(LiteralPiece { place, letters: literal.c.into(), context }),
        }
    }
}

impl Visitor for LiteralFinder {
    type Output = Vec<LiteralPiece>;
    type Err = Infallible;

    fn finish(self) -> Result<Self::Output, Infallible> {
        Ok(self.pieces)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Infallible> {
        match ast {
            Ast::Repetition(repetition) => {
                if let Ast::Literal(literal) = &*repetition.ast {
                    self.repeated_at = Some(literal.span.start.offset);
                }
            }
            Ast::Literal(literal) => {
                let is_repeated = self.repeated_at.take() == Some(literal.span.start.offset);
                self.push(literal, if is_repeated { Context::Repeated } else { Context::Run });
            }
            Ast::Empty(_)
            | Ast::Flags(_)
            | Ast::Dot(_)
            | Ast::Assertion(_)
            | Ast::ClassUnicode(_)
            | Ast::ClassPerl(_)
            | Ast::ClassBracketed(_)
            | Ast::Group(_)
            | Ast::Alternation(_)
            | Ast::Concat(_) => {}
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Infallible> {
        if let ClassSetItem::Literal(literal) = item {
            self.push(literal, Context::ClassMember);
        }
        Ok(())
    }
}

fn rewritten<'pattern>(pattern: &'pattern str, pieces: &[LiteralPiece]) -> Cow<'pattern, str> {
    let mut out = String::new();
    let mut copied = 0;
    for piece in pieces {
        let loose = loosened(&piece.letters);
        let is_one_letter = loose.chars().nth(1).is_none() && !loose.is_empty();
        if *loose == *piece.letters || (piece.context == Context::ClassMember && !is_one_letter) {
            continue;
        }
        out.push_str(pattern.get(copied..piece.place.start).unwrap_or_default());
        let needs_group = piece.context == Context::Repeated && !is_one_letter;
        out.push_str(if needs_group { "(?:" } else { "" });
        loose.chars().for_each(|letter| push_escaped(&mut out, letter));
        out.push_str(if needs_group { ")" } else { "" });
        copied = piece.place.end;
    }
    if copied == 0 {
        return Cow::Borrowed(pattern);
    }
    out.push_str(pattern.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

fn push_escaped(out: &mut String, letter: char) {
    match letter {
        // Where the pattern says that blanks do not count, one that does is written so.
        ' ' => out.push_str("\\x20"),
        letter => {
            if regex_syntax::is_meta_character(letter) {
                out.push('\\');
            }
            out.push(letter);
        }
    }
}
