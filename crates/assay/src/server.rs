//! Serving HTTP: listening, one task a connection, and stopping without cutting off what is under way.
//!
//! `axum::serve` cannot limit how long a connection may take to send a request head, nor how long stopping may take;
//! so hyper is driven here. This module must never know what is served.

use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request};
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics::{Gauge, gauge};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

/// How connections are treated.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// The longest wait for the whole head of a request, on a new connection or one that is kept alive.
    pub idle_timeout: Duration,
    /// The longest wait for requests under way once the server stops.
    pub grace: Duration,
    /// Whether the client's address is the last one in `X-Forwarded-For`.
    pub trust_forwarded_for: bool,
    /// Whether open connections are told to the metrics.
    pub are_counted: bool,
}

/// A socket that takes connections.
pub struct Listening {
    listener: TcpListener,
    /// The real address: port 0 has become a free one.
    pub address: SocketAddr,
}

/// Begins to listen. Connections wait until [`Listening::serve`].
///
/// # Errors
/// The address is taken, is not this machine's, or its port is not allowed to this user.
pub async fn listen(address: SocketAddr) -> anyhow::Result<Listening> {
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; choose another address with --listen, or port 0 for a free one")
    })?;
    let address = listener.local_addr().context("reading the address listened on")?;
    Ok(Listening { listener, address })
}

impl Listening {
    /// Serves until `stop` is ready and what is under way has ended or the grace is over. Gives the number of
    /// connections that had to be cut off.
    pub async fn serve(self, router: Router, manners: Manners, stop: impl Future<Output = ()>) -> usize {
        let (stopping, _) = watch::channel(false);
        let mut connections = JoinSet::new();
        let open = if manners.are_counted { gauge!("assay_http_connections") } else { Gauge::noop() };
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        connections.spawn(converse(stream, peer, router.clone(), manners, stopping.subscribe()));
                    }
                    Err(error) => endure(&error).await,
                },
                Some(_) = connections.join_next() => {}
            }
            open.set(u32::try_from(connections.len()).unwrap_or(u32::MAX));
        }
        drop(self.listener);
        stopping.send_replace(true);
        let ended = timeout(manners.grace, async { while connections.join_next().await.is_some() {} }).await;
        let cut_off = if ended.is_ok() { 0 } else { connections.len() };
        connections.shutdown().await;
        cut_off
    }
}

/// One connection from its first to its last request.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    manners: Manners,
    mut stopping: watch::Receiver<bool>,
) {
    // Small replies must not wait for more to send; a socket that cannot do that still works.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: Request<Incoming>| {
        let client = client_address(request.headers(), peer, manners.trust_forwarded_for);
        request.extensions_mut().insert(ConnectInfo(client));
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(manners.idle_timeout)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = told(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection broke");
    }
}

/// Ready once the server stops.
async fn told(stopping: &mut watch::Receiver<bool>) {
    // The sender outlives every connection; were it gone, that would be the end as well.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// A client that is gone again is nothing. When the process has no descriptor left, trying again at once would only
/// burn the processor.
async fn endure(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "cannot take connections; trying again in a second");
        sleep(Duration::from_secs(1)).await;
    }
}

/// Behind a trusted proxy the address it saw, which is the last it wrote; otherwise the connection's own.
fn client_address(headers: &HeaderMap, peer: SocketAddr, trust_forwarded_for: bool) -> SocketAddr {
    if !trust_forwarded_for {
        return peer;
    }
    let mut lines = headers.get_all("x-forwarded-for").iter();
    let last = lines.next_back().and_then(|line| line.to_str().ok()?.rsplit(',').next());
    last.and_then(|text| forwarded(text.trim())).unwrap_or(peer)
}

fn forwarded(text: &str) -> Option<SocketAddr> {
    let alone = || text.trim_matches(['[', ']']).parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, 0));
    text.parse().ok().or_else(alone)
}

/// Ready when the process is told to stop by SIGINT or SIGTERM. From then on a second signal ends it at once, which
/// loses nothing that was acknowledged.
///
/// # Errors
/// The system does not let signals be watched.
pub fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        tokio::spawn(async move {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            std::process::exit(1);
        });
    })
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
