//! Customers.

pub mod identity;
pub mod import;
pub(in crate::domain) mod people;
