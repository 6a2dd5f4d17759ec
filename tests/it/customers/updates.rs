//! Changing what is known of a customer.

use serde_json::{Map, Value, json};

use super::{change, done, id, identified, refused, start};
use crate::api::world::kiosk;
use crate::harness::client::Client;
use crate::harness::databases::on_both;

const UPDATE: &str = "customerUpdate";

#[tokio::test(flavor = "multi_thread")]
async fn null_says_nothing_and_traits_are_merged_key_by_key() {
    on_both(async |db| {
        let app = start(db).await;
        let customer = identified(&app, &[("EMAIL", "a@example.com")]).await;
        let staff = Client::staff(&app);
        let first = json!({
            "customerId": customer, "firstName": "Ada", "birthDate": "1990-04-23", "locale": "de-AT",
            "traits": { "plan": "gold", "seat": 7, "list": [1, { "a": null }] }
        });
        done(staff, UPDATE, "customer { id }", first).await;
        let second = json!({
            "customerId": customer, "firstName": null, "lastName": "Byron", "traits": { "plan": null, "genre": "drama" }
        });
        let now = done(staff, UPDATE, "customer { firstName lastName birthDate traits }", second).await;
        let expected = json!({
            "firstName": "Ada", "lastName": "Byron", "birthDate": "1990-04-23",
            "traits": { "seat": 7, "list": [1, { "a": null }], "genre": "drama" }
        });
        assert_eq!(now["customer"], expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn traits_have_bounds_over_all_that_was_ever_said() {
    on_both(async |db| {
        let app = start(db).await;
        let own = identified(&app, &[("EMAIL", "a@example.com")]).await;
        let me = Client::customer(&app, id(&own));
        let keys = |from: usize, to: usize| -> Map<String, Value> {
            (from..to).map(|key| (format!("k{key}"), json!(1))).collect()
        };
        done(me, UPDATE, "customer { id }", json!({ "traits": keys(0, 300) })).await;
        refused(me, UPDATE, json!({ "traits": keys(300, 301) }), "LIMIT_REACHED").await;
        refused(me, UPDATE, json!({ "traits": { "k0": "x".repeat(33_000) } }), "LIMIT_REACHED").await;
        done(me, UPDATE, "customer { id }", json!({ "traits": { "k0": null, "other": 1 } })).await;
        let wrong = change(me, UPDATE, "customer { id }", json!({ "firstName": "" })).await;
        assert_eq!(wrong["userErrors"][0]["field"], json!(["input", "firstName"]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_one_may_change() {
    on_both(async |db| {
        let app = start(db).await;
        let own = identified(&app, &[("EMAIL", "a@example.com")]).await;
        let other = identified(&app, &[("EMAIL", "b@example.com")]).await;
        let name = |id: &str| json!({ "customerId": id, "firstName": "Ada" });
        let me = Client::customer(&app, id(&own));
        done(me, UPDATE, "customer { id }", name(&own)).await;
        refused(me, UPDATE, name(&other), "NOT_FOUND").await;
        let nobody = name("cus_00000000000000000000000000");
        refused(Client::staff(&app), UPDATE, nobody, "NOT_FOUND").await;
        refused(Client::staff(&app), UPDATE, name("off_00000000000000000000000000"), "INVALID").await;
        refused(Client::staff(&app), UPDATE, json!({ "firstName": "Ada" }), "INVALID").await;
        done(Client::touchpoint(&app, kiosk()), UPDATE, "customer { id }", name(&other)).await;
        let query = "mutation { customerUpdate(input: { firstName: \"Eve\" }) { customer { id } } }";
        Client::anonymous(&app).fails_with(query, json!({}), "FORBIDDEN").await;
        Client::staff_without_scopes(&app).fails_with(query, json!({}), "FORBIDDEN").await;
    })
    .await;
}
