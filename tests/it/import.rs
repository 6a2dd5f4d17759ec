//! `encircle import`, on both databases.

use std::path::{Path, PathBuf};

use encircle::cli::SettingsArgs;
use encircle::cli::import::{ImportArgs, NounName, Summary, import};
use encircle::db::Db;
use encircle::kernel::clock::Clock;
use encircle::kernel::error::Result;
use encircle::kernel::ids::Ids;
use entities::timestamp::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

mod behaviors;
mod cdnow;
mod columns;
mod command;
mod customers;
mod products;
mod purchases;

/// The time of the first import; the second is a day later.
const NOW: Timestamp = Timestamp(1_772_389_800_000);

/// Files to import, and the reject files beside them.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    /// Puts a file on the desk.
    fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).expect("the file is written");
        path
    }

    fn args(&self, noun: NounName, file: impl AsRef<Path>) -> ImportArgs {
        let file = file.as_ref().to_owned();
        let name = file.file_name().expect("it has a name").to_string_lossy().into_owned();
        ImportArgs {
            noun,
            file,
            settings: SettingsArgs::default(),
            map: None,
            format: None,
            delimiter: None,
            no_header: false,
            source: Some("shop".to_owned()),
            namespace: None,
            currency: Some("EUR".to_owned()),
            without_behaviors: false,
            rejects: Some(self.0.path().join(format!("{name}.rejects.ndjson"))),
        }
    }
}

/// Imports; each call has a clock and ids of its own, as runs of the command have.
async fn run(db: &Db, args: &ImportArgs, nth: u64) -> Result<Summary> {
    let now = Timestamp(NOW.millis() + nth as i64 * 86_400_000);
    import(db, &Clock::fixed(now), &Ids::seeded(nth), args).await
}

/// The reject file's rows; none without a file.
fn rejects(args: &ImportArgs) -> Vec<Value> {
    let path = args.rejects.as_ref().expect("the test names it");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("a reject is JSON")).collect()
}

/// Line, field and the beginning of the reason of each reject.
fn reasons(args: &ImportArgs) -> Vec<(u64, String, String)> {
    rejects(args)
        .iter()
        .map(|reject| {
            let text = |key: &str| reject[key].as_str().unwrap_or_default().to_owned();
            (reject["line"].as_u64().unwrap_or_default(), text("field"), text("reason"))
        })
        .collect()
}
