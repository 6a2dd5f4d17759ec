//! Offers in the graph.

pub mod batches;
pub mod benefit;
pub mod deciding;
pub mod experience;
pub mod inputs;
pub mod limits;
pub mod mutations;
pub mod parts;
pub mod payloads;
pub mod queries;
pub mod responses;
pub mod simulating;
pub mod simulation;
pub mod terms;
pub mod types;
