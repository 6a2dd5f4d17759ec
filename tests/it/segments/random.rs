//! Random histories: at every moment what is read, and once all is kept the lists too, are what a plain look at
//! all rows gives.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use encircle::db::Db;
use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use entities::values::{ConsentPurpose, ConsentStatus, IdentityKind};
use entities::{behavior, consent, customer, customer_identity};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use sea_orm::EntityTrait;
use serde_json::json;

use super::{DAY, Desk, HOUR, text};
use crate::harness::databases::on_both;

const PEOPLE: usize = 6;
const STEPS: usize = 60;

/// Keys and rules; the last is defined halfway, when there is history already.
const SEGMENTS: [(&str, &str, &str); 6] = [
    ("gold", "traits.plan == 'gold' && consents.MARKETING == 'GRANTED'", "MARKETING"),
    ("lapsing", "attributes.days_since_visit >= 5", "PERSONALIZATION"),
    ("reachable", "size(identities.EMAIL) >= 2", "PERSONALIZATION"),
    ("recent", "attributes.visits_24h >= 1", "ANALYTICS"),
    ("regular", "attributes.visits_30d >= 3", "PERSONALIZATION"),
    ("visitor", "attributes.visits >= 1", "PERSONALIZATION"),
];

type Lists = BTreeMap<&'static str, BTreeSet<String>>;

/// One person: the rows of a customer and of all who were merged into it.
#[derive(Default)]
struct Person {
    visits: Vec<Timestamp>,
    emails: usize,
    consents: Vec<(ConsentPurpose, ConsentStatus)>,
    is_gold: bool,
}

impl Person {
    fn status(&self, purpose: ConsentPurpose) -> Option<ConsentStatus> {
        let said = || self.consents.iter().filter(|(other, _)| *other == purpose).map(|(_, status)| *status);
        said().find(|status| *status != ConsentStatus::Granted).or_else(|| said().next())
    }

    fn belongs(&self, key: &str, now: Timestamp) -> bool {
        let day = |at: Timestamp| at.millis().div_euclid(DAY);
        let days_ago = |at: &Timestamp| day(now) - day(*at);
        match key {
            "gold" => self.is_gold && self.status(ConsentPurpose::Marketing) == Some(ConsentStatus::Granted),
            "lapsing" => self.visits.iter().map(days_ago).min().is_some_and(|days| days >= 5),
            "reachable" => self.emails >= 2,
            "recent" => self.visits.iter().any(|at| now.millis() - at.millis() < DAY),
            "regular" => self.visits.iter().filter(|at| days_ago(at) < 30).count() >= 3,
            _ => !self.visits.is_empty(),
        }
    }
}

/// Who belongs to what, from all rows, without any of what is tested.
async fn plain(db: &Db, now: Timestamp, defined: usize) -> Lists {
    let connection = db.connection();
    let rows = customer::Entity::find().all(connection).await.expect("customers");
    let survivor: HashMap<CustomerId, CustomerId> =
        rows.iter().map(|row| (row.id, row.merged_into.unwrap_or(row.id))).collect();
    let mut people: BTreeMap<CustomerId, Person> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.merged_into.is_none()) {
        people.entry(row.id).or_default().is_gold = row.traits["plan"] == "gold";
    }
    for row in behavior::Entity::find().all(connection).await.expect("behaviors") {
        people.entry(survivor[&row.customer_id]).or_default().visits.push(row.occurred_at);
    }
    for row in customer_identity::Entity::find().all(connection).await.expect("identities") {
        let is_email = row.kind == IdentityKind::Email;
        people.entry(survivor[&row.customer_id]).or_default().emails += usize::from(is_email);
    }
    for row in consent::Entity::find().all(connection).await.expect("consents") {
        if row.expires_at.is_none_or(|at| at > now) {
            people.entry(survivor[&row.customer_id]).or_default().consents.push((row.purpose, row.status));
        }
    }
    let belongs = |key: &str, purpose: ConsentPurpose| {
        let person = |(id, person): (&CustomerId, &Person)| {
            let refuses = person.status(purpose).is_some_and(|status| status != ConsentStatus::Granted);
            (!refuses && person.belongs(key, now)).then(|| id.to_string())
        };
        people.iter().filter_map(person).collect()
    };
    let purpose = |text: &str| match text {
        "MARKETING" => ConsentPurpose::Marketing,
        "ANALYTICS" => ConsentPurpose::Analytics,
        _ => ConsentPurpose::Personalization,
    };
    SEGMENTS[..defined].iter().map(|(key, _, text)| (*key, belongs(key, purpose(text)))).collect()
}

async fn read(desk: &Desk, defined: usize) -> Lists {
    let query = "{ customers(first: 100) { nodes { id segments { key } } } }";
    let data = desk.staff().good(query, json!({})).await;
    let mut lists: Lists = SEGMENTS[..defined].iter().map(|(key, ..)| (*key, BTreeSet::new())).collect();
    for node in data["customers"]["nodes"].as_array().expect("a list") {
        for key in super::list(&node["segments"], "key") {
            let members = lists.iter_mut().find(|(known, _)| **known == key).expect("a segment").1;
            members.insert(text(&node["id"]));
        }
    }
    lists
}

async fn kept(desk: &Desk, defined: usize) -> Lists {
    let mut lists = Lists::new();
    for (key, ..) in &SEGMENTS[..defined] {
        lists.insert(*key, desk.members(key).await);
    }
    lists
}

async fn define(desk: &Desk, (key, rule, purpose): (&str, &str, &str)) {
    let input = json!({ "key": key, "rule": rule, "purpose": purpose });
    desk.done("segmentCreate", "segment { id }", input).await;
}

async fn step(desk: &Desk, dice: &mut impl Rng, people: &[String]) {
    let somebody = |dice: &mut dyn FnMut(usize) -> usize| people[dice(people.len())].clone();
    let mut upto = |below: usize| dice.random_range(0..below);
    let one = somebody(&mut upto);
    match upto(12) {
        0..=3 => desk.visit(&one).await,
        4 => {
            let plan = ["gold", "none"][upto(2)];
            desk.traits(&one, json!({ "plan": plan })).await;
        }
        5 | 6 => {
            let purpose = ["MARKETING", "PERSONALIZATION"][upto(2)];
            let status = ["GRANTED", "GRANTED", "GRANTED", "DENIED", "REVOKED"][upto(5)];
            let until = Timestamp(desk.app.clock.now().millis() + (1 + upto(10)) as i64 * DAY);
            let until = String::from_utf8(until.rfc3339().to_vec()).expect("a time");
            let until = (status == "GRANTED" && upto(2) == 0).then_some(until);
            desk.consent(&one, purpose, status, until).await;
        }
        // Who is merged already, or is the same, is refused; that changes nothing.
        7 => {
            let other = somebody(&mut upto);
            let input = json!({ "survivorId": one, "mergedId": other, "reason": "test" });
            desk.change("customerMerge", "__typename", input).await;
        }
        8 => drop(desk.change("customerUnmerge", "__typename", json!({ "customerId": one })).await),
        9 => desk.move_clock(1 + upto(30 * HOUR as usize) as i64),
        10 => desk.move_clock((1 + upto(9)) as i64 * DAY),
        _ => desk.keep().await,
    }
}

async fn a_history(db: Db, seed: u64) {
    let mut dice = ChaCha12Rng::seed_from_u64(seed);
    let desk = Desk::open(db.clone()).await;
    for (key, aggregate, window) in [
        ("days_since_visit", "DAYS_SINCE_LAST", None),
        ("visits_24h", "COUNT", Some("PT24H")),
        ("visits_30d", "COUNT", Some("P30D")),
    ] {
        desk.attribute(key, aggregate, window).await;
    }
    let mut defined = SEGMENTS.len() - 1;
    for segment in &SEGMENTS[..defined] {
        define(&desk, *segment).await;
    }
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(desk.customer(&format!("p{number}@example.com")).await);
    }
    for at in 0..STEPS {
        if at == STEPS / 2 {
            desk.attribute("visits", "COUNT", None).await;
            desk.keep().await;
            define(&desk, SEGMENTS[defined]).await;
            defined += 1;
        }
        step(&desk, &mut dice, &people).await;
        let now = desk.app.clock.now();
        assert_eq!(read(&desk, defined).await, plain(&db, now, defined).await, "seed {seed}, step {at}");
        if at % 5 == 4 {
            desk.keep().await;
            assert_eq!(kept(&desk, defined).await, plain(&db, now, defined).await, "seed {seed}, step {at}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_what_a_plain_look_at_everybody_gives() {
    for seed in 0..6 {
        on_both(async |db| a_history(db, seed).await).await;
    }
}
