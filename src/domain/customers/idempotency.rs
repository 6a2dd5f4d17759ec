//! Requests that are done once, by the key that their sender gives them. The key's row is written with the effect: it is
//! there if and only if the effect is, also when the sender, or we, never heard of the commit.

use std::fmt::Display;

use entities::customer;
use entities::idempotency_key::{Column, Entity, Model};
use entities::ids::{CustomerId, Id};
use entities::timestamp::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect, QueryTrait, Statement,
};
use sha2::{Digest, Sha256};

use crate::db::{Db, overdue};
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::kernel::error::{Error, Result};

/// Bytes of a key, at most.
const MAX_KEY: usize = 255;
/// For how long a key is known.
const KEPT: i64 = 30 * 86_400_000;

/// Who sends requests: each has keys of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A customer, whatever rows it is made of: who signs in has the keys of the device where nobody had.
    Customer(CustomerId),
    /// A touchpoint, or a token of staff.
    Named(String),
}

impl Principal {
    fn text(&self) -> String {
        match self {
            Self::Customer(id) => id.to_string(),
            Self::Named(name) => name.clone(),
        }
    }
}

/// A request that is to be done once.
#[derive(Clone, Debug)]
pub struct Once {
    /// Who sends it.
    pub principal: Principal,
    pub operation: &'static str,
    pub key: String,
    pub body_hash: Vec<u8>,
}

/// What is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim<R> {
    /// It is this transaction's to do.
    New,
    /// It was done; what came of it.
    Done(R),
}

impl Once {
    /// `body` is what is asked for, in a form that is the same whenever the same is asked for.
    pub fn new(
        principal: Principal,
        operation: &'static str,
        key: &str,
        body: &str,
    ) -> Result<Self, Refusal> {
        if key.is_empty() || key.len() > MAX_KEY {
            let message = format!("It must have 1 to {MAX_KEY} bytes: a random id is best.");
            return Err(Refusal::new(Reason::Invalid, "idempotencyKey", message));
        }
        let body_hash = Sha256::digest(body.as_bytes()).to_vec();
        Ok(Self { principal, operation, key: key.to_owned(), body_hash })
    }

    /// What came of the same request, if it was done before. The same key for another request is refused.
    pub async fn find<R: Id>(&self, connection: &impl ConnectionTrait) -> Result<Option<R>, Rejection> {
        let rows = self.rows(connection).await?;
        match rows.iter().find(|row| row.body_hash == self.body_hash) {
            Some(row) => Ok(Some(R::parse(&row.result).map_err(Error::internal)?)),
            None if rows.is_empty() => Ok(None),
            None => {
                let message = "This key was used for another request; take a new one for each.";
                Err(Refusal::new(Reason::KeyReused, "idempotencyKey", message).into())
            }
        }
    }

    /// What was done by this key: of a customer, by any of its rows, for what was done before signing in stays with
    /// the row of the device.
    async fn rows(&self, connection: &impl ConnectionTrait) -> Result<Vec<Model>> {
        let with_key =
            Entity::find().filter(Column::Operation.eq(self.operation)).filter(Column::Key.eq(&self.key));
        let of_sender = match &self.principal {
            Principal::Named(name) => with_key.filter(Column::Principal.eq(name)),
            Principal::Customer(id) => {
                let of_rows = Condition::any()
                    .add(customer::Column::Id.eq(*id))
                    .add(customer::Column::MergedInto.eq(*id));
                let rows =
                    customer::Entity::find().select_only().column(customer::Column::Id).filter(of_rows);
                with_key
                    .filter(Column::CustomerId.in_subquery(rows.into_query()))
                    // What somebody else did for the customer has keys of theirs.
                    .filter(Column::Principal.starts_with(format!("{}_", CustomerId::PREFIX)))
            }
        };
        Ok(of_sender.all(connection).await?)
    }

    /// Takes the key for this transaction, unless it was done or is being done at this moment.
    pub async fn claim<R: Id>(&self, transaction: &impl ConnectionTrait) -> Result<Claim<R>, Rejection> {
        if !self.lock(transaction).await? {
            let message =
                "A request with this key is being done at this moment; ask again with the same key.";
            return Err(Refusal::new(Reason::InFlight, "idempotencyKey", message).into());
        }
        Ok(self.find(transaction).await?.map_or(Claim::New, Claim::Done))
    }

    /// SQLite has one writer: nothing else is being done.
    async fn lock(&self, transaction: &impl ConnectionTrait) -> Result<bool> {
        if transaction.get_database_backend() != DbBackend::Postgres {
            return Ok(true);
        }
        let mut hash = Sha256::new();
        for part in [&self.principal.text(), self.operation, &self.key] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let hash = hash.finalize();
        let bytes: [u8; 8] = hash[..8].try_into().map_err(Error::internal)?;
        let statement = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT pg_try_advisory_xact_lock($1) AS locked",
            [i64::from_be_bytes(bytes).into()],
        );
        let row = transaction.query_one_raw(statement).await?;
        Ok(row.ok_or_else(|| Error::internal("a lock says nothing"))?.try_get("", "locked")?)
    }

    /// Writes that it was done, for which customer if for one, and what came of it.
    pub async fn done(
        &self,
        transaction: &impl ConnectionTrait,
        customer: impl Into<Option<CustomerId>>,
        result: impl Id + Display,
        now: Timestamp,
    ) -> Result<()> {
        let row = Model {
            principal: self.principal.text(),
            operation: self.operation.to_owned(),
            key: self.key.clone(),
            body_hash: self.body_hash.clone(),
            customer_id: customer.into(),
            result: result.to_string(),
            created_at: now,
        };
        row.into_active_model().reset_all().insert(transaction).await?;
        Ok(())
    }
}

/// Forgets keys that nobody sends again.
pub async fn sweep(db: &Db, now: Timestamp) -> Result<()> {
    overdue::delete::<Entity>(db, Column::CreatedAt.lt(Timestamp(now.millis() - KEPT))).await
}
