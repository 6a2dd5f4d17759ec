//! A process that records, killed in the midst of it, again and again: every behavior it acknowledged is there,
//! once.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use encircle::db::Db;
use encircle::db::connect::DbConfig;
use encircle::domain::ingest::queue::IngestQueue;
use encircle::domain::ingest::service::Ingest;
use encircle::kernel::clock::Clock;
use encircle::kernel::ids::Ids;
use entities::behavior;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::behaviors::{CALL, NOW, call};

/// How long a process lives.
const LIFE: Duration = Duration::from_millis(1_500);
/// Calls under way at once.
const CALLERS: u64 = 8;

/// Records calls for ever, one after the other from several callers, and says which are acknowledged.
pub async fn record(url: &str, from: u64) {
    let db = Db::connect(&DbConfig::new(url)).await.expect("the database is there");
    let ingest = Ingest::open(&db, Clock::fixed(NOW), Ids::random()).await.expect("ingest opens");
    let queue = IngestQueue::start(ingest);
    let callers = (0..CALLERS).map(|caller| {
        let queue = queue.clone();
        tokio::spawn(async move {
            for number in (from + caller..).step_by(CALLERS as usize) {
                queue.record(call(number)).await.expect("it is recorded");
                writeln!(std::io::stdout(), "{number}").expect("somebody listens");
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        let _ = caller.await;
    }
}

/// Kills recording processes; what was found afterwards, in words. The calls of a process that was killed are sent
/// again by the next one, as a client does that got no answer.
pub async fn run(url: &str, first: u64, times: u32) -> String {
    let (mut acknowledged, mut from) = (BTreeSet::new(), first);
    for _ in 0..times {
        let mut child = start(url, from);
        let output = BufReader::new(child.stdout.take().expect("its output is piped"));
        let reader = std::thread::spawn(move || output.lines().map_while(Result::ok).collect::<Vec<_>>());
        tokio::time::sleep(LIFE).await;
        child.kill().expect("it is killed");
        child.wait().expect("it ended");
        let numbers = reader.join().expect("no panic");
        acknowledged.extend(numbers.iter().filter_map(|line| line.parse::<u64>().ok()));
        // From the first call that was not acknowledged on, some are sent again.
        from = (first..).find(|number| !acknowledged.contains(number)).unwrap_or(first);
    }
    let db = Db::connect(&DbConfig::new(url)).await.expect("the database is there");
    for number in &acknowledged {
        let messages = (0..CALL).map(|at| format!("{number}-{at}"));
        let query = behavior::Entity::find().filter(behavior::Column::MessageId.is_in(messages));
        let found = query.count(db.connection()).await.expect("a count");
        assert_eq!(found, CALL, "call {number}");
    }
    db.close().await.expect("the connections close");
    let behaviors = acknowledged.len() as u64 * CALL;
    format!("killed {times} times: all {behaviors} behaviors that were acknowledged are there, each once")
}

fn start(url: &str, from: u64) -> Child {
    Command::new(std::env::current_exe().expect("this program has a path"))
        .args(["record", url, &from.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts again")
}
