//! What customers did.

pub mod store;
