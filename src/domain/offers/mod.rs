//! What the brand offers, and whom.

pub mod bucket;
pub mod calendar;
pub mod catalogue;
pub mod decide;
pub mod explain;
pub mod live;
pub mod reasons;
pub mod schedule;
pub mod store;

#[cfg(test)]
mod bucket_tests;
#[cfg(test)]
mod schedule_tests;
