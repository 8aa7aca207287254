//! How deeply a formula nests, found without reading it as one.

/// What a level of a formula was opened by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LevelOpening {
    Brace,
    Bracket,
    Left,
    Environment,
}

struct FormulaLevel {
    opening: LevelOpening,
    /// The depth outside it, and where the commands inside begin.
    outside: usize,
    begin: usize,
}

/// How deeply anything in a formula can lie inside something else: at least as deep as a reader
/// would call itself.
///
/// Groups, `\left` and environments open a level. A command, `^` or `_` takes what follows into it,
/// so a row of them without what they take (`\sqrt\sqrt x`) opens one each; the last one and the
/// group behind it are the same level. Commands that change the style of all that follows
/// (`\displaystyle`) hold the rest of their group.
pub fn depth(source: &str) -> usize {
    let mut scan = DepthScan::default();
    let mut rest = source;
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        if letter != '\\' {
            scan.letter(letter);
            continue;
        }
        let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (name, behind) = rest.split_at(length);
        rest = behind;
        if length == 0 {
            let symbol = rest.chars().next();
            rest = &rest[symbol.map_or(0, char::len_utf8)..];
            scan.symbol(symbol);
        } else {
            scan.command(name);
        }
        if matches!(name, "begin" | "end") {
            rest = behind_name(rest);
        }
    }
    scan.deepest
}

/// How many things in a formula could hold others at all.
pub fn openers(source: &str) -> usize {
    source.bytes().filter(|byte| b"\\{[^_".contains(byte)).count()
}

/// The name of an environment is no group.
fn behind_name(text: &str) -> &str {
    let named = text.trim_start().strip_prefix('{').and_then(|name| name.split_once('}'));
    named
        .filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'*'))
        .map_or(text, |(_, rest)| rest)
}

#[derive(Default)]
struct DepthScan {
    levels: Vec<FormulaLevel>,
    /// The depth here, styles that hold the rest of the group included.
    here: usize,
    /// Commands of this level and those outside that still take something: how many things each.
    wanting: Vec<u8>,
    /// The next token is a delimiter of `\left`, `\right` or `\middle`, not a thing of its own.
    is_delimiter: bool,
    deepest: usize,
}

impl DepthScan {
    /// Commands of this level that take what comes next.
    fn pending(&self) -> usize {
        self.wanting.len() - self.levels.last().map_or(0, |level| level.begin)
    }

    fn reach(&mut self, depth: usize) {
        self.deepest = self.deepest.max(depth);
    }

    fn open(&mut self, opening: LevelOpening) {
        let outside = self.here;
        self.here += self.pending().max(1);
        self.levels.push(FormulaLevel { opening, outside, begin: self.wanting.len() });
        self.reach(self.here);
    }

    /// Closes a level. What does not fit is an error to every reader, which reads no further.
    fn close(&mut self, opening: LevelOpening) {
        if let Some(level) = self.levels.pop_if(|level| level.opening == opening) {
            self.here = level.outside;
            self.wanting.truncate(level.begin);
            // What stands in brackets is beside what a command takes.
            if opening != LevelOpening::Bracket {
                self.complete();
            }
        }
    }

    /// Something is complete: the last command has it, and may be complete by it, and so on.
    fn complete(&mut self) {
        while self.pending() > 0 {
            match self.wanting.last_mut() {
                Some(left) if *left > 1 => {
                    *left -= 1;
                    return;
                }
                _ => self.wanting.pop(),
            };
        }
    }

    fn take(&mut self, things: u8) {
        self.wanting.push(things);
        self.reach(self.here + self.pending());
    }

    fn command(&mut self, name: &str) {
        if std::mem::take(&mut self.is_delimiter) {
            return;
        }
        match name {
            "left" => {
                self.open(LevelOpening::Left);
                self.is_delimiter = true;
            }
            "right" => {
                self.close(LevelOpening::Left);
                self.is_delimiter = true;
            }
            "middle" => self.is_delimiter = true,
            "begin" => self.open(LevelOpening::Environment),
            "end" => self.close(LevelOpening::Environment),
            "displaystyle" | "textstyle" | "scriptstyle" | "scriptscriptstyle" | "color" => {
                self.here += self.pending() + 1;
                self.reach(self.here);
            }
            // Braces and brackets over or under something may carry a script.
            "frac" | "cfrac" | "dfrac" | "tfrac" | "binom" | "dbinom" | "tbinom" | "overset"
            | "underset" | "stackrel" | "textcolor" | "overbrace" | "underbrace"
            | "overbracket" | "underbracket" | "overparen" | "underparen" => {
                self.take(2);
            }
            "prescript" | "sideset" => self.take(3),
            "genfrac" => self.take(6),
            // Whether any other takes something is not asked: at worst one too many is counted,
            // until the next thing.
            _ => self.take(1),
        }
    }

    fn symbol(&mut self, symbol: Option<char>) {
        if std::mem::take(&mut self.is_delimiter) {
            return;
        }
        match symbol {
            Some(
                '{' | '}' | '\\' | '|' | ',' | ';' | ':' | '!' | ' ' | '%' | '$' | '#' | '&' | '_'
                | '>',
            )
            | None => {
                self.complete();
            }
            Some(_) => self.take(1),
        }
    }

    fn letter(&mut self, letter: char) {
        if letter.is_whitespace() {
            return;
        }
        if std::mem::take(&mut self.is_delimiter) && !"{}^_".contains(letter) {
            return;
        }
        match letter {
            '{' => self.open(LevelOpening::Brace),
            '}' => self.close(LevelOpening::Brace),
            '[' if self.pending() > 0 => self.open(LevelOpening::Bracket),
            ']' if self
                .levels
                .last()
                .is_some_and(|level| level.opening == LevelOpening::Bracket) =>
            {
                self.close(LevelOpening::Bracket);
            }
            '^' | '_' => self.take(1),
            _ => self.complete(),
        }
    }
}
