//! Types, functions and modules have names that a stranger can guess and `grep` finds; these words
//! said nothing, and are not to come back.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic anywhere")]

use std::path::{Path, PathBuf};

/// Words that name nothing: `FilterQuery` says what `Asked` does not.
const TYPES: [&str; 16] = [
    "Asked", "Done", "Given", "Kept", "Known", "Place", "Seen", "Sought", "Spot", "Standing",
    "Told", "Wanted", "Which", "Whose", "Wish", "Within",
];
const FUNCTIONS: [&str; 6] = ["asked", "given", "house", "room", "sought", "told"];

#[test]
fn no_item_is_named_by_a_word_that_says_nothing() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for file in sources(crates) {
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in (1..).zip(text.lines()) {
            let names = declared(line).into_iter().filter(|(kind, name)| match *kind {
                "fn" | "mod" => FUNCTIONS.contains(name),
                _ => TYPES.contains(name),
            });
            found.extend(names.map(|(_, name)| format!("{}:{number}: {name}", file.display())));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Words that say nothing of a value either: `errors` says what `told` does not. `given` is a
/// column and a member of the API, and stays.
const VALUES: [&str; 8] = ["asked", "desk", "house", "kept", "known", "room", "sought", "told"];

#[test]
fn no_value_is_named_by_a_word_that_says_nothing() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for file in sources(crates) {
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in (1..).zip(text.lines()) {
            let names = bound(line).into_iter().filter(|name| VALUES.contains(name));
            found.extend(names.map(|name| format!("{}:{number}: {name}", file.display())));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn bindings_parameters_and_fields_are_seen_and_text_is_not() {
    assert_eq!(bound("    let mut told = faults();"), ["told"]);
    assert_eq!(bound("fn read(told: &mut FormErrors, known: bool) {"), ["told", "known"]);
    assert_eq!(bound("items.map(|known| known.key)"), ["known"]);
    assert_eq!(bound("// told: nothing"), Vec::<&str>::new());
    assert_eq!(bound("tell(\"what is known: all\")"), Vec::<&str>::new());
}

/// The names that a line binds: by `let`, before a type, or as the parameter of a closure.
fn bound(line: &str) -> Vec<&str> {
    let code = line.split("//").next().unwrap_or_default();
    let outside = code.split('"').step_by(2);
    let mut names = Vec::new();
    for part in outside {
        for (start, word) in words(part) {
            let before = part[..start].trim_end();
            let after = part[start + word.len()..].trim_start();
            let is_let = before.ends_with("let") || before.ends_with("let mut");
            let is_typed = after.starts_with(':') && !after.starts_with("::");
            let is_parameter = before.ends_with('|') && after.starts_with('|');
            if word != "mut" && (is_let || is_typed || is_parameter) {
                names.push(word);
            }
        }
    }
    names
}

/// The words of a line with their places.
fn words(line: &str) -> Vec<(usize, &str)> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let place = |word: &str| word.as_ptr() as usize - line.as_ptr() as usize;
    let words = line.split(|letter| !is_part(letter)).filter(|word| !word.is_empty());
    words.map(|word| (place(word), word)).collect()
}

#[test]
fn declarations_and_other_names_for_types_are_seen_and_text_is_not() {
    assert_eq!(declared("    pub(crate) async fn told(&self) {"), [("fn", "told")]);
    assert_eq!(declared("pub struct Asked<T> {"), [("struct", "Asked")]);
    assert_eq!(declared("use app::tasks::TaskFilter as Asked;"), [("as", "Asked")]);
    assert_eq!(declared("/// The fn told as Asked"), []);
    assert_eq!(declared("let text = told(fn_name);"), []);
}

/// What a line declares: the keyword and the name. Nothing for a comment.
fn declared(line: &str) -> Vec<(&str, &str)> {
    const KEYWORDS: [&str; 7] = ["struct", "enum", "trait", "type", "fn", "mod", "as"];
    if line.trim_start().starts_with("//") {
        return Vec::new();
    }
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let words: Vec<_> =
        line.split(|letter| !is_part(letter)).filter(|word| !word.is_empty()).collect();
    let pairs = words.windows(2).filter(|pair| KEYWORDS.contains(&pair[0]));
    pairs.map(|pair| (pair[0], pair[1])).collect()
}

/// The sources of the product, without its tests.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["tests", "target", "benches", "examples"].contains(&name.as_str()) {
            files.extend(sources(&path));
        } else if name.ends_with(".rs") && name != "tests.rs" {
            files.push(path);
        }
    }
    files
}
