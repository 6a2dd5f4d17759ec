//! The commands, one folder each.

pub mod demo;
pub mod import;
