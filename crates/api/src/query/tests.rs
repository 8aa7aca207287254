//! The cases 11-14, 17 and 34-46 of the REST specification's table (2.7), and what its rules add to
//! them.

use super::*;
use crate::request::query::{PagedQuery, RequestQuery as _};
use domain::fault::Faults;
use proptest::prelude::*;

/// Reads a query as the listing endpoint does and gives `(code, name)` of every fault.
fn read(raw: &str) -> Faults {
    let mut query = QueryReader::parse(raw, raw.len());
    let _ = PagedQuery::read(&mut query);
    for filter in ["ticketId", "candidateId", "externalId"] {
        let _ = query.text(filter);
    }
    query.exclusive(&["ticketId", "candidateId", "externalId"]);
    let mut faults = Faults::new();
    query.finish(&mut faults);
    faults
}

fn codes(raw: &str) -> Vec<(ErrorCode, Option<String>)> {
    let name = |fault: &Fault| match &fault.place {
        FaultLocation::Query(name) => name.clone(),
        _ => None,
    };
    read(raw).entries().iter().map(|fault| (fault.code, name(fault))).collect()
}

fn one(code: ErrorCode, name: &str) -> Vec<(ErrorCode, Option<String>)> {
    vec![(code, Some(name.to_owned()))]
}

#[test]
fn integers_outside_their_bounds_are_refused_with_the_bounds() {
    for raw in ["limit=1001", "limit=0", "limit=-1", "limit=99999999999999999999"] {
        assert_eq!(codes(raw), one(ErrorCode::OutOfRange, "limit"), "{raw}");
    }
    assert_eq!(codes("page=0"), one(ErrorCode::OutOfRange, "page"));
    assert_eq!(codes("page=9007199254740992"), one(ErrorCode::OutOfRange, "page"));
    assert_eq!(read("limit=1001").entries()[0].maximum, Some(1000));
}

#[test]
fn text_that_is_no_json_integer_is_of_the_wrong_type() {
    for raw in [
        "limit=ten",
        "limit=10.0",
        "limit=1e1",
        "limit=010",
        "limit=+10",
        "limit=%2010",
        "limit=1%00",
    ] {
        assert_eq!(codes(raw), one(ErrorCode::InvalidType, "limit"), "{raw}");
    }
}

#[test]
fn empty_values_are_never_taken_for_absent_ones() {
    let names =
        [("limit=", "limit"), ("page", "page"), ("mode=", "mode"), ("externalId=", "externalId")];
    let filters = [("ticketId=", "ticketId"), ("candidateId", "candidateId")];
    for (raw, name) in names.into_iter().chain(filters) {
        assert_eq!(codes(raw), one(ErrorCode::EmptyValue, name), "{raw}");
    }
}

#[test]
fn words_are_matched_with_their_case_and_the_fault_lists_them() {
    for raw in ["mode=Detailed", "mode=full", "mode=default", "mode=basic%00"] {
        assert_eq!(codes(raw), one(ErrorCode::InvalidEnum, "mode"), "{raw}");
        assert_eq!(read(raw).entries()[0].allowed, ["basic", "detailed"]);
    }
}

#[test]
fn an_ampersand_that_is_not_encoded_makes_an_unknown_parameter() {
    assert_eq!(codes("externalId=A&B+1%2B1"), one(ErrorCode::UnknownParameter, "B 1+1"));
}

#[test]
fn a_pair_with_broken_encoding_is_reported_by_its_name_alone() {
    for raw in ["externalId=%ZZ", "externalId=%C3"] {
        assert_eq!(codes(raw), one(ErrorCode::MalformedQuery, "externalId"), "{raw}");
    }
    assert_eq!(codes("%ZZ=1"), [(ErrorCode::MalformedQuery, None)]);
    assert_eq!(codes("foo=%ZZ"), one(ErrorCode::MalformedQuery, "foo"));
}

#[test]
fn a_nul_is_refused_in_a_text() {
    assert_eq!(codes("externalId=EMP%00"), one(ErrorCode::InvalidFormat, "externalId"));
}

#[test]
fn filters_that_exclude_each_other_get_one_entry_each() {
    for raw in [
        "ticketId=C1&externalId=EMP-2",
        "candidateId=C1&externalId=EMP-2",
        "ticketId=C1&candidateId=C1",
    ] {
        assert_eq!(read(raw).code(), ErrorCode::ConflictingFilters, "{raw}");
        assert_eq!(codes(raw).len(), 2);
    }
    assert_eq!(codes("ticketId=a&candidateId=b&externalId=c").len(), 3);
    let found: Vec<_> =
        codes("ticketId=&externalId=EMP-2").into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        found,
        [ErrorCode::EmptyValue, ErrorCode::ConflictingFilters, ErrorCode::ConflictingFilters]
    );
    let broken: Vec<_> =
        codes("externalId=%ZZ&ticketId=a").into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        broken,
        [ErrorCode::MalformedQuery, ErrorCode::ConflictingFilters, ErrorCode::ConflictingFilters]
    );
}

#[test]
fn unknown_names_carry_a_suggestion_only_when_one_is_close() {
    for raw in ["ticketID=C1", "ticket_id=C1"] {
        assert_eq!(read(raw).entries()[0].suggestion.as_deref(), Some("ticketId"));
        assert_eq!(read(raw).code(), ErrorCode::UnknownParameter);
    }
    assert_eq!(read("status=COMPLETE").entries()[0].suggestion, None);
    assert_eq!(codes("foo&foo=1&foo="), one(ErrorCode::UnknownParameter, "foo"));
}

#[test]
fn a_name_given_twice_is_refused_once_even_with_equal_values() {
    assert_eq!(codes("limit=5&limit=5"), one(ErrorCode::RepeatedParameter, "limit"));
    assert_eq!(codes("mode=basic&mode=detailed"), one(ErrorCode::RepeatedParameter, "mode"));
    assert_eq!(codes("limit=&limit=x&limit=0"), one(ErrorCode::RepeatedParameter, "limit"));
}

#[test]
fn faults_come_in_the_order_sent() {
    let found: Vec<_> =
        codes("limit=0&page=x&mode=full&foo=1").into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        found,
        [
            ErrorCode::OutOfRange,
            ErrorCode::InvalidType,
            ErrorCode::InvalidEnum,
            ErrorCode::UnknownParameter
        ]
    );
    assert_eq!(read("limit=0&page=x").code(), ErrorCode::ValidationFailed);
    let found: Vec<_> =
        codes("foo=1&mode=full&%ZZ&page=x").into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        found,
        [
            ErrorCode::UnknownParameter,
            ErrorCode::InvalidEnum,
            ErrorCode::MalformedQuery,
            ErrorCode::InvalidType
        ]
    );
}

#[test]
fn empty_pieces_are_skipped() {
    for raw in ["", "&&limit=10&", "page=1"] {
        assert!(read(raw).is_empty(), "{raw}");
    }
}

#[test]
fn a_target_above_eight_kibibytes_is_refused_without_being_read() {
    let mut faults = Faults::new();
    QueryReader::parse("foo=1", LONGEST_TARGET + 1).finish(&mut faults);
    assert_eq!((faults.code(), faults.entries().len()), (ErrorCode::MalformedQuery, 1));
    assert!(codes("limit=10").is_empty());
}

#[test]
fn a_value_is_decoded_as_a_form() {
    let mut query = QueryReader::parse("externalId=A%26B+1%2B1&limit=7", 0);
    assert_eq!(query.text("externalId").as_deref(), Some("A&B 1+1"));
    assert_eq!(query.integer("limit", 1..=1000, 10), 7);
}

/// One piece of a query string, right or wrong by itself, and the name it is reported under when it
/// is wrong.
fn piece() -> impl Strategy<Value = (&'static str, &'static str, Option<ErrorCode>)> {
    proptest::sample::select(vec![
        ("limit", "limit=5", None),
        ("limit", "limit=0", Some(ErrorCode::OutOfRange)),
        ("limit", "limit", Some(ErrorCode::EmptyValue)),
        ("page", "page=2", None),
        ("page", "page=two", Some(ErrorCode::InvalidType)),
        ("mode", "mode=detailed", None),
        ("mode", "mode=full", Some(ErrorCode::InvalidEnum)),
        ("externalId", "externalId=%20", None),
        ("externalId", "externalId=%ZZ", Some(ErrorCode::MalformedQuery)),
        ("externalId", "externalId=%00", Some(ErrorCode::InvalidFormat)),
        ("status", "status=COMPLETE", Some(ErrorCode::UnknownParameter)),
        ("Limit", "Limit=", Some(ErrorCode::UnknownParameter)),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn independent_faults_are_all_reported_in_the_order_sent(pieces in proptest::collection::vec(piece(), 0..6)) {
        let mut names = std::collections::HashSet::new();
        let pieces: Vec<_> = pieces.into_iter().filter(|(name, ..)| names.insert(*name)).collect();
        let raw: Vec<_> = pieces.iter().map(|(_, text, _)| *text).collect();
        let expected: Vec<_> = pieces.iter().filter_map(|(_, _, code)| *code).collect();
        let found: Vec<_> = codes(&raw.join("&")).into_iter().map(|(code, _)| code).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_name_sent_twice_is_never_accepted(first in piece(), second in piece(), raw in "[a-z&=%0-9+]{0,20}") {
        let twice = format!("{}&{raw}&{}", first.1, first.1);
        prop_assert!(!read(&twice).is_empty());
        let _ = read(&format!("{raw}&{}", second.1));
    }
}
