//! The OpenAPI document, Swagger UI and the help pages: all without a key.

use crate::sample::sample;
use serde_json::Value;

#[tokio::test]
async fn the_document_describes_every_operation_with_its_common_errors() {
    let answer = sample().get_as("/openapi.json", None).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    let operations = &document["paths"]["/api/integration/rest/v1/tasks/{taskId}/things"];
    let parameters = operations["get"]["parameters"].as_array().unwrap();
    let names: Vec<_> =
        parameters.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["taskId", "mode", "limit", "page"]);
    let schema = |index: usize| parameters[index]["schema"].to_string();
    assert!(schema(1).ends_with(r#""enum":["basic","detailed"]}"#), "{}", schema(1));
    assert!(
        schema(2).contains(r#""default":10"#) && schema(2).contains(r#""maximum":1000"#),
        "{}",
        schema(2)
    );
    let statuses = |operation: &serde_json::Value| {
        let mut found: Vec<_> =
            operation["responses"].as_object().unwrap().keys().cloned().collect();
        found.sort();
        found
    };
    assert_eq!(
        statuses(&operations["get"]),
        ["200", "400", "401", "403", "404", "405", "429", "500", "503"]
    );
    assert!(statuses(&operations["post"]).contains(&"415".to_owned()));
    let problem =
        &operations["get"]["responses"]["400"]["content"]["application/problem+json"]["schema"];
    assert_eq!(problem["$ref"], "#/components/schemas/Problem");
}

#[tokio::test]
async fn every_reference_of_the_document_leads_somewhere() {
    let document = sample().get_as("/openapi.json", None).await.json();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
    let required = |schema: &str| schemas[schema]["required"].to_string();
    assert_eq!(required("Problem"), r#"["type","title","status","detail","code","errors"]"#);
    assert_eq!(required("Fault"), r#"["in","code","message"]"#);
    assert_eq!(schemas["FaultPlace"]["enum"].to_string(), r#"["query","path","body","header"]"#);
    assert_eq!(schemas["Fault"]["properties"]["suggestion"]["type"], "string");
    assert!(schemas["Problem"]["properties"]["moreErrors"].is_object());
    assert!(required("Pagination").contains("next"));
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
}

#[tokio::test]
async fn swagger_ui_is_served_from_here_alone() {
    let sample = sample();
    let page = sample.get_as("/docs/", None).await;
    assert_eq!(page.status, 200);
    assert!(!page.text().contains("https://"), "{}", page.text());
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    let script = sample.get_as("/docs/swagger-initializer.js", None).await;
    assert!(script.text().contains("/openapi.json"), "{}", script.text());
    assert_eq!(sample.get_as("/docs/swagger-ui-bundle.js", None).await.status, 200);
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_its_page() {
    let sample = sample();
    let problem = sample.get("/nothing").await.json();
    let path = problem["type"]
        .as_str()
        .unwrap()
        .strip_prefix("https://assess.example.org")
        .unwrap()
        .to_owned();
    let page = sample.get_as(&path, None).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("unknown_route"));
}

/// Everything in a schema that a reader meets by name, with where it stands.
fn silent(schema: &Value, place: &str, found: &mut Vec<String>) {
    if !schema.is_object() {
        return;
    }
    let is_described = |schema: &Value| {
        let alternatives = schema["allOf"].as_array().into_iter().flatten();
        std::iter::once(schema)
            .chain(alternatives)
            .any(|one| one["description"].as_str().is_some_and(|text| !text.is_empty()))
    };
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let place = format!("{place}.{name}");
        if !is_described(property) {
            found.push(place.clone());
        }
        silent(property, &place, found);
    }
    for word in ["oneOf", "anyOf", "allOf"] {
        for inner in schema[word].as_array().into_iter().flatten() {
            silent(inner, place, found);
        }
    }
    for word in ["items", "additionalProperties"] {
        silent(&schema[word], place, found);
    }
}

#[test]
fn every_property_parameter_and_shape_is_described() {
    let document = serde_json::to_value(api::server::document()).unwrap();
    let mut found = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let texts = std::iter::once(schema).chain(schema["allOf"].as_array().into_iter().flatten());
        if texts.map(|one| &one["description"]).all(|text| text.as_str().is_none_or(str::is_empty))
        {
            found.push(name.clone());
        }
        silent(schema, name, &mut found);
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let texts = [&parameter["description"], &parameter["schema"]["description"]];
                if texts.iter().all(|text| text.as_str().is_none_or(str::is_empty)) {
                    found.push(format!("{place}: {}", parameter["name"]));
                }
            }
            if operation["summary"].as_str().is_none_or(str::is_empty) {
                found.push(place.clone());
            }
            let bodies = operation["responses"]
                .as_object()
                .unwrap()
                .values()
                .chain([&operation["requestBody"]]);
            for content in bodies.flat_map(|body| body["content"].as_object().into_iter().flatten())
            {
                silent(&content.1["schema"], &place, &mut found);
            }
        }
    }
    assert!(found.is_empty(), "say what it is, in its doc comment: {found:#?}");
}
