use super::{EXAMPLE, read_alone};
use crate::document::strategy::tests;
use crate::document::{Format, digest, stored, thaw, yaml};
use proptest::prelude::*;

#[test]
fn the_example_reads_with_the_published_section_uuids() {
    let checked = read_alone(EXAMPLE, Format::Guess).unwrap();
    let uuids: Vec<_> = checked.test.sections.iter().map(|section| section.uuid.to_string()).collect();
    assert_eq!(uuids, ["2e1643c0-5242-559a-af29-f0260c2d8e42", "21c5c73b-e90d-5bfc-95bd-d5f2f42209fd"]);
    assert_eq!(checked.warnings, []);
}

#[test]
fn the_yaml_twin_of_the_example_is_the_same_document() {
    let checked = read_alone(EXAMPLE, Format::Json).unwrap();
    let twin = include_str!("../../../tests/documents/desk-screening.yaml");
    assert_eq!(yaml(&checked.test), twin);
    assert_eq!(read_alone(twin, Format::Guess).unwrap(), checked);
}

#[test]
fn a_digest_is_the_sha_256_of_the_stored_bytes() {
    let empty = hex::encode(digest(""));
    assert_eq!(empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn text_that_is_no_stored_document_does_not_thaw() {
    assert!(thaw("{").is_err());
    assert!(thaw("{}").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Invariant 40.
    #[test]
    fn storing_the_stored_form_changes_nothing(test in tests()) {
        let text = stored(&test);
        let again = read_alone(&text, Format::Json);
        prop_assert!(again.is_ok(), "{:?}\n{}", again, text);
        let again = again.unwrap().test;
        prop_assert_eq!(&again, &test);
        prop_assert_eq!(stored(&again), text);
    }

    /// Invariant 40.
    #[test]
    fn a_document_survives_json_to_yaml_to_json(test in tests()) {
        let text = yaml(&test);
        let again = read_alone(&text, Format::Yaml);
        prop_assert!(again.is_ok(), "{:?}\n{}", again, text);
        prop_assert_eq!(again.unwrap().test, test);
    }

    #[test]
    fn a_stored_document_thaws_as_it_was(test in tests()) {
        prop_assert_eq!(thaw(&stored(&test)), Ok(test));
    }
}
