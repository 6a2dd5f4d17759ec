//! Selects that know nothing of each other in one statement, where a round trip more would be felt.

use std::collections::HashMap;

use entities::ids::Id;
use uuid::Uuid;

use super::parents::empty;
use super::row::{Layout, Row};
use super::select::{Select, write_columns};
use super::sql::Sql;
use crate::db::Db;
use crate::kernel::error::Result;

/// A row of a parent, or one of the other select.
enum Either<R, B> {
    Child(Uuid, R),
    Beside(B),
}

impl<R: Row> Select<R> {
    /// All rows of each parent, with those of another table among them, and beside them all rows of a third select,
    /// in no order. The columns of the other table stand for those of this one, place by place.
    pub async fn by_parent_beside<K: Id, A: Row, B: Row>(
        self,
        db: &Db,
        column: &'static str,
        parents: &[K],
        among: Select<A>,
        beside: Select<B>,
    ) -> Result<(HashMap<K, Vec<R>>, Vec<B>)> {
        let mut found: HashMap<K, Vec<R>> = empty(parents);
        let (of_this, of_other) = (!self.is_empty, !among.is_empty);
        if found.is_empty() || !(of_this || of_other) {
            return Ok((found, beside.rows(db).await?));
        }
        let (layout, other) = (Layout::<R>::new(self.columns), Layout::<B>::new(beside.columns));
        let children = layout.names().count();
        let nulls = if beside.is_empty { 0 } else { other.names().count() };
        let mut sql = db.sql();
        if of_this {
            self.write_by_parent(&mut sql, &layout, nulls, column, found.keys());
        }
        // Before the third part, so that each column has a value in the first two: nulls alone have no type.
        if !beside.is_empty && of_this {
            sql.push(" UNION ALL ");
            beside.write_beside(&mut sql, &other, children);
        }
        if of_other {
            if of_this {
                sql.push(" UNION ALL ");
            }
            among.write_by_parent(&mut sql, &Layout::<A>::new(among.columns), nulls, column, found.keys());
        }
        if !beside.is_empty && !of_this {
            sql.push(" UNION ALL ");
            beside.write_beside(&mut sql, &other, children);
        }
        let rows = db
            .run(sql, |raw| match raw.cell(0)?.get::<Option<Uuid>>()? {
                Some(parent) => Ok(Either::Child(parent, layout.decode(raw, 1)?)),
                None => Ok(Either::Beside(other.decode(raw, 1 + children)?)),
            })
            .await?;
        let mut beside = Vec::new();
        for row in rows {
            match row {
                Either::Child(parent, row) => found.entry(K::from_uuid(parent)).or_default().push(row),
                Either::Beside(row) => beside.push(row),
            }
        }
        Ok((found, beside))
    }

    /// No parent and none of its columns: it is a row of the other.
    fn write_beside(&self, sql: &mut Sql, layout: &Layout<R>, children: usize) {
        sql.push("SELECT NULL").nulls(children).push(", ");
        write_columns(sql, layout);
        sql.push(" FROM ").name(R::TABLE).push(" AS t WHERE TRUE");
        self.write_conditions(sql);
        self.write_owned(sql);
    }
}
