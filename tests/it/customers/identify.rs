//! Identifying customers: found, made, merged or refused.

use encircle::kernel::viewer::{Scope, Viewer};
use serde_json::{Value, json};

use super::{change, done, id, identified, refused, registered, start};
use crate::api::world::{kiosk, touchpoints};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

const IDENTIFY: &str = "customerIdentify";
const WHO: &str =
    "created customer { id firstName traits identities { type value verified } mergedInto { id } }";

fn email(value: &str) -> Value {
    json!({ "type": "EMAIL", "value": value })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_customer_becomes_known_and_stays_itself() {
    on_both(async |db| {
        let app = start(db).await;
        let (anonymous, _) = registered(&app, Some("a-1")).await;
        let input = json!({
            "anonymousId": "a-1", "firstName": "Ada", "traits": { "plan": "gold", "seat": 7 },
            "identities": [{ "type": "USER_ID", "value": "u-1" }, { "type": "EMAIL", "value": "Ada@Example.com", "verified": true }]
        });
        let known = done(Client::staff(&app), IDENTIFY, WHO, input.clone()).await;
        assert_eq!((&known["created"], &known["customer"]["id"]), (&json!(false), &json!(anonymous)));
        assert_eq!(known["customer"]["firstName"], "Ada");
        let identities = known["customer"]["identities"].as_array().expect("identities");
        assert!(identities.contains(&json!({ "type": "EMAIL", "value": "ada@example.com", "verified": true })));
        assert!(identities.contains(&json!({ "type": "USER_ID", "value": "u-1", "verified": true })));
        // Said again, it changes nothing.
        assert_eq!(done(Client::staff(&app), IDENTIFY, WHO, input).await, known);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_named_by_two_is_merged_and_the_account_survives() {
    on_both(async |db| {
        let app = start(db).await;
        let staff = Client::staff(&app);
        let (older, _) = registered(&app, Some("a-1")).await;
        let account = identified(&app, &[("USER_ID", "u-1")]).await;
        let who = identified(&app, &[("ANONYMOUS_ID", "a-1"), ("USER_ID", "u-1")]).await;
        assert_eq!(who, account);
        let query = format!("{{ customer(by: {{ id: \"{older}\" }}) {{ id identities {{ value }} }} }}");
        let merged = staff.good(&query, json!({})).await;
        assert_eq!(merged["customer"]["id"], json!(account), "a merged id is the survivor's");
        assert_eq!(merged["customer"]["identities"].as_array().map(Vec::len), Some(3), "of both");
        // A third joins the survivor, not the merged row.
        let third = identified(&app, &[("EMAIL", "a@example.com")]).await;
        assert_eq!(identified(&app, &[("USER_ID", "u-1"), ("EMAIL", "a@example.com")]).await, account);
        let query = format!("{{ customer(by: {{ id: \"{third}\" }}) {{ id mergedInto {{ id }} }} }}");
        let merged = staff.good(&query, json!({})).await;
        assert_eq!(merged["customer"], json!({ "id": account, "mergedInto": null }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_are_never_merged_and_nothing_of_it_is_done() {
    on_both(async |db| {
        let app = start(db).await;
        let one = identified(&app, &[("USER_ID", "u-1"), ("EMAIL", "a@example.com")]).await;
        identified(&app, &[("USER_ID", "u-2")]).await;
        let staff = Client::staff(&app);
        let both = json!({ "firstName": "Eve", "identities": [email("a@example.com"), { "type": "USER_ID", "value": "u-2" }] });
        refused(staff, IDENTIFY, both, "LIMIT_REACHED").await;
        let second = json!({ "customerId": one, "identities": [{ "type": "USER_ID", "value": "u-3" }] });
        let error = refused(staff, IDENTIFY, second, "LIMIT_REACHED").await;
        assert_eq!(error["field"], json!(["input", "identities", "0", "value"]));
        let query = "{ customers { nodes { firstName mergedInto { id } } } }";
        let bare = json!({ "firstName": null, "mergedInto": null });
        assert_eq!(staff.good(query, json!({})).await["customers"]["nodes"], json!([bare, bare]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_identifies_nobody_is_refused_with_the_reason() {
    on_both(async |db| {
        let app = start(db).await;
        let staff = Client::staff(&app);
        for value in [
            "null",
            "undefined",
            "None",
            "guest",
            "anonymous",
            "00000000",
            "zzzzzzzz",
            "unknown",
            "NaN",
            "[object Object]",
        ] {
            let input = json!({ "identities": [{ "type": "USER_ID", "value": value }] });
            let error = refused(staff, IDENTIFY, input, "BLOCKED_VALUE").await;
            let message = error["message"].as_str().expect("a message");
            assert!(message.contains(value) && message.contains("identifies nobody"), "{message}");
        }
        let empty = json!({ "identities": [{ "type": "USER_ID", "value": " " }] });
        refused(staff, IDENTIFY, empty, "INVALID").await;
        refused(staff, IDENTIFY, json!({ "firstName": "Ada" }), "INVALID").await;
        assert_eq!(staff.good("{ customers { totalCount } }", json!({})).await["customers"]["totalCount"], 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_as_many_of_a_kind_as_there_may_be() {
    on_both(async |db| {
        let app = start(db).await;
        let of = |count: usize| {
            let identities: Vec<_> = (0..count).map(|at| email(&format!("a{at}@example.com"))).collect();
            json!({ "identities": identities })
        };
        let five = done(Client::staff(&app), IDENTIFY, WHO, of(5)).await;
        refused(Client::staff(&app), IDENTIFY, of(6), "LIMIT_REACHED").await;
        // What is over the limit together is not merged.
        identified(&app, &[("EMAIL", "b@example.com"), ("PHONE", "+43 1 2345678")]).await;
        let both = json!({ "customerId": five["customer"]["id"], "identities": [{ "type": "PHONE", "value": "+4312345678" }] });
        refused(Client::staff(&app), IDENTIFY, both, "LIMIT_REACHED").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_adds_to_itself_and_is_told_nothing_of_others() {
    on_both(async |db| {
        let app = start(db).await;
        let (own, _) = registered(&app, None).await;
        let other = identified(&app, &[("EMAIL", "eve@example.com")]).await;
        let me = Client::customer(&app, id(&own));
        let input = json!({ "traits": { "genre": "drama" }, "identities": [{ "type": "EMAIL", "value": "ada@example.com", "verified": true }] });
        let known = done(me, IDENTIFY, WHO, input).await;
        assert_eq!(known["customer"]["id"], json!(own));
        let identities = known["customer"]["identities"].as_array().expect("identities");
        assert!(identities.contains(&json!({ "type": "EMAIL", "value": "ada@example.com", "verified": false })));
        let taken = json!({ "traits": { "genre": "noir" }, "identities": [email("new@example.com"), email("eve@example.com")] });
        let error = refused(me, IDENTIFY, taken, "IDENTITY_TAKEN").await;
        assert_eq!(error["field"], json!(["input", "identities", "1", "value"]));
        assert!(!error.to_string().contains(&other));
        // Nothing of what was refused was done.
        let mine = me.good("{ me { traits identities { value } } }", json!({})).await;
        assert_eq!(mine["me"]["traits"], json!({ "genre": "drama" }));
        assert!(!mine.to_string().contains("new@example.com"));
        // Somebody else is not there for it.
        let of_other = json!({ "customerId": other, "firstName": "Mallory" });
        refused(me, IDENTIFY, of_other, "NOT_FOUND").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_makes_and_completes_customers_and_joins_none() {
    on_both(async |db| {
        let app = start(db).await;
        let till = Client::touchpoint(&app, kiosk());
        let card = json!({ "type": "LOYALTY_CARD", "value": "4711" });
        let made = done(
            till,
            IDENTIFY,
            "created customer { id }",
            json!({ "identities": [card], "firstName": "Ada" }),
        )
        .await;
        assert_eq!(made["created"], json!(true));
        let more =
            json!({ "identities": [card, email("a@example.com")], "firstName": "Eve", "lastName": "Byron" });
        let same = done(till, IDENTIFY, "created customer { id }", more).await;
        assert_eq!(same["customer"], made["customer"]);
        let query =
            format!("{{ customer(by: {{ id: {} }}) {{ firstName lastName }} }}", made["customer"]["id"]);
        let names = Client::staff(&app).good(&query, json!({})).await;
        assert_eq!(
            names["customer"],
            json!({ "firstName": "Ada", "lastName": "Byron" }),
            "completed, not overwritten"
        );
        identified(&app, &[("EMAIL", "b@example.com")]).await;
        let two = json!({ "identities": [card, email("b@example.com")] });
        refused(till, IDENTIFY, two, "IDENTITY_TAKEN").await;
        let own = json!({ "anonymousId": "kiosk-1", "identities": [card] });
        refused(till, IDENTIFY, own.clone(), "SHARED_TOUCHPOINT").await;
        done(Client::touchpoint(&app, touchpoints()[1].id), IDENTIFY, "created", own).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_staff_without_the_scope_identify_nobody() {
    on_both(async |db| {
        let app = start(db).await;
        let input = json!({ "input": { "identities": [email("a@example.com")] } });
        let query =
            "mutation($input: CustomerIdentifyInput!) { customerIdentify(input: $input) { created } }";
        let reader = Viewer::staff([Scope::Personal, Scope::Lists].into_iter().collect());
        for client in [Client::anonymous(&app), Client::staff_without_scopes(&app), Client::of(&app, reader)]
        {
            client.fails_with(query, input.clone(), "FORBIDDEN").await;
        }
        let writer = Viewer::staff([Scope::CustomersWrite].into_iter().collect());
        let payload =
            change(Client::of(&app, writer), IDENTIFY, "created customer { id }", input["input"].clone())
                .await;
        assert_eq!(payload["created"], json!(true));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_somebody_signed_in_to_is_not_the_next_ones_who_signs_in_there() {
    on_both(async |db| {
        let app = start(db).await;
        let first = identified(&app, &[("USER_ID", "u-1"), ("ANONYMOUS_ID", "b-1")]).await;
        let second = identified(&app, &[("EMAIL", "eve@example.com")]).await;
        // By an address, since two accounts are not joined anyway.
        let input = json!({ "anonymousId": "b-1", "identities": [
            { "type": "EMAIL", "value": "eve@example.com", "verified": true }] });
        let error = refused(Client::staff(&app), IDENTIFY, input, "IDENTITY_TAKEN").await;
        assert_eq!(error["field"], json!(["input", "anonymousId"]));
        let of_first = json!({ "customerId": second, "anonymousId": "b-1" });
        refused(Client::staff(&app), IDENTIFY, of_first, "IDENTITY_TAKEN").await;
        // Nor by an address that is nobody's yet; named with the account it is the account's.
        let input = json!({ "anonymousId": "b-1", "identities": [
            { "type": "EMAIL", "value": "new@example.com", "verified": true }] });
        let error = refused(Client::staff(&app), IDENTIFY, input.clone(), "IDENTITY_TAKEN").await;
        assert_eq!(error["field"], json!(["input", "anonymousId"]));
        let mut of_account = input;
        of_account["customerId"] = json!(first);
        done(Client::staff(&app), IDENTIFY, WHO, of_account).await;
        // Named by something of each, they are one.
        let who = identified(&app, &[("USER_ID", "u-1"), ("EMAIL", "eve@example.com")]).await;
        assert_eq!(who, first);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_till_adds_to_somebody_is_claimed_until_the_brand_says_it() {
    on_both(async |db| {
        let app = start(db).await;
        let till = Client::touchpoint(&app, kiosk());
        let card = json!({ "type": "LOYALTY_CARD", "value": "4711" });
        let both = json!({ "identities": [card, email("ada@example.com")] });
        let made = done(till, IDENTIFY, "created customer { id }", both).await;
        let found = async |by: &str| {
            let query = format!("{{ customer(by: {{ identity: {by} }}) {{ id }} }}");
            till.good(&query, json!({})).await["customer"]["id"].clone()
        };
        let address = "{ type: EMAIL, value: \"ada@example.com\" }";
        assert_eq!(found("{ type: LOYALTY_CARD, value: \"4711\" }").await, made["customer"]["id"]);
        assert_eq!(found(address).await, Value::Null, "who stands at a till may type any address");
        identified(&app, &[("LOYALTY_CARD", "4711"), ("EMAIL", "ada@example.com")]).await;
        assert_eq!(found(address).await, made["customer"]["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_is_not_in_the_way_of_the_brands_word() {
    on_both(async |db| {
        let app = start(db).await;
        let (device, _) = registered(&app, Some("phone")).await;
        let me = Client::customer(&app, id(&device));
        done(me, IDENTIFY, WHO, json!({ "identities": [{ "type": "USER_ID", "value": "u-ada" }] })).await;
        for number in 0..5 {
            let claim = json!({ "identities": [email(&format!("{number}@example.com"))] });
            done(me, IDENTIFY, WHO, claim).await;
        }
        let bob = [("ANONYMOUS_ID", "phone"), ("USER_ID", "u-bob"), ("EMAIL", "bob@example.com")];
        assert_eq!(identified(&app, &bob).await, device);
        // A claimed account beside a confirmed one stays what it is.
        let input =
            json!({ "anonymousId": "phone", "identities": [{ "type": "USER_ID", "value": "u-ada" }] });
        refused(Client::staff(&app), IDENTIFY, input, "LIMIT_REACHED").await;
    })
    .await;
}
