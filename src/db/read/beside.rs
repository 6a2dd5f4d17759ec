//! Two selects that know nothing of each other in one statement, where a round trip more would be felt.

use std::collections::HashMap;

use entities::ids::Id;
use uuid::Uuid;

use super::parents::empty;
use super::row::{Layout, Row};
use super::select::{Select, write_columns};
use crate::db::Db;
use crate::kernel::error::Result;

/// A row of either select.
enum Either<R, B> {
    Child(Uuid, R),
    Beside(B),
}

impl<R: Row> Select<R> {
    /// All rows of each parent, and beside them all rows of another select, neither in any order.
    pub async fn by_parent_beside<K: Id, B: Row>(
        self,
        db: &Db,
        column: &'static str,
        parents: &[K],
        beside: Select<B>,
    ) -> Result<(HashMap<K, Vec<R>>, Vec<B>)> {
        let mut found: HashMap<K, Vec<R>> = empty(parents);
        if self.is_empty || found.is_empty() {
            return Ok((found, beside.rows(db).await?));
        }
        if beside.is_empty {
            return Ok((self.by_parent(db, column, parents).await?, Vec::new()));
        }
        let (layout, other) = (Layout::<R>::new(self.columns), Layout::<B>::new(beside.columns));
        let (children, others) = (layout.names().count(), other.names().count());
        let mut sql = db.sql();
        self.write_by_parent(&mut sql, &layout, others, column, found.keys());
        // No parent: it is a row of the other.
        sql.push(" UNION ALL SELECT NULL").nulls(children).push(", ");
        write_columns(&mut sql, &other);
        sql.push(" FROM ").name(B::TABLE).push(" AS t WHERE TRUE");
        beside.write_conditions(&mut sql);
        beside.write_owned(&mut sql);
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
}
