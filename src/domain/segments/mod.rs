//! Segments: customers for whom a rule holds. Whether it does is judged when it is read; the lists of members
//! are kept beside that, by judging anew whoever something was recorded of, and whoever time alone may change.

pub mod catalogue;
pub mod define;
pub mod due;
pub mod facts;
pub mod judge;
pub mod keeper;
pub mod members;
pub mod preview;
pub mod sharing;
pub mod store;
pub mod sweep;
