//! Rows that were merged. A merged row points at its survivor, and a survivor points nowhere; what belongs
//! to either stays where it is. So what belongs to a survivor is read from all its members: the survivor
//! itself and every row that points at it. For almost every row that is the row alone.

use std::collections::HashMap;

use entities::ids::Id;

use super::cell::RawRow;
use super::param::Param;
use super::row::{Layout, Row};
use super::select::{Select, write_columns};
use super::sql::Sql;
use crate::db::Db;
use crate::kernel::error::Result;

/// A table whose rows can be merged, and the column by which a merged row points at its survivor. The column
/// needs an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merging {
    pub table: &'static str,
    pub into: &'static str,
}

/// Whose children are read.
#[derive(Clone, Debug)]
pub(super) enum Parents {
    /// Of each of these rows alone.
    Alone(Param),
    /// Of each of these rows and all that were merged into it.
    Expanded(Merging, Param),
}

impl Parents {
    /// A table `pair` of `parent` and `member`, for use behind `FROM`: each parent with each row whose children
    /// are its own.
    pub(super) fn write(self, sql: &mut Sql) {
        match self {
            Self::Alone(ids) => {
                sql.push("(SELECT value AS parent, value AS member FROM ").ids(ids);
            }
            Self::Expanded(merging, ids) => {
                sql.push("(SELECT value AS parent, value AS member FROM ").ids(ids.clone());
                merging.write_merged(sql);
                sql.is_any(ids);
            }
        }
        sql.push(") AS pair");
    }
}

impl Merging {
    /// A value: the id of the survivor of a row, which is the row itself unless it was merged. `id` writes the
    /// row's id.
    pub(super) fn write_survivor(self, sql: &mut Sql, id: impl FnOnce(&mut Sql)) {
        sql.push("(SELECT COALESCE(m.").name(self.into).push(", m.").name("id").push(") FROM ");
        sql.name(self.table).push(" AS m WHERE m.").name("id").push(" = ");
        id(sql);
        sql.push(")");
    }

    /// The pairs of merged rows; which survivors' follows.
    fn write_merged(self, sql: &mut Sql) {
        sql.push(" UNION ALL SELECT m.").name(self.into).push(", m.").name("id").push(" FROM ");
        sql.name(self.table).push(" AS m WHERE m.").name(self.into);
    }
}

impl<R: Row> Select<R> {
    /// Reads lists of many parents from all members of each parent. Without it, from the parent alone.
    pub fn expanding(mut self, merging: Merging) -> Self {
        self.merging = Some(merging);
        self
    }

    /// The survivor of each row: the row itself, unless it was merged. `into` is the column by which a merged
    /// row of this table points at it.
    pub async fn survivors<K: Id>(self, db: &Db, into: &'static str, ids: &[K]) -> Result<HashMap<K, R>> {
        if self.is_empty || ids.is_empty() {
            return Ok(HashMap::new());
        }
        let layout = Layout::<R>::new(self.columns);
        let mut sql = db.sql();
        sql.push("SELECT asked.").name("id").push(", ");
        write_columns(&mut sql, &layout);
        // A CROSS JOIN, because SQLite then begins with what was asked for.
        sql.push(" FROM ").name(R::TABLE).push(" AS asked CROSS JOIN ").name(R::TABLE);
        sql.push(" AS t WHERE t.").name("id").push(" = COALESCE(asked.").name(into).push(", asked.");
        sql.name("id").push(") AND asked.").name("id").is_any(Param::ids(ids));
        self.write_conditions(&mut sql);
        self.write_owned(&mut sql);
        let row = |raw: RawRow<'_>| Ok((K::from_uuid(raw.cell(0)?.get()?), layout.decode(raw, 1)?));
        Ok(db.run(sql, row).await?.into_iter().collect())
    }
}
