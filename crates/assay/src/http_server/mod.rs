//! Serving HTTP: listening, one task a connection, and stopping without cutting off what is under
//! way.
//!
//! `axum::serve` cannot limit how long a connection may take to send a request head, nor how long
//! stopping may take; so hyper is driven here. This module must never know what is served.

use crate::connections::{ConnectionLimiter, ConnectionLimits, ConnectionPermit};
use crate::proxies::TrustedProxies;
use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics::{Gauge, gauge};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tower::ServiceExt;

/// How often it is told that connections are turned away.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// How connections are treated.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// The longest wait for the whole head of a new connection's first request.
    pub head_timeout: Duration,
    /// The longest wait for the whole head of a request on a connection that is kept alive.
    pub idle_timeout: Duration,
    /// The longest wait for requests under way once the server stops.
    pub grace: Duration,
    /// Who tells the addresses of clients.
    pub proxies: Arc<TrustedProxies>,
    pub connections: ConnectionLimits,
    /// Whether open connections are told to the metrics.
    pub are_counted: bool,
}

/// A socket that takes connections.
pub struct BoundListener {
    listener: TcpListener,
    /// The real address: port 0 has become a free one.
    pub address: SocketAddr,
}

/// Begins to listen. Connections wait until [`BoundListener::serve`].
///
/// # Errors
/// The address is taken, is not this machine's, or its port is not allowed to this user.
pub async fn listen(address: SocketAddr) -> anyhow::Result<BoundListener> {
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; choose another address with --listen, or port 0 for a free one")
    })?;
    let address = listener.local_addr().context("reading the address listened on")?;
    Ok(BoundListener { listener, address })
}

impl BoundListener {
    /// Serves until `stop` is ready and what is under way has ended or the grace is over. Gives the
    /// number of connections that had to be cut off.
    pub async fn serve(
        self,
        router: Router,
        manners: ServeOptions,
        stop: impl Future<Output = ()>,
    ) -> usize {
        let (stopping, _) = watch::channel(false);
        let (mut tasks, connections) =
            (JoinSet::new(), ConnectionLimiter::new(manners.connections));
        let open =
            if manners.are_counted { gauge!("assay_http_connections") } else { Gauge::noop() };
        let (mut stop, mut told_at) = (pin!(stop), None);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => match connections.admit(client_of(peer, &manners)) {
                        Some(place) => {
                            let stopping = stopping.subscribe();
                            tasks.spawn(serve_connection(stream, peer, place, router.clone(), manners.clone(), stopping));
                        }
                        // Closing at once tells the client more than a connection that nobody
                        // serves.
                        None => log_refusal(&mut told_at, peer, &connections),
                    },
                    Err(error) => pause_after_accept_error(&error).await,
                },
                Some(_) = tasks.join_next() => {}
            }
            open.set(u32::try_from(connections.open()).unwrap_or(u32::MAX));
        }
        // Before the wait for requests under way: whoever connects meanwhile must be refused at
        // once and try elsewhere. In the queue of an open socket nobody would ever answer.
        drop(self.listener);
        stopping.send_replace(true);
        let ended =
            timeout(manners.grace, async { while tasks.join_next().await.is_some() {} }).await;
        let cut_off = if ended.is_ok() { 0 } else { tasks.len() };
        tasks.shutdown().await;
        cut_off
    }
}

/// ExactCandidateFilter connection it is; none for a trusted proxy, which brings those of many.
fn client_of(peer: SocketAddr, manners: &ServeOptions) -> Option<std::net::IpAddr> {
    (!manners.proxies.contains(peer.ip())).then(|| peer.ip())
}

/// Once a minute at most: whoever opens connections without end must not fill the log.
fn log_refusal(told_at: &mut Option<Instant>, peer: SocketAddr, connections: &ConnectionLimiter) {
    if told_at.is_none_or(|at| at.elapsed() >= TELL_EVERY) {
        *told_at = Some(Instant::now());
        let open = connections.open();
        tracing::warn!(%peer, open, "connections are turned away: there are too many, in all or from one address");
    }
}

/// One connection from its first to its last request.
async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    place: ConnectionPermit,
    router: Router,
    manners: ServeOptions,
    mut stopping: watch::Receiver<bool>,
) {
    // Small replies must not wait for more to send; a socket that cannot do that still works.
    let _ = stream.set_nodelay(true);
    let (first_request, proxies) = (Arc::new(Notify::new()), manners.proxies.clone());
    let begun = first_request.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        begun.notify_one();
        let client = proxies.client(request.headers(), peer);
        request.extensions_mut().insert(ConnectInfo(client));
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(manners.idle_timeout)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // A connection that has not said anything yet is neither waited for at the stop nor kept for
    // long.
    let is_silent = tokio::select! {
        // The connection is polled first: a request that has arrived at the moment of the stop
        // counts as one under way, and is not dropped as a silent connection.
        biased;
        ended = connection.as_mut() => return log_end(peer, ended),
        () = first_request.notified() => false,
        () = wait_for_stop(&mut stopping) => true,
        () = place.displaced() => true,
        () = sleep(manners.head_timeout) => true,
    };
    if is_silent {
        return;
    }
    place.speaks();
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = wait_for_stop(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    log_end(peer, ended);
}

fn log_end(peer: SocketAddr, ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection broke");
    }
}

/// Ready once the server stops.
async fn wait_for_stop(stopping: &mut watch::Receiver<bool>) {
    // The sender outlives every connection; were it gone, that would be the end as well.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// A client that is gone again is nothing. When the process has no descriptor left, trying again at
/// once would only burn the processor.
async fn pause_after_accept_error(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "cannot take connections; trying again in a second");
        sleep(Duration::from_secs(1)).await;
    }
}

/// Ready when the process is told to stop by SIGINT or SIGTERM. From then on a second signal ends
/// it at once, which loses nothing that was acknowledged.
///
/// # Errors
/// The system does not let signals be watched.
pub fn shutdown_signal() -> io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        tokio::spawn(async move {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            std::process::exit(1);
        });
    })
}

#[cfg(test)]
mod tests;
