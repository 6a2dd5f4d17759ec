//! What a link loads from: a batch answers all keys of a level at once.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;

use crate::graph::arguments::Arguments;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;

/// What a link's children need of the batch.
#[derive(Debug)]
pub struct Want<'a, A> {
    /// The columns of the child rows that the operation reads.
    pub columns: Columns,
    /// The field's arguments, coerced.
    pub arguments: &'a A,
}

/// A question about one parent; the type says which: `PurchasesOf(customer)`.
pub trait Key: Clone + Eq + Hash + Send + Sync + 'static {}
impl<K: Clone + Eq + Hash + Send + Sync + 'static> Key for K {}

/// Answers a kind of key, any number of them at once. Implemented on the per-request reader.
pub trait Batch<K: Key>: Send + Sync + 'static {
    /// The arguments of fields that load from this batch; `()` for none.
    type Arguments: Arguments;
    type Value: Send + Sync + 'static;

    /// Loads the answers of `keys`, which are distinct and at least one. A key without an answer is null
    /// where the link may be null and an error where it may not: a list has an entry for every key, empty
    /// or not.
    fn load(
        &self,
        keys: &[K],
        want: Want<'_, Self::Arguments>,
    ) -> impl Future<Output = Result<HashMap<K, Self::Value>>> + Send;
}
