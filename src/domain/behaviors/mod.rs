//! Behaviors.

pub mod import;
