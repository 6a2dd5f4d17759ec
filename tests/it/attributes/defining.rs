//! Attributes are defined, given another meaning, and taken away; what makes no sense is refused.

use encircle::domain::attributes::backfill;
use entities::attribute_bucket;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::{NOON, attribute, attributes, define, defined, did, record, replacing};
use crate::harness::client::{Client, application};
use crate::harness::databases::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_meaning_stays_and_another_begins_anew() {
    on_both(async |db| {
        let app = application(db.clone(), NOON).await;
        record(&app, vec![did(&app, "ada", "Viewed", NOON, json!({ "price": 7 }))]).await;
        let input = |aggregate: &str| {
            json!({ "key": "views", "behavior": "Viewed", "aggregate": aggregate, "property": "price" })
        };
        let first = define(&app, input("COUNT")).await["definition"]["id"].clone();
        let again = define(&app, input("COUNT")).await["definition"]["id"].clone();
        assert_eq!(first, again);
        let refused = define(&app, input("SUM")).await;
        let error = &refused["userErrors"][0];
        assert_eq!((&error["code"], &error["field"]), (&json!("CONFLICT"), &json!(["input", "key"])), "{refused}");
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains("(aggregate)") && message.contains("replace: true"), "{message}");
        let other = define(&app, replacing(input("SUM"))).await["definition"].clone();
        assert_ne!(other["id"], first);
        backfill::run(&db, &app.services.ingest.attributes, || NOON, |_| {}).await.expect("it ends");
        assert_eq!(attribute(&app, "ada", "views").await.0, json!(7));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_definition_is_told() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        let good = json!({ "key": "views", "behavior": "Viewed", "aggregate": "COUNT" });
        for (field, value, says) in [
            ("key", json!("Views"), "`Views` is no key"),
            ("behavior", json!(" "), "1 to 255 bytes"),
            ("aggregate", json!("SUM"), "needs the property"),
            ("window", json!("P1M"), "write days, such as P365D"),
            ("window", json!("soon"), "`soon` is not a window"),
            ("where", json!("properties.price >"), "line 1, column"),
            ("where", json!("prices.a > 1"), "prices"),
            ("property", json!("a..b"), "no path"),
            ("timeZone", json!("Europe/Wien"), "its IANA name is wanted, perhaps `Europe/Vienna`"),
            ("where", json!("channel == 3"), "`channel` is a text, and this is a number"),
        ] {
            let mut input = good.clone();
            input[field] = value;
            let payload = define(&app, input).await;
            let error = &payload["userErrors"][0];
            assert_eq!(
                (&payload["definition"], &error["code"]),
                (&Value::Null, &json!("INVALID")),
                "{payload}"
            );
            assert!(error["message"].as_str().is_some_and(|text| text.contains(says)), "{says}: {error}");
        }
        let query = "mutation { attributeDefine(input: { key: \"a\", behavior: \"b\", aggregate: COUNT }) {
            definition { id } } }";
        let answer = Client::staff_without_scopes(&app).answer(query, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attribute_is_taken_away_and_what_was_counted_for_it() {
    on_both(async |db| {
        let app = application(db.clone(), NOON).await;
        record(&app, vec![did(&app, "ada", "Viewed", NOON, json!({}))]).await;
        let input = json!({ "key": "views", "behavior": "Viewed", "aggregate": "COUNT" });
        let id = define(&app, input.clone()).await["definition"]["id"].clone();
        app.upkeep().once().await.expect("all is counted");
        let delete = "mutation { attributeDelete(input: { key: \"views\" }) {
            deletedId userErrors { code field message } } }";
        let data = Client::staff(&app).good(delete, json!({})).await;
        assert_eq!(data["attributeDelete"], json!({ "deletedId": id, "userErrors": [] }));
        assert!(attributes(&app, "ada").await.is_empty());
        app.upkeep().once().await.expect("all is swept up");
        assert_eq!(attribute_bucket::Entity::find().count(db.connection()).await.expect("a count"), 0);
        let data = Client::staff(&app).good(delete, json!({})).await;
        let error = &data["attributeDelete"]["userErrors"][0];
        assert_eq!((&error["code"], &error["field"]), (&json!("NOT_FOUND"), &json!(["input", "key"])));
        let answer = Client::staff_without_scopes(&app).answer(delete, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
        // The key is free, for any meaning.
        defined(&app, json!({ "key": "views", "behavior": "Viewed", "aggregate": "DAYS_SINCE_LAST" })).await;
        app.upkeep().once().await.expect("all is counted");
        assert_eq!(attribute(&app, "ada", "views").await.0, json!(0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nothing_came_under_is_taken_with_a_warning() {
    on_both(async |db| {
        let app = application(db, NOON).await;
        let names = ["Product Added", "Product Viewed", "Visit"];
        record(&app, names.map(|name| did(&app, "ada", name, NOON, json!({}))).into()).await;
        let attribute = "mutation($name: String!) {
            attributeDefine(input: { key: \"views\", behavior: $name, aggregate: COUNT, replace: true }) {
              warnings userErrors { message } } }";
        let behavior = "mutation($name: String!) { behaviorDefine(input: { name: $name, schema: {} }) {
            warnings userErrors { message } } }";
        let unknown = |name: &str| format!("no behavior `{name}` has been recorded or defined so far");
        let slip = format!("{}; did you mean `Product Viewed`?", unknown("Prodct Viewed"));
        for (mutation, name, warnings) in [
            (attribute, "Prodct Viewed", vec![slip.clone()]),
            (attribute, "Zzz", vec![unknown("Zzz")]),
            (attribute, "Product Viewed", vec![]),
            (behavior, "Prodct Viewed", vec![slip]),
            (behavior, "Zzz", vec![]),
            (behavior, "Visit", vec![]),
            (attribute, "Zzz", vec![]),
        ] {
            let data = Client::staff(&app).good(mutation, json!({ "name": name })).await;
            let payload = data.as_object().and_then(|data| data.values().next()).expect("a payload");
            assert_eq!(*payload, json!({ "warnings": warnings, "userErrors": [] }), "{name}");
        }
    })
    .await;
}
