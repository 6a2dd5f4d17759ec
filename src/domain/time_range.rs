//! A span of time that a list is narrowed to.

use entities::timestamp::Timestamp;

use crate::db::read::{Row, Select};

/// From an instant on, until another: the first is in, the second is out.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimeRange {
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

impl TimeRange {
    /// Narrows a select to rows whose `column` lies in the range.
    pub fn narrow<R: Row>(&self, mut select: Select<R>, column: &'static str) -> Select<R> {
        if let Some(from) = self.from {
            select = select.ge(column, from);
        }
        if let Some(until) = self.until {
            select = select.lt(column, until);
        }
        select
    }
}
