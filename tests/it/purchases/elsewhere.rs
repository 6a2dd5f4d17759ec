//! Purchases made elsewhere, in the ledger: what their lines bear, which offers they used, and what becomes of them.

use entities::{behavior, entitlement};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::importing::{sale, with};
use super::recount::recount;
use super::{PURCHASE, Shop, change, done, refused};
use crate::harness::databases::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_off_the_whole_the_lines_bear_and_give_back_no_more() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        shop.product("film", "DIGITAL", "10", None).await;
        let till = shop.till();
        let more = with(sale("m", 1), "total", "20.01");
        let total = ("INVALID".to_owned(), "input.total".to_owned());
        assert_eq!(refused(&till, "purchaseImport", more).await, total);
        let imported = done(&till, "purchaseImport", PURCHASE, with(sale("d", 1), "total", "15.01")).await;
        let purchase = &imported["purchase"];
        assert_eq!(purchase["lines"][0]["total"]["amount"], json!("15.01"));
        recount(&shop.db).await;
        let lines = json!([{ "lineId": purchase["lines"][0]["id"], "quantity": 1 }]);
        let one = json!({ "purchaseId": purchase["id"], "idempotencyKey": "a", "lines": lines });
        let back = done(&till, "purchaseRefund", PURCHASE, one).await;
        assert_eq!(back["purchase"]["refunded"]["amount"], json!("7.50"));
        recount(&shop.db).await;
        let rest = json!({ "purchaseId": purchase["id"], "idempotencyKey": "b" });
        let back = done(&till, "purchaseRefund", PURCHASE, rest).await;
        assert_eq!(back["purchase"]["refunded"]["amount"], json!("15.01"));
        recount(&shop.db).await;
        let mut of_two = with(sale("e", 1), "total", "1");
        of_two["lines"] = json!([
            { "sku": "film", "unitPrice": "10" }, { "sku": "film", "unitPrice": "20" }, { "sku": "film", "unitPrice": "0" },
        ]);
        let imported = done(&till, "purchaseImport", PURCHASE, of_two).await;
        let amounts = imported["purchase"]["lines"].as_array().expect("lines").iter();
        let amounts: Vec<&Value> = amounts.map(|line| &line["total"]["amount"]).collect();
        assert_eq!(amounts, ["0.33", "0.67", "0.00"]);
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_status_is_followed_and_an_earlier_one_passed_over() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        shop.product("film", "DIGITAL", "10", None).await;
        let till = shop.till();
        let say = async |id: &str, status: &str| {
            let selection = format!("known {PURCHASE}");
            let said = done(&till, "purchaseImport", &selection, with(sale(id, 1), "status", status)).await;
            (said["known"].clone(), said["purchase"]["status"].clone())
        };
        let usable = async || {
            let rows = entitlement::Entity::find().all(shop.db.connection()).await.expect("entitlements");
            rows.iter().filter(|row| row.revoked_at.is_none()).count()
        };
        assert_eq!(say("a", "PENDING").await, (json!(false), json!("PENDING")));
        assert_eq!(usable().await, 0);
        for status in ["PAID", "PAID", "PENDING"] {
            assert_eq!(say("a", status).await, (json!(true), json!("PAID")), "{status}");
            assert_eq!(usable().await, 1, "{status}");
        }
        recount(&shop.db).await;
        for status in ["REFUNDED", "PAID", "REFUNDED"] {
            assert_eq!(say("a", status).await, (json!(true), json!("REFUNDED")), "{status}");
            assert_eq!(usable().await, 0, "{status}");
        }
        recount(&shop.db).await;
        say("b", "PENDING").await;
        assert_eq!(say("b", "CANCELED").await, (json!(true), json!("CANCELED")));
        say("c", "PENDING").await;
        assert_eq!(say("c", "REFUNDED").await, (json!(true), json!("REFUNDED")));
        recount(&shop.db).await;
        let rows = behavior::Entity::find().all(shop.db.connection()).await.expect("behaviors");
        let told = |name: &str| rows.iter().filter(|row| row.name == name).count();
        assert_eq!((told("Order Completed"), told("Order Refunded")), (2, 2));
        // What cannot be followed is refused, with what to do instead.
        say("d", "PAID").await;
        let partly = with(with(sale("d", 1), "status", "PARTIALLY_REFUNDED"), "refunded", "5");
        for (input, instead) in [
            (partly, "purchaseRefund"),
            (with(sale("d", 1), "status", "CANCELED"), "purchaseRefund"),
            (with(sale("b", 1), "status", "PAID"), "called off"),
        ] {
            let error = change(&till, "purchaseImport", "known", input).await["userErrors"][0].take();
            assert_eq!(error["code"], json!("CONFLICT"));
            assert!(error["message"].as_str().is_some_and(|text| text.contains(instead)), "{error}");
        }
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_elsewhere_its_customer_cannot_call_off() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        shop.product("film", "DIGITAL", "10", None).await;
        let till = shop.till();
        let waiting = done(&till, "purchaseImport", PURCHASE, with(sale("a", 1), "status", "PENDING")).await;
        let input = json!({ "purchaseId": waiting["purchase"]["id"] });
        let refusal = refused(&shop.customer(1), "purchaseCancel", input.clone()).await;
        assert_eq!(refusal, ("CONFLICT".to_owned(), "input.purchaseId".to_owned()));
        let called_off = done(&till, "purchaseCancel", PURCHASE, input).await;
        assert_eq!(called_off["purchase"]["status"], json!("CANCELED"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redemptions_take_off_no_more_than_was_taken_off() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        shop.product("film", "DIGITAL", "10", None).await;
        let limits = json!({ "amount": { "amount": "50", "currencyCode": "EUR" } });
        let offer =
            shop.offer("quarter", json!({ "benefit": { "percentageOff": "25" }, "limits": limits })).await;
        done(
            &shop.staff(),
            "offerCreate",
            "offer { id }",
            json!({ "key": "draft", "benefit": { "percentageOff": "5" } }),
        )
        .await;
        let (till, staff) = (shop.till(), shop.staff());
        let used = |key: &str, amount: &str| json!([{ "offerKey": key, "amount": amount }]);
        let sold = |total: &str, redemptions: Value| {
            with(with(sale("s", 1), "total", total), "redemptions", redemptions)
        };
        let line = |total: &str| json!([{ "sku": "film", "quantity": 2, "unitPrice": "10", "total": total }]);
        let bare = |redemptions: Value| with(sold("15", redemptions), "lines", json!([]));
        for (input, code, field) in [
            (sold("15", used("quarter", "5.01")), "INVALID", "input.redemptions"),
            (sold("20", used("quarter", "0.01")), "INVALID", "input.redemptions"),
            (
                with(sold("15", used("quarter", "5")), "lines", line("20.01")),
                "INVALID",
                "input.lines.0.total",
            ),
            (bare(used("quarter", "5")), "INVALID", "input.redemptions"),
            (sold("15", used("draft", "5")), "NOT_FOUND", "input.redemptions.0.offerKey"),
        ] {
            assert_eq!(refused(&till, "purchaseImport", input).await, (code.to_owned(), field.to_owned()));
        }
        assert_eq!(shop.budget(offer).await, (0, 0));
        // Lines that are cheaper by themselves count too: twenty at full price, eighteen by its line, fifteen paid.
        let input = with(sold("15", used("quarter", "5")), "lines", line("18"));
        done(&till, "purchaseImport", "known", with(input, "externalId", "a")).await;
        done(&till, "purchaseImport", "known", with(bare(used("quarter", "0")), "externalId", "b")).await;
        // Staff know what they say, and which offers there are.
        done(&staff, "purchaseImport", "known", with(bare(used("draft", "5")), "externalId", "c")).await;
        assert_eq!(refused(&staff, "purchaseImport", sold("20", used("quarter", "1"))).await.0, "INVALID");
        assert_eq!(shop.budget(offer).await, (2, 500));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_used_elsewhere_count_against_their_budgets() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let film = shop.product("film", "DIGITAL", "10", None).await;
        let limits = json!({ "total": 2, "amount": { "amount": "50", "currencyCode": "EUR" } });
        let quarter = json!({ "benefit": { "percentageOff": "25" }, "limits": limits });
        let offer = shop.offer("quarter", quarter).await;
        let till = shop.till();
        let used = |id: &str| {
            let redemptions = json!([{ "offerKey": "quarter", "amount": "5" }]);
            with(with(sale(id, 1), "total", "15"), "redemptions", redemptions)
        };
        let again =
            json!([{ "offerKey": "quarter", "amount": "1" }, { "offerKey": "quarter", "amount": "1" }]);
        let unknown = json!([{ "offerKey": "none", "amount": "1" }]);
        for (input, code, field) in [
            (with(used("x"), "redemptions", again), "INVALID", "input.redemptions.1.offerKey"),
            (with(used("x"), "redemptions", unknown), "NOT_FOUND", "input.redemptions.0.offerKey"),
            (with(used("x"), "discount", "4"), "INVALID", "input.discount"),
        ] {
            assert_eq!(refused(&till, "purchaseImport", input).await, (code.to_owned(), field.to_owned()));
        }
        let first = done(&till, "purchaseImport", PURCHASE, used("a")).await["purchase"].take();
        assert_eq!(first["redemptions"], json!([{ "status": "REDEEMED", "amount": { "amount": "5.00" } }]));
        done(&till, "purchaseImport", "known", with(used("b"), "status", "PENDING")).await;
        assert_eq!(shop.budget(offer).await, (2, 1_000));
        recount(&shop.db).await;
        // The budget is spent: here it takes nothing off any more.
        let cart = super::add(&shop.customer(1), film, 1).await;
        assert_eq!(cart["total"]["amount"], json!("10.00"));
        done(&till, "purchaseImport", "known", with(used("a"), "status", "REFUNDED")).await;
        done(&till, "purchaseImport", "known", with(used("b"), "status", "PAID")).await;
        assert_eq!(shop.budget(offer).await, (1, 500));
        recount(&shop.db).await;
    })
    .await;
}

/// Which line an offer was used for is not known of an import: it is used until nothing is left of the purchase.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_used_elsewhere_stays_used_until_all_is_refunded() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        shop.product("film", "DIGITAL", "10", None).await;
        let limits = json!({ "total": 5, "amount": { "amount": "50", "currencyCode": "EUR" } });
        let benefit = json!({ "percentageOff": "25" });
        let gift = shop.offer("gift", json!({ "benefit": benefit, "limits": limits })).await;
        let five = shop.offer("five", json!({ "benefit": benefit, "limits": limits })).await;
        let till = shop.till();
        let redemptions =
            json!([{ "offerKey": "gift", "amount": "0" }, { "offerKey": "five", "amount": "5" }]);
        let input = with(with(sale("a", 1), "total", "15"), "redemptions", redemptions);
        let mut bought = done(&till, "purchaseImport", PURCHASE, input).await;
        let line = bought["purchase"]["lines"][0]["id"].take();
        assert_eq!((shop.budget(gift).await, shop.budget(five).await), ((1, 0), (1, 500)));
        for (key, lines, left) in [
            ("one", json!([{ "lineId": line, "quantity": 1 }]), ((1, 0), (1, 500))),
            ("rest", Value::Null, ((0, 0), (0, 0))),
        ] {
            let input =
                json!({ "purchaseId": bought["purchase"]["id"], "idempotencyKey": key, "lines": lines });
            done(&till, "purchaseRefund", PURCHASE, input).await;
            assert_eq!((shop.budget(gift).await, shop.budget(five).await), left, "{key}");
            recount(&shop.db).await;
        }
    })
    .await;
}
