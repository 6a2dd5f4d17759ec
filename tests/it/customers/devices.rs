//! Registering devices.

use serde_json::{Value, json};

use super::{change, done, refused, registered, start};
use crate::api::world::{kiosk, touchpoints};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn anybody_registers_a_device_and_sees_all_that_was_made() {
    on_both(async |db| {
        let app = start(db).await;
        let selection = "token device { id channel platform model } \
            customer { id createdAt firstName identities { type value verified } devices { nodes { id } } }";
        let input = json!({
            "channel": "MOBILE_APP", "platform": "ios", "model": "iPhone 17", "anonymousId": "a-1"
        });
        let made = done(Client::anonymous(&app), "deviceRegister", selection, input).await;
        let device = &made["device"];
        assert_eq!(device["platform"], "ios");
        assert_eq!(made["customer"]["devices"]["nodes"], json!([{ "id": device["id"] }]));
        let mut identities = made["customer"]["identities"].as_array().expect("identities").clone();
        identities.sort_by_key(|identity| identity["type"].to_string());
        let own = json!([
            { "type": "ANONYMOUS_ID", "value": "a-1", "verified": false },
            { "type": "DEVICE", "value": device["id"], "verified": false },
        ]);
        assert_eq!(Value::Array(identities), own);
        let token = made["token"].as_str().expect("a token");
        assert!(token.starts_with("encdev_") && token.len() == 7 + 26 + 1 + 43, "{token}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_of_one_request_each_show_their_own() {
    on_both(async |db| {
        let app = start(db).await;
        let field = "deviceRegister(input: { channel: WEB, platform: \"x\" }) { token customer { id devices { totalCount } } }";
        let query = format!("mutation {{ a: {field} b: {field} }}");
        let both = Client::anonymous(&app).good(&query, json!({})).await;
        assert_ne!(both["a"]["customer"]["id"], both["b"]["customer"]["id"]);
        assert_ne!(both["a"]["token"], both["b"]["token"]);
        for made in [&both["a"], &both["b"]] {
            assert_eq!(made["customer"]["devices"]["totalCount"], 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_many_use_is_nobodys_device() {
    on_both(async |db| {
        let app = start(db).await;
        let input = json!({ "channel": "WEB", "platform": "linux" });
        let shared = Client::touchpoint(&app, kiosk());
        refused(shared, "deviceRegister", input.clone(), "SHARED_TOUCHPOINT").await;
        let own = Client::touchpoint(&app, touchpoints()[1].id);
        assert!(done(own, "deviceRegister", "token", input).await["token"].is_string());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_cannot_take_an_id_that_is_anothers_or_nobodys() {
    on_both(async |db| {
        let app = start(db).await;
        registered(&app, Some("a-1")).await;
        let with = |id: &str| json!({ "channel": "WEB", "platform": "firefox", "anonymousId": id });
        let anonymous = Client::anonymous(&app);
        let taken = refused(anonymous, "deviceRegister", with("a-1"), "IDENTITY_TAKEN").await;
        assert_eq!(taken["field"], json!(["input", "anonymousId"]));
        refused(anonymous, "deviceRegister", with("undefined"), "BLOCKED_VALUE").await;
        refused(anonymous, "deviceRegister", with("  "), "INVALID").await;
        let long = json!({ "channel": "WEB", "platform": "x".repeat(501) });
        let wrong = change(anonymous, "deviceRegister", "token", long).await;
        assert_eq!(wrong["userErrors"][0]["field"], json!(["input", "platform"]));
        assert_eq!(wrong["token"], Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_makes_a_till_of_their_own() {
    on_both(async |db| {
        let app = start(db).await;
        let of = |channel: &str| json!({ "channel": channel, "platform": "linux" });
        let own = Client::touchpoint(&app, touchpoints()[1].id);
        for channel in ["POINT_OF_SALE", "KIOSK", "CALL_CENTER", "EMAIL", "SOCIAL"] {
            for client in [Client::anonymous(&app), own] {
                let wrong = refused(client, "deviceRegister", of(channel), "INVALID").await;
                assert_eq!(wrong["field"], json!(["input", "channel"]));
                let message = wrong["message"].as_str().expect("a message");
                assert!(message.contains("WEB, MOBILE_APP, SMART_TV, OTHER"), "{message}");
            }
            assert!(
                done(Client::staff(&app), "deviceRegister", "token", of(channel)).await["token"].is_string()
            );
        }
        for channel in ["WEB", "MOBILE_APP", "SMART_TV", "OTHER"] {
            let made =
                done(Client::anonymous(&app), "deviceRegister", "device { channel }", of(channel)).await;
            assert_eq!(made["device"]["channel"], channel);
        }
    })
    .await;
}
