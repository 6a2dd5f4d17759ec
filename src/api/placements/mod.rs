//! Placements in the graph: the spots where offers are shown.

pub mod batches;
pub mod inputs;
pub mod mutations;
pub mod queries;
pub mod types;
