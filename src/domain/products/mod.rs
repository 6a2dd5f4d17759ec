//! What can be bought.

pub mod define;
pub mod import;
pub mod in_carts;
pub mod prices;
pub mod stock;
pub mod store;
