//! What customers did.

pub mod import;
pub mod store;
