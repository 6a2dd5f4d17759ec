//! The PostgreSQL side of the read door: pooled connections with prepared statements.

use std::pin::pin;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures_util::TryStreamExt;
use tokio::sync::OnceCell;
use tokio_postgres::NoTls;
use tokio_postgres::types::ToSql;

use super::cell::RawRow;
use super::sql::Sql;
use crate::db::tls::Address;
use crate::kernel::error::{Error, Result};

/// How long a request waits for a connection before it is told to come back.
const WAIT: Duration = Duration::from_secs(1);
const CONNECT: Duration = Duration::from_secs(2);
/// What every connection of the door is set to: it only reads, and no statement runs away. A statement is
/// planned once: PostgreSQL would plan `= ANY($1)` anew each time, because it guesses that ten keys come and a
/// plan for those that do come looks cheaper; the planning costs more than the statement does.
const SETTINGS: &str =
    "-c default_transaction_read_only=on -c statement_timeout=5000 -c plan_cache_mode=force_generic_plan";
/// Statements a connection keeps prepared. Texts differ by the columns asked for, so there can be many.
const PREPARED: usize = 256;

#[derive(Debug)]
pub struct Postgres {
    pool: Pool,
}

impl Postgres {
    pub fn open(url: &str, connections: usize) -> Result<Self> {
        let Address { mut config, tls } = Address::parse(url)?;
        let options = config.get_options().map_or(SETTINGS.to_owned(), |own| format!("{own} {SETTINGS}"));
        config.options(options).application_name("encircle").connect_timeout(CONNECT);
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = match tls {
            Some(tls) => Manager::from_config(config, tls, recycling),
            None => Manager::from_config(config, NoTls, recycling),
        };
        let pool = Pool::builder(manager)
            .max_size(connections.max(1))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(CONNECT))
            .build()
            .map_err(Error::internal)?;
        Ok(Self { pool })
    }

    pub fn close(&self) {
        self.pool.close();
    }

    /// Runs a statement on the request's connection, or on one of its own.
    pub(super) async fn run<T>(
        &self,
        lease: Option<&OnceCell<Object>>,
        sql: &Sql,
        mut decode: impl FnMut(RawRow<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let own;
        let client = match lease {
            Some(lease) => lease.get_or_try_init(|| self.pool.get()).await?,
            None => {
                own = self.pool.get().await?;
                &own
            }
        };
        if client.statement_cache.size() >= PREPARED {
            client.statement_cache.clear();
        }
        let statement = client.prepare_cached(sql.text()).await?;
        let params = sql.params().iter().map(|param| param as &(dyn ToSql + Sync));
        let mut rows = pin!(client.query_raw(&statement, params).await?);
        let mut decoded = Vec::new();
        while let Some(row) = rows.try_next().await? {
            decoded.push(decode(RawRow::Postgres(&row))?);
        }
        Ok(decoded)
    }
}
