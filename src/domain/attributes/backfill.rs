//! Counting history for definitions that came after it, in small transactions that leave room for what arrives
//! meanwhile. Where it got to is written with what it counted, so it goes on after a crash where it was.

use std::time::Duration;

use entities::ids::AttributeDefinitionId;
use entities::timestamp::Timestamp;
use entities::values::AttributeStatus;
use entities::{attribute_definition, behavior};
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Set,
};

use crate::db::Db;
use crate::db::catalogue;
use crate::domain::attributes::catalogue::{AttributeDefinitions, Attributes};
use crate::domain::attributes::counting::{Counted, Deltas, count_into};
use crate::domain::attributes::definition::Definition;
use crate::domain::attributes::store;
use crate::domain::customers::family;
use crate::kernel::error::Result;
use crate::kernel::turn::Turn;

/// Behaviors counted by one transaction.
const CHUNK: u64 = 1_000;
/// How long others who are counting are left alone.
const PAUSE: Duration = Duration::from_millis(100);

/// How far a backfill is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub key: String,
    pub counted: u64,
    pub total: u64,
    pub is_done: bool,
}

/// Counts one chunk of history for a definition that lacks it; `None` when none does, or when others are at
/// those that do.
pub async fn step(db: &Db, attributes: &Attributes, now: Timestamp) -> Result<Option<Progress>> {
    let progress = db
        .write(async |transaction| {
            let unfinished = attribute_definition::Entity::find()
                .filter(attribute_definition::Column::Status.eq(AttributeStatus::Backfilling))
                .order_by_asc(attribute_definition::Column::Version)
                .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
                .one(transaction)
                .await?;
            match unfinished {
                Some(row) => Ok(Some(count_chunk(transaction, row, now).await?)),
                None => Ok(None),
            }
        })
        .await?;
    if let Some((id, progress)) = &progress
        && progress.is_done
    {
        finish(db, *id, now).await?;
        attributes.refresh(db).await?;
    }
    Ok(progress.map(|(_, progress)| progress))
}

/// Marks a definition as counted. In a transaction of its own: the catalogue is taken before a row of it, as
/// whoever defines does.
async fn finish(db: &Db, id: AttributeDefinitionId, now: Timestamp) -> Result<()> {
    db.write(async |transaction| {
        // Replicas keep the status too: that it is ready is a change of the catalogue.
        catalogue::change(transaction).await?;
        let ready = attribute_definition::ActiveModel {
            status: Set(AttributeStatus::Ready),
            updated_at: Set(now),
            ..Default::default()
        };
        attribute_definition::Entity::update_many()
            .set(ready)
            .filter(attribute_definition::Column::Id.eq(id))
            .exec(transaction)
            .await?;
        Ok(())
    })
    .await
}

/// Counts all history that definitions lack, telling how far it is. What others are counting meanwhile is
/// waited for: when this returns, all are ready.
pub async fn run(
    db: &Db,
    attributes: &Attributes,
    now: impl Fn() -> Timestamp,
    mut tell: impl FnMut(&Progress),
) -> Result<()> {
    loop {
        match step(db, attributes, now()).await? {
            Some(progress) => tell(&progress),
            None if are_ready(&*attributes.refresh(db).await?) => return Ok(()),
            None => tokio::time::sleep(PAUSE).await,
        }
    }
}

fn are_ready(definitions: &AttributeDefinitions) -> bool {
    definitions.all().iter().all(|definition| definition.status == AttributeStatus::Ready)
}

async fn count_chunk(
    transaction: &DatabaseTransaction,
    mut row: attribute_definition::Model,
    now: Timestamp,
) -> Result<(AttributeDefinitionId, Progress)> {
    let id = row.id;
    let definition = Definition::compile(&row)?;
    let behaviors = chunk(transaction, &row).await?;
    let mut deltas = Deltas::new();
    let mut turn = Turn::begin();
    // Not those of a customer who was erased since they were read; whoever erases one now waits until they are
    // counted, and takes that away as well.
    let held = family::hold(transaction, behaviors.iter().map(|behavior| behavior.customer_id)).await?;
    let is_held = |behavior: &&behavior::Model| {
        held.get(&behavior.customer_id).is_some_and(|held: &family::Held| !held.is_erased)
    };
    for behavior in behaviors.iter().filter(is_held) {
        count_into(&mut deltas, behavior.customer_id, &definition, Counted::of(behavior));
        turn.give().await;
    }
    store::add(transaction, deltas).await?;

    row.backfilled += behaviors.len() as i64;
    let is_done = (behaviors.len() as u64) < CHUNK;
    if let Some(last) = behaviors.last() {
        (row.backfill_at, row.backfill_id) = (Some(last.occurred_at), Some(last.id));
    }
    row.updated_at = now;
    let progress = Progress {
        key: row.key.clone(),
        counted: row.backfilled.unsigned_abs(),
        total: row.backfill_total.unsigned_abs(),
        is_done,
    };
    attribute_definition::Entity::update(row.into_active_model().reset_all()).exec(transaction).await?;
    Ok((id, progress))
}

/// The next behaviors that were recorded before the definition was there.
async fn chunk(
    transaction: &DatabaseTransaction,
    row: &attribute_definition::Model,
) -> Result<Vec<behavior::Model>> {
    let mut query = behavior::Entity::find()
        .filter(behavior::Column::Name.eq(&row.behavior))
        .filter(behavior::Column::AttributesVersion.lt(row.version));
    if let (Some(at), Some(id)) = (row.backfill_at, row.backfill_id) {
        let later = Condition::any()
            .add(behavior::Column::OccurredAt.gt(at))
            .add(Condition::all().add(behavior::Column::OccurredAt.eq(at)).add(behavior::Column::Id.gt(id)));
        // The first condition alone lets the index be entered where the last chunk ended.
        query = query.filter(behavior::Column::OccurredAt.gte(at)).filter(later);
    }
    let query =
        query.order_by_asc(behavior::Column::OccurredAt).order_by_asc(behavior::Column::Id).limit(CHUNK);
    Ok(query.all(transaction).await?)
}
