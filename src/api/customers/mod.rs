//! Customers in the graph.

pub mod batches;
pub mod inputs;
pub mod mutations;
pub mod payloads;
pub mod queries;
pub mod types;
