//! `serve`: a server beside the command line.

use crate::commands::task;
use crate::support::TestSandbox;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::channel;
use std::time::Duration;

fn list(task: &str) -> String {
    format!("/api/integration/rest/v1/tasks/{task}/test-instances")
}

#[test]
fn a_second_server_on_the_same_directory_is_refused() {
    let place = TestSandbox::embedded();
    place.line(&["org", "create", "Example"]);
    let server = place.serve(&[]);
    let done = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(done.code, 1);
    assert!(done.err.contains("Another server runs"), "{}", done.err);
    assert_eq!(server.stop(), 0);
}

/// Finding faults, polish: who only looks whether a server runs holds the lock for a moment, and a
/// server that started then was told that another one runs.
#[test]
fn a_server_starts_while_somebody_looks_whether_one_runs() {
    let place = TestSandbox::embedded();
    place.line(&["org", "create", "Example"]);
    assert_eq!(place.serve(&[]).stop(), 0);
    let lock = std::fs::File::open(place.data_dir().join("serving.lock")).unwrap();
    lock.try_lock_shared().unwrap();
    let looking = std::thread::spawn(move || {
        crate::support::pause();
        lock.unlock().unwrap();
    });
    let server = place.serve(&[]);
    looking.join().unwrap();
    assert_eq!(server.stop(), 0);
}

#[test]
fn a_revoked_key_stops_within_about_a_second_while_the_server_runs() {
    let place = TestSandbox::new();
    let task = task(&place);
    let server = place.serve(&[("ASSAY_LIMITS_REQUESTS_PER_MINUTE", "0")]);
    let key = &place.json(&["key", "create", "--name", "crm", "--json"])[0];
    let secret = key["secret"].as_str().unwrap();
    assert_eq!(server.get(&list(&task), secret).0, 200);
    place.line(&["key", "revoke", key["keyId"].as_str().unwrap()]);
    // Nobody sends: receiving is the wait between two tries.
    let (_quiet, pause) = channel::<()>();
    let tries = (0..40).take_while(|_| {
        let is_open = server.get(&list(&task), secret).0 == 200;
        let _ = pause.recv_timeout(Duration::from_millis(if is_open { 50 } else { 0 }));
        is_open
    });
    assert!(tries.count() < 40, "the key works two seconds after it was revoked");
    assert_eq!(server.get(&list(&task), secret).0, 401);
    assert_eq!(server.stop(), 0);
}

#[test]
fn the_server_sees_what_the_command_line_does_and_prints_the_same_rows() {
    let place = TestSandbox::new();
    let task = task(&place);
    let server = place.serve(&[]);
    let key = place.line(&["key", "create", "--name", "crm"]);
    assert_eq!(server.get("/healthz", "").0, 200);
    place.line(&["seed", "--instances", "12", "--task", &task]);
    let listed = server.json(&format!("{}?mode=detailed&limit=1000", list(&task)), &key);
    let printed = place.json(&["results", &task, "--json", "--detailed"]);
    assert_eq!(listed["testInstances"].as_array().unwrap(), &printed);
    assert_eq!(printed.len(), 12);
    drop(server);
}

/// What `GET /metrics` says at an address.
fn metrics(address: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
    reply
}

#[test]
fn metrics_have_an_address_of_their_own_and_tell_of_requests_but_of_nobody() {
    let place = TestSandbox::new();
    let task = task(&place);
    place.line(&["seed", "--instances", "12", "--task", &task]);
    let key = place.line(&["key", "create", "--name", "crm"]);
    let server = place.serve(&[("ASSAY_METRICS_LISTEN", "127.0.0.1:0")]);
    let listed = server.json(&list(&task), &key);
    server.json(&list(&task), &key);
    assert_eq!(server.get("/metrics", "").0, 404);
    let text = metrics(server.announced["metrics"].as_str().unwrap());
    let route = list("{taskId}");
    for line in [
        format!(
            "assay_http_request_duration_seconds_count{{route=\"{route}\",method=\"GET\",status=\"200\"}} 2"
        ),
        "assay_page_cache_hits_total 1".to_owned(),
        "assay_page_cache_misses_total 1".to_owned(),
        "assay_deadline_lag_seconds 0".to_owned(),
        format!("assay_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(text.lines().any(|reply| reply == line), "{line}\n{text}");
    }
    // How many wait at this moment is not known: the server also reads by itself.
    assert!(text.contains("assay_storage_queue_depth{queue=\"read\"} "), "{text}");
    let instance = listed["testInstances"][0]["testInstanceId"].as_str().unwrap();
    for secret in [task.as_str(), key.as_str(), instance] {
        assert!(!text.contains(secret), "{secret}\n{text}");
    }
    let page = include_str!("../../../../docs/metrics.md");
    let reply = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let unknown: Vec<_> = reply.filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(unknown.is_empty(), "not in docs/metrics.md: {unknown:?}");
    assert_eq!(server.stop(), 0);
}
