//! Identities that only a browser or a device has said: nothing that is recorded for their owner reaches who said
//! them first, through any door.

use encircle::db::Db;
use encircle::domain::customers::identity::IdentityKey;
use encircle::domain::customers::import::{self as customers, CustomerRecord, CustomerRef, Profile};
use encircle::domain::purchases::import::{self as purchases, PurchaseRecord};
use encircle::kernel::ids::Ids;
use encircle::kernel::money::Currency;
use encircle::kernel::viewer::Viewer;
use entities::values::{Channel, IdentityKind, PurchaseStatus};
use serde_json::{Value, json};

use super::recording::Phone;
use super::{Doors, KIOSK, NOON, SERVER, SHOP, open};
use crate::api::world::touchpoints;
use crate::harness::client::Client;
use crate::harness::databases::on_both;

fn track(user: Option<&str>, browser: Option<&str>, message: &str) -> Value {
    json!({ "event": "Bought", "userId": user, "anonymousId": browser, "messageId": message })
}

impl Doors {
    /// Has a phone say something of its own owner.
    async fn claims(&self, phone: Phone, kind: &str, value: &str) {
        let query = "mutation($type: IdentityType!, $value: String!) { customerIdentify(input: {
            identities: [{ type: $type, value: $value, verified: true }] }) { userErrors { message } } }";
        let (device, customer) = (phone.device, phone.customer);
        let viewer = Viewer::Device { device, customer, channel: Channel::MobileApp };
        let data = Client::of(&self.app, viewer).good(query, json!({ "type": kind, "value": value })).await;
        assert_eq!(data["customerIdentify"]["userErrors"], json!([]));
    }

    /// All that the phone can read of itself: how much it did and bought, its name, and what it is known by.
    async fn seen_by(&self, phone: Phone) -> (Value, Value, Value, Vec<(String, bool)>) {
        let query = "{ me { firstName behaviors { totalCount } purchases { totalCount }
            identities { value claimed } } }";
        let (device, customer) = (phone.device, phone.customer);
        let viewer = Viewer::Device { device, customer, channel: Channel::MobileApp };
        let me = Client::of(&self.app, viewer).good(query, json!({})).await["me"].take();
        let mut identities: Vec<_> =
            me["identities"].as_array().expect("identities").iter().map(known_by).collect();
        identities.retain(|(value, _)| !value.starts_with("dev_"));
        identities.sort_unstable();
        let count = |list: &str| me[list]["totalCount"].clone();
        (me["firstName"].clone(), count("behaviors"), count("purchases"), identities)
    }

    /// Records a behavior for whom an identity names, as staff or at a kiosk.
    async fn recorded(&self, client: Client<'_>, kind: &str, value: &str, message: &str) {
        let query = "mutation($type: IdentityType!, $value: String!, $message: String!) {
            behaviorsRecord(input: { behaviors: [{ name: \"Bought\", messageId: $message,
              customer: { identity: { type: $type, value: $value } } }] }) { results { status } } }";
        let variables = json!({ "type": kind, "value": value, "message": message });
        let data = client.good(query, variables).await;
        assert_eq!(data["behaviorsRecord"]["results"][0]["status"], "RECORDED");
    }

    /// Has staff say who somebody is.
    async fn said(&self, input: Value) -> Value {
        let query = "mutation($input: CustomerIdentifyInput!) { customerIdentify(input: $input) {
            created customer { id } userErrors { message } } }";
        let data = Client::staff(&self.app).good(query, json!({ "input": input })).await;
        assert_eq!(data["customerIdentify"]["userErrors"], json!([]));
        data["customerIdentify"].clone()
    }
}

/// Imports a customer of whom only names are said.
async fn imported(db: &Db, names: &[(IdentityKind, &str)]) -> Vec<customers::Outcome> {
    let ids = Ids::seeded(8);
    let identities = names.iter().map(|(kind, value)| key(*kind, value)).collect();
    let record =
        CustomerRecord { id: ids.next(NOON), first_seen_at: NOON, identities, profile: Profile::default() };
    customers::record(db, &ids, NOON, &[record]).await.expect("recorded")
}

fn known_by(identity: &Value) -> (String, bool) {
    let value = identity["value"].as_str().expect("a text").to_owned();
    (value, identity["claimed"] == true)
}

fn key(kind: IdentityKind, value: &str) -> IdentityKey {
    IdentityKey::try_new(kind, value).expect("an identity")
}

async fn sees_only(doors: &Doors, phone: Phone, known: &[(&str, bool)]) {
    let (name, behaviors, purchases, identities) = doors.seen_by(phone).await;
    assert_eq!((name, behaviors, purchases), (Value::Null, json!(0), json!(0)));
    let known: Vec<_> = known.iter().map(|(value, claimed)| ((*value).to_owned(), *claimed)).collect();
    assert_eq!(identities, known);
}

#[tokio::test(flavor = "multi_thread")]
async fn behaviors_recorded_by_what_a_phone_claimed_are_not_the_phones() {
    on_both(async |db| {
        let doors = open(db).await;
        let phone = Phone::register(&doors.app, "phone").await;
        let claims =
            [("EMAIL", "ada@x.eu"), ("LOYALTY_CARD", "4711"), ("PHONE", "+431234567"), ("USER_ID", "u-1")];
        for (kind, value) in claims {
            doors.claims(phone, kind, value).await;
            assert_eq!(doors.customer(kind, value).await, Value::Null, "a claim leads to nobody");
        }
        sees_only(
            &doors,
            phone,
            &[("+431234567", true), ("4711", true), ("ada@x.eu", true), ("phone", false), ("u-1", true)],
        )
        .await;
        let kiosk = touchpoints()[0].id;
        doors.recorded(Client::staff(&doors.app), "EMAIL", "ada@x.eu", "m-1").await;
        doors.recorded(Client::touchpoint(&doors.app, kiosk), "LOYALTY_CARD", "4711", "m-2").await;
        doors.recorded(Client::staff(&doors.app), "PHONE", "+431234567", "m-3").await;
        doors.taken(SHOP, "track", track(Some("u-1"), None, "m-4")).await;
        doors.taken(SERVER, "track", track(Some("u-1"), None, "m-5")).await;
        doors.taken(KIOSK, "track", track(Some("u-1"), None, "m-6")).await;
        sees_only(&doors, phone, &[("phone", false)]).await;
        assert_eq!(doors.did("EMAIL", "ada@x.eu").await.len(), 1);
        assert_eq!(doors.did("USER_ID", "u-1").await.len(), 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_imported_by_what_a_phone_claimed_is_not_the_phones() {
    on_both(async |db| {
        let doors = open(db.clone()).await;
        let phone = Phone::register(&doors.app, "phone").await;
        doors.claims(phone, "EMAIL", "ada@x.eu").await;
        doors.claims(phone, "USER_ID", "u-1").await;
        let ids = Ids::seeded(8);
        let email = vec![key(IdentityKind::Email, "ada@x.eu")];
        let profile = Profile { first_name: Some("Ada".to_owned()), ..Profile::default() };
        let ada = CustomerRecord { id: ids.next(NOON), first_seen_at: NOON, identities: email, profile };
        customers::record(&db, &ids, NOON, &[ada]).await.expect("recorded");
        let purchase = PurchaseRecord {
            id: ids.next(NOON),
            number: "1".to_owned(),
            customer: CustomerRef::Identified(vec![key(IdentityKind::UserId, "u-1")]),
            status: PurchaseStatus::Paid,
            channel: Channel::PointOfSale,
            touchpoint_id: None,
            currency: Currency::parse("EUR").expect("a currency"),
            total_minor: 900,
            discount_minor: 0,
            refunded_minor: 0,
            placed_at: NOON,
            source: "till".to_owned(),
            external_id: "1".to_owned(),
            lines: Vec::new(),
            redemptions: Vec::new(),
        };
        purchases::record(&db, &ids, NOON, None, &[purchase]).await.expect("recorded");
        sees_only(&doors, phone, &[("phone", false)]).await;
        assert_eq!(doors.customer("EMAIL", "ada@x.eu").await["firstName"], "Ada");
        assert!(doors.customer("USER_ID", "u-1").await["id"].is_string());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_identified_by_what_a_phone_claimed_is_somebody_else() {
    on_both(async |db| {
        let doors = open(db).await;
        let phone = Phone::register(&doors.app, "phone").await;
        doors.claims(phone, "EMAIL", "ada@x.eu").await;
        doors.claims(phone, "USER_ID", "u-1").await;
        let input = json!({ "identities": [{ "type": "EMAIL", "value": "ada@x.eu" }], "firstName": "Ada" });
        let said = doors.said(input).await;
        assert_eq!(said["created"], true);
        let traits = json!({ "firstName": "Ada" });
        doors
            .taken(SHOP, "identify", json!({ "userId": "u-1", "anonymousId": "laptop", "traits": traits }))
            .await;
        sees_only(&doors, phone, &[("phone", false)]).await;
        // Another device claims it in turn: neither has it.
        let other = Phone::register(&doors.app, "other").await;
        doors.claims(phone, "LOYALTY_CARD", "4711").await;
        doors.claims(other, "LOYALTY_CARD", "4711").await;
        sees_only(&doors, phone, &[("phone", false)]).await;
        sees_only(&doors, other, &[("4711", true), ("other", false)]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_is_confirmed_by_who_names_it_together_with_the_customer() {
    on_both(async |db| {
        let doors = open(db.clone()).await;
        let email = |value: &str| json!([{ "type": "EMAIL", "value": value }]);
        let first = Phone::register(&doors.app, "first").await;
        doors.claims(first, "EMAIL", "1@x.eu").await;
        doors.said(json!({ "customerId": first.customer.to_string(), "identities": email("1@x.eu") })).await;
        let second = Phone::register(&doors.app, "second").await;
        doors.claims(second, "USER_ID", "u-2").await;
        doors.taken(SERVER, "track", track(Some("u-2"), Some("second"), "m-1")).await;
        let third = Phone::register(&doors.app, "third").await;
        doors.claims(third, "EMAIL", "3@x.eu").await;
        let names = [(IdentityKind::Email, "3@x.eu"), (IdentityKind::AnonymousId, "third")];
        let outcomes = imported(&db, &names).await;
        assert_eq!(outcomes, [customers::Outcome::Updated]);
        for (kind, value, phone) in
            [("EMAIL", "1@x.eu", first), ("USER_ID", "u-2", second), ("EMAIL", "3@x.eu", third)]
        {
            let found = doors.customer(kind, value).await;
            assert_eq!(found["id"], json!(phone.customer.to_string()), "{value}");
            let (_, _, _, known) = doors.seen_by(phone).await;
            assert!(known.iter().all(|(_, claimed)| !claimed), "{known:?}");
        }
        doors.recorded(Client::staff(&doors.app), "EMAIL", "1@x.eu", "m-1").await;
        assert_eq!(doors.seen_by(first).await.1, 1, "from then on it reads what is recorded by it");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_in_an_app_goes_on_naming_what_it_claimed() {
    on_both(async |db| {
        let doors = open(db).await;
        let phone = Phone::register(&doors.app, "phone").await;
        doors.taken(SHOP, "identify", json!({ "userId": "u-1", "anonymousId": "phone" })).await;
        doors.taken(SHOP, "track", track(Some("u-1"), Some("phone"), "m-1")).await;
        doors.taken(SHOP, "track", track(Some("u-1"), Some("phone"), "m-2")).await;
        let (_, behaviors, _, known) = doors.seen_by(phone).await;
        assert_eq!(
            (behaviors, known),
            (json!(2), vec![("phone".to_owned(), false), ("u-1".to_owned(), true)])
        );
        // A message that names both for the first time is the phone's as well.
        let tablet = Phone::register(&doors.app, "tablet").await;
        doors.taken(SHOP, "track", track(Some("u-2"), Some("tablet"), "m-3")).await;
        assert_eq!(doors.seen_by(tablet).await.1, 1);
        // The brand's own word joins the two for good.
        doors.taken(SERVER, "identify", json!({ "userId": "u-1", "anonymousId": "phone" })).await;
        doors.taken(SERVER, "track", track(Some("u-1"), None, "m-4")).await;
        assert_eq!(doors.seen_by(phone).await.1, 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_typed_into_a_page_gathers_nothing_for_whose_browser_it_is() {
    on_both(async |db| {
        let doors = open(db).await;
        let typed = json!({ "anonymousId": "browser", "traits": { "email": "ada@x.eu" } });
        doors.taken(SHOP, "identify", typed.clone()).await;
        let thief = doors.customer("ANONYMOUS_ID", "browser").await["id"].clone();
        // Another page may say it too: neither is believed.
        doors
            .taken(SHOP, "identify", json!({ "anonymousId": "work", "traits": { "email": "ada@x.eu" } }))
            .await;
        assert_ne!(doors.customer("ANONYMOUS_ID", "work").await["id"], thief, "it joins no browsers");
        doors.recorded(Client::staff(&doors.app), "EMAIL", "ada@x.eu", "m-1").await;
        doors.taken(SERVER, "identify", json!({ "userId": "thief", "anonymousId": "browser" })).await;
        assert_eq!(doors.did("USER_ID", "thief").await, [""; 0], "nor after the thief has signed in");
        assert_eq!(doors.did("EMAIL", "ada@x.eu").await, ["Bought"]);
        // Once it is the owner's it is not claimed again, nor by a browser that nobody has signed in to.
        doors.taken(SHOP, "identify", typed).await;
        doors
            .taken(SHOP, "identify", json!({ "anonymousId": "new", "traits": { "email": "ada@x.eu" } }))
            .await;
        doors.taken(SERVER, "identify", json!({ "userId": "other", "anonymousId": "new" })).await;
        assert_eq!(doors.did("USER_ID", "thief").await, [""; 0]);
        assert_eq!(doors.did("USER_ID", "other").await, [""; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_that_name_one_account_in_one_batch_do_not_confirm_it() {
    on_both(async |db| {
        let doors = open(db).await;
        let phone = Phone::register(&doors.app, "p").await;
        Phone::register(&doors.app, "x").await;
        doors.claims(phone, "USER_ID", "u-1").await;
        let pair = |browser: &str, message: &str| {
            let mut event = track(Some("u-1"), Some(browser), message);
            event["type"] = json!("track");
            event
        };
        for (first, second) in [("p", "x"), ("x", "p")] {
            let events = [pair(first, &format!("{first}-1")), pair(second, &format!("{second}-2"))];
            doors.taken(SHOP, "batch", json!({ "batch": events })).await;
        }
        doors.taken(SERVER, "track", track(Some("u-1"), None, "m-9")).await;
        let (_, behaviors, _, known) = doors.seen_by(phone).await;
        assert_eq!(known, [("p".to_owned(), false)]);
        assert_eq!(behaviors, 2, "what it did itself");
        assert_eq!(doors.did("USER_ID", "u-1").await, ["Bought"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sdk_that_names_a_known_account_before_the_brand_vouches_costs_no_token() {
    on_both(async |db| {
        let doors = open(db).await;
        doors.taken(SERVER, "track", track(Some("u-1"), None, "m-0")).await;
        let phone = Phone::register(&doors.app, "phone").await;
        doors.taken(SHOP, "identify", json!({ "userId": "u-1", "anonymousId": "phone" })).await;
        doors.taken(SHOP, "track", track(Some("u-1"), Some("phone"), "m-1")).await;
        sees_only(&doors, phone, &[("phone", false)]).await;
        assert_eq!(doors.did("USER_ID", "u-1").await.len(), 2, "recorded for the account");
        doors.taken(SERVER, "identify", json!({ "userId": "u-1", "anonymousId": "phone" })).await;
        let account = doors.customer("USER_ID", "u-1").await["id"].clone();
        assert_eq!(doors.customer("ANONYMOUS_ID", "phone").await["id"], account);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_and_its_confirmation_in_one_batch_lose_nothing() {
    on_both(async |db| {
        let doors = open(db).await;
        let phone = Phone::register(&doors.app, "phone").await;
        doors.claims(phone, "USER_ID", "u-1").await;
        let event = |browser: Option<&str>, message: &str| {
            let mut event = track(Some("u-1"), browser, message);
            event["type"] = json!("track");
            event
        };
        let batch = [event(None, "m-1"), event(Some("phone"), "m-2"), event(None, "m-3")];
        doors.taken(SERVER, "batch", json!({ "batch": batch })).await;
        assert_eq!(doors.seen_by(phone).await.1, 3, "the brand has said whose the account is");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_cannot_use_up_all_browsers_of_an_account_nor_change_where_it_is_written_to() {
    on_both(async |db| {
        let doors = open(db).await;
        let traits = json!({ "email": "ada@x.eu" });
        doors.taken(SERVER, "identify", json!({ "userId": "u-1", "traits": traits })).await;
        for number in 0..60 {
            let browser = format!("b-{number}");
            doors.taken(SHOP, "track", track(Some("u-1"), Some(&browser), &browser)).await;
        }
        doors.taken(SERVER, "identify", json!({ "userId": "u-1", "anonymousId": "phone" })).await;
        let account = doors.customer("USER_ID", "u-1").await;
        assert_eq!(doors.customer("ANONYMOUS_ID", "phone").await["id"], account["id"]);
        let traits = json!({ "email": "thief@x.eu", "firstName": "Ada" });
        doors.taken(SHOP, "identify", json!({ "userId": "u-1", "traits": traits })).await;
        let account = doors.customer("USER_ID", "u-1").await;
        assert_eq!((&account["email"], &account["firstName"]), (&json!("ada@x.eu"), &json!("Ada")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_on_the_browser_of_somebody_known_is_not_them() {
    on_both(async |db| {
        let doors = open(db.clone()).await;
        doors.taken(SERVER, "identify", json!({ "userId": "u-1", "traits": { "firstName": "Ada" } })).await;
        doors.taken(SHOP, "identify", json!({ "userId": "u-1", "anonymousId": "b" })).await;
        let ada = doors.customer("USER_ID", "u-1").await["id"].clone();
        let traits = |email: &str| json!({ "email": email, "firstName": "Eve" });
        // By an address that is nobody's yet, and by one that is somebody's.
        doors.taken(SERVER, "identify", json!({ "anonymousId": "b", "traits": traits("eve@x.eu") })).await;
        doors.taken(SERVER, "identify", json!({ "anonymousId": "b", "traits": traits("eve@x.eu") })).await;
        let eve = doors.customer("EMAIL", "eve@x.eu").await;
        assert_ne!(eve["id"], ada);
        assert_eq!(eve["firstName"], "Eve");
        assert_eq!(doors.customer("USER_ID", "u-1").await["firstName"], "Ada", "nor is it said of her");
        // Nor by what is imported of a guest.
        let names = [(IdentityKind::Email, "guest@x.eu"), (IdentityKind::AnonymousId, "b")];
        imported(&db, &names).await;
        assert_ne!(doors.customer("EMAIL", "guest@x.eu").await["id"], ada);
        assert_eq!(doors.customer("ANONYMOUS_ID", "b").await["id"], ada);
    })
    .await;
}
