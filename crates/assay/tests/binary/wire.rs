//! The bytes of HTTP on a socket: what no client library sends, and what only the wire shows.

use crate::support::{ServerProcess, TestSandbox};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Beyond this a server hangs; none of the tests waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(60);

/// One answer.
struct Answer {
    status: u16,
    /// In small letters.
    head: String,
    body: String,
}

impl Answer {
    fn has(&self, header: &str) -> bool {
        self.head.lines().any(|line| line == header)
    }
}

fn connect(server: &ServerProcess) -> TcpStream {
    let stream = TcpStream::connect(server.announced["address"].as_str().unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Reads all answers of a connection to its end.
fn answers(mut stream: TcpStream) -> Vec<Answer> {
    let mut bytes = Vec::new();
    let ended = stream.read_to_end(&mut bytes).map_err(|error| error.kind());
    // What the server had not read when it closed comes back as a reset, behind the answer.
    assert!(matches!(ended, Ok(_) | Err(ErrorKind::ConnectionReset)), "{ended:?}");
    let mut rest = bytes.as_slice();
    let mut answers = Vec::new();
    while !rest.is_empty() {
        let end = rest.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(rest[..end].to_vec()).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length = length.map_or(0, |length| length.parse().unwrap());
        let body = String::from_utf8_lossy(&rest[end + 4..end + 4 + length]).into_owned();
        answers.push(Answer { status: head[9..12].parse().unwrap(), head, body });
        rest = &rest[end + 4 + length..];
    }
    answers
}

/// Sends bytes on a connection of their own and gives the answers. The client's end of the
/// connection stays open, so this ends only when the server closes its own.
fn send(server: &ServerProcess, bytes: impl AsRef<[u8]>) -> Vec<Answer> {
    let mut stream = connect(server);
    let written = stream.write_all(bytes.as_ref()).map_err(|error| error.kind());
    // A server that has answered early may close before everything is written.
    assert!(
        matches!(written, Ok(()) | Err(ErrorKind::BrokenPipe | ErrorKind::ConnectionReset)),
        "{written:?}"
    );
    answers(stream)
}

/// A page, what is on it, the two APIs, what watches the server, and what is nowhere.
const TARGETS: [&str; 8] = [
    "/staff/sign-in",
    "/verify",
    "/enter/0123456789",
    "/api/integration/rest/v1/tasks",
    "/api/delivery/v1/steps",
    "/openapi.json",
    "/healthz",
    "/nowhere",
];

#[test]
fn strict_transport_security_is_sent_by_pages_and_apis_exactly_when_the_public_url_is_https() {
    const LINE: &str = "strict-transport-security: max-age=31536000";
    let place = TestSandbox::new();
    place.line(&["org", "create", "Example"]);
    for (public_url, is_https) in [
        ("https://assess.example.org", true),
        ("HTTPS://assess.example.org/exams/", true),
        ("http://assess.example.org", false),
        ("", false),
    ] {
        let server = place.serve(&[("ASSAY_PUBLIC_URL", public_url)]);
        for target in TARGETS {
            let answers = send(
                &server,
                format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
            );
            assert_eq!(answers.len(), 1);
            let lines = answers[0]
                .head
                .lines()
                .filter(|line| line.starts_with("strict-transport-security"));
            let expected = if is_https { vec![LINE] } else { vec![] };
            assert_eq!(lines.collect::<Vec<_>>(), expected, "{public_url} {target}");
        }
        let refused = send(&server, "GET / HTTP/1.1\r\n\r\n");
        assert_eq!((refused[0].status, refused[0].has(LINE)), (400, is_https), "{public_url}");
        assert_eq!(server.stop(), 0);
    }
}

#[test]
fn a_request_that_names_no_server_two_or_another_than_its_target_is_refused_and_its_connection_ends()
 {
    let place = TestSandbox::new();
    place.line(&["org", "create", "Example"]);
    let server = place.serve(&[]);
    for target in TARGETS {
        for (target, hosts, why) in [
            (target.to_owned(), "", "must be sent."),
            (target.to_owned(), "Host: a\r\nHost: a\r\n", "must be sent once."),
            (target.to_owned(), "Host: a\r\nHost: b\r\n", "must be sent once."),
            (target.to_owned(), "Host: a b\r\n", "must be the name or address of a server"),
            (target.to_owned(), "Host: who@a\r\n", "must be the name or address of a server"),
            (target.to_owned(), "Host: a/b\r\n", "must be the name or address of a server"),
            (
                format!("http://a{target}"),
                "Host: b\r\n",
                "must name the server that the request's target names",
            ),
            (
                format!("http://a{target}"),
                "Host: a:81\r\n",
                "must name the server that the request's target names",
            ),
            (
                format!("http://a{target}"),
                "Host:\r\n",
                "must name the server that the request's target names",
            ),
            (format!("http://a{target}"), "", "must be sent."),
        ] {
            // A second request is already there: nothing more of this connection is believed.
            let second = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
            let answers = send(&server, format!("GET {target} HTTP/1.1\r\n{hosts}\r\n{second}"));
            let reply = &answers[0];
            assert_eq!(
                (answers.len(), reply.status),
                (1, 400),
                "{target} {hosts:?}: {}",
                reply.head
            );
            assert!(reply.has("connection: close"), "{target} {hosts:?}: {}", reply.head);
            assert!(
                reply.body.contains(&format!("Host {why}")),
                "{target} {hosts:?}: {}",
                reply.body
            );
            let entry = r#""in":"header","name":"Host","code":"invalid_format""#;
            assert!(reply.body.contains(entry), "{}", reply.body);
        }
    }
}

#[test]
fn a_request_that_names_one_server_is_taken_whatever_its_name_and_http_1_0_need_not_name_any() {
    let place = TestSandbox::new();
    place.line(&["org", "create", "Example"]);
    let server = place.serve(&[]);
    for (target, version, hosts) in [
        ("/healthz", "1.1", "Host: whatever.example\r\n"),
        ("/healthz", "1.1", "host: [2001:db8::1]:8080\r\n"),
        ("/healthz", "1.1", "Host: 192.0.2.1\r\n"),
        ("/healthz", "1.1", "Host:\r\n"),
        ("http://A.example/healthz", "1.1", "Host: a.example:80\r\n"),
        ("https://a.example:443/healthz", "1.1", "Host: A.EXAMPLE\r\n"),
        ("/healthz", "1.0", ""),
        ("/healthz", "1.0", "Host: a\r\n"),
    ] {
        let answers = send(
            &server,
            format!("GET {target} HTTP/{version}\r\n{hosts}Connection: close\r\n\r\n"),
        );
        assert_eq!(answers[0].status, 200, "{target} {hosts:?}: {}", answers[0].head);
    }
}

#[test]
fn no_answer_repeats_the_server_that_a_client_names() {
    let place = TestSandbox::new();
    place.line(&["org", "create", "Example"]);
    let server = place.serve(&[]);
    for target in TARGETS {
        let hosts = "Host: evil.example\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\n";
        let answers =
            send(&server, format!("GET {target} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n"));
        let reply = &answers[0];
        assert!(!reply.head.contains("evil.example"), "{target}: {}", reply.head);
        assert!(!reply.body.contains("evil.example"), "{target}: {}", reply.body);
    }
}

/// Finding security M8. Where none of the body is sent, nothing but the server's own word ends the
/// connection.
#[test]
fn an_early_refusal_by_api_or_pages_says_that_the_connection_closes_and_closes_it_m8() {
    const LARGE: usize = 3 << 20;
    let place = TestSandbox::new();
    place.line(&["org", "create", "Example"]);
    let server = place.serve(&[]);
    // No key, no session, no such path, no such method, another type, too large.
    for (method, target, reply, sent, status) in [
        ("POST", "/api/management/v1/tests", 1000, 0, 401),
        ("POST", "/api/integration/rest/v1/tasks/Tk1/candidates", 1000, 0, 401),
        ("POST", "/api/delivery/v1/instances/In1/answers", 1000, 0, 401),
        ("POST", "/nowhere", 1000, 0, 404),
        ("PUT", "/healthz", 1000, 0, 405),
        ("POST", "/api/delivery/v1/enter", LARGE, 0, 413),
        ("POST", "/api/delivery/v1/enter", LARGE, LARGE, 413),
        ("POST", "/staff/users/do/create", 1000, 0, 303),
        ("PUT", "/staff/sign-in", 1000, 0, 405),
        ("POST", "/staff/sign-in", LARGE, LARGE, 413),
        ("POST", "/verify", LARGE, LARGE, 413),
    ] {
        let kind = if target.starts_with("/api") {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        };
        let mut request = format!(
            "{method} {target} HTTP/1.1\r\nHost: a\r\nSec-Fetch-Site: same-origin\r\nContent-Type: {kind}\r\n\
             Content-Length: {reply}\r\n\r\n"
        )
        .into_bytes();
        request.resize(request.len() + sent, b'x');
        let answers = send(&server, request);
        assert_eq!(
            (answers.len(), answers[0].status),
            (1, status),
            "{method} {target}: {}",
            answers[0].head
        );
        assert!(answers[0].has("connection: close"), "{method} {target}: {}", answers[0].head);
    }
}

/// Finding security M8, the other side: what was read to its end leaves the connection to the next
/// request.
#[test]
fn a_refusal_of_what_was_read_leaves_the_connection_open_m8() {
    let place = TestSandbox::new();
    place.line(&["org", "create", "Example"]);
    let server = place.serve(&[]);
    let mut stream = connect(&server);
    let body = "{}";
    for target in ["/api/delivery/v1/enter", "/api/delivery/v1/enter"] {
        let length = body.len();
        let head =
            format!("POST {target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n");
        stream
            .write_all(format!("{head}Content-Length: {length}\r\n\r\n{body}").as_bytes())
            .unwrap();
    }
    stream
        .write_all(b"GET /staff/sign-in HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .unwrap();
    let answers = answers(stream);
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [400, 400, 200]);
    assert!(!answers[..2].iter().any(|answer| answer.has("connection: close")));
}
