//! Markdown of one line: what begins blocks, and the delimiters that are signs, kept from the
//! parser.
//!
//! A choice that says `> 5`, `1. Dünya Savaşı`, `2*3*4` or `__init__` says just that. Instead of
//! escaping such marks, which would show where code and formulas take no escapes, each is replaced
//! by a character that the text does not have, and put back once the text is parsed.

/// White space that no block begins behind and that no text for people needs.
const BLANKS: [char; 12] = [
    '\u{2000}', '\u{2001}', '\u{2002}', '\u{2003}', '\u{2004}', '\u{2005}', '\u{2006}', '\u{2008}',
    '\u{200a}', '\u{205f}', '\u{3000}', '\u{1680}',
];
/// The delimiters that may be signs.
const SIGNS: [char; 3] = ['*', '_', '~'];
/// Where a script begins to be written without spaces between words: Thai, and what comes behind.
const WITHOUT_SPACES: char = '\u{e00}';

/// A text for the parser, and how to get back what was written.
pub struct GuardedText {
    pub text: String,
    blank: char,
    stand_ins: [char; 3],
}

impl GuardedText {
    /// None for a text that has every character one could take.
    pub fn new(text: &str) -> Option<Self> {
        let blank = BLANKS.into_iter().find(|blank| !text.contains(*blank))?;
        let mut private = ('\u{e000}'..='\u{f8ff}').filter(|letter| !text.contains(*letter));
        let stand_ins = [private.next()?, private.next()?, private.next()?];
        let mut guarded = Self { text: String::with_capacity(text.len() + 16), blank, stand_ins };
        for line in text.split_inclusive('\n') {
            if may_begin_block(line) {
                guarded.text.push(blank);
            }
            guarded.push_line(line);
        }
        Some(guarded)
    }

    /// What was written where the parser found this.
    pub fn restored(&self, text: &str) -> Option<String> {
        let stands_in = |letter: char| self.stand_ins.iter().position(|entry| *entry == letter);
        if !text.chars().any(|letter| letter == self.blank || stands_in(letter).is_some()) {
            return None;
        }
        let written = text.chars().filter(|letter| *letter != self.blank).map(|letter| {
            stands_in(letter).and_then(|place| SIGNS.get(place)).copied().unwrap_or(letter)
        });
        Some(written.collect())
    }

    fn push_line(&mut self, line: &str) {
        let letters: Vec<char> = line.chars().collect();
        let is_fence = line.trim_start().starts_with("~~~");
        let (mut place, mut name) = (0, ProgramName::default());
        while let Some(letter) = letters.get(place).copied() {
            let end = place + run_length(&letters, place);
            if place >= name.end {
                name = ProgramName::at(&letters, place);
            }
            let is_sign = !is_fence
                && match letter {
                    '*' | '~' => is_star_a_sign(&letters, place, end),
                    '_' => name.holds_signs,
                    _ => false,
                };
            let stand_in = SIGNS.iter().position(|sign| *sign == letter);
            let stand_in = stand_in.and_then(|at| self.stand_ins.get(at)).filter(|_| is_sign);
            let written = *stand_in.unwrap_or(&letter);
            for _ in place..end {
                self.text.push(written);
            }
            place = end;
        }
    }
}

/// Whether a line could open a quote, a list, a heading, a rule, an indented block, a block of HTML
/// or a definition, or turn the line before into a heading or the head of a table of one column.
fn may_begin_block(line: &str) -> bool {
    let shown = line.trim_start_matches([' ', '\t']);
    let indent = &line[..line.len() - shown.len()];
    indent.len() >= 4
        || indent.contains('\t')
        || shown.starts_with(['>', '#', '-', '+', '*', '_', '=', '<', '['])
        || shown.starts_with(|letter: char| letter.is_ascii_digit())
        || (shown.starts_with(':') && !shown.contains('|'))
}

fn run_length(letters: &[char], place: usize) -> usize {
    let rest = letters.get(place..).unwrap_or_default();
    rest.iter().take_while(|letter| rest.first() == Some(letter)).count()
}

/// A part of a word in a script that puts spaces between words.
fn is_word(letter: char) -> bool {
    letter.is_numeric() || (letter.is_alphabetic() && letter < WITHOUT_SPACES)
}

/// Stars within a word or between operands are signs (`2*3*4`), unless they end an emphasis that
/// began in front of the same word (`*n*th`). A single tilde is always one (`~5`).
fn is_star_a_sign(letters: &[char], from: usize, end: usize) -> bool {
    if letters.get(from) == Some(&'~') && end - from != 2 {
        return true;
    }
    let before = from.checked_sub(1).and_then(|place| letters.get(place)).copied();
    let behind = letters.get(end).copied();
    let (Some(before), Some(behind)) = (before, behind) else { return false };
    let is_between = is_word(behind) && (is_word(before) || matches!(before, ')' | ']' | '}'));
    is_between && !ends_emphasis_of_word(letters, from, end, behind)
}

fn ends_emphasis_of_word(letters: &[char], from: usize, end: usize, behind: char) -> bool {
    let front = letters.get(..from).unwrap_or_default();
    let inside = front.iter().rev().take_while(|letter| letter.is_alphabetic()).count();
    let opening = front.get(..from - inside).unwrap_or_default();
    let mark = letters.get(from).copied().unwrap_or_default();
    let marks = opening.iter().rev().take_while(|letter| **letter == mark).count();
    let outside = opening.len().checked_sub(marks + 1).and_then(|place| opening.get(place));
    inside > 0
        && behind.is_alphabetic()
        && marks == end - from
        && outside.is_none_or(|letter| !is_word(*letter) && *letter != '\\')
}

/// A word as programs have them: its underscores are signs in `__init__` and `_a_b_`.
#[derive(Default)]
struct ProgramName {
    end: usize,
    holds_signs: bool,
}

impl ProgramName {
    fn at(letters: &[char], place: usize) -> Self {
        let rest = letters.get(place..).unwrap_or_default();
        let is_part = |letter: &&char| letter.is_ascii_alphanumeric() || **letter == '_';
        let name: String = rest.iter().take_while(is_part).collect();
        let is_escaped = place.checked_sub(1).and_then(|before| letters.get(before)) == Some(&'\\');
        let inside = name.trim_matches('_');
        let is_double = name.starts_with("__") && name.ends_with("__");
        Self {
            end: place + name.len().max(1),
            holds_signs: !is_escaped && !inside.is_empty() && (is_double || inside.contains('_')),
        }
    }
}
