//! Whatever is done to a document, reading it neither panics nor points at a place that is not
//! there.

use super::with_context;
use crate::document::arbitrary::any_test;
use crate::document::{DocumentFault, DocumentFaultCode, DocumentFormat, read, to_stored, to_yaml};
use crate::json::JsonNode;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use uuid::Uuid;

fn read_bytes(bytes: &[u8], format: DocumentFormat) -> Vec<DocumentFault> {
    with_context(|surroundings| match read(bytes, format, Uuid::from_u128(7), surroundings) {
        Ok(checked) => checked.warnings,
        Err(faults) => faults,
    })
}

/// Whether a pointer leads somewhere.
fn exists(node: &JsonNode, pointer: &str) -> bool {
    let mut place = Some(node);
    for token in pointer.split('/').skip(1) {
        let name = token.replace("~1", "/").replace("~0", "~");
        place = match place {
            Some(JsonNode::List(items)) => {
                name.parse::<usize>().ok().and_then(|index| items.get(index))
            }
            Some(object) => object.member(&name),
            None => None,
        };
    }
    place.is_some()
}

/// What a place is changed into.
#[derive(Clone, Debug)]
enum DocumentMutation {
    Replace(JsonNode),
    Remove,
    Repeat,
    Rename(String),
}

fn changes() -> impl Strategy<Value = DocumentMutation> {
    let number = select(vec![
        "0",
        "-1",
        "1e3",
        "0.00000001",
        "100000000000000000000000000000000000",
        "-0",
        "2.0",
    ]);
    let text =
        select(vec!["", " ", "x", "a b", "100", "![](asset:1)", "multiplechoice", "(", "D0 plain"]);
    prop_oneof![
        number.prop_map(|literal| DocumentMutation::Replace(JsonNode::Number(literal.to_owned()))),
        text.prop_map(|text| DocumentMutation::Replace(JsonNode::Text(text.to_owned()))),
        Just(DocumentMutation::Replace(JsonNode::Null)),
        Just(DocumentMutation::Replace(JsonNode::Bool(true))),
        Just(DocumentMutation::Replace(JsonNode::List(Vec::new()))),
        Just(DocumentMutation::Replace(JsonNode::Object(Vec::new()))),
        Just(DocumentMutation::Remove),
        Just(DocumentMutation::Repeat),
        select(vec!["x/~y", "key", "pages", "questions", "pool", "ref", "rules"])
            .prop_map(|name| DocumentMutation::Rename(name.to_owned())),
    ]
}

/// The number of values below a node, itself included.
fn size(node: &JsonNode) -> usize {
    1 + match node {
        JsonNode::List(items) => items.iter().map(size).sum(),
        JsonNode::Object(members) => members.iter().map(|(_, node)| size(node)).sum(),
        _ => 0,
    }
}

/// Changes the value of a number, counted from the root; 0 is the first child.
fn change(node: &mut JsonNode, target: &mut usize, how: &DocumentMutation) -> bool {
    match node {
        JsonNode::List(items) => {
            for index in 0..items.len() {
                if *target == 0 {
                    match how {
                        DocumentMutation::Replace(new) => items[index] = new.clone(),
                        DocumentMutation::Remove | DocumentMutation::Rename(_) => {
                            _ = items.remove(index)
                        }
                        DocumentMutation::Repeat => items.push(items[index].clone()),
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
        JsonNode::Object(members) => {
            for index in 0..members.len() {
                if *target == 0 {
                    match how {
                        DocumentMutation::Replace(new) => members[index].1 = new.clone(),
                        DocumentMutation::Remove => _ = members.remove(index),
                        DocumentMutation::Repeat => {
                            let (name, value) = members[index].clone();
                            members.push((format!("{name}2"), value));
                        }
                        DocumentMutation::Rename(name)
                            if members.iter().all(|(entry, _)| entry != name) =>
                        {
                            members[index].0.clone_from(name);
                        }
                        DocumentMutation::Rename(_) => {}
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
    fn every_pointer_names_an_existing_place(test in any_test(), edits in prop::collection::vec((any::<Index>(), changes()), 1..6)) {
        let mut node = JsonNode::parse(to_stored(&test).as_bytes(), 64).unwrap();
        for (place, how) in edits {
            let count = size(&node) - 1;
            if count > 0 {
                change(&mut node, &mut place.index(count), &how);
            }
        }
        let faults = read_bytes(node.canonical().as_bytes(), DocumentFormat::Json);
        prop_assert!(faults.len() <= 100);
        for fault in faults {
            // The rules give the version this place also when it is missing.
            let named_by_the_rules = fault.code == DocumentFaultCode::VersionUnsupported && fault.pointer.as_str() == "/assay";
            prop_assert!(named_by_the_rules || exists(&node, fault.pointer.as_str()), "{fault:?}");
        }
    }

    #[test]
    fn changed_bytes_never_panic(test in any_test(), edits in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4), as_yaml: bool) {
        let text = if as_yaml { to_yaml(&test) } else { to_stored(&test) };
        let mut bytes = text.into_bytes();
        for (place, byte) in edits {
            let index = place.index(bytes.len());
            bytes[index] = byte;
        }
        read_bytes(&bytes, if as_yaml { DocumentFormat::Yaml } else { DocumentFormat::Guess });
    }

    #[test]
    fn arbitrary_text_never_panics(text in "[ -~\n\t\u{e9}]{0,60}") {
        read_bytes(text.as_bytes(), DocumentFormat::Guess);
    }
}
