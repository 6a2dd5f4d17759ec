//! Defining segments: their rules are compiled before they are kept.

use entities::ids::SegmentId;
use entities::segment::{Column, Entity, Model};
use entities::timestamp::Timestamp;
use entities::values::ConsentPurpose;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};

use crate::db::catalogue::{self, Definitions};
use crate::domain::attributes::catalogue::AttributeDefinitions;
use crate::domain::attributes::define::check_key;
use crate::domain::segments::catalogue::vocabulary;
use crate::domain::segments::keeper::Segments;
use crate::kernel::error::{Error, Result};
use crate::rules::{Expect, Rule};

/// The most segments there may be: each customer is judged by all of them.
const MAX_SEGMENTS: u64 = 200;
const MAX_NAME: usize = 255;

/// What a segment is to be.
#[derive(Clone, Debug)]
pub struct NewSegment {
    pub key: String,
    pub name: String,
    pub rule: String,
    pub purpose: ConsentPurpose,
}

/// What of a segment is to be another.
#[derive(Clone, Debug, Default)]
pub struct SegmentChange {
    pub name: Option<String>,
    pub rule: Option<String>,
    pub purpose: Option<ConsentPurpose>,
}

/// Compiles a rule against the attributes as they are; the error names the input.
pub async fn compile(
    connection: &impl ConnectionTrait,
    source: &str,
) -> Result<(Rule, AttributeDefinitions)> {
    let attributes = AttributeDefinitions::load(connection).await?;
    let rule = Rule::compile(source, &vocabulary(&attributes), Expect::Condition)
        .map_err(|error| Error::invalid("input.rule", error.to_string()))?;
    Ok((rule, attributes))
}

fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() || name.len() > MAX_NAME {
        let message = format!("it must have 1 to {MAX_NAME} bytes, it has {}", name.len());
        return Err(Error::invalid("input.name", message));
    }
    Ok(())
}

impl Segments {
    /// Makes a segment. Its members are found from now on, without anybody waiting for it.
    pub async fn create(&self, new: NewSegment) -> Result<SegmentId> {
        check_key(&new.key)?;
        check_name(&new.name)?;
        let now = self.clock.now();
        let id = self.ids.next(now);
        self.db
            .write(async |transaction| {
                let version = catalogue::change(transaction).await?;
                compile(transaction, &new.rule).await?;
                if Entity::find().filter(Column::Key.eq(&new.key)).count(transaction).await? > 0 {
                    return Err(Error::Conflict(format!("there is a segment `{}` already", new.key)));
                }
                if Entity::find().count(transaction).await? >= MAX_SEGMENTS {
                    let message = format!("there are {MAX_SEGMENTS} segments, which is the most");
                    return Err(Error::Conflict(message));
                }
                let row = row(id, &new, version, now);
                Entity::insert(row.into_active_model().reset_all())
                    .exec_without_returning(transaction)
                    .await?;
                Ok(())
            })
            .await?;
        self.defined().await?;
        Ok(id)
    }

    /// Changes a segment. Another rule or purpose has everybody judged anew.
    pub async fn change(&self, id: SegmentId, change: SegmentChange) -> Result<SegmentId> {
        change.name.as_deref().map_or(Ok(()), check_name)?;
        let now = self.clock.now();
        self.db
            .write(async |transaction| {
                let version = catalogue::change(transaction).await?;
                let Some(row) = Entity::find_by_id(id).one(transaction).await? else {
                    return Err(Error::NotFound(format!("there is no segment `{id}`")));
                };
                let changed = apply(row, &change, version, now);
                compile(transaction, &changed.rule).await?;
                let Model { id, name, rule, purpose, version, failure, updated_at, .. } = changed;
                let changed = entities::segment::ActiveModel {
                    name: sea_orm::Set(name),
                    rule: sea_orm::Set(rule),
                    purpose: sea_orm::Set(purpose),
                    version: sea_orm::Set(version),
                    failure: sea_orm::Set(failure),
                    updated_at: sea_orm::Set(updated_at),
                    ..Default::default()
                };
                Entity::update_many().set(changed).filter(Column::Id.eq(id)).exec(transaction).await?;
                Ok(())
            })
            .await?;
        self.defined().await?;
        Ok(id)
    }

    /// Learns of what was defined here.
    pub(in crate::domain) async fn defined(&self) -> Result<()> {
        self.catalogue.refresh(&self.db).await?;
        self.wake();
        Ok(())
    }
}

fn row(id: SegmentId, new: &NewSegment, version: i64, now: Timestamp) -> Model {
    Model {
        id,
        key: new.key.clone(),
        name: new.name.clone(),
        rule: new.rule.clone(),
        purpose: new.purpose,
        version,
        size: 0,
        judged_at: None,
        failure: None,
        basis: None,
        marked_to: None,
        created_at: now,
        updated_at: now,
    }
}

/// Only what changes who belongs makes another version.
fn apply(row: Model, change: &SegmentChange, version: i64, now: Timestamp) -> Model {
    let rule = change.rule.clone().unwrap_or_else(|| row.rule.clone());
    let purpose = change.purpose.unwrap_or(row.purpose);
    let is_same = (&rule, purpose) == (&row.rule, row.purpose);
    Model {
        name: change.name.clone().unwrap_or_else(|| row.name.clone()),
        version: if is_same { row.version } else { version },
        failure: row.failure.clone().filter(|_| is_same),
        rule,
        purpose,
        updated_at: now,
        ..row
    }
}
