//! Cases 47, 48, 51 to 56, 58 to 62 and 67: who may ask, by which path and method, and what a
//! client keeps.

use crate::case::{ApiCase, CaseRequest, CaseRun, ask, check, page, refused, rows, same};
use testkit::TestResponse;

pub fn cases() -> Vec<ApiCase> {
    [keys(), paths(), representations()].into_iter().flatten().collect()
}

fn foreign() -> CaseRequest {
    ask("").at("/api/integration/rest/v1/tasks/{T9}/test-instances")
}

fn missing() -> CaseRequest {
    ask("").at("/api/integration/rest/v1/tasks/nosuchtask/test-instances")
}

fn keys() -> Vec<ApiCase> {
    let unusable = [
        "Bearer unknown",
        "Bearer {KREVOKED}",
        "Bearer {KEXPIRED}",
        "Bearer",
        "Digest {K1}",
        "{K1}",
    ];
    let twice = ask("").header("authorization", "Bearer {K1}");
    let unusable =
        unusable.iter().map(|line| ask("").authorized(Some(line))).chain([twice]).collect();
    let narrow = || Some("Bearer {KC}");
    vec![
        refused(51, "without a key nothing else is told", 401, "unauthenticated")
            .with_requests(vec![ask("?limit=0").authorized(None)])
            .with_header("www-authenticate", "Bearer"),
        twin(52, "every unusable key looks the same", 51).with_requests(unusable),
        twin(53, "the Basic scheme gives the same", 1)
            .with_requests(vec![ask("").basic("{O1}", "{K1}")]),
        refused(54, "a key of another organisation", 401, "unauthenticated")
            .with_requests(vec![ask("").basic("{O9}", "{K1}")]),
        refused(
            55,
            "a key without the scope learns nothing about tasks",
            403,
            "insufficient_scope",
        )
        .with_requests(vec![
            ask("").authorized(narrow()),
            foreign().authorized(narrow()),
            missing().authorized(narrow()),
        ]),
        refused(56, "a key in the URL is no key", 401, "unauthenticated")
            .with_requests(vec![ask("?key={K1}").authorized(None)]),
    ]
}

fn twin(number: u32, says: &'static str, other: u32) -> ApiCase {
    ApiCase {
        expected: crate::case::ExpectedReply::Twin(other),
        ..same(number, says, &[""], other)
    }
}

fn paths() -> Vec<ApiCase> {
    vec![
        refused(47, "a task that never was", 404, "not_found").with_requests(vec![missing()]),
        twin(48, "a task of another organisation looks the same", 47)
            .with_requests(vec![foreign()]),
        twin(58, "the alias without a version", 1)
            .with_requests(vec![ask("").at("/api/integration/rest/tasks/{T1}/test-instances")]),
        refused(59, "a trailing slash makes another path", 404, "unknown_route")
            .with_requests(vec![ask("").at("/api/integration/rest/v1/tasks/{T1}/test-instances/")]),
        refused(60, "other methods are told which there are", 405, "method_not_allowed")
            .with_requests(vec![ask("").method("POST"), ask("").method("DELETE")])
            .with_header("allow", "GET, HEAD"),
    ]
}

fn representations() -> Vec<ApiCase> {
    let first = || rows(1..=10).of(23, 3).next("?limit=10&page=2&mode=basic");
    vec![
        check(61, "HEAD has the headers of GET and no body", &[], headers_of_case_1)
            .with_requests(vec![ask("").method("HEAD")]),
        check(62, "a client that has the list gets 304", &[], not_modified)
            .with_requests(vec![ask("").header("if-none-match", "{TAG1}")]),
        twin(67, "Accept is ignored", 1).with_requests(vec![ask("").header("accept", "text/html")]),
        page(67, "Accept changes no row", &[], first())
            .with_requests(vec![ask("").header("accept", "application/xml;q=0")]),
    ]
}

fn headers_of_case_1(run: &CaseRun<'_>, answer: &TestResponse) {
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.lasting_headers(), run.answer(1).lasting_headers());
    assert_eq!(answer.header("content-length"), run.answer(1).body.len().to_string());
}

fn not_modified(run: &CaseRun<'_>, answer: &TestResponse) {
    assert_eq!((answer.status, answer.body.len()), (304, 0));
    assert_eq!(answer.tag(), run.answer(1).tag());
}
