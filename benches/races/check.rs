//! What the tables say after the race, held against what was allowed and what buyers were answered.

use std::collections::BTreeSet;

use encircle::db::Db;
use entities::ids::PurchaseId;
use entities::purchase;
use sea_orm::{EntityTrait, QuerySelect};

use crate::databases::Database;
use crate::recount::{count, recount};
use crate::shop::{BUDGET, CAP, CODES, SEATS, Shop};
use crate::unpaid::Unpaid;

/// What is counted: what it is, how, and how many there must be.
type Count = (&'static str, String, usize);

/// Checks everything; what was found, in words.
pub fn all(database: &Database, shop: &Shop, answered: &BTreeSet<String>, unpaid: &Unpaid) -> Vec<String> {
    database.with(async |db| {
        let mut found = vec![purchases(db, answered).await];
        for (what, sql, expected) in counts(shop, answered.len(), unpaid) {
            let counted = count(db, &sql).await;
            assert_eq!(counted, expected as i64, "{what}");
            found.push(format!("{what}: {counted}"));
        }
        recount(db).await;
        found.push("stock, budgets, codes, lines, discounts and keys are what a recount gives".to_owned());
        found
    })
}

/// Who was answered has the purchase, and nobody else has one.
async fn purchases(db: &Db, answered: &BTreeSet<String>) -> String {
    let ids: Vec<PurchaseId> = purchase::Entity::find()
        .select_only()
        .column(purchase::Column::Id)
        .into_tuple()
        .all(db.connection())
        .await
        .expect("purchases are read");
    let stored: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
    assert_eq!(stored.len(), ids.len());
    assert!(stored == *answered, "purchases are not those that were answered");
    format!("purchases, each answered to the buyers of its key and to nobody else: {}", stored.len())
}

fn counts(shop: &Shop, purchases: usize, unpaid: &Unpaid) -> Vec<Count> {
    let redeemed = |key: &str| {
        format!(
            "SELECT count(*) FROM redemptions r JOIN offers o ON o.id = r.offer_id WHERE o.key = '{key}'
                AND r.status = 'REDEEMED'"
        )
    };
    let sold = |sku: &str| {
        format!(
            "SELECT CAST(coalesce(sum(l.quantity), 0) AS bigint) FROM purchase_lines l
                JOIN products p ON p.id = l.product_id JOIN purchases b ON b.id = l.purchase_id
                WHERE p.sku = '{sku}' AND b.status = 'PAID'"
        )
    };
    let taken = |sku: &str| format!("SELECT stock_taken FROM products WHERE sku = '{sku}'");
    vec![
        ("held seats sold", sold("seats"), SEATS),
        ("held seats taken", taken("seats"), SEATS),
        ("seats sold that were held for nobody", sold("encore"), SEATS),
        ("seats taken that were held for nobody", taken("encore"), SEATS),
        ("seats sold that were paid in the last moment", sold("premiere"), unpaid.paid),
        ("seats taken that were paid in the last moment", taken("premiere"), unpaid.paid),
        ("holds left", "SELECT count(*) FROM holds".to_owned(), 0),
        ("redeemed of the offer with a budget", redeemed("budgeted"), BUDGET),
        ("codes redeemed", redeemed("coded"), CODES.min(shop.codes.len())),
        (
            "codes used",
            "SELECT count(*) FROM offer_codes WHERE redeemed_at IS NOT NULL".to_owned(),
            CODES,
        ),
        (
            "customers who used the capped offer less or more often than they may",
            format!(
                "SELECT count(*) FROM (SELECT p.customer_id AS id, count(*) AS bought FROM purchases p
                    WHERE p.status <> 'CANCELED' GROUP BY p.customer_id) AS b WHERE CASE WHEN b.bought > {CAP} THEN {CAP} ELSE b.bought END <>
                    (SELECT count(*) FROM redemptions r JOIN offers o ON o.id = r.offer_id
                        WHERE o.key = 'capped' AND r.customer_id = b.id AND r.status IN ('HELD', 'REDEEMED'))"
            ),
            0,
        ),
        ("keys", "SELECT count(*) FROM idempotency_keys".to_owned(), purchases),
        (
            "behaviors recorded with them",
            "SELECT count(*) FROM behaviors WHERE name = 'Order Completed'".to_owned(),
            purchases - unpaid.called_off,
        ),
    ]
}
