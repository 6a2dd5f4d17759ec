//! A typed select of one table: the columns wanted, conditions that must all hold, an order, and the ways
//! to run it: rows, one page, the count.

use std::marker::PhantomData;

use entities::ids::Id;

use super::conditions::{Condition, Test, write_all};
use super::merging::Merging;
use super::owner::Owner;
use super::param::Param;
use super::row::{Layout, Row};
use super::sql::Sql;
use crate::db::Db;
use crate::kernel::columns::Columns;
use crate::kernel::error::{Error, Result};
use crate::kernel::page::{Direction, Page, PageRequest};

/// Which way a list runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Ascending,
    Descending,
}

impl Order {
    pub(super) fn reversed_if(self, reversed: bool) -> Self {
        match (self, reversed) {
            (Self::Ascending, true) => Self::Descending,
            (Self::Descending, true) => Self::Ascending,
            (order, false) => order,
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Self::Ascending => " ASC",
            Self::Descending => " DESC",
        }
    }
}

/// A select of rows `R`.
#[must_use = "a select does nothing until it is run"]
#[derive(Debug)]
pub struct Select<R> {
    pub(super) columns: Columns,
    conditions: Vec<Condition>,
    /// What rows are left out for which all of these hold.
    left_out: Option<Vec<Condition>>,
    pub(super) order: Option<(&'static str, Order)>,
    limit: Option<u32>,
    pub(super) owner: Option<Owner>,
    pub(super) merging: Option<Merging>,
    /// A condition can hold for no row: nothing needs to be asked.
    pub(super) is_empty: bool,
    rows: PhantomData<fn() -> R>,
}

impl<R: Row> Select<R> {
    /// Reads these columns, and the one that tells rows apart.
    pub fn of(columns: Columns) -> Self {
        Self {
            columns: columns | R::column(R::TIE),
            conditions: Vec::new(),
            left_out: None,
            order: None,
            limit: None,
            owner: None,
            merging: None,
            is_empty: false,
            rows: PhantomData,
        }
    }

    /// Reads one more column, which the caller needs for itself.
    pub fn with(mut self, column: &'static str) -> Self {
        self.columns |= R::column(column);
        self
    }

    pub fn eq(self, column: &'static str, value: impl Into<Param>) -> Self {
        self.test(column, Test::Compare(" = ", value.into()))
    }

    pub fn ge(self, column: &'static str, value: impl Into<Param>) -> Self {
        self.test(column, Test::Compare(" >= ", value.into()))
    }

    pub fn lt(self, column: &'static str, value: impl Into<Param>) -> Self {
        self.test(column, Test::Compare(" < ", value.into()))
    }

    /// The column is null or at most this.
    pub fn le_or_null(self, column: &'static str, value: impl Into<Param>) -> Self {
        self.test(column, Test::CompareOrNull(" <= ", value.into()))
    }

    /// The column is null or greater than this.
    pub fn gt_or_null(self, column: &'static str, value: impl Into<Param>) -> Self {
        self.test(column, Test::CompareOrNull(" > ", value.into()))
    }

    /// The column is one of these ids; none of them gives no rows, without a statement.
    pub fn any<I: Id>(self, column: &'static str, ids: &[I]) -> Self {
        self.any_of(column, Param::ids(ids))
    }

    /// The column is one of a list of texts or ids.
    pub fn any_of(mut self, column: &'static str, list: impl Into<Param>) -> Self {
        let list = list.into();
        self.is_empty |= list.is_empty_list();
        self.test(column, Test::Any(list))
    }

    /// The column is one of some ids and `from` at least what stands beside them, for any of the pairs.
    pub fn any_from<I: Id>(
        mut self,
        column: &'static str,
        from: &'static str,
        pairs: &[(Vec<I>, i64)],
    ) -> Self {
        self.is_empty |= pairs.is_empty();
        let pairs = pairs.iter().map(|(ids, least)| (Param::ids(ids), Param::from(*least))).collect();
        self.test(column, Test::AnyFrom(from, pairs))
    }

    pub fn null(self, column: &'static str) -> Self {
        self.test(column, Test::IsNull)
    }

    pub fn not_null(self, column: &'static str) -> Self {
        self.test(column, Test::NotNull)
    }

    /// Leaves out the rows for which all conditions of another select hold. None of them may be null where it does not
    /// hold: a comparison with a column that may be null has to allow for it.
    pub fn but_not(mut self, other: Self) -> Self {
        self.left_out = Some(other.conditions);
        self
    }

    /// Sorts by a column that is never null (or is filtered by `not_null`), then by `Row::TIE`, the same
    /// way. Pages need it, and it must be an integer or a time for them.
    pub fn order(mut self, column: &'static str, order: Order) -> Self {
        self.columns |= R::column(column);
        self.order = Some((column, order));
        self
    }

    /// At most so many rows.
    pub fn limit(mut self, rows: u32) -> Self {
        self.limit = Some(rows);
        self
    }

    fn test(mut self, column: &'static str, test: Test) -> Self {
        self.conditions.push(Condition { column, test });
        self
    }

    /// All rows.
    pub async fn rows(self, db: &Db) -> Result<Vec<R>> {
        if self.is_empty {
            return Ok(Vec::new());
        }
        let layout = Layout::<R>::new(self.columns);
        let mut sql = db.sql();
        self.write_select(&mut sql, &layout);
        self.write_order(&mut sql, false);
        if let Some(limit) = self.limit {
            sql.push(" LIMIT ").number(limit.into());
        }
        db.run(sql, |raw| layout.decode(raw, 0)).await
    }

    /// The first row, if there is one.
    pub async fn first(self, db: &Db) -> Result<Option<R>> {
        Ok(self.limit(1).rows(db).await?.pop())
    }

    /// One page of the list. Needs an order.
    pub async fn page(self, db: &Db, request: &PageRequest) -> Result<Page<R>> {
        if self.is_empty {
            return Ok(Page::default());
        }
        if let Some(owner) = self.owner {
            return self.page_of(db, owner, request).await;
        }
        let layout = Layout::<R>::new(self.columns);
        let mut sql = db.sql();
        self.write_select(&mut sql, &layout);
        self.write_window(&mut sql, request)?;
        let rows = db.run(sql, |raw| layout.decode(raw, 0)).await?;
        Ok(Page::from_read(rows, request))
    }

    /// How many rows there are.
    pub async fn count(self, db: &Db) -> Result<u64> {
        if self.is_empty {
            return Ok(0);
        }
        if let Some(owner) = self.owner {
            return self.count_of(db, owner).await;
        }
        let mut sql = db.sql();
        sql.push("SELECT count(*) FROM ").name(R::TABLE).push(" AS t WHERE TRUE");
        self.write_conditions(&mut sql);
        let counts = db.run(sql, |raw| raw.cell(0)?.get::<i64>()).await?;
        Ok(counts.first().map_or(0, |count| count.unsigned_abs()))
    }

    fn write_select(&self, sql: &mut Sql, layout: &Layout<R>) {
        sql.push("SELECT ");
        write_columns(sql, layout);
        sql.push(" FROM ").name(R::TABLE).push(" AS t WHERE TRUE");
        self.write_conditions(sql);
        self.write_owned(sql);
    }

    /// ` AND …` for each condition.
    pub(super) fn write_conditions(&self, sql: &mut Sql) {
        write_all(sql, &self.conditions);
        if let Some(left_out) = &self.left_out {
            sql.push(" AND NOT (TRUE");
            write_all(sql, left_out);
            sql.push(")");
        }
    }

    /// What makes a page of a list: the cursors, the order in reading direction, one row more than the page.
    pub(super) fn write_window(&self, sql: &mut Sql, request: &PageRequest) -> Result<()> {
        let (column, order) = self.sorting()?;
        for (cursor, is_before) in [(request.after, false), (request.before, true)] {
            let Some(cursor) = cursor else { continue };
            let operator = match order.reversed_if(is_before) {
                Order::Ascending => ") > (",
                Order::Descending => ") < (",
            };
            sql.push(" AND (").column(column).push(", ").column(R::TIE).push(operator);
            sql.bind(cursor.key.into()).push(", ").bind(Param::Uuid(cursor.id)).push(")");
        }
        self.write_order(sql, request.direction == Direction::Backward);
        // Not bound: PostgreSQL plans a page well only when it knows that it is short.
        sql.push(" LIMIT ").number(u64::from(request.limit) + 1);
        Ok(())
    }

    pub(super) fn write_order(&self, sql: &mut Sql, reversed: bool) {
        if self.order.is_some() {
            sql.push(" ORDER BY ");
            self.write_sort(sql, reversed);
        }
    }

    /// `column, tie`, both the same way, so that an index serves both directions.
    pub(super) fn write_sort(&self, sql: &mut Sql, reversed: bool) {
        let Some((column, order)) = self.order else { return };
        let way = order.reversed_if(reversed).sql();
        sql.column(column).push(way);
        if column != R::TIE {
            sql.push(", ").column(R::TIE).push(way);
        }
    }

    pub(super) fn sorting(&self) -> Result<(&'static str, Order)> {
        self.order.ok_or_else(|| Error::internal(format!("a page of {} without an order", R::TABLE)))
    }
}

pub(super) fn write_columns<R: Row>(sql: &mut Sql, layout: &Layout<R>) {
    for (at, name) in layout.names().enumerate() {
        sql.push(if at == 0 { "" } else { ", " }).column(name);
    }
}
