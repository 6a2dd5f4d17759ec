//! The endpoints' SQL for PostgreSQL: one connection a request, its statements prepared once and sent
//! together where none needs what another gives.

use std::collections::HashMap;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use entities::ids::{BehaviorId, CustomerId, OfferId, ProductId, PurchaseId, PurchaseLineId};
use entities::timestamp::Timestamp;
use serde_json::value::RawValue;
use tokio_postgres::types::{Json, ToSql};
use tokio_postgres::{NoTls, Row};
use uuid::Uuid;

use super::Failure;
use super::answers::{
    Behavior, Buyer, Customer, Customers, Home, Line, Money, Nodes, Offer, OneCustomer, Product, Purchase,
    Receipt, ReceiptLine, Visitor, mobile_content,
};

/// As many as the application has.
const CONNECTIONS: usize = 16;

const CUSTOMER: &str =
    "SELECT id, created_at, first_name, last_name, email, locale FROM customers WHERE id = $1";
const CUSTOMERS: &str = "SELECT id, first_name, last_name FROM customers WHERE created_at < $1
    ORDER BY created_at DESC, id DESC LIMIT 50";
const PURCHASES: &str = "SELECT p.* FROM unnest($1::uuid[]) AS c(id) CROSS JOIN LATERAL (
        SELECT customer_id, id, number, status, channel, placed_at, total_minor, currency FROM purchases
        WHERE customer_id = c.id ORDER BY placed_at DESC, purchases.id DESC LIMIT 5) AS p";
const LINES_WITH_PRODUCTS: &str = "SELECT l.purchase_id, l.id, l.quantity, l.total_minor, p.id, p.sku, p.name
    FROM purchase_lines AS l JOIN products AS p ON p.id = l.product_id
    WHERE l.purchase_id = ANY($1) ORDER BY l.purchase_id, l.position";

const VISITOR: &str = "SELECT id, first_name, last_name, email, traits FROM customers WHERE id = $1";
const BEHAVIORS: &str = "SELECT id, name, channel, occurred_at, properties FROM behaviors
    WHERE customer_id = $1 ORDER BY occurred_at DESC, id DESC LIMIT 20";
const RECEIPTS: &str = "SELECT id, number, status, placed_at, total_minor, currency FROM purchases
    WHERE customer_id = $1 ORDER BY placed_at DESC, id DESC LIMIT 5";
const LINES: &str = "SELECT purchase_id, id, quantity, total_minor FROM purchase_lines
    WHERE purchase_id = ANY($1) ORDER BY purchase_id, position";
const OFFERS: &str = "SELECT id, key, name, placements, content::text FROM offers
    WHERE status = 'LIVE' ORDER BY created_at DESC, id DESC LIMIT 3";

pub struct Postgres(Pool);

impl Postgres {
    pub fn open(url: &str) -> Self {
        let config = url.parse().expect("an address of PostgreSQL");
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config, NoTls, recycling);
        Self(Pool::builder(manager).max_size(CONNECTIONS).build().expect("a pool is made"))
    }

    pub async fn customer(&self, id: CustomerId) -> Result<OneCustomer, Failure> {
        let client = self.0.get().await?;
        let rows = query(&client, CUSTOMER, &[&id.0]).await?;
        let customer = |row: &Row| Customer {
            id: CustomerId(row.get(0)),
            created_at: Timestamp(row.get(1)),
            first_name: row.get(2),
            last_name: row.get(3),
            email: row.get(4),
            locale: row.get(5),
        };
        Ok(OneCustomer { customer: rows.first().map(customer) })
    }

    pub async fn customers(&self, until: Timestamp) -> Result<Customers, Failure> {
        let client = self.0.get().await?;
        let customers = query(&client, CUSTOMERS, &[&until.millis()]).await?;
        let ids: Vec<Uuid> = customers.iter().map(|row| row.get(0)).collect();
        let purchases = query(&client, PURCHASES, &[&ids]).await?;
        let ids: Vec<Uuid> = purchases.iter().map(|row| row.get(1)).collect();
        let lines = query(&client, LINES_WITH_PRODUCTS, &[&ids]).await?;

        let mut lines_of: HashMap<Uuid, Vec<&Row>> = HashMap::with_capacity(purchases.len());
        for row in &lines {
            lines_of.entry(row.get(0)).or_default().push(row);
        }
        let mut purchases_of: HashMap<Uuid, Vec<Purchase>> = HashMap::with_capacity(customers.len());
        for row in &purchases {
            let lines = lines_of.remove(&row.get(1)).unwrap_or_default();
            purchases_of.entry(row.get(0)).or_default().push(purchase(row, &lines));
        }
        let buyer = |row: &Row| {
            let id = row.get(0);
            let nodes = purchases_of.remove(&id).unwrap_or_default();
            Buyer {
                id: CustomerId(id),
                first_name: row.get(1),
                last_name: row.get(2),
                purchases: Nodes { nodes },
            }
        };
        Ok(Customers { customers: Nodes { nodes: customers.iter().map(buyer).collect() } })
    }

    pub async fn home(&self, id: CustomerId) -> Result<Home, Failure> {
        let client = self.0.get().await?;
        let by_id: [&(dyn ToSql + Sync); 1] = [&id.0];
        let (visitors, behaviors, receipts, offers) = tokio::try_join!(
            query(&client, VISITOR, &by_id),
            query(&client, BEHAVIORS, &by_id),
            receipts(&client, id),
            query(&client, OFFERS, &[]),
        )?;
        let offers = offers.iter().map(offer).collect::<Result<_, _>>()?;
        let customer = visitors.first().map(|row| Visitor {
            id: CustomerId(row.get(0)),
            first_name: row.get(1),
            last_name: row.get(2),
            email: row.get(3),
            traits: json(row, 4),
            behaviors: Nodes { nodes: behaviors.iter().map(behavior).collect() },
            purchases: Nodes { nodes: receipts },
        });
        Ok(Home { customer, offers: Nodes { nodes: offers } })
    }
}

async fn receipts(client: &Object, id: CustomerId) -> Result<Vec<Receipt>, Failure> {
    let purchases = query(client, RECEIPTS, &[&id.0]).await?;
    let ids: Vec<Uuid> = purchases.iter().map(|row| row.get(0)).collect();
    let lines = query(client, LINES, &[&ids]).await?;
    let receipt = |row: &Row| {
        let (id, currency): (Uuid, &str) = (row.get(0), row.get(5));
        let of_purchase = lines.iter().filter(|line| line.get::<_, Uuid>(0) == id);
        Receipt {
            id: PurchaseId(id),
            number: row.get(1),
            status: row.get(2),
            placed_at: Timestamp(row.get(3)),
            total: money(row.get(4), currency),
            lines: of_purchase
                .map(|line| ReceiptLine {
                    id: PurchaseLineId(line.get(1)),
                    quantity: line.get(2),
                    total: money(line.get(3), currency),
                })
                .collect(),
        }
    };
    Ok(purchases.iter().map(receipt).collect())
}

fn purchase(row: &Row, lines: &[&Row]) -> Purchase {
    let currency: &str = row.get(7);
    let line = |row: &&Row| Line {
        id: PurchaseLineId(row.get(1)),
        quantity: row.get(2),
        total: money(row.get(3), currency),
        product: Product { id: ProductId(row.get(4)), sku: row.get(5), name: row.get(6) },
    };
    Purchase {
        id: PurchaseId(row.get(1)),
        number: row.get(2),
        status: row.get(3),
        channel: row.get(4),
        placed_at: Timestamp(row.get(5)),
        total: money(row.get(6), currency),
        lines: lines.iter().map(line).collect(),
    }
}

fn behavior(row: &Row) -> Behavior {
    Behavior {
        id: BehaviorId(row.get(0)),
        name: row.get(1),
        channel: row.get(2),
        occurred_at: Timestamp(row.get(3)),
        properties: json(row, 4),
    }
}

fn offer(row: &Row) -> Result<Offer, Failure> {
    Ok(Offer {
        id: OfferId(row.get(0)),
        key: row.get(1),
        name: row.get(2),
        placements: json(row, 3),
        content: mobile_content(row.get(4))?,
    })
}

fn money(minor: i64, currency: &str) -> Money {
    Money { minor, currency_code: currency.to_owned() }
}

fn json(row: &Row, at: usize) -> Box<RawValue> {
    let Json(raw): Json<&RawValue> = row.get(at);
    raw.to_owned()
}

async fn query(client: &Object, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Failure> {
    let statement = client.prepare_cached(sql).await?;
    Ok(client.query(&statement, parameters).await?)
}
