//! Real connections over loopback: slow ones, many, and the end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use encircle::http::serve::{ServeSettings, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::harness::Server;

struct Running {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn start(settings: ServeSettings) -> Running {
    let server = Server::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(async move {
        let readiness = Arc::clone(&server.readiness);
        serve(listener, server.router, &readiness, &settings, async { stopped.await.unwrap_or_default() })
            .await;
    });
    Running { address, stop, ended }
}

fn settings() -> ServeSettings {
    ServeSettings { header_time: Duration::from_millis(200), ..ServeSettings::default() }
}

async fn send(address: std::net::SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// Everything the server sends until it closes.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut bytes)).await.expect("closed").ok();
    String::from_utf8_lossy(&bytes).into_owned()
}

const SLOW: &str = "GET /graphql?query=%7Bsleep(ms:400)%7D HTTP/1.1\r\nhost: x\r\n\r\n";
const QUICK: &str = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn slow_and_idle_connections_are_closed() {
    let running = start(settings()).await;
    for text in ["", "GET /graphql HTTP/1.1\r\nx-a: ", "PRI * HT"] {
        let begun = Instant::now();
        let answer = rest(send(running.address, text).await).await;
        assert!(!answer.contains("200 OK"), "{answer}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{text}");
    }
    // Idle after an answer.
    let kept = send(running.address, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(rest(kept).await.contains("200 OK"));
}

#[tokio::test]
async fn connections_beyond_the_cap_wait_for_room() {
    let running = start(ServeSettings { connections: 2, ..settings() }).await;
    let (_one, _two) = (send(running.address, "GET /").await, send(running.address, "GET /").await);
    let begun = Instant::now();
    assert!(rest(send(running.address, QUICK).await).await.contains("200 OK"));
    assert!(begun.elapsed() > Duration::from_millis(100), "it waited for the slow ones to be closed");
}

#[tokio::test]
async fn requests_in_flight_are_answered_before_the_end() {
    let running = start(settings()).await;
    let in_flight = send(running.address, SLOW).await;
    let idle = send(running.address, "").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.stop.send(()).unwrap();
    // Came after the order, before the listener closed.
    let late = send(running.address, QUICK).await;
    assert!(rest(in_flight).await.contains("\"sleep\":true"));
    assert!(rest(late).await.contains("200 OK"));
    assert_eq!(rest(idle).await, "");
    tokio::time::timeout(Duration::from_secs(2), running.ended).await.expect("ended").unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn the_end_does_not_wait_for_ever() {
    let running = start(ServeSettings { drain: Duration::from_millis(100), ..settings() }).await;
    let _stuck = send(running.address, &SLOW.replace("400", "9000")).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(2), running.ended).await.expect("ended").unwrap();
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let running = start(settings()).await;
    let head = format!("GET /healthz HTTP/1.1\r\nx-a: {}\r\n\r\n", "a".repeat(100_000));
    let answer = rest(send(running.address, &head).await).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}
