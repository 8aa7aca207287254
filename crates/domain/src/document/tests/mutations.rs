//! Whatever is done to a document, reading it neither panics nor points at a place that is not there.

use super::with_surroundings;
use crate::document::strategy::tests;
use crate::document::{Code, DocumentFault, Format, read, stored, yaml};
use crate::json::Node;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use uuid::Uuid;

fn read_bytes(bytes: &[u8], format: Format) -> Vec<DocumentFault> {
    with_surroundings(|surroundings| match read(bytes, format, Uuid::from_u128(7), surroundings) {
        Ok(checked) => checked.warnings,
        Err(faults) => faults,
    })
}

/// Whether a pointer leads somewhere.
fn exists(node: &Node, pointer: &str) -> bool {
    let mut place = Some(node);
    for token in pointer.split('/').skip(1) {
        let name = token.replace("~1", "/").replace("~0", "~");
        place = match place {
            Some(Node::List(items)) => name.parse::<usize>().ok().and_then(|index| items.get(index)),
            Some(object) => object.member(&name),
            None => None,
        };
    }
    place.is_some()
}

/// What a place is changed into.
#[derive(Clone, Debug)]
enum Change {
    Replace(Node),
    Remove,
    Repeat,
    Rename(String),
}

fn changes() -> impl Strategy<Value = Change> {
    let number = select(vec!["0", "-1", "1e3", "0.00000001", "100000000000000000000000000000000000", "-0", "2.0"]);
    let text = select(vec!["", " ", "x", "a b", "100", "![](asset:1)", "multiplechoice", "(", "D0 plain"]);
    prop_oneof![
        number.prop_map(|literal| Change::Replace(Node::Number(literal.to_owned()))),
        text.prop_map(|text| Change::Replace(Node::Text(text.to_owned()))),
        Just(Change::Replace(Node::Null)),
        Just(Change::Replace(Node::Bool(true))),
        Just(Change::Replace(Node::List(Vec::new()))),
        Just(Change::Replace(Node::Object(Vec::new()))),
        Just(Change::Remove),
        Just(Change::Repeat),
        select(vec!["x/~y", "key", "pages", "questions", "pool", "ref", "rules"])
            .prop_map(|name| Change::Rename(name.to_owned())),
    ]
}

/// The number of values below a node, itself included.
fn size(node: &Node) -> usize {
    1 + match node {
        Node::List(items) => items.iter().map(size).sum(),
        Node::Object(members) => members.iter().map(|(_, node)| size(node)).sum(),
        _ => 0,
    }
}

/// Changes the value of a number, counted from the root; 0 is the first child.
fn change(node: &mut Node, target: &mut usize, how: &Change) -> bool {
    match node {
        Node::List(items) => {
            for index in 0..items.len() {
                if *target == 0 {
                    match how {
                        Change::Replace(new) => items[index] = new.clone(),
                        Change::Remove | Change::Rename(_) => _ = items.remove(index),
                        Change::Repeat => items.push(items[index].clone()),
                    }
                    return true;
                }
                *target -= 1;
                if change(&mut items[index], target, how) {
                    return true;
                }
            }
            false
        }
        Node::Object(members) => {
            for index in 0..members.len() {
                if *target == 0 {
                    match how {
                        Change::Replace(new) => members[index].1 = new.clone(),
                        Change::Remove => _ = members.remove(index),
                        Change::Repeat => {
                            let (name, value) = members[index].clone();
                            members.push((format!("{name}2"), value));
                        }
                        Change::Rename(name) if members.iter().all(|(known, _)| known != name) => {
                            members[index].0.clone_from(name);
                        }
                        Change::Rename(_) => {}
                    }
                    return true;
                }
                *target -= 1;
                if change(&mut members[index].1, target, how) {
                    return true;
                }
            }
            false
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Invariant 39: every error pointer names an existing place.
    #[test]
    fn every_pointer_names_an_existing_place(test in tests(), edits in prop::collection::vec((any::<Index>(), changes()), 1..6)) {
        let mut node = Node::parse(stored(&test).as_bytes(), 64).unwrap();
        for (place, how) in edits {
            let count = size(&node) - 1;
            if count > 0 {
                change(&mut node, &mut place.index(count), &how);
            }
        }
        let faults = read_bytes(node.canonical().as_bytes(), Format::Json);
        prop_assert!(faults.len() <= 100);
        for fault in faults {
            // The rules give the version this place also when it is missing.
            let named_by_the_rules = fault.code == Code::VersionUnsupported && fault.pointer.as_str() == "/assay";
            prop_assert!(named_by_the_rules || exists(&node, fault.pointer.as_str()), "{fault:?}");
        }
    }

    #[test]
    fn changed_bytes_never_panic(test in tests(), edits in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4), as_yaml: bool) {
        let text = if as_yaml { yaml(&test) } else { stored(&test) };
        let mut bytes = text.into_bytes();
        for (place, byte) in edits {
            let index = place.index(bytes.len());
            bytes[index] = byte;
        }
        read_bytes(&bytes, if as_yaml { Format::Yaml } else { Format::Guess });
    }

    #[test]
    fn arbitrary_text_never_panics(text in "[ -~\n\t\u{e9}]{0,60}") {
        read_bytes(text.as_bytes(), Format::Guess);
    }
}
