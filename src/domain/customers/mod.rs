//! Customers.

pub mod identity;
pub mod import;
