//! Taking away definitions that rules may read: segments with their members, and attributes. It stands with offers
//! because it asks the rules of segments and of offers; what one of them reads stays.

use entities::ids::{AttributeDefinitionId, SegmentId};
use entities::values::OfferStatus;
use entities::{attribute_definition, offer, segment, segment_member};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder};

use crate::db::catalogue::{self, Definitions};
use crate::domain::attributes::catalogue::Attributes;
use crate::domain::attributes::define::forget;
use crate::domain::segments::catalogue::{Segment, SegmentDefinitions};
use crate::domain::segments::keeper::Segments;
use crate::kernel::error::{Error, Result};

/// Readers that a refusal names.
const MAX_NAMED: usize = 10;

/// Takes a segment away, and its members with it.
pub async fn remove_segment(segments: &Segments, key: &str) -> Result<SegmentId> {
    // Who is erased leaves the list in the other order: one of the two begins anew.
    let removed =
        segments.db.write_retrying(key, |transaction, key| Box::pin(try_segment(transaction, key))).await?;
    segments.defined().await?;
    removed.map_err(Error::Conflict)
}

/// Takes an attribute away, and in time what was counted for it.
pub async fn remove_attribute(
    segments: &Segments,
    attributes: &Attributes,
    key: &str,
) -> Result<AttributeDefinitionId> {
    let id = segments
        .db
        .write(async |transaction| {
            catalogue::change(transaction).await?;
            let found =
                attribute_definition::Entity::find().filter(attribute_definition::Column::Key.eq(key));
            let Some(row) = found.one(transaction).await? else {
                return Err(Error::NotFound(format!("there is no attribute `{key}`")));
            };
            let mut readers = segments_that_read(transaction, key).await?;
            readers.extend(offers_that_name(transaction, key).await?);
            if !readers.is_empty() {
                return Err(Error::Conflict(read_by("attribute", key, &readers)));
            }
            forget(transaction, row.id).await?;
            Ok(row.id)
        })
        .await?;
    attributes.refresh(&segments.db).await?;
    segments.defined().await?;
    Ok(id)
}

/// The segment that is gone, or why it stays.
async fn try_segment(transaction: &DatabaseTransaction, key: &str) -> Result<Result<SegmentId, String>> {
    catalogue::change(transaction).await?;
    let found = segment::Entity::find().filter(segment::Column::Key.eq(key));
    let Some(row) = found.one(transaction).await? else {
        return Err(Error::NotFound(format!("there is no segment `{key}`")));
    };
    let readers = offers_that_name(transaction, key).await?;
    if !readers.is_empty() {
        return Ok(Err(read_by("segment", key, &readers)));
    }
    // The segment first: who is just writing members of it has then done so, or finds it gone.
    segment::Entity::delete_by_id(row.id).exec(transaction).await?;
    segment_member::Entity::delete_many()
        .filter(segment_member::Column::SegmentId.eq(row.id))
        .exec(transaction)
        .await?;
    Ok(Ok(row.id))
}

fn read_by(noun: &str, key: &str, readers: &[String]) -> String {
    let named = readers[..readers.len().min(MAX_NAMED)].join(", ");
    let more = match readers.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{noun} `{key}` is read by the rules of {named}{more}; change or delete these first")
}

async fn segments_that_read(transaction: &DatabaseTransaction, key: &str) -> Result<Vec<String>> {
    let segments = SegmentDefinitions::load(transaction).await?;
    let readers = segments.all().iter().filter(|segment| reads(segment, key));
    Ok(readers.map(|segment| format!("segment `{}`", segment.row.key)).collect())
}

/// Offers that are or may be shown and whose rules have this word: one that only looks like it stays as well.
async fn offers_that_name(transaction: &DatabaseTransaction, key: &str) -> Result<Vec<String>> {
    let over = [OfferStatus::Ended, OfferStatus::Archived];
    let offers = offer::Entity::find()
        .filter(offer::Column::Status.is_not_in(over))
        .order_by_asc(offer::Column::Key)
        .all(transaction)
        .await?;
    let is_named = |row: &offer::Model| {
        names(&row.eligibility, key) || row.rank.as_deref().is_some_and(|rank| names(rank, key))
    };
    Ok(offers.iter().filter(|row| is_named(row)).map(|row| format!("offer `{}`", row.key)).collect())
}

/// Whether a segment's rule reads an attribute; of a rule that no longer makes sense, whether it names it.
fn reads(segment: &Segment, key: &str) -> bool {
    match &segment.rule {
        Ok(rule) => rule.keys("attributes").any(|read| read == key),
        Err(_) => names(&segment.row.rule, key),
    }
}

/// Whether a rule has a key as a word.
fn names(rule: &str, key: &str) -> bool {
    let is_in_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    rule.split(|letter| !is_in_name(letter)).any(|word| word == key)
}
