//! HTTP/1.1 as far as a load generator needs it: one request at a time on a connection that stays
//! open.
//!
//! It is plain on purpose: the generator shares the machine with the server it measures. Must never
//! hide a fault: what it does not understand is an error.

use serde::de::DeserializeOwned;
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Where the server listens.
#[derive(Clone, Debug)]
pub struct ServerAddress {
    authority: String,
    socket: SocketAddr,
    /// A reply that has not come by then is a failure.
    pub reply_within: Duration,
}

impl ServerAddress {
    /// # Errors
    /// The URL is not `http://host:port`, or the name is unknown.
    pub async fn of(url: &str, reply_within: Duration) -> anyhow::Result<Self> {
        let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
        let Some(authority) = authority.filter(|authority| !authority.contains('/')) else {
            anyhow::bail!("{url} is not of the form http://host:port");
        };
        let socket = tokio::net::lookup_host(authority).await?.next();
        let socket = socket.ok_or_else(|| anyhow::anyhow!("{authority} has no address"))?;
        Ok(Self { authority: authority.to_owned(), socket, reply_within })
    }
}

#[derive(Clone, Copy, Debug)]
pub struct LoadRequest<'a> {
    pub method: &'static str,
    pub path: &'a str,
    /// Sent as `Authorization: Bearer`.
    pub token: Option<&'a str>,
    /// JSON.
    pub body: Option<&'a str>,
}

#[derive(Debug)]
pub struct LoadReply {
    pub status: u16,
    /// Seconds.
    pub retry_after: Option<u64>,
    /// Requests and seconds of `RateLimit-Policy`.
    pub quota: Option<(u64, u64)>,
    pub body: Vec<u8>,
    closes: bool,
}

impl LoadReply {
    /// # Errors
    /// The body is no such JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Error::new(ErrorKind::InvalidData, error))
    }
}

#[derive(Debug)]
pub struct LoadConnection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl LoadConnection {
    pub async fn open(address: &ServerAddress) -> Result<Self> {
        let stream = TcpStream::connect(address.socket).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::new() })
    }

    /// Whether the server has not closed it since the last reply.
    pub fn is_open(&self) -> bool {
        let mut byte = [0];
        matches!(self.stream.try_read(&mut byte), Err(error) if error.kind() == ErrorKind::WouldBlock)
    }

    /// Sends a request and reads its reply; gives the connection back when it may be used again.
    pub async fn exchange(
        mut self,
        address: &ServerAddress,
        request: &LoadRequest<'_>,
    ) -> Result<(LoadReply, Option<Self>)> {
        self.stream.write_all(written(address, request).as_bytes()).await?;
        let head = loop {
            if let Some(end) = self.read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
            self.fill().await?;
        };
        let (mut reply, length) = parse(&self.read[..head])?;
        while self.read.len() < head + length {
            self.fill().await?;
        }
        reply.body = std::mem::take(&mut self.read).split_off(head);
        if reply.body.len() > length {
            return Err(Error::new(ErrorKind::InvalidData, "more than one reply"));
        }
        let reusable = (!reply.closes).then_some(self);
        Ok((reply, reusable))
    }

    async fn fill(&mut self) -> Result<()> {
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

fn written(address: &ServerAddress, request: &LoadRequest<'_>) -> String {
    let LoadRequest { method, path, token, body } = request;
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", address.authority);
    if let Some(token) = token {
        text.push_str("Authorization: Bearer ");
        text.push_str(token);
        text.push_str("\r\n");
    }
    if let Some(body) = body {
        text.push_str("Content-Type: application/json\r\nContent-Length: ");
        text.push_str(&body.len().to_string());
        text.push_str("\r\n\r\n");
        text.push_str(body);
    } else {
        text.push_str("\r\n");
    }
    text
}

/// The head of a reply and the length of its body.
fn parse(head: &[u8]) -> Result<(LoadReply, usize)> {
    let strange = |what: &'static str| Error::new(ErrorKind::InvalidData, what);
    let head = str::from_utf8(head).map_err(|_| strange("a head that is not text"))?;
    let mut lines = head.split("\r\n");
    let status =
        lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok());
    let status = status.ok_or_else(|| strange("no status line"))?;
    let mut reply =
        LoadReply { status, retry_after: None, quota: None, body: Vec::new(), closes: false };
    let mut length = None;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok(),
            "retry-after" => reply.retry_after = value.parse().ok(),
            "ratelimit-policy" => reply.quota = quota(value),
            "connection" => reply.closes = value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    Ok((reply, length.ok_or_else(|| strange("a reply without its length"))?))
}

/// `"default";q=6000;w=60` is (6000, 60).
fn quota(policy: &str) -> Option<(u64, u64)> {
    let parameter =
        |name| policy.split(';').find_map(|part| part.trim().strip_prefix(name)?.parse().ok());
    Some((parameter("q=")?, parameter("w=")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[test]
    fn a_reply_of_unknown_length_is_an_error() {
        assert!(parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
        assert!(parse(b"SSH-2.0\r\n\r\n").is_err());
    }

    #[test]
    fn the_head_tells_status_length_wait_and_quota() {
        let head = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nRateLimit-Policy: \"default\";q=6000;w=60\r\ncontent-length: 2\r\n\r\n";
        let (reply, length) = parse(head).unwrap();
        assert_eq!(
            (reply.status, reply.retry_after, reply.quota, length),
            (429, Some(3), Some((6000, 60)), 2)
        );
    }

    #[tokio::test]
    async fn a_connection_is_used_again_and_one_the_server_closed_is_noticed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = ServerAddress::of(
            &format!("http://{}", listener.local_addr().unwrap()),
            Duration::from_secs(5),
        )
        .await
        .unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            for _ in 0..2 {
                let mut request = [0; 512];
                let _ = stream.read(&mut request).await.unwrap();
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
            }
        });
        let request = LoadRequest { method: "GET", path: "/", token: None, body: None };
        let connection = LoadConnection::open(&address).await.unwrap();
        let (_, connection) = connection.exchange(&address, &request).await.unwrap();
        let connection = connection.unwrap();
        assert!(connection.is_open());
        let (reply, connection) = connection.exchange(&address, &request).await.unwrap();
        assert_eq!(reply.body, b"{}");
        server.await.unwrap();
        let connection = connection.unwrap();
        connection.stream.readable().await.unwrap();
        assert!(!connection.is_open());
    }
}
