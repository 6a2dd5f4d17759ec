//! How many rows there are of each kind, whatever their number: one statement, a row a kind.

use super::row::{Layout, Row};
use super::select::{Select, write_columns};
use crate::db::Db;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;

impl<R: Row> Select<R> {
    /// How many values an expression has for each combination of these columns, each told as a row that has only them.
    pub async fn tally(self, db: &Db, columns: &[&'static str], of: &'static str) -> Result<Vec<(R, u64)>> {
        if self.is_empty {
            return Ok(Vec::new());
        }
        let columns = columns.iter().fold(Columns::NONE, |all, name| all | R::column(name));
        let layout = Layout::<R>::new(columns);
        let count = layout.names().count();
        let mut sql = db.sql();
        sql.push("SELECT ");
        write_columns(&mut sql, &layout);
        sql.push(", count(DISTINCT ").push(of).push(") FROM ").name(R::TABLE).push(" AS t WHERE TRUE");
        self.write_conditions(&mut sql);
        self.write_owned(&mut sql);
        sql.push(" GROUP BY ");
        write_columns(&mut sql, &layout);
        let row = |raw: super::cell::RawRow<'_>| {
            let rows = raw.cell(count)?.get::<i64>()?;
            Ok((layout.decode(raw, 0)?, rows.unsigned_abs()))
        };
        db.run(sql, row).await
    }
}
