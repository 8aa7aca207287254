//! Over a connection: answers without a body end where they should, so that the next one is read
//! from its beginning.

use crate::case_fixture::CaseFixture;
use testkit::V1;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Sends requests on one connection and gives everything that came back.
async fn converse(class: &CaseFixture, requests: &[(&str, &str)]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = class.server.router.clone();
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let mut stream = TcpStream::connect(address).await.unwrap();
    let last = requests.len() - 1;
    for (at, (method, headers)) in requests.iter().enumerate() {
        let target = class.fill(&format!("{V1}/tasks/{{T1}}/test-instances"));
        let close = if at == last { "Connection: close\r\n" } else { "" };
        let key = &class.server.key;
        let text = format!(
            "{method} {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n{headers}{close}\r\n"
        );
        stream.write_all(text.as_bytes()).await.unwrap();
    }
    let mut received = Vec::new();
    stream.read_to_end(&mut received).await.unwrap();
    serving.abort();
    String::from_utf8(received).unwrap()
}

#[tokio::test]
async fn answers_without_a_body_leave_the_connection_usable() {
    let class = CaseFixture::new().await;
    let requests = [
        ("GET", "If-None-Match: *\r\n"),
        ("HEAD", "Accept-Encoding: gzip\r\n"),
        ("HEAD", "Accept-Encoding: br\r\nIf-None-Match: *\r\n"),
        ("HEAD", ""),
        ("GET", ""),
    ];
    let received = converse(&class, &requests).await;
    let answers: Vec<_> = received.split("HTTP/1.1 ").skip(1).collect();
    let statuses: Vec<_> = answers.iter().map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["304", "200", "304", "200", "200"]);
    let length = class.server.get(&class.fill("/tasks/{T1}/test-instances")).await.body.len();
    let reported: Vec<_> = answers
        .iter()
        .map(|answer| {
            answer.lines().find_map(|line| line.strip_prefix("content-length: ")).map(str::to_owned)
        })
        .collect();
    let length = Some(length.to_string());
    assert_eq!(reported, [None, None, None, length.clone(), length]);
    for bare in &answers[..4] {
        assert!(bare.ends_with("\r\n\r\n"), "{bare}");
    }
    assert!(answers[4].ends_with('}'));
}
