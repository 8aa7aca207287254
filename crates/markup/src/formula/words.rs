//! Simple formulas as words and signs of one line: `\frac{1}{2}` is 1/2, `x^2` is x².

use super::formula_flaw;
use super::symbols::{FUNCTIONS, SYMBOLS};
use crate::budget::FORMULA_NESTING;

const SUPERSCRIPTS: (&str, &str) = (
    "0123456789+-−=()nabcdefghijklmoprstuvwxyz′*∘",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ′*°",
);
const SUBSCRIPTS: (&str, &str) =
    ("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ");

/// A formula in one line; none when it is not simple enough to be read so.
pub fn to_words(source: &str) -> Option<String> {
    if formula_flaw(source).is_some() {
        return None;
    }
    let mut reader = FormulaReader { rest: source, out: String::new(), depth: 0 };
    reader.row(None)?;
    let words = reader.out.split_whitespace().collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then_some(words)
}

/// A text as an exponent.
pub fn raised(text: &str) -> String {
    scripted(text, SUPERSCRIPTS, '^')
}

/// A text as an index.
pub fn lowered(text: &str) -> String {
    scripted(text, SUBSCRIPTS, '_')
}

fn scripted(text: &str, (plain, small): (&str, &str), mark: char) -> String {
    let place = |letter: char| plain.chars().position(|entry| entry == letter);
    let script: Option<String> =
        text.chars().map(|letter| small.chars().nth(place(letter)?)).collect();
    script.unwrap_or_else(|| {
        let is_one = text.chars().count() == 1;
        if is_one { format!("{mark}{text}") } else { format!("{mark}({text})") }
    })
}

/// Parentheses around what has more than one part.
fn grouped(text: &str) -> String {
    let is_one = text.chars().all(|letter| letter.is_alphanumeric() || letter == '.');
    if is_one { text.to_owned() } else { format!("({text})") }
}

struct FormulaReader<'source> {
    rest: &'source str,
    out: String,
    depth: usize,
}

impl<'source> FormulaReader<'source> {
    fn next(&mut self) -> Option<char> {
        let mut letters = self.rest.chars();
        let letter = letters.next();
        self.rest = letters.as_str();
        letter
    }

    /// Reads up to a closing mark, or to the end.
    fn row(&mut self, until: Option<char>) -> Option<()> {
        while let Some(letter) = self.next() {
            if Some(letter) == until {
                return Some(());
            }
            match letter {
                '\\' => self.command()?,
                '{' => self.row(Some('}'))?,
                '}' | '&' | '%' | '#' => return None,
                '^' => {
                    let raised = raised(&self.argument()?);
                    self.out.push_str(&raised);
                }
                '_' => {
                    let lowered = lowered(&self.argument()?);
                    self.out.push_str(&lowered);
                }
                '~' => self.out.push(' '),
                '-' => self.out.push('−'),
                '\'' => self.out.push('′'),
                letter if letter.is_whitespace() => self.out.push(' '),
                letter => self.out.push(letter),
            }
        }
        until.is_none().then_some(())
    }

    /// What a script or a command holds: a group, a command or one letter.
    fn argument(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        self.depth += 1;
        if self.depth > 2 * FORMULA_NESTING {
            return None;
        }
        let before = std::mem::take(&mut self.out);
        let read = match self.next()? {
            '{' => self.row(Some('}')),
            '\\' => self.command(),
            '}' | '&' | '^' | '_' | '%' | '#' => None,
            letter => {
                self.out.push(if letter == '-' { '−' } else { letter });
                Some(())
            }
        };
        let argument = std::mem::replace(&mut self.out, before);
        self.depth -= 1;
        read.map(|()| argument.trim().to_owned())
    }

    fn command(&mut self) -> Option<()> {
        let length = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (name, rest) = self.rest.split_at(length);
        if name.is_empty() {
            return self.escaped();
        }
        self.rest = rest;
        if let Some((_, sign)) = SYMBOLS.iter().find(|(entry, _)| *entry == name) {
            self.out.push_str(sign);
            return Some(());
        }
        if FUNCTIONS.contains(&name) {
            return self.function(name);
        }
        match name {
            "frac" | "dfrac" | "tfrac" | "cfrac" => self.fraction(),
            "sqrt" => self.root(),
            "text" | "mathrm" | "mathbf" | "mathit" | "mathsf" | "mathtt" | "mathcal"
            | "textbf" | "textit" | "textrm" | "mbox" | "operatorname" | "boldsymbol" => {
                let argument = self.verbatim_argument()?;
                self.out.push_str(&argument);
                Some(())
            }
            "left" | "right" | "big" | "Big" | "bigl" | "bigr" | "Bigl" | "Bigr" => {
                self.rest = self.rest.trim_start();
                self.rest = self.rest.strip_prefix('.').unwrap_or(self.rest);
                Some(())
            }
            "vec" => self.accent('\u{20d7}'),
            "hat" => self.accent('\u{302}'),
            "bar" | "overline" => self.accent('\u{304}'),
            "dot" => self.accent('\u{307}'),
            "ddot" => self.accent('\u{308}'),
            "tilde" => self.accent('\u{303}'),
            "displaystyle" | "textstyle" | "limits" | "nolimits" => Some(()),
            _ => None,
        }
    }

    fn escaped(&mut self) -> Option<()> {
        match self.next()? {
            letter @ ('{' | '}' | '%' | '$' | '#' | '&' | '_' | '|') => self.out.push(letter),
            ',' | ';' | ':' | ' ' | '>' => self.out.push(' '),
            '!' => {}
            _ => return None,
        }
        Some(())
    }

    fn function(&mut self, name: &str) -> Option<()> {
        if self.out.ends_with(|letter: char| letter.is_alphanumeric()) {
            self.out.push(' ');
        }
        self.out.push_str(name);
        if self.rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '\\') {
            self.out.push(' ');
        }
        Some(())
    }

    fn fraction(&mut self) -> Option<()> {
        let (above, below) = (self.argument()?, self.argument()?);
        // One and a half is no eleven halves.
        if self.out.ends_with(|letter: char| letter.is_numeric()) {
            self.out.push(' ');
        }
        self.out.push_str(&format!("{}/{}", grouped(&above), grouped(&below)));
        Some(())
    }

    fn root(&mut self) -> Option<()> {
        self.rest = self.rest.trim_start();
        if let Some(rest) = self.rest.strip_prefix('[') {
            self.rest = rest;
            let before = std::mem::take(&mut self.out);
            let read = self.row(Some(']'));
            let degree = std::mem::replace(&mut self.out, before);
            read?;
            self.out.push_str(&raised(degree.trim()));
        }
        let inside = self.argument()?;
        self.out.push_str(&format!("√{}", grouped(&inside)));
        Some(())
    }

    /// Words stay as they are, hyphens and spaces included.
    fn verbatim_argument(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        let inside = self.rest.strip_prefix('{')?;
        let end = inside.find(['{', '}', '\\', '$'])?;
        if !inside[end..].starts_with('}') {
            return self.argument();
        }
        self.rest = &inside[end + 1..];
        Some(inside[..end].to_owned())
    }

    fn accent(&mut self, mark: char) -> Option<()> {
        let argument = self.argument()?;
        if argument.chars().count() != 1 {
            return None;
        }
        self.out.push_str(&argument);
        self.out.push(mark);
        Some(())
    }
}
