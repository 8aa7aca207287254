//! The server over real sockets. Waits are on channels and on the sockets themselves.

use super::*;
use axum::routing::get;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

fn lenient_options() -> ServeOptions {
    ServeOptions {
        head_timeout: Duration::from_secs(60),
        idle_timeout: Duration::from_secs(60),
        grace: Duration::from_secs(60),
        proxies: Arc::default(),
        connections: ConnectionLimits { total: 100, per_network: 50 },
        are_counted: false,
    }
}

struct RunningServer {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<usize>,
    /// A request to `/slow` has arrived.
    arrived: Arc<Notify>,
    /// Lets it end.
    release: Arc<Notify>,
}

async fn run(manners: ServeOptions) -> RunningServer {
    let listening = listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listening.address;
    let (arrived, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (Arc::clone(&arrived), Arc::clone(&release));
    let slow = move || {
        let (tell, wait) = (Arc::clone(&tell), Arc::clone(&wait));
        async move {
            tell.notify_one();
            wait.notified().await;
            "finished"
        }
    };
    let who = |ConnectInfo(client): ConnectInfo<SocketAddr>| async move { client.ip().to_string() };
    let router = Router::new().route("/slow", get(slow)).route("/who", get(who));
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(listening.serve(router, manners, async { drop(stopped.await) }));
    RunningServer { address, stop, server, arrived, release }
}

async fn send(address: SocketAddr, path: &str, header: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: assay\r\n{header}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn an_address_that_is_taken_is_refused_with_what_to_do() {
    let running = run(lenient_options()).await;
    let error = listen(running.address).await.err().unwrap();
    assert!(error.to_string().contains("--listen"), "{error}");
}

#[tokio::test]
async fn a_request_under_way_is_finished_after_the_stop_and_no_new_one_is_taken() {
    let running = run(lenient_options()).await;
    let stream = send(running.address, "/slow", "").await;
    running.arrived.notified().await;
    running.stop.send(()).unwrap();
    // The socket is closed before connections are told to end, so this ends once it is.
    while TcpStream::connect(running.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    running.release.notify_one();
    assert!(rest(stream).await.ends_with("finished"));
    assert_eq!(running.server.await.unwrap(), 0);
}

#[tokio::test]
async fn connections_without_a_request_do_not_delay_the_stop() {
    let running = run(lenient_options()).await;
    let fresh = TcpStream::connect(running.address).await.unwrap();
    let mut kept_alive = send(running.address, "/who", "").await;
    let mut reply = [0; 12];
    kept_alive.read_exact(&mut reply).await.unwrap();
    running.stop.send(()).unwrap();
    assert_eq!(running.server.await.unwrap(), 0);
    drop((fresh, kept_alive));
}

#[tokio::test]
async fn a_request_that_outlasts_the_grace_is_cut_off() {
    let running = run(ServeOptions { grace: Duration::from_millis(20), ..lenient_options() }).await;
    let stream = send(running.address, "/slow", "").await;
    running.arrived.notified().await;
    running.stop.send(()).unwrap();
    assert_eq!(running.server.await.unwrap(), 1);
    assert_eq!(rest(stream).await, "");
}

#[tokio::test]
async fn a_client_that_never_ends_its_request_head_is_closed() {
    let running =
        run(ServeOptions { head_timeout: Duration::from_millis(20), ..lenient_options() }).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(b"GET /who HTTP/1.1\r\nHost: as").await.unwrap();
    assert!(!rest(stream).await.contains("200 OK"));
}

#[tokio::test]
async fn a_kept_alive_connection_that_never_ends_its_next_head_is_closed() {
    let running =
        run(ServeOptions { idle_timeout: Duration::from_millis(200), ..lenient_options() }).await;
    let mut stream = send(running.address, "/who", "").await;
    stream.write_all(b"GET /who HTTP/1.1\r\nHost: as").await.unwrap();
    assert_eq!(rest(stream).await.matches("200 OK").count(), 1);
}

#[tokio::test]
async fn a_forwarded_address_counts_only_when_a_proxy_is_trusted() {
    let header = "X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\nConnection: close\r\n";
    for (trusted, client) in [("", "127.0.0.1"), ("127.0.0.0/8", "198.51.100.7")] {
        let networks = crate::proxies::networks(trusted).unwrap();
        let proxies = Arc::new(TrustedProxies { networks, ..TrustedProxies::default() });
        let running = run(ServeOptions { proxies, ..lenient_options() }).await;
        assert!(rest(send(running.address, "/who", header).await).await.ends_with(client));
    }
}

/// Finding security M7: half-open heads kept everybody out. They make room for whoever comes, from
/// the same address and from others, and the stop waits for none of them.
#[tokio::test]
async fn half_open_heads_keep_nobody_out_nor_the_server_from_stopping_m7() {
    let running = run(lenient_options()).await;
    let half_open = async |last: u8| {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, last], 0))).unwrap();
        let mut stream = socket.connect(running.address).await.unwrap();
        stream.write_all(b"GET /who HTTP/1.1\r\nHost: as").await.unwrap();
        stream
    };
    let mut of_one = Vec::new();
    for _ in 0..50 {
        of_one.push(half_open(1).await);
    }
    let mut of_many = Vec::new();
    for last in 3..103 {
        of_many.push(half_open(last).await);
    }
    for last in [1, 2] {
        let mut stream = half_open(last).await;
        stream.write_all(b"say\r\nConnection: close\r\n\r\n").await.unwrap();
        assert!(rest(stream).await.ends_with(&format!("127.0.0.{last}")));
    }
    assert_eq!(rest(of_one.remove(0)).await, "", "closed without a word");
    running.stop.send(()).unwrap();
    assert_eq!(running.server.await.unwrap(), 0);
    drop((of_one, of_many));
}

/// Whoever has a request under way is never asked to make room.
#[tokio::test]
async fn a_request_under_way_keeps_its_place_and_one_too_many_is_closed_at_once_m7() {
    let connections = ConnectionLimits { total: 2, per_network: 1 };
    let running = run(ServeOptions { connections, ..lenient_options() }).await;
    let slow = send(running.address, "/slow", "Connection: close\r\n").await;
    running.arrived.notified().await;
    let one_more = TcpStream::connect(running.address).await.unwrap();
    assert_eq!(rest(one_more).await, "", "closed without a word");
    running.release.notify_one();
    assert!(rest(slow).await.ends_with("finished"));
}
