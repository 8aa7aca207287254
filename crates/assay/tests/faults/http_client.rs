//! A light HTTP/1.1 client over one kept-alive connection, close enough to the wire to misbehave on
//! it.

use serde_json::Value;
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection.
pub struct TestHttpClient {
    pub stream: TcpStream,
    received: Vec<u8>,
}

/// One answer.
#[derive(Debug)]
pub struct TestHttpReply {
    pub status: u16,
    head: String,
    /// JSON, or null.
    pub body: Value,
    pub text: String,
}

impl TestHttpReply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(entry, _)| entry.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    /// The body of a success.
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.body
    }
}

/// The bytes of a request.
pub fn request(method: &str, path: &str, secret: &str, body: Option<&Value>) -> Vec<u8> {
    let body = body.map(Value::to_string);
    let mut text =
        format!("{method} {path} HTTP/1.1\r\nHost: assay\r\nAuthorization: Bearer {secret}\r\n");
    if let Some(body) = &body {
        write!(text, "Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())
            .unwrap();
    }
    text.push_str("\r\n");
    text.push_str(body.as_deref().unwrap_or_default());
    text.into_bytes()
}

impl TestHttpClient {
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::new() })
    }

    pub async fn get(&mut self, path: &str, secret: &str) -> io::Result<TestHttpReply> {
        self.exchange(&request("GET", path, secret, None)).await
    }

    pub async fn post(
        &mut self,
        path: &str,
        secret: &str,
        body: &Value,
    ) -> io::Result<TestHttpReply> {
        self.exchange(&request("POST", path, secret, Some(body))).await
    }

    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<TestHttpReply> {
        self.stream.write_all(request).await?;
        self.reply().await
    }

    /// Reads one answer; an error when the connection ends before its last byte.
    pub async fn reply(&mut self) -> io::Result<TestHttpReply> {
        let head_ends = loop {
            match self.received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                Some(at) => break at + 4,
                None => self.receive().await?,
            }
        };
        let head = String::from_utf8_lossy(&self.received[..head_ends]).into_owned();
        let mut reply = TestHttpReply {
            status: head[9..12].parse().unwrap(),
            head,
            body: Value::Null,
            text: String::new(),
        };
        let length: usize =
            reply.header("content-length").expect("every answer tells its length").parse().unwrap();
        while self.received.len() < head_ends + length {
            self.receive().await?;
        }
        reply.text =
            String::from_utf8_lossy(&self.received[head_ends..head_ends + length]).into_owned();
        reply.body = serde_json::from_str(&reply.text).unwrap_or(Value::Null);
        self.received.drain(..head_ends + length);
        Ok(reply)
    }

    async fn receive(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.received).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}
