//! What can be bought.

pub mod define;
pub mod import;
pub mod prices;
pub mod stock;
pub mod store;
