//! The spots where offers are shown.

pub mod define;
pub mod store;
