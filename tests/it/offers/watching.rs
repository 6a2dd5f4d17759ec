//! `experienceChanged`: connected devices learn what changes for their customer, at once and once.

use std::sync::Arc;

use encircle::app::App;
use encircle::domain::customers::import::CustomerRef;
use encircle::domain::purchases::import::record;
use encircle::graph::events::End;
use encircle::kernel::viewer::{Scopes, Viewer};
use entities::ids::{CustomerId, OfferId};
use entities::{customer, touchpoint};
use serde_json::{Value, json};

use super::budgets::purchase;
use super::{Desk, NOON, text};
use crate::api::world::{kiosk, touchpoints};
use crate::entities::{insert, samples};
use crate::harness::databases::on_both;
use crate::harness::watching::Subscription;

const WATCH: &str = "subscription($id: ID, $placements: [String!]!) {
    experienceChanged(customerId: $id, placements: $placements) {
        placement decision { id offers { offer { key } } } } }";

/// A device that is connected.
pub(super) struct Device(Subscription);

impl Device {
    async fn of(app: &Arc<App>, viewer: Viewer, variables: Value) -> Self {
        Self(Subscription::open(app, viewer, WATCH, variables).await)
    }

    /// A device of the customer itself, which shows `home`.
    pub(super) async fn own(app: &Arc<App>, customer: CustomerId) -> Self {
        Self::of(app, Viewer::Customer(customer), json!({ "placements": ["home"] })).await
    }

    /// The offers that it shows from the next event on.
    pub(super) async fn shows(&mut self) -> Vec<String> {
        let answer = self.0.answer().await;
        let experience = answer["data"]["experienceChanged"].as_array().unwrap_or_else(|| panic!("{answer}"));
        let offers = experience.iter().flat_map(|one| one["decision"]["offers"].as_array().expect("a list"));
        offers.map(|one| text(&one["offer"]["key"])).collect()
    }
}

fn ada() -> CustomerId {
    samples::id(1)
}

fn bob() -> CustomerId {
    samples::id(2)
}

impl Desk {
    /// Records that somebody visited.
    pub(super) async fn visit(&self, customer: CustomerId) {
        let visit = json!({ "name": "Visit", "customer": { "id": customer.to_string() }, "channel": "WEB" });
        self.done("behaviorsRecord", "__typename", json!({ "behaviors": [visit] })).await;
    }
}

impl Desk {
    /// Records what somebody did with an offer that was shown.
    async fn answer(&self, customer: CustomerId, name: &str, offer: &str) {
        let behavior = json!({
            "name": name, "customer": { "id": customer.to_string() }, "channel": "WEB",
            "occurredAt": "2020-01-01T00:00:00Z", // a device whose clock is wrong
            // Shown again and again by the same decision, it is seen as often.
            "properties": { "offerId": offer, "decisionId": "dec_00000000000000000000000001" },
        });
        let recorded =
            self.done("behaviorsRecord", "results { status }", json!({ "behaviors": [behavior] })).await;
        assert_eq!(recorded["results"][0]["status"], "RECORDED");
    }
}

/// Two customers, an offer for who visited once and one for who visited twice, both to be seen at once.
async fn opened(db: &encircle::db::Db) -> Desk {
    insert::<customer::Entity>(db, (1..=2).map(samples::customer)).await;
    let desk = Desk::open(db.clone()).await;
    desk.attribute("visits").await;
    desk.app.upkeep().once().await.expect("definitions are looked at");
    desk.live("once", json!({ "eligibility": "attributes.visits >= 1", "priority": 1 })).await;
    desk.live("twice", json!({ "eligibility": "attributes.visits >= 2", "priority": 2 })).await;
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_customer_does_on_one_device_is_known_on_all_once() {
    on_both(async |db| {
        let desk = opened(&db).await;
        let _watching = desk.app.watching().start();
        let (mut phone, mut web) = (Device::own(&desk.app, ada()).await, Device::own(&desk.app, ada()).await);
        let mut of_bob = Device::own(&desk.app, bob()).await;
        for device in [&mut phone, &mut web, &mut of_bob] {
            assert!(device.shows().await.is_empty(), "the first event is how things are now");
        }
        desk.visit(ada()).await;
        for device in [&mut phone, &mut web] {
            assert_eq!(device.shows().await, ["once"]);
        }
        // What changes nothing is not told: the next event is of the second visit.
        let traits = json!({ "customerId": ada().to_string(), "traits": { "mood": "good" } });
        desk.done("customerUpdate", "customer { id }", traits).await;
        desk.visit(ada()).await;
        for device in [&mut phone, &mut web] {
            assert_eq!(device.shows().await, ["twice", "once"]);
        }
        // Nothing of this was told to another customer's device.
        desk.visit(bob()).await;
        assert_eq!(of_bob.shows().await, ["once"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_and_purchases_change_the_answer() {
    on_both(async |db| {
        let desk = opened(&db).await;
        let _watching = desk.app.watching().start();
        let mut phone = Device::own(&desk.app, ada()).await;
        assert!(phone.shows().await.is_empty());
        let limits = json!({ "limits": { "total": 3, "perCustomer": 1 } });
        let limited = desk.live("limited", limits).await;
        assert_eq!(phone.shows().await, ["limited"]);
        desk.step("offerPause", &limited).await;
        assert!(phone.shows().await.is_empty());
        desk.step("offerPublish", &limited).await;
        assert_eq!(phone.shows().await, ["limited"]);
        let mut of_bob = Device::own(&desk.app, bob()).await;
        assert_eq!(of_bob.shows().await, ["limited"]);
        let limited: OfferId = limited.parse().expect("an id");
        let bought = |number: &str, customer| {
            let mut bought = purchase(&desk, number, "EUR", &[(limited, 100)]);
            bought.customer = CustomerRef::Known(customer);
            vec![bought]
        };
        record(&db, &desk.app.ids, NOON, None, &bought("1", ada())).await.expect("it is recorded");
        assert!(phone.shows().await.is_empty(), "once per customer");
        // The budget is spent by others: whoever was shown the offer is shown it no more.
        insert::<customer::Entity>(&db, (3..=4).map(samples::customer)).await;
        for number in 3..=4_u128 {
            let other = bought(&number.to_string(), samples::id(number));
            record(&db, &desk.app.ids, NOON, None, &other).await.expect("it is recorded");
        }
        assert!(of_bob.shows().await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_changes_the_answer() {
    on_both(async |db| {
        let desk = opened(&db).await;
        let _watching = desk.app.watching().start();
        let mut phone = Device::own(&desk.app, ada()).await;
        assert!(phone.shows().await.is_empty());
        let soon =
            json!({ "schedule": { "startsAt": "2026-01-01T12:00:01Z", "endsAt": "2026-01-01T12:00:03Z" } });
        desk.live("soon", soon).await;
        desk.move_clock(1_000);
        assert_eq!(phone.shows().await, ["soon"]);
        desk.move_clock(2_000);
        assert!(phone.shows().await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_seen_or_sent_away_on_one_device_is_gone_on_all() {
    on_both(async |db| {
        let desk = opened(&db).await;
        let limits =
            json!({ "limits": { "shownPerPeriod": 2, "shownPeriod": "P7D", "dismissalPeriod": "P30D" } });
        let teaser = desk.live("teaser", limits).await;
        let _watching = desk.app.watching().start();
        let (mut phone, mut web) = (Device::own(&desk.app, ada()).await, Device::own(&desk.app, ada()).await);
        let mut of_bob = Device::own(&desk.app, bob()).await;
        for device in [&mut phone, &mut web, &mut of_bob] {
            assert_eq!(device.shows().await, ["teaser"]);
        }
        for _ in 0..2 {
            desk.answer(ada(), "Offer Shown", &teaser).await;
        }
        for device in [&mut phone, &mut web] {
            assert!(device.shows().await.is_empty());
        }
        // Followed is not sent away; and what names no offer counts for none.
        desk.answer(bob(), "Offer Clicked", &teaser).await;
        desk.answer(bob(), "Offer Dismissed", "teaser").await;
        assert_eq!(desk.home(bob()).await["offers"].as_array().map(Vec::len), Some(1));
        desk.answer(bob(), "Offer Dismissed", &teaser).await;
        assert!(of_bob.shows().await.is_empty());
        let reasons = &desk.home(bob()).await["considered"];
        let of_teaser = |one: &&Value| one["offer"]["key"] == "teaser";
        let reason =
            &reasons.as_array().expect("a list").iter().find(of_teaser).expect("it is there")["reasons"][0];
        assert_eq!(reason["code"], "DISMISSED");
        assert_eq!(reason["message"], "Dismissed; it comes back on 2026-01-31T00:00:00.000Z");
        // A week later what was seen counts no more, what was sent away does.
        desk.move_clock(8 * super::DAY);
        assert_eq!(phone.shows().await, ["teaser"]);
        assert!(desk.home(bob()).await["offers"].as_array().expect("a list").is_empty());
        // What one did before they were one counts for both.
        let merge =
            json!({ "survivorId": ada().to_string(), "mergedId": bob().to_string(), "reason": "one" });
        desk.done("customerMerge", "customer { id }", merge).await;
        assert!(phone.shows().await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_told_of_whom_its_customer_became() {
    on_both(async |db| {
        let desk = opened(&db).await;
        let _watching = desk.app.watching().start();
        insert::<touchpoint::Entity>(&db, touchpoints()).await;
        let named = json!({ "id": bob().to_string(), "placements": ["home"] });
        let mut kiosk = Device::of(&desk.app, Viewer::Touchpoint(kiosk()), named).await;
        assert!(kiosk.shows().await.is_empty());
        desk.visit(ada()).await;
        let merge =
            json!({ "survivorId": ada().to_string(), "mergedId": bob().to_string(), "reason": "one" });
        desk.done("customerMerge", "customer { id }", merge).await;
        assert_eq!(kiosk.shows().await, ["once"]);
        desk.visit(ada()).await;
        assert_eq!(kiosk.shows().await, ["twice", "once"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_told_can_be_looked_up() {
    on_both(async |db| {
        let desk = opened(&db).await;
        let _watching = desk.app.watching().start();
        desk.visit(ada()).await;
        let mut phone = Device::own(&desk.app, ada()).await;
        let answer = phone.0.answer().await;
        let id = &answer["data"]["experienceChanged"][0]["decision"]["id"];
        desk.app.services.deciding.queue.flush().await;
        let asked = "query($id: ID!) { node(id: $id) { ... on Decision { offers { offer { key } } } } }";
        let found = desk.staff().good(asked, json!({ "id": id })).await;
        assert_eq!(found, json!({ "node": { "offers": [{ "offer": { "key": "once" } }] } }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_token() {
    on_both(async |db| {
        let desk = opened(&db).await;
        let _watching = desk.app.watching().start();
        let (mut one, mut other) = (Device::own(&desk.app, ada()).await, Device::own(&desk.app, ada()).await);
        for device in [&mut one, &mut other] {
            assert!(device.shows().await.is_empty());
            device.0.sign_out();
        }
        // By the next event, which it is not told; and when nothing happens, within seconds.
        desk.visit(ada()).await;
        for device in [&mut one, &mut other] {
            assert!(matches!(device.0.event().await, Some(Err(End::TokenOver))));
            assert!(device.0.event().await.is_none());
        }
        let mut idle = Device::own(&desk.app, bob()).await;
        assert!(idle.shows().await.is_empty());
        idle.0.sign_out();
        assert!(matches!(idle.0.event().await, Some(Err(End::TokenOver))));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_s_experience_is_not_found() {
    on_both(async |db| {
        let desk = opened(&db).await;
        let watch = async |viewer, id: Option<CustomerId>, placements: &[&str]| {
            let variables = json!({ "id": id.map(|id| id.to_string()), "placements": placements });
            Device::of(&desk.app, viewer, variables).await.0.refusal().await
        };
        let customer = Viewer::Customer(ada());
        assert_eq!(watch(customer, Some(bob()), &["home"]).await, "NOT_FOUND");
        assert_eq!(watch(customer, Some(samples::id(9)), &["home"]).await, "NOT_FOUND");
        assert_eq!(watch(Viewer::staff(Scopes::all()), None, &["home"]).await, "FORBIDDEN");
        assert_eq!(watch(Viewer::Anonymous, None, &["home"]).await, "FORBIDDEN");
        assert_eq!(watch(Viewer::Anonymous, Some(ada()), &["home"]).await, "NOT_FOUND");
        assert_eq!(watch(customer, None, &["no place"; 30]).await, "BAD_USER_INPUT");
        // Nothing else can be watched; what is new has its viewers here.
        let roots = "{ __schema { subscriptionType { fields { name } } } }";
        let roots = desk.staff().good(roots, json!({})).await;
        let expected = json!([{ "name": "experienceChanged" }, { "name": "cartChanged" }]);
        assert_eq!(roots["__schema"]["subscriptionType"]["fields"], expected);
    })
    .await;
}
