//! The endpoints' SQL for SQLite, run where the request runs. A statement a parent is no sin here, where it is
//! a walk down an index and there is no way to the database and back; where rows are shared, a batch is less.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};

use entities::ids::{BehaviorId, CustomerId, Id, OfferId, ProductId, PurchaseId, PurchaseLineId};
use entities::timestamp::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Row};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::Failure;
use super::answers::{
    Behavior, Buyer, Customer, Customers, Home, Line, Money, Nodes, Offer, OneCustomer, Product, Purchase,
    Receipt, ReceiptLine, Visitor, mobile_content,
};

const CUSTOMER: &str =
    "SELECT id, created_at, first_name, last_name, email, locale FROM customers WHERE id = ?1";
const CUSTOMERS: &str = "SELECT id, first_name, last_name FROM customers WHERE created_at < ?1
    ORDER BY created_at DESC, id DESC LIMIT 50";
const PURCHASES: &str = "SELECT id, number, status, channel, placed_at, total_minor, currency FROM purchases
    WHERE customer_id = ?1 ORDER BY placed_at DESC, id DESC LIMIT 5";
const LINES_OF_ALL: &str = "SELECT purchase_id, id, quantity, total_minor, product_id FROM purchase_lines
    WHERE purchase_id IN rarray(?1) ORDER BY purchase_id, position";
const PRODUCTS: &str = "SELECT id, sku, name FROM products WHERE id IN rarray(?1)";

const VISITOR: &str = "SELECT id, first_name, last_name, email, traits FROM customers WHERE id = ?1";
const BEHAVIORS: &str = "SELECT id, name, channel, occurred_at, properties FROM behaviors
    WHERE customer_id = ?1 ORDER BY occurred_at DESC, id DESC LIMIT 20";
const RECEIPTS: &str = "SELECT id, number, status, placed_at, total_minor, currency FROM purchases
    WHERE customer_id = ?1 ORDER BY placed_at DESC, id DESC LIMIT 5";
const LINES: &str = "SELECT id, quantity, total_minor FROM purchase_lines
    WHERE purchase_id = ?1 ORDER BY position";
const OFFERS: &str = "SELECT id, key, name, placements, content FROM offers
    WHERE status = 'LIVE' ORDER BY created_at DESC, id DESC LIMIT 3";

/// Connections at rest.
pub struct Sqlite {
    file: String,
    idle: Mutex<Vec<Connection>>,
}

impl Sqlite {
    pub fn new(file: &str) -> Self {
        Self { file: file.to_owned(), idle: Mutex::default() }
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let connection = Connection::open_with_flags(&self.file, flags)?;
                connection.pragma_update(None, "mmap_size", 1 << 30)?;
                // Statements are planned once, not for every value.
                connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
                rusqlite::vtab::array::load_module(&connection)?;
                connection
            }
        };
        let result = work(&connection);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }

    pub fn customer(&self, id: CustomerId) -> Result<OneCustomer, Failure> {
        self.read(|connection| {
            let customers = rows(connection, CUSTOMER, id, |row| {
                Ok(Customer {
                    id: key(row, 0)?,
                    created_at: Timestamp(row.get(1)?),
                    first_name: row.get(2)?,
                    last_name: row.get(3)?,
                    email: row.get(4)?,
                    locale: row.get(5)?,
                })
            })?;
            Ok(OneCustomer { customer: customers.into_iter().next() })
        })
    }

    pub fn customers(&self, until: Timestamp) -> Result<Customers, Failure> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(CUSTOMERS)?;
            let mut found = statement.query([until.millis()])?;
            let mut nodes: Vec<Buyer> = Vec::with_capacity(50);
            while let Some(row) = found.next()? {
                let id: CustomerId = key(row, 0)?;
                nodes.push(Buyer {
                    id,
                    first_name: row.get(1)?,
                    last_name: row.get(2)?,
                    purchases: Nodes { nodes: purchases(connection, id)? },
                });
            }
            add_lines(connection, &mut nodes)?;
            Ok(Customers { customers: Nodes { nodes } })
        })
    }

    pub fn home(&self, id: CustomerId) -> Result<Home, Failure> {
        self.read(|connection| {
            let customers = rows(connection, VISITOR, id, |row| {
                Ok(Visitor {
                    id: key(row, 0)?,
                    first_name: row.get(1)?,
                    last_name: row.get(2)?,
                    email: row.get(3)?,
                    traits: json(row, 4)?,
                    behaviors: Nodes { nodes: behaviors(connection, id)? },
                    purchases: Nodes { nodes: receipts(connection, id)? },
                })
            })?;
            let offers = Nodes { nodes: offers(connection)? };
            Ok(Home { customer: customers.into_iter().next(), offers })
        })
    }
}

fn purchases(connection: &Connection, customer: CustomerId) -> Result<Vec<Purchase>, Failure> {
    rows(connection, PURCHASES, customer, |row| {
        let total = money(row, 5, 6)?;
        Ok(Purchase {
            id: key(row, 0)?,
            number: row.get(1)?,
            status: row.get(2)?,
            channel: row.get(3)?,
            placed_at: Timestamp(row.get(4)?),
            lines: Vec::new(),
            total,
        })
    })
}

/// Reads the lines of all purchases at once, and each product once.
fn add_lines(connection: &Connection, buyers: &mut [Buyer]) -> Result<(), Failure> {
    let purchases = || buyers.iter().flat_map(|buyer| &buyer.purchases.nodes);
    let mut lines_of: HashMap<PurchaseId, Vec<(PurchaseLineId, i64, i64, ProductId)>> = HashMap::new();
    let mut statement = connection.prepare_cached(LINES_OF_ALL)?;
    let mut found = statement.query([list(purchases().map(|purchase| purchase.id))])?;
    while let Some(row) = found.next()? {
        let line = (key(row, 1)?, row.get(2)?, row.get(3)?, key(row, 4)?);
        lines_of.entry(key(row, 0)?).or_default().push(line);
    }
    let wanted: HashSet<ProductId> = lines_of.values().flatten().map(|line| line.3).collect();
    let mut products: HashMap<ProductId, Product> = HashMap::with_capacity(wanted.len());
    let mut statement = connection.prepare_cached(PRODUCTS)?;
    let mut found = statement.query([list(wanted.into_iter())])?;
    while let Some(row) = found.next()? {
        let id = key(row, 0)?;
        products.insert(id, Product { id, sku: row.get(1)?, name: row.get(2)? });
    }
    for purchase in buyers.iter_mut().flat_map(|buyer| &mut buyer.purchases.nodes) {
        for (id, quantity, minor, product) in lines_of.remove(&purchase.id).unwrap_or_default() {
            let product = products.get(&product).ok_or("a line without its product")?.clone();
            let total = Money { minor, currency_code: purchase.total.currency_code.clone() };
            purchase.lines.push(Line { id, quantity, total, product });
        }
    }
    Ok(())
}

/// Ids as a list that a statement takes as one value.
fn list(ids: impl Iterator<Item = impl Id>) -> Rc<Vec<Value>> {
    Rc::new(ids.map(|id| Value::Blob(id.uuid().as_bytes().to_vec())).collect())
}

fn behaviors(connection: &Connection, customer: CustomerId) -> Result<Vec<Behavior>, Failure> {
    rows(connection, BEHAVIORS, customer, |row| {
        Ok(Behavior {
            id: key::<BehaviorId>(row, 0)?,
            name: row.get(1)?,
            channel: row.get(2)?,
            occurred_at: Timestamp(row.get(3)?),
            properties: json(row, 4)?,
        })
    })
}

fn receipts(connection: &Connection, customer: CustomerId) -> Result<Vec<Receipt>, Failure> {
    rows(connection, RECEIPTS, customer, |row| {
        let (id, total) = (key(row, 0)?, money(row, 4, 5)?);
        let lines = rows(connection, LINES, id, |line| {
            Ok(ReceiptLine {
                id: key(line, 0)?,
                quantity: line.get(1)?,
                total: Money { minor: line.get(2)?, currency_code: total.currency_code.clone() },
            })
        })?;
        Ok(Receipt {
            id,
            number: row.get(1)?,
            status: row.get(2)?,
            placed_at: Timestamp(row.get(3)?),
            lines,
            total,
        })
    })
}

fn offers(connection: &Connection) -> Result<Vec<Offer>, Failure> {
    let mut statement = connection.prepare_cached(OFFERS)?;
    let mut found = statement.query([])?;
    let mut offers = Vec::with_capacity(3);
    while let Some(row) = found.next()? {
        offers.push(Offer {
            id: key::<OfferId>(row, 0)?,
            key: row.get(1)?,
            name: row.get(2)?,
            placements: json(row, 3)?,
            content: mobile_content(row.get_ref(4)?.as_str()?)?,
        });
    }
    Ok(offers)
}

/// The rows that belong to one id.
fn rows<T>(
    connection: &Connection,
    sql: &str,
    of: impl Id,
    read: impl Fn(&Row<'_>) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query([of.uuid().as_bytes()])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        rows.push(read(row)?);
    }
    Ok(rows)
}

fn key<I: Id>(row: &Row<'_>, at: usize) -> Result<I, Failure> {
    Ok(I::from_uuid(Uuid::from_slice(row.get_ref(at)?.as_blob()?)?))
}

fn money(row: &Row<'_>, minor: usize, currency: usize) -> Result<Money, Failure> {
    Ok(Money { minor: row.get(minor)?, currency_code: row.get(currency)? })
}

fn json(row: &Row<'_>, at: usize) -> Result<Box<RawValue>, Failure> {
    Ok(RawValue::from_string(row.get(at)?)?)
}
