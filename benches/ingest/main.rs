//! Behaviors a second through the group commit, with attributes current at every acknowledgement; then whether
//! the attributes are what a plain recount says, and whether what was acknowledged survives `kill -9`.

mod behaviors;
mod check;
mod kills;
#[path = "../../tests/it/harness/postgres.rs"]
mod postgres;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use encircle::db::Db;
use encircle::db::connect::DbConfig;
use encircle::db::migrate::migrate;
use encircle::domain::ingest::queue::IngestQueue;
use encircle::domain::ingest::service::Ingest;
use encircle::kernel::clock::Clock;
use encircle::kernel::ids::Ids;
use mimalloc::MiMalloc;
use sea_orm::ConnectionTrait;

use behaviors::{CALL, NOW};

/// The program's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Callers that wait for their acknowledgement before they send the next call.
const CALLERS: u64 = 24;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    // The process that is killed is this program again.
    if let [command, url, from] = arguments.as_slice()
        && command == "record"
    {
        return runtime.block_on(kills::record(url, from.parse().expect("a number")));
    }
    let chosen = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    if chosen("sqlite") {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("ingest.db").display());
        runtime.block_on(measure("SQLite", &url, 200_000));
    }
    if chosen("postgres") {
        let Some(server) = postgres::Server::get() else { return eprintln!("PostgreSQL is not installed") };
        let url = server.url("encircle_bench_ingest");
        runtime.block_on(async {
            let admin = sea_orm::Database::connect(server.admin_url()).await.expect("a server");
            for text in [
                "DROP DATABASE IF EXISTS encircle_bench_ingest WITH (FORCE)",
                "CREATE DATABASE encircle_bench_ingest",
            ] {
                admin.execute_unprepared(text).await.expect("a database");
            }
            measure("PostgreSQL", &url, 1_000_000).await;
        });
    }
}

#[expect(clippy::print_stdout, reason = "the figures are what a benchmark is for")]
async fn measure(name: &str, url: &str, rows: u64) {
    migrate(&DbConfig::new(url)).await.expect("the schema is made");
    let db = Db::connect(&DbConfig::new(url)).await.expect("the database is there");
    let ingest = Ingest::open(&db, Clock::fixed(NOW), Ids::random()).await.expect("ingest opens");
    behaviors::define(&ingest).await;

    let begun = Instant::now();
    send(&ingest, rows / CALL).await;
    let seconds = begun.elapsed().as_secs_f64();
    println!("{name}: {rows} behaviors, 10 attributes: {:.0} rows/s", rows as f64 / seconds);

    let checked = check::attributes(&ingest, 1_000).await;
    println!("{name}: the attributes of {checked} customers are what a plain recount says");
    db.close().await.expect("the connections close");

    let killed = kills::run(url, rows / CALL, 10).await;
    println!("{name}: {killed}");
}

/// Sends calls from several callers at once.
async fn send(ingest: &Ingest, calls: u64) {
    let queue = IngestQueue::start(ingest.clone());
    let next = Arc::new(AtomicU64::new(0));
    let callers = (0..CALLERS).map(|_| {
        let (queue, next) = (queue.clone(), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let call = next.fetch_add(1, Ordering::Relaxed);
                if call >= calls {
                    return;
                }
                let outcomes = queue.record(behaviors::call(call)).await.expect("it is recorded");
                assert_eq!(outcomes.len() as u64, CALL);
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("no panic");
    }
}
