//! Runs all families of cases on both databases, and judges the process between them.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use encircle::db::Db;

use super::case::Case;
use super::client::send;
use super::observer::{Observer, peak_memory};
use super::schema::InputSchema;
use super::verdict::fault;
use super::world::World;
use super::{
    arguments, credentials, documents, http, identifiers, injections, json, pages, texts, variables, wire,
};
use crate::harness::databases::on_both;

/// What a case may take, even in a build without optimisation.
const QUICK: Duration = Duration::from_millis(250);
const SLOW: Duration = Duration::from_secs(2);
/// Other programs run beside this one: a case that is slow is tried again before it is called so.
const TRIES: usize = 3;
/// What all cases together may add to the most memory the process had, in KiB.
const GROWTH: u64 = 200 * 1024;
/// A corpus that shrank by a mistake in its making shows nothing.
const LEAST: usize = 400;

/// Runs in a process of its own; see the parent module.
pub fn run() {
    let observer = Observer::install();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime is made");
    runtime.block_on(on_both(async |db| judge(db, &observer).await));
    eprintln!("corpus: done");
}

async fn judge(db: Db, observer: &Observer) {
    let world = World::start(db).await;
    let census = world.census().await;
    let schema = InputSchema::of(&world).await;
    let before = peak_memory();
    let mut faults = Vec::new();
    let mut count = 0;
    for (family, make) in FAMILIES {
        let cases = make(&schema);
        count += cases.len();
        assert_unique(family, &cases);
        let begun = Instant::now();
        let (mut slowest, mut found) = (Duration::ZERO, Vec::new());
        for case in &cases {
            let (wrong, took) = tried(&world, case).await;
            slowest = slowest.max(took);
            found.extend(wrong.map(|wrong| format!("{family}: {}: {wrong}", case.name)));
        }
        found.extend(
            observer.take().into_iter().map(|event| format!("{family}: logged or panicked: {event}")),
        );
        assert_eq!(world.census().await, census, "after {family} a good request is answered as before");
        eprintln!(
            "corpus: {family}: {} cases, {} wrong, slowest {slowest:.1?}, all {:.1?}, peak {} KiB",
            cases.len(),
            found.len(),
            begun.elapsed(),
            peak_memory().unwrap_or_default()
        );
        faults.append(&mut found);
    }
    if let (Some(before), Some(after)) = (before, peak_memory()) {
        let growth = after.saturating_sub(before);
        eprintln!("corpus: {count} cases added {growth} KiB to the peak of memory");
        assert!(growth < GROWTH, "memory grew by {growth} KiB");
    }
    assert!(count >= LEAST, "only {count} cases");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    world.end().await;
}

/// A family's name, and what makes its cases.
type Family = (&'static str, fn(&InputSchema) -> Vec<Case>);

const FAMILIES: [Family; 11] = [
    ("texts", |_| texts::cases()),
    ("documents", |_| documents::cases()),
    ("variables", variables::cases),
    ("arguments", |_| arguments::cases()),
    ("pages", |_| pages::cases()),
    ("identifiers", |_| identifiers::cases()),
    ("injections", |_| injections::cases()),
    ("json", |_| json::cases()),
    ("http", |_| http::cases()),
    ("wire", |_| wire::cases()),
    ("credentials", |_| credentials::cases()),
];

/// What is wrong with a case, and the shortest time it took.
async fn tried(world: &World, case: &Case) -> (Option<String>, Duration) {
    let limit = if case.slow { SLOW } else { QUICK };
    let bytes = case.request.bytes();
    let mut shortest = Duration::MAX;
    for _ in 0..TRIES {
        let (answer, took) = send(world.address, &bytes).await;
        shortest = shortest.min(took);
        if let Some(wrong) = fault(case, &answer) {
            return (
                Some(format!("{wrong}; expected {:?}; got {}", case.expect, said(&answer.json()))),
                took,
            );
        }
        if took < limit {
            return (None, shortest);
        }
    }
    (Some(format!("took {shortest:?}")), shortest)
}

fn said(json: &serde_json::Value) -> String {
    json.to_string().chars().take(400).collect()
}

fn assert_unique(family: &str, cases: &[Case]) {
    let mut names = HashSet::new();
    for case in cases {
        assert!(names.insert(&case.name), "{family}: two cases are named {}", case.name);
    }
}
