//! A decision without a database: offers, a customer, a time and a place, and what is decided.

use std::collections::HashMap;
use std::sync::Arc;

use encircle::domain::attributes::catalogue::AttributeDefinitions;
use encircle::domain::attributes::definition::Definition;
use encircle::domain::offers::calendar::Calendar;
use encircle::domain::offers::catalogue::OfferDefinitions;
use encircle::domain::offers::decide::{Decided, Moment, Redeemed, Responses, Subject, Taken, decide};
use encircle::domain::offers::explain::{Explained, explain};
use encircle::domain::offers::vocabulary::vocabulary;
use encircle::rules::{Fact, Facts};
use entities::ids::{AttributeDefinitionId, CustomerId, Id, OfferId};
use entities::timestamp::Timestamp;
use entities::values::{
    Aggregate, AttributeStatus, Channel, ConsentPurpose, ConsentStatus, OfferStatus, TextEnum,
};
use entities::{attribute_definition, offer};
use serde_json::{Value, json};
use uuid::Uuid;

/// Noon of New Year's Day 2026, a Thursday.
pub const NOON: Timestamp = Timestamp(1_767_268_800_000);
pub const HOUR: i64 = 3_600_000;
pub const DAY: i64 = 24 * HOUR;
pub const PLACEMENT: &str = "home-hero";
const KEYS: [(&str, Aggregate, Option<&str>); 3] = [
    ("visits_90d", Aggregate::Count, None),
    ("spend_365d", Aggregate::Sum, Some("total")),
    ("favorite_genre", Aggregate::MostFrequent, Some("genre")),
];
pub const SEGMENTS: [&str; 3] = ["film_buff", "family", "lapsing"];

/// All that a decision depends on.
#[derive(Clone, Debug)]
pub struct Ground {
    pub offers: Vec<offer::Model>,
    pub fallback: Option<OfferId>,
    pub customer: CustomerId,
    pub created_at: Timestamp,
    pub attributes: Value,
    pub traits: Value,
    pub segments: Vec<&'static str>,
    pub consents: HashMap<ConsentPurpose, ConsentStatus>,
    pub redeemed: Redeemed,
    pub responses: Responses,
    pub taken: Taken,
    pub changes_at: Option<Timestamp>,
    pub now: Timestamp,
    pub zone: chrono_tz::Tz,
    pub channel: Channel,
    pub limit: usize,
    pub universal_holdout: u32,
}

impl Default for Ground {
    fn default() -> Self {
        Self {
            offers: Vec::new(),
            fallback: None,
            customer: CustomerId::from_uuid(Uuid::from_u128(1)),
            created_at: Timestamp(0),
            attributes: json!({ "visits_90d": 1, "spend_365d": 99.75, "favorite_genre": "drama" }),
            traits: json!({ "plan": "gold", "tags": ["a", "b"] }),
            segments: vec!["film_buff"],
            consents: HashMap::new(),
            redeemed: Redeemed::new(),
            responses: Responses::new(),
            taken: Taken::new(),
            changes_at: None,
            now: NOON,
            zone: chrono_tz::Europe::Vienna,
            channel: Channel::Web,
            limit: 3,
            universal_holdout: 0,
        }
    }
}

/// The id of the offer with this number; the key is `o` and the number.
pub fn offer_id(number: u128) -> OfferId {
    OfferId::from_uuid(Uuid::from_u128(number))
}

/// A live offer for everybody.
pub fn offer(number: u128) -> offer::Model {
    offer::Model {
        status: OfferStatus::Live,
        placements: json!([PLACEMENT]),
        ..offer::Model::draft(offer_id(number), &format!("o{number}"), Timestamp(0))
    }
}

pub fn attributes() -> AttributeDefinitions {
    let row = |(number, (key, aggregate, property)): (usize, (&str, _, Option<&str>))| {
        attribute_definition::Model {
            id: AttributeDefinitionId::from_uuid(Uuid::from_u128(number as u128 + 1)),
            key: key.to_owned(),
            label: key.to_owned(),
            behavior: "Visit".to_owned(),
            property: property.map(str::to_owned),
            filter: None,
            aggregate,
            window: None,
            time_zone: "UTC".to_owned(),
            version: 1,
            status: AttributeStatus::Ready,
            backfilled: 0,
            backfill_total: 0,
            backfill_at: None,
            backfill_id: None,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    };
    let compile = |row: attribute_definition::Model| Definition::compile(&row).expect("a definition");
    AttributeDefinitions::new(KEYS.into_iter().enumerate().map(row).map(compile).map(Arc::new).collect())
}

impl Ground {
    pub fn definitions(&self) -> OfferDefinitions {
        let attributes = attributes();
        // As the catalogue reads them: what is not live is not among them.
        let live = self.offers.iter().filter(|offer| offer.status == OfferStatus::Live).cloned();
        let fallbacks: Vec<_> = self.fallback.iter().map(|id| (PLACEMENT.to_owned(), *id)).collect();
        OfferDefinitions::new(live.collect(), &fallbacks, &attributes, &vocabulary(&attributes, SEGMENTS))
    }

    pub fn moment(&self) -> Moment {
        Moment {
            calendar: Calendar::at(self.zone, self.now),
            channel: self.channel,
            limit: self.limit,
            universal_holdout: self.universal_holdout,
        }
    }

    pub fn facts(&self) -> Facts<'_> {
        let segments: Vec<Fact<'_>> = self.segments.iter().map(|key| (*key).into()).collect();
        let consents = ConsentPurpose::ALL.iter().map(|purpose| {
            (purpose.text().to_owned(), self.consents.get(purpose).map(|status| status.text()).into())
        });
        Facts::new()
            .with("attributes", &self.attributes)
            .with("traits", &self.traits)
            .with("segments", segments)
            .with("consents", Fact::Map(consents.collect()))
            .with("channel", self.channel.text())
            .with("placement", PLACEMENT)
            .with("createdAt", self.created_at)
            .with("now", self.now)
    }

    pub fn with_subject<T>(&self, facts: &Facts<'_>, work: impl FnOnce(&Subject<'_>) -> T) -> T {
        work(&Subject {
            customer: self.customer,
            created_at: self.created_at,
            facts,
            consents: &self.consents,
            redeemed: &self.redeemed,
            responses: &self.responses,
            taken: &self.taken,
            changes_at: self.changes_at,
            reads_now: self.offers.iter().any(|offer| offer.eligibility.contains("now")),
        })
    }

    pub fn decide(&self) -> Decided {
        let (definitions, facts) = (self.definitions(), self.facts());
        let Some(placement) = definitions.placement(PLACEMENT) else { return Decided::default() };
        self.with_subject(&facts, |subject| decide(&definitions, placement, subject, &self.moment()))
    }

    /// The verdicts in words, by the offer's key: `o1 1` is shown first, `o2 -` is not shown, `o3 +` could be; then
    /// the reasons.
    pub fn told(&self) -> Vec<String> {
        let (definitions, facts) = (self.definitions(), self.facts());
        let placement = definitions.placement(PLACEMENT).expect("offers are shown there");
        let decided = self.decide();
        let explained = self.with_subject(&facts, |subject| {
            explain(&definitions, placement, subject, &self.moment(), &decided, usize::MAX)
        });
        let mut told: Vec<String> = explained
            .iter()
            .map(|explained| {
                let key = &definitions.offers()[explained.offer].key;
                let rank = decided.winners.iter().position(|winner| winner.offer == explained.offer);
                let place = match (rank, explained.eligible) {
                    (Some(rank), true) => (rank + 1).to_string(),
                    (None, true) => "+".to_owned(),
                    (None, false) => "-".to_owned(),
                    (Some(_), false) => panic!("{key} is shown though it is not eligible"),
                };
                format!("{key} {place}{}", reasons(explained))
            })
            .collect();
        told.sort();
        told
    }
}

fn reasons(explained: &Explained) -> String {
    let words = |reason: &encircle::domain::offers::reasons::Reason| {
        format!(" {}: {}", json!(reason.code).as_str().unwrap_or_default(), reason.message)
    };
    explained.reasons.iter().map(words).collect()
}
