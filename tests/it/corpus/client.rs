//! A client that sends bytes as they are and reads one answer.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer that takes longer counts as none.
const HANGS: Duration = Duration::from_secs(5);

/// What came back.
#[derive(Debug)]
pub enum Answer {
    Http {
        status: u16,
        head: String,
        body: Vec<u8>,
    },
    /// The connection was closed without an answer.
    Closed,
    /// Nothing came in time.
    Hangs,
}

impl Answer {
    pub fn json(&self) -> Value {
        match self {
            Self::Http { body, .. } => serde_json::from_slice(body).unwrap_or_default(),
            Self::Closed | Self::Hangs => Value::Null,
        }
    }
}

/// Sends a request over a connection of its own, and says how long the answer took.
pub async fn send(address: SocketAddr, request: &[u8]) -> (Answer, Duration) {
    let begun = Instant::now();
    let answer = tokio::time::timeout(HANGS, exchange(address, request)).await;
    (answer.unwrap_or(Answer::Hangs), begun.elapsed())
}

async fn exchange(address: SocketAddr, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.expect("the server accepts connections");
    let (mut input, mut output) = stream.split();
    let mut received = Vec::new();
    // The server may answer and close before it has read all: then writing fails and the answer counts.
    let _ = tokio::join!(output.write_all(request), read(&mut input, &mut received));
    parse(&received).unwrap_or(Answer::Closed)
}

/// Reads until the answer is whole or the connection is closed.
async fn read(input: &mut tokio::net::tcp::ReadHalf<'_>, received: &mut Vec<u8>) {
    loop {
        match input.read_buf(received).await {
            Ok(0) | Err(_) => return,
            Ok(_) if is_whole(received) => return,
            Ok(_) => {}
        }
    }
}

fn is_whole(received: &[u8]) -> bool {
    let Some((head, body)) = split(received) else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.and_then(|length| length.parse().ok()).is_some_and(|length: usize| body.len() >= length)
}

fn parse(received: &[u8]) -> Option<Answer> {
    let (head, body) = split(received)?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer::Http { status, head: head.to_owned(), body: body.to_vec() })
}

fn split(received: &[u8]) -> Option<(&str, &[u8])> {
    let end = received.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some((std::str::from_utf8(&received[..end]).ok()?, &received[end + 4..]))
}
