//! What devices tell of the decisions that they show, and the figures that staff read of it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use encircle::app::server;
use encircle::config::Settings;
use encircle::db::Db;
use encircle::domain::offers::decision::{Decision, Reasons, Shown};
use encircle::domain::offers::kept::{self, Written};
use encircle::domain::offers::store::{self, OfferScope};
use encircle::http::auth::Tokens;
use encircle::http::console::ConsoleConfig;
use encircle::kernel::columns::Columns;
use entities::customer;
use entities::ids::{CustomerId, DecisionId, OfferId};
use entities::values::Channel;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{DAY, Desk, NOON, text};
use crate::entities::{insert, samples};
use crate::harness::client::application;
use crate::harness::databases::on_both;

const DECIDE: &str = "query($placements: [String!]!) {
    me { experience(placements: $placements) { decision { id offers { offer { id } variant } } } } }";
const TELL: &str = "mutation($input: BehaviorsRecordInput!) {
    behaviorsRecord(input: $input) { results { status } userErrors { message } } }";
const FIGURES: &str = "query($ids: [ID!]!, $since: DateTime, $until: DateTime) {
    nodes(ids: $ids) { ... on Offer { responses(since: $since, until: $until) {
        shown clicked dismissed byVariant { variant shown clicked dismissed } } } } }";

/// The doors of another replica, and the token of a device there.
struct Device<'a> {
    doors: &'a Router,
    token: String,
    customer: String,
}

async fn doors(db: &Db) -> Router {
    let console = ConsoleConfig {
        endpoint: "/graphql".into(),
        subscription_endpoint: None,
        tabs: Vec::new(),
        notice: None,
    };
    let app = application(db.clone(), NOON).await;
    server(app, Tokens::default(), &console, &Settings::default()).expect("the parts fit").0
}

impl<'a> Device<'a> {
    async fn register(desk: &Desk, doors: &'a Router) -> Self {
        let input = json!({ "channel": "WEB", "platform": "firefox" });
        let done = desk.done("deviceRegister", "token customer { id }", input).await;
        Self { doors, token: text(&done["token"]), customer: text(&done["customer"]["id"]) }
    }

    async fn post(&self, query: &str, variables: Value) -> Value {
        let request = Request::post("/graphql")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", self.token))
            .body(Body::from(json!({ "query": query, "variables": variables }).to_string()))
            .expect("a request");
        let answer = self.doors.clone().oneshot(request).await.expect("an answer");
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        let mut answer: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(answer.get("errors"), None, "{query} with {variables}");
        answer["data"].take()
    }

    /// The id of the decision in a placement, and the variant of the offer that is shown first.
    async fn decide(&self, placement: &str) -> (Value, Value) {
        let mut answer = self.post(DECIDE, json!({ "placements": [placement] })).await;
        let decision = &mut answer["me"]["experience"][0]["decision"];
        (decision["id"].take(), decision["offers"][0]["variant"].take())
    }

    async fn tell(&self, name: &str, properties: Value) {
        self.tell_all(&[(name, properties)]).await;
    }

    /// Whatever they say of decisions, behaviors are recorded.
    async fn tell_all(&self, told: &[(&str, Value)]) {
        let behavior = |(name, properties): &(&str, Value)| json!({ "name": name, "channel": "WEB", "properties": properties });
        let behaviors: Vec<Value> = told.iter().map(behavior).collect();
        let mut answer = self.post(TELL, json!({ "input": { "behaviors": behaviors } })).await;
        let results = answer["behaviorsRecord"]["results"].take();
        assert_eq!(results, json!(vec![json!({ "status": "RECORDED" }); told.len()]));
    }
}

impl Desk {
    async fn figures(&self, offer: &str) -> Value {
        self.staff().good(FIGURES, json!({ "ids": [offer] })).await["nodes"][0]["responses"].take()
    }
}

fn counts(shown: u32, clicked: u32, dismissed: u32, by_variant: &[Value]) -> Value {
    json!({ "shown": shown, "clicked": clicked, "dismissed": dismissed, "byVariant": by_variant })
}

fn variant(variant: &Value, shown: u32, clicked: u32, dismissed: u32) -> Value {
    json!({ "variant": variant, "shown": shown, "clicked": clicked, "dismissed": dismissed })
}

/// An offer of which two variants are tried.
async fn tried(desk: &Desk, key: &str, placement: &str) -> String {
    let variants = json!([{ "key": "large" }, { "key": "small" }]);
    let parts = json!({ "placements": [placement], "experiment": { "variants": variants } });
    desk.live(key, parts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_devices_tell_of_a_decision_is_counted_by_variant() {
    on_both(async |db| {
        let desk = Desk::open(db.clone()).await;
        let offer = tried(&desk, "tried", "home").await;
        let doors = doors(&db).await;
        let mut expected = std::collections::BTreeMap::<String, (u32, u32)>::new();
        for at in 0..8 {
            let device = Device::register(&desk, &doors).await;
            let (decision, variant) = device.decide("home").await;
            let of = expected.entry(text(&variant)).or_default();
            // At once after the answer, whether the decision is on disk or not; some name the decision alone.
            let properties = match at % 2 {
                0 => json!({ "decisionId": decision }),
                _ => json!({ "decisionId": decision, "offerId": offer }),
            };
            device.tell("Offer Shown", properties.clone()).await;
            of.0 += 1;
            if at % 3 == 0 {
                device.tell("Offer Clicked", properties).await;
                of.1 += 1;
            }
        }
        assert_eq!(expected.len(), 2, "each variant is shown to somebody");
        let by_variant: Vec<Value> = expected
            .iter()
            .map(|(key, (shown, clicked))| variant(&json!(key), *shown, *clicked, 0))
            .collect();
        assert_eq!(desk.figures(&offer).await, counts(8, 3, 0, &by_variant));
        // What was received at another time is left out.
        for range in [json!({ "since": "2026-01-02T00:00:00Z" }), json!({ "until": "2026-01-01T12:00:00Z" })]
        {
            let mut variables = range;
            variables["ids"] = json!([offer]);
            let found = desk.staff().good(FIGURES, variables).await;
            assert_eq!(found["nodes"][0]["responses"], counts(0, 0, 0, &[]));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_tells_the_same_of_an_offer_once_and_only_of_what_it_showed() {
    on_both(async |db| {
        let desk = Desk::open(db.clone()).await;
        let offer = tried(&desk, "tried", "home").await;
        let elsewhere = desk.live("elsewhere", json!({ "placements": ["row"] })).await;
        let beside = desk.live("beside", json!({ "placements": ["row"] })).await;
        let doors = doors(&db).await;
        let (ada, bob) = (Device::register(&desk, &doors).await, Device::register(&desk, &doors).await);
        let (decision, shown) = ada.decide("home").await;
        let both = json!({ "decisionId": decision, "offerId": offer });
        // Twice in one batch, and many times at once.
        ada.tell_all(&[("Offer Shown", both.clone()), ("Offer Shown", both.clone())]).await;
        futures_util::future::join_all((0..10).map(|_| ada.tell("Offer Clicked", both.clone()))).await;
        let expected = counts(1, 1, 0, &[variant(&shown, 1, 1, 0)]);
        assert_eq!(desk.figures(&offer).await, expected);
        // A stranger's decision counts for nobody, neither does an offer that it did not show.
        bob.tell("Offer Dismissed", both.clone()).await;
        bob.tell("Offer Dismissed", json!({ "decisionId": decision })).await;
        ada.tell("Offer Dismissed", json!({ "decisionId": decision, "offerId": elsewhere })).await;
        assert_eq!(desk.figures(&offer).await, expected);
        // Of two that were shown, one must be named.
        let (row, _) = ada.decide("row").await;
        ada.tell("Offer Shown", json!({ "decisionId": row })).await;
        assert_eq!(desk.figures(&elsewhere).await, counts(0, 0, 0, &[]));
        for offer in [&elsewhere, &beside] {
            ada.tell("Offer Shown", json!({ "decisionId": row, "offerId": offer })).await;
            let untried = [variant(&Value::Null, 1, 0, 0)];
            assert_eq!(desk.figures(offer).await, counts(1, 0, 0, &untried));
        }
        // Where no decision can be found, the offer that is named counts; without one there is nothing to count.
        for bad in [json!("nonsense"), json!(7), json!({ "a": [] }), json!("dec_00000000000000000000000001")]
        {
            ada.tell("Offer Dismissed", json!({ "decisionId": bad })).await;
            ada.tell("Offer Dismissed", json!({ "decisionId": bad, "offerId": beside })).await;
        }
        let found = desk.figures(&beside).await;
        assert_eq!(found, counts(1, 0, 4, &[variant(&Value::Null, 1, 0, 4)]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_count_what_the_own_decision_showed() {
    on_both(async |db| {
        let desk = Desk::open(db.clone()).await;
        let limits = json!({ "limits": { "shownPerPeriod": 1, "shownPeriod": "P7D" } });
        desk.live("once", limits).await;
        let doors = doors(&db).await;
        let (ada, bob) = (Device::register(&desk, &doors).await, Device::register(&desk, &doors).await);
        let shown = async |device: &Device<'_>| {
            let answer = device.post(DECIDE, json!({ "placements": ["home"] })).await;
            answer["me"]["experience"][0]["decision"]["offers"].as_array().expect("a list").len()
        };
        let (of_ada, _) = ada.decide("home").await;
        bob.tell("Offer Shown", json!({ "decisionId": of_ada })).await;
        assert_eq!((shown(&ada).await, shown(&bob).await), (1, 1));
        ada.tell("Offer Shown", json!({ "decisionId": of_ada })).await;
        assert_eq!((shown(&ada).await, shown(&bob).await), (0, 1));
        // Who turned out to be one tells of the decisions of both.
        let (of_bob, _) = bob.decide("home").await;
        let merge = json!({ "survivorId": ada.customer, "mergedId": bob.customer, "reason": "one" });
        desk.done("customerMerge", "customer { id }", merge).await;
        let offer = text(
            &desk.staff().good("{ offers { nodes { id } } }", json!({})).await["offers"]["nodes"][0]["id"],
        );
        assert_eq!(desk.figures(&offer).await["shown"], 1);
        ada.tell("Offer Shown", json!({ "decisionId": of_bob })).await;
        assert_eq!(desk.figures(&offer).await["shown"], 2);
    })
    .await;
}

/// Another replica hears of a decision sooner than the one that made it has written it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_before_the_decision_is_written_is_settled_with_it() {
    on_both(async |db| {
        insert::<customer::Entity>(&db, (1..=2).map(samples::customer)).await;
        let desk = Desk::open(db.clone()).await;
        let (offer, other) = (tried(&desk, "tried", "home").await, tried(&desk, "other", "home").await);
        let (ada, bob): (CustomerId, CustomerId) = (samples::id(1), samples::id(2));
        let decision: DecisionId = desk.app.ids.next(NOON);
        let tell = async |customer: CustomerId, name: &str, offer: &str| {
            let behavior = json!({
                "name": name, "customer": { "id": customer.to_string() }, "channel": "WEB",
                "properties": { "decisionId": decision.to_string(), "offerId": offer },
            });
            desk.done("behaviorsRecord", "__typename", json!({ "behaviors": [behavior] })).await;
        };
        tell(ada, "Offer Shown", &offer).await;
        tell(ada, "Offer Shown", &other).await;
        tell(bob, "Offer Dismissed", &offer).await;
        let unseen = counts(1, 0, 1, &[variant(&Value::Null, 1, 0, 1)]);
        assert_eq!(desk.figures(&offer).await, unseen);
        let id: OfferId = offer.parse().expect("an id");
        let mut rows = store::by_ids(&db, OfferScope::All, &[id], Columns::ALL).await.expect("it is read");
        let row = Arc::new(rows.remove(&id).expect("it is there"));
        let shown = Shown { offer: row, score: 0.0, variant: Some("small".to_owned()), content: None };
        let decided = Decision {
            id: decision,
            customer_id: ada,
            placement: "home".to_owned(),
            channel: Channel::Web,
            touchpoint_id: None,
            decided_at: NOON,
            valid_until: entities::timestamp::Timestamp(NOON.millis() + DAY),
            shown: vec![shown],
            reasons: Reasons::Kept(Vec::new()),
        };
        let written = Written::of(Arc::new(decided)).expect("it is JSON");
        kept::write(&db, &[written]).await.expect("it is written");
        assert_eq!(desk.figures(&offer).await, counts(1, 0, 0, &[variant(&json!("small"), 1, 0, 0)]));
        assert_eq!(desk.figures(&other).await, counts(0, 0, 0, &[]));
        tell(ada, "Offer Clicked", &offer).await;
        assert_eq!(desk.figures(&offer).await["byVariant"], json!([variant(&json!("small"), 1, 1, 0)]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_do_not_grow_with_what_is_told_or_asked() {
    on_both(async |db| {
        let desk = Desk::open(db.clone()).await;
        let mut offers = Vec::new();
        for at in 0..20 {
            offers.push(tried(&desk, &format!("o{at}"), &format!("p{at}")).await);
        }
        let doors = doors(&db).await;
        let device = Device::register(&desk, &doors).await;
        let mut told = Vec::new();
        for at in 0..20 {
            let (decision, _) = device.decide(&format!("p{at}")).await;
            told.push(("Offer Shown", json!({ "decisionId": decision })));
        }
        // Until all are written: what is in memory needs no statement.
        let is_written = async || {
            let ids: Vec<&Value> = told.iter().map(|(_, properties)| &properties["decisionId"]).collect();
            let found = desk
                .staff()
                .good("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ids }))
                .await;
            found["nodes"].as_array().expect("a list").iter().all(Value::is_object)
        };
        while !is_written().await {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let statements = async |told: &[(&str, Value)]| {
            let before = db.statements();
            device.tell_all(told).await;
            db.statements() - before
        };
        statements(&told[..1]).await;
        assert_eq!(statements(&told[1..2]).await, statements(&told[2..]).await);
        let asked = async |ids: &[String]| {
            let before = db.statements();
            let found = desk.staff().good(FIGURES, json!({ "ids": ids })).await;
            let all = found["nodes"].as_array().expect("a list").iter();
            assert!(all.clone().all(|offer| offer["responses"]["shown"] == 1), "{found}");
            db.statements() - before
        };
        assert_eq!((asked(&offers[..1]).await, asked(&offers).await), (2, 2));
    })
    .await;
}
