//! Which customers are looked at: those whose ids have the smallest hashes. As good as drawn by lot, whatever the ids
//! look like, and the same ones at every time and on every replica as long as nobody comes or goes.
//!
//! The hash is the first 8 bytes, big endian, of SHA-256 over `encircle:sample:` + seed + `:` + the 16 bytes of the id.

use std::collections::BinaryHeap;

use entities::ids::{CustomerId, Id};
use sha2::{Digest, Sha256};

use crate::db::Db;
use crate::db::read::{Order, Row};
use crate::domain::customers::rows::Customer;
use crate::domain::customers::store::{self, CustomerFilter};
use crate::domain::offers::simulation::Patience;
use crate::kernel::error::Result;
use crate::kernel::page::{Cursor, Direction, PageRequest};
use crate::kernel::turn::Turn;
use crate::kernel::viewer::CustomerScope;

/// Ids read at once.
const CHUNK: u32 = 10_000;

/// The customers that were drawn.
#[derive(Clone, Debug)]
pub struct Sample {
    /// In the order of their hashes: the first so many are a sample, too.
    pub ids: Vec<CustomerId>,
    /// How many customers there are in all.
    pub customers: u64,
    /// Whether everybody could be drawn; else those who came first, when there are more than could be read in time.
    pub is_whole: bool,
}

/// Draws so many customers.
pub async fn draw(db: &Db, seed: i32, size: usize, patience: Patience) -> Result<Sample> {
    let (scope, filter) = (CustomerScope::Everybody, CustomerFilter::default());
    // The largest hash on top: it makes room for a smaller one.
    let mut smallest: BinaryHeap<(u64, CustomerId)> = BinaryHeap::with_capacity(size + 1);
    let (mut customers, mut after, mut turn) = (0, None, Turn::begin());
    let is_whole = loop {
        let request = PageRequest { direction: Direction::Forward, limit: CHUNK, after, before: None };
        let columns = Customer::column("id");
        let page = store::page(db, scope, &filter, Order::Ascending, &request, columns).await?;
        for row in &page.rows {
            smallest.push((hash(seed, row.id), row.id));
            if smallest.len() > size {
                smallest.pop();
            }
            turn.give().await;
        }
        customers += page.rows.len() as u64;
        let last = page.rows.last().filter(|_| page.has_next);
        let Some(last) = last else { break true };
        if patience.is_over() {
            break false;
        }
        after = Some(Cursor { key: last.created_at.millis(), id: last.id.uuid() });
    };
    if !is_whole {
        customers = store::count(db, scope, &filter).await?.max(customers);
    }
    let ids = smallest.into_sorted_vec().into_iter().map(|(_, id)| id).collect();
    Ok(Sample { ids, customers, is_whole })
}

fn hash(seed: i32, id: CustomerId) -> u64 {
    let mut hash = Sha256::new_with_prefix("encircle:sample:");
    hash.update(seed.to_string());
    hash.update(b":");
    hash.update(id.uuid().as_bytes());
    let digest = hash.finalize();
    u64::from_be_bytes(std::array::from_fn(|at| digest[at]))
}
