//! The demo's data: eighteen months of Aurora Cinemas, a chain of four houses, made up and the same at every
//! run. The same ids, clock and scale give the same rows to the byte, so that printed answers stay true.

mod basket;
mod belongings;
mod browsing;
mod catalogue;
mod cinemas;
mod command;
mod definitions;
mod dice;
mod films;
mod habits;
mod names;
mod offer_texts;
mod offers;
mod people;
mod story;
mod visit;
mod world;
mod writer;

use entities::ids::{CustomerId, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::IdentityKind;
use entities::{customer_identity, product, touchpoint};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

pub use cinemas::DEMO_KIOSK;
pub use command::{DemoArgs, run};
pub use people::DEMO_CARD;

use crate::db::Db;
use crate::domain::ingest::service::Ingest;
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;
use definitions::Definer;
use dice::Dice;
use people::Person;
use story::Story;
use world::World;
use writer::{Batch, write_people, write_seats, write_world};

/// The demo's present, a Sunday evening: 2026-03-01T18:30:00Z. What is "coming" comes after it.
pub const DEMO_NOW: Timestamp = Timestamp(1_772_389_800_000);

/// The seed of the ids that the demo's answers are printed with.
pub const DEMO_IDS: u64 = 1001;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// How far back the demo goes: eighteen months.
const HISTORY_DAYS: i64 = 548;

/// Known customers at scale 1, and browsers that nobody signed in to.
const CUSTOMERS: u64 = 2_000;
const ANONYMOUS: u64 = 300;
/// Customers written at once.
const AT_ONCE: usize = 500;

/// Whom the demo's tokens speak for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoPeople {
    /// Ada Okafor: web and phone, loyalty card `AUR-0000-1001`.
    pub customer: CustomerId,
    /// The kiosk `vienna-kiosk-1`.
    pub touchpoint: TouchpointId,
}

/// The demo's people, if the database has the demo and all of it.
pub async fn find(db: &Db) -> Result<Option<DemoPeople>> {
    let card = customer_identity::Entity::find()
        .filter(customer_identity::Column::Kind.eq(IdentityKind::LoyaltyCard))
        .filter(customer_identity::Column::Value.eq(DEMO_CARD))
        .one(db.connection())
        .await?;
    // Written last.
    let seat = product::Entity::find().filter(product::Column::StockTaken.gt(0)).one(db.connection()).await?;
    let people = (card, find_kiosk(db).await?, seat);
    let (Some(card), Some(kiosk), Some(_)) = people else { return Ok(None) };
    Ok(Some(DemoPeople { customer: card.customer_id, touchpoint: kiosk.id }))
}

async fn find_kiosk(db: &Db) -> Result<Option<touchpoint::Model>> {
    let kiosk = touchpoint::Entity::find().filter(touchpoint::Column::Key.eq(DEMO_KIOSK));
    Ok(kiosk.one(db.connection()).await?)
}

/// Fills an empty database, told what time it is there; `scale` multiplies customers, what they do, and the
/// showings they need for it. `progress` is told how many customers of how many are done. A database that has
/// the demo already is left as it is.
pub async fn seed(
    db: &Db,
    ids: &Ids,
    now: Timestamp,
    scale: u32,
    progress: impl Fn(u64, u64),
) -> Result<DemoPeople> {
    if let Some(people) = find(db).await? {
        return Ok(people);
    }
    if find_kiosk(db).await?.is_some() {
        return Err(Error::Conflict(
            "the database holds a demo whose making was broken off; begin with an empty database".to_owned(),
        ));
    }
    let scale = scale.max(1);
    let mut world = World::build(ids, now, scale);
    write_world(db, &world).await?;
    let definer = Definer::new(db);
    definer.define_attributes(Timestamp(now.millis() - HISTORY_DAYS * DAY)).await?;
    let ingest = Ingest::open(db, Clock::fixed(now), ids.clone()).await?;
    let known = CUSTOMERS * u64::from(scale);
    let all = known + ANONYMOUS * u64::from(scale);
    let ada = Person::ada(ids, now);
    let people = DemoPeople { customer: ada.id, touchpoint: world.places.houses[0].kiosks[0] };
    let mut ada = Some(ada);
    let mut batch = Batch::default();
    for number in 0..all {
        let mut dice = Dice::new(number);
        let person = match ada.take() {
            Some(ada) => ada,
            None if number < known => Person::somebody(ids, now, number, &mut dice),
            None => Person::anonymous(ids, now, number, &mut dice),
        };
        Story::tell(&mut world, ids, &mut batch, person, dice)?;
        if batch.customers.len() == AT_ONCE {
            write_people(&ingest, &world, std::mem::take(&mut batch)).await?;
            progress(number + 1, all);
        }
    }
    write_people(&ingest, &world, batch).await?;
    definer.define_segments(now).await?;
    let opened = Timestamp(now.millis() - HISTORY_DAYS * DAY);
    definer.define_placements(opened, &world.offers).await?;
    write_seats(db, &world).await?;
    progress(all, all);
    Ok(people)
}
