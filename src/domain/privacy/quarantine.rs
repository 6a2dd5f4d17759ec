//! Behaviors in quarantine have no customer yet. They are a person's if what arrived holds one of the
//! person's identities, in whatever place and form.

use std::collections::{HashMap, HashSet};

use entities::ids::{CustomerId, QuarantinedBehaviorId};
use entities::values::IdentityKind;
use entities::{customer_identity, quarantined_behavior};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::Value;

use crate::db::bulk::KEYS_PER_STATEMENT;
use crate::domain::customers::identity::IdentityKey;
use crate::domain::privacy::export::object;
use crate::domain::privacy::rules::Rows;
use crate::kernel::error::Result;

/// How many rows are looked through at once.
const PAGE: u64 = 500;

/// The behaviors in quarantine that name one of these customers.
pub(super) fn export<'a>(
    transaction: &'a DatabaseTransaction,
    _: Rows,
    customers: &'a [CustomerId],
) -> BoxFuture<'a, Result<Vec<Value>>> {
    async move {
        let rows = naming(transaction, customers).await?;
        Ok(rows.iter().map(object::<quarantined_behavior::Entity>).collect())
    }
    .boxed()
}

/// Deletes them.
pub(super) async fn erase(transaction: &DatabaseTransaction, customers: &[CustomerId]) -> Result<()> {
    let rows: Vec<_> = naming(transaction, customers).await?.into_iter().map(|row| row.id).collect();
    for ids in rows.chunks(KEYS_PER_STATEMENT) {
        quarantined_behavior::Entity::delete_many()
            .filter(quarantined_behavior::Column::Id.is_in(ids.iter().copied()))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

async fn naming(
    transaction: &DatabaseTransaction,
    customers: &[CustomerId],
) -> Result<Vec<quarantined_behavior::Model>> {
    let names = Names::of(transaction, customers).await?;
    let mut found = Vec::new();
    let mut after: Option<QuarantinedBehaviorId> = None;
    loop {
        let mut query = quarantined_behavior::Entity::find();
        if let Some(after) = after {
            query = query.filter(quarantined_behavior::Column::Id.gt(after));
        }
        let page = query.order_by_asc(quarantined_behavior::Column::Id).limit(PAGE).all(transaction).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = Some(last.id);
        found.extend(page.into_iter().filter(|row| names.are_in(&row.arrival)));
    }
}

/// All by which some customers may be named.
struct Names {
    by_kind: HashMap<IdentityKind, HashSet<String>>,
    customers: HashSet<String>,
}

impl Names {
    async fn of(connection: &impl ConnectionTrait, customers: &[CustomerId]) -> Result<Self> {
        let mut by_kind: HashMap<_, HashSet<_>> = HashMap::new();
        for ids in customers.chunks(KEYS_PER_STATEMENT) {
            let query = customer_identity::Entity::find()
                .filter(customer_identity::Column::CustomerId.is_in(ids.iter().copied()));
            for row in query.all(connection).await? {
                by_kind.entry(row.kind).or_default().insert(row.value);
            }
        }
        Ok(Self { by_kind, customers: customers.iter().map(ToString::to_string).collect() })
    }

    fn are_in(&self, value: &Value) -> bool {
        match value {
            Value::Object(fields) => fields.values().any(|value| self.are_in(value)),
            Value::Array(items) => items.iter().any(|item| self.are_in(item)),
            Value::String(text) => self.contain(text),
            Value::Number(number) => self.contain(&number.to_string()),
            Value::Bool(_) | Value::Null => false,
        }
    }

    fn contain(&self, text: &str) -> bool {
        let is_identity = |(kind, values): (&IdentityKind, &HashSet<String>)| {
            IdentityKey::try_new(*kind, text).is_ok_and(|key| values.contains(key.value()))
        };
        self.customers.contains(text) || self.by_kind.iter().any(is_identity)
    }
}
