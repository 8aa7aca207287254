//! `docs/assay.postman_collection.json`: every operation of the OpenAPI document as a request to
//! try, for Postman (collections 2.1) and whatever imports its files, as Bruno does. The address
//! and the key are variables.

use serde_json::{Map, Value, json};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// Bodies are shown to this depth; schemas may contain themselves.
const DEEPEST: usize = 8;

/// The collection as it is checked in.
fn text(document: &Value) -> String {
    let folders =
        APIS.map(|(name, prefix)| json!({"name": name, "item": folder(document, prefix)}));
    let collection = json!({
        "info": {
            "name": "assay",
            "description": "Written from docs/openapi.json by a test; set baseUrl and privateKey, for the delivery \
                API privateKey is a candidate's token.",
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{privateKey}}", "type": "string"}]},
        "variable": [
            {"key": "baseUrl", "value": "http://127.0.0.1:8080", "type": "string"},
            {"key": "privateKey", "value": "", "type": "string"},
        ],
        "item": folders,
    });
    format!("{collection:#}\n")
}

const APIS: [(&str, &str); 3] = [
    ("Integration", "/api/integration/rest/v1"),
    ("Management", "/api/management/v1"),
    ("Delivery", "/api/delivery/v1"),
];

/// The requests below a prefix, by tag, tags in the order they are met.
fn folder(document: &Value, prefix: &str) -> Vec<Value> {
    let mut tags: Vec<(String, Vec<Value>)> = Vec::new();
    for (path, item) in members(&document["paths"]).filter(|(path, _)| path.starts_with(prefix)) {
        for (method, operation) in
            METHODS.iter().filter_map(|method| Some((*method, item.get(*method)?)))
        {
            let tag = operation["tags"][0].as_str().unwrap_or("Other");
            let request = request(document, method, path, operation);
            match tags.iter_mut().find(|(entry, _)| entry == tag) {
                Some((_, requests)) => requests.push(request),
                None => tags.push((tag.to_owned(), vec![request])),
            }
        }
    }
    tags.into_iter().map(|(name, item)| json!({"name": name, "item": item})).collect()
}

fn request(document: &Value, method: &str, path: &str, operation: &Value) -> Value {
    let described = |parameter: &Value, more: Value| {
        let mut entry =
            json!({"key": parameter["name"], "value": first_value(&parameter["schema"])});
        if let Some(text) = parameter["description"].as_str() {
            entry["description"] = text.into();
        }
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry
    };
    let of = |place: &str| -> Vec<Value> {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let there = parameters.filter(|parameter| parameter["in"] == place);
        // What may be left out is switched off, so that the request can be sent as it is.
        there
            .map(|one| {
                described(
                    one,
                    if one["required"] == true { json!({}) } else { json!({"disabled": true}) },
                )
            })
            .collect()
    };
    let segments: Vec<_> = path.split('/').skip(1).map(segment).collect();
    let mut header = of("header");
    let body = body(document, operation);
    let is_file = body.is_none() && operation.get("requestBody").is_some();
    if body.is_some() || is_file {
        let types = members(&operation["requestBody"]["content"]).next();
        let kind = types.map_or("application/json", |(kind, _)| kind.as_str());
        let kind = if is_file { kind } else { "application/json" };
        header.insert(0, json!({"key": "Content-Type", "value": kind}));
    }
    let url = json!({
        "raw": format!("{{{{baseUrl}}}}/{}", segments.join("/")),
        "host": ["{{baseUrl}}"], "path": segments, "query": of("query"), "variable": of("path"),
    });
    let text = |name: &str| operation[name].as_str().unwrap_or_default();
    let description = format!("{}\n\n{}", text("summary"), text("description"));
    let mut request = json!({"method": method.to_uppercase(), "header": header, "url": url, "description": description.trim()});
    if let Some(body) = body {
        let raw = format!("{body:#}");
        request["body"] =
            json!({"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}});
    }
    if is_file {
        request["body"] = json!({"mode": "file", "file": {}});
    }
    json!({"name": operation["operationId"], "request": request})
}

/// `{taskId}` is written `:taskId`.
fn segment(text: &str) -> String {
    text.strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .map_or_else(|| text.into(), |name| format!(":{name}"))
}

fn body(document: &Value, operation: &Value) -> Option<Value> {
    let content = operation.get("requestBody")?.get("content")?.get("application/json")?;
    Some(sample(document, &content["schema"], DEEPEST))
}

/// A value of a schema with what must be there and nothing else.
fn sample(document: &Value, schema: &Value, deepest: usize) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap_or_default();
        return sample(
            document,
            &document["components"]["schemas"][name],
            deepest.saturating_sub(1),
        );
    }
    let either = ["oneOf", "anyOf", "allOf"].iter().find_map(|word| schema[*word].get(0));
    if let Some(first) = either.filter(|_| deepest > 0) {
        return sample(document, first, deepest - 1);
    }
    match kind(schema) {
        "object" if deepest > 0 => {
            let required =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let member = |name: &str| {
                (name.to_owned(), sample(document, &schema["properties"][name], deepest - 1))
            };
            Value::Object(required.map(member).collect::<Map<_, _>>())
        }
        "array" if deepest > 0 => json!([sample(document, &schema["items"], deepest - 1)]),
        "object" => json!({}),
        "array" => json!([]),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| 1.into()),
        "boolean" => true.into(),
        "string" => first_value(schema).into(),
        _ => json!({}),
    }
}

/// The name of the type; the first that is not null where there are several.
fn kind(schema: &Value) -> &str {
    let several = schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str);
    schema["type"]
        .as_str()
        .or_else(|| several.into_iter().find(|name| *name != "null"))
        .unwrap_or_default()
}

/// A default or a word a text may be; else nothing.
fn first_value(schema: &Value) -> String {
    let found = schema.get("default").or_else(|| schema["enum"].get(0));
    found.map_or_else(String::new, |value| {
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    })
}

fn members(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flatten()
}

#[test]
fn the_collection_that_is_checked_in_is_made_from_the_document() {
    let document = serde_json::to_value(api::server::document()).unwrap();
    crate::docs::check("assay.postman_collection.json", &text(&document));
}

#[test]
fn every_operation_of_the_document_is_in_the_collection() {
    let document = serde_json::to_value(api::server::document()).unwrap();
    let collection = text(&document);
    for (path, item) in members(&document["paths"]) {
        for operation in METHODS.iter().filter_map(|method| item.get(*method)) {
            let name = format!("\"name\": {}", operation["operationId"]);
            assert!(collection.contains(&name), "{path}: {name}");
        }
    }
}
