//! What the tests stand on.

pub mod client;
pub mod databases;
pub mod postgres;
pub mod proxy;
pub mod watching;
