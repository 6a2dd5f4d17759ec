//! What the brand offers.

pub mod store;
