//! Invariants 1 to 3, 5, 7, 20 and 26: walking by links, filters against brute force, foreign ids.

use crate::generated_task::{GeneratedTask, PropertyServer, plan};
use proptest::prelude::*;
use serde_json::Value;
use testkit::{TestRequest, TestResponse, TestServer, V1};

/// One page as a client reads it.
struct WalkedPage {
    answer: TestResponse,
    pagination: Value,
}

impl WalkedPage {
    async fn of(server: &TestServer, roll: &GeneratedTask, query: &str) -> Self {
        let answer = server
            .send(TestRequest::get(format!("{}{query}", roll.list())).bearer(&server.key))
            .await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        let pagination = answer.json()["pagination"].clone();
        let leaf = Self { answer, pagination };
        let (items, limit) = (leaf.number("totalItems"), leaf.number("limit"));
        assert_eq!(leaf.number("totalPages"), items.div_ceil(limit));
        leaf
    }

    fn number(&self, name: &str) -> u64 {
        self.pagination[name].as_u64().unwrap()
    }

    fn link(&self, name: &str) -> Option<&str> {
        self.pagination[name].as_str()
    }

    /// The rows as they were sent, byte for byte.
    fn rows(&self) -> &str {
        let text = self.answer.text();
        let end = text.rfind("],\"pagination\":").unwrap();
        &text["{\"testInstances\":[".len()..end]
    }
}

/// Follows a link from page to page.
async fn walk(
    server: &TestServer,
    roll: &GeneratedTask,
    first: &str,
    link: &str,
) -> Vec<WalkedPage> {
    let mut leaves = vec![WalkedPage::of(server, roll, first).await];
    while let Some(query) = leaves.last().and_then(|leaf| leaf.link(link)).map(str::to_owned) {
        assert!(leaves.len() < 1000, "{query}");
        leaves.push(WalkedPage::of(server, roll, &query).await);
    }
    leaves
}

fn ids(leaves: &[WalkedPage]) -> Vec<String> {
    leaves.iter().flat_map(|leaf| leaf.answer.ids()).collect()
}

fn joined(leaves: &[WalkedPage]) -> String {
    let rows: Vec<_> =
        leaves.iter().map(WalkedPage::rows).filter(|rows| !rows.is_empty()).collect();
    rows.join(",")
}

fn encoded(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

/// Every way to look at the task: all rows, and each value that a filter can have, with the rows it
/// must give.
fn views(roll: &GeneratedTask) -> Vec<(String, Vec<String>)> {
    let mut views = vec![(String::new(), roll.ids(|_| true))];
    let mut seen: Vec<&str> = roll.people.iter().map(String::as_str).collect();
    seen.extend(roll.rows.iter().map(|row| row.owner.as_str()));
    seen.extend(["nobody", "", "\u{1f600}"].iter().filter(|value| !value.is_empty()));
    seen.sort_unstable();
    seen.dedup();
    for value in seen {
        views.push((format!("&ticketId={}", encoded(value)), roll.ids(|row| row.ticket == value)));
        let by_person = roll.ids(|row| row.ticket == value || row.owner == value);
        views.push((format!("&candidateId={}", encoded(value)), by_person));
    }
    let mut external: Vec<_> =
        roll.rows.iter().filter_map(|row| row.external_id.as_deref()).collect();
    external.extend(["EMP-1", "emp-2"]);
    external.sort_unstable();
    external.dedup();
    for value in external {
        let fits = roll.ids(|row| row.external_id.as_deref() == Some(value));
        views.push((format!("&externalId={}", encoded(value)), fits));
    }
    views
}

async fn check_view(
    server: &TestServer,
    roll: &GeneratedTask,
    filter: &str,
    expected: &[String],
    mode: &str,
) {
    let mut sequences = Vec::new();
    for limit in [1, 3, 10, 1000] {
        let leaves =
            walk(server, roll, &format!("?limit={limit}&mode={mode}{filter}"), "next").await;
        assert_eq!(ids(&leaves), expected, "{filter} {limit}");
        let items = expected.len() as u64;
        assert_eq!(leaves.len() as u64, items.div_ceil(limit).max(1), "{filter} {limit}");
        let (last, full) = leaves.split_last().unwrap();
        assert!(
            full.iter().all(|leaf| leaf.answer.ids().len() as u64 == limit),
            "{filter} {limit}"
        );
        assert!(leaves.iter().all(|leaf| leaf.number("totalItems") == items), "{filter} {limit}");
        if items > 0 {
            let number = last.number("currentPage");
            let first = format!("?limit={limit}&page={number}&mode={mode}{filter}");
            let mut back = walk(server, roll, &first, "previous").await;
            back.reverse();
            let bytes = |leaves: &[WalkedPage]| {
                leaves.iter().map(|leaf| leaf.answer.body.clone()).collect::<Vec<_>>()
            };
            assert_eq!(bytes(&back), bytes(&leaves), "{filter} {limit}");
            past_the_end(server, roll, &format!("limit={limit}&mode={mode}{filter}"), number).await;
        }
        sequences.push(joined(&leaves));
    }
    assert!(sequences.windows(2).all(|pair| pair[0] == pair[1]), "{filter}");
}

async fn past_the_end(server: &TestServer, roll: &GeneratedTask, query: &str, last: u64) {
    for beyond in [last + 1, last + 17, 9_007_199_254_740_991] {
        let leaf = WalkedPage::of(server, roll, &format!("?page={beyond}&{query}")).await;
        assert_eq!((leaf.rows(), leaf.link("next")), ("", None));
        let back = WalkedPage::of(server, roll, leaf.link("previous").unwrap()).await;
        assert_eq!(back.number("currentPage"), last);
    }
}

#[test]
fn every_walk_gives_every_matching_instance_once_in_creation_order() {
    let hall = PropertyServer::new();
    proptest!(ProptestConfig::with_cases(16), |(plan in plan(24))| {
        let roll = hall.write(&plan);
        hall.runtime.block_on(async {
            for (number, (filter, expected)) in views(&roll).iter().enumerate() {
                let mode = if number % 2 == 0 { "basic" } else { "detailed" };
                check_view(&hall.server, &roll, filter, expected, mode).await;
            }
        });
    });
}

#[test]
fn the_candidates_lists_add_up_to_the_whole() {
    let hall = PropertyServer::new();
    proptest!(ProptestConfig::with_cases(20), |(plan in plan(60))| {
        let roll = hall.write(&plan);
        hall.runtime.block_on(async {
            let all = WalkedPage::of(&hall.server, &roll, "?limit=1000").await;
            let mut sum = 0;
            for person in &roll.people {
                sum += WalkedPage::of(&hall.server, &roll, &format!("?ticketId={person}")).await.number("totalItems");
            }
            assert_eq!(sum, all.number("totalItems"));
        });
    });
}

#[test]
fn what_belongs_to_another_organization_looks_like_what_never_was() {
    let hall = PropertyServer::new();
    let (other, key) = hall.runtime.block_on(async {
        let server = &hall.server;
        let other =
            server.test_app.app.organizations().create_organization("Other").await.unwrap().id;
        let key = server.new_key(&other, &testkit::INTEGRATION_SCOPES).await;
        (server.task_of(&other, 1).await.id.to_string(), key)
    });
    let random = "[A-Za-z0-9_-]{1,64}|[^\0/%?#&=+ ]{1,20}|Ti[0-9A-Za-z]{18}";
    proptest!(ProptestConfig::with_cases(32), |(plan in plan(8), random in random)| {
        let roll = hall.write(&plan);
        hall.runtime.block_on(async {
            let ask = async |key: &str, target: String| hall.server.send(TestRequest::get(target).bearer(key)).await;
            let alike = |left: &TestResponse, right: &TestResponse| {
                assert_eq!((left.status, left.text()), (right.status, right.text()));
                assert_eq!(left.lasting_headers(), right.lasting_headers());
            };
            let random = encoded(&random);
            let never = ask(&key, format!("{}/tasks/{random}/test-instances", V1)).await;
            assert_eq!(never.status, 404);
            alike(&ask(&key, roll.list()).await, &never);
            for mode in ["basic", "detailed"] {
                let fetch = |task: &str, id: &str| format!("{V1}/tasks/{task}/test-instances/{id}?mode={mode}");
                let never = ask(&key, fetch(&other, &random)).await;
                assert_eq!(never.status, 404);
                for row in &roll.rows {
                    alike(&ask(&key, fetch(&roll.task, &row.id)).await, &never);
                    alike(&ask(&key, fetch(&other, &row.id)).await, &never);
                    // An id of the own organization under another task.
                    alike(&ask(&hall.server.key, fetch(&other, &row.id)).await, &never);
                }
            }
            let filters =
                [("ticketId", roll.people[3].as_str()), ("candidateId", &hall.users[0]), ("externalId", "EMP-1")];
            for (name, value) in filters {
                let list = |value: &str| format!("{V1}/tasks/{other}/test-instances?{name}={value}");
                let (foreign, never) = (ask(&key, list(value)).await, ask(&key, list(&random)).await);
                assert_eq!((foreign.status, &foreign.body), (200, &never.body));
            }
        });
    });
}
