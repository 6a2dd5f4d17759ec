//! The wire forms of values: what a frontend reads, to the letter.

use entities::ids::{OfferId, ProductId};
use entities::timestamp::Timestamp;
use entities::values::{
    Channel, CodeKind, ConsentPurpose, ConsentStatus, IdentityKind, OfferStatus, ProductKind, PurchaseStatus,
    RedemptionStatus, TextEnum,
};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::introspection::Schema;
use super::world::{self, customer_id, world};
use crate::entities::{insert, samples};
use crate::harness::client::{Client, application};
use crate::harness::databases::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn money_has_the_digits_of_its_currency() {
    on_both(async |db| {
        let app = world(db, 1).await;
        for (sku, amount, currency) in
            [("film", "12.50", "EUR"), ("popcorn", "4.50", "EUR"), ("sake", "1250", "JPY"), ("dates", "1.250", "KWD")]
        {
            let query = "query($sku: String!) { products(filter: { skus: [$sku] }) { nodes { price { amount currencyCode } } } }";
            let data = Client::anonymous(&app).good(query, json!({ "sku": sku })).await;
            let price = json!({ "amount": amount, "currencyCode": currency });
            assert_eq!(data["products"]["nodes"], json!([{ "price": price }]), "{sku}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_is_utc_with_milliseconds() {
    on_both(async |db| {
        let times = [
            (Timestamp(0), "1970-01-01T00:00:00.000Z"),
            (Timestamp(-1), "1969-12-31T23:59:59.999Z"),
            (Timestamp(1_767_268_800_123), "2026-01-01T12:00:00.123Z"),
            (Timestamp::MAX, "9999-12-31T23:59:59.999Z"),
        ];
        let customers = times.iter().zip(1..).map(|((created_at, _), number)| entities::customer::Model {
            created_at: *created_at,
            ..samples::customer(number)
        });
        insert::<entities::customer::Entity>(&db, customers).await;
        let app = application(db, world::NOON).await;
        for ((_, text), number) in times.iter().zip(1..) {
            let query = format!("{{ customer(by: {{ id: \"{}\" }}) {{ createdAt }} }}", customer_id(number));
            let data = Client::staff(&app).good(&query, json!({})).await;
            assert_eq!(data, json!({ "customer": { "createdAt": text } }));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_passed_on_as_it_stands_in_the_table() {
    on_both(async |db| {
        insert::<entities::customer::Entity>(&db, [samples::customer(1)]).await;
        let app = application(db.clone(), world::NOON).await;
        for traits in [
            "{}",
            r#"{"z":1, "a":  2}"#,
            r#"{"big":9007199254740993,"exact":0.10,"power":1e2}"#,
            r#"{"ü":"\"quoted\"\n\u00e9","deep":[[{"a":[null,true,[]]}]],"":""}"#,
        ] {
            // Written as text, past SeaORM, which would write its own spelling of it.
            let update = format!("UPDATE customers SET traits = '{traits}'");
            db.connection().execute_unprepared(&update).await.expect("the text is JSON");
            let query = format!("{{ customer(by: {{ id: \"{}\" }}) {{ traits }} }}", customer_id(1));
            // The answer's text, because a parsed answer would hide what became of a number.
            let answer = Client::staff(&app).text(&query, json!({})).await;
            assert_eq!(answer, format!(r#"{{"data":{{"customer":{{"traits":{traits}}}}}}}"#));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn content_is_the_channels_else_the_default_else_empty() {
    on_both(async |db| {
        let app = world(db, 1).await;
        let query = "query($key: String!) { offer(by: { key: $key }) {
            any: content kiosk: content(channel: KIOSK) web: content(channel: WEB) null: content(channel: null) } }";
        let ask = async |key: &str| Client::anonymous(&app).good(query, json!({ "key": key })).await["offer"].take();
        let (kiosk, any) = (json!({ "title": "kiosk" }), json!({ "title": "anywhere" }));
        assert_eq!(ask("tenth").await, json!({ "any": any, "kiosk": kiosk, "web": any, "null": any }));
        assert_eq!(ask("news").await, json!({ "any": {}, "kiosk": {}, "web": {}, "null": {} }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_benefit_is_one_of_three_or_none() {
    on_both(async |db| {
        let app = world(db, 1).await;
        let query = "query($key: String!) { offer(by: { key: $key }) { benefit { __typename
            ... on PercentageOff { percent }
            ... on AmountOff { amount { amount currencyCode } }
            ... on FreeProduct { product { sku } } } } }";
        for (key, benefit) in [
            ("news", json!(null)),
            ("tenth", json!({ "__typename": "PercentageOff", "percent": "12.50" })),
            (
                "five-off",
                json!({ "__typename": "AmountOff", "amount": { "amount": "5.00", "currencyCode": "EUR" } }),
            ),
            ("popcorn", json!({ "__typename": "FreeProduct", "product": { "sku": "popcorn" } })),
        ] {
            let data = Client::anonymous(&app).good(query, json!({ "key": key })).await;
            assert_eq!(data, json!({ "offer": { "benefit": benefit } }), "{key}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_null_and_a_list_of_nothing_is_empty() {
    on_both(async |db| {
        insert::<entities::customer::Entity>(&db, [samples::customer(1)]).await;
        insert::<entities::offer::Entity>(&db, [samples::offers()[0].clone()]).await;
        let purchase = entities::purchase::Model { touchpoint_id: None, ..samples::purchases()[0].clone() };
        insert::<entities::purchase::Entity>(&db, [purchase]).await;
        let app = application(db, world::NOON).await;
        let query = format!(
            "{{ customer(by: {{ id: \"{}\" }}) {{ firstName lastName email phone birthDate locale traits identities {{ value }}
                consents {{ status }} devices {{ nodes {{ id }} pageInfo {{ startCursor endCursor hasNextPage }} totalCount }}
                mergedInto {{ id }} purchases {{ nodes {{ touchpoint {{ id }} lines {{ id }} discounts {{ amount {{ amount }} }}
                redemptions {{ id }} }} }} }}
             offer(by: {{ id: \"{}\" }}) {{ placements channels rank benefit {{ __typename }} limits {{ total perCustomer }}
                schedule {{ startsAt endsAt }} }} }}",
            customer_id(1),
            samples::id::<OfferId>(1)
        );
        let data = Client::staff(&app).good(&query, json!({})).await;
        let expected = json!({
            "customer": {
                "firstName": null, "lastName": null, "email": null, "phone": null, "birthDate": null, "locale": null,
                "traits": {}, "identities": [], "consents": [], "mergedInto": null,
                "devices": {
                    "nodes": [], "totalCount": 0,
                    "pageInfo": { "startCursor": null, "endCursor": null, "hasNextPage": false },
                },
                "purchases": {
                    "nodes": [{ "touchpoint": null, "lines": [], "discounts": [], "redemptions": [] }],
                },
            },
            "offer": {
                "placements": [], "channels": [], "rank": null, "benefit": null,
                "limits": { "total": null, "perCustomer": null },
                "schedule": { "startsAt": null, "endsAt": null },
            },
        });
        assert_eq!(data, expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enums_of_the_graph_are_those_of_the_tables() {
    fn texts<E: TextEnum>() -> Vec<&'static str> {
        let mut texts: Vec<_> = E::ALL.iter().map(|value| value.text()).collect();
        texts.sort_unstable();
        texts
    }
    on_both(async |db| {
        let app = application(db, world::NOON).await;
        for (name, expected) in [
            ("Channel", texts::<Channel>()),
            ("ConsentPurpose", texts::<ConsentPurpose>()),
            ("ConsentStatus", texts::<ConsentStatus>()),
            ("IdentityType", texts::<IdentityKind>()),
            ("OfferCodeKind", texts::<CodeKind>()),
            ("OfferStatus", texts::<OfferStatus>()),
            ("ProductKind", texts::<ProductKind>()),
            ("PurchaseStatus", texts::<PurchaseStatus>()),
            ("RedemptionStatus", texts::<RedemptionStatus>()),
        ] {
            let query = "query($name: String!) { __type(name: $name) { enumValues { name } } }";
            let data = Client::anonymous(&app).good(query, json!({ "name": name })).await;
            let values = data["__type"]["enumValues"].as_array().expect("an enum");
            let mut found: Vec<&str> = values.iter().filter_map(|value| value["name"].as_str()).collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{name}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_another_kind_is_refused_and_an_unknown_one_is_null() {
    on_both(async |db| {
        let app = world(db, 1).await;
        let staff = Client::staff(&app);
        let unknown = customer_id(99).to_string();
        let offer = samples::id::<OfferId>(1).to_string();
        for root in [
            "customer(by: { id: $id }) { id }",
            "purchase(by: { id: $id }) { id }",
            "offer(by: { id: $id }) { id }",
            "product(by: { id: $id }) { id }",
        ] {
            let query = format!("query($id: ID!) {{ {root} }}");
            for wrong in [
                &unknown[..29],
                "",
                "42",
                "tou_00000000000000000000000001",
                "é",
                "cus_",
                "CUS_0000000000000000000000000A",
            ] {
                let answer = staff.fails_with(&query, json!({ "id": wrong }), "BAD_USER_INPUT").await;
                let message = answer["errors"][0]["message"].as_str().expect("a message");
                assert!(message.contains("by.id"), "{message}");
            }
        }
        let query = "query($id: ID!) { node(id: $id) { id } nodes(ids: [$id, $id]) { id } }";
        for unknown in [&unknown, "", "42", "xyz_00000000000000000000000001", "é", "éé", "cus_"] {
            let data = staff.good(query, json!({ "id": unknown })).await;
            assert_eq!(data, json!({ "node": null, "nodes": [null, null] }), "{unknown}");
        }
        let own = customer_id(1).to_string();
        let mixed = json!({ "ids": [&own, &offer, &unknown, &own] });
        let data = staff.good("query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", mixed).await;
        let names: Vec<_> =
            data["nodes"].as_array().expect("a list").iter().map(|node| &node["__typename"]).collect();
        assert_eq!(names, [&json!("Customer"), &json!("Offer"), &json!(null), &json!("Customer")]);
        let many = json!({ "ids": vec![offer; 101] });
        staff.fails_with("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", many, "BAD_USER_INPUT").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_found_by_id_and_by_code() {
    on_both(async |db| {
        let app = world(db, 1).await;
        let query = "query($id: ID!, $sku: String!) { a: product(by: { id: $id }) { id sku }
            b: product(by: { sku: $sku }) { id sku } c: product(by: { sku: \"SAKE\" }) { id } }";
        let sake = samples::id::<ProductId>(102).to_string();
        let data = Client::anonymous(&app).good(query, json!({ "id": sake, "sku": "sake" })).await;
        let found = json!({ "id": sake, "sku": "sake" });
        assert_eq!(data, json!({ "a": found, "b": found, "c": null }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_answer_stays_as_it_is() {
    on_both(async |db| {
        let app = world(db, 2).await;
        let schema = Schema::of(&app).await;
        let query = format!(
            "{{ customer(by: {{ identity: {{ type: LOYALTY_CARD, value: \"c1-card\" }} }}) {}
                product: products(filter: {{ skus: [\"film\"] }}) {} offers {} }}",
            schema.everything("Customer"),
            schema.everything("ProductConnection"),
            schema.everything("OfferConnection"),
        );
        let data = Client::staff(&app).good(&query, json!({})).await;
        insta::assert_json_snapshot!("a_whole_answer", data);
    })
    .await;
}
