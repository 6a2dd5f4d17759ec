//! Asking both sides in turns and reading what it cost.

use std::time::{Duration, Instant};

use crate::client::{Connection, Wire, send_many};
use crate::operations::{Operation, Requests};
use crate::processes::{Backends, ServerProcess};
use crate::{ROUND_TIME, ROUNDS};

/// CPU per request, in microseconds.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub server: f64,
    pub database: f64,
}

impl Cost {
    pub fn total(self) -> f64 {
        self.server + self.database
    }
}

/// One measurement of each side.
pub struct Round {
    pub ours: Cost,
    pub reference: Cost,
}

/// Both sides must give the same bytes to every request, or the comparison means nothing.
pub fn compare_answers(
    operation: &Operation,
    requests: &Requests,
    ours: &ServerProcess,
    reference: &ServerProcess,
) {
    let mut connections = (Connection::open(ours.address), Connection::open(reference.address));
    let mut bytes = 0;
    for (our_request, its_request) in requests.ours.iter().zip(&requests.reference) {
        let (our_answer, its_answer) = (connections.0.send(our_request), connections.1.send(its_request));
        assert!(
            our_answer == its_answer,
            "{}: the answers differ.\nours:      {}\nreference: {}",
            operation.title,
            String::from_utf8_lossy(our_answer),
            String::from_utf8_lossy(its_answer),
        );
        bytes += our_answer.len();
    }
    eprintln!("  {} answers are the same, {} bytes each", requests.ours.len(), bytes / requests.ours.len());
}

/// Measures both sides in turns, so that what else the machine does falls on both.
pub fn rounds(
    requests: &Requests,
    ours: &ServerProcess,
    reference: &ServerProcess,
    backends: Option<&Backends>,
) -> Vec<Round> {
    let count = requests_a_round(ours, &requests.ours);
    send_many(reference.address, &requests.reference, count);
    (0..ROUNDS)
        .map(|_| Round {
            ours: cost(ours, backends, &requests.ours, count),
            reference: cost(reference, backends, &requests.reference, count),
        })
        .collect()
}

/// How many requests fill a round. Finding out warms the server up.
fn requests_a_round(server: &ServerProcess, requests: &[Wire]) -> usize {
    send_many(server.address, requests, requests.len());
    let begun = Instant::now();
    send_many(server.address, requests, requests.len());
    let times = ROUND_TIME.as_secs_f64() / begun.elapsed().as_secs_f64();
    (requests.len() as f64 * times.max(1.0)) as usize
}

fn cost(server: &ServerProcess, backends: Option<&Backends>, requests: &[Wire], count: usize) -> Cost {
    let read = || (server.cpu(), backends.map_or(Duration::ZERO, Backends::cpu));
    let before = read();
    send_many(server.address, requests, count);
    let after = read();
    let each = |time: Duration| time.as_secs_f64() * 1e6 / count as f64;
    let cost = Cost { server: each(after.0 - before.0), database: each(after.1 - before.1) };
    eprintln!("  {:9} {:6.0} µs server, {:6.0} µs database", server.side.name(), cost.server, cost.database);
    cost
}
