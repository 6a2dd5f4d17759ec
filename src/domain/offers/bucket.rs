//! Which variant a customer sees, and who is held out: decided by a hash that anybody can compute, the same on
//! every device, replica and day.
//!
//! `bucket(name, customer)` is the first 8 bytes, big endian, of SHA-256 over `encircle:` + name + `:` + the
//! customer's id as text (`cus_…`), modulo 10,000. The customer is the canonical one: after a merge, the survivor.
//!
//! - The offer's holdout has the name `holdout:` + the offer's key, the universal one `holdout:*`. Who is in a
//!   bucket below the share in basis points is held out.
//! - A variant is found by the name of the experiment. The weights that were in force when the customer was
//!   created are laid end to end, scaled to 10,000; the bucket points at one. So other weights reach only customers
//!   who come after them, and nobody's variant ever changes.

use entities::ids::{CustomerId, Id};
use entities::timestamp::Timestamp;
use sha2::{Digest, Sha256};

use crate::domain::offers::allocation::{Allocation, Variant};

/// How many buckets there are: a share is told in hundredths of a percent.
pub const BUCKETS: u32 = 10_000;
/// The name of the holdout that all offers share.
pub const UNIVERSAL: &str = "*";

/// The bucket of a customer.
pub fn bucket(name: &str, customer: CustomerId) -> u32 {
    bucket_of(&[name], customer)
}

/// Whether a customer is held out of an offer, or of all of them.
pub fn is_held_out(offer_key: &str, basis_points: u32, customer: CustomerId) -> bool {
    basis_points > 0 && bucket_of(&["holdout:", offer_key], customer) < basis_points
}

fn bucket_of(name: &[&str], customer: CustomerId) -> u32 {
    let mut hash = Sha256::new_with_prefix("encircle:");
    name.iter().for_each(|part| hash.update(part));
    for part in [b":", CustomerId::PREFIX.as_bytes(), b"_", &customer.digits()[..]] {
        hash.update(part);
    }
    let first: [u8; 8] = std::array::from_fn({
        let digest = hash.finalize();
        move |at| digest[at]
    });
    (u64::from_be_bytes(first) % u64::from(BUCKETS)) as u32
}

/// The variant to which a bucket points.
fn pointed(allocation: &Allocation, bucket: u32) -> Result<Option<&Variant>, NoWeight> {
    if allocation.variants.is_empty() {
        return Ok(None);
    }
    let total: u64 = allocation.variants.iter().map(|variant| u64::from(variant.weight)).sum();
    let point = u64::from(bucket) * total / u64::from(BUCKETS);
    let mut end = 0;
    let variant = allocation.variants.iter().find(|variant| {
        end += u64::from(variant.weight);
        point < end
    });
    variant.map(Some).ok_or(NoWeight)
}

/// There are variants, and none of them has any weight: nobody can be shown one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoWeight;

/// The variant of a customer, by the allocation that was in force when it was created; none where all are shown the
/// same.
pub fn variant_of<'a>(
    allocations: &'a [Allocation],
    experiment: &str,
    customer: CustomerId,
    created_at: Timestamp,
) -> Result<Option<&'a Variant>, NoWeight> {
    let in_force = allocations.iter().rev().find(|allocation| allocation.from <= created_at.millis());
    match in_force.or(allocations.first()) {
        Some(allocation) => pointed(allocation, bucket(experiment, customer)),
        None => Ok(None),
    }
}
