//! CPU per request, server and database together, of the graph and of endpoints written by hand that give
//! the same JSON. `benches/README.md` says what is measured and how to read it.

mod client;
mod data;
mod databases;
mod measure;
mod operations;
#[path = "../../tests/it/harness/postgres.rs"]
mod postgres;
mod processes;
mod reference;
mod report;
mod server;

use std::time::Duration;

use databases::Database;
use mimalloc::MiMalloc;
use operations::Operation;
use processes::ServerProcess;
use server::Side;

/// The program's allocator, for both sides.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Rounds of a measurement; in each, both sides are measured one after the other.
const ROUNDS: usize = 9;
/// How long one side is asked in one round, about.
const ROUND_TIME: Duration = Duration::from_millis(1500);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // The servers are this program again, so that each has a process whose CPU time is its own.
    if let [command, side, url] = arguments.as_slice()
        && command == "serve"
    {
        return server::run(Side::parse(side).expect("`ours` or `reference`"), url);
    }
    // Cargo passes `--bench`; anything else chooses databases and operations by name.
    let chosen: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    // Of a kind of which nothing is named, everything is measured.
    let is_chosen = |name: &str, kind: &[&str]| {
        let mut of_kind = chosen.iter().filter(|chosen| kind.contains(&chosen.as_str())).peekable();
        of_kind.peek().is_none() || of_kind.any(|chosen| *chosen == name)
    };
    let operations: Vec<Operation> = operations::all()
        .into_iter()
        .filter(|operation| is_chosen(operation.name, &["q1", "q2", "q3"]))
        .collect();
    let mut lines = Vec::new();
    for (name, open) in databases::ALL {
        if is_chosen(name, &databases::ALL.map(|(name, _)| name)) {
            lines.extend(open().map(|database| measured(&database, &operations)).unwrap_or_default());
        }
    }
    report::print(&lines);
}

fn measured(database: &Database, operations: &[Operation]) -> Vec<report::Line> {
    eprintln!("{}: filling it", database.name);
    let customers = database.fill();
    let ours = ServerProcess::start(Side::Ours, &database.url);
    let reference = ServerProcess::start(Side::Reference, &database.url);
    operations
        .iter()
        .map(|operation| {
            eprintln!("{}: {}", database.name, operation.title);
            let requests = operation.requests(&customers);
            measure::compare_answers(operation, &requests, &ours, &reference);
            let rounds = measure::rounds(&requests, &ours, &reference, database.backends.as_ref());
            report::Line::new(database.name, operation, &rounds)
        })
        .collect()
}
