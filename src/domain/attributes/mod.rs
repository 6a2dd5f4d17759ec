//! Attributes: what a customer's behaviors say, by definitions made at run time. Behaviors are counted into
//! buckets of a day in the transaction that records them; a value is summed from buckets when it is read.

pub mod backfill;
pub mod bucket;
pub mod catalogue;
pub mod counting;
pub mod define;
pub mod definition;
pub mod read;
pub mod retire;
pub mod rows;
pub mod store;
pub mod value;
pub mod window;
