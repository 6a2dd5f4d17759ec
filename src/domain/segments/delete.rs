//! Taking definitions away: segments with their members, and attributes that no segment reads any more.

use entities::ids::{AttributeDefinitionId, SegmentId};
use entities::{attribute_definition, segment, segment_member};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::db::catalogue::{self, Definitions};
use crate::domain::attributes::catalogue::Attributes;
use crate::domain::attributes::define::forget;
use crate::domain::segments::catalogue::{Segment, SegmentDefinitions};
use crate::domain::segments::keeper::Segments;
use crate::kernel::error::{Error, Result};

/// How often a transaction is begun anew when another writer was quicker.
const ATTEMPTS: usize = 4;
/// Segments that a refusal names.
const MAX_NAMED: usize = 10;

impl Segments {
    /// Takes a segment away, and its members with it.
    pub async fn delete(&self, key: &str) -> Result<SegmentId> {
        let mut attempt = 1;
        let id = loop {
            match self.db.write(async |transaction| delete(transaction, key).await).await {
                // Who is erased leaves the list in the other order: one of the two begins anew.
                Err(Error::Conflict(_)) if attempt < ATTEMPTS => attempt += 1,
                deleted => break deleted?,
            }
        };
        self.defined().await?;
        Ok(id)
    }

    /// Takes an attribute away, and in time what was counted for it. One that rules of segments read stays.
    pub async fn delete_attribute(
        &self,
        attributes: &Attributes,
        key: &str,
    ) -> Result<AttributeDefinitionId> {
        let id = self
            .db
            .write(async |transaction| {
                catalogue::change(transaction).await?;
                let found =
                    attribute_definition::Entity::find().filter(attribute_definition::Column::Key.eq(key));
                let Some(row) = found.one(transaction).await? else {
                    return Err(Error::NotFound(format!("there is no attribute `{key}`")));
                };
                refuse_if_read(transaction, key).await?;
                forget(transaction, row.id).await?;
                Ok(row.id)
            })
            .await?;
        attributes.refresh(&self.db).await?;
        self.defined().await?;
        Ok(id)
    }
}

async fn delete(transaction: &DatabaseTransaction, key: &str) -> Result<SegmentId> {
    catalogue::change(transaction).await?;
    let found = segment::Entity::find().filter(segment::Column::Key.eq(key));
    let Some(row) = found.one(transaction).await? else {
        return Err(Error::NotFound(format!("there is no segment `{key}`")));
    };
    // The segment first: who is just writing members of it has then done so, or finds it gone.
    segment::Entity::delete_by_id(row.id).exec(transaction).await?;
    segment_member::Entity::delete_many()
        .filter(segment_member::Column::SegmentId.eq(row.id))
        .exec(transaction)
        .await?;
    Ok(row.id)
}

async fn refuse_if_read(transaction: &DatabaseTransaction, key: &str) -> Result<()> {
    let segments = SegmentDefinitions::load(transaction).await?;
    let readers: Vec<String> = segments
        .all()
        .iter()
        .filter(|segment| reads(segment, key))
        .map(|segment| format!("`{}`", segment.row.key))
        .collect();
    if readers.is_empty() {
        return Ok(());
    }
    let named = readers[..readers.len().min(MAX_NAMED)].join(", ");
    let more = match readers.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Err(Error::Conflict(format!(
        "attribute `{key}` is read by the rules of the segments {named}{more}; change or delete these first"
    )))
}

/// Whether a segment's rule reads an attribute; of a rule that no longer makes sense, whether it names it.
fn reads(segment: &Segment, key: &str) -> bool {
    match &segment.rule {
        Ok(rule) => rule.keys("attributes").any(|read| read == key),
        Err(_) => {
            let is_in_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            segment.row.rule.split(|letter| !is_in_name(letter)).any(|word| word == key)
        }
    }
}
