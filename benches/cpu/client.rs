//! The client: a few connections that are kept open, each sending one request after the other. It is
//! written on bare sockets so that it leaves the CPU to those that are measured.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Connections open at the same time.
pub const CONNECTIONS: usize = 8;

/// A request as it goes over the wire.
pub type Wire = Vec<u8>;

/// A POST of JSON.
pub fn post(path: &str, headers: &str, body: &str) -> Wire {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Sends `count` requests over all connections, going through `requests` again and again.
pub fn send_many(address: SocketAddr, requests: &[Wire], count: usize) {
    let next = Arc::new(AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            let next = Arc::clone(&next);
            scope.spawn(move || {
                let mut connection = Connection::open(address);
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        break;
                    }
                    connection.send(&requests[at % requests.len()]);
                }
            });
        }
    });
}

/// One connection.
pub struct Connection {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
}

impl Connection {
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server takes connections");
        stream.set_nodelay(true).expect("a socket takes options");
        Self { stream: BufReader::with_capacity(256 * 1024, stream), body: Vec::new() }
    }

    /// Sends a request and reads the body of its answer, which must be a good one of known length.
    pub fn send(&mut self, request: &Wire) -> &[u8] {
        self.stream.get_mut().write_all(request).expect("the server reads");
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("the server answers");
        assert!(line.starts_with("HTTP/1.1 200 "), "the server answered {line}");
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("the server answers");
            let Some((name, value)) = line.split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().expect("a length is a number");
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).expect("the answer is whole");
        &self.body
    }
}
