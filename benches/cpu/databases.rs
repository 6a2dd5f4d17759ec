//! The databases that are measured: a throw-away PostgreSQL cluster, as the tests have it, and a file.

use encircle::db::Db;
use encircle::db::connect::DbConfig;
use encircle::db::migrate::migrate;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::data::{self, Customers};
use crate::postgres::Server;
use crate::processes::Backends;

/// The name of the database on a PostgreSQL server.
const NAME: &str = "encircle_bench";

pub struct Database {
    pub name: &'static str,
    pub url: String,
    /// PostgreSQL's processes; SQLite has none of its own.
    pub backends: Option<Backends>,
    _folder: Option<TempDir>,
}

/// Begins a database, where it is installed.
type Begin = fn() -> Option<Database>;

/// The databases by name.
pub const ALL: [(&str, Begin); 2] = [("postgres", postgres), ("sqlite", sqlite)];

fn postgres() -> Option<Database> {
    let Some(server) = Server::get() else {
        eprintln!("PostgreSQL is left out: there is neither `initdb` nor TEST_DATABASE_URL");
        return None;
    };
    let backend = runtime().block_on(async {
        let db = connect(&server.admin_url()).await;
        for statement in
            [format!("DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"), format!("CREATE DATABASE {NAME}")]
        {
            db.connection().execute_unprepared(&statement).await.expect("databases can be made");
        }
        let statement = Statement::from_string(DbBackend::Postgres, "SELECT pg_backend_pid()");
        let row = db.connection().query_one_raw(statement).await.expect("PostgreSQL answers");
        let pid: i32 = row.expect("there is one row").try_get_by_index(0).expect("it holds a number");
        Backends::of(pid.unsigned_abs())
    });
    Some(Database { name: "PostgreSQL", url: server.url(NAME), backends: Some(backend), _folder: None })
}

fn sqlite() -> Option<Database> {
    let folder = TempDir::new().expect("a temporary folder");
    let url = format!("sqlite://{}", folder.path().join("bench.db").display());
    Some(Database { name: "SQLite", url, backends: None, _folder: Some(folder) })
}

impl Database {
    /// Makes the tables and fills them.
    pub fn fill(&self) -> Customers {
        runtime().block_on(async {
            migrate(&DbConfig::new(&self.url)).await.expect("the tables are made");
            let db = connect(&self.url).await;
            let customers = data::fill(&db).await.expect("the tables are filled");
            // Vacuumed, PostgreSQL writes nothing behind the back of the measurement.
            let settle = if self.backends.is_some() { "VACUUM ANALYZE" } else { "ANALYZE" };
            db.connection().execute_unprepared(settle).await.expect("the tables are analysed");
            db.close().await.expect("the connections close");
            customers
        })
    }
}

async fn connect(url: &str) -> Db {
    Db::connect(&DbConfig::new(url)).await.expect("the database is there")
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts")
}
