//! Customers, their identities, devices and consents.

pub mod rows;
pub mod store;
