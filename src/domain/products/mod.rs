//! What can be bought.

pub mod store;
