//! A page of `docs/`: its fenced blocks and tables.

use std::path::PathBuf;

/// What a test looks at, in the order of the page.
#[derive(Debug)]
pub enum Piece {
    Block(Block),
    Table(Table),
}

/// A fenced block. Its language is followed by words that say what it is: "```yaml question".
#[derive(Clone, Debug)]
pub struct Block {
    pub line: usize,
    pub language: String,
    pub words: Vec<String>,
    pub text: String,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub line: usize,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Block {
    pub fn is(&self, language: &str, words: &[&str]) -> bool {
        self.language == language && self.words == words
    }
}

pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

pub fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

/// The blocks and tables of a page.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut lines = text.lines().enumerate().peekable();
    let mut pieces = Vec::new();
    while let Some((index, line)) = lines.next() {
        if let Some(opening) = line.strip_prefix("```") {
            let mut words = opening.split_whitespace().map(str::to_owned);
            let language = words.next().unwrap_or_default();
            let words = words.collect();
            let inner: Vec<_> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            pieces.push(Piece::Block(Block {
                line: index + 1,
                language,
                words,
                text: inner.join("\n"),
            }));
        } else if line.starts_with('|') {
            let mut rows = vec![cells(line)];
            while let Some((_, row)) = lines.next_if(|(_, row)| row.starts_with('|')) {
                rows.push(cells(row));
            }
            let head = rows.remove(0);
            // Below the head stands the rule.
            rows.remove(0);
            pieces.push(Piece::Table(Table { line: index + 1, head, rows }));
        }
    }
    pieces
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    inner.split(" | ").map(|cell| cell.trim().to_owned()).collect()
}

/// The code in a cell, without its back quotes.
pub fn code(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.strip_suffix('`')
}
