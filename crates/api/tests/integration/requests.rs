//! Invariants 19, 21 and 29: the same answer by every road, no slip answered with 200, every fault
//! told.

use crate::case_fixture::CaseFixture;
use proptest::prelude::*;
use serde_json::Value;
use testkit::{TestRequest, TestResponse, V1};
use tokio::runtime::Runtime;

const ALIAS: &str = "/api/integration/rest";

/// The class with a runtime; read only.
struct ReadOnlyServer {
    class: CaseFixture,
    runtime: Runtime,
}

impl ReadOnlyServer {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let class = runtime.block_on(CaseFixture::new());
        Self { class, runtime }
    }

    fn send(&self, sent: TestRequest) -> TestResponse {
        self.runtime.block_on(self.class.server.send(sent))
    }

    fn get(&self, target: &str) -> TestResponse {
        self.send(TestRequest::get(target).bearer(self.class.value("K1")))
    }

    fn addresses(&self) -> [String; 2] {
        ["/tasks/{T1}/test-instances", "/tasks/{T1}/test-instances/{I02}"]
            .map(|path| self.class.fill(path))
    }
}

/// A query of the list without a fault.
fn sound() -> impl Strategy<Value = Vec<String>> {
    let limit = prop::option::of((1..=1000_u32).prop_map(|limit| format!("limit={limit}")));
    let page = prop::option::of(
        prop_oneof![1..5_u64, 1..9_007_199_254_740_992_u64].prop_map(|page| format!("page={page}")),
    );
    let mode = prop::option::of(
        prop::sample::select(vec!["mode=basic", "mode=detailed"]).prop_map(str::to_owned),
    );
    let filters = vec![
        "ticketId={C1}",
        "candidateId={U2}",
        "externalId=EMP-2",
        "externalId=A%26B+1%2B1",
        "ticketId=x",
    ];
    let filter = prop::option::of(prop::sample::select(filters).prop_map(str::to_owned));
    (limit, page, mode, filter)
        .prop_map(|(limit, page, mode, filter)| {
            [limit, page, mode, filter].into_iter().flatten().collect::<Vec<_>>()
        })
        .prop_shuffle()
}

#[test]
fn prefix_scheme_and_accept_do_not_change_the_body() {
    let fixture = ReadOnlyServer::new();
    let accept = "[a-z*]{1,8}/[a-z*]{1,8}(;q=0\\.[0-9])?|\\*/\\*|text/html";
    proptest!(ProptestConfig::with_cases(96), |(query in sound(), accept in accept)| {
        let query = fixture.class.fill(&query.join("&"));
        let path = &fixture.addresses()[0];
        let (key, organization) = (fixture.class.value("K1"), fixture.class.value("O1"));
        let first = fixture.get(&format!("{V1}{path}?{query}"));
        prop_assert_eq!(first.status, 200);
        let basic = TestRequest::get(format!("{ALIAS}{path}?{query}")).basic(organization, key).header("accept", accept);
        let second = fixture.send(basic);
        prop_assert_eq!(&first.body, &second.body);
        prop_assert_eq!(first.lasting_headers(), second.lasting_headers());
    });
}

/// A piece that spoils a query, whatever else is in it; `None` repeats one of the others.
fn slip() -> impl Strategy<Value = Option<String>> {
    let existing = prop::sample::select(vec![
        "mode",
        "limit",
        "page",
        "ticketId",
        "candidateId",
        "externalId",
    ]);
    let empty = (existing, prop::sample::select(vec!["", "="]))
        .prop_map(|(name, end)| format!("{name}{end}"));
    let unknown =
        ("[a-zA-Z_]{1,12}", "[a-z0-9]{0,3}").prop_map(|(name, value)| format!("x{name}={value}"));
    prop_oneof![Just(None), empty.prop_map(Some), unknown.prop_map(Some)]
}

#[test]
fn no_unknown_repeated_or_empty_parameter_answers_200() {
    let fixture = ReadOnlyServer::new();
    let spoiled = (sound(), slip(), any::<prop::sample::Index>(), any::<bool>());
    proptest!(ProptestConfig::with_cases(256), |((query, slip, at, second) in spoiled)| {
        let mut query = query;
        let repeat = query.first().cloned().unwrap_or_else(|| "page=1&page=1".to_owned());
        query.insert(at.index(query.len() + 1), slip.unwrap_or(repeat));
        let query = fixture.class.fill(&query.join("&"));
        let answer = fixture.get(&format!("{V1}{}?{query}", fixture.addresses()[usize::from(second)]));
        prop_assert_eq!(answer.status, 400, "{}", query);
        let reported = ["unknown_parameter", "repeated_parameter", "empty_value"];
        let entries = answer.json()["errors"].as_array().cloned().unwrap();
        prop_assert!(entries.iter().any(|entry| reported.contains(&entry["code"].as_str().unwrap())), "{}", query);
    });
}

/// Faults that have nothing to do with each other: a faulty piece of the request, and what mends
/// it.
const FAULTS: [(&str, &str); 8] = [
    ("limit=0", "limit=3"),
    ("page=x", "page=2"),
    ("mode=full", "mode=basic"),
    ("externalId=%C3", "externalId=EMP-2"),
    ("Limit=5", ""),
    ("a%00b=1", ""),
    ("=", ""),
    ("zzz", ""),
];

/// Sends a request with these faults of the query, a broken path and a body.
fn ask(fixture: &ReadOnlyServer, is_faulty: &[bool], path: bool, body: bool) -> (u16, Vec<Value>) {
    let pieces: Vec<_> = FAULTS
        .iter()
        .zip(is_faulty)
        .map(|((bad, good), faulty)| if *faulty { *bad } else { *good })
        .collect();
    let task = if path { "%ZZ" } else { fixture.class.value("T1") };
    let target = format!("{V1}/tasks/{task}/test-instances?{}", pieces.join("&"));
    let sent = TestRequest::get(target).bearer(fixture.class.value("K1")).body(if body {
        "{}"
    } else {
        ""
    });
    let answer = fixture.send(sent);
    let entries = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    let codes: std::collections::BTreeSet<_> =
        entries.iter().map(|entry| entry["code"].as_str().unwrap()).collect();
    if answer.status == 400 {
        let code = if codes.len() == 1 { codes.first().unwrap() } else { "validation_failed" };
        assert_eq!(answer.code(), code);
    }
    (answer.status, entries)
}

#[test]
fn each_of_n_faults_is_told_among_the_others_and_alone() {
    let fixture = ReadOnlyServer::new();
    let query = prop::collection::vec(any::<bool>(), FAULTS.len());
    proptest!(ProptestConfig::with_cases(96), |(query in query, path in any::<bool>(), body in any::<bool>())| {
        let mut faulty = vec![path];
        faulty.extend(&query);
        faulty.push(body);
        let last = faulty.len() - 1;
        let (status, together) = ask(&fixture, &query, path, body);
        let expected = faulty.iter().filter(|faulty| **faulty).count();
        prop_assert_eq!((status, together.len()), (if expected == 0 { 200 } else { 400 }, expected));
        let mut alone = Vec::new();
        for at in (0..faulty.len()).filter(|at| faulty[*at]) {
            let only: Vec<_> = (1..last).map(|other| other == at).collect();
            let (status, entries) = ask(&fixture, &only, at == 0, at == last);
            prop_assert_eq!((status, entries.len()), (400, 1));
            alone.extend(entries);
        }
        // In the order sent, the path first and the body last.
        prop_assert_eq!(together, alone);
    });
}
