//! The demo's attributes and segments: what they say is what a plain recount of the raw behaviors says.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use chrono_tz::Europe::Vienna;
use encircle::cli::demo::{DEMO_NOW, DemoPeople};
use encircle::db::Db;
use encircle::domain::attributes::catalogue::Attributes;
use encircle::domain::attributes::read;
use encircle::kernel::viewer::{CustomerScope, Viewer};
use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use entities::values::{ConsentPurpose, ConsentStatus, IdentityKind};
use entities::{behavior, consent, customer, customer_identity, segment, segment_member};
use serde_json::{Value, json};

use super::all;
use crate::harness::client::{Client, application};

/// Of 2,000 customers and 300 browsers that nobody signed in to.
const SIZES: [(&str, usize); 6] = [
    ("card_prospect", 128),
    ("family", 430),
    ("film_buff", 240),
    ("lapsing", 160),
    ("omnichannel", 279),
    ("streamer", 76),
];

pub async fn they_say_what_a_recount_says(db: &Db, people: DemoPeople) {
    let recounts = recounts(db).await;
    attributes_are_right(db, &recounts).await;
    ada_sees_hers(db, people, &recounts[&people.customer]).await;
    members_are_right(db, &recounts).await;
}

/// A customer, recounted.
#[derive(Debug, Default)]
struct Recount {
    behaviors: Vec<behavior::Model>,
    traits: Value,
    consents: HashMap<ConsentPurpose, ConsentStatus>,
    has_card: bool,
}

async fn recounts(db: &Db) -> HashMap<CustomerId, Recount> {
    let mut recounts: HashMap<CustomerId, Recount> = HashMap::new();
    for row in all::<customer::Entity>(db).await {
        assert_eq!(row.merged_into, None);
        recounts.entry(row.id).or_default().traits = row.traits;
    }
    for row in all::<behavior::Entity>(db).await {
        recounts.entry(row.customer_id).or_default().behaviors.push(row);
    }
    for row in all::<consent::Entity>(db).await {
        assert_eq!(row.expires_at, None);
        recounts.entry(row.customer_id).or_default().consents.insert(row.purpose, row.status);
    }
    for row in all::<customer_identity::Entity>(db).await {
        recounts.entry(row.customer_id).or_default().has_card |= row.kind == IdentityKind::LoyaltyCard;
    }
    recounts
}

fn day(at: Timestamp) -> NaiveDate {
    at.to_utc().with_timezone(&Vienna).date_naive()
}

fn days_ago(behavior: &behavior::Model) -> i64 {
    (day(DEMO_NOW) - day(behavior.occurred_at)).num_days()
}

fn genres(behavior: &behavior::Model) -> Vec<&str> {
    behavior.properties["genres"]
        .as_array()
        .expect("a film has genres")
        .iter()
        .filter_map(Value::as_str)
        .collect()
}

impl Recount {
    fn named(&self, name: &str, days: i64) -> impl Iterator<Item = &behavior::Model> {
        self.behaviors.iter().filter(move |row| row.name == name && days_ago(row) < days)
    }

    fn visits(&self, days: i64) -> usize {
        self.named("Ticket Scanned", days).count()
    }

    fn family_visits(&self) -> usize {
        self.named("Ticket Scanned", 365).filter(|row| genres(row).contains(&"family")).count()
    }

    fn days_since_last_visit(&self) -> Option<i64> {
        self.named("Ticket Scanned", i64::MAX).map(days_ago).min()
    }

    /// Seen most often; of those seen as often, the one seen last.
    fn favorite_genre(&self) -> Option<&str> {
        let mut seen: BTreeMap<&str, (usize, Timestamp)> = BTreeMap::new();
        for visit in self.named("Ticket Scanned", i64::MAX) {
            let (count, last) = seen.entry(genres(visit)[0]).or_insert((0, Timestamp(0)));
            *count += 1;
            *last = visit.occurred_at.max(*last);
        }
        seen.into_iter().max_by_key(|(_, seen)| *seen).map(|(genre, _)| genre)
    }

    fn cents(&self) -> i64 {
        let total = |row: &behavior::Model| row.properties["total"].as_f64().expect("an order has a total");
        self.named("Order Completed", 365).map(|row| (total(row) * 100.0).round() as i64).sum()
    }

    fn channels(&self) -> usize {
        self.named("Order Completed", 365).map(|row| row.channel).collect::<BTreeSet<_>>().len()
    }

    fn films_viewed(&self) -> usize {
        let since = DEMO_NOW.millis() - 86_400_000;
        let recent =
            |row: &&behavior::Model| row.name == "Product Viewed" && row.occurred_at.millis() > since;
        self.behaviors.iter().filter(recent).count()
    }

    fn attributes(&self) -> BTreeMap<String, Value> {
        let cents = self.cents();
        let spend = if cents % 100 == 0 { json!(cents / 100) } else { json!(cents as f64 / 100.0) };
        let expected = json!({
            "channels_used": self.channels(),
            "days_since_last_visit": self.days_since_last_visit(),
            "family_visits_365d": self.family_visits(),
            "favorite_genre": self.favorite_genre(),
            "films_viewed_24h": self.films_viewed(),
            "spend_365d": spend,
            "streams_30d": self.named("Film Watched", 30).count(),
            "visits_365d": self.visits(365),
            "visits_90d": self.visits(90),
        });
        serde_json::from_value(expected).expect("an object")
    }

    fn allows(&self, purpose: ConsentPurpose) -> bool {
        self.consents.get(&purpose).is_none_or(|status| *status == ConsentStatus::Granted)
    }

    fn segments(&self) -> Vec<&'static str> {
        let (visits, children) = (self.visits(365), self.traits["children"].as_i64().unwrap_or_default());
        let is_away = self.days_since_last_visit().is_some_and(|days| days > 120);
        let has_agreed = self.consents.get(&ConsentPurpose::Marketing) == Some(&ConsentStatus::Granted);
        let personal = self.allows(ConsentPurpose::Personalization);
        let belongs = [
            ("card_prospect", visits >= 3 && !self.has_card && self.allows(ConsentPurpose::Marketing)),
            ("family", (children >= 1 || self.family_visits() >= 2) && personal),
            ("film_buff", visits >= 6 && personal),
            ("lapsing", visits >= 2 && is_away && has_agreed),
            ("omnichannel", self.channels() >= 3 && self.cents() >= 10_000 && personal),
            ("streamer", self.named("Film Watched", 30).count() >= 1 && personal),
        ];
        belongs.into_iter().filter(|(_, belongs)| *belongs).map(|(key, _)| key).collect()
    }
}

async fn attributes_are_right(db: &Db, recounts: &HashMap<CustomerId, Recount>) {
    let definitions = Attributes::open(db).await.expect("they are read").current();
    let ids: Vec<CustomerId> = recounts.keys().copied().collect();
    let scope = CustomerScope::Everybody;
    let found = read::read(db, scope, definitions.all(), &ids, DEMO_NOW).await.expect("they are read");
    for (id, recount) in recounts {
        let value = |found: &read::Attribute| {
            let value = found.value.as_ref().expect("nothing is left to count").value.clone();
            (found.definition.key.clone(), value)
        };
        let found: BTreeMap<String, Value> = found[id].iter().map(value).collect();
        assert_eq!(found, recount.attributes(), "{id}");
    }
}

async fn ada_sees_hers(db: &Db, people: DemoPeople, recount: &Recount) {
    let app = application(db.clone(), DEMO_NOW).await;
    let ada = Client::of(&app, Viewer::Customer(people.customer));
    let data = ada.good("{ me { attributes { key value } segments { key } } }", json!({})).await;
    let hers = data["me"]["attributes"].as_array().expect("a list").iter();
    let key = |row: &Value| row["key"].as_str().expect("a key").to_owned();
    let hers: BTreeMap<String, Value> = hers.map(|row| (key(row), row["value"].clone())).collect();
    assert_eq!(hers, recount.attributes());
    assert_eq!(hers["favorite_genre"], "science_fiction", "it is what she likes best");
    let segments: Vec<String> = data["me"]["segments"].as_array().expect("a list").iter().map(key).collect();
    assert_eq!(segments, recount.segments());
    assert!(segments.iter().any(|key| key == "film_buff"));
}

async fn members_are_right(db: &Db, recounts: &HashMap<CustomerId, Recount>) {
    let mut expected: BTreeMap<&str, BTreeSet<CustomerId>> = BTreeMap::new();
    for (id, recount) in recounts {
        for key in recount.segments() {
            expected.entry(key).or_default().insert(*id);
        }
    }
    let segments = all::<segment::Entity>(db).await;
    let mut members: HashMap<_, BTreeSet<CustomerId>> = HashMap::new();
    for row in all::<segment_member::Entity>(db).await {
        members.entry(row.segment_id).or_default().insert(row.customer_id);
    }
    for segment in &segments {
        let found = members.remove(&segment.id).unwrap_or_default();
        assert_eq!(Some(&found), expected.get(segment.key.as_str()), "{}", segment.key);
        assert_eq!(segment.size, found.len() as i64, "{}", segment.key);
        assert_eq!((segment.judged_at, &segment.failure), (Some(DEMO_NOW), &None), "{}", segment.key);
    }
    let sizes: BTreeMap<&str, usize> = expected.iter().map(|(key, members)| (*key, members.len())).collect();
    assert_eq!(sizes, BTreeMap::from(SIZES));
    assert_eq!(segments.len(), SIZES.len());
}
