//! Places where the brand meets its customers.

pub mod store;
