use super::query::{RequestQuery as _, mode, one_filter, page, query, text as query_text};
use super::value::{boolean, id, integer, label, list, map, moment, nullable, object, set, word};
use super::{RequestObject, flattened, optional, or_default, or_value, request, request_union};
use crate::body::{BodyDocument, BodyObject};
use crate::detail_level::DetailLevel;
use crate::pagination::PageQuery;
use crate::query::QueryReader;
use domain::fault::{ErrorCode, Faults};
use domain::id::TaskId;
use domain::instance::Scope;
use domain::time::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::{IntoParams as _, PartialSchema as _, ToSchema as _};

request! {
    /// A thing to be made.
    struct NewThing as "NewThing" {
        /// Its name.
        name: String = label(),
        /// What it may do.
        scopes: Vec<Scope> = or_default(set(1..=2, word::<Scope>())),
        /// When it ends; null is never.
        ends_at: Option<Option<Timestamp>> = optional(nullable(moment())),
        /// How many.
        count: u32 = or_value(integer::<u32>(1..=9), 3),
        /// Its parts.
        "pieces" parts: Vec<Part> = or_default(list(0..=2, object::<PartRequest>())),
        /// By task.
        by_task: BTreeMap<String, bool> = or_default(map(0..=5, boolean())),
    }
}

request_union! {
    /// A part of a thing.
    struct PartRequest as "Part" for Part, by one_of "kind" {
        "task" => TaskPart,
        "span" => SpanPart,
    }
}

request_union! {
    /// A part whose beginning is judged whatever its kind.
    struct PartFromRequest as "PartFrom" for Part, by one_of "kind" {
        "span" => SpanPart,
        _ => FromRequest,
    }
}

request! {
    /// Where a part begins.
    struct FromRequest as "From" {
        /// From here.
        from: i64 = integer::<i64>(0..=100),
    }
}

request! {
    /// A thing with a beginning.
    struct ThingFromRequest as "ThingFrom" {
        /// Its name.
        name: String = label(),
        /// Where it begins.
        start: FromRequest = flattened::<FromRequest>(),
        /// Which part of it is meant.
        part: Option<Part> = optional(object::<PartFromRequest>()),
    }
}

#[derive(Debug, PartialEq)]
enum Part {
    Task(TaskId),
    Span(i64, i64),
}

request! {
    /// A task.
    struct TaskPart as "TaskPart" into Part by to_task {
        /// Which.
        task: TaskId = id::<TaskId>(),
    }
}

request! {
    /// A span.
    struct SpanPart as "SpanPart" into Part by to_span {
        /// From here.
        from: i64 = integer::<i64>(0..=100),
        /// To here.
        to: i64 = integer::<i64>(0..=100),
    }
}

fn to_task(part: TaskPart, _: &BodyObject<'_>) -> Option<Part> {
    Some(Part::Task(part.task))
}

fn to_span(part: SpanPart, object: &BodyObject<'_>) -> Option<Part> {
    if part.from > part.to {
        object.optional("to").refuse(ErrorCode::InvalidRange, "must not come before the beginning");
        return None;
    }
    Some(Part::Span(part.from, part.to))
}

fn read(body: &Value) -> (Option<NewThing>, Vec<String>) {
    let document = BodyDocument::parse(body.to_string().as_bytes());
    let read = document.read(NewThing::read).flatten();
    let mut faults = Faults::new();
    document.finish(&mut faults);
    let reported = faults.entries().iter().map(|fault| format!("{} {}", fault.place, fault.code));
    (read, reported.collect())
}

#[test]
fn a_whole_request_is_read_under_its_names_on_the_wire() {
    let body = json!({
        "name": "x", "scopes": ["manage", "manage"], "endsAt": null, "count": 4,
        "pieces": [{"kind": "task", "task": "Tk1"}, {"kind": "span", "from": 1, "to": 2}],
        "byTask": {"Tk1": true},
    });
    let (read, faults) = read(&body);
    assert_eq!(faults, [""; 0]);
    let read = read.unwrap();
    assert_eq!((read.name.as_str(), read.scopes, read.count), ("x", vec![Scope::Manage], 4));
    assert_eq!(read.ends_at, Some(None));
    assert_eq!(read.parts, [Part::Task("Tk1".into()), Part::Span(1, 2)]);
    assert_eq!(read.by_task, BTreeMap::from([("Tk1".to_owned(), true)]));
}

#[test]
fn what_may_be_absent_has_its_default() {
    let read = read(&json!({"name": "x"})).0.unwrap();
    assert!(read.scopes.is_empty() && read.parts.is_empty() && read.by_task.is_empty());
    assert_eq!((read.ends_at, read.count), (None, 3));
}

#[test]
fn all_faults_are_reported_at_once_in_the_order_of_the_body() {
    let body = json!({
        "scopes": ["manage", "moon"], "endsAt": -1, "count": null,
        "pieces": [
            {"kind": "sphere", "task": 1, "radius": 2},
            {"kind": "span", "from": 3, "to": 2, "task": "Tk1"},
            {"kind": "task", "task": ""},
        ],
        "byTask": {"Tk1": 1, "Tk2": true}, "parts": [],
    });
    let (read, faults) = read(&body);
    assert!(read.is_none());
    let expected = [
        "/scopes/1 invalid_enum",
        "/endsAt out_of_range",
        "/count invalid_type",
        "/pieces invalid_length",
        "/pieces/0/kind invalid_enum",
        "/pieces/0/radius unknown_key",
        "/pieces/1/to invalid_range",
        "/pieces/1/task unknown_key",
        "/pieces/2/task invalid_length",
        "/byTask/Tk1 invalid_type",
        "/parts unknown_key",
        "/name required",
    ];
    assert_eq!(faults, expected);
}

#[test]
fn the_schema_says_what_is_read() {
    let schema = serde_json::to_value(NewThing::schema()).unwrap();
    assert_eq!(schema["required"], json!(["name"]));
    assert_eq!(schema["additionalProperties"], json!(false));
    let properties = &schema["properties"];
    let name =
        json!({"type": "string", "description": "Its name.", "minLength": 1, "maxLength": 200});
    assert_eq!(properties["name"], name);
    assert_eq!(properties["endsAt"]["type"], json!(["integer", "null"]));
    assert_eq!(properties["count"]["type"], json!("integer"));
    assert_eq!(
        (&properties["count"]["minimum"], &properties["count"]["maximum"]),
        (&json!(1), &json!(9))
    );
    assert_eq!(properties["scopes"]["items"]["enum"].as_array().unwrap().len(), Scope::ALL.len());
    assert_eq!(properties["pieces"]["items"]["$ref"], json!("#/components/schemas/Part"));
    assert_eq!(properties["byTask"]["additionalProperties"]["type"], json!("boolean"));

    let mut components = Vec::new();
    NewThing::schemas(&mut components);
    let names: Vec<_> = components.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Part", "TaskPart", "SpanPart"]);
    let part = serde_json::to_value(&components[0].1).unwrap();
    assert_eq!(part["oneOf"][1]["$ref"], json!("#/components/schemas/SpanPart"));
    assert_eq!(part["discriminator"]["mapping"]["span"], json!("#/components/schemas/SpanPart"));
    let span = serde_json::to_value(&components[2].1).unwrap();
    assert_eq!(span["properties"]["kind"]["enum"], json!(["span"]));
    assert_eq!(span["required"], json!(["kind", "from", "to"]));
}

#[test]
fn every_key_of_an_object_is_listed() {
    let keys = ["name", "scopes", "endsAt", "count", "pieces", "byTask"];
    assert_eq!(NewThing::KEYS, keys);
}

query! {
    /// Which things are listed.
    struct ListThingsQuery {
        mode: DetailLevel = mode(),
        page: PageQuery = page(),
        /// The title has this.
        title_part: Option<String> = query_text(),
        filter: Option<(&'static str, String)> = one_filter([("a", "A."), ("b", "B.")]),
    }
}

#[test]
fn a_query_is_read_and_described_by_one_declaration() {
    let mut query = QueryReader::parse("b=2&page=7&titlePart=x&mode=detailed", 40);
    let read = ListThingsQuery::read(&mut query);
    assert_eq!(read.mode, DetailLevel::Detailed);
    assert_eq!(read.page, PageQuery { limit: 10, number: 7 });
    assert_eq!(read.title_part.as_deref(), Some("x"));
    assert_eq!(read.filter, Some(("b", "2".to_owned())));

    let parameters = ListThingsQuery::into_params(|| None);
    let names: Vec<_> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(names, ["mode", "limit", "page", "titlePart", "a", "b"]);
    assert!(parameters.iter().all(|parameter| parameter.description.is_some()));
}

#[test]
fn an_unknown_parameter_is_reported_beside_those_there_are() {
    let mut query = QueryReader::parse("title_part=x&a=1&b=2", 20);
    ListThingsQuery::read(&mut query);
    let mut faults = Faults::new();
    query.finish(&mut faults);
    let reported: Vec<_> = faults.entries().iter().map(|fault| fault.code).collect();
    let conflict = ErrorCode::ConflictingFilters;
    assert_eq!(reported, [ErrorCode::UnknownParameter, conflict, conflict]);
}

#[test]
fn a_flattened_object_has_its_members_among_those_of_the_whole() {
    let document = BodyDocument::parse(br#"{"name":"x","from":7}"#);
    let read = document.read(ThingFromRequest::read).flatten().unwrap();
    assert_eq!((read.name.as_str(), read.start.from, read.part), ("x", 7, None));
    let schema = serde_json::to_value(ThingFromRequest::schema()).unwrap();
    assert_eq!(schema["required"], json!(["name", "from"]));
    assert_eq!(schema["properties"]["from"]["description"], json!("From here."));
    assert!(schema["properties"]["start"].is_null());
}

#[test]
fn what_all_kinds_have_is_judged_where_the_kind_is_wrong() {
    let body = br#"{"name":"x","part":{"kind":"sphere","from":-1,"to":-1}}"#;
    let document = BodyDocument::parse(body);
    assert!(document.read(ThingFromRequest::read).flatten().is_none());
    let mut faults = Faults::new();
    document.finish(&mut faults);
    let reported: Vec<_> = faults.entries().iter().map(|fault| fault.place.to_string()).collect();
    assert_eq!(reported, ["/part/kind", "/part/from", "/from"]);
}
