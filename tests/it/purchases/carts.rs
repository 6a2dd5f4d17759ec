//! Carts: one a customer, whatever device; versions, holds, warnings, and the merge after signing in.

use std::collections::BTreeMap;

use entities::customer;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::recount::recount;
use super::{CART, MINUTE, Shop, add, change, customer_id, done, refused, text, wrong};
use crate::entities::{insert, samples};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

async fn cart_of(client: &Client<'_>) -> Value {
    client.good(&format!("{{ me {{ {CART} }} }}"), json!({})).await["me"]["cart"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_is_filled_changed_and_emptied_and_holds_what_is_in_it() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let seats = shop.product("seats", "TICKET", "10", Some(5)).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4.50", None).await;
        let ada = shop.customer(1);
        assert_eq!(cart_of(&ada).await, json!(null));
        let lines = json!([
            { "productId": seats.to_string(), "quantity": 1 },
            { "productId": popcorn.to_string() },
            { "productId": seats.to_string(), "quantity": 2 },
        ]);
        let cart = done(&ada, "cartLinesAdd", CART, json!({ "version": 0, "lines": lines })).await["cart"].take();
        assert_eq!(cart["total"]["amount"], json!("34.50"));
        let first = cart["version"].as_i64().expect("a version");
        assert_eq!(cart["holdsExpireAt"], json!("2026-01-01T12:15:00.000Z"));
        let line = |sku: &str| {
            let lines = cart["lines"].as_array().expect("lines");
            lines.iter().find(|line| line["product"]["sku"] == sku).cloned().expect("a line")
        };
        assert_eq!((&line("seats")["quantity"], &line("seats")["held"]), (&json!(3), &json!(3)));
        assert_eq!((&line("popcorn")["quantity"], &line("popcorn")["held"]), (&json!(1), &json!(0)));
        assert_eq!(shop.taken(seats).await, 3);
        // Another customer can have two, not three.
        let bob = shop.customer(2);
        let more = json!({ "lines": [{ "productId": seats.to_string(), "quantity": 3 }] });
        let short = ("OUT_OF_STOCK".to_owned(), "input.lines.0.quantity".to_owned());
        assert_eq!(refused(&bob, "cartLinesAdd", more).await, short);
        assert_eq!(cart_of(&bob).await, json!(null), "nothing was begun");
        add(&bob, seats, 2).await;
        // A stale write is refused with the cart as it is.
        let update = |version: i64, quantity: i64| {
            json!({ "version": version, "lines": [{ "id": line("seats")["id"], "quantity": quantity }] })
        };
        let stale = change(&ada, "cartLinesUpdate", CART, update(first + 7, 1)).await;
        assert_eq!(wrong(&stale), Some(("STALE".to_owned(), "input.version".to_owned())));
        assert_eq!(stale["cart"]["version"], json!(first));
        assert_eq!(refused(&ada, "cartLinesUpdate", update(first, 4)).await.0, "OUT_OF_STOCK");
        let fewer = done(&ada, "cartLinesUpdate", CART, update(first, 1)).await["cart"].take();
        assert_eq!((&fewer["version"], &fewer["total"]["amount"]), (&json!(first + 1), &json!("14.50")));
        assert_eq!(shop.taken(seats).await, 3);
        let gone = json!({ "lineIds": [line("seats")["id"], line("popcorn")["id"]] });
        let empty = done(&ada, "cartLinesRemove", CART, gone.clone()).await["cart"].take();
        assert_eq!((&empty["lines"], &empty["holdsExpireAt"]), (&json!([]), &json!(null)));
        assert_eq!(refused(&ada, "cartLinesRemove", gone).await.0, "NOT_FOUND");
        assert_eq!(shop.taken(seats).await, 2);
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_changes_are_refused_where_they_are_wrong() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let seats = shop.product("seats", "TICKET", "10", Some(5)).await;
        let (ada, product) = (shop.customer(1), seats.to_string());
        let nothing = samples::id::<entities::ids::ProductId>(99).to_string();
        for (input, code, field) in [
            (json!({ "lines": [] }), "INVALID", "input.lines"),
            (
                json!({ "lines": [{ "productId": product, "quantity": 0 }] }),
                "INVALID",
                "input.lines.0.quantity",
            ),
            (
                json!({ "lines": [{ "productId": product, "quantity": -1 }] }),
                "INVALID",
                "input.lines.0.quantity",
            ),
            (json!({ "lines": [{ "productId": nothing }] }), "NOT_FOUND", "input.lines.0.productId"),
            (json!({ "lines": [{ "productId": "x" }] }), "INVALID", "input.lines.0.productId"),
            (
                json!({ "currencyCode": "JPY", "lines": [{ "productId": product }] }),
                "INVALID",
                "input.lines.0.productId",
            ),
            (json!({ "version": 3, "lines": [{ "productId": product }] }), "STALE", "input.version"),
            (
                json!({ "customerId": customer_id(2).to_string(), "lines": [{ "productId": product }] }),
                "NOT_FOUND",
                "input.customerId",
            ),
        ] {
            let found = refused(&ada, "cartLinesAdd", input.clone()).await;
            assert_eq!(found, (code.to_owned(), field.to_owned()), "{input}");
        }
        let codes = json!({ "codes": ["ok", "not ok!"] });
        let found = refused(&ada, "cartCodesUpdate", codes).await;
        assert_eq!(found, ("INVALID".to_owned(), "input.codes.1".to_owned()));
        // A till and staff name the customer; who is nobody has no cart.
        let add = json!({ "lines": [{ "productId": product }] });
        assert_eq!(refused(&shop.till(), "cartLinesAdd", add.clone()).await.1, "input.customerId");
        let query =
            "mutation($input: CartLinesAddInput!) { cartLinesAdd(input: $input) { userErrors { code } } }";
        let input = json!({ "input": add });
        Client::anonymous(&shop.app).fails_with(query, input.clone(), "FORBIDDEN").await;
        Client::staff_without_scopes(&shop.app).fails_with(query, input, "FORBIDDEN").await;
        assert_eq!(shop.taken(seats).await, 0);
        // What a till adds, the customer sees.
        let named = json!({ "customerId": customer_id(1).to_string(), "lines": [{ "productId": product }] });
        done(&shop.till(), "cartLinesAdd", "cart { id }", named).await;
        assert_eq!(cart_of(&ada).await["lines"].as_array().map(Vec::len), Some(1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_runs_out_is_given_back_once_and_the_cart_says_so() {
    on_both(async |db| {
        let shop = Shop::open(db, 2).await;
        let seats = shop.product("seats", "TICKET", "10", Some(3)).await;
        let (ada, bob) = (shop.customer(1), shop.customer(2));
        add(&ada, seats, 2).await;
        shop.move_clock(14 * MINUTE);
        shop.sweep().await;
        assert_eq!(shop.taken(seats).await, 2, "it is held for a quarter of an hour");
        // A change holds it for another quarter, but no longer than two hours without a break.
        let cart = add(&ada, seats, 1).await;
        assert_eq!(cart["holdsExpireAt"], json!("2026-01-01T12:29:00.000Z"));
        for _ in 0..8 {
            shop.move_clock(13 * MINUTE);
            let line = cart["lines"][0]["id"].clone();
            done(&ada, "cartLinesUpdate", CART, json!({ "lines": [{ "id": line, "quantity": 3 }] })).await;
        }
        assert_eq!(cart_of(&ada).await["holdsExpireAt"], json!("2026-01-01T14:00:00.000Z"));
        shop.move_clock(20 * MINUTE);
        shop.sweep().await;
        shop.sweep().await;
        assert_eq!(shop.taken(seats).await, 0);
        let warned = cart_of(&ada).await;
        assert_eq!(warned["warnings"][0]["code"], json!("HOLD_EXPIRED"));
        assert_eq!(warned["lines"][0]["held"], json!(0));
        add(&bob, seats, 2).await;
        assert_eq!(cart_of(&ada).await["warnings"][0]["code"], json!("OUT_OF_STOCK"));
        recount(&shop.db).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_warns_of_prices_that_changed_and_codes_that_do_nothing() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4.50", None).await;
        let ada = shop.customer(1);
        add(&ada, popcorn, 2).await;
        let half = json!({ "benefit": { "percentageOff": "50" }, "codes": { "shared": "HALF26" } });
        shop.offer("half", half).await;
        let codes = json!({ "codes": ["half-26", "nothing"] });
        let cart = done(&ada, "cartCodesUpdate", CART, codes).await["cart"].take();
        assert_eq!(cart["codes"], json!(["HALF26", "NOTHING"]));
        assert_eq!(cart["total"]["amount"], json!("4.50"));
        assert_eq!(
            cart["discounts"],
            json!([{ "amount": { "amount": "4.50" }, "name": "half", "offer": { "key": "half" } }])
        );
        let warning = json!({ "code": "CODE_NOT_APPLIED", "enteredCode": "NOTHING", "lineId": null });
        assert_eq!(cart["warnings"], json!([warning]));
        let price = json!([{ "amount": "5", "currencyCode": "EUR" }]);
        done(&shop.staff(), "productUpsert", "product { id }", json!({ "sku": "popcorn", "prices": price }))
            .await;
        let cart = cart_of(&ada).await;
        assert_eq!(cart["total"]["amount"], json!("5.00"));
        assert_eq!(cart["warnings"][0]["code"], json!("PRICE_CHANGED"));
        assert_eq!(cart["warnings"][0]["lineId"], cart["lines"][0]["id"]);
        // Sold in another currency only, it keeps the price that was told and cannot be bought.
        let price = json!([{ "amount": "700", "currencyCode": "JPY" }]);
        done(&shop.staff(), "productUpsert", "product { id }", json!({ "sku": "popcorn", "prices": price }))
            .await;
        assert_eq!(cart_of(&ada).await["warnings"][0]["code"], json!("NOT_SOLD"));
        assert_eq!(refused(&ada, "cartCheckout", super::checkout("1")).await.0, "INVALID");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cart_of_who_was_erased_is_nobodys_and_its_holds_run_out() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        insert::<customer::Entity>(&shop.db, [samples::customer(7)]).await;
        let seats = shop.product("seats", "TICKET", "10", Some(3)).await;
        add(&shop.customer(7), seats, 2).await;
        let person = json!({ "customerId": customer_id(7).to_string() });
        done(&shop.staff(), "customerErase", "customer { id }", person).await;
        let lines = entities::cart_line::Entity::find()
            .filter(entities::cart_line::Column::CustomerId.eq(customer_id(7)))
            .all(shop.db.connection())
            .await;
        assert_eq!(lines.expect("lines"), []);
        let more = json!({ "lines": [{ "productId": seats.to_string() }] });
        assert_eq!(refused(&shop.customer(7), "cartLinesAdd", more).await.0, "NOT_FOUND");
        shop.move_clock(16 * MINUTE);
        shop.sweep().await;
        assert_eq!(shop.taken(seats).await, 0);
        let id = text(&shop.staff().good("{ products { nodes { id } } }", json!({})).await["products"]["nodes"][0]["id"]);
        assert_eq!(id, seats.to_string());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_for_some_products_is_taken_off_these_and_what_is_part_of_them() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let film = shop.product("film", "DIGITAL", "5", None).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4", None).await;
        let cola = shop.product("cola", "PHYSICAL", "3", None).await;
        let evening = shop.product("film-20h", "TICKET", "10", None).await;
        let part = json!({ "sku": "film-20h", "partOfId": film.to_string() });
        done(&shop.staff(), "productUpsert", "product { id }", part).await;
        let named = json!([film.to_string(), popcorn.to_string()]);
        let half = json!({ "benefit": { "percentageOff": "50" }, "benefitProductIds": named });
        let half = shop.offer("half", half).await;
        let ada = shop.customer(1);
        assert_eq!(add(&ada, cola, 1).await["discounts"], json!([]));
        for product in [popcorn, evening] {
            add(&ada, product, 1).await;
        }
        let cart = cart_of(&ada).await;
        let lines = cart["lines"].as_array().expect("lines").iter();
        let totals: BTreeMap<_, _> =
            lines.map(|line| (text(&line["product"]["sku"]), text(&line["total"]["amount"]))).collect();
        let expected = [("cola", "3.00"), ("film-20h", "5.00"), ("popcorn", "2.00")];
        assert_eq!(totals, expected.map(|(sku, total)| (sku.to_owned(), total.to_owned())).into());
        let asked = format!("{{ offer(by: {{ id: \"{half}\" }}) {{ version benefitProductIds }} }}");
        let mut offer = shop.staff().good(&asked, json!({})).await["offer"].take();
        assert_eq!(offer["benefitProductIds"], named);
        let unknown =
            json!({ "id": half.to_string(), "benefitProductIds": ["prd_00000000000000000000000009"], "version": offer["version"].take() });
        let found = refused(&shop.staff(), "offerUpdate", unknown).await;
        assert_eq!(found, ("NOT_FOUND".to_owned(), "input.benefitProductIds".to_owned()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_may_ask_what_lies_in_the_cart() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4.50", None).await;
        let cola = shop.product("cola", "PHYSICAL", "3", None).await;
        let rule =
            "cart.subtotal >= 10 && cart.currency == 'EUR' && cart.quantity > 2 && 'cola' in cart.skus";
        let tenth =
            json!({ "benefit": { "percentageOff": "10" }, "eligibility": rule, "placements": ["home"] });
        shop.offer("tenth", tenth).await;
        let ada = shop.customer(1);
        assert_eq!(add(&ada, popcorn, 3).await["total"]["amount"], json!("13.50"), "there is no cola");
        assert_eq!(add(&ada, cola, 1).await["total"]["amount"], json!("14.85"));
        // Where no cart is priced there is none.
        let home = "{ me { experience(placements: [\"home\"]) { decision { offers { offer { key } } } } } }";
        let shown = ada.good(home, json!({})).await["me"]["experience"][0]["decision"]["offers"].take();
        assert_eq!(shown, json!([]));
        let wrong = json!({ "key": "wrong", "eligibility": "cart.totl > 3" });
        assert_eq!(refused(&shop.staff(), "offerCreate", wrong).await.1, "input.eligibility");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_does_not_apply_any_more_is_told_until_the_cart_is_changed() {
    on_both(async |db| {
        let shop = Shop::open(db, 1).await;
        let popcorn = shop.product("popcorn", "PHYSICAL", "4.50", None).await;
        let ada = shop.customer(1);
        let tenth = shop.offer("tenth", json!({ "benefit": { "percentageOff": "10" } })).await;
        let half = json!({ "benefit": { "percentageOff": "50" }, "codes": { "shared": "HALF26" } });
        let half = shop.offer("half", half).await;
        add(&ada, popcorn, 2).await;
        done(&ada, "cartCodesUpdate", "cart { id }", json!({ "codes": ["HALF26"] })).await;
        assert_eq!(cart_of(&ada).await["warnings"], json!([]));
        for offer in [tenth, half] {
            done(&shop.staff(), "offerPause", "offer { id }", json!({ "id": offer.to_string() })).await;
        }
        let asked = "{ me { cart { warnings { code message enteredCode offer { key } } } } }";
        for _ in 0..2 {
            let answer = ada.good(asked, json!({})).await;
            let message =
                "An offer does not apply any more: it took 0.45 EUR off when the cart was last changed.";
            let expected = json!([
                // One with a code is told by its code.
                {
                    "code": "CODE_NOT_APPLIED", "enteredCode": "HALF26", "offer": null,
                    "message": "The code is not one that can be used here and now.",
                },
                { "code": "OFFER_NOT_APPLIED", "enteredCode": null, "offer": null, "message": message },
            ]);
            assert_eq!(answer["me"]["cart"]["warnings"], expected);
        }
        let staff = "query($id: ID!) { customer(by: { id: $id }) { cart { warnings { offer { key } } } } }";
        let answer = shop.staff().good(staff, json!({ "id": customer_id(1).to_string() })).await;
        assert_eq!(answer["customer"]["cart"]["warnings"][1]["offer"]["key"], json!("tenth"));
        // What is refused tells nothing new.
        let stale = json!({ "version": 1, "codes": [] });
        let refused = change(&ada, "cartCodesUpdate", CART, stale).await;
        assert_eq!(refused["cart"]["warnings"][1]["code"], json!("OFFER_NOT_APPLIED"));
        let cart = done(&ada, "cartCodesUpdate", CART, json!({ "codes": [] })).await["cart"].take();
        assert_eq!(cart["warnings"], json!([]));
        assert_eq!(cart_of(&ada).await, cart);
    })
    .await;
}
