//! Defining attributes: a new one, or another meaning for one that is there.

use entities::attribute_definition;
use entities::behavior;
use entities::ids::{AttributeDefinitionId, BehaviorId};
use entities::timestamp::Timestamp;
use entities::values::{Aggregate, AttributeStatus};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QuerySelect,
};

use crate::db::Db;
use crate::db::catalogue;
use crate::db::read::Select;
use crate::domain::attributes::catalogue::Attributes;
use crate::domain::attributes::definition::Definition;
use crate::domain::attributes::retire::retire;
use crate::domain::behaviors::store::Behavior;
use crate::kernel::columns::Columns;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;

/// The most definitions there may be: each behavior is held against those of its name.
const MAX_DEFINITIONS: u64 = 500;
const MAX_KEY: usize = 64;
const MAX_TEXT: usize = 255;

/// What an attribute is to mean.
#[derive(Clone, Debug)]
pub struct NewDefinition {
    pub key: String,
    pub label: String,
    pub behavior: String,
    pub property: Option<String>,
    pub filter: Option<String>,
    pub aggregate: Aggregate,
    pub window: Option<String>,
    pub time_zone: String,
    /// Whether one that is there may be given another meaning.
    pub replace: bool,
}

/// Defines an attribute. The same meaning again changes at most the label; another meaning, which must be said to
/// replace the one that is there, begins anew: it is counted from all history, and has no value until that is done.
pub async fn define(
    db: &Db,
    ids: &Ids,
    attributes: &Attributes,
    now: Timestamp,
    new: NewDefinition,
) -> Result<AttributeDefinitionId> {
    check(&new)?;
    // Everybody who records waits while something is defined, so what takes long is done before. Behaviors that
    // come in meanwhile are missed by the bar only.
    let history = Select::<Behavior>::of(Columns::NONE).eq("name", new.behavior.as_str()).count(db).await?;
    let id = db
        .write(async |transaction| {
            let version = catalogue::change(transaction).await?;
            let known = attribute_definition::Entity::find()
                .filter(attribute_definition::Column::Key.eq(&new.key))
                .one(transaction)
                .await?;
            match known {
                Some(row) if means_the_same(&row, &new) => relabel(transaction, row, &new, now).await,
                Some(row) if !new.replace => Err(Error::Conflict(in_use(&row, &new))),
                Some(row) => {
                    forget(transaction, row.id).await?;
                    insert(transaction, ids, now, &new, version, history).await
                }
                None => {
                    if attribute_definition::Entity::find().count(transaction).await? >= MAX_DEFINITIONS {
                        let message = format!("there are {MAX_DEFINITIONS} attributes, which is the most");
                        return Err(Error::Conflict(message));
                    }
                    insert(transaction, ids, now, &new, version, history).await
                }
            }
        })
        .await?;
    attributes.refresh(db).await?;
    Ok(id)
}

fn check(new: &NewDefinition) -> Result<()> {
    check_key(&new.key)?;
    for (field, text) in [("input.label", &new.label), ("input.behavior", &new.behavior)] {
        if text.trim().is_empty() || text.len() > MAX_TEXT {
            return Err(Error::invalid(
                field,
                format!("it must have 1 to {MAX_TEXT} bytes, it has {}", text.len()),
            ));
        }
    }
    if let Some(path) = &new.property
        && (path.len() > MAX_TEXT || path.split('.').any(|name| name.trim().is_empty()))
    {
        return Err(Error::invalid(
            "input.property",
            format!("`{path}` is no path; write names with dots: product.genre"),
        ));
    }
    Ok(())
}

/// Whether this can be the key by which rules name something: `visits_90d`, `film_buff`.
pub fn check_key(key: &str) -> Result<()> {
    let mut characters = key.chars();
    let begins = characters.next().is_some_and(|first| first.is_ascii_lowercase());
    let is_key = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !begins || !characters.all(is_key) || key.len() > MAX_KEY {
        let message = format!(
            "`{key}` is no key; write a small letter, then small letters, digits and `_`, {MAX_KEY} at most: visits_90d"
        );
        return Err(Error::invalid("input.key", message));
    }
    Ok(())
}

fn means_the_same(row: &attribute_definition::Model, new: &NewDefinition) -> bool {
    differences(row, new).is_empty()
}

/// What of two meanings is not the same, by the names of the input.
fn differences(row: &attribute_definition::Model, new: &NewDefinition) -> Vec<&'static str> {
    let parts = [
        ("behavior", row.behavior == new.behavior),
        ("property", row.property == new.property),
        ("where", row.filter == new.filter),
        ("aggregate", row.aggregate == new.aggregate),
        ("window", row.window == new.window),
        ("timeZone", row.time_zone == new.time_zone),
    ];
    parts.into_iter().filter(|(_, is_same)| !is_same).map(|(name, _)| name).collect()
}

fn in_use(row: &attribute_definition::Model, new: &NewDefinition) -> String {
    format!(
        "there is an attribute `{}` with another meaning ({}); choose another key, or say `replace: true` (`--replace` \
         on the command line) to give it this one, counted anew from all history",
        row.key,
        differences(row, new).join(", ")
    )
}

async fn relabel(
    transaction: &DatabaseTransaction,
    row: attribute_definition::Model,
    new: &NewDefinition,
    now: Timestamp,
) -> Result<AttributeDefinitionId> {
    let id = row.id;
    let changed = attribute_definition::Model { label: new.label.clone(), updated_at: now, ..row };
    attribute_definition::Entity::update(changed.into_active_model().reset_all()).exec(transaction).await?;
    Ok(id)
}

/// Takes a definition away, and in time its buckets.
pub(in crate::domain) async fn forget(
    transaction: &DatabaseTransaction,
    id: AttributeDefinitionId,
) -> Result<()> {
    attribute_definition::Entity::delete_by_id(id).exec(transaction).await?;
    retire(transaction, id).await
}

async fn insert(
    transaction: &DatabaseTransaction,
    ids: &Ids,
    now: Timestamp,
    new: &NewDefinition,
    version: i64,
    history: u64,
) -> Result<AttributeDefinitionId> {
    let mut row = attribute_definition::Model {
        id: ids.next(now),
        key: new.key.clone(),
        label: new.label.clone(),
        behavior: new.behavior.clone(),
        property: new.property.clone(),
        filter: new.filter.clone(),
        aggregate: new.aggregate,
        window: new.window.clone(),
        time_zone: new.time_zone.clone(),
        version,
        status: AttributeStatus::Backfilling,
        backfilled: 0,
        backfill_total: 0,
        backfill_at: None,
        backfill_id: None::<BehaviorId>,
        created_at: now,
        updated_at: now,
    };
    let definition = Definition::compile(&row)?;
    let known = behavior::Entity::find().filter(behavior::Column::Name.eq(&new.behavior)).limit(1);
    if definition.is_bucketed() && known.one(transaction).await?.is_some() {
        row.backfill_total = history.max(1).try_into().unwrap_or(i64::MAX);
    } else {
        // Nothing to count: it is exact from the first behavior on.
        row.status = AttributeStatus::Ready;
    }
    let id = row.id;
    attribute_definition::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(transaction)
        .await?;
    Ok(id)
}
