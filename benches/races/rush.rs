//! Seats that lie in more carts than there are, held for nobody: who checks out first has them.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicUsize;

use serde_json::json;

use crate::checkout::{Tally, check_out};
use crate::client::Client;
use crate::crowd;
use crate::replicas::Replicas;
use crate::shop::{SEATS, Shop};

/// How many want one, at most.
const WANTED: usize = 500;
/// How often each checkout is sent at once.
const TIMES: usize = 2;

/// Races for them; the purchases, and what was answered.
pub fn run(shop: &Shop, replicas: &Replicas) -> (BTreeSet<String>, Tally) {
    let customers = &shop.customers[..shop.customers.len().min(WANTED)];
    // As long as there is no end of them nothing is held.
    crowd::each(
        &AtomicUsize::new(0),
        customers.len(),
        || Client::till(replicas),
        |client, number| {
            let lines = json!([{ "productId": shop.encore }]);
            let input = json!({ "customerId": customers[number].to_string(), "lines": lines });
            client.done(number, "cartLinesAdd", "cart { id }", &input);
        },
    );
    let adjusted = json!({ "productId": shop.encore, "adjustment": { "total": SEATS } });
    Client::staff(replicas).done(0, "stockAdjust", "product { id }", &adjusted);
    let begin = || (Client::till(replicas), Tally::default(), BTreeSet::new());
    let turns = customers.len() * TIMES;
    let buy = |(client, tally, bought): &mut (Client<'_>, Tally, BTreeSet<String>), turn: usize| {
        let number = turn / TIMES;
        let input = json!({
            "customerId": customers[number].to_string(),
            "idempotencyKey": format!("encore-{number}"),
            "paymentReference": format!("card-{number}"),
        });
        bought.extend(check_out(client, turn, &input, tally).ok());
    };
    let (mut purchases, mut answered) = (BTreeSet::new(), Tally::default());
    for (_, tally, bought) in crowd::each(&AtomicUsize::new(0), turns, begin, buy) {
        answered.add(tally);
        purchases.extend(bought);
    }
    (purchases, answered)
}
