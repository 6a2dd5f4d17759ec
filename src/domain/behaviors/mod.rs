//! What customers did: how it is recorded, what it must look like, how it is read.

pub mod decided;
pub mod definitions;
mod messages;
pub mod names;
pub mod properties;
pub mod quarantine;
pub mod record;
mod responses;
pub mod rows;
pub mod store;
mod waiting;
