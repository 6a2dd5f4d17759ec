//! Writing many rows with few statements.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Iterable, PrimaryKeyTrait};

use crate::kernel::error::Result;

/// How many values one statement may carry: SQLite takes 32,766, PostgreSQL 65,535.
const VALUES_PER_STATEMENT: usize = 32_000;

/// How many keys a `WHERE … IN` may list, well below the same limit.
pub const KEYS_PER_STATEMENT: usize = 2_000;

/// The primary key of an active model's table.
type Key<A> = <<<A as ActiveModelTrait>::Entity as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

/// Inserts rows; those that a unique key already has are left alone. Returns the primary keys that went in.
/// Rows should come sorted by that key, so that concurrent writers never wait for each other in a circle.
pub async fn insert_new<M, A>(connection: &impl ConnectionTrait, rows: Vec<M>) -> Result<Vec<Key<A>>>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    let at_once = VALUES_PER_STATEMENT / <A::Entity as EntityTrait>::Column::iter().count();
    let mut inserted = Vec::with_capacity(rows.len());
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let keys =
            A::Entity::insert_many(rows.by_ref().take(at_once).map(IntoActiveModel::into_active_model))
                .on_conflict(OnConflict::new().do_nothing().to_owned())
                .exec_with_returning_keys(connection)
                .await?;
        inserted.extend(keys);
    }
    Ok(inserted)
}

/// Inserts rows that must all be new: a unique key that is taken is a conflict.
pub async fn insert_all<M, A>(connection: &impl ConnectionTrait, rows: Vec<M>) -> Result<()>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    let at_once = VALUES_PER_STATEMENT / <A::Entity as EntityTrait>::Column::iter().count();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        A::Entity::insert_many(rows.by_ref().take(at_once).map(IntoActiveModel::into_active_model))
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}
