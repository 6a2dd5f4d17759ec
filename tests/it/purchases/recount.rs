//! The ledger recounted: what is taken is what holds, lines and redemptions say.

use std::collections::BTreeSet;

use encircle::db::Db;
use entities::ids::PurchaseId;
use entities::purchase;
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect, Statement};

/// What may not be found, each with the reason.
const FAULTS: &[(&str, &str)] = &[
    (
        "a stock is not what is held and sold",
        "SELECT p.sku FROM products p WHERE p.stock_taken <>
            COALESCE((SELECT sum(h.quantity) FROM holds h WHERE h.product_id = p.id), 0)
            + COALESCE((SELECT sum(l.stock_taken) FROM purchase_lines l WHERE l.product_id = p.id), 0)",
    ),
    (
        "more is taken than there is",
        "SELECT sku FROM products WHERE stock_taken < 0 OR stock_taken > stock_total",
    ),
    (
        "a budget is not what redemptions take",
        "SELECT o.key FROM offers o LEFT JOIN offer_budgets b ON b.offer_id = o.id
            WHERE COALESCE(b.taken, 0) <> (SELECT count(*) FROM redemptions r
                WHERE r.offer_id = o.id AND r.status IN ('HELD', 'REDEEMED'))
            OR COALESCE(b.taken_minor, 0) <> COALESCE((SELECT sum(r.amount_minor - r.returned_minor) FROM redemptions r
                WHERE r.offer_id = o.id AND r.status IN ('HELD', 'REDEEMED') AND r.currency = o.limit_currency), 0)",
    ),
    (
        "more is redeemed than the limit",
        "SELECT o.key FROM offers o JOIN offer_budgets b ON b.offer_id = o.id
            WHERE b.taken > o.limit_total OR b.taken_minor > o.limit_minor OR b.taken < 0 OR b.taken_minor < 0",
    ),
    (
        "a purchase is not the sum of its lines",
        "SELECT p.number FROM purchases p WHERE p.total_minor <>
            (SELECT sum(l.total_minor) FROM purchase_lines l WHERE l.purchase_id = p.id)
            OR p.refunded_minor <> (SELECT sum(l.refunded_minor) FROM purchase_lines l WHERE l.purchase_id = p.id)
                AND p.status <> 'CANCELED'",
    ),
    (
        "a purchase lacks redemptions of its discount",
        "SELECT p.number FROM purchases p WHERE p.discount_minor <>
            COALESCE((SELECT sum(r.amount_minor) FROM redemptions r WHERE r.purchase_id = p.id), 0)",
    ),
    (
        "lines do not bear what a redemption takes off",
        "SELECT p.number FROM redemptions r JOIN purchases p ON p.id = r.purchase_id WHERE r.amount_minor <>
            (SELECT sum(d.amount_minor) FROM line_discounts d WHERE d.redemption_id = r.id)
            OR r.returned_minor <> (SELECT sum(d.returned_minor) FROM line_discounts d WHERE d.redemption_id = r.id)",
    ),
    (
        "a used code has no redemption that counts",
        "SELECT 'code' FROM offer_codes c WHERE c.redeemed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM redemptions r
            WHERE r.id = c.redemption_id AND r.status IN ('HELD', 'REDEEMED'))",
    ),
    (
        "stock of a purchase that is no more was not given back",
        "SELECT p.number FROM purchase_lines l JOIN purchases p ON p.id = l.purchase_id
            WHERE p.status IN ('CANCELED', 'REFUNDED') AND l.stock_taken > 0",
    ),
    (
        "more of a line is taken from the stock than is left of it",
        "SELECT p.number FROM purchase_lines l JOIN purchases p ON p.id = l.purchase_id
            WHERE l.stock_taken > l.quantity - l.refunded_quantity",
    ),
    (
        "an offer is held or used by a purchase that is not",
        "SELECT p.number FROM redemptions r JOIN purchases p ON p.id = r.purchase_id
            WHERE r.status = 'HELD' AND p.status <> 'PENDING'
            OR r.status = 'REDEEMED' AND p.status IN ('CANCELED', 'REFUNDED')",
    ),
    (
        "what was refunded whole may still be used",
        "SELECT p.number FROM entitlements e JOIN purchase_lines l ON l.id = e.purchase_line_id
            JOIN purchases p ON p.id = l.purchase_id
            WHERE e.revoked_at IS NULL AND (l.refunded_quantity = l.quantity OR p.status IN ('CANCELED', 'REFUNDED'))",
    ),
];

/// What is known of requests that made purchases or changed them.
const PURCHASED: &str =
    "SELECT result FROM idempotency_keys WHERE operation IN ('cartCheckout', 'purchaseRefund')";

/// Checks that the ledger's sums are what a recount gives.
pub async fn recount(db: &Db) {
    let connection = db.connection();
    for (fault, sql) in FAULTS {
        let statement = Statement::from_string(connection.get_database_backend(), *sql);
        let rows = connection.query_all_raw(statement).await.expect("the query runs");
        let names: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).expect("a name")).collect();
        assert!(names.is_empty(), "{fault}: {names:?}");
    }
    let ids: Vec<PurchaseId> = purchase::Entity::find()
        .select_only()
        .column(purchase::Column::Id)
        .into_tuple()
        .all(connection)
        .await
        .expect("purchases are read");
    let ids: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
    let statement = Statement::from_string(connection.get_database_backend(), PURCHASED);
    for row in connection.query_all_raw(statement).await.expect("the query runs") {
        let result: String = row.try_get_by_index(0).expect("a result");
        assert!(ids.contains(&result), "a key has no purchase: {result}");
    }
}

pub async fn count(db: &Db, sql: &str) -> i64 {
    let connection = db.connection();
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.expect("the query runs").expect("a row");
    row.try_get_by_index(0).expect("a number")
}
