//! Purchases in the graph, and the carts of which they are made.

pub mod batches;
pub mod cart;
pub mod cart_line;
pub mod cart_warnings;
pub mod carting;
pub mod discount;
pub mod entitlement;
pub mod import_inputs;
pub mod importing;
pub mod inputs;
pub mod mutations;
pub mod payloads;
pub mod queries;
pub mod sales;
pub mod types;
