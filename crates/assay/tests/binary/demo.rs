//! `demo`: what a newcomer sees first.

use crate::support::{Place, Server};
use serde_json::Value;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

fn key(server: &Server) -> &str {
    server.announced["privateKey"].as_str().unwrap()
}

fn tasks(server: &Server) -> Vec<String> {
    let tasks = server.announced["tasks"].as_array().unwrap();
    tasks.iter().map(|task| task["taskId"].as_str().unwrap().to_owned()).collect()
}

fn list(server: &Server, task: &str, query: &str) -> Vec<Value> {
    let page = server.json(&format!("/api/integration/rest/v1/tasks/{task}/test-instances?{query}"), key(server));
    page["testInstances"].as_array().unwrap().clone()
}

#[test]
fn other_machines_are_let_in_only_when_told_twice() {
    let place = Place::new();
    let done = place.run(&["demo", "--listen", "0.0.0.0:0"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("--expose"), "{}", done.err);
    assert!(!place.data_dir().exists());
}

#[test]
fn a_directory_with_something_else_in_it_is_left_alone() {
    let place = Place::new();
    place.line(&["org", "create", "Example"]);
    let done = place.run(&["demo", "--listen", "127.0.0.1:0"]);
    assert_eq!(done.code, 4);
    assert!(done.err.contains("--data-dir"), "{}", done.err);
}

#[test]
fn every_state_is_there_in_both_modes_and_the_next_run_keeps_key_and_results() {
    let place = Place::new();
    let server = place.demo();
    let all = |server: &Server, mode: &str| -> Vec<Value> {
        tasks(server).iter().flat_map(|task| list(server, task, &format!("limit=1000&mode={mode}"))).collect()
    };
    let rows = all(&server, "detailed");
    assert_eq!(tasks(&server).len(), 3);
    let words = |of: &dyn Fn(&Value) -> String| rows.iter().map(of).collect::<BTreeSet<_>>();
    let of_status = words(&|row| row["status"].as_str().unwrap().to_owned());
    assert_eq!(of_status.into_iter().collect::<Vec<_>>(), ["COMPLETE", "RESETUP", "STARTED"]);
    assert_eq!(words(&|row| row["candidate"]["kind"].as_str().unwrap().to_owned()).len(), 2);
    assert_eq!(words(&|row| row["ignored"].to_string()).len(), 2);
    let registrations = words(&|row| row["ticketId"].as_str().unwrap().to_owned()).len();
    assert!((35..=40).contains(&registrations) && rows.len() > registrations, "{registrations} {}", rows.len());
    for row in &rows {
        assert_eq!(row["result"] == false, row["status"] != "COMPLETE", "{row}");
    }
    assert_eq!(all(&server, "basic").len(), rows.len());
    let waiting = server.json("/api/management/v1/evaluations", key(&server));
    assert!(waiting.to_string().contains("\"seq\""), "{waiting}");

    let (key_before, tasks_before) = (key(&server).to_owned(), tasks(&server));
    let mode = std::fs::metadata(place.data_dir().join("demo-key")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert!(!place.data_dir().join("making").exists());
    assert_eq!(server.stop(), 0);
    let again = place.demo();
    assert_eq!((key(&again), tasks(&again)), (key_before.as_str(), tasks_before));
    assert_eq!(all(&again, "detailed"), rows);
    assert_eq!(place.run(&["doctor"]).code, 0);
}

#[test]
fn walking_all_pages_meets_every_instance_once_in_both_directions() {
    let place = Place::new();
    let server = place.demo();
    let first = tasks(&server).remove(0);
    let whole: Vec<Value> = list(&server, &first, "limit=1000");
    for limit in [1, 3, 10, 1000] {
        let start = format!("/api/integration/rest/v1/tasks/{first}/test-instances?limit={limit}");
        let (forwards, last) = walk(&server, start, "next");
        assert_eq!(forwards, whole);
        let (mut backwards, _) = walk(&server, last, "previous");
        backwards.sort_by_key(|row| whole.iter().position(|known| known == row));
        assert_eq!(backwards, whole);
    }
}

/// The rows met by following a link from page to page, and the address of the last page.
fn walk(server: &Server, start: String, link: &str) -> (Vec<Value>, String) {
    let (mut rows, mut at) = (Vec::new(), start);
    loop {
        let page = server.json(&at, key(server));
        rows.extend(page["testInstances"].as_array().unwrap().iter().cloned());
        match page["pagination"][link].as_str() {
            // Links are relative to the API's address or absolute; both lead to the same path.
            Some(next) => at = path_of(&at, next),
            None => return (rows, at),
        }
    }
}

fn path_of(at: &str, link: &str) -> String {
    match link.find("/api/") {
        Some(begin) => link[begin..].to_owned(),
        None => format!("{}?{}", at.split('?').next().unwrap(), link.split('?').next_back().unwrap()),
    }
}
