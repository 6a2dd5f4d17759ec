//! Lists of many parents in one statement, whatever their number: a page of each, all of each, the count
//! of each. Every parent asked for is in the answer, also the one that has nothing.

use std::collections::HashMap;

use entities::ids::Id;
use uuid::Uuid;

use super::cell::RawRow;
use super::merging::Parents;
use super::owner::Owner;
use super::param::Param;
use super::row::{Layout, Row};
use super::select::{Select, write_columns};
use super::sorted::{Place, Sorted};
use super::sql::Sql;
use crate::db::Db;
use crate::db::backend::Backend;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, PageRequest};

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
        let (_, order) = self.sorting()?;
        if let &[parent] = parents
            && !self.is_empty
        {
            // What most requests ask: nothing needs to be sorted by parent.
            let rows = self.read_pages(db, column, self.parents([&parent]), request).await?;
            return Ok(HashMap::from([(parent, Sorted::page(rows, order, request))]));
        }
        let mut found: HashMap<K, Vec<Sorted<R>>> = empty(parents);
        if !self.is_empty && !found.is_empty() {
            let parents = self.parents(found.keys());
            for row in self.read_pages(db, column, parents, request).await? {
                found.entry(K::from_uuid(row.parent)).or_default().push(row);
            }
        }
        Ok(found.into_iter().map(|(parent, rows)| (parent, Sorted::page(rows, order, request))).collect())
    }

    /// One page of what belongs to an owner.
    pub(super) async fn page_of(mut self, db: &Db, owner: Owner, request: &PageRequest) -> Result<Page<R>> {
        // The parent is the scope already.
        self.owner = None;
        let rows = self.read_pages(db, owner.column, owner.members(), request).await?;
        let (_, order) = self.sorting()?;
        Ok(Sorted::page(rows, order, request))
    }

    /// How much belongs to an owner.
    pub(super) async fn count_of(mut self, db: &Db, owner: Owner) -> Result<u64> {
        self.owner = None;
        let mut sql = db.sql();
        sql.push("SELECT ");
        self.write_counts(&mut sql, owner.column, owner.members());
        let counts = db.run(sql, |raw| raw.cell(0)?.get::<i64>()).await?;
        Ok(counts.into_iter().map(i64::unsigned_abs).sum())
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
        self.write_by_parent(&mut sql, &layout, 0, column, found.keys());
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
        sql.push("SELECT pair.parent, ");
        self.write_counts(&mut sql, column, self.parents(found.keys()));
        for (parent, count) in db.run(sql, |raw| Ok((parent_of(raw)?, raw.cell(1)?.get::<i64>()?))).await? {
            *found.entry(K::from_uuid(parent)).or_default() += count.unsigned_abs();
        }
        Ok(found)
    }

    /// The first rows of each member of each parent, in no certain order. They are more than a page where a
    /// parent has several members, and the page is among them.
    async fn read_pages(
        &self,
        db: &Db,
        column: &'static str,
        parents: Parents,
        request: &PageRequest,
    ) -> Result<Vec<Sorted<R>>> {
        let layout = Layout::<R>::new(self.columns);
        let (key, _) = self.sorting()?;
        let place = Place::of(key, &layout)?;
        let mut sql = db.sql();
        self.write_pages(&mut sql, &layout, column, parents, request)?;
        db.run(sql, |raw| Sorted::decode(raw, &layout, place)).await
    }

    /// Parent and columns.
    fn write_pages(
        &self,
        sql: &mut Sql,
        layout: &Layout<R>,
        column: &'static str,
        parents: Parents,
        request: &PageRequest,
    ) -> Result<()> {
        match sql.dialect() {
            Backend::Postgres => {
                sql.push("SELECT pair.parent, child.* FROM ");
                parents.write(sql);
                sql.push(" CROSS JOIN LATERAL (SELECT ");
                write_columns(sql, layout);
                self.write_of_member(sql, column);
                self.write_window(sql, request)?;
                sql.push(") AS child WHERE TRUE");
            }
            // SQLite has no LATERAL. A subquery for each member walks the index and stops at the page's end,
            // which a window function does not.
            Backend::Sqlite => {
                sql.push("SELECT pair.parent, ");
                write_columns(sql, layout);
                sql.push(" FROM ");
                parents.write(sql);
                sql.push(" CROSS JOIN ").name(R::TABLE).push(" AS t WHERE t.rowid IN (SELECT t.rowid");
                self.write_of_member(sql, column);
                self.write_window(sql, request)?;
                sql.push(")");
            }
        }
        self.write_owned_parent(sql, column);
        Ok(())
    }

    /// Parent, columns, so many nulls.
    pub(super) fn write_by_parent<'a, K: Id>(
        &self,
        sql: &mut Sql,
        layout: &Layout<R>,
        nulls: usize,
        column: &'static str,
        parents: impl IntoIterator<Item = &'a K>,
    ) {
        match self.parents(parents) {
            Parents::Alone(ids) => self.write_lists(sql, layout, nulls, column, ids),
            expanded => self.write_member_lists(sql, layout, nulls, column, expanded),
        }
    }

    /// Sorted within each parent. Cheaper than by members, where there are none.
    fn write_lists(
        &self,
        sql: &mut Sql,
        layout: &Layout<R>,
        nulls: usize,
        column: &'static str,
        parents: Param,
    ) {
        sql.push("SELECT ").column(column).push(", ");
        write_columns(sql, layout);
        sql.nulls(nulls);
        sql.push(" FROM ").name(R::TABLE).push(" AS t WHERE ").column(column).is_any(parents);
        self.write_conditions(sql);
        self.write_owned(sql);
        if self.order.is_some() {
            sql.push(" ORDER BY ").column(column).push(", ");
            self.write_sort(sql, false);
        }
    }

    /// Sorted across members and parents.
    fn write_member_lists(
        &self,
        sql: &mut Sql,
        layout: &Layout<R>,
        nulls: usize,
        column: &'static str,
        parents: Parents,
    ) {
        sql.push("SELECT pair.parent, ");
        write_columns(sql, layout);
        sql.nulls(nulls);
        sql.push(" FROM ");
        parents.write(sql);
        match sql.dialect() {
            // OFFSET keeps the planner from joining in another way than by the index.
            Backend::Postgres => {
                sql.push(" CROSS JOIN LATERAL (SELECT *");
                self.write_of_member(sql, column);
                sql.push(" OFFSET 0) AS t WHERE TRUE");
            }
            Backend::Sqlite => {
                sql.push(" CROSS JOIN ").name(R::TABLE).push(" AS t WHERE ");
                self.write_member_conditions(sql, column);
            }
        }
        self.write_owned_parent(sql, column);
        self.write_order(sql, false);
    }

    /// The count of each pair, and where from.
    fn write_counts(&self, sql: &mut Sql, column: &'static str, parents: Parents) {
        sql.push("(SELECT count(*)");
        self.write_of_member(sql, column);
        sql.push(") FROM ");
        parents.write(sql);
        sql.push(" WHERE TRUE");
        self.write_owned_parent(sql, column);
    }

    fn parents<'a, K: Id>(&self, ids: impl IntoIterator<Item = &'a K>) -> Parents {
        let ids = Param::ids(ids);
        match self.merging {
            None => Parents::Alone(ids),
            Some(merging) => Parents::Expanded(merging, ids),
        }
    }

    fn write_of_member(&self, sql: &mut Sql, column: &'static str) {
        sql.push(" FROM ").name(R::TABLE).push(" AS t WHERE ");
        self.write_member_conditions(sql, column);
    }

    fn write_member_conditions(&self, sql: &mut Sql, column: &'static str) {
        sql.column(column).push(" = pair.member");
        self.write_conditions(sql);
        if !self.owns_parent(column) {
            self.write_owned(sql);
        }
    }

    /// Whether the parent tells if the viewer may read its list: asked of the parent, it is not asked of each
    /// row, and another's history is not walked in vain.
    fn owns_parent(&self, column: &'static str) -> bool {
        self.owner.is_some_and(|owner| owner.column == column)
    }

    fn write_owned_parent(&self, sql: &mut Sql, column: &'static str) {
        if let Some(owner) = self.owner.filter(|_| self.owns_parent(column)) {
            owner.write_owns(sql, |sql| {
                sql.push("pair.parent");
            });
        }
    }
}

/// Every parent once, with nothing yet.
pub(super) fn empty<K: Id, V: Default>(parents: &[K]) -> HashMap<K, V> {
    parents.iter().map(|parent| (*parent, V::default())).collect()
}

fn parent_of(raw: RawRow<'_>) -> Result<Uuid> {
    raw.cell(0)?.get()
}
