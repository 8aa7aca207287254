//! Refusals as RFC 9457 problems (REST specification, 1.5) and the table of their codes.
//!
//! A [`Problem`] travels inside a response until [`render`] writes it, because only the outermost
//! layer knows the public base URL. Must never print internals: a problem holds codes and what the
//! caller sent.

use crate::error_codes::{self, ErrorCodeDoc};
use app::failure::MissingRight;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::document::DocumentFault;
use domain::fault::{ErrorCode, Fault, Faults};
use domain::instance::Scope;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::Write as _;

/// Seconds after which a client may try again when the server was unavailable.
const PAUSE: u64 = 1;

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    faults: Faults,
    document: Vec<DocumentFault>,
    slots: Vec<u32>,
    retry_after: Option<u64>,
    /// The scope that would be needed.
    missing_scope: Option<Scope>,
}

impl Problem {
    /// The problem of a code that stands for the whole request, without a list of faults.
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        let status = StatusCode::from_u16(code.status()).expect("the statuses of codes are valid");
        let retry_after =
            matches!(code, ErrorCode::Unavailable | ErrorCode::RateLimited).then_some(PAUSE);
        Self {
            status,
            code: code.as_str(),
            detail: code.meaning().into(),
            faults: Faults::new(),
            document: Vec::new(),
            slots: Vec::new(),
            retry_after,
            missing_scope: None,
        }
    }

    /// A refusal whose code belongs to another closed set than [`ErrorCode`], as those of delivery
    /// and management do.
    #[must_use]
    pub fn refusal(
        status: StatusCode,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            faults: Faults::new(),
            document: Vec::new(),
            slots: Vec::new(),
            retry_after: None,
            missing_scope: None,
        }
    }

    /// The caller lacks a right; a scope is named in the header as well (RFC 6750, 3.1).
    #[must_use]
    pub fn missing_right(missing: &MissingRight) -> Self {
        let missing_scope = match missing {
            MissingRight::Scope(scope) => Some(*scope),
            MissingRight::Permission(right) => Some(right.scope()),
            MissingRight::WholeOrganization | MissingRight::WiderKey(_) => Some(Scope::Manage),
            MissingRight::Operator => None,
        };
        Self {
            detail: missing.to_string().into(),
            missing_scope,
            ..Self::new(ErrorCode::InsufficientScope)
        }
    }

    /// The faults of a test document, each with its code and place.
    #[must_use]
    pub fn from_document_faults(faults: Vec<DocumentFault>) -> Self {
        let code = match faults.as_slice() {
            [first, rest @ ..] if rest.iter().all(|fault| fault.code == first.code) => {
                first.code.as_str()
            }
            _ => ErrorCode::ValidationFailed.as_str(),
        };
        let detail = format!("The test document has {} faults.", faults.len());
        Self { document: faults, ..Self::refusal(StatusCode::BAD_REQUEST, code, detail) }
    }

    /// The same problem, naming the slots (from 1) it is about.
    #[must_use]
    pub fn with_slots(mut self, slots: Vec<u32>) -> Self {
        self.slots = slots;
        self
    }

    /// The same problem, telling the client to wait so many seconds.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The status with which it is sent.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code that clients go by.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// What is wrong with the request, each fault with its place; empty for other problems.
    #[must_use]
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    fn to_json_bytes(&self, base: &str) -> Vec<u8> {
        let printed = ProblemBody {
            r#type: format!("{base}/problems/{}", self.code),
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            errors: self.errors(),
            slots: &self.slots,
            more_errors: (self.faults.count_beyond_limit() > 0)
                .then_some(self.faults.count_beyond_limit()),
        };
        serde_json::to_vec(&printed).expect("a problem always serialises")
    }
}

impl Problem {
    fn errors(&self) -> Vec<ProblemEntry<'_>> {
        let of_document =
            self.document.iter().map(|fault| ProblemEntry::Document { r#in: "body", fault });
        self.faults.entries().iter().map(ProblemEntry::Request).chain(of_document).collect()
    }
}

impl From<ErrorCode> for Problem {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        let detail = match faults.entries() {
            [only] if faults.count_beyond_limit() == 0 => only.message(),
            several => {
                let number = faults
                    .count_beyond_limit()
                    .saturating_add(u64::try_from(several.len()).unwrap_or(u64::MAX));
                format!("The request has {number} faults.")
            }
        };
        Self { detail: detail.into(), faults: faults.clone(), ..Self::new(faults.code()) }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Faults::from(fault).into()
    }
}

/// The status and headers at once; the body when [`render`] sees the response.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(scope) = self.missing_scope {
            let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
            headers.extend(
                HeaderValue::try_from(challenge)
                    .ok()
                    .map(|challenge| (header::WWW_AUTHENTICATE, challenge)),
            );
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the body of a problem, if the response holds one. `base` is the public base URL without a
/// final slash.
pub fn render(mut response: Response, base: &str) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    let bytes = problem.to_json_bytes(base);
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    *response.body_mut() = Body::from(bytes);
    response
}

#[derive(Serialize)]
struct ProblemBody<'problem> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'problem str,
    code: &'static str,
    errors: Vec<ProblemEntry<'problem>>,
    #[serde(skip_serializing_if = "<[u32]>::is_empty")]
    slots: &'problem [u32],
    #[serde(rename = "moreErrors", skip_serializing_if = "Option::is_none")]
    more_errors: Option<u64>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ProblemEntry<'problem> {
    Request(&'problem Fault),
    Document {
        r#in: &'static str,
        #[serde(flatten)]
        fault: &'problem DocumentFault,
    },
}

/// The page `docs/errors.md`.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from(
        "# Error codes\n\nEvery refusal is a problem of RFC 9457 with one of these codes in `code`, and faults in \
         `errors` when the status is 400.\nThis page is generated from the codes themselves; a test fails when it \
         differs. A server shows each at `/problems/{code}`.\n",
    );
    let common = ErrorCode::ALL.iter().map(|code| ErrorCodeDoc {
        code: code.as_str(),
        status: code.status(),
        meaning: code.meaning().to_owned(),
    });
    let tables = [
        ("Every API", common.collect()),
        ("Delivery and management", error_codes::refusal_codes()),
        ("Test documents", error_codes::document_codes()),
    ];
    for (heading, existing) in tables {
        let table = "| code | status | meaning |\n| --- | --- | --- |";
        writeln!(text, "\n## {heading}\n\n{table}").expect("a string takes all text");
        for ErrorCodeDoc { code, status, meaning } in existing {
            writeln!(text, "| `{code}` | {status} | {meaning} |").expect("a string takes all text");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::fault::FaultLocation;

    fn printed(problem: &Problem) -> String {
        String::from_utf8(problem.to_json_bytes("https://assess.example.org")).unwrap()
    }

    #[test]
    fn a_single_fault_gives_the_problem_its_code_and_sentence() {
        let problem = Problem::from(Fault::out_of_range(FaultLocation::query("limit"), 1, 1000));
        let expected = r#"{"type":"https://assess.example.org/problems/out_of_range","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 1000.","code":"out_of_range","errors":[{"in":"query","name":"limit","code":"out_of_range","message":"limit must be an integer from 1 to 1000.","minimum":1,"maximum":1000}]}"#;
        assert_eq!(printed(&problem), expected);
    }

    #[test]
    fn faults_beyond_a_hundred_are_counted_in_more_errors() {
        let mut faults = Faults::new();
        faults
            .extend((0..250).map(|_| Fault::out_of_range(FaultLocation::query("limit"), 1, 1000)));
        let body: serde_json::Value = serde_json::from_str(&printed(&faults.into())).unwrap();
        assert_eq!(body["moreErrors"], 150);
        assert_eq!(body["errors"].as_array().unwrap().len(), 100);
        assert_eq!(body["detail"], "The request has 250 faults.");
    }

    #[test]
    fn other_problems_have_an_empty_list_of_errors() {
        let problem = Problem::new(ErrorCode::NotFound);
        let expected = r#"{"type":"https://assess.example.org/problems/not_found","title":"Not Found","status":404,"detail":"There is no such resource.","code":"not_found","errors":[]}"#;
        assert_eq!(printed(&problem), expected);
    }

    #[test]
    fn refusals_that_may_be_repeated_say_when() {
        let header = |problem: Problem, name| problem.into_response().headers().get(name).cloned();
        assert_eq!(header(Problem::new(ErrorCode::Unavailable), header::RETRY_AFTER).unwrap(), "1");
        assert_eq!(
            header(Problem::new(ErrorCode::RateLimited).retry_after(9), header::RETRY_AFTER)
                .unwrap(),
            "9"
        );
        assert_eq!(
            header(Problem::new(ErrorCode::Unauthenticated), header::WWW_AUTHENTICATE).unwrap(),
            "Bearer"
        );
        assert_eq!(header(Problem::new(ErrorCode::InternalError), header::RETRY_AFTER), None);
    }

    #[test]
    fn the_page_of_error_codes_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, reference()).unwrap();
        }
        let stored = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(stored, reference(), "run the tests once with UPDATE_DOCS=1");
    }
}
