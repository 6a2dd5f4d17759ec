//! Attributes in the graph: what a customer's behaviors say.

pub mod batches;
pub mod inputs;
pub mod mutations;
pub mod queries;
pub mod types;
