//! What every room of the house speaks: errors, time, ids, money, pages, columns, turns, viewers, zones. Pure: no I/O.

pub mod clock;
pub mod columns;
pub mod error;
pub mod ids;
pub mod money;
pub mod page;
pub mod turn;
pub mod viewer;
pub mod zone;
