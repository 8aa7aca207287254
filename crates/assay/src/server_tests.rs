//! The server over real sockets. Waits are on channels and on the sockets themselves.

use super::*;
use axum::routing::get;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

const PATIENT: Manners = Manners {
    idle_timeout: Duration::from_secs(60),
    grace: Duration::from_secs(60),
    trust_forwarded_for: false,
    are_counted: false,
};

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<usize>,
    /// A request to `/slow` has arrived.
    arrived: Arc<Notify>,
    /// Lets it end.
    release: Arc<Notify>,
}

async fn run(manners: Manners) -> Running {
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
    Running { address, stop, server, arrived, release }
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
    let running = run(PATIENT).await;
    let error = listen(running.address).await.err().unwrap();
    assert!(error.to_string().contains("--listen"), "{error}");
}

#[tokio::test]
async fn a_request_under_way_is_finished_after_the_stop_and_no_new_one_is_taken() {
    let running = run(PATIENT).await;
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
    let running = run(PATIENT).await;
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
    let running = run(Manners { grace: Duration::from_millis(20), ..PATIENT }).await;
    let stream = send(running.address, "/slow", "").await;
    running.arrived.notified().await;
    running.stop.send(()).unwrap();
    assert_eq!(running.server.await.unwrap(), 1);
    assert_eq!(rest(stream).await, "");
}

#[tokio::test]
async fn a_client_that_never_ends_its_request_head_is_closed() {
    let running = run(Manners { idle_timeout: Duration::from_millis(20), ..PATIENT }).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(b"GET /who HTTP/1.1\r\nHost: as").await.unwrap();
    assert!(!rest(stream).await.contains("200 OK"));
}

#[tokio::test]
async fn a_forwarded_address_counts_only_when_a_proxy_is_trusted() {
    let header = "X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\nConnection: close\r\n";
    for (trust_forwarded_for, client) in [(false, "127.0.0.1"), (true, "198.51.100.7")] {
        let running = run(Manners { trust_forwarded_for, ..PATIENT }).await;
        assert!(rest(send(running.address, "/who", header).await).await.ends_with(client));
    }
}

#[test]
fn forwarded_addresses_come_in_several_forms() {
    for (text, wanted) in [
        ("198.51.100.7", Some("198.51.100.7:0")),
        ("198.51.100.7:4711", Some("198.51.100.7:4711")),
        ("2001:db8::1", Some("[2001:db8::1]:0")),
        ("[2001:db8::1]:80", Some("[2001:db8::1]:80")),
        ("[2001:db8::1]", Some("[2001:db8::1]:0")),
        ("unknown", None),
        ("", None),
    ] {
        assert_eq!(forwarded(text).map(|address| address.to_string()).as_deref(), wanted, "{text}");
    }
}
