//! The story: tickets put into the cart on the phone, seen at the kiosk, paid for at the till, one of them
//! given back.

use encircle::kernel::viewer::Viewer;
use entities::device;
use entities::values::Channel;
use serde_json::json;

use super::recount::recount;
use super::watching::Watcher;
use super::{BOUGHT, CART, PURCHASE, Shop, add, checkout, customer_id, done};
use crate::entities::{insert, samples};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn begun_on_the_phone_finished_at_the_till_one_seat_given_back() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let phone = device::Model { id: samples::id(5), customer_id: customer_id(1), ..samples::devices()[0].clone() };
        insert::<device::Entity>(&shop.db, [device::Model { token_hash: None, ..phone.clone() }]).await;
        let viewer =
            Viewer::Device { device: phone.id, customer: customer_id(1), channel: Channel::MobileApp };
        let (phone, till, staff) = (Client::of(&shop.app, viewer), shop.till(), shop.staff());
        let seats = shop.product("metropolis-20", "TICKET", "12", Some(120)).await;
        let limits = json!({ "amount": { "amount": "100", "currencyCode": "EUR" }, "perCustomer": 1 });
        let buff = json!({ "benefit": { "percentageOff": "25" }, "codes": { "shared": "FILMBUFF" }, "limits": limits });
        let offer = shop.offer("film-buff", buff).await;
        for (key, behavior) in [("bought", "Order Completed"), ("returned", "Order Refunded")] {
            let input = json!({ "key": key, "behavior": behavior, "property": "total", "aggregate": "SUM" });
            done(&staff, "attributeDefine", "definition { id }", input).await;
        }
        let rule = "attributes.bought > 10 && attributes.returned < 1";
        let segment = json!({ "key": "keeps_tickets", "rule": rule });
        let segment = done(&staff, "segmentCreate", "segment { id }", segment).await["segment"]["id"].clone();
        shop.app.upkeep().once().await.expect("history is counted");

        let _watching = shop.app.watching().start();
        let mut at_kiosk = Watcher::at_kiosk(&shop, customer_id(1)).await;
        assert_eq!(at_kiosk.cart().await, json!(null));
        let cart = add(&phone, seats, 2).await;
        assert_eq!((&cart["total"]["amount"], shop.taken(seats).await), (&json!("24.00"), 2));
        assert!(cart["holdsExpireAt"].is_string());
        assert_eq!(at_kiosk.cart().await, cart, "the kiosk sees what the phone put in");

        let customer = customer_id(1).to_string();
        let codes = json!({ "customerId": customer, "version": cart["version"], "codes": ["film buff"] });
        let priced = done(&till, "cartCodesUpdate", CART, codes).await["cart"].take();
        assert_eq!(priced["total"]["amount"], json!("18.00"));
        assert_eq!(at_kiosk.cart().await, priced);
        let mut input = checkout("sale-1");
        input["customerId"] = json!(customer);
        input["version"] = priced["version"].clone();
        input["total"] = json!({ "amount": "18", "currencyCode": "EUR" });
        let bought = done(&till, "cartCheckout", BOUGHT, input).await["purchase"].take();
        assert_eq!((&bought["status"], shop.budget(offer).await), (&json!("PAID"), (1, 600)));
        assert_eq!(at_kiosk.cart().await, json!(null), "it is bought");
        let told = "{ me { segments { key } attributes { key value } purchases { nodes { status touchpoint { id } } } } }";
        let me = phone.good(told, json!({})).await["me"].take();
        assert_eq!(me["segments"], json!([{ "key": "keeps_tickets" }]));
        assert_eq!(me["attributes"][0], json!({ "key": "bought", "value": 18 }));
        assert!(me["purchases"]["nodes"][0]["touchpoint"].is_object());
        shop.app.upkeep().once().await.expect("members are kept");
        let size = format!("{{ segment(by: {{ id: {segment} }}) {{ size }} }}");
        assert_eq!(staff.good(&size, json!({})).await["segment"]["size"], json!(1));

        let line = json!([{ "lineId": bought["lines"][0]["id"], "quantity": 1 }]);
        let back = json!({ "purchaseId": bought["id"], "idempotencyKey": "back-1", "lines": line });
        let back = done(&till, "purchaseRefund", PURCHASE, back).await["purchase"].take();
        assert_eq!(back["status"], json!("PARTIALLY_REFUNDED"));
        assert_eq!(back["refunded"]["amount"], json!("9.00"));
        assert_eq!((shop.taken(seats).await, shop.budget(offer).await), (1, (1, 300)));
        let me = phone.good(told, json!({})).await["me"].take();
        assert_eq!(me["segments"], json!([]));
        assert_eq!(me["attributes"][1], json!({ "key": "returned", "value": 9 }));
        shop.app.upkeep().once().await.expect("members are kept");
        assert_eq!(staff.good(&size, json!({})).await["segment"]["size"], json!(0));
        recount(&shop.db).await;
    })
    .await;
}
