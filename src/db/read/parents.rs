//! Lists of many parents in one statement, whatever their number: a page of each, all of each, the count
//! of each. Every parent asked for is in the answer, also the one that has nothing.

use std::cmp::Reverse;
use std::collections::HashMap;

use entities::ids::Id;
use uuid::Uuid;

use super::cell::RawRow;
use super::param::Param;
use super::row::{Layout, Row};
use super::select::{Order, Select, write_columns};
use super::sql::Sql;
use crate::db::Db;
use crate::db::backend::Backend;
use crate::kernel::error::Result;
use crate::kernel::page::{Direction, Page, PageRequest};

impl<R: Row> Select<R> {
    /// One page for each parent; `column` names the parent. Needs an order. The cost grows with the pages,
    /// not with what lies behind them.
    pub async fn per_parent<K: Id>(
        self,
        db: &Db,
        column: &'static str,
        parents: &[K],
        request: &PageRequest,
    ) -> Result<HashMap<K, Page<R>>> {
        let mut found: HashMap<K, Vec<Sorted<R>>> = empty(parents);
        if !self.is_empty && !found.is_empty() {
            let layout = Layout::<R>::new(self.columns);
            let mut sql = db.sql();
            self.write_pages(&mut sql, &layout, column, Param::ids(found.keys()), request)?;
            for (parent, row) in db.run(sql, |raw| Sorted::decode(raw, &layout)).await? {
                found.entry(K::from_uuid(parent)).or_default().push(row);
            }
        }
        let (_, order) = self.sorting()?;
        let reading = order.reversed_if(request.direction == Direction::Backward);
        let page = |(parent, rows)| (parent, Page::from_read(Sorted::in_order(rows, reading), request));
        Ok(found.into_iter().map(page).collect())
    }

    /// All rows of each parent, in the select's order: for lists that are short by nature.
    pub async fn by_parent<K: Id>(
        self,
        db: &Db,
        column: &'static str,
        parents: &[K],
    ) -> Result<HashMap<K, Vec<R>>> {
        let mut found: HashMap<K, Vec<R>> = empty(parents);
        if self.is_empty || found.is_empty() {
            return Ok(found);
        }
        let layout = Layout::<R>::new(self.columns);
        let mut sql = db.sql();
        sql.push("SELECT ").column(column).push(", ");
        write_columns(&mut sql, &layout);
        self.write_of_parents(&mut sql, column, Param::ids(found.keys()));
        if self.order.is_some() {
            sql.push(" ORDER BY ").column(column).push(", ");
            self.write_sort(&mut sql, false);
        }
        for (parent, row) in db.run(sql, |raw| Ok((parent_of(raw)?, layout.decode(raw, 1)?))).await? {
            found.entry(K::from_uuid(parent)).or_default().push(row);
        }
        Ok(found)
    }

    /// How many rows each parent has.
    pub async fn counts<K: Id>(
        self,
        db: &Db,
        column: &'static str,
        parents: &[K],
    ) -> Result<HashMap<K, u64>> {
        let mut found: HashMap<K, u64> = empty(parents);
        if self.is_empty || found.is_empty() {
            return Ok(found);
        }
        let mut sql = db.sql();
        sql.push("SELECT ").column(column).push(", count(*)");
        self.write_of_parents(&mut sql, column, Param::ids(found.keys()));
        sql.push(" GROUP BY ").column(column);
        for (parent, count) in db.run(sql, |raw| Ok((parent_of(raw)?, raw.cell(1)?.get::<i64>()?))).await? {
            found.insert(K::from_uuid(parent), count.unsigned_abs());
        }
        Ok(found)
    }

    fn write_of_parents(&self, sql: &mut Sql, column: &'static str, parents: Param) {
        sql.push(" FROM ").name(R::TABLE).push(" AS t WHERE ").column(column).is_any(parents);
        self.write_conditions(sql);
    }

    /// Parent, sort key, tie and the columns of the first rows of each parent, in no certain order.
    fn write_pages(
        &self,
        sql: &mut Sql,
        layout: &Layout<R>,
        column: &'static str,
        parents: Param,
        request: &PageRequest,
    ) -> Result<()> {
        let (key, _) = self.sorting()?;
        let of_parent = |sql: &mut Sql| {
            sql.push(" FROM ").name(R::TABLE).push(" AS t WHERE ").column(column).push(" = parent.value");
            self.write_conditions(sql);
            self.write_window(sql, request)
        };
        match sql.dialect() {
            Backend::Postgres => {
                sql.push("SELECT parent.value, child.* FROM ").parents(parents);
                sql.push(" CROSS JOIN LATERAL (SELECT ");
                write_sorted_columns(sql, layout, key);
                of_parent(sql)?;
                sql.push(") AS child");
            }
            // SQLite has no LATERAL. A subquery for each parent walks the index and stops at the page's end,
            // which a window function does not.
            Backend::Sqlite => {
                sql.push("SELECT parent.value, ");
                write_sorted_columns(sql, layout, key);
                sql.push(" FROM ").parents(parents).push(" CROSS JOIN ").name(R::TABLE);
                sql.push(" AS t WHERE t.rowid IN (SELECT t.rowid");
                of_parent(sql)?;
                sql.push(")");
            }
        }
        Ok(())
    }
}

fn write_sorted_columns<R: Row>(sql: &mut Sql, layout: &Layout<R>, key: &'static str) {
    sql.column(key).push(" AS sort_key, ").column(R::TIE).push(" AS sort_tie, ");
    write_columns(sql, layout);
}

/// Every parent once, with nothing yet.
fn empty<K: Id, V: Default>(parents: &[K]) -> HashMap<K, V> {
    parents.iter().map(|parent| (*parent, V::default())).collect()
}

fn parent_of(raw: RawRow<'_>) -> Result<Uuid> {
    raw.cell(0)?.get()
}

/// A row with what it sorts by: databases promise no order across parents.
struct Sorted<R> {
    place: (i64, Uuid),
    row: R,
}

impl<R: Row> Sorted<R> {
    fn decode(raw: RawRow<'_>, layout: &Layout<R>) -> Result<(Uuid, Self)> {
        let place = (raw.cell(1)?.get()?, raw.cell(2)?.get()?);
        Ok((parent_of(raw)?, Self { place, row: layout.decode(raw, 3)? }))
    }

    fn in_order(mut rows: Vec<Self>, order: Order) -> Vec<R> {
        match order {
            Order::Ascending => rows.sort_unstable_by_key(|sorted| sorted.place),
            Order::Descending => rows.sort_unstable_by_key(|sorted| Reverse(sorted.place)),
        }
        rows.into_iter().map(|sorted| sorted.row).collect()
    }
}
