//! Customers, their identities, devices and consents.

pub mod consents;
pub mod identity;
pub mod import;
pub mod merging;
pub(in crate::domain) mod people;
pub mod refusals;
pub mod rows;
pub mod store;
