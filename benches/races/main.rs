//! Everybody buys at once, on real servers over real connections, some of which are killed in the midst of it: the last
//! seats, an offer with a budget, one with a cap, codes that work once, and keys that are sent again and again. Then
//! what the servers answered is held against what the tables say, and the tables against a recount of themselves.

mod buyers;
mod check;
mod checkout;
mod client;
mod crowd;
mod databases;
#[path = "../../tests/it/harness/postgres.rs"]
mod postgres;
#[path = "../../tests/it/purchases/recount.rs"]
mod recount;
mod replicas;
mod rush;
mod shop;
mod unpaid;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use buyers::{Buyers, TIMES};
use client::Client;
use crowd::AT_ONCE;
use databases::Database;
use replicas::Replicas;
use shop::Shop;

/// How large a race is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Checkouts that are sent, those again that were lost with a server not counted.
    pub checkouts: usize,
    pub customers: usize,
    pub replicas: usize,
}

/// With fewer there would be more seats and codes than buyers.
const FEWEST: usize = 8_000;
/// How often a server is killed.
const KILLS: usize = 5;
/// Within this time what ran out is swept.
const SWEPT: Duration = Duration::from_secs(5);
/// How long a server that was killed is away.
const AWAY: Duration = Duration::from_secs(1);

fn main() {
    // Buyers wait for each other: one that fails ends the race.
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        told(panic);
        std::process::exit(1);
    }));
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let number = arguments.iter().find_map(|argument| argument.parse().ok());
    let names: Vec<&String> =
        arguments.iter().filter(|argument| argument.parse::<usize>().is_err()).collect();
    if number.is_some_and(|number| number < FEWEST) {
        return eprintln!("a race is of {FEWEST} checkouts or more");
    }
    let chosen = |name: &str| names.is_empty() || names.iter().any(|chosen| *chosen == name);
    if chosen("postgres") {
        let Some(database) = databases::postgres() else { return eprintln!("PostgreSQL is not installed") };
        let checkouts = number.unwrap_or(100_000);
        race(&database, Size { checkouts, customers: (checkouts / 40).max(10), replicas: 3 });
    }
    if chosen("sqlite") {
        let checkouts = number.unwrap_or(10_000);
        // One process writes a file: that is what this database is for.
        race(&databases::sqlite(), Size { checkouts, customers: (checkouts / 40).max(10), replicas: 1 });
    }
}

#[expect(clippy::print_stdout, reason = "the counts are what this is for")]
fn race(database: &Database, size: Size) {
    let Size { checkouts, customers, replicas: servers } = size;
    println!("{}: {servers} servers, {customers} customers, {checkouts} checkouts", database.name);
    println!("  {} keys, each sent {TIMES} times, {AT_ONCE} requests at a time", checkouts / TIMES);
    let replicas = Replicas::start(Path::new(env!("CARGO_BIN_EXE_encircle")), &database.url, servers);
    let shop = Shop::open(database, &Client::staff(&replicas), size);
    let buyers = Buyers::new(&shop, &replicas, size);
    let (begun, is_over) = (Instant::now(), AtomicBool::new(false));
    let (answered, kills) = std::thread::scope(|scope| {
        let killing = scope.spawn(|| kill(&replicas, &buyers, &is_over));
        let answered = buyers.run();
        is_over.store(true, Ordering::Relaxed);
        (answered, killing.join().expect("no panic"))
    });
    assert_eq!(kills, KILLS, "servers were killed in the midst of it");
    println!("  {:.0} s, servers killed with SIGKILL: {kills}", begun.elapsed().as_secs_f64());
    println!("  {answered}");
    println!("  keys sent again with another body: {}, all refused", buyers.reuse_keys());
    let mut purchases = buyers.purchases();
    let (rushed, answered) = rush::run(&shop, &replicas);
    println!("  seats that nobody held: {answered}");
    purchases.extend(rushed);
    let unpaid = unpaid::run(&shop, &replicas);
    println!("  paid in the last moment: {}, called off before: {}", unpaid.paid, unpaid.called_off);
    purchases.extend(unpaid.purchases.iter().cloned());
    // What was not paid may still be called off.
    std::thread::sleep(SWEPT);
    drop(replicas);
    for line in check::all(database, &shop, &purchases, &unpaid) {
        println!("  {line}");
    }
}

/// Kills servers in turn while there are buyers, and starts them again; how often.
fn kill(replicas: &Replicas, buyers: &Buyers<'_>, is_over: &AtomicBool) -> usize {
    let mut kills = 0;
    while !is_over.load(Ordering::Relaxed) {
        // After each sixth of the race.
        if kills < KILLS && buyers.progress() * (KILLS + 1) as f64 >= (kills + 1) as f64 {
            replicas.kill(kills % replicas.len());
            std::thread::sleep(AWAY);
            replicas.restart(kills % replicas.len());
            kills += 1;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    kills
}
