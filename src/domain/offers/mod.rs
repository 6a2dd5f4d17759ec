//! What the brand offers: what an offer says, its life, its codes.

pub mod allocation;
pub mod budget;
pub mod checks;
pub mod codes;
pub mod define;
pub mod faults;
pub mod lifecycle;
pub mod parts;
pub mod store;
pub mod vocabulary;
