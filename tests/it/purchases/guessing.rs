//! How many codes may be tried: by a customer on all devices together, and at a kiosk for all customers together.

use entities::code_entry;
use entities::values::Channel;
use sea_orm::EntityTrait;
use serde_json::json;

use super::limits::merge;
use super::{MINUTE, Shop, add, change, customer_id, done, refused, wrong};
use crate::harness::databases::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_not_guessed() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "10", None).await;
        let (ada, device) = (shop.customer(1), shop.customer(2));
        add(&ada, popcorn, 1).await;
        let codes = |from: usize, count: usize| {
            let codes: Vec<String> = (from..from + count).map(|number| format!("GUESS{number}")).collect();
            json!({ "codes": codes })
        };
        done(&ada, "cartCodesUpdate", "cart { id }", codes(0, 10)).await;
        // The same again are no new ones.
        done(&ada, "cartCodesUpdate", "cart { id }", codes(0, 10)).await;
        // Nor does it help to guess on a device before signing in.
        done(&device, "cartCodesUpdate", "cart { id }", codes(10, 9)).await;
        merge(&shop, 1, 2).await;
        shop.move_clock(MINUTE);
        done(&ada, "cartMerge", "cart { id }", json!({ "strategy": "KEEP_THEIRS" })).await;
        done(&ada, "cartCodesUpdate", "cart { id }", codes(20, 1)).await;
        let query = "mutation($input: CartCodesUpdateInput!) { cartCodesUpdate(input: $input) {
            cart { codes } userErrors { code field retryAt } } }";
        let refused = ada.good(query, json!({ "input": codes(21, 1) })).await["cartCodesUpdate"].take();
        let error =
            json!({ "code": "RATE_LIMITED", "field": ["input", "codes"], "retryAt": "2026-01-01T12:15:00.000Z" });
        assert_eq!(refused["userErrors"], json!([error]));
        assert_eq!(refused["cart"]["codes"], json!(["GUESS20"]), "what was there stays");
        let mut named = codes(22, 1);
        named["customerId"] = json!(customer_id(1).to_string());
        done(&shop.staff(), "cartCodesUpdate", "cart { id }", named).await;
        shop.move_clock(15 * MINUTE);
        done(&ada, "cartCodesUpdate", "cart { id }", codes(23, 1)).await;
        shop.move_clock(16 * MINUTE);
        shop.app.upkeep().once().await.expect("it is swept");
        let left = code_entry::Entity::find().all(shop.db.connection()).await.expect("entries");
        assert_eq!(left, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_enters_codes_on_its_own_account() {
    on_both(async |db| {
        let shop = Shop::open(db, 102).await;
        let (kiosk, ada) = (shop.at(Channel::Kiosk).await, shop.customer(1));
        let codes = |customer: u128, from: usize, count: usize| {
            let codes: Vec<String> = (from..from + count).map(|number| format!("GUESS{number}")).collect();
            json!({ "customerId": customer_id(customer).to_string(), "codes": codes })
        };
        // Ten for each of a hundred customers: then it is enough, whomever it names.
        for customer in 1..=100 {
            done(&kiosk, "cartCodesUpdate", "cart { id }", codes(customer, 0, 10)).await;
        }
        for customer in [1, 101] {
            let refusal = refused(&kiosk, "cartCodesUpdate", codes(customer, 50, 1)).await;
            assert_eq!(refusal, ("RATE_LIMITED".to_owned(), "input.codes".to_owned()));
        }
        // Whoever stands at a till does not guess.
        done(&shop.till(), "cartCodesUpdate", "cart { id }", codes(1, 50, 1)).await;
        // The customers have tried none, nor has another touchpoint.
        for from in [100, 110] {
            done(&ada, "cartCodesUpdate", "cart { id }", codes(1, from, 10)).await;
        }
        assert_eq!(refused(&ada, "cartCodesUpdate", codes(1, 120, 1)).await.0, "RATE_LIMITED");
        let other = shop.at(Channel::SmartTv).await;
        done(&other, "cartCodesUpdate", "cart { id }", codes(101, 0, 1)).await;
        shop.move_clock(15 * MINUTE);
        done(&kiosk, "cartCodesUpdate", "cart { id }", codes(102, 0, 1)).await;
        // Who is erased takes along what they tried; the kiosk's stays until it is old.
        let person = json!({ "customerId": customer_id(1).to_string() });
        done(&shop.staff(), "customerErase", "customer { id }", person).await;
        let left = code_entry::Entity::find().all(shop.db.connection()).await.expect("entries");
        let counted: Vec<_> = left.iter().map(|row| (row.customer_id, row.entered)).collect();
        assert!(counted.iter().all(|(customer, _)| customer.is_none()), "{counted:?}");
        assert_eq!(
            counted.iter().map(|(_, entered)| entered).sum::<i64>(),
            2,
            "of both touchpoints, since then"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_entered_at_a_kiosk_at_once_all_count() {
    const CUSTOMERS: u128 = 104;
    on_both(async |db| {
        let shop = Shop::open(db, CUSTOMERS).await;
        let kiosk = shop.at(Channel::Kiosk).await;
        let enter = async |number: u128| {
            let codes: Vec<String> = (0..10).map(|code| format!("GUESS{code}")).collect();
            let input = json!({ "customerId": customer_id(number).to_string(), "codes": codes });
            wrong(&change(&kiosk, "cartCodesUpdate", "cart { id }", input).await)
        };
        let entered = futures_util::future::join_all((1..=CUSTOMERS).map(enter)).await;
        let taken = entered.iter().filter(|refusal| refusal.is_none()).count();
        assert_eq!(taken, 100, "{entered:?}");
    })
    .await;
}
