//! What is in a purchase, what an offer takes off it, and that it adds up to the cent.

use entities::timestamp::Timestamp;
use entities::values::{PurchaseStatus, TextEnum};
use serde_json::{Map, Value, json};

use super::catalogue::Item;
use super::offers::{Offers, Used};
use super::people::Person;
use super::story::Place;
use crate::domain::customers::import::CustomerRef;
use crate::domain::purchases::import::{LineRecord, PurchaseRecord, RedemptionRecord};
use crate::kernel::ids::Ids;
use crate::kernel::money::Currency;

/// What somebody is about to buy.
#[derive(Debug, Default)]
pub struct Basket {
    lines: Vec<(Item, i64)>,
    used: Option<(Used, i64)>,
}

/// When, where and under which number it is bought.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub number: String,
    pub place: Place,
    pub at: Timestamp,
}

impl Basket {
    pub fn add(&mut self, item: &Item, quantity: i64) {
        match self.lines.iter_mut().find(|(known, _)| known.id == item.id) {
            Some((_, count)) => *count += quantity,
            None => self.lines.push((item.clone(), quantity)),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn has(&self, sku: &str) -> bool {
        self.lines.iter().any(|(item, _)| item.sku == sku)
    }

    /// A tray holds five kinds of things.
    pub fn has_room(&self) -> bool {
        self.lines.len() < 5
    }

    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.lines.iter().map(|(item, _)| item)
    }

    fn gross(&self) -> i64 {
        self.lines.iter().map(|(item, quantity)| item.price * quantity).sum()
    }

    /// Uses an offer: what it takes off is never more than what is bought costs.
    pub fn redeem(&mut self, used: Used, popcorn: &Item) {
        let gross = self.gross();
        let amount = match used {
            Used::WelcomeApp => 500,
            Used::FamilyMatinee => 600,
            Used::KioskCombo => 200,
            Used::WeekdayLoyal => gross * 1500 / 10_000,
            Used::ComeBack => gross * 2500 / 10_000,
            Used::StreamTrial => gross * 5000 / 10_000,
            Used::FreePopcorn => {
                self.add(popcorn, 1);
                popcorn.price
            }
        };
        self.used = Some((used, amount.min(self.gross())));
    }

    fn discount(&self) -> i64 {
        self.used.map_or(0, |(_, amount)| amount)
    }

    /// What each line costs after the discount: shared out by price, the last cents from the front.
    fn line_totals(&self) -> Vec<i64> {
        let (gross, discount) = (self.gross().max(1), self.discount());
        let mut totals: Vec<i64> = self
            .lines
            .iter()
            .map(|(item, quantity)| item.price * quantity)
            .map(|cost| cost - discount * cost / gross)
            .collect();
        let mut left = totals.iter().sum::<i64>() - (self.gross() - discount);
        for total in &mut totals {
            let share = left.min(*total);
            *total -= share;
            left -= share;
        }
        totals
    }

    pub fn purchase(&self, ids: &Ids, offers: &Offers, person: &Person, receipt: &Receipt) -> PurchaseRecord {
        let lines = self.lines.iter().zip(self.line_totals()).map(|((item, quantity), total_minor)| {
            LineRecord { product_id: item.id, quantity: *quantity, unit_minor: item.price, total_minor }
        });
        let redemptions = self.used.iter().map(|(used, amount_minor)| RedemptionRecord {
            offer_id: offers.id(*used),
            amount_minor: *amount_minor,
        });
        PurchaseRecord {
            id: ids.next(receipt.at),
            number: receipt.number.clone(),
            customer: CustomerRef::Known(person.id),
            status: PurchaseStatus::Paid,
            channel: receipt.place.channel,
            touchpoint_id: Some(receipt.place.touchpoint),
            currency: Currency::EUR,
            total_minor: self.gross() - self.discount(),
            discount_minor: self.discount(),
            refunded_minor: 0,
            placed_at: receipt.at,
            source: "aurora".to_owned(),
            external_id: receipt.number.clone(),
            lines: lines.collect(),
            redemptions: redemptions.collect(),
        }
    }

    /// The properties of the behavior `Order Completed`.
    pub fn order(&self, offers: &Offers, receipt: &Receipt) -> Map<String, Value> {
        let products: Vec<Value> = self
            .lines
            .iter()
            .map(|(item, quantity)| {
                json!({"sku": item.sku, "name": item.name, "category": item.category,
                       "price": euros(item.price), "quantity": quantity})
            })
            .collect();
        let mut order = Map::new();
        order.insert("order_id".to_owned(), json!(receipt.number));
        order.insert("channel".to_owned(), json!(receipt.place.channel.text()));
        order.insert("total".to_owned(), json!(euros(self.gross() - self.discount())));
        order.insert("currency".to_owned(), json!("EUR"));
        order.insert("products".to_owned(), Value::Array(products));
        if let Some((used, amount)) = self.used {
            order.insert("discount".to_owned(), json!(euros(amount)));
            order.insert("coupon".to_owned(), json!(offers.rows[used as usize].key));
        }
        order
    }
}

/// An amount as behaviors write it; money that counts is in the purchase.
pub fn euros(minor: i64) -> f64 {
    minor as f64 / 100.0
}
