//! Where a customer stopped watching: an attribute that behaviors feed, beside what may be watched.

use serde_json::json;

use super::{Shop, add, checkout, customer_id, done};
use crate::harness::databases::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn who_bought_a_film_reads_where_it_was_stopped_beside_it() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let film = shop.product("film", "DIGITAL", "10", None).await;
        let position = json!({
            "key": "film_position", "behavior": "Film Watched", "property": "position", "aggregate": "LAST",
        });
        done(&shop.staff(), "attributeDefine", "definition { id }", position).await;
        shop.app.upkeep().once().await.expect("history is counted");
        add(&shop.customer(1), film, 1).await;
        let mut input = checkout("k");
        input["customerId"] = json!(customer_id(1).to_string());
        let bought = done(&shop.till(), "cartCheckout", "purchase { status }", input).await;
        assert_eq!(bought["purchase"]["status"], json!("PAID"));
        let told = "{ me { attributes { key value } \
            entitlements { nodes { product { sku } revokedAt } } } }";
        for position in [120, 1_860] {
            let watched =
                json!({ "name": "Film Watched", "properties": { "sku": "film", "position": position } });
            let recorded = json!({ "behaviors": [watched] });
            done(&shop.customer(1), "behaviorsRecord", "results { status }", recorded).await;
            shop.move_clock(1_000);
            let me = shop.customer(1).good(told, json!({})).await["me"].take();
            assert_eq!(me["attributes"], json!([{ "key": "film_position", "value": position }]));
            let film = json!({ "product": { "sku": "film" }, "revokedAt": null });
            assert_eq!(me["entitlements"]["nodes"], json!([film]));
        }
    })
    .await;
}
