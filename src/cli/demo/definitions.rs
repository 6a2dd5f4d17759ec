//! What Aurora Cinemas wants to know of its customers: attributes of what they did, segments for its campaigns, and
//! the spots where offers are shown.
//! Defined through the same use cases as anybody's.

use chrono_tz::{Europe, Tz};
use entities::timestamp::Timestamp;
use entities::values::{Aggregate, ConsentPurpose};

use super::offers::{Offers, Used};
use crate::db::Db;
use crate::domain::attributes::catalogue::Attributes;
use crate::domain::attributes::define::{NewDefinition, define};
use crate::domain::offers::faults::Refused;
use crate::domain::placements::define::{PlacementParts, upsert};
use crate::domain::segments::define::NewSegment;
use crate::domain::segments::keeper::Segments;
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;

/// Where the chain's days begin.
pub const ZONE: Tz = Europe::Vienna;

/// The seed of the ids of definitions: their own, so that another definition leaves everybody else's ids alone.
const IDS: u64 = 1002;

const VISIT: &str = "Ticket Scanned";
const ORDER: &str = "Order Completed";

/// An attribute; counts what is done, unless it says otherwise.
#[derive(Clone, Copy, Debug)]
struct Attribute {
    key: &'static str,
    label: &'static str,
    behavior: &'static str,
    property: Option<&'static str>,
    filter: Option<&'static str>,
    aggregate: Aggregate,
    window: Option<&'static str>,
}

const fn count(
    key: &'static str,
    label: &'static str,
    behavior: &'static str,
    window: Option<&'static str>,
) -> Attribute {
    Attribute { key, label, behavior, property: None, filter: None, aggregate: Aggregate::Count, window }
}

const ATTRIBUTES: [Attribute; 9] = [
    count("visits_90d", "Visits in 90 days", VISIT, Some("P90D")),
    count("visits_365d", "Visits in a year", VISIT, Some("P365D")),
    Attribute {
        filter: Some(r#""family" in properties.genres"#),
        ..count("family_visits_365d", "Visits to family films in a year", VISIT, Some("P365D"))
    },
    Attribute {
        aggregate: Aggregate::DaysSinceLast,
        ..count("days_since_last_visit", "Days since the last visit", VISIT, None)
    },
    Attribute {
        property: Some("genre"),
        aggregate: Aggregate::MostFrequent,
        ..count("favorite_genre", "Favorite genre", VISIT, None)
    },
    Attribute {
        property: Some("total"),
        aggregate: Aggregate::Sum,
        ..count("spend_365d", "Spent in a year, EUR", ORDER, Some("P365D"))
    },
    Attribute {
        property: Some("channel"),
        aggregate: Aggregate::DistinctCount,
        ..count("channels_used", "Channels bought in within a year", ORDER, Some("P365D"))
    },
    count("streams_30d", "Films watched at home in 30 days", "Film Watched", Some("P30D")),
    count("films_viewed_24h", "Films looked at in 24 hours", "Product Viewed", Some("PT24H")),
];

/// Key, name, rule, and what it is for.
const SEGMENTS: [(&str, &str, &str, ConsentPurpose); 6] = [
    ("film_buff", "Film buffs", "attributes.visits_365d >= 6", ConsentPurpose::Personalization),
    (
        "family",
        "Families",
        "traits.children >= 1 || attributes.family_visits_365d >= 2",
        ConsentPurpose::Personalization,
    ),
    (
        "lapsing",
        "Regulars we are losing",
        r#"attributes.visits_365d >= 2 && attributes.days_since_last_visit > 120 && consents.MARKETING == "GRANTED""#,
        ConsentPurpose::Marketing,
    ),
    ("streamer", "Watch at home", "attributes.streams_30d >= 1", ConsentPurpose::Personalization),
    (
        "omnichannel",
        "Buy everywhere",
        "attributes.channels_used >= 3 && attributes.spend_365d >= 100",
        ConsentPurpose::Personalization,
    ),
    (
        "card_prospect",
        "Regulars without a card",
        "attributes.visits_365d >= 3 && !has(identities.LOYALTY_CARD)",
        ConsentPurpose::Marketing,
    ),
];

/// Key, name, and the offer that is shown when nothing else is.
const PLACEMENTS: [(&str, &str, Option<Used>); 8] = [
    ("home.hero", "Top of the home page", None),
    ("home.row", "Row on the home page", None),
    ("film.banner", "Banner of a film's page", None),
    ("cart.upsell", "Beside the cart", None),
    ("kiosk.attract", "Kiosk, until somebody touches it", None),
    ("kiosk.upsell", "Kiosk, before paying", Some(Used::KioskCombo)),
    ("till.prompt", "What the till reminds of", None),
    ("foyer.loop", "Screens in the foyer", None),
];

/// Whether the demo of a database has them: one that an earlier version made has not.
pub async fn are_defined(db: &Db) -> Result<bool> {
    let attributes = Attributes::open(db).await?.current();
    Ok(ATTRIBUTES.iter().all(|attribute| attributes.by_key(attribute.key).is_some()))
}

/// Gives each definition its id and its time.
#[derive(Debug)]
pub struct Definer<'d> {
    db: &'d Db,
    ids: Ids,
}

impl<'d> Definer<'d> {
    pub fn new(db: &'d Db) -> Self {
        Self { db, ids: Ids::seeded(IDS) }
    }

    /// Before anybody does anything, so that behaviors are counted as they are recorded.
    pub async fn define_attributes(&self, opened: Timestamp) -> Result<()> {
        let attributes = Attributes::open(self.db).await?;
        for attribute in ATTRIBUTES {
            define(self.db, &self.ids, &attributes, opened, attribute.definition()).await?;
        }
        Ok(())
    }

    /// Where offers are shown.
    pub async fn define_placements(&self, opened: Timestamp, offers: &Offers) -> Result<()> {
        for (key, name, fallback) in PLACEMENTS {
            let fallback = Some(fallback.map(|used| offers.id(used)));
            let parts = PlacementParts { key: key.to_owned(), name: Some(name.to_owned()), fallback };
            upsert(self.db, &self.ids, opened, parts).await.map_err(|refused| match refused {
                Refused::Failed(error) => error,
                Refused::Faults(faults) => Error::internal(format!("{key}: {faults:?}")),
            })?;
        }
        Ok(())
    }

    /// When everybody is there: each customer is judged once, and members and sizes stand.
    pub async fn define_segments(&self, now: Timestamp) -> Result<()> {
        let mut segments = Segments::open(self.db, Clock::fixed(now), self.ids.clone()).await?;
        segments.zone = ZONE;
        for (key, name, rule, purpose) in SEGMENTS {
            let (key, name, rule) = (key.to_owned(), name.to_owned(), rule.to_owned());
            segments.create(NewSegment { key, name, rule, purpose }).await?;
        }
        segments.settle().await
    }
}

impl Attribute {
    fn definition(self) -> NewDefinition {
        NewDefinition {
            key: self.key.to_owned(),
            label: self.label.to_owned(),
            behavior: self.behavior.to_owned(),
            property: self.property.map(str::to_owned),
            filter: self.filter.map(str::to_owned),
            aggregate: self.aggregate,
            window: self.window.map(str::to_owned),
            time_zone: ZONE.name().to_owned(),
            replace: false,
        }
    }
}
