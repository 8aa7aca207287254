//! `demo`: what a newcomer sees first.

use crate::support::{ServerProcess, TestSandbox};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

fn key(server: &ServerProcess) -> &str {
    server.announced["privateKey"].as_str().unwrap()
}

fn tasks(server: &ServerProcess) -> Vec<String> {
    let tasks = server.announced["tasks"].as_array().unwrap();
    tasks.iter().map(|task| task["taskId"].as_str().unwrap().to_owned()).collect()
}

fn list(server: &ServerProcess, task: &str, query: &str) -> Vec<Value> {
    let page = server.json(
        &format!("/api/integration/rest/v1/tasks/{task}/test-instances?{query}"),
        key(server),
    );
    page["testInstances"].as_array().unwrap().clone()
}

#[test]
fn other_machines_are_let_in_only_when_told_twice() {
    let place = TestSandbox::embedded();
    let done = place.run(&["demo", "--listen", "0.0.0.0:0"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("--expose"), "{}", done.err);
    assert!(!place.data_dir().exists());
}

#[test]
fn a_directory_with_something_else_in_it_is_left_alone() {
    let place = TestSandbox::embedded();
    place.line(&["org", "create", "Example"]);
    let done = place.run(&["demo", "--listen", "127.0.0.1:0"]);
    assert_eq!(done.code, 4);
    assert!(done.err.contains("--data-dir"), "{}", done.err);
}

#[test]
fn every_state_is_there_in_both_modes_and_the_next_run_keeps_key_and_results() {
    let place = TestSandbox::embedded();
    let server = place.demo();
    let all = |server: &ServerProcess, mode: &str| -> Vec<Value> {
        tasks(server)
            .iter()
            .flat_map(|task| list(server, task, &format!("limit=1000&mode={mode}")))
            .collect()
    };
    let rows = all(&server, "detailed");
    assert_eq!(tasks(&server).len(), 3);
    let words = |of: &dyn Fn(&Value) -> String| rows.iter().map(of).collect::<BTreeSet<_>>();
    let of_status = words(&|row| row["status"].as_str().unwrap().to_owned());
    assert_eq!(of_status.into_iter().collect::<Vec<_>>(), ["COMPLETE", "RESETUP", "STARTED"]);
    assert_eq!(words(&|row| row["candidate"]["kind"].as_str().unwrap().to_owned()).len(), 2);
    assert_eq!(words(&|row| row["ignored"].to_string()).len(), 2);
    let registrations = words(&|row| row["ticketId"].as_str().unwrap().to_owned()).len();
    assert!(
        (35..=40).contains(&registrations) && rows.len() > registrations,
        "{registrations} {}",
        rows.len()
    );
    for row in &rows {
        assert_eq!(row["result"] == false, row["status"] != "COMPLETE", "{row}");
    }
    assert_eq!(all(&server, "basic").len(), rows.len());
    let waiting = server.json("/api/management/v1/evaluations", key(&server));
    assert!(waiting.to_string().contains("\"seq\""), "{waiting}");

    let (key_before, tasks_before) = (key(&server).to_owned(), tasks(&server));
    let mode =
        std::fs::metadata(place.data_dir().join("demo-key")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert!(!place.data_dir().join("making").exists());
    assert_eq!(server.stop(), 0);
    let again = place.demo();
    assert_eq!((key(&again), tasks(&again)), (key_before.as_str(), tasks_before));
    assert_eq!(all(&again, "detailed"), rows);
    assert_eq!(place.run(&["doctor"]).code, 0);
}

#[test]
fn who_has_not_come_yet_was_written_to_and_the_mail_was_kept() {
    let place = TestSandbox::embedded();
    let server = place.demo();
    let folder = place.data_dir().join("mail");
    while !std::fs::read_dir(&folder).is_ok_and(|mut files| files.next().is_some()) {
        std::thread::yield_now();
    }
    let log = server.json("/api/management/v1/mails?limit=1", key(&server));
    let id = log["mails"][0]["mailId"].as_str().unwrap();
    let mail = server.json(&format!("/api/management/v1/mails/{id}"), key(&server));
    let link = format!("{}/enter/", server.url());
    let task = format!("{}/t/", server.url());
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains(&link) || text.contains(&task), "{text}");
}

/// A stop for the candidates who start beside a walk, also when the walk fails.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A candidate is added to the task, enters and starts its first step.
fn start_another(server: &ServerProcess, task: &str) {
    let person = json!({"kind": "temporary-candidate", "fullname": "Late Comer"});
    let candidate =
        server.post(&format!("/api/management/v1/tasks/{task}/candidates"), key(server), &person);
    let code = json!({"invitationCode": candidate["invitationCode"]});
    let entered = server.post("/api/delivery/v1/enter", "", &code);
    let token = entered["token"].as_str().unwrap();
    let steps = server.json("/api/delivery/v1/steps", token);
    let step = steps["steps"][0]["stepId"].as_str().unwrap();
    server.post(
        &format!("/api/delivery/v1/steps/{step}/start"),
        token,
        &json!({"clientToken": "start"}),
    );
}

#[test]
fn walks_of_all_pages_in_both_directions_meet_every_instance_once_while_others_start() {
    let place = TestSandbox::embedded();
    let server = place.demo();
    let task = tasks(&server).remove(0);
    let (done, started) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let _stop = StopAtEnd(&done);
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                start_another(&server, &task);
                started.fetch_add(1, Ordering::SeqCst);
            }
        });
        for limit in [1, 3, 10, 1000] {
            both_ways(&server, &task, limit, &started);
        }
    });
    let (all, _) = walk(
        &server,
        format!("/api/integration/rest/v1/tasks/{task}/test-instances?limit=7"),
        "next",
    );
    assert_eq!(identities(&all), identities(&list(&server, &task, "limit=1000")));
}

/// Walks until a candidate has started meanwhile. Whoever was there is met once each way, and
/// nobody twice.
fn both_ways(server: &ServerProcess, task: &str, limit: usize, started: &AtomicUsize) {
    let mut overlapped = false;
    while !overlapped {
        let before = identities(&list(server, task, "limit=1000"));
        let at_outset = started.load(Ordering::SeqCst);
        let first = format!("/api/integration/rest/v1/tasks/{task}/test-instances?limit={limit}");
        let (forwards, last) = walk(server, first, "next");
        let forwards = identities(&forwards);
        assert_eq!(forwards[..before.len()], before, "limit {limit}: in the order of starting");
        assert_eq!(
            forwards.iter().collect::<BTreeSet<_>>().len(),
            forwards.len(),
            "limit {limit}: none twice"
        );
        let (backwards, _) = walk(server, last, "previous");
        let mut backwards = identities(&backwards);
        let distinct = backwards.iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(distinct.len(), backwards.len(), "limit {limit}: none twice on the way back");
        backwards.retain(|identity| forwards.contains(identity));
        assert_eq!(backwards.len(), forwards.len(), "limit {limit}: all on the way back");
        overlapped = started.load(Ordering::SeqCst) > at_outset;
    }
}

fn identities(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| row["testInstanceId"].as_str().unwrap().to_owned()).collect()
}

/// The rows met by following a link from page to page, and the address of the last page.
fn walk(server: &ServerProcess, start: String, link: &str) -> (Vec<Value>, String) {
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
        None => {
            format!("{}?{}", at.split('?').next().unwrap(), link.split('?').next_back().unwrap())
        }
    }
}
