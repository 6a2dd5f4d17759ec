//! The doors of the house: what is reached over HTTP.

pub mod console;
pub mod examples;
