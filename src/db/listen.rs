//! Hints that there is something in the outbox: within a process after every commit, between the processes of one
//! PostgreSQL by NOTIFY. A hint may be lost; what it hints at is not.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::poll_fn;
use sea_orm::{ConnectionTrait, DbBackend};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_postgres::{AsyncMessage, NoTls};

use super::Db;
use super::backend::Backend;
use super::tls::Address;
use crate::kernel::error::{Error, Result};

const LISTEN: &str = "LISTEN encircle_changes";
const NOTIFY: &str = "NOTIFY encircle_changes";

/// How often other processes are told, at most.
const PAUSE: Duration = Duration::from_millis(10);

/// The hints of other processes.
#[derive(Debug)]
pub struct Hints {
    hints: mpsc::Receiver<()>,
    connection: JoinHandle<()>,
    /// Dropped, it ends the connection.
    _client: tokio_postgres::Client,
}

impl Hints {
    /// Returns at the next hint; an error says that the connection is lost, and hints with it.
    pub async fn next(&mut self) -> Result<()> {
        let lost = || Error::Unavailable("the connection that listens for changes is lost".to_owned());
        self.hints.recv().await.ok_or_else(lost)
    }
}

impl Drop for Hints {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

impl Db {
    /// Begins to hear of the commits of other processes; `None` for SQLite, which has no others.
    pub async fn listen(&self) -> Result<Option<Hints>> {
        if self.0.backend == Backend::Sqlite {
            return Ok(None);
        }
        let Address { mut config, tls } = Address::parse(&self.0.url)?;
        config.application_name("encircle live");
        Ok(Some(match tls {
            Some(tls) => {
                let (client, connection) = config.connect(tls).await.map_err(lost)?;
                hear(client, connection).await?
            }
            None => {
                let (client, connection) = config.connect(NoTls).await.map_err(lost)?;
                hear(client, connection).await?
            }
        }))
    }

    /// Returns after the next commit of this process.
    pub async fn committed(&self) {
        self.0.commits.notified().await;
    }

    /// Tells other processes after every commit of this one, for ever. Not within the transactions: PostgreSQL lets
    /// those that notify commit one after the other.
    pub async fn tell_others(&self) {
        if self.connection().get_database_backend() != DbBackend::Postgres {
            return;
        }
        loop {
            self.0.told.notified().await;
            if let Err(error) = self.connection().execute_unprepared(NOTIFY).await {
                tracing::debug!(%error, "others will look by themselves");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` gives")]
fn lost(cause: tokio_postgres::Error) -> Error {
    Error::Unavailable(format!("changes cannot be listened for: {cause}"))
}

async fn hear<S, T>(
    client: tokio_postgres::Client,
    mut connection: tokio_postgres::Connection<S, T>,
) -> Result<Hints>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    // One hint says as much as many.
    let (sender, hints) = mpsc::channel(1);
    let connection = tokio::spawn(async move {
        let mut messages = poll_fn(move |context| connection.poll_message(context));
        while let Some(Ok(message)) = messages.next().await {
            if matches!(message, AsyncMessage::Notification(_)) {
                let _ = sender.try_send(());
            }
        }
    });
    let listens = client.batch_execute(LISTEN).await;
    let hints = Hints { hints, connection, _client: client };
    listens.map_err(|error| Error::Unavailable(error.to_string()))?;
    Ok(hints)
}
