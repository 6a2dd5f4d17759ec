//! The servers: the program itself, several of them on one database, each of which may be killed and started again.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tempfile::NamedTempFile;

/// The tokens of who asks.
pub const STAFF: &str = "staff-token-of-the-races";
pub const TILL: &str = "touchpoint-token-of-the-races";
/// How long a purchase waits to be paid.
pub const PENDING: Duration = Duration::from_mins(1);
/// The till in the graph.
pub const TILL_ID: &str = "tou_00000000000000000000000001";

pub struct Replicas {
    program: PathBuf,
    settings: NamedTempFile,
    running: Vec<Mutex<Replica>>,
}

struct Replica {
    address: String,
    child: Child,
}

impl Replicas {
    pub fn start(program: &Path, url: &str, count: usize) -> Self {
        let settings = settings(url);
        let running = (0..count).map(|_| Mutex::new(Replica::start(program, settings.path()))).collect();
        Self { program: program.to_owned(), settings, running }
    }

    pub fn len(&self) -> usize {
        self.running.len()
    }

    /// Where one is reached; a number beyond the last begins again.
    pub fn address(&self, at: usize) -> String {
        self.lock(at).address.clone()
    }

    /// Ends one without a word.
    pub fn kill(&self, at: usize) {
        let mut replica = self.lock(at);
        replica.child.kill().expect("it is killed");
        replica.child.wait().expect("it ended");
    }

    pub fn restart(&self, at: usize) {
        *self.lock(at) = Replica::start(&self.program, self.settings.path());
    }

    fn lock(&self, at: usize) -> MutexGuard<'_, Replica> {
        self.running[at % self.running.len()].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Replicas {
    fn drop(&mut self) {
        for at in 0..self.len() {
            self.kill(at);
        }
    }
}

impl Replica {
    /// Starts one; it says where it is.
    fn start(program: &Path, settings: &Path) -> Self {
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--config"])
            .arg(settings)
            .env("RUST_LOG", "encircle::cli=info,error")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its log is piped")).lines();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| address(&line));
        // What else it says is to be seen.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("{line}")));
        Self { address: address.expect("a server says where it is"), child }
    }
}

fn address(line: &str) -> Option<String> {
    let said: Value = serde_json::from_str(line).ok()?;
    Some(said["fields"]["graphql"].as_str()?.to_owned())
}

fn settings(url: &str) -> NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".toml").tempfile().expect("a temporary file");
    write!(
        file,
        r#"
[database]
url = "{url}"

[purchases]
pending_minutes = {minutes}

[[viewers]]
kind = "staff"
token = "{STAFF}"
scopes = ["personal:read", "lists:read", "offers:read", "offers:write", "products:write", "purchases:write"]

[[viewers]]
kind = "touchpoint"
token = "{TILL}"
id = "{TILL_ID}"
"#,
        minutes = PENDING.as_secs() / 60,
    )
    .expect("settings are written");
    file
}
