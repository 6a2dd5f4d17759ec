//! Purchases.

pub mod import;
