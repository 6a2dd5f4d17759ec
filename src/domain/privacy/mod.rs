//! What is held about a person, over all tables: told in full, and taken away.

pub mod erase;
pub mod export;
pub mod rules;
