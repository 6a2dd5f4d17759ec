//! A PostgreSQL server for the tests: the one that `TEST_DATABASE_URL` names, or a throw-away cluster.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// Makes a cluster, says where its socket is, and takes it away again when its standard input ends: that is
/// when the tests end, in whatever way.
const CLUSTER: &str = r#"
set -e
cd /
dir=$(mktemp -d "${TMPDIR:-/tmp}/encircle-postgres.XXXXXX")
trap : INT TERM
trap 'rm -rf "$dir"' EXIT
"$1/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
"$1/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c full_page_writes=off \
    -c synchronous_commit=off -c max_connections=300 >"$dir/log" 2>&1 </dev/null &
server=$!
until "$1/psql" -h "$dir" -U postgres -qc 'SELECT 1' postgres >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || { cat "$dir/log" >&2; exit 1; }
    sleep 0.1
done
echo "$dir"
read -r _ || true
kill -INT "$server" && wait "$server" || true
"#;

static SERVER: OnceLock<Option<Server>> = OnceLock::new();

/// A server on which databases can be made.
pub struct Server {
    /// The address up to the name of the database, and what follows the name.
    address: (String, String),
    /// The name of a database that is there.
    existing: String,
    /// Holds the pipe whose end ends the cluster.
    _cluster: Option<Child>,
}

impl Server {
    /// The server, started at the first call; `None` when there is neither an address nor PostgreSQL's programs.
    pub fn get() -> Option<&'static Self> {
        SERVER.get_or_init(|| Self::given().or_else(Self::start)).as_ref()
    }

    pub fn url(&self, database: &str) -> String {
        format!("{}{database}{}", self.address.0, self.address.1)
    }

    pub fn admin_url(&self) -> String {
        self.url(&self.existing)
    }

    fn given() -> Option<Self> {
        let url = std::env::var("TEST_DATABASE_URL").ok()?;
        let (base, query) = url.split_at(url.find('?').unwrap_or(url.len()));
        let (prefix, existing) = base.rsplit_once('/').expect("TEST_DATABASE_URL must name a database");
        Some(Self {
            address: (format!("{prefix}/"), query.to_owned()),
            existing: existing.to_owned(),
            _cluster: None,
        })
    }

    fn start() -> Option<Self> {
        let programs = programs()?;
        let mut cluster = as_unprivileged_user(&programs)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the cluster's script starts");
        let mut directory = String::new();
        let output = cluster.stdout.take().expect("standard output is piped");
        BufReader::new(output).read_line(&mut directory).expect("the cluster's script speaks UTF-8");
        let directory = directory.trim_end();
        assert!(!directory.is_empty(), "PostgreSQL did not start; its own words are above");
        let socket = directory.replace('/', "%2F");
        Some(Self {
            address: (format!("postgres://postgres@{socket}/"), String::new()),
            existing: "postgres".to_owned(),
            _cluster: Some(cluster),
        })
    }
}

/// PostgreSQL refuses to run as root, so root becomes somebody else.
fn as_unprivileged_user(programs: &Path) -> Command {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    let shell = ["sh", "-c", CLUSTER, "sh"];
    let mut command = if is_root {
        let has_postgres =
            Command::new("id").args(["-u", "postgres"]).output().is_ok_and(|id| id.status.success());
        let mut command = Command::new("runuser");
        command.args(["-u", if has_postgres { "postgres" } else { "nobody" }, "--"]).args(shell);
        command
    } else {
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]);
        command
    };
    command.arg(programs).env("LC_ALL", "C");
    command
}

/// The folder with PostgreSQL's programs: on the path, or where Debian keeps them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    debian.sort();
    folders.extend(debian.into_iter().rev());
    folders
        .into_iter()
        .find(|folder| ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).is_file()))
}
