//! What customers bought, and the offers used in it.

pub mod import;
pub mod pricing;
pub mod rows;
pub mod store;
