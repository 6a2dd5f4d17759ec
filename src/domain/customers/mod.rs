//! Customers, their identities, devices and consents.

pub mod identity;
pub mod import;
pub(in crate::domain) mod people;
pub mod rows;
pub mod store;
