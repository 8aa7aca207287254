//! Whatever a test is answered by an operation must be an answer that the OpenAPI document has for
//! it.

use serde_json::Value;
use std::sync::OnceLock;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
const ALIAS: &str = "/api/integration/rest/";
const V1: &str = "/api/integration/rest/v1/";

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::to_value(api::server::document()).unwrap())
}

/// Literal segments win over parameters, as in the server.
fn template_of(path: &str, method: &str) -> Option<(&'static str, &'static Value)> {
    let segments: Vec<_> = path.split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<_> = template.split('/').collect();
        let fit = |(part, segment): (&&str, &&str)| {
            part == segment || (part.starts_with('{') && !segment.is_empty())
        };
        parts.len() == segments.len() && parts.iter().zip(&segments).all(fit)
    };
    let paths =
        document()["paths"].as_object().unwrap().iter().filter(|(template, _)| fits(template));
    let (template, item) = paths.min_by_key(|(template, _)| template.matches('{').count())?;
    Some((template.as_str(), item.get(method)?))
}

/// Fails when the document does not have this status for the operation that a request reached.
pub(crate) fn assert_documented(method: &str, target: &str, status: u16) {
    let path = target.split('?').next().unwrap_or_default();
    let path = if path.starts_with(V1) { path.to_owned() } else { path.replacen(ALIAS, V1, 1) };
    let method = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
    if !METHODS.contains(&method.as_str()) {
        return;
    }
    let Some((template, operation)) = template_of(&path, &method) else { return };
    let documented = &operation["responses"];
    assert!(
        !documented[status.to_string()].is_null(),
        "{method} {template} answered {status}, which is not documented"
    );
}
