//! Everybody who is a customer of their own, some at a time.

use entities::ids::{CustomerId, Id};

use crate::db::Db;
use crate::db::read::{Order, Row};
use crate::domain::customers::rows::Customer;
use crate::domain::customers::store::{self, CustomerFilter};
use crate::kernel::error::Result;
use crate::kernel::page::{Cursor, Direction, PageRequest};
use crate::kernel::viewer::CustomerScope;

/// A walk over everybody, by when they came.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    db: &'a Db,
    order: Order,
    at_once: u32,
    after: Option<Cursor>,
    is_over: bool,
}

impl<'a> Walk<'a> {
    pub fn begin(db: &'a Db, order: Order, at_once: u32) -> Self {
        Self { db, order, at_once, after: None, is_over: false }
    }

    /// The next ones.
    pub async fn step(&mut self) -> Result<Vec<CustomerId>> {
        let (direction, after) = (Direction::Forward, self.after);
        let request = PageRequest { direction, limit: self.at_once, after, before: None };
        let (scope, filter) = (CustomerScope::Everybody, CustomerFilter::default());
        let page = store::page(self.db, scope, &filter, self.order, &request, Customer::column("id")).await?;
        self.is_over = !page.has_next;
        let cursor = |last: &Customer| Cursor { key: last.created_at.millis(), id: last.id.uuid() };
        self.after = page.rows.last().map(cursor).or(after);
        Ok(page.rows.into_iter().map(|row| row.id).collect())
    }

    /// Whether nobody comes after those of the last step.
    pub fn is_over(&self) -> bool {
        self.is_over
    }
}

/// How many there are.
pub async fn count(db: &Db) -> Result<u64> {
    store::count(db, CustomerScope::Everybody, &CustomerFilter::default()).await
}
