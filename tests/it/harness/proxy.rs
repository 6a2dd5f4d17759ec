//! A connection to PostgreSQL that can be lost at the moment of a commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use encircle::db::Db;
use encircle::db::connect::DbConfig;
use sea_orm::DbBackend;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinSet;
use tokio_postgres::config::{Config, Host};

use super::databases::url_of;

/// When the connection is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Lost {
    /// The database never hears of the commit.
    BeforeCommit = 1,
    /// The database commits, and nobody hears of it.
    AfterCommit = 2,
}

/// It goes on until this is dropped.
pub struct Proxy {
    url: String,
    next: Arc<AtomicU8>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// None for SQLite, to which there is no connection.
    pub async fn to(db: &Db) -> Option<Self> {
        if db.connection().get_database_backend() != DbBackend::Postgres {
            return None;
        }
        let config: Config = url_of(db).await.parse().expect("an address of PostgreSQL");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a bound listener has an address");
        let (user, name) =
            (config.get_user().unwrap_or("postgres"), config.get_dbname().unwrap_or("postgres"));
        let password = config.get_password().map(String::from_utf8_lossy).unwrap_or_default();
        let url = format!("postgres://{user}:{password}@{address}/{name}?sslmode=disable");
        let next = Arc::new(AtomicU8::new(0));
        let mut tasks = JoinSet::new();
        let armed = Arc::clone(&next);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(serve(client, config.clone(), Arc::clone(&armed)));
            }
        });
        Some(Self { url, next, _tasks: tasks })
    }

    /// The database by way of this.
    pub async fn connect(&self) -> Db {
        let config = DbConfig { read_connections: 2, write_connections: 2, url: self.url.clone() };
        Db::connect(&config).await.expect("PostgreSQL is there")
    }

    /// Loses the connection at the next commit.
    pub fn lose(&self, lost: Lost) {
        self.next.store(lost as u8, Ordering::SeqCst);
    }

    /// Whether it was lost.
    pub fn has_lost(&self) -> bool {
        self.next.load(Ordering::SeqCst) == 0
    }
}

async fn serve(client: TcpStream, config: Config, next: Arc<AtomicU8>) {
    match &config.get_hosts()[0] {
        Host::Unix(folder) => {
            let port = config.get_ports().first().copied().unwrap_or(5432);
            let socket = folder.join(format!(".s.PGSQL.{port}"));
            relay(client, UnixStream::connect(socket).await.expect("PostgreSQL listens"), &next).await;
        }
        Host::Tcp(host) => {
            let port = config.get_ports().first().copied().unwrap_or(5432);
            let server = TcpStream::connect((host.as_str(), port)).await.expect("PostgreSQL listens");
            relay(client, server, &next).await;
        }
    }
}

async fn relay(mut client: TcpStream, mut server: impl AsyncRead + AsyncWrite + Unpin, next: &AtomicU8) {
    let (mut asked, mut answered) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                let is_commit = asked[..length].windows(6).any(|bytes| bytes == b"COMMIT");
                let lost = if is_commit { next.swap(0, Ordering::SeqCst) } else { 0 };
                if lost == Lost::BeforeCommit as u8 {
                    return;
                }
                if server.write_all(&asked[..length]).await.is_err() {
                    return;
                }
                if lost == Lost::AfterCommit as u8 {
                    // By the time of an answer it is done.
                    let _ = server.read(&mut answered).await;
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let Ok(length @ 1..) = read else { return };
                if client.write_all(&answered[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
