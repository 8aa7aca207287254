//! Modules of one crate know each other in one direction: whoever reads a module can go on to what
//! it uses and never comes back to where he was.
//!
//! A module is what stands at the top of a crate's `src`, file or folder; what is within one may
//! refer to itself as it likes. The graph is read from the `use` and path expressions of the
//! product's code, without its unit tests.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic anywhere")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

type Graph = BTreeMap<String, BTreeSet<String>>;

/// Circles that there still are: a crate, and the modules that lead to each other. They may only
/// become fewer: a module that is in none any more leaves its line.
const KNOWN_CIRCLES: [(&str, &[&str]); 6] = [
    // Registering makes instances, instances have files, files have persons: to be cut along the
    // rows that several subjects hand over.
    (
        "app",
        &[
            "administration",
            "answers",
            "audit",
            "bank",
            "bulk",
            "candidates",
            "compute",
            "delivery",
            "evaluation",
            "media",
            "staff",
            "test_library",
            "user_search",
            "users",
            "versions",
        ],
    ),
    // One subject in two files.
    ("app", &["correction_jobs", "corrections"]),
    // The command line lists the commands, and they are run by what it read.
    ("assay", &["cli", "commands"]),
    // A cursor belongs to an epoch, and a history of epochs reads cursors.
    ("domain", &["cursor", "history"]),
    // Reading a text knows its budget, and the budget counts formulas.
    ("markup", &["budget", "formula", "parse"]),
    // The migrations of SQLite are checked by SQLite's own connection.
    ("storage", &["migration", "sqlite"]),
];

#[test]
fn no_module_leads_back_to_itself() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(crates).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.join("src").is_dir() {
            let circles = circles(&graph(&path.join("src")));
            found.extend(circles.into_iter().map(|circle| (name.clone(), circle)));
        }
    }
    let owned = |circle: &[&str]| circle.iter().map(|module| (*module).to_owned()).collect();
    let existing: BTreeSet<_> =
        KNOWN_CIRCLES.iter().map(|(name, circle)| ((*name).to_owned(), owned(circle))).collect();
    assert_eq!(found, existing, "left: what there is, right: what is known");
}

#[test]
fn a_path_and_a_list_are_edges_and_comments_and_unit_tests_are_not() {
    let text = "//! Like crate::users.\nuse crate::{tasks::Task, mail};\n\
        fn f() { crate::keys::g() }\n#[cfg(test)]\nmod tests { use crate::staff; }\n";
    let modules = ["tasks", "mail", "keys", "users", "staff"].map(str::to_owned).into();
    let edges: Vec<_> = edges(text, &modules).into_iter().collect();
    assert_eq!(edges, ["keys", "mail", "tasks"]);
}

#[test]
fn a_circle_of_three_is_found_and_a_ladder_is_none() {
    let graph = |edges: &[(&str, &str)]| {
        let mut graph = Graph::new();
        for (from, to) in edges {
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        graph
    };
    let circle = graph(&[("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")]);
    let expected: BTreeSet<_> = ["a", "b", "c"].map(str::to_owned).into();
    assert_eq!(circles(&circle), BTreeSet::from([expected]));
    assert!(circles(&graph(&[("a", "b"), ("a", "c"), ("b", "c")])).is_empty());
}

/// Which top modules of a crate name which.
fn graph(source: &Path) -> Graph {
    let files = rust_files(source);
    let top_of = |file: &Path| {
        let first = file.strip_prefix(source).unwrap().components().next().unwrap();
        first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
    };
    let modules: BTreeSet<_> = files.iter().map(|file| top_of(file)).collect();
    let mut graph = Graph::new();
    for file in &files {
        let top = top_of(file);
        let is_test = file.file_name().is_some_and(|name| name == "tests.rs")
            || file.strip_prefix(source).unwrap().components().any(|it| it.as_os_str() == "tests");
        // The crate's root names all its modules, which says nothing about them.
        if is_test || top == "lib" || top == "main" {
            continue;
        }
        let mut named = edges(&std::fs::read_to_string(file).unwrap(), &modules);
        named.remove(&top);
        graph.entry(top).or_default().extend(named);
    }
    graph
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The modules that a text names below `crate::`.
fn edges(text: &str, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code = product.lines().filter(is_code).collect::<Vec<_>>().join("\n");
    let mut named = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(list) => named.extend(first_words(list)),
            None => named.extend(word(after)),
        }
    }
    named.retain(|name| modules.contains(name));
    named
}

/// The first word of each member of a list that ends with a brace and may hold lists of its own.
fn first_words(list: &str) -> Vec<String> {
    let (mut depth, mut member, mut all) = (0_u32, String::new(), Vec::new());
    for letter in list.chars() {
        match letter {
            '}' if depth == 0 => break,
            ',' if depth == 0 => {
                all.extend(word(member.trim()));
                member.clear();
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        member.push(letter);
    }
    all.extend(word(member.trim()));
    all
}

fn word(text: &str) -> Option<String> {
    let is_part = |letter: &char| letter.is_alphanumeric() || *letter == '_';
    let word: String = text.chars().take_while(is_part).collect();
    (!word.is_empty()).then_some(word)
}

/// Modules that lead to each other, each circle once.
fn circles(graph: &Graph) -> BTreeSet<BTreeSet<String>> {
    let reach: BTreeMap<_, _> = graph.keys().map(|from| (from, reachable(graph, from))).collect();
    let together = |from: &String| -> BTreeSet<String> {
        let leads_back = |to: &&String| reach.get(to).is_some_and(|reached| reached.contains(from));
        reach[from].iter().filter(leads_back).cloned().collect()
    };
    graph.keys().map(together).filter(|circle| circle.len() > 1).collect()
}

fn reachable(graph: &Graph, from: &String) -> BTreeSet<String> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(module) = open.pop() {
        for next in graph.get(module).into_iter().flatten() {
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    seen
}
