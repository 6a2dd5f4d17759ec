//! Who buys: each cart is filled by one and checked out by four at once with the same key, some by two with two keys.
//! Some want a seat, some have a code that others have too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::Size;
use crate::client::{Client, code};
use crate::replicas::Replicas;
use crate::shop::Shop;

/// Requests under way at the same time.
const BUYERS: usize = 32;
/// How often each checkout is sent at once.
const TIMES: usize = 4;
/// One purchase of so many is of a seat.
const SEATS_EVERY: usize = 20;
/// One purchase of so many has a code, and another one is made by the same customer at the same time as the one before:
/// not the same one, since who comes too late with a code leaves it unused.
const CODES_EVERY: usize = 10;
const WITH_CODE: usize = 1;
const SHARED: usize = 5;
/// How many keys are sent again with another body.
const REUSED: usize = 100;
/// How long to wait before a checkout is sent again that may be done by then.
const PAUSE: Duration = Duration::from_millis(50);

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
    purchase: OnceLock<Option<String>>,
}

/// What buyers were answered.
#[derive(Default)]
pub struct Answered {
    pub purchases: BTreeSet<String>,
    /// Keys that were answered with a purchase.
    keys: usize,
    checkouts: usize,
    lost: usize,
    sold_out: usize,
    /// What came after another checkout had bought the cart of both.
    bought_before: usize,
    refusals: BTreeMap<String, usize>,
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
    pub fn run(&self) -> Answered {
        let mut all = Answered::default();
        std::thread::scope(|scope| {
            let buyers: Vec<_> = (0..BUYERS).map(|_| scope.spawn(|| self.buy())).collect();
            for buyer in buyers {
                all.add(buyer.join().expect("no panic"));
            }
        });
        let bought = self.orders.iter().filter_map(|order| order.purchase.get()?.clone());
        all.purchases = bought.collect();
        all.keys = self.orders.iter().filter(|order| matches!(order.purchase.get(), Some(Some(_)))).count();
        assert_eq!(all.keys, all.purchases.len(), "a purchase was made by two keys");
        all
    }

    fn buy(&self) -> Answered {
        let (client, mut answered) = (Client::till(self.replicas), Answered::default());
        loop {
            let turn = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(order) = self.orders.get(turn / TIMES) else { return answered };
            if turn.is_multiple_of(TIMES) {
                let is_filled = self.fill(&client, turn);
                answered.sold_out += usize::from(!is_filled);
                order.is_filled.set(is_filled).expect("one fills it");
            }
            if *order.is_filled.wait() {
                let purchase = self.check_out(&client, turn, &mut answered);
                let told = order.purchase.get_or_init(|| purchase.clone());
                assert_eq!(*told, purchase, "one key, one answer");
            }
        }
    }

    fn customer(&self, turn: usize) -> String {
        let order = turn / TIMES;
        let number = order - usize::from(order % CODES_EVERY == SHARED);
        self.shop.customers[number % self.shop.customers.len()].to_string()
    }

    /// Puts what is wanted into the cart; whether there was any.
    fn fill(&self, client: &Client<'_>, turn: usize) -> bool {
        let (order, customer) = (turn / TIMES, self.customer(turn));
        let wants_seat = order.is_multiple_of(SEATS_EVERY);
        let product = if wants_seat { &self.shop.seats } else { &self.shop.popcorn };
        let input = json!({ "customerId": customer, "lines": [{ "productId": product }] });
        let added = client.send(turn, "cartLinesAdd", "cart { id }", &input).payload;
        match code(&added) {
            None => {}
            Some("OUT_OF_STOCK") if wants_seat => return false,
            Some(_) => panic!("{added}"),
        }
        if order % CODES_EVERY == WITH_CODE {
            let code = &self.shop.codes[order / CODES_EVERY % self.shop.codes.len()];
            let input = json!({ "customerId": customer, "codes": [code] });
            client.done(turn, "cartCodesUpdate", "cart { id }", &input);
        }
        true
    }

    /// What was bought; none if another checkout had bought the cart before.
    fn check_out(&self, client: &Client<'_>, turn: usize, answered: &mut Answered) -> Option<String> {
        let input = self.request(turn / TIMES);
        loop {
            let answer = client.send(turn, "cartCheckout", "purchase { id }", &input);
            answered.checkouts += 1;
            answered.lost += answer.sent - 1;
            let Some(refusal) = code(&answer.payload) else {
                return Some(answer.payload["purchase"]["id"].as_str().expect("an id").to_owned());
            };
            match refusal {
                "NOT_FOUND" => {
                    answered.bought_before += 1;
                    return None;
                }
                "IN_FLIGHT" | "STALE" | "OFFER_EXHAUSTED" | "OFFER_CAPPED" | "CODE_USED" => {
                    *answered.refusals.entry(refusal.to_owned()).or_default() += 1;
                    std::thread::sleep(PAUSE);
                }
                _ => panic!("{}", answer.payload),
            }
        }
    }

    fn request(&self, order: usize) -> Value {
        json!({
            "customerId": self.customer(order * TIMES),
            "idempotencyKey": format!("order-{order}"),
            "paymentReference": format!("card-{order}"),
        })
    }

    /// Sends keys again that were answered, each for another payment; how many.
    pub fn reuse_keys(&self) -> usize {
        let client = Client::till(self.replicas);
        let is_bought = |order: &usize| matches!(self.orders[*order].purchase.get(), Some(Some(_)));
        let bought = (0..self.orders.len()).filter(is_bought).take(REUSED);
        bought
            .map(|order| {
                let mut input = self.request(order);
                input["paymentReference"] = json!("another card");
                let answer = client.send(order, "cartCheckout", "purchase { id }", &input).payload;
                assert_eq!(code(&answer), Some("KEY_REUSED"), "{answer}");
            })
            .count()
    }
}

impl Answered {
    fn add(&mut self, other: Self) {
        self.checkouts += other.checkouts;
        self.lost += other.lost;
        self.sold_out += other.sold_out;
        self.bought_before += other.bought_before;
        for (code, count) in other.refusals {
            *self.refusals.entry(code).or_default() += count;
        }
    }
}

impl Display for Answered {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} checkouts answered, {} sent again because nobody answered; {} purchases; {} found no seat; {} came after \
             the cart was bought",
            self.checkouts,
            self.lost,
            self.purchases.len(),
            self.sold_out,
            self.bought_before
        )?;
        self.refusals.iter().try_for_each(|(code, count)| write!(f, "; {code} {count}"))
    }
}
