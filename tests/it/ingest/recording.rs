//! Behaviors that arrive through `behaviorsRecord`: from whose device, for whom, and how often.

use encircle::app::App;
use encircle::db::outbox::{Changed, Outbox};
use encircle::kernel::viewer::Viewer;
use entities::ids::{CustomerId, DeviceId};
use entities::touchpoint;
use entities::values::Channel;
use serde_json::{Value, json};

use super::{NOON, SERVER, open};
use crate::api::world::{kiosk, touchpoints};
use crate::entities::insert;
use crate::harness::client::{Client, application};
use crate::harness::databases::on_both;

/// A device that was registered, and whom it speaks for now.
#[derive(Clone, Copy)]
pub(super) struct Phone {
    pub device: DeviceId,
    pub customer: CustomerId,
}

impl Phone {
    pub async fn register(app: &App, anonymous_id: &str) -> Self {
        let query = "mutation($id: String!) { deviceRegister(input: {
            channel: MOBILE_APP, platform: \"iOS\", anonymousId: $id }) { device { id } customer { id } } }";
        let data = Client::anonymous(app).good(query, json!({ "id": anonymous_id })).await;
        let id = |name: &str| data["deviceRegister"][name]["id"].as_str().expect("an id").to_owned();
        Self {
            device: id("device").parse().expect("an id"),
            customer: id("customer").parse().expect("an id"),
        }
    }

    async fn record(&self, app: &App, message: &str, event: &str) -> Value {
        let viewer =
            Viewer::Device { device: self.device, customer: self.customer, channel: Channel::MobileApp };
        let behavior = json!({ "name": event, "messageId": message });
        record(Client::of(app, viewer), behavior).await["results"][0]["status"].take()
    }
}

async fn record(client: Client<'_>, behavior: Value) -> Value {
    record_all(client, vec![behavior]).await
}

async fn record_all(client: Client<'_>, behaviors: Vec<Value>) -> Value {
    let query =
        "mutation($behaviors: [BehaviorInput!]!) { behaviorsRecord(input: { behaviors: $behaviors }) {
        results { status reason field behavior { name } } userErrors { field message } } }";
    client.good(query, json!({ "behaviors": behaviors })).await["behaviorsRecord"].take()
}

async fn signed_in(app: &App, account: &str, anonymous_id: &str) -> CustomerId {
    let query = "mutation($account: String!, $browser: String!) { customerIdentify(input: { identities: [
        { type: USER_ID, value: $account }, { type: ANONYMOUS_ID, value: $browser }] }) { customer { id } } }";
    let variables = json!({ "account": account, "browser": anonymous_id });
    let data = Client::staff(app).good(query, variables).await;
    data["customerIdentify"]["customer"]["id"].as_str().expect("an id").parse().expect("an id")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_known_again_after_somebody_signed_in_to_it() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        // The account is older, so that the device's customer is merged into it.
        let account = signed_in(&app, "u-1", "elsewhere").await;
        let mut phone = Phone::register(&app, "phone").await;
        assert_eq!(phone.record(&app, "m-1", "Product Viewed").await, "RECORDED");
        phone.customer = signed_in(&app, "u-1", "phone").await;
        assert_eq!(phone.customer, account);
        assert_eq!(phone.record(&app, "m-1", "Product Viewed").await, "KNOWN", "the answer had been lost");
        let mut tablet = Phone::register(&app, "tablet").await;
        tablet.customer = signed_in(&app, "u-1", "tablet").await;
        assert_eq!(tablet.record(&app, "m-1", "Product Viewed").await, "RECORDED", "its own first message");
        let query =
            "query($id: ID!) { customer(by: { id: $id }) { behaviors { nodes { channel device { id } } } } }";
        let data = Client::staff(&app).good(query, json!({ "id": account.to_string() })).await;
        let nodes = data["customer"]["behaviors"]["nodes"].as_array().expect("a list");
        let devices: Vec<&str> = nodes.iter().filter_map(|node| node["device"]["id"].as_str()).collect();
        assert_eq!(devices.len(), 2);
        assert!([phone, tablet].iter().all(|one| devices.contains(&one.device.to_string().as_str())));
        assert!(nodes.iter().all(|node| node["channel"] == "MOBILE_APP"), "the device's own");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_identifies_nobody_gets_no_behaviors() {
    on_both(async |db| {
        insert::<touchpoint::Entity>(&db, touchpoints()).await;
        let app = application(db, NOON).await;
        let of = |ty: &str, value: &str| {
            json!({ "name": "Seat Chosen", "customer": { "identity": { "type": ty, "value": value } } })
        };
        for value in ["null", "undefined", "guest", "0000"] {
            let refused = record(Client::staff(&app), of("USER_ID", value)).await;
            let path = json!(["input", "behaviors", "0", "customer", "identity", "value"]);
            assert_eq!(refused["results"][0]["status"], "REFUSED", "{refused}");
            assert_eq!(refused["results"][0]["field"], path, "{refused}");
            assert_eq!(refused["userErrors"], json!([]));
        }
        let shared = Client::touchpoint(&app, kiosk());
        for ty in ["ANONYMOUS_ID", "DEVICE"] {
            let refused = record(shared, of(ty, "kiosk-7")).await;
            let reason = refused["results"][0]["reason"].as_str().expect("a reason");
            assert!(reason.contains("many people use this touchpoint"), "{reason}");
        }
        assert_eq!(record(shared, of("LOYALTY_CARD", "C-1")).await["results"][0]["status"], "RECORDED");
        let data = Client::staff(&app).good("{ customers { totalCount } }", json!({})).await;
        assert_eq!(data["customers"]["totalCount"], 1);
    })
    .await;
}

#[tokio::test]
async fn an_event_without_id_and_time_counts_each_time() {
    on_both(async |db| {
        let doors = open(db).await;
        for _ in 0..2 {
            doors.taken(SERVER, "track", json!({ "userId": "ada", "event": "Visited" })).await;
        }
        let timed = json!({ "userId": "ada", "event": "Left", "timestamp": "2026-01-01T11:00:00Z" });
        for _ in 0..2 {
            doors.taken(SERVER, "track", timed.clone()).await;
        }
        assert_eq!(doors.did("USER_ID", "ada").await, ["Left", "Visited", "Visited"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_recorded_for_who_is_erased_not_even_in_the_same_instant() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        let staff = Client::staff(&app);
        let erase = "mutation($id: ID!) { customerErase(input: { customerId: $id }) { userErrors { message } } }";
        let query = "query($id: ID!) { customer(by: { id: $id }) { behaviors { totalCount } } }";
        for round in 0..8 {
            let browser = format!("browser-{round}");
            let account = signed_in(&app, &format!("u-{round}"), &browser).await.to_string();
            let visit = |number: u32| {
                let identity = json!({ "type": "ANONYMOUS_ID", "value": browser });
                json!({ "name": "Visit", "messageId": format!("{round}-{number}"), "customer": { "identity": identity } })
            };
            record(staff, visit(0)).await;
            let visits = (1..12).map(|number| record(staff, visit(number)));
            let erased = staff.good(erase, json!({ "id": account }));
            let (answers, erased) = futures_util::join!(futures_util::future::join_all(visits), erased);
            assert_eq!(erased["customerErase"]["userErrors"], json!([]));
            assert!(answers.iter().all(|answer| answer["results"][0]["status"] == "RECORDED"), "{answers:?}");
            let left = staff.good(query, json!({ "id": account })).await;
            assert_eq!(left["customer"]["behaviors"]["totalCount"], 0, "round {round}");
            let late = json!({ "name": "Visit", "customer": { "id": account } });
            let late = record(staff, late).await;
            assert_eq!(late["results"][0]["status"], "REFUSED", "{late}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_malformed_is_refused_alone_and_the_rest_of_the_call_is_recorded() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        let ada = json!({ "identity": { "type": "USER_ID", "value": "ada" } });
        let of_ada = |name: &str| json!({ "name": name, "customer": ada });
        let with = |field: &str, value: Value| {
            let mut behavior = of_ada("Refused");
            behavior[field] = value;
            behavior
        };
        let stranger = CustomerId(uuid::Uuid::from_u128(7)).to_string();
        let long = json!({ "text": "x".repeat(33 * 1024) });
        let behaviors = vec![
            of_ada("First"),
            of_ada(" "),
            with("properties", long),
            with("messageId", json!("")),
            with("touchpoint", json!("nowhere")),
            with("customer", json!({ "id": "cus_nobody" })),
            with("customer", json!({ "id": stranger })),
            json!({ "name": "Refused" }),
            of_ada("Last"),
        ];
        let answer = record_all(Client::staff(&app), behaviors).await;
        assert_eq!(answer["userErrors"], json!([]));
        let results = answer["results"].as_array().expect("a list");
        for (at, name) in [(0, "First"), (8, "Last")] {
            let result =
                json!({ "status": "RECORDED", "reason": null, "field": null, "behavior": { "name": name } });
            assert_eq!(results[at], result);
        }
        let wrong =
            ["name", "properties", "messageId", "touchpoint", "customer.id", "customer.id", "customer"];
        for (at, field) in (1..).zip(wrong) {
            let path: Vec<String> =
                format!("input.behaviors.{at}.{field}").split('.').map(str::to_owned).collect();
            assert_eq!(
                (&results[at]["status"], &results[at]["field"]),
                (&json!("REFUSED"), &json!(path)),
                "{answer}"
            );
            assert!(results[at]["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{answer}");
        }
        assert_eq!(results.len(), 9);
        // What is wrong with the whole is still the whole's.
        let many = record_all(Client::staff(&app), vec![of_ada("Many"); 501]).await;
        assert_eq!(many["userErrors"][0]["field"], json!(["input", "behaviors"]));
        assert_eq!(many["results"], json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_batch_changes_is_announced_by_one_row() {
    on_both(async |db| {
        let app = application(db.clone(), NOON).await;
        let behavior = |id: &str| {
            let customer = json!({ "identity": { "type": "USER_ID", "value": id } });
            json!({ "name": "Visit", "customer": customer, "channel": "WEB" })
        };
        let mut outbox = Outbox::open(&db).await.expect("it opens");
        for (people, expected) in [(&["ada"][..], 1), (&["ada", "bob", "eve"], 3)] {
            let behaviors = people.iter().map(|id| behavior(id)).collect();
            record_all(Client::staff(&app), behaviors).await;
            let told = outbox.read(&db).await.expect("it is read");
            let [Changed::These(changed)] = told.as_slice() else { panic!("one row: {told:?}") };
            assert_eq!(changed.len(), expected);
        }
    })
    .await;
}
