//! The databases that are raced on: a throw-away PostgreSQL cluster, as the tests have it, and a file.

use encircle::db::Db;
use encircle::db::connect::DbConfig;
use sea_orm::ConnectionTrait;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::postgres::Server;

/// The name of the database on a PostgreSQL server.
const NAME: &str = "encircle_races";

pub struct Database {
    pub name: &'static str,
    pub url: String,
    _folder: Option<TempDir>,
}

pub fn postgres() -> Option<Database> {
    let server = Server::get()?;
    runtime().block_on(async {
        let admin = Db::connect(&DbConfig::new(server.admin_url())).await.expect("PostgreSQL answers");
        for statement in
            [format!("DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"), format!("CREATE DATABASE {NAME}")]
        {
            admin.connection().execute_unprepared(&statement).await.expect("databases can be made");
        }
    });
    Some(Database { name: "PostgreSQL", url: server.url(NAME), _folder: None })
}

pub fn sqlite() -> Database {
    let folder = TempDir::new().expect("a temporary folder");
    let url = format!("sqlite://{}", folder.path().join("races.db").display());
    Database { name: "SQLite", url, _folder: Some(folder) }
}

impl Database {
    /// Runs something on a connection of its own.
    pub fn with<T>(&self, work: impl AsyncFnOnce(&Db) -> T) -> T {
        runtime().block_on(async {
            let db = Db::connect(&DbConfig::new(&self.url)).await.expect("the database is there");
            let done = work(&db).await;
            db.close().await.expect("the connections close");
            done
        })
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts")
}
