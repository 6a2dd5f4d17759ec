//! Writing placements: a new one, or one that is there anew.

use entities::ids::{OfferId, PlacementId};
use entities::offer;
use entities::placement::{Column, Entity, Model};
use entities::timestamp::Timestamp;
use entities::values::{OfferStatus, TextEnum};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};

use crate::db::{Db, catalogue};
use crate::domain::customers::rejection::Reason;
use crate::domain::offers::checks::{check_name, check_slug};
use crate::domain::offers::faults::{Faults, Refused};
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;

/// The most placements there may be.
const MAX_PLACEMENTS: u64 = 1_000;

/// What a placement is to be. What is left out stays; a new one is called by its key and falls back on nothing.
#[derive(Clone, Debug, Default)]
pub struct PlacementParts {
    pub key: String,
    pub name: Option<String>,
    pub fallback: Option<Option<OfferId>>,
}

/// Makes the placement with this key, or changes it.
pub async fn upsert(
    db: &Db,
    ids: &Ids,
    now: Timestamp,
    parts: PlacementParts,
) -> Result<PlacementId, Refused> {
    let mut faults = Faults::default();
    let done = db
        .write(async |transaction| {
            catalogue::change(transaction).await?;
            check_slug("key", &parts.key, &mut faults);
            let known = Entity::find().filter(Column::Key.eq(&parts.key)).one(transaction).await?;
            let is_new = known.is_none();
            let row = merged(known.unwrap_or_else(|| bare(ids, now, &parts.key)), &parts, now);
            if row.name != row.key {
                check_name(&row.name, &mut faults);
            }
            if let Some(Some(fallback)) = parts.fallback {
                must_be_shown(transaction, fallback, &mut faults).await?;
            }
            if is_new && Entity::find().count(transaction).await? >= MAX_PLACEMENTS {
                let message = format!("there are {MAX_PLACEMENTS} placements, which is the most");
                faults.add(Reason::LimitReached, "", message);
            }
            faults.check()?;
            let (id, row) = (row.id, row.into_active_model().reset_all());
            if is_new {
                Entity::insert(row).exec_without_returning(transaction).await?;
            } else {
                Entity::update(row).exec(transaction).await?;
            }
            Ok(id)
        })
        .await;
    faults.settle(done)
}

fn bare(ids: &Ids, now: Timestamp, key: &str) -> Model {
    Model {
        id: ids.next(now),
        key: key.to_owned(),
        name: key.to_owned(),
        fallback_offer_id: None,
        created_at: now,
        updated_at: now,
    }
}

fn merged(row: Model, parts: &PlacementParts, now: Timestamp) -> Model {
    Model {
        name: parts.name.clone().unwrap_or(row.name),
        fallback_offer_id: parts.fallback.unwrap_or(row.fallback_offer_id),
        updated_at: now,
        ..row
    }
}

async fn must_be_shown(
    connection: &impl ConnectionTrait,
    fallback: OfferId,
    faults: &mut Faults,
) -> Result<()> {
    let path = "fallbackOfferId";
    match offer::Entity::find_by_id(fallback).one(connection).await? {
        None => faults.add(Reason::NotFound, path, format!("there is no offer `{fallback}`")),
        Some(offer) if matches!(offer.status, OfferStatus::Ended | OfferStatus::Archived) => {
            let message = format!("the offer `{}` is {}; nothing shows it", offer.key, offer.status.text());
            faults.add(Reason::Conflict, path, message);
        }
        Some(_) => {}
    }
    Ok(())
}
