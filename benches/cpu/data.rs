//! What the tables hold: the same rows in every run and in both databases.

use encircle::db::Db;
use encircle::kernel::error::Result;
use encircle::kernel::ids::Ids;
use entities::ids::{CustomerId, ProductId, PurchaseId};
use entities::timestamp::Timestamp;
use entities::values::{Channel, OfferStatus, ProductKind, PurchaseStatus, TextEnum};
use entities::{behavior, customer, offer, product, purchase, purchase_line};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;

const CUSTOMERS: usize = 20_000;
const PRODUCTS: usize = 500;
const OFFERS: usize = 50;
/// Rows a statement: SQLite takes 32,766 values at most.
const CHUNK: usize = 2_000;

const BEGIN: Timestamp = Timestamp(1_700_000_000_000);
/// Between one customer's first visit and the next one's.
const STEP: i64 = 2_500_000;
const DAY: i64 = 86_400_000;

/// Whom the operations ask for.
pub struct Customers {
    /// Oldest first.
    pub all: Vec<Seen>,
    /// Those with at least 20 behaviors and 5 purchases.
    pub active: Vec<CustomerId>,
}

pub struct Seen {
    pub id: CustomerId,
    pub created_at: Timestamp,
}

/// Fills the tables.
pub async fn fill(db: &Db) -> Result<Customers> {
    let mut world = World { ids: Ids::seeded(1), random: ChaCha12Rng::seed_from_u64(2) };
    let customers: Vec<customer::Model> = (0..CUSTOMERS).map(|at| world.customer(at)).collect();
    let products: Vec<product::Model> = (0..PRODUCTS).map(|at| world.product(at)).collect();
    let offers: Vec<offer::Model> = (0..OFFERS).map(|at| world.offer(at)).collect();
    let mut active = Vec::new();
    let (mut behaviors, mut purchases) = (Vec::new(), Vec::new());
    for (at, customer) in customers.iter().enumerate() {
        let (did, bought) = (5 + at * 11 % 21, 1 + at * 7 % 9);
        if did >= 20 && bought >= 5 {
            active.push(customer.id);
        }
        behaviors.extend((0..did).map(|_| world.behavior(customer)));
        purchases.extend((0..bought).map(|_| world.purchase(customer)));
    }
    // As they would have come in: a customer's rows do not lie beside each other.
    behaviors.sort_by_key(|row| row.occurred_at);
    purchases.sort_by_key(|row| row.placed_at);
    let lines: Vec<_> =
        purchases.iter().enumerate().flat_map(|(at, row)| world.lines(at, row, &products)).collect();
    let seen = |row: &customer::Model| Seen { id: row.id, created_at: row.created_at };
    let all = customers.iter().map(seen).collect();
    insert::<customer::Entity>(db, customers).await?;
    insert::<product::Entity>(db, products).await?;
    insert::<offer::Entity>(db, offers).await?;
    insert::<behavior::Entity>(db, behaviors).await?;
    insert::<purchase::Entity>(db, purchases).await?;
    insert::<purchase_line::Entity>(db, lines).await?;
    Ok(Customers { all, active })
}

async fn insert<E>(db: &Db, rows: Vec<E::Model>) -> Result<()>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send,
{
    db.write(async |transaction| {
        let mut rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).peekable();
        while rows.peek().is_some() {
            let chunk: Vec<_> = rows.by_ref().take(CHUNK).collect();
            E::insert_many(chunk).exec_without_returning(transaction).await?;
        }
        Ok(())
    })
    .await
}

struct World {
    ids: Ids,
    random: ChaCha12Rng,
}

impl World {
    fn customer(&mut self, at: usize) -> customer::Model {
        let created_at = Timestamp(BEGIN.millis() + at as i64 * STEP);
        customer::Model {
            id: self.ids.next(created_at),
            created_at,
            updated_at: created_at,
            first_name: Some(self.one_of(&["Ada", "Grace", "Edsger", "Barbara", "Zoë"]).to_owned()),
            last_name: Some(self.one_of(&["Lovelace", "Hopper", "O'Neill", "Liskov", "Müller"]).to_owned()),
            email: Some(format!("customer{at}@example.com")),
            phone: None,
            birth_date: None,
            locale: (!at.is_multiple_of(4)).then(|| "de-AT".to_owned()),
            traits: json!({ "plan": self.one_of(&["gold", "silver"]), "visits": self.random.random_range(1..90) }),
            described_at: None,
            erased_at: None,
            merged_into: None,
        }
    }

    fn product(&mut self, at: usize) -> product::Model {
        product::Model {
            id: self.ids.next(BEGIN),
            sku: format!("T-{at:04}"),
            name: format!("{} {at}", self.one_of(&["Matinee", "Double feature", "Popcorn", "Late show"])),
            kind: ProductKind::Ticket,
            price_minor: self.random.random_range(300..2_500),
            currency: "EUR".to_owned(),
            stock_total: None,
            stock_taken: 0,
            part_of: None,
            attributes: json!({ "genre": "drama" }),
            starts_at: None,
            created_at: BEGIN,
            access_days: None,
        }
    }

    fn offer(&mut self, at: usize) -> offer::Model {
        let created_at = Timestamp(BEGIN.millis() + at as i64 * DAY);
        offer::Model {
            name: format!("Offer {at}"),
            status: if at.is_multiple_of(3) { OfferStatus::Draft } else { OfferStatus::Live },
            placements: json!(["home-hero", "ticket-page"]),
            channels: json!([]),
            content: json!({
                "default": { "title": "Two for one", "image": "https://cdn.example.com/two.webp" },
                "MOBILE_APP": { "title": "Two for one, tonight", "action": "open" },
            }),
            priority: self.random.random_range(0..10),
            ..offer::Model::draft(self.ids.next(created_at), &format!("offer-{at}"), created_at)
        }
    }

    fn behavior(&mut self, customer: &customer::Model) -> behavior::Model {
        let occurred_at = self.after(customer);
        let id = self.ids.next(occurred_at);
        behavior::Model {
            id,
            customer_id: customer.id,
            name: self.one_of(&["Product Viewed", "Trailer Watched", "Product Added"]).to_owned(),
            channel: self.channel(),
            touchpoint_id: None,
            device_id: None,
            properties: json!({ "sku": format!("T-{:04}", self.random.random_range(0..PRODUCTS)), "genre": "drama" }),
            occurred_at,
            received_at: occurred_at,
            source: "bench".to_owned(),
            message_id: id.to_string(),
            attributes_version: 0,
        }
    }

    fn purchase(&mut self, customer: &customer::Model) -> purchase::Model {
        let placed_at = self.after(customer);
        let id: PurchaseId = self.ids.next(placed_at);
        purchase::Model {
            id,
            number: id.to_string(),
            customer_id: customer.id,
            status: PurchaseStatus::Paid,
            channel: self.channel(),
            touchpoint_id: None,
            currency: "EUR".to_owned(),
            total_minor: self.random.random_range(300..9_000),
            discount_minor: 0,
            placed_at,
            source: "bench".to_owned(),
            external_id: id.to_string(),
            payment_reference: None,
            claimed_payment_reference: None,
            expires_at: None,
            refunded_minor: 0,
        }
    }

    /// One to three lines.
    fn lines(
        &mut self,
        at: usize,
        purchase: &purchase::Model,
        products: &[product::Model],
    ) -> Vec<purchase_line::Model> {
        let line = |position: usize| {
            let product = &products[self.random.random_range(0..products.len())];
            let (product_id, unit_minor): (ProductId, i64) = (product.id, product.price_minor);
            let quantity = self.random.random_range(1..4);
            purchase_line::Model {
                id: self.ids.next(purchase.placed_at),
                customer_id: purchase.customer_id,
                purchase_id: purchase.id,
                position: position as i32,
                product_id,
                quantity,
                unit_minor,
                total_minor: unit_minor * quantity,
                stock_taken: 0,
                refunded_quantity: 0,
                refunded_minor: 0,
            }
        };
        (0..1 + at % 3).map(line).collect()
    }

    fn channel(&mut self) -> Channel {
        Channel::ALL[self.random.random_range(0..Channel::ALL.len())]
    }

    fn after(&mut self, customer: &customer::Model) -> Timestamp {
        Timestamp(customer.created_at.millis() + self.random.random_range(0..365 * DAY))
    }

    fn one_of(&mut self, texts: &[&'static str]) -> &'static str {
        texts[self.random.random_range(0..texts.len())]
    }
}
