//! Tokens of devices: what they open, and when they end.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use encircle::app::{App, server};
use encircle::config::Settings;
use encircle::domain::customers::caller::Caller;
use encircle::domain::customers::identify::{Claim, Identified, Identify, identify};
use encircle::domain::customers::identity::IdentityKey;
use encircle::domain::customers::rejection::{Reason, Refusal, Rejection};
use encircle::http::auth::Tokens;
use encircle::http::console::ConsoleConfig;
use encircle::kernel::ids::Ids;
use entities::values::IdentityKind;
use entities::values::IdentityKind::{AnonymousId, Email, UserId};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{NOON, change, done, identified, registered, start};
use crate::api::world::touchpoints;
use crate::harness::client::{Client, application};
use crate::harness::databases::on_both;

const REGISTER: &str = "deviceRegister";

/// The doors over the same database.
async fn doors(app: &App) -> Router {
    let console = ConsoleConfig {
        endpoint: "/graphql".into(),
        subscription_endpoint: None,
        tabs: Vec::new(),
        notice: None,
    };
    let app = application(app.db.clone(), NOON).await;
    server(app, Tokens::default(), &console, &Settings::default()).expect("the parts fit").0
}

/// Whom a token speaks for: the status of the answer, and the customer.
async fn me(doors: &Router, token: &str) -> (u16, Value) {
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::from(json!({ "query": "{ me { id } }" }).to_string()))
        .expect("a request");
    let answer = doors.clone().oneshot(request).await.expect("an answer");
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    let json: Value = serde_json::from_slice(&body).expect("JSON");
    (status, json["data"]["me"]["id"].clone())
}

async fn said(
    app: &App,
    caller: Caller<'_>,
    claims: &[(IdentityKind, &str)],
) -> Result<Identified, Rejection> {
    let claims = claims.iter().map(|(kind, value)| Claim {
        key: IdentityKey::try_new(*kind, value).expect("an identity"),
        verified: false,
        path: value.to_string(),
    });
    let request = Identify { claims: claims.collect(), ..Identify::default() };
    app.db
        .write_retrying(&(caller, request), |transaction, (caller, request)| {
            Box::pin(identify(transaction, caller, request.clone()))
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_speaks_for_its_device_and_for_whom_it_becomes() {
    on_both(async |db| {
        let app = start(db).await;
        let doors = doors(&app).await;
        let (device, token) = registered(&app, Some("a-1")).await;
        assert_eq!(me(&doors, &token).await, (200, json!(device)));
        for wrong in [&token[..token.len() - 1], &format!("{token}A"), "encdev_", &token.to_uppercase()] {
            assert_eq!(me(&doors, wrong).await.0, 401, "{wrong}");
        }
        let account = identified(&app, &[("USER_ID", "u-1")]).await;
        identified(&app, &[("USER_ID", "u-1"), ("ANONYMOUS_ID", "a-1")]).await;
        assert_eq!(me(&doors, &token).await, (200, json!(account)), "the brand itself signed it in");
        let undo = json!({ "customerId": device });
        done(Client::staff(&app), "customerUnmerge", "customer { id }", undo).await;
        assert_eq!(me(&doors, &token).await, (200, json!(device)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_word_of_a_page_no_device_joins_another_and_no_token_ends() {
    on_both(async |db| {
        let (app, ids) = (start(db).await, Ids::seeded(1));
        let doors = doors(&app).await;
        let browser = Caller::untrusted(&ids, NOON, "web");
        let (_, phone) = registered(&app, Some("phone")).await;
        let account = identified(&app, &[("USER_ID", "u-1"), ("ANONYMOUS_ID", "phone")]).await;
        let (own, stranger) = registered(&app, Some("stranger")).await;
        let joined = said(&app, browser, &[(AnonymousId, "stranger"), (UserId, "u-1")]).await;
        assert!(matches!(joined, Err(Rejection::Refused(Refusal { reason: Reason::IdentityTaken, .. }))));
        assert_eq!(me(&doors, &stranger).await, (200, json!(own)));
        // A browser without a device may: what was done there is the account's.
        said(&app, browser, &[(AnonymousId, "laptop")]).await.expect("somebody");
        let who = said(&app, browser, &[(AnonymousId, "laptop"), (UserId, "u-1")]).await.expect("merged");
        assert_eq!((who.customer.to_string(), who.merged.len()), (account.clone(), 1));
        assert_eq!(me(&doors, &phone).await, (200, json!(account)), "its account is proven");
        // The brand's own sign-in joins the device, token and all.
        identified(&app, &[("USER_ID", "u-1"), ("ANONYMOUS_ID", "stranger")]).await;
        assert_eq!(me(&doors, &stranger).await, (200, json!(account)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_claimed_an_account_first_does_not_read_its_owner() {
    on_both(async |db| {
        let (app, ids) = (start(db).await, Ids::seeded(1));
        let doors = doors(&app).await;
        let browser = Caller::untrusted(&ids, NOON, "web");
        // In a browser, by a write key that anybody can read.
        let (thief, token) = registered(&app, Some("thief")).await;
        said(&app, browser, &[(AnonymousId, "thief"), (UserId, "u-1")]).await.expect("claimed");
        let (owner, _) = registered(&app, Some("owner")).await;
        let who = said(&app, browser, &[(AnonymousId, "owner"), (UserId, "u-1")]).await.expect("claimed");
        assert_eq!(who.customer.to_string(), owner);
        assert_eq!(me(&doors, &token).await, (200, json!(thief)), "it reads what it is itself");
        // By its own token, before the brand learns of the address: whom the brand then means is another.
        let (thief, token) = registered(&app, None).await;
        let claim = json!({ "identities": [{ "type": "EMAIL", "value": "ada@example.com" }] });
        done(Client::customer(&app, super::id(&thief)), "customerIdentify", "created", claim).await;
        let ada = identified(&app, &[("EMAIL", "ada@example.com"), ("LOYALTY_CARD", "4711")]).await;
        assert_ne!(ada, thief);
        assert_eq!(me(&doors, &token).await, (200, json!(thief)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_lost_its_token_gets_another_when_its_owner_signs_in() {
    on_both(async |db| {
        let app = start(db).await;
        let doors = doors(&app).await;
        let (anonymous, lost) = registered(&app, Some("phone")).await;
        let again = json!({ "channel": "WEB", "platform": "firefox", "anonymousId": "phone" });
        let taken = change(Client::anonymous(&app), REGISTER, "token", again.clone()).await;
        assert_eq!(taken["userErrors"][0]["code"], "IDENTITY_TAKEN");
        // The server knows who signed in, and that it was on this phone.
        let account = identified(&app, &[("USER_ID", "u-1"), ("ANONYMOUS_ID", "phone")]).await;
        let mut of_account = again;
        of_account["customerId"] = json!(account);
        let given = done(Client::staff(&app), REGISTER, "token customer { id }", of_account.clone()).await;
        assert_eq!(given["customer"]["id"], json!(account));
        let token = given["token"].as_str().expect("a token");
        assert_eq!(me(&doors, token).await, (200, json!(account)));
        assert_eq!(me(&doors, &lost).await, (200, json!(account)), "the old one, if it is found again");
        // By a merged customer's id as well.
        let elder = identified(&app, &[("EMAIL", "ada@example.com")]).await;
        let merge = json!({ "survivorId": elder, "mergedId": account, "reason": "one" });
        done(Client::staff(&app), "customerMerge", "customer { id }", merge).await;
        of_account["anonymousId"] = json!("tablet");
        let given = done(Client::staff(&app), REGISTER, "customer { id }", of_account.clone()).await;
        assert_eq!(given["customer"]["id"], json!(elder));
        assert_ne!(json!(anonymous), Value::Null);
        // Not with the id of somebody else's device, nor for who is not there.
        registered(&app, Some("elsewhere")).await;
        of_account["anonymousId"] = json!("elsewhere");
        let taken = change(Client::staff(&app), REGISTER, "token", of_account.clone()).await;
        assert_eq!(taken["userErrors"][0]["code"], "IDENTITY_TAKEN");
        of_account["customerId"] = json!(super::id(&account).to_string().replace('0', "1"));
        let nobody = change(Client::staff(&app), REGISTER, "token", of_account).await;
        assert_eq!(nobody["userErrors"][0]["code"], "NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_change_customers_registers_a_device_for_one() {
    on_both(async |db| {
        let app = start(db).await;
        let account = identified(&app, &[("USER_ID", "u-1")]).await;
        let (own, _) = registered(&app, None).await;
        let input = json!({ "input": { "channel": "WEB", "platform": "firefox", "customerId": account } });
        let query = "mutation($input: DeviceRegisterInput!) { deviceRegister(input: $input) { token } }";
        let thief = Client::customer(&app, super::id(&own));
        for client in [Client::anonymous(&app), thief, Client::staff_without_scopes(&app)] {
            client.fails_with(query, input.clone(), "FORBIDDEN").await;
        }
        for kiosk in touchpoints() {
            Client::touchpoint(&app, kiosk.id).fails_with(query, input.clone(), "FORBIDDEN").await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untrusted_source_joins_no_two_people_and_leads_no_address_to_another() {
    on_both(async |db| {
        let (app, ids) = (start(db).await, Ids::seeded(1));
        let browser = Caller::untrusted(&ids, NOON, "web");
        identified(&app, &[("USER_ID", "u-1")]).await;
        identified(&app, &[("EMAIL", "ada@example.com")]).await;
        said(&app, browser, &[(AnonymousId, "a-1")]).await.expect("somebody");
        let both = [(UserId, "u-1"), (AnonymousId, "a-1"), (Email, "ada@example.com")];
        let refusal = match said(&app, browser, &both).await {
            Err(Rejection::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        };
        assert_eq!((refusal.reason, refusal.path.as_str()), (Reason::IdentityTaken, "ada@example.com"));
        said(&app, browser, &[(UserId, "u-1"), (Email, "thief@example.com")]).await.expect("known");
        let query = "{ customer(by: { identity: { type: EMAIL, value: \"thief@example.com\" } }) { id } }";
        let found = Client::staff(&app).good(query, json!({})).await;
        assert_eq!(found["customer"], Value::Null, "the address leads to nobody");
    })
    .await;
}
