//! Bodies that are wrong in every way the REST specification (1.3) names, and what is read from
//! those that are right.

use super::*;
use domain::json::JsonPointer;

/// Some(null), Some(number) and nothing, as `activeAfter` of an update takes them.
type NullableInteger = Option<Option<i64>>;

struct DraftBody {
    fullname: Option<String>,
    labels: Option<Vec<String>>,
    active_after: NullableInteger,
    tags: Option<Vec<(String, String)>>,
}

domain::string_enum! {
    enum DraftKind { Meta = "meta", Info = "info", }
}

fn draft(body: &BodyObject<'_>) -> DraftBody {
    let owned = |text: &str| text.to_owned();
    DraftBody {
        fullname: body.required("fullname").text(1..=200).map(owned),
        labels: body.optional("labels").set(1..=3, |item| item.text(1..=5).map(owned)),
        active_after: body.optional("activeAfter").nullable(|field| field.integer(0..=9)),
        tags: body.optional("tags").map(0..=2, |_, value| value.text(1..=10)).map(|tags| {
            tags.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        }),
    }
}

fn rest(body: &BodyObject<'_>) {
    let _ = body.optional("active").boolean();
    let _ = body.optional("kind").one_of(DraftKind::ALL, DraftKind::as_str);
    let _ = body.optional("folder").filter_set(2, |item| item.filter_text().map(str::to_owned));
    let _ = body.optional("externalData").any_object();
    let _ = body.optional("price").object(|price| {
        let _ = price.required("amount").number();
        let _ =
            price.required("currency").text_like(3..=3, "must be capitals", |text| text == "EUR");
    });
}

fn read(text: &str) -> (Option<DraftBody>, Faults) {
    let document = BodyDocument::parse(text.as_bytes());
    let value = document.read(|body| {
        let value = draft(body);
        rest(body);
        value
    });
    let mut faults = Faults::new();
    document.finish(&mut faults);
    (value, faults)
}

/// `code pointer` of every fault.
fn found(text: &str) -> Vec<String> {
    let spell = |fault: &Fault| match &fault.place {
        FaultLocation::Body(pointer) => format!("{} {pointer}", fault.code),
        other => panic!("{other:?}"),
    };
    read(text).1.entries().iter().map(spell).collect()
}

#[test]
fn what_is_not_one_object_is_malformed() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(32), "]".repeat(32));
    for text in [
        "",
        "[]",
        "null",
        "1",
        "{",
        "{} {}",
        "{\"a\":1,}",
        "\u{feff}{}",
        "{\"fullname\":\"\\ud800\"}",
        &deep,
    ] {
        assert_eq!(found(text), ["malformed_json "], "{text}");
    }
    assert_eq!(BodyDocument::parse(b"{\"a\":\"\xff\"}").read(|_| ()), None);
}

#[test]
fn a_required_key_that_is_absent_is_reported_after_everything_else() {
    assert_eq!(found("{}"), ["required /fullname"]);
    let text = r#"{"price":{"amount":true,"x":1},"active":1}"#;
    let expected = [
        "invalid_type /price/amount",
        "unknown_key /price/x",
        "invalid_type /active",
        "required /fullname",
        "required /price/currency",
    ];
    assert_eq!(found(text), expected);
}

#[test]
fn unknown_keys_are_named_by_pointer_with_a_suggestion_if_one_is_close() {
    let (_, faults) = read(
        r#"{"fullname":"A","full_name":"B","x/y":1,"x/y":2,"price":{"amount":1,"currency":"EUR","curency":1}}"#,
    );
    let suggested: Vec<_> =
        faults.entries().iter().map(|fault| fault.suggestion.as_deref()).collect();
    assert_eq!(suggested, [Some("fullname"), None, Some("currency")]);
    assert_eq!(found(r#"{"fullname":"A","x/y":1}"#), ["unknown_key /x~1y"]);
}

#[test]
fn a_key_given_twice_is_reported_once_where_it_returns_and_not_judged() {
    assert_eq!(
        found(r#"{"fullname":1,"active":true,"fullname":"","fullname":null}"#),
        ["duplicate_key /fullname"]
    );
    let text = r#"{"fullname":1,"active":3,"fullname":"","labels":[]}"#;
    assert_eq!(
        found(text),
        ["invalid_type /active", "duplicate_key /fullname", "invalid_length /labels"]
    );
    assert_eq!(found(r#"{"fullname":"A","tags":{"a":"x","a":"y"}}"#), ["duplicate_key /tags/a"]);
    let deep = r#"{"fullname":"A","externalData":{"a":[{"b":1,"b":2}],"c":1,"c":1}}"#;
    assert_eq!(found(deep), ["duplicate_key /externalData/a/0/b", "duplicate_key /externalData/c"]);
}

#[test]
fn wrong_types_are_refused_null_included() {
    for value in ["null", "1", "true", "[]", "{}"] {
        assert_eq!(
            found(&format!(r#"{{"fullname":{value}}}"#)),
            ["invalid_type /fullname"],
            "{value}"
        );
    }
    for key in ["active", "kind", "labels", "tags", "price", "externalData"] {
        assert_eq!(
            found(&format!(r#"{{"fullname":"A","{key}":null}}"#)),
            [format!("invalid_type /{key}")]
        );
    }
}

#[test]
fn an_integer_is_an_integer_by_its_literal() {
    for (literal, expected) in [
        ("1.0", "invalid_type"),
        ("1e3", "invalid_type"),
        ("\"1\"", "invalid_type"),
        ("10", "out_of_range"),
        ("-1", "out_of_range"),
    ] {
        let text = format!(r#"{{"fullname":"A","activeAfter":{literal}}}"#);
        assert_eq!(found(&text), [format!("{expected} /activeAfter")], "{literal}");
    }
}

#[test]
fn lengths_are_counted_in_characters_and_come_with_their_bounds() {
    let long = "\u{e9}".repeat(201);
    for text in ["", &long] {
        let (_, faults) = read(&format!(r#"{{"fullname":"{text}"}}"#));
        assert_eq!(faults.code(), ErrorCode::InvalidLength);
        assert_eq!(
            (faults.entries()[0].minimum, faults.entries()[0].maximum),
            (Some(1), Some(200))
        );
    }
    assert!(found(&format!(r#"{{"fullname":"{}"}}"#, "\u{1f600}".repeat(200))).is_empty());
}

#[test]
fn a_nul_is_refused_wherever_text_stands() {
    let text = r#"{"fullname":"A\u0000","tags":{"a\u0000":"x","b":"\u0000"},"folder":["\u0000"]}"#;
    let found = found(text);
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|fault| fault.starts_with("invalid_format ")), "{found:?}");
}

#[test]
fn every_item_of_a_list_is_reported_by_its_index() {
    let text = r#"{"labels":["ok",1,"","toolong"],"fullname":"A"}"#;
    let expected = [
        "invalid_length /labels",
        "invalid_type /labels/1",
        "invalid_length /labels/2",
        "invalid_length /labels/3",
    ];
    assert_eq!(found(text), expected);
    assert!(read(text).0.unwrap().labels.is_none());
}

#[test]
fn repeated_members_of_a_set_are_dropped_before_it_is_counted() {
    let (value, faults) = read(r#"{"fullname":"A","labels":["b","a","b","a","c","c"]}"#);
    assert!(faults.is_empty());
    assert_eq!(value.unwrap().labels.unwrap(), ["b", "a", "c"]);
}

#[test]
fn empty_filters_are_refused_rather_than_matching_everything() {
    assert_eq!(found(r#"{"fullname":"A","folder":[]}"#), ["empty_value /folder"]);
    assert_eq!(found(r#"{"fullname":"A","folder":["a",""]}"#), ["empty_value /folder/1"]);
}

#[test]
fn words_are_matched_with_their_case() {
    let (_, faults) = read(r#"{"fullname":"A","kind":"Meta"}"#);
    assert_eq!(faults.entries()[0].allowed, ["meta", "info"]);
}

#[test]
fn null_and_absence_are_told_apart_where_the_shape_allows_null() {
    let after = |text: &str| read(text).0.unwrap().active_after;
    assert_eq!(after(r#"{"fullname":"A"}"#), None);
    assert_eq!(after(r#"{"fullname":"A","activeAfter":null}"#), Some(None));
    assert_eq!(after(r#"{"fullname":"A","activeAfter":7}"#), Some(Some(7)));
}

#[test]
fn a_right_body_is_read_without_faults() {
    let text = r#"{"tags":{"City":"Izmir"},"fullname":"Ada","price":{"amount":1.50,"currency":"EUR"},"externalData":{"a":[1.0]}}"#;
    let (value, faults) = read(text);
    let value = value.unwrap();
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(value.fullname.as_deref(), Some("Ada"));
    assert_eq!(value.tags.unwrap(), [("City".to_owned(), "Izmir".to_owned())]);
}

#[test]
fn where_kind_is_wrong_only_kind_and_keys_no_kind_has_are_reported() {
    let document = BodyDocument::parse(br#"{"kind":"x","group":7,"email":7,"foo":1}"#);
    document.read(|body| {
        if body.required("kind").one_of(DraftKind::ALL, DraftKind::as_str).is_none() {
            body.allow_keys(&["group", "email"]);
        }
    });
    let mut faults = Faults::new();
    document.finish(&mut faults);
    let codes: Vec<_> = faults.entries().iter().map(|fault| fault.code).collect();
    assert_eq!(codes, [ErrorCode::InvalidEnum, ErrorCode::UnknownKey]);
}

#[test]
fn faults_found_with_data_take_their_place_in_document_order() {
    let document = BodyDocument::parse(br#"{"a":{"x":1},"b":[1,2],"c":1}"#);
    document.read(|body| body.allow_keys(&["a", "b"]));
    let at = |pointer: JsonPointer| {
        Fault::new(FaultLocation::Body(pointer), ErrorCode::UnknownReference, "must name a step")
    };
    let root = JsonPointer::root();
    document.add_faults([
        at(root.at("b").at(1)),
        at(root.at("email")),
        at(root.at("a").at("x")),
        at(root.at("b").at(0)),
    ]);
    let mut faults = Faults::new();
    document.finish(&mut faults);
    let places: Vec<_> = faults.entries().iter().map(|fault| fault.place.to_string()).collect();
    assert_eq!(places, ["/a/x", "/b/0", "/b/1", "/c", "/email"]);
}

#[test]
fn a_body_full_of_faults_is_counted_to_its_end() {
    let keys: Vec<_> = (0..9000).map(|index| format!("\"k{index}\":1")).collect();
    let (_, faults) = read(&format!("{{\"fullname\":\"A\",{}}}", keys.join(",")));
    assert_eq!((faults.entries().len(), faults.count_beyond_limit()), (100, 8900));
    assert_eq!(faults.entries()[0].place.to_string(), "/k0");
}
