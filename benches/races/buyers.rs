//! Who buys: each cart is filled by one and checked out by four at once with the same key, some by two with two keys.
//! Some want a seat, some have a code that others have too. Half of them buy at the till; the others buy on their own
//! devices, and the till takes the money once it is bought.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::Size;
use crate::checkout::{Outcome, Tally, check_out};
use crate::client::{Client, code};
use crate::crowd;
use crate::replicas::Replicas;
use crate::shop::Shop;

/// How often each checkout is sent at once.
pub const TIMES: usize = 4;
/// One purchase of so many is of a seat.
const SEATS_EVERY: usize = 20;
/// One purchase of so many has a code, and another one is made by the same customer at the same time as the one before:
/// not the same one, since who comes too late with a code leaves it unused.
const CODES_EVERY: usize = 10;
const WITH_CODE: usize = 1;
const SHARED: usize = 5;
/// How many keys are sent again with another body.
const REUSED: usize = 100;

pub struct Buyers<'a> {
    shop: &'a Shop,
    replicas: &'a Replicas,
    orders: Vec<Order>,
    next: AtomicUsize,
}

/// What is bought with one key.
#[derive(Default)]
struct Order {
    /// Whether it could be put into the cart.
    is_filled: OnceLock<bool>,
    /// What all who send it are answered.
    outcome: OnceLock<Outcome>,
}

impl<'a> Buyers<'a> {
    pub fn new(shop: &'a Shop, replicas: &'a Replicas, size: Size) -> Self {
        let orders = (0..size.checkouts / TIMES).map(|_| Order::default()).collect();
        Self { shop, replicas, orders, next: AtomicUsize::new(0) }
    }

    /// How much of the race is run.
    pub fn progress(&self) -> f64 {
        self.next.load(Ordering::Relaxed) as f64 / (self.orders.len() * TIMES) as f64
    }

    /// Buys all there is to buy.
    pub fn run(&self) -> Tally {
        let begin = || (Client::till(self.replicas), Tally::default());
        let turns = self.orders.len() * TIMES;
        let mut all = Tally::default();
        for (_, tally) in crowd::each(&self.next, turns, begin, |(client, tally), turn| {
            self.buy(client, tally, turn);
        }) {
            all.add(tally);
        }
        all
    }

    /// What was bought, each by one key.
    pub fn purchases(&self) -> BTreeSet<String> {
        let bought = self.orders.iter().filter_map(|order| order.outcome.get()?.as_ref().ok());
        let keys = bought.clone().count();
        let purchases: BTreeSet<String> = bought.cloned().collect();
        assert_eq!(keys, purchases.len(), "a purchase was made by two keys");
        purchases
    }

    fn buy(&self, till: &Client<'_>, tally: &mut Tally, turn: usize) {
        let order = &self.orders[turn / TIMES];
        let token = self.shop.tokens[self.customer(turn / TIMES)].as_ref();
        let own = token.map(|token| till.with_token(token));
        let client = own.as_ref().unwrap_or(till);
        if turn.is_multiple_of(TIMES) {
            order.is_filled.set(self.fill(client, turn)).expect("one fills it");
        }
        if !*order.is_filled.wait() {
            return;
        }
        let outcome = check_out(client, turn, &self.request(turn / TIMES), tally);
        let told = order.outcome.get_or_init(|| outcome.clone());
        assert_eq!(*told, outcome, "one key, one answer");
        if let (Ok(purchase), Some(_)) = (outcome, token) {
            // By each who sent it: it is paid once.
            let input =
                json!({ "purchaseId": purchase, "paymentReference": format!("card-{}", turn / TIMES) });
            till.done(turn, "purchasePay", "purchase { id }", &input);
        }
    }

    /// The number of who gives an order.
    fn customer(&self, order: usize) -> usize {
        let number = order - usize::from(order % CODES_EVERY == SHARED);
        number % self.shop.customers.len()
    }

    /// The part of an input that says for whom it is, and who says it.
    fn input(&self, order: usize) -> Value {
        let number = self.customer(order);
        match self.shop.tokens[number] {
            Some(_) => json!({}),
            None => json!({ "customerId": self.shop.customers[number].to_string() }),
        }
    }

    /// Puts what is wanted into the cart; whether there was any.
    fn fill(&self, client: &Client<'_>, turn: usize) -> bool {
        let order = turn / TIMES;
        let wants_seat = order.is_multiple_of(SEATS_EVERY);
        let product = if wants_seat { &self.shop.seats } else { &self.shop.popcorn };
        let mut input = self.input(order);
        input["lines"] = json!([{ "productId": product }]);
        let added = client.send(turn, "cartLinesAdd", "cart { id }", &input).payload;
        match code(&added) {
            None => {}
            Some("OUT_OF_STOCK") if wants_seat => return false,
            Some(_) => panic!("{added}"),
        }
        if order % CODES_EVERY == WITH_CODE {
            let code = &self.shop.codes[order / CODES_EVERY % self.shop.codes.len()];
            let mut input = self.input(order);
            input["codes"] = json!([code]);
            client.done(turn, "cartCodesUpdate", "cart { id }", &input);
        }
        true
    }

    fn request(&self, order: usize) -> Value {
        let mut input = self.input(order);
        input["idempotencyKey"] = json!(format!("order-{order}"));
        if self.shop.tokens[self.customer(order)].is_none() {
            input["paymentReference"] = json!(format!("card-{order}"));
        }
        input
    }

    /// Sends keys again that were answered, each for another payment; how many.
    pub fn reuse_keys(&self) -> usize {
        let till = Client::till(self.replicas);
        let is_bought = |order: &usize| matches!(self.orders[*order].outcome.get(), Some(Ok(_)));
        let bought = (0..self.orders.len()).filter(is_bought).take(REUSED);
        bought
            .map(|order| {
                let mut input = self.request(order);
                input["paymentReference"] = json!("another card");
                let token = self.shop.tokens[self.customer(order)].as_ref();
                let own = token.map(|token| till.with_token(token));
                let client = own.as_ref().unwrap_or(&till);
                let answer = client.send(order, "cartCheckout", "purchase { id }", &input).payload;
                assert_eq!(code(&answer), Some("KEY_REUSED"), "{answer}");
            })
            .count()
    }
}
