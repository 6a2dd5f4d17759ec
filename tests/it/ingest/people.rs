//! Who the events of SDKs are about.

use entities::timestamp::Timestamp;
use serde_json::{Value, json};

use super::{Doors, KIOSK, NOON, SERVER, SHOP, open};
use crate::harness::databases::on_both;

/// An event by some names.
fn named(user: Option<&str>, browser: Option<&str>) -> Value {
    json!({ "event": "Liked", "userId": user, "anonymousId": browser, "timestamp": "2026-01-01T11:00:00Z" })
}

async fn id(doors: &Doors, kind: &str, value: &str) -> Value {
    let id = doors.customer(kind, value).await["id"].clone();
    assert!(id.is_string(), "{kind} {value} is nobody's");
    id
}

#[tokio::test]
async fn a_browser_and_an_account_named_together_become_one_customer() {
    for key in [SHOP, SERVER] {
        on_both(async |db| {
            let doors = open(db).await;
            doors.taken(key, "track", named(None, Some("b-1"))).await;
            doors.taken(key, "track", named(Some("u-1"), None)).await;
            assert_ne!(id(&doors, "USER_ID", "u-1").await, id(&doors, "ANONYMOUS_ID", "b-1").await);
            doors.taken(key, "track", named(Some("u-1"), Some("b-1"))).await;
            assert_eq!(id(&doors, "USER_ID", "u-1").await, id(&doors, "ANONYMOUS_ID", "b-1").await);
            assert_eq!(doors.did("USER_ID", "u-1").await.len(), 3);
            // The same again is nothing new, whoever was merged since.
            doors.taken(key, "track", named(None, Some("b-1"))).await;
            doors.taken(key, "track", named(Some("u-1"), Some("b-1"))).await;
            assert_eq!(doors.did("USER_ID", "u-1").await.len(), 3);
        })
        .await;
    }
}

#[tokio::test]
async fn one_batch_may_name_somebody_in_every_way_and_order() {
    on_both(async |db| {
        let doors = open(db).await;
        let track = |number: u32, names: Value| {
            let mut event = json!({ "type": "track", "event": "Liked", "messageId": number.to_string() });
            event.as_object_mut().expect("an object").extend(names.as_object().expect("an object").clone());
            event
        };
        let batch = json!({ "batch": [
            track(1, json!({ "anonymousId": "b-1" })),
            track(2, json!({ "userId": "u-1" })),
            track(3, json!({ "userId": "u-1", "anonymousId": "b-1" })),
            track(4, json!({ "userId": "u-1", "anonymousId": "b-2" })),
            track(5, json!({ "userId": "u-2", "anonymousId": "b-3" })),
            { "type": "identify", "userId": "u-1", "traits": { "firstName": "Ada" } },
        ] });
        doors.taken(SHOP, "batch", batch.clone()).await;
        doors.taken(SHOP, "batch", batch).await;
        assert_eq!(doors.did("ANONYMOUS_ID", "b-2").await.len(), 4);
        assert_eq!(doors.did("ANONYMOUS_ID", "b-3").await.len(), 1);
        assert_eq!(doors.customer("ANONYMOUS_ID", "b-1").await["firstName"], "Ada");
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_somebody_else_signed_in_to_stays_theirs() {
    for key in [SHOP, SERVER] {
        on_both(async |db| {
            let doors = open(db).await;
            let identify = |user: &str, name: &str| {
                json!({ "userId": user, "anonymousId": "b-1", "traits": { "firstName": name } })
            };
            doors.taken(key, "identify", identify("u-1", "Ada")).await;
            doors.taken(key, "identify", identify("u-2", "Grace")).await;
            doors.taken(key, "track", named(Some("u-2"), Some("b-1"))).await;
            doors.taken(key, "track", named(Some("u-3"), Some("b-1"))).await;
            let ada = doors.customer("ANONYMOUS_ID", "b-1").await;
            assert_eq!((&ada["firstName"], &ada["behaviors"]["totalCount"]), (&json!("Ada"), &json!(0)));
            assert_eq!(ada["id"], id(&doors, "USER_ID", "u-1").await);
            assert_eq!(doors.customer("USER_ID", "u-2").await["firstName"], "Grace");
            assert_eq!(doors.did("USER_ID", "u-2").await, ["Liked"]);
            assert_eq!(doors.did("USER_ID", "u-3").await, ["Liked"]);
        })
        .await;
    }
}

#[tokio::test]
async fn traits_describe_the_customer() {
    on_both(async |db| {
        let doors = open(db).await;
        let traits = json!({ "email": "Ada@Example.com", "firstName": "Ada", "birthday": "1990-04-23",
            "phone": "call me", "plan": "gold" });
        let identify = json!({ "userId": "u-1", "anonymousId": "b-1", "traits": traits });
        doors.taken(SHOP, "identify", identify.clone()).await;
        doors.taken(SHOP, "identify", identify.clone()).await;
        let customer = doors.customer("USER_ID", "u-1").await;
        assert_eq!(customer["birthDate"], "1990-04-23");
        assert_eq!(customer["traits"], json!({ "phone": "call me", "plan": "gold" }));
        let identities = customer["identities"].as_array().expect("identities");
        assert_eq!(identities.len(), 3);
        assert!(identities.iter().all(|identity| identity["verified"] == false), "{identities:?}");
        assert_eq!(
            doors.customer("EMAIL", "ada@example.com").await,
            Value::Null,
            "a page's word leads nowhere"
        );
        doors.taken(SERVER, "identify", identify).await;
        // The address is taken: the account is somebody else's all the same.
        let other = json!({ "userId": "u-2", "traits": { "email": "ada@example.com", "firstName": "Eve" } });
        doors.taken(SHOP, "identify", other).await;
        assert_eq!(doors.customer("EMAIL", "ada@example.com").await["firstName"], "Ada");
        assert_eq!(doors.customer("USER_ID", "u-2").await["firstName"], "Eve");
    })
    .await;
}

#[tokio::test]
async fn what_many_people_use_is_nobody() {
    on_both(async |db| {
        let doors = open(db).await;
        doors.refused(KIOSK, "track", named(None, Some("kiosk-1")), "many people use this touchpoint").await;
        doors.taken(KIOSK, "track", named(Some("u-1"), Some("kiosk-1"))).await;
        assert_eq!(doors.customer("ANONYMOUS_ID", "kiosk-1").await, Value::Null);
        let customer = doors.customer("USER_ID", "u-1").await;
        let behavior = &customer["behaviors"]["nodes"][0];
        assert!(behavior["touchpoint"]["key"].is_string());
        assert_eq!(behavior["channel"], "KIOSK");
        let alias = json!({ "previousId": "kiosk-1", "userId": "u-1" });
        doors.refused(KIOSK, "alias", alias, "Many people use this touchpoint").await;
    })
    .await;
}

#[tokio::test]
async fn what_programs_write_for_nobody_is_nobody() {
    on_both(async |db| {
        let doors = open(db).await;
        for nobody in ["null", "undefined", "0000", "guest", " "] {
            doors.refused(SHOP, "track", named(Some(nobody), None), "it names nobody").await;
            doors.taken(SHOP, "track", named(Some(nobody), Some("b-1"))).await;
        }
        assert_eq!(doors.customer("USER_ID", "null").await, Value::Null);
        assert_eq!(doors.did("ANONYMOUS_ID", "b-1").await.len(), 5);
    })
    .await;
}

#[tokio::test]
async fn an_alias_joins_a_browser_and_leaves_accounts_apart() {
    on_both(async |db| {
        let doors = open(db).await;
        doors.taken(SERVER, "track", named(None, Some("b-1"))).await;
        doors.taken(SERVER, "track", named(Some("u-1"), None)).await;
        let alias = |previous: &str| json!({ "previousId": previous, "userId": "u-1" });
        doors.taken(SERVER, "alias", alias("b-1")).await;
        doors.taken(SERVER, "alias", alias("b-1")).await;
        assert_eq!(doors.did("USER_ID", "u-1").await.len(), 2);
        doors.taken(SERVER, "track", named(Some("u-0"), None)).await;
        doors.refused(SERVER, "alias", alias("u-0"), "is another customer's").await;
        doors.refused(SERVER, "alias", json!({ "previousId": "b-1" }), "`userId` is missing").await;
        assert_ne!(id(&doors, "USER_ID", "u-0").await, id(&doors, "USER_ID", "u-1").await);
    })
    .await;
}

#[tokio::test]
async fn what_was_said_earlier_and_comes_late_replaces_nothing() {
    on_both(async |db| {
        let doors = open(db).await;
        let said = async |minute: i64, name: &str, more: Value| {
            let mut traits = json!({ "firstName": name });
            traits.as_object_mut().expect("traits").extend(more.as_object().expect("traits").clone());
            let at = Timestamp(NOON.millis() - (60 - minute) * 60_000).to_string();
            let event = json!({ "userId": "u-1", "traits": traits, "timestamp": at, "messageId": at });
            doors.taken(SHOP, "identify", event).await;
            let customer = doors.customer("USER_ID", "u-1").await;
            (customer["firstName"].clone(), customer["traits"].clone())
        };
        said(10, "Ada", json!({ "plan": "silver" })).await;
        let known = said(30, "Grace", json!({ "plan": "gold" })).await;
        assert_eq!(known, (json!("Grace"), json!({ "plan": "gold" })));
        // An SDK's retry: only what nobody had said since is taken of it.
        let known = said(20, "Ida", json!({ "plan": "none", "city": "Graz" })).await;
        assert_eq!(known, (json!("Grace"), json!({ "plan": "gold", "city": "Graz" })));
        // Said once more, it is as new as that.
        said(50, "Grace", json!({})).await;
        assert_eq!(said(40, "Joan", json!({})).await.0, "Grace");
        assert_eq!(said(55, "Joan", json!({})).await.0, "Joan");
    })
    .await;
}
