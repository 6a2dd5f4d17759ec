//! What customers bought, and the offers used in it.

pub mod rows;
pub mod store;
