//! How a case of the table is written down and checked.

use crate::case_fixture::CaseFixture;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::{TestRequest, TestResponse};

/// One line of the table: every request in it must be answered as expected.
pub struct ApiCase {
    pub number: u32,
    /// What the case shows.
    pub says: &'static str,
    pub asks: Vec<CaseRequest>,
    pub expected: ExpectedReply,
    /// Response headers that must be there.
    pub headers: Vec<(&'static str, &'static str)>,
}

/// A request of a case. Short names in braces are filled in.
#[derive(Clone)]
pub struct CaseRequest {
    pub method: &'static str,
    pub path: &'static str,
    pub query: String,
    pub headers: Vec<(&'static str, &'static str)>,
    /// `Basic` with the pair, instead of the scheme in `headers`.
    pub basic: Option<(&'static str, &'static str)>,
    pub body: &'static str,
}

pub enum ExpectedReply {
    Page(ExpectedPage),
    Problem {
        status: u16,
        code: &'static str,
        /// Members each entry must have, in order; null is a member it must not have.
        errors: Vec<Value>,
    },
    /// The body of another case.
    Same(u32),
    /// Body and headers of another case.
    Twin(u32),
    Check(fn(&CaseRun<'_>, &TestResponse)),
}

/// A page as a whole: its rows and the pagination object.
pub struct ExpectedPage {
    pub rows: Vec<usize>,
    pub totals: (u64, u64),
    pub current: u64,
    pub limit: u64,
    pub next: Option<&'static str>,
    pub previous: Option<&'static str>,
    pub check: Option<fn(&Value)>,
}

/// The cases answered so far; each by the first of its requests.
pub struct CaseRun<'class> {
    pub class: &'class CaseFixture,
    answers: BTreeMap<u32, TestResponse>,
}

pub fn ask(query: &str) -> CaseRequest {
    let path = "/api/integration/rest/v1/tasks/{T1}/test-instances";
    let headers = vec![("authorization", "Bearer {K1}")];
    CaseRequest { method: "GET", path, query: query.to_owned(), headers, basic: None, body: "" }
}

impl CaseRequest {
    pub fn at(self, path: &'static str) -> Self {
        Self { path, ..self }
    }

    /// With this `Authorization`, or none.
    pub fn authorized(mut self, line: Option<&'static str>) -> Self {
        self.headers.retain(|(name, _)| *name != "authorization");
        self.headers.extend(line.map(|line| ("authorization", line)));
        self
    }

    pub fn basic(self, organization: &'static str, key: &'static str) -> Self {
        Self { basic: Some((organization, key)), ..self.authorized(None) }
    }

    pub fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    pub fn method(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    pub fn body(self, body: &'static str) -> Self {
        Self { body, ..self }
    }
}

fn case(number: u32, says: &'static str, queries: &[&str], expected: ExpectedReply) -> ApiCase {
    let asks = queries.iter().map(|query| ask(query)).collect();
    ApiCase { number, says, asks, expected, headers: Vec::new() }
}

pub fn page(number: u32, says: &'static str, queries: &[&str], expected: ExpectedPage) -> ApiCase {
    case(number, says, queries, ExpectedReply::Page(expected))
}

pub fn same(number: u32, says: &'static str, queries: &[&str], other: u32) -> ApiCase {
    case(number, says, queries, ExpectedReply::Same(other))
}

pub fn check(
    number: u32,
    says: &'static str,
    queries: &[&str],
    check: fn(&CaseRun<'_>, &TestResponse),
) -> ApiCase {
    case(number, says, queries, ExpectedReply::Check(check))
}

/// A 400 whose entries all lie in the query.
pub fn faults(
    number: u32,
    says: &'static str,
    queries: &[&str],
    code: &'static str,
    errors: Vec<Value>,
) -> ApiCase {
    case(number, says, queries, ExpectedReply::Problem { status: 400, code, errors })
}

/// A refusal without entries.
pub fn refused(number: u32, says: &'static str, status: u16, code: &'static str) -> ApiCase {
    case(number, says, &[""], ExpectedReply::Problem { status, code, errors: Vec::new() })
}

/// An entry for a query parameter.
pub fn fault(code: &str, name: &str) -> Value {
    json!({ "in": "query", "name": name, "code": code })
}

impl ApiCase {
    /// Sends these requests instead.
    pub fn with_requests(self, asks: Vec<CaseRequest>) -> Self {
        Self { asks, ..self }
    }

    pub fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// The rows of a page; what is not said is what a single page with the default limit has.
pub fn rows(rows: impl IntoIterator<Item = usize>) -> ExpectedPage {
    let rows: Vec<_> = rows.into_iter().collect();
    let (items, pages) = (rows.len() as u64, u64::from(!rows.is_empty()));
    ExpectedPage {
        rows,
        totals: (items, pages),
        current: 1,
        limit: 10,
        next: None,
        previous: None,
        check: None,
    }
}

impl ExpectedPage {
    pub fn of(self, items: u64, pages: u64) -> Self {
        Self { totals: (items, pages), ..self }
    }

    /// The page asked for.
    pub fn at(self, limit: u64, current: u64) -> Self {
        Self { limit, current, ..self }
    }

    pub fn next(self, next: &'static str) -> Self {
        Self { next: Some(next), ..self }
    }

    pub fn previous(self, previous: &'static str) -> Self {
        Self { previous: Some(previous), ..self }
    }

    /// With a look at the rows.
    pub fn where_rows(self, check: fn(&Value)) -> Self {
        Self { check: Some(check), ..self }
    }

    fn verify(&self, class: &CaseFixture, answer: &TestResponse, label: &str) {
        assert_eq!(answer.status, 200, "{label}: {}", answer.text());
        let body = answer.json();
        assert_eq!(answer.ids(), class.ids(self.rows.iter().copied()), "{label}");
        let link = |link: Option<&str>| link.map_or(Value::Null, |text| class.fill(text).into());
        let expected = json!({
            "totalItems": self.totals.0, "totalPages": self.totals.1, "currentPage": self.current, "limit": self.limit,
            "next": link(self.next), "previous": link(self.previous),
        });
        // Compared as text: the order of the keys counts.
        assert_eq!(body["pagination"].to_string(), expected.to_string(), "{label}");
        if let Some(check) = self.check {
            check(&body["testInstances"]);
        }
    }
}

impl<'class> CaseRun<'class> {
    pub fn new(class: &'class CaseFixture) -> Self {
        Self { class, answers: BTreeMap::new() }
    }

    pub fn answer(&self, number: u32) -> &TestResponse {
        &self.answers[&number]
    }

    pub async fn run(&mut self, case: ApiCase) {
        for request in &case.asks {
            let answer = self.class.server.send(self.request(request)).await;
            let label = format!(
                "case {}, {}: {} {}",
                case.number, case.says, request.method, request.query
            );
            self.verify(&case, &answer, &label);
            self.answers.entry(case.number).or_insert(answer);
        }
    }

    fn request(&self, request: &CaseRequest) -> TestRequest {
        let target = self.class.fill(&format!("{}{}", request.path, request.query));
        let mut sent = TestRequest::new(request.method, target).body(request.body);
        for (name, value) in &request.headers {
            let tag = self.answers.get(&1).map_or("", |first| first.tag());
            sent = sent.header(name, self.class.fill(&value.replace("{TAG1}", tag)));
        }
        match request.basic {
            Some((organization, key)) => {
                sent.basic(&self.class.fill(organization), &self.class.fill(key))
            }
            None => sent,
        }
    }

    fn verify(&self, case: &ApiCase, answer: &TestResponse, label: &str) {
        match &case.expected {
            ExpectedReply::Page(page) => page.verify(self.class, answer, label),
            ExpectedReply::Problem { status, code, errors } => {
                verify_problem(answer, *status, code, errors, label)
            }
            ExpectedReply::Same(other) => {
                let other = self.answer(*other);
                assert_eq!((answer.status, &answer.body), (other.status, &other.body), "{label}");
            }
            ExpectedReply::Twin(other) => {
                let other = self.answer(*other);
                assert_eq!((answer.status, &answer.body), (other.status, &other.body), "{label}");
                assert_eq!(answer.lasting_headers(), other.lasting_headers(), "{label}");
            }
            ExpectedReply::Check(check) => check(self, answer),
        }
        for (name, value) in &case.headers {
            assert_eq!(answer.header(name), *value, "{label}");
        }
        verify_every(answer, label);
    }
}

fn verify_problem(answer: &TestResponse, status: u16, code: &str, errors: &[Value], label: &str) {
    let body = answer.json();
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (status, code),
        "{label}: {}",
        answer.text()
    );
    assert_eq!(answer.header("content-type"), "application/problem+json", "{label}");
    assert_eq!(body["status"], status, "{label}");
    assert!(body["type"].as_str().unwrap().ends_with(&format!("/problems/{code}")), "{label}");
    let entries = body["errors"].as_array().unwrap();
    assert_eq!(entries.len(), errors.len(), "{label}: {}", answer.text());
    for (entry, expected) in entries.iter().zip(errors) {
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&entry[name], value, "{label}: {entry}");
        }
        assert!(!entry["message"].as_str().unwrap().is_empty(), "{label}");
    }
}

/// What 1.4 promises of every response.
fn verify_every(answer: &TestResponse, label: &str) {
    assert_eq!(answer.header("cache-control"), "private, no-cache", "{label}");
    assert_eq!(answer.header("vary"), "Authorization, Accept-Encoding", "{label}");
    assert!(!answer.header("x-request-id").is_empty(), "{label}");
    if answer.status == 200 {
        assert_eq!(answer.header("content-type"), "application/json", "{label}");
        let tag = answer.tag();
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2, "{label}: {tag}");
    }
}
