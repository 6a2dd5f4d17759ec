//! Which customers are looked at: those whose ids have the smallest hashes. As good as drawn by lot, whatever the ids
//! look like, and the same ones at every time and on every replica as long as nobody comes or goes.
//!
//! The hash is the first 8 bytes, big endian, of SHA-256 over `encircle:sample:` + seed + `:` + the 16 bytes of the id.

use std::collections::BinaryHeap;

use entities::ids::{CustomerId, Id};
use sha2::{Digest, Sha256};

use crate::db::Db;
use crate::db::read::Order;
use crate::domain::customers::everybody::{self, Walk};
use crate::domain::offers::simulation::Patience;
use crate::kernel::error::Result;
use crate::kernel::turn::Turn;

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
    // The largest hash on top: it makes room for a smaller one.
    let mut smallest: BinaryHeap<(u64, CustomerId)> = BinaryHeap::with_capacity(size + 1);
    let (mut customers, mut walk, mut turn) = (0, Walk::begin(db, Order::Ascending, CHUNK), Turn::begin());
    let is_whole = loop {
        let ids = walk.step().await?;
        customers += ids.len() as u64;
        for id in ids {
            smallest.push((hash(seed, id), id));
            if smallest.len() > size {
                smallest.pop();
            }
            turn.give().await;
        }
        if walk.is_over() || patience.is_over() {
            break walk.is_over();
        }
    };
    if !is_whole {
        customers = everybody::count(db).await?.max(customers);
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
