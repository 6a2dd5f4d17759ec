//! The nouns: what is stored of them, and the use cases that change it.

pub mod behaviors;
pub mod customers;
pub mod purchases;
