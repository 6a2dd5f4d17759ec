//! Purchases that are paid in the moment at which they are called off, because nobody paid.

use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::checkout::{Tally, check_out};
use crate::client::{Client, code};
use crate::crowd;
use crate::replicas::{PENDING, Replicas};
use crate::shop::{SEATS, Shop};

/// From how long before their time until how long after it they are paid.
const AROUND: Duration = Duration::from_secs(2);

/// What was answered to who paid.
#[derive(Default)]
pub struct Unpaid {
    pub purchases: Vec<String>,
    pub paid: usize,
    pub called_off: usize,
}

/// Buys all seats of a showing without paying, and pays when the time is up.
pub fn run(shop: &Shop, replicas: &Replicas) -> Unpaid {
    let bought = Mutex::new(Vec::new());
    crowd::each(
        &AtomicUsize::new(0),
        SEATS,
        || Client::till(replicas),
        |client, number| {
            let customer = shop.latecomers[number].to_string();
            let lines = json!([{ "productId": shop.premiere }]);
            client.done(
                number,
                "cartLinesAdd",
                "cart { id }",
                &json!({ "customerId": customer, "lines": lines }),
            );
            let input = json!({ "customerId": customer, "idempotencyKey": format!("premiere-{number}") });
            let purchase = check_out(client, number, &input, &mut Tally::default()).expect("its own seat");
            bought.lock().expect("no panic").push((Instant::now(), purchase));
        },
    );
    let mut bought = bought.into_inner().expect("no panic");
    bought.sort_unstable();
    let step = 2 * AROUND / SEATS as u32;
    let begin = || (Client::till(replicas), 0, 0);
    let pay = |(client, paid, called_off): &mut (Client<'_>, usize, usize), number: usize| {
        let (at, purchase) = &bought[number];
        // From before its time until after it.
        let due = *at + PENDING - AROUND + step * number as u32;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let input = json!({ "purchaseId": purchase, "paymentReference": format!("late-{number}") });
        let payload = client.send(number, "purchasePay", "purchase { id }", &input).payload;
        match code(&payload) {
            None => *paid += 1,
            Some("CONFLICT") => *called_off += 1,
            Some(_) => panic!("{payload}"),
        }
    };
    let mut unpaid = Unpaid::default();
    for (_, paid, called_off) in crowd::each(&AtomicUsize::new(0), SEATS, begin, pay) {
        unpaid.paid += paid;
        unpaid.called_off += called_off;
    }
    unpaid.purchases = bought.into_iter().map(|(_, purchase)| purchase).collect();
    unpaid
}
