//! What the OpenAPI document says of request bodies is what is read, in every place of every body.

use super::request_probes::{Probe, probes};
use domain::instance::Scope;
use serde_json::Value;
use testkit::{ManagementClient, TestApp, faults_of};

/// Codes that only the form of a body earns: whoever keeps to the document never meets them.
const OF_FORM: [&str; 6] =
    ["invalid_type", "invalid_enum", "required", "unknown_key", "invalid_length", "malformed_json"];

/// Operations whose bodies are not declared member by member: documents of tests and questions.
const DOCUMENTS: [&str; 3] = ["importTest", "checkTest", "submitQuestions"];

/// What one member demands of another, which no schema of one of them says: a choice needs options,
/// and nothing else has them.
const BETWEEN_MEMBERS: [&str; 1] = ["/accessForm/fields/0/options invalid_length"];

/// Read by the domain as one value: whatever is wrong inside is told at the whole.
const WHOLE: [&str; 1] = ["/correction"];

/// What a body of an operation was answered with, when that is not what its schema says.
fn verdict(probe: &Probe, status: u16, answer: &Value) -> Option<String> {
    if status >= 500 {
        return Some(format!("is answered with {status}"));
    }
    let found = if status == 400 { faults_of(answer) } else { Vec::new() };
    match &probe.fault {
        None => {
            let of_form = |fault: &&String| {
                OF_FORM.iter().any(|code| fault.ends_with(code))
                    && !BETWEEN_MEMBERS.iter().any(|entry| fault.ends_with(entry))
            };
            let first = found.iter().find(of_form)?;
            Some(format!("fits and is refused: {first}"))
        }
        Some((pointer, _)) if WHOLE.iter().any(|whole| pointer.starts_with(whole)) => None,
        Some((pointer, code)) => {
            let wanted: Vec<_> = match *code {
                // Too short is told as empty where an empty value would fit everything.
                "empty" => {
                    ["invalid_length", "empty_value"].map(|it| format!("{pointer} {it}")).into()
                }
                code => vec![format!("{pointer} {code}")],
            };
            let is_told = found.iter().any(|fault| wanted.contains(fault));
            (!is_told).then(|| format!("{} is not told: {status} {found:?}", wanted[0]))
        }
    }
}

#[tokio::test]
async fn every_documented_value_is_taken_and_every_other_is_refused_at_its_place() {
    let test_app = TestApp::new().await;
    let settings = api::state::HttpSettings { quota: None, ..Default::default() };
    let router = api::server::router(&test_app.app, &settings).unwrap();
    let client = ManagementClient { router, secret: test_app.create_key(Scope::ALL).await };
    let document = serde_json::to_value(api::server::document()).unwrap();
    let (mut sent, mut wrong) = (0, Vec::new());
    for (path, item) in document["paths"].as_object().unwrap() {
        if path.starts_with("/api/delivery/") {
            continue;
        }
        for method in ["post", "put", "patch", "delete"] {
            let operation = &item[method];
            let id = operation["operationId"].as_str().unwrap_or_default();
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_null() || DOCUMENTS.contains(&id) {
                continue;
            }
            let target = path.replace(['{', '}'], "");
            for probe in probes(&document, schema) {
                let body = probe.body.to_string();
                let method = method.to_uppercase();
                let (status, answer) =
                    client.send_to(&target, &method, Some("application/json"), body.clone()).await;
                sent += 1;
                if let Some(reason) = verdict(&probe, status, &answer) {
                    wrong.push(format!(
                        "{id} {reason}: {}",
                        body.chars().take(200).collect::<String>()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {sent}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(sent > 1000, "{sent}");
}
