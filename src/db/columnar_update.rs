//! Changing many rows, each by values of its own, by one statement whose text is the same for any number of them.

use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use super::columnar::ColumnarInsert;
use crate::kernel::error::Result;

/// Rows to be changed: each cell stands in the statement as `u.name`, the row of the table as `t`.
#[derive(Debug)]
pub struct ColumnarUpdate {
    table: &'static str,
    cells: ColumnarInsert,
    rows: usize,
}

impl ColumnarUpdate {
    pub fn of(table: &'static str, rows: usize) -> Self {
        Self { table, cells: ColumnarInsert::into(table, rows), rows }
    }

    pub fn uuids(self, name: &'static str, cells: impl Iterator<Item = Uuid>) -> Self {
        Self { cells: self.cells.uuids(name, cells), ..self }
    }

    pub fn integers(self, name: &'static str, cells: impl Iterator<Item = i64>) -> Self {
        Self { cells: self.cells.integers(name, cells), ..self }
    }

    pub fn texts(self, name: &'static str, cells: impl Iterator<Item = String>) -> Self {
        Self { cells: self.cells.texts(name, cells), ..self }
    }

    /// `SET assignments WHERE condition`, in SQL that both databases know; how many rows were changed. PostgreSQL
    /// locks them in no certain order: whoever changes rows that others change locks them in theirs before.
    pub async fn set(
        self,
        connection: &impl ConnectionTrait,
        assignments: &'static str,
        condition: &'static str,
    ) -> Result<u64> {
        if self.rows == 0 {
            return Ok(0);
        }
        let backend = connection.get_database_backend();
        let (source, values) = self.cells.into_source(backend);
        let text =
            format!(r#"UPDATE "{}" AS t SET {assignments} FROM {source} WHERE {condition}"#, self.table);
        let statement = Statement::from_sql_and_values(backend, text, values);
        Ok(connection.execute_raw(statement).await?.rows_affected())
    }
}
