//! What is done with all that is held about a person.

pub mod mutations;
