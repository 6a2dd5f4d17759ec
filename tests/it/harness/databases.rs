//! Migrated databases for scenarios: each runs on SQLite and on PostgreSQL, alone in a fresh database.

use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};

use encircle::db::Db;
use encircle::db::connect::DbConfig;
use encircle::db::migrate::migrate;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell};

use super::postgres::Server;

/// SQLite's file, migrated once.
static SQLITE: OnceCell<Vec<u8>> = OnceCell::const_new();
/// The name of PostgreSQL's database, migrated once.
static POSTGRES: OnceCell<String> = OnceCell::const_new();
/// A template may be copied by one at a time.
static COPYING: Mutex<()> = Mutex::const_new(());
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Runs a scenario on both databases. Without PostgreSQL its half is reported as skipped, or fails if
/// `ENCIRCLE_REQUIRE_POSTGRES=1`.
pub async fn on_both(scenario: impl AsyncFn(Db)) {
    on_sqlite(&scenario).await;
    on_postgres(&scenario).await;
}

async fn on_sqlite(scenario: &impl AsyncFn(Db)) {
    eprintln!("on SQLite");
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("test.db");
    std::fs::write(&file, SQLITE.get_or_init(sqlite_template).await).expect("the template is copied");
    let config = DbConfig::new(format!("sqlite://{}", file.display()));
    let db = Db::connect(&config).await.expect("SQLite opens");
    scenario(db.clone()).await;
    db.close().await.expect("SQLite closes");
}

async fn on_postgres(scenario: &impl AsyncFn(Db)) {
    let Some(server) = Server::get() else { return skip() };
    eprintln!("on PostgreSQL");
    let template = POSTGRES.get_or_init(|| postgres_template(server)).await;
    let name = next_name();
    let copying = COPYING.lock().await;
    administer(server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    drop(copying);
    let config = DbConfig { read_connections: 4, write_connections: 4, url: server.url(&name) };
    let db = Db::connect(&config).await.expect("PostgreSQL is there");
    scenario(db.clone()).await;
    db.close().await.expect("the connections close");
    administer(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

/// The address of a database of the tests, for a process of its own.
pub async fn url_of(db: &Db) -> String {
    let connection = db.connection();
    let backend = connection.get_database_backend();
    let text = match backend {
        DbBackend::Postgres => "SELECT current_database()",
        _ => "SELECT file FROM pragma_database_list",
    };
    let row = connection.query_one_raw(Statement::from_string(backend, text)).await;
    let name = row.expect("it is read").expect("it has a name").try_get_by_index::<String>(0);
    let name = name.expect("it is a text");
    match Server::get().filter(|_| backend == DbBackend::Postgres) {
        Some(server) => server.url(&name),
        None => format!("sqlite://{name}"),
    }
}

/// Whether a database of PostgreSQL takes no more connections; those that are open stay. SQLite has none.
pub async fn refuse_connections(db: &Db, refuse: bool) {
    let Some(server) = Server::get() else { return };
    if db.connection().get_database_backend() == DbBackend::Postgres {
        let url = url_of(db).await;
        let base = url.split('?').next().unwrap_or_default();
        let name = base.rsplit('/').next().unwrap_or_default();
        administer(server, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {}", !refuse)).await;
    }
}

fn skip() {
    let required = std::env::var("ENCIRCLE_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
    assert!(!required, "PostgreSQL is required, but there is neither `initdb` nor TEST_DATABASE_URL");
    let thread = std::thread::current();
    // Written past the capture of test output, which would hide it.
    let _ = writeln!(
        std::io::stderr(),
        "skipped on PostgreSQL (no `initdb`, no TEST_DATABASE_URL): {}",
        thread.name().unwrap_or("a test")
    );
}

async fn sqlite_template() -> Vec<u8> {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("template.db");
    migrate(&DbConfig::new(format!("sqlite://{}", file.display()))).await.expect("SQLite is migrated");
    std::fs::read(file).expect("the template is read")
}

async fn postgres_template(server: &Server) -> String {
    let name = next_name();
    administer(server, &format!("CREATE DATABASE {name}")).await;
    migrate(&DbConfig::new(server.url(&name))).await.expect("PostgreSQL is migrated");
    name
}

async fn administer(server: &Server, statement: &str) {
    let config = DbConfig { read_connections: 1, write_connections: 1, url: server.admin_url() };
    let db = Db::connect(&config).await.expect("PostgreSQL is there");
    db.connection().execute_unprepared(statement).await.expect("databases can be made and dropped");
    db.close().await.expect("the connection closes");
}

fn next_name() -> String {
    format!("encircle_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
