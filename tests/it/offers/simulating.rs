//! Simulating an offer: whom it would reach and what it would outrank, told without doing anything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use encircle::db::Db;
use encircle::domain::offers::define::Draft;
use encircle::domain::offers::parts::Parts;
use encircle::domain::offers::simulation::{Asked, Patience, Progress, Simulator, sample};
use encircle::kernel::viewer::{Scope, Viewer};
use entities::ids::CustomerId;
use entities::values::ConsentStatus;
use entities::{consent, customer, touchpoint};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use super::{Desk, NOON, text};
use crate::api::world::{kiosk, touchpoints};
use crate::entities::{insert, samples};
use crate::harness::client::Client;
use crate::harness::databases::{on_both, url_of};

const REACH: &str = "simulation { customers sample lookedAt isComplete progress
    reach { reached { customers share low high estimate estimateLow estimateHigh }
        outranked { customers } heldOut { customers } excluded { customers }
        reasons { code expression customers } }
    outranks { decisions customers offer { key } } }";

/// Customers of whom every second has the plan gold, and every third has allowed marketing.
async fn people(db: &Db, count: u128) {
    let plan = |number: u128| if number.is_multiple_of(2) { "gold" } else { "none" };
    let row = |number: u128| customer::Model {
        traits: json!({ "plan": plan(number), "age": number % 7 }),
        ..samples::customer(number)
    };
    insert::<customer::Entity>(db, (1..=count).map(row)).await;
    let [_, one] = samples::consents();
    let granted = (3..=count).step_by(3).map(|number| consent::Model {
        customer_id: samples::id(number),
        purpose: entities::values::ConsentPurpose::Marketing,
        status: ConsentStatus::Granted,
        expires_at: None,
        ..one.clone()
    });
    insert::<consent::Entity>(db, granted).await;
}

impl Desk {
    /// What is told of an offer that is new.
    pub(super) async fn simulated(&self, selection: &str, parts: Value, rest: Value) -> Value {
        let mut new = parts;
        new["key"] = json!("trial");
        if new.get("placements").is_none() {
            new["placements"] = json!(["home"]);
        }
        self.tried(selection, json!({ "new": new }), rest).await
    }

    /// What is told of a draft.
    async fn tried(&self, selection: &str, draft: Value, rest: Value) -> Value {
        let mut input = rest;
        input["draft"] = draft;
        if input.get("since").is_none() {
            input["since"] = json!("2025-12-01T00:00:00Z");
        }
        self.done("offerSimulate", selection, input).await["simulation"].take()
    }
}

/// How many customers are reached, outranked, held out, excluded.
fn four(simulation: &Value) -> [u64; 4] {
    ["reached", "outranked", "heldOut", "excluded"]
        .map(|name| simulation["reach"][name]["customers"].as_u64().expect("a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_world_is_told_as_it_is_reckoned_by_hand() {
    on_both(async |db| {
        people(&db, 10).await;
        let desk = Desk::open(db).await;
        desk.live("high", json!({ "priority": 10 })).await;
        desk.live("low", json!({ "priority": 1, "channels": ["WEB"] })).await;
        let gold = |more: Value| {
            let eligibility = "traits.plan == 'gold'";
            let mut draft = json!({ "eligibility": eligibility, "priority": 5, "channels": ["WEB", "KIOSK"] });
            for (name, value) in more.as_object().expect("an object") {
                draft[name] = value.clone();
            }
            draft
        };
        let none = json!({ "code": "RULE", "expression": "traits.plan == 'gold'", "customers": 5 });
        // Two are shown: the draft comes second, and what was second on the web is shown no more. On the kiosk it
        // takes a place that was free.
        let two = desk.simulated(REACH, gold(json!({})), json!({ "limit": 2 })).await;
        let expected = json!({
            "customers": 10, "sample": 10, "lookedAt": 10, "isComplete": true, "progress": 1.0,
            "reach": {
                "reached": { "customers": 5, "share": 0.5, "low": 0.5, "high": 0.5,
                    "estimate": 5, "estimateLow": 5, "estimateHigh": 5 },
                "outranked": { "customers": 0 }, "heldOut": { "customers": 0 }, "excluded": { "customers": 5 },
                "reasons": [none],
            },
            "outranks": [{ "decisions": 5, "customers": 5, "offer": { "key": "low" } }],
        });
        assert_eq!(two, expected);
        // One is shown: others come first everywhere.
        let one = desk.simulated(REACH, gold(json!({})), json!({ "limit": 1 })).await;
        assert_eq!((four(&one), &one["outranks"]), ([0, 5, 0, 5], &json!([])));
        let outranked = json!({ "code": "OUTRANKED", "expression": null, "customers": 5 });
        assert_eq!(one["reach"]["reasons"], json!([none, outranked]));
        // The first of one: it pushes out the first, in both channels.
        let first = desk.simulated(REACH, gold(json!({ "priority": 11 })), json!({ "limit": 1 })).await;
        assert_eq!(four(&first), [5, 0, 0, 5]);
        let high = json!({ "decisions": 10, "customers": 5, "offer": { "key": "high" } });
        assert_eq!(first["outranks"], json!([high]));
        // All are held out, those it is not for aside.
        let held = gold(json!({ "experiment": { "holdout": "100" } }));
        let held = desk.simulated(REACH, held, json!({})).await;
        assert_eq!(four(&held), [0, 0, 5, 5]);
        assert_eq!(held["reach"]["reasons"][0]["customers"], 5);
        // Customers 3, 6, 9 have allowed marketing; 6 has the plan.
        let asked = gold(json!({ "consent": "MARKETING" }));
        let asked = desk.simulated(REACH, asked, json!({})).await;
        assert_eq!(four(&asked), [1, 0, 0, 9]);
        let consent = json!({ "code": "CONSENT", "expression": null, "customers": 7 });
        let plan = json!({ "code": "RULE", "expression": "traits.plan == 'gold'", "customers": 2 });
        assert_eq!(asked["reach"]["reasons"], json!([consent, plan]));
        // What asks for the channel is decided in each.
        let kiosk = gold(json!({ "eligibility": "channel == 'KIOSK'", "priority": 20 }));
        let kiosk = desk.simulated(REACH, kiosk, json!({ "limit": 1 })).await;
        assert_eq!(four(&kiosk), [10, 0, 0, 0]);
        let high = json!({ "decisions": 10, "customers": 10, "offer": { "key": "high" } });
        assert_eq!(kiosk["outranks"], json!([high]), "on the web all stays as it is");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_is_there_is_tried_with_changes_beside_what_is_shown_now() {
    on_both(async |db| {
        people(&db, 10).await;
        let desk = Desk::open(db).await;
        let live = desk.live("live", json!({ "priority": 1, "eligibility": "traits.plan == 'gold'" })).await;
        desk.live("other", json!({ "priority": 2 })).await;
        let fallback = desk.live("fallback", json!({ "placements": ["elsewhere"] })).await;
        let input = json!({ "key": "home", "name": "Home", "fallbackOfferId": fallback });
        desk.done("placementUpsert", "placement { id }", input).await;
        let changed = |more: Value| {
            let mut draft = json!({ "id": live, "version": 2 });
            for (name, value) in more.as_object().expect("an object") {
                draft[name] = value.clone();
            }
            json!({ "changed": draft })
        };
        let limit = json!({ "limit": 1 });
        let as_it_is = desk.tried(REACH, changed(json!({})), limit.clone()).await;
        assert_eq!((four(&as_it_is), &as_it_is["outranks"]), ([0, 5, 0, 5], &json!([])));
        let raised = desk.tried(REACH, changed(json!({ "priority": 3 })), limit.clone()).await;
        assert_eq!((four(&raised), &raised["outranks"][0]["customers"]), ([5, 0, 0, 5], &json!(5)));
        assert_eq!(raised["outranks"][0]["offer"]["key"], "other");
        assert_eq!(desk.row("live").await.priority, 1, "nothing was done");
        // A paused offer is tried as if it were live; what is shown when nothing else is gives way, too.
        let other = text(
            &desk.staff().good("{ offer(by: { key: \"other\" }) { id } }", json!({})).await["offer"]["id"],
        );
        desk.step("offerPause", &live).await;
        desk.step("offerPause", &other).await;
        let paused = json!({ "changed": { "id": live, "version": 3, "channels": ["WEB"] } });
        let paused = desk.tried(REACH, paused, limit).await;
        let expected = json!([{ "decisions": 5, "customers": 5, "offer": { "key": "fallback" } }]);
        assert_eq!((four(&paused), &paused["outranks"]), ([5, 0, 0, 5], &expected));
    })
    .await;
}

/// What is said of drafts that differ in all that decides.
fn drafts() -> Vec<Value> {
    vec![
        json!({}),
        json!({ "eligibility": "traits.plan == 'gold'", "priority": 9 }),
        json!({ "eligibility": "traits.age > 3 || traits.plan == 'gold'", "rank": "traits.age * 2" }),
        json!({ "rank": "traits.age / 0", "priority": 3 }),
        json!({ "consent": "MARKETING", "rank": "100", "placements": ["home", "cart"] }),
        json!({ "eligibility": "'gold' in segments", "rank": "traits.age", "placements": ["cart"] }),
        json!({ "eligibility": "channel != 'WEB' && placement == 'cart'", "rank": "9", "placements": ["home", "cart"] }),
        json!({ "channels": ["KIOSK"], "rank": "4.5" }),
        json!({ "experiment": { "holdout": "40" }, "rank": "50" }),
        json!({ "experiment": { "variants": [{ "key": "a" }, { "key": "b" }] }, "rank": "traits.age - 3" }),
        json!({ "schedule": { "from": "11:00", "until": "13:00" }, "priority": 99 }),
        json!({ "schedule": { "weekdays": ["MONDAY"] }, "rank": "99" }),
        json!({ "limits": { "perCustomer": 1, "total": 5 }, "rank": "99", "eligibility": "traits.age == 2" }),
        json!({ "eligibility": "traits.plan > 3", "rank": "9" }),
    ]
}

/// What of offers is shown to each customer in each placement and channel: `(customer, place)` by offer.
type Shown = BTreeMap<String, BTreeSet<(String, String)>>;

async fn shown(desk: &Desk) -> Shown {
    let asked = ["WEB", "KIOSK", "EMAIL"].map(|channel| {
        format!(
            "{channel}: experience(placements: [\"home\", \"cart\"], channel: {channel}, limit: 2) {{
            placement decision {{ offers {{ offer {{ key }} }} }} }}"
        )
    });
    let query = format!("{{ customers(first: 100) {{ nodes {{ id {} }} }} }}", asked.join(" "));
    let data = desk.staff().good(&query, json!({})).await;
    let mut shown = Shown::new();
    for node in data["customers"]["nodes"].as_array().expect("a list") {
        for channel in ["WEB", "KIOSK", "EMAIL"] {
            for experience in node[channel].as_array().expect("a list") {
                let place = format!("{channel} {}", text(&experience["placement"]));
                for offer in experience["decision"]["offers"].as_array().expect("a list") {
                    let at = (text(&node["id"]), place.clone());
                    shown.entry(text(&offer["offer"]["key"])).or_default().insert(at);
                }
            }
        }
    }
    shown
}

fn customers_of(places: &BTreeSet<(String, String)>) -> usize {
    places.iter().map(|(customer, _)| customer).collect::<BTreeSet<_>>().len()
}

/// The law of simulating: what it tells is what happens.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_simulated_is_what_is_shown_once_the_same_offer_is_published() {
    on_both(async |db| {
        people(&db, 60).await;
        let desk = Desk::open(db).await;
        let input = json!({ "key": "gold", "rule": "traits.plan == 'gold'" });
        desk.done("segmentCreate", "segment { id }", input).await;
        desk.app.upkeep().once().await.expect("definitions are looked at");
        let places = json!(["home", "cart"]);
        desk.live("all", json!({ "placements": places, "rank": "3", "channels": ["WEB", "KIOSK", "EMAIL"] }))
            .await;
        desk.live("old", json!({ "rank": "traits.age", "eligibility": "traits.age >= 2" })).await;
        desk.live(
            "golden",
            json!({ "placements": places, "eligibility": "'gold' in segments", "rank": "6" }),
        )
        .await;
        desk.live("web", json!({ "placements": places, "channels": ["WEB"], "priority": 4 })).await;
        let mut reached_at_all = 0;
        for (number, draft) in drafts().into_iter().enumerate() {
            let key = format!("trial-{number}");
            let mut parts = draft.clone();
            if parts.get("placements").is_none() {
                parts["placements"] = json!(["home"]);
            }
            if parts.get("channels").is_none() {
                parts["channels"] = json!(["WEB", "KIOSK", "EMAIL"]);
            }
            let mut new = parts.clone();
            new["key"] = json!(key);
            let told = desk.tried(REACH, json!({ "new": new }), json!({ "limit": 2 })).await;
            let before = shown(&desk).await;
            let id = desk.offer(&key, parts).await;
            desk.step("offerPublish", &id).await;
            let after = shown(&desk).await;
            desk.step("offerEnd", &id).await;

            let reached = after.get(&key).map_or(0, customers_of);
            assert_eq!(four(&told)[0], reached as u64, "{draft}");
            assert_eq!(four(&told).iter().sum::<u64>(), 60, "{draft}");
            reached_at_all += reached;
            let empty = BTreeSet::new();
            let mut gone = BTreeMap::new();
            for (key, places) in &before {
                let left: BTreeSet<_> =
                    places.difference(after.get(key).unwrap_or(&empty)).cloned().collect();
                if !left.is_empty() {
                    gone.insert(key.clone(), (left.len() as u64, customers_of(&left) as u64));
                }
            }
            let number = |value: &Value| value.as_u64().expect("a number");
            let outranks = told["outranks"].as_array().expect("a list").iter();
            let outranks: BTreeMap<_, _> = outranks
                .map(|one| {
                    (text(&one["offer"]["key"]), (number(&one["decisions"]), number(&one["customers"])))
                })
                .collect();
            assert_eq!(outranks, gone, "{draft}");
        }
        assert!(reached_at_all > 100, "{reached_at_all} are too few to mean anything");
    })
    .await;
}

impl Desk {
    fn simulator(&self) -> Simulator {
        let services = &self.app.services;
        Simulator {
            db: self.app.db.clone(),
            ids: self.app.ids.clone(),
            now: NOON,
            zone: services.time_zone,
            segments: services.ingest.segments.catalogue.current(),
            universal_holdout: 0,
        }
    }
}

/// An offer for all of whom the traits say gold.
fn asked(sample: i32) -> Asked {
    let parts = Parts {
        placements: Some(vec!["home".to_owned()]),
        eligibility: Some("traits.plan == 'gold'".to_owned()),
        ..Parts::default()
    };
    let draft = Draft::New { key: "trial".to_owned(), parts };
    Asked { draft, since: NOON, sample, seed: 0, limit: 3 }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_time_is_up_what_was_looked_at_is_told() {
    on_both(async |db| {
        people(&db, 1_200).await;
        let desk = Desk::open(db).await;
        let mut steps = Vec::new();
        let step = |progress: Progress| steps.push((progress.looked_at, progress.sample));
        let hasty =
            desk.simulator().simulate(asked(1_100), Some(Duration::ZERO), step).await.expect("simulated");
        assert_eq!(
            (hasty.customers, hasty.sample, hasty.looked_at, hasty.is_complete),
            (1_200, 1_100, 500, false)
        );
        assert_eq!(steps, [(0, 1_100), (500, 1_100), (500, 1_100)]);
        let part = hasty.part().estimate(hasty.reach.reached);
        assert!(
            part.all_low <= 600 && 600 <= part.all_high && part.all_high - part.all_low < 110,
            "{part:?}"
        );
        let patient = desk.simulator().simulate(asked(1_100), None, |_| {}).await.expect("simulated");
        assert_eq!((patient.looked_at, patient.is_complete), (1_100, true));
        let all = desk.simulator().simulate(asked(2_000), None, |_| {}).await.expect("simulated");
        assert_eq!(
            (all.sample, all.looked_at, all.is_complete, all.reach.reached),
            (1_200, 1_200, true, 600)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_is_drawn_as_by_lot_and_again_the_same() {
    on_both(async |db| {
        people(&db, 300).await;
        let merged = customer::Model { merged_into: Some(samples::id(1)), ..samples::customer(301) };
        insert::<customer::Entity>(&db, [merged]).await;
        let draw = async |seed: i32, size: usize| -> Vec<CustomerId> {
            let drawn = sample::draw(&db, seed, size, Patience::begin(None)).await.expect("it is drawn");
            assert_eq!((drawn.customers, drawn.is_whole), (300, true));
            drawn.ids
        };
        let (hundred, again, other) = (draw(0, 100).await, draw(0, 100).await, draw(1, 100).await);
        assert_eq!((hundred.len(), &hundred), (100, &again));
        assert_eq!(draw(0, 10).await, hundred[..10], "the first ones are a smaller sample");
        let both = hundred.iter().filter(|id| other.contains(id)).count();
        assert!((15..55).contains(&both), "{both} of both samples");
        // Of the first half of all, as many as chance would have: 50, and hardly ever less than 35.
        let first = hundred.iter().filter(|id| **id <= samples::id(150)).count();
        assert!((35..=65).contains(&first), "{first}");
        let everybody: BTreeSet<CustomerId> = draw(7, 500).await.into_iter().collect();
        assert_eq!(everybody, (1..=300).map(samples::id).collect());
        assert_eq!(draw(0, 1).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_customers_cost_the_statements_of_few() {
    on_both(async |db| {
        people(&db, 400).await;
        let desk = Desk::open(db.clone()).await;
        desk.attribute("visits_90d").await;
        desk.app.upkeep().once().await.expect("definitions are looked at");
        let eligibility = "traits.plan == 'gold' && attributes.visits_90d == 0";
        desk.live(
            "capped",
            json!({ "limits": { "perCustomer": 1, "total": 5 }, "eligibility": eligibility }),
        )
        .await;
        let mut counted = Vec::new();
        for sample in [4, 400] {
            let before = db.statements();
            let limits = json!({ "perCustomer": 1, "total": 50 });
            let draft =
                json!({ "limits": limits, "eligibility": eligibility, "benefit": { "percentageOff": "5" } });
            let told = desk.simulated(REACH, draft, json!({ "sample": sample })).await;
            assert_eq!(told["lookedAt"], sample);
            counted.push(db.statements() - before);
        }
        assert_eq!(counted[0], counted[1]);
        assert!(counted[0] <= 25, "{counted:?}");
    })
    .await;
}

/// All that is in the database: the file itself, or a digest of each table.
async fn contents(db: &Db) -> Vec<Vec<u8>> {
    let connection = db.connection();
    if connection.get_database_backend() == DbBackend::Sqlite {
        let url = url_of(db).await;
        let file = url.strip_prefix("sqlite://").expect("a file");
        return [file.to_owned(), format!("{file}-wal")]
            .map(|file| std::fs::read(file).unwrap_or_default())
            .into();
    }
    let rows = async |sql: String| {
        let rows = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
        rows.expect("it is read")
            .iter()
            .map(|row| row.try_get_by_index::<String>(0).expect("a text"))
            .collect::<Vec<_>>()
    };
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1".to_owned();
    let mut contents = Vec::new();
    for table in rows(tables).await {
        let digest = format!(
            "SELECT COALESCE(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM \"{table}\" AS t"
        );
        contents.push(format!("{table} {}", rows(digest).await[0]).into_bytes());
    }
    assert!(contents.len() > 15, "tables are found");
    contents
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written() {
    on_both(async |db| {
        people(&db, 20).await;
        let desk = Desk::open(db.clone()).await;
        let id = desk.live("live", json!({ "limits": { "perCustomer": 1, "total": 5 } })).await;
        let purchases = (1..=20).map(|number| samples::purchase(number, number, NOON));
        insert::<entities::purchase::Entity>(&db, purchases).await;
        let parts =
            json!({ "benefit": { "percentageOff": "5" }, "limits": { "perCustomer": 1, "total": 5 } });
        let (before, changes) = (contents(&db).await, desk.changes().await);
        let told = desk.simulated(REACH, parts, json!({})).await;
        assert_eq!(four(&told), [20, 0, 0, 0]);
        let changed = json!({ "changed": { "id": id, "version": 2, "priority": 7 } });
        desk.tried(REACH, changed, json!({})).await;
        desk.app.services.deciding.queue.flush().await;
        assert!(contents(&db).await == before, "all rows are as they were");
        assert_eq!(desk.changes().await, changes);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_where_it_stands_all_at_once() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        let id = desk.live("live", json!({})).await;
        let over = desk.live("over", json!({})).await;
        desk.step("offerEnd", &over).await;
        let since = "2025-12-01T00:00:00Z";
        let wrong = async |input: Value| -> Vec<(String, String)> {
            let wrong = desk.wrong("offerSimulate", input).await;
            wrong.into_iter().map(|(code, field, _)| (code, field)).collect()
        };
        let told = |wrong: &[(&str, &str)]| -> Vec<(String, String)> {
            wrong.iter().map(|(code, field)| ((*code).to_owned(), (*field).to_owned())).collect()
        };
        let new = json!({
            "key": "pop corn", "eligibility": "attributes.visits > 1", "limits": { "total": 0 },
            "schedule": { "startsOn": "2026-02-02", "endsOn": "2026-02-01" },
        });
        let all = json!({ "draft": { "new": new }, "since": "2026-01-01T12:00:01Z", "sample": 0, "limit": 51 });
        let expected = [
            ("INVALID", "input.since"),
            ("INVALID", "input.sample"),
            ("INVALID", "input.limit"),
            ("INVALID", "input.draft.new.key"),
            ("INVALID", "input.draft.new.eligibility"),
            ("INVALID", "input.draft.new.schedule.endsOn"),
            ("INVALID", "input.draft.new.limits.total"),
            ("INVALID", "input.draft.new.placements"),
        ];
        assert_eq!(wrong(all).await, told(&expected));
        let one = async |draft: Value, sample: i32| wrong(json!({ "draft": draft, "since": since, "sample": sample })).await;
        let home = json!(["home"]);
        let fine = json!({ "new": { "key": "trial", "placements": home } });
        assert_eq!(one(fine, 100_001).await, told(&[("INVALID", "input.sample")]));
        let taken = json!({ "new": { "key": "live", "placements": home } });
        assert_eq!(one(taken, 1).await, told(&[("CONFLICT", "input.draft.new.key")]));
        let ended = json!({ "new": { "key": "trial", "placements": home, "schedule": { "endsAt": since } } });
        assert_eq!(one(ended, 1).await, told(&[("CONFLICT", "input.draft.new")]));
        let benefit = json!({ "new": { "key": "trial", "benefit": { "percentageOff": "1.234" } } });
        assert_eq!(one(benefit, 1).await, told(&[("INVALID", "input.draft.new.benefit.percentageOff")]));
        let changed = |id: &str, version: i32, rank: &str| {
            json!({ "changed": { "id": id, "version": version, "rank": rank } })
        };
        let table = [
            (changed(&id, 1, "1"), "CONFLICT", "version"),
            (changed(&id, 2, "true"), "INVALID", "rank"),
            (changed(&over, 3, "1"), "CONFLICT", "id"),
            (changed("off_00000000000000000000000009", 1, "1"), "NOT_FOUND", "id"),
            (changed("cus_1", 1, "1"), "INVALID", "id"),
        ];
        for (draft, code, field) in table {
            let field = format!("input.draft.changed.{field}");
            assert_eq!(one(draft.clone(), 1).await, told(&[(code, &field)]), "{draft}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_staff_who_write_offers_and_read_lists_may_ask() {
    on_both(async |db| {
        people(&db, 2).await;
        insert::<touchpoint::Entity>(&db, touchpoints()).await;
        let desk = Desk::open(db).await;
        let query =
            "mutation { offerSimulate(input: { draft: { new: { key: \"x\", placements: [\"home\"] } },
            since: \"2025-12-01T00:00:00Z\" }) { simulation { customers } userErrors { message } } }";
        let staff = |scopes: &[Scope]| Viewer::staff(scopes.iter().copied().collect());
        let others: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| *scope != Scope::Lists).collect();
        let readers: Vec<Scope> =
            Scope::ALL.into_iter().filter(|scope| *scope != Scope::OffersWrite).collect();
        let refused = [
            Viewer::Anonymous,
            Viewer::Customer(samples::id(1)),
            Viewer::Touchpoint(kiosk()),
            staff(&[]),
            staff(&others),
            staff(&readers),
        ];
        for viewer in refused {
            Client::of(&desk.app, viewer).fails_with(query, json!({}), "FORBIDDEN").await;
        }
        let writer = Client::of(&desk.app, staff(&[Scope::OffersWrite, Scope::Lists]));
        let data = writer.good(query, json!({})).await;
        assert_eq!(data["offerSimulate"], json!({ "simulation": { "customers": 2 }, "userErrors": [] }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_universal_holdout_holds_in_a_simulation() {
    on_both(async |db| {
        people(&db, 40).await;
        let desk = Desk::open(db).await;
        let simulator = Simulator { universal_holdout: 10_000, ..desk.simulator() };
        let all = simulator.simulate(asked(40), None, |_| {}).await.expect("simulated");
        assert_eq!((all.reach.reached, all.reach.held_out, all.reach.excluded), (0, 20, 20));
        let simulator = Arc::new(Simulator { universal_holdout: 5_000, ..desk.simulator() });
        let half = simulator.simulate(asked(40), None, |_| {}).await.expect("simulated");
        assert_eq!(half.reach.reached + half.reach.held_out, 20);
        assert!(half.reach.reached > 0 && half.reach.held_out > 0, "{:?}", half.reach);
    })
    .await;
}
