//! The operations of the served OpenAPI document, so that a new one is tested without anybody
//! adding it to a list.

use serde_json::Value;
use testkit::{TestRequest, TestServer};

/// One method of one path.
#[derive(Clone, Debug)]
pub struct Operation {
    pub method: String,
    /// With its prefix and parameters in braces.
    pub path: String,
    pub takes_body: bool,
    /// The body is a file of any kind, no JSON.
    pub takes_file: bool,
}

impl Operation {
    /// The path with something in place of each parameter.
    pub fn target(&self, fill: impl Fn(&str) -> String) -> String {
        let mut target = String::new();
        let mut rest = self.path.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap();
            target.push_str(before);
            target.push_str(&fill(name));
            rest = after;
        }
        target + rest
    }
}

/// All operations below a prefix, in the order of the document.
pub async fn operations(server: &TestServer, prefix: &str) -> Vec<Operation> {
    let answer = server.send(TestRequest::get("/openapi.json")).await;
    assert_eq!(answer.status, 200);
    let document = answer.json();
    let paths = document["paths"].as_object().unwrap();
    let below = paths.iter().filter(|(path, _)| path.starts_with(prefix));
    let found: Vec<_> = below.flat_map(|(path, item)| of_path(path, item)).collect();
    assert!(!found.is_empty(), "{prefix}");
    found
}

fn of_path(path: &str, item: &Value) -> Vec<Operation> {
    const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
    let methods = METHODS.iter().filter_map(|method| Some((method, item.get(method)?)));
    methods
        .map(|(method, operation)| Operation {
            method: method.to_uppercase(),
            path: path.to_owned(),
            takes_body: operation.get("requestBody").is_some(),
            takes_file: operation
                .get("requestBody")
                .is_some_and(|body| body["content"]["application/json"].is_null()),
        })
        .collect()
}
