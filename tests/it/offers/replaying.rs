//! What an offer would have cost: purchases replayed in the order of time.

use encircle::db::Db;
use entities::timestamp::Timestamp;
use entities::values::PurchaseStatus;
use entities::{customer, product, purchase, purchase_line};
use serde_json::{Value, json};

use super::{DAY, Desk, NOON};
use crate::entities::{insert, samples};
use crate::harness::databases::on_both;

const COST: &str = "simulation { lookedAt reach { reached { customers } } cost { purchases redemptions unknown
    totals { redemptions off { amount currencyCode } offEstimate { amount } revenue { amount } revenueEstimate { amount } }
    caps { limit code firstAt purchases } } }";

fn days_ago(days: i64) -> Timestamp {
    Timestamp(NOON.millis() - days * DAY)
}

/// A purchase that was paid.
fn paid(number: u128, customer: u128, days: i64, currency: &str, total_minor: i64) -> purchase::Model {
    purchase::Model {
        currency: currency.to_owned(),
        total_minor,
        refunded_minor: 0,
        status: PurchaseStatus::Paid,
        ..samples::purchase(number, customer, days_ago(days))
    }
}

/// Three customers, one of whom another turned out to be, and what they bought.
async fn world(db: &Db) {
    let merged = customer::Model { merged_into: Some(samples::id(1)), ..samples::customer(4) };
    insert::<customer::Entity>(db, (1..=3).map(samples::customer).chain([merged])).await;
    let purchases = [
        paid(1, 1, 9, "EUR", 1_005),
        paid(2, 1, 8, "EUR", 999),
        paid(3, 1, 7, "EUR", 500),
        paid(4, 2, 6, "USD", 2_000),
        paid(5, 2, 11, "EUR", 7_777),
        purchase::Model { status: PurchaseStatus::Pending, ..paid(6, 2, 5, "EUR", 8_888) },
        purchase::Model { status: PurchaseStatus::Refunded, ..paid(7, 3, 5, "EUR", 8_888) },
        purchase::Model { status: PurchaseStatus::Canceled, ..paid(8, 3, 5, "EUR", 8_888) },
        purchase::Model { status: PurchaseStatus::PartiallyRefunded, ..paid(9, 3, 4, "EUR", 10) },
        paid(10, 4, 3, "EUR", 100),
        paid(11, 3, 2, "EUR", 0),
    ];
    insert::<purchase::Entity>(db, purchases).await;
}

impl Desk {
    /// The cost of an offer for everybody since ten days ago.
    async fn cost(&self, parts: Value) -> Value {
        let since = json!({ "since": days_ago(10).to_string() });
        self.simulated(COST, parts, since).await["cost"].take()
    }
}

fn total(redemptions: u64, currency: &str, off: &str, revenue: &str) -> Value {
    json!({
        "redemptions": redemptions, "off": { "amount": off, "currencyCode": currency }, "offEstimate": { "amount": off },
        "revenue": { "amount": revenue }, "revenueEstimate": { "amount": revenue },
    })
}

fn cap(limit: &str, code: &str, days: i64, purchases: u64) -> Value {
    json!({ "limit": limit, "code": code, "firstAt": days_ago(days).to_string(), "purchases": purchases })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_is_taken_off_to_the_cent_in_every_currency() {
    on_both(async |db| {
        world(&db).await;
        let desk = Desk::open(db).await;
        // 100.5 → 101, 99.9 → 100, 50, 1, 10 of euros; 200 of dollars.
        let expected = json!({
            "purchases": 7, "redemptions": 6, "unknown": 0, "caps": [],
            "totals": [total(5, "EUR", "2.62", "26.14"), total(1, "USD", "2.00", "20.00")],
        });
        assert_eq!(desk.cost(json!({ "benefit": { "percentageOff": "10" } })).await, expected);
        let all = desk.cost(json!({ "benefit": { "percentageOff": "100" } })).await;
        assert_eq!(all["totals"][0]["off"]["amount"], "26.14");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_is_taken_off_in_its_own_currency_and_never_more_than_was_paid() {
    on_both(async |db| {
        world(&db).await;
        let desk = Desk::open(db).await;
        let benefit =
            |code: &str| json!({ "benefit": { "amountOff": { "amount": "5.00", "currencyCode": code } } });
        // 500, 500, 500, 10, 100.
        let euros = desk.cost(benefit("EUR")).await;
        assert_eq!(euros["totals"], json!([total(5, "EUR", "16.10", "26.14")]));
        let dollars = desk.cost(benefit("USD")).await;
        assert_eq!(dollars["totals"], json!([total(1, "USD", "5.00", "20.00")]));
        let francs = desk.cost(benefit("CHF")).await;
        let expected = json!({ "purchases": 7, "redemptions": 0, "unknown": 0, "totals": [], "caps": [] });
        assert_eq!(francs, expected);
        assert_eq!(desk.cost(json!({})).await, expected, "one that only informs costs nothing");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_bind_in_the_order_of_time_and_say_when() {
    on_both(async |db| {
        world(&db).await;
        let desk = Desk::open(db).await;
        let limited = |limits: Value| json!({ "benefit": { "percentageOff": "10" }, "limits": limits });
        // Two of the first customer; what was bought by whom it turned out to be is its own.
        let twice = desk.cost(limited(json!({ "perCustomer": 2 }))).await;
        assert_eq!(twice["caps"], json!([cap("PER_CUSTOMER", "CAP_REACHED", 7, 2)]));
        let totals = json!([total(3, "EUR", "2.02", "20.14"), total(1, "USD", "2.00", "20.00")]);
        assert_eq!((&twice["totals"], &twice["redemptions"]), (&totals, &json!(4)));
        // Today and the day before: of days 9, 8, 7 and 3 the second is stopped.
        let period = desk.cost(limited(json!({ "perPeriod": 1, "period": "P2D" }))).await;
        assert_eq!(period["caps"], json!([cap("PER_PERIOD", "CAP_REACHED", 8, 1)]));
        assert_eq!(period["totals"][0], total(4, "EUR", "1.62", "16.15"));
        // Three in all: what comes fourth is stopped, and all after it.
        let budget = desk.cost(limited(json!({ "total": 3 }))).await;
        assert_eq!(budget["caps"], json!([cap("TOTAL", "BUDGET_SPENT", 6, 3)]));
        assert_eq!(budget["totals"], json!([total(3, "EUR", "2.51", "25.04")]));
        // 1.01, then 2.01: the first that is stopped is the third, whatever its currency.
        let euros = json!({ "amount": "1.50", "currencyCode": "EUR" });
        let amount = desk.cost(limited(json!({ "amount": euros }))).await;
        assert_eq!(amount["caps"], json!([cap("AMOUNT", "BUDGET_SPENT", 7, 4)]));
        assert_eq!(amount["totals"], json!([total(2, "EUR", "2.01", "20.04")]));
        // Of dollars nothing is taken before day 6: what follows is stopped.
        let dollars = json!({ "amount": "2.00", "currencyCode": "USD" });
        let amount = desk.cost(limited(json!({ "amount": dollars }))).await;
        assert_eq!(amount["caps"], json!([cap("AMOUNT", "BUDGET_SPENT", 4, 2)]));
        // All of them together: each purchase is stopped by the first that stops it.
        let limits = json!({ "perCustomer": 2, "total": 3, "perPeriod": 1, "period": "P2D" });
        let all = desk.cost(limited(limits)).await;
        let expected = json!([
            cap("PER_CUSTOMER", "CAP_REACHED", 3, 1),
            cap("PER_PERIOD", "CAP_REACHED", 8, 1),
            cap("TOTAL", "BUDGET_SPENT", 4, 1),
        ]);
        assert_eq!((&all["caps"], &all["redemptions"]), (&expected, &json!(3)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_and_days_of_the_week_are_those_of_the_purchase_and_the_first_day_is_not() {
    on_both(async |db| {
        insert::<customer::Entity>(&db, [samples::customer(1)]).await;
        let at = |number: u128, hours: i64| purchase::Model {
            placed_at: Timestamp(NOON.millis() - hours * DAY / 24),
            ..paid(number, 1, 0, "EUR", 100)
        };
        // At noon and at eight in the evening of the days before, and on the Thursday a week ago.
        insert::<purchase::Entity>(&db, [at(1, 24), at(2, 16), at(3, 48), at(4, 40), at(5, 168), at(6, 0)])
            .await;
        let desk = Desk::open(db).await;
        let scheduled =
            |schedule: Value| json!({ "benefit": { "percentageOff": "10" }, "schedule": schedule });
        let redeemed = async |schedule: Value| desk.cost(scheduled(schedule)).await["redemptions"].clone();
        assert_eq!(redeemed(json!({})).await, 6);
        assert_eq!(redeemed(json!({ "from": "11:00", "until": "13:00" })).await, 4);
        assert_eq!(redeemed(json!({ "weekdays": ["THURSDAY"] })).await, 2);
        assert_eq!(redeemed(json!({ "startsOn": "2026-01-01", "endsOn": "2026-01-31" })).await, 6);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_costs_what_was_paid_for_it_and_what_is_not_recorded_is_not_guessed() {
    on_both(async |db| {
        world(&db).await;
        insert::<product::Entity>(&db, samples::products()).await;
        let line =
            |number: u128, purchase: u128, customer: u128, product: u128, quantity: i64, total_minor: i64| {
                purchase_line::Model {
                    id: samples::id(number),
                    customer_id: samples::id(customer),
                    purchase_id: samples::id(purchase),
                    position: number as i32,
                    product_id: samples::id(product),
                    quantity,
                    unit_minor: 400,
                    total_minor,
                    stock_taken: 0,
                    refunded_quantity: 0,
                    refunded_minor: 0,
                }
            };
        // Two of it, for 3.00 each; none of it; one of it, for less than its price.
        let lines = [
            line(1, 1, 1, 2, 2, 600),
            line(2, 2, 1, 1, 1, 400),
            line(3, 4, 2, 2, 1, 250),
            line(4, 4, 2, 1, 1, 999),
        ];
        insert::<purchase_line::Entity>(&db, lines).await;
        let desk = Desk::open(db).await;
        let product = samples::products()[1].id.to_string();
        let expected = json!({
            "purchases": 7, "redemptions": 2, "unknown": 3, "caps": [],
            "totals": [total(1, "EUR", "4.00", "10.05"), total(1, "USD", "2.50", "20.00")],
        });
        assert_eq!(desk.cost(json!({ "benefit": { "freeProduct": product } })).await, expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_are_reached_buy_with_it() {
    on_both(async |db| {
        world(&db).await;
        let desk = Desk::open(db).await;
        let id = samples::id::<entities::ids::CustomerId>(1);
        let input = json!({ "customerId": id.to_string(), "traits": { "plan": "gold" } });
        desk.done("customerUpdate", "customer { id }", input).await;
        let parts = json!({ "benefit": { "percentageOff": "10" }, "eligibility": "traits.plan == 'gold'" });
        let cost = desk.cost(parts).await;
        assert_eq!((&cost["purchases"], &cost["redemptions"]), (&json!(4), &json!(4)));
        assert_eq!(cost["totals"], json!([total(4, "EUR", "2.61", "26.04")]));
    })
    .await;
}

/// One of four is looked at, and takes of the budget as four do.
#[tokio::test(flavor = "multi_thread")]
async fn a_sample_takes_of_the_budget_as_all_would() {
    on_both(async |db| {
        insert::<customer::Entity>(&db, (1..=40).map(samples::customer)).await;
        let bought = (1..=40).map(|number| paid(number, number, 5, "EUR", 1_000 ));
        insert::<purchase::Entity>(&db, bought).await;
        let desk = Desk::open(db).await;
        let parts = json!({ "benefit": { "percentageOff": "10" }, "limits": { "total": 20 } });
        let rest = json!({ "since": days_ago(10).to_string(), "sample": 10 });
        let told = desk.simulated(COST, parts.clone(), rest).await;
        assert_eq!((&told["lookedAt"], &told["cost"]["redemptions"]), (&json!(10), &json!(5)));
        let expected = json!([{
            "redemptions": 5, "off": { "amount": "5.00", "currencyCode": "EUR" }, "offEstimate": { "amount": "20.00" },
            "revenue": { "amount": "50.00" }, "revenueEstimate": { "amount": "200.00" },
        }]);
        assert_eq!(told["cost"]["totals"], expected);
        assert_eq!(told["cost"]["caps"], json!([cap("TOTAL", "BUDGET_SPENT", 5, 5)]));
        let all = desk.cost(parts).await;
        assert_eq!((&all["redemptions"], &all["totals"][0]["off"]["amount"]), (&json!(20), &json!("20.00")));
    })
    .await;
}
