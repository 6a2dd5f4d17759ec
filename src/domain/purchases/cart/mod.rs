//! Carts: one open cart a customer, whichever device it was begun on. Every change counts its version up; who changes
//! one that somebody else has changed since is told.

pub mod abandoned;
pub mod change;
pub mod edit;
pub mod entered;
pub mod limits;
pub mod merge;
pub mod open;
pub mod promotions;
pub mod rows;
pub mod told;
mod totals;
pub mod view;
pub mod warnings;
