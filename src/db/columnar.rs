//! Writing many rows by one statement whose text is the same for any number of them: an array a column in
//! PostgreSQL, one JSON text in SQLite. A list of values a row would be a new statement for every count.

use sea_orm::sea_query::{ArrayType, Expr, SimpleExpr};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::kernel::error::Result;

/// Rows to be inserted, column by column; all columns have the same length.
#[derive(Debug)]
pub struct ColumnarInsert {
    table: &'static str,
    columns: Vec<Column>,
    conflict: &'static str,
    rows: usize,
}

#[derive(Debug)]
struct Column {
    name: &'static str,
    cells: Cells,
    /// A null travels as the type's emptiest value, which such a column has no other use for.
    nullable: bool,
}

#[derive(Debug)]
enum Cells {
    Uuids(Vec<Option<Uuid>>),
    Texts(Vec<Option<String>>),
    Jsons(Vec<Option<String>>),
    Integers(Vec<Option<i64>>),
    SmallIntegers(Vec<Option<i64>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

impl ColumnarInsert {
    pub fn into(table: &'static str, rows: usize) -> Self {
        Self { table, columns: Vec::new(), conflict: "", rows }
    }

    /// What stands behind the rows: `ON CONFLICT …`, in SQL that both databases know.
    pub fn on_conflict(mut self, conflict: &'static str) -> Self {
        self.conflict = conflict;
        self
    }

    pub fn uuids(self, name: &'static str, cells: impl Iterator<Item = Uuid>) -> Self {
        self.column(name, Cells::Uuids(cells.map(Some).collect()), false)
    }

    /// No id of ours is nil.
    pub fn optional_uuids(self, name: &'static str, cells: impl Iterator<Item = Option<Uuid>>) -> Self {
        self.column(name, Cells::Uuids(cells.collect()), true)
    }

    pub fn texts(self, name: &'static str, cells: impl Iterator<Item = String>) -> Self {
        self.column(name, Cells::Texts(cells.map(Some).collect()), false)
    }

    /// An empty text is stored as null.
    pub fn optional_texts(self, name: &'static str, cells: impl Iterator<Item = Option<String>>) -> Self {
        self.column(name, Cells::Texts(cells.collect()), true)
    }

    /// Texts that are JSON, for columns of that type.
    pub fn jsons(self, name: &'static str, cells: impl Iterator<Item = String>) -> Self {
        self.column(name, Cells::Jsons(cells.map(Some).collect()), false)
    }

    pub fn integers(self, name: &'static str, cells: impl Iterator<Item = i64>) -> Self {
        self.column(name, Cells::Integers(cells.map(Some).collect()), false)
    }

    /// The least integer is stored as null.
    pub fn optional_integers(self, name: &'static str, cells: impl Iterator<Item = Option<i64>>) -> Self {
        self.column(name, Cells::Integers(cells.collect()), true)
    }

    pub fn small_integers(self, name: &'static str, cells: impl Iterator<Item = i32>) -> Self {
        self.column(name, Cells::SmallIntegers(cells.map(|cell| Some(cell.into())).collect()), false)
    }

    pub fn bytes(self, name: &'static str, cells: impl Iterator<Item = Vec<u8>>) -> Self {
        self.column(name, Cells::Bytes(cells.map(Some).collect()), false)
    }

    fn column(mut self, name: &'static str, cells: Cells, nullable: bool) -> Self {
        debug_assert_eq!(cells.len(), self.rows, "{name} has a cell a row");
        self.columns.push(Column { name, cells, nullable });
        self
    }

    /// Inserts; how many rows went in or were changed. Nothing to insert is no statement.
    pub async fn run(self, connection: &impl ConnectionTrait) -> Result<u64> {
        if self.rows == 0 {
            return Ok(0);
        }
        let backend = connection.get_database_backend();
        let statement = match backend {
            DbBackend::Sqlite => self.sqlite(),
            _ => self.postgres(),
        };
        Ok(connection.execute_raw(statement).await?.rows_affected())
    }

    /// The cells as a table `u` whose columns have these names, and the values bound in it, the first as `$1`.
    pub(super) fn into_source(self, backend: DbBackend) -> (String, Vec<Value>) {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        if backend != DbBackend::Sqlite {
            let arrays: Vec<String> = (1..)
                .zip(&self.columns)
                .map(|(at, column)| format!("${at}::{}[]", column.cells.postgres_array()))
                .collect();
            let text = format!("UNNEST({}) AS u({})", arrays.join(", "), names.join(", "));
            return (text, self.columns.into_iter().map(|column| column.cells.into_array()).collect());
        }
        let cells = self.columns.iter().enumerate();
        let cells = cells.map(|(at, column)| format!("{} AS {}", column.cells.sqlite_cell(at), column.name));
        let text = format!("(SELECT {} FROM json_each(?)) AS u", cells.collect::<Vec<_>>().join(", "));
        (text, vec![self.into_json().into()])
    }

    /// The rows as JSON, a list a row.
    fn into_json(self) -> String {
        let rows = self.rows;
        let mut columns: Vec<_> = self.columns.into_iter().map(|column| column.cells.into_jsons()).collect();
        let rows: Vec<Vec<Json>> =
            (0..rows).map(|_| columns.iter_mut().filter_map(Iterator::next).collect()).collect();
        Json::from(rows).to_string()
    }

    fn head(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        format!("INSERT INTO \"{}\" ({}) SELECT ", self.table, names.join(", "))
    }

    fn postgres(self) -> Statement {
        let (mut cells, mut arrays, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for (at, column) in self.columns.iter().enumerate() {
            cells.push(column.postgres_cell(at));
            arrays.push(format!("${}::{}[]", at + 1, column.cells.postgres_array()));
            names.push(format!("c{at}"));
        }
        let (head, conflict) = (self.head(), self.conflict);
        let (cells, arrays, names) = (cells.join(", "), arrays.join(", "), names.join(", "));
        let text = format!("{head}{cells} FROM UNNEST({arrays}) AS u({names}) {conflict}");
        let values: Vec<Value> = self.columns.into_iter().map(|column| column.cells.into_array()).collect();
        Statement::from_sql_and_values(DbBackend::Postgres, text, values)
    }

    fn sqlite(self) -> Statement {
        let cells: Vec<String> =
            self.columns.iter().enumerate().map(|(at, column)| column.cells.sqlite_cell(at)).collect();
        // `WHERE TRUE`: without it `ON CONFLICT` would be read as the condition of a join.
        let text =
            format!("{}{} FROM json_each(?) WHERE TRUE {}", self.head(), cells.join(", "), self.conflict);
        Statement::from_sql_and_values(DbBackend::Sqlite, text, [self.into_json().into()])
    }
}

impl Column {
    fn postgres_cell(&self, at: usize) -> String {
        let cell = match &self.cells {
            _ if !self.nullable => format!("c{at}"),
            Cells::Uuids(_) => format!("NULLIF(c{at}, '{}'::uuid)", Uuid::nil()),
            Cells::Integers(_) => format!("NULLIF(c{at}, {})", i64::MIN),
            _ => format!("NULLIF(c{at}, '')"),
        };
        match &self.cells {
            Cells::Jsons(_) => format!("{cell}::json"),
            Cells::SmallIntegers(_) => format!("{cell}::integer"),
            _ => cell,
        }
    }
}

impl Cells {
    fn len(&self) -> usize {
        match self {
            Self::Uuids(cells) => cells.len(),
            Self::Texts(cells) | Self::Jsons(cells) => cells.len(),
            Self::Integers(cells) | Self::SmallIntegers(cells) => cells.len(),
            Self::Bytes(cells) => cells.len(),
        }
    }

    fn postgres_array(&self) -> &'static str {
        match self {
            Self::Uuids(_) => "uuid",
            Self::Texts(_) | Self::Jsons(_) => "text",
            Self::Integers(_) | Self::SmallIntegers(_) => "bigint",
            Self::Bytes(_) => "bytea",
        }
    }

    fn into_array(self) -> Value {
        let (kind, values): (_, Vec<Value>) = match self {
            Self::Uuids(cells) => {
                (ArrayType::Uuid, cells.into_iter().map(|cell| cell.unwrap_or_default().into()).collect())
            }
            Self::Texts(cells) | Self::Jsons(cells) => {
                (ArrayType::String, cells.into_iter().map(|cell| cell.unwrap_or_default().into()).collect())
            }
            Self::Integers(cells) | Self::SmallIntegers(cells) => {
                (ArrayType::BigInt, cells.into_iter().map(|cell| cell.unwrap_or(i64::MIN).into()).collect())
            }
            Self::Bytes(cells) => {
                (ArrayType::Bytes, cells.into_iter().map(|cell| cell.unwrap_or_default().into()).collect())
            }
        };
        Value::Array(kind, Some(Box::new(values)))
    }

    fn sqlite_cell(&self, at: usize) -> String {
        match self {
            Self::Uuids(_) | Self::Bytes(_) => format!("unhex(value ->> {at})"),
            _ => format!("value ->> {at}"),
        }
    }

    fn into_jsons(self) -> Box<dyn Iterator<Item = Json>> {
        match self {
            Self::Uuids(cells) => Box::new(
                cells.into_iter().map(|cell| cell.map_or(Json::Null, |id| id.simple().to_string().into())),
            ),
            Self::Texts(cells) | Self::Jsons(cells) => Box::new(cells.into_iter().map(|cell| json!(cell))),
            Self::Integers(cells) | Self::SmallIntegers(cells) => {
                Box::new(cells.into_iter().map(|cell| json!(cell)))
            }
            Self::Bytes(cells) => {
                Box::new(cells.into_iter().map(|cell| cell.map_or(Json::Null, |bytes| hex(&bytes).into())))
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `column` is one of these texts: one statement whatever their number.
pub fn is_any_text(
    connection: &impl ConnectionTrait,
    column: &'static str,
    texts: impl Iterator<Item = String>,
) -> SimpleExpr {
    match connection.get_database_backend() {
        DbBackend::Sqlite => {
            let list = Json::from(texts.collect::<Vec<_>>()).to_string();
            Expr::cust_with_values(format!("\"{column}\" IN (SELECT value FROM json_each(?))"), [list])
        }
        _ => {
            let list: Vec<Value> = texts.map(Value::from).collect();
            let list = Value::Array(ArrayType::String, Some(Box::new(list)));
            Expr::cust_with_values(format!("\"{column}\" = ANY($1)"), [list])
        }
    }
}

/// `column` is one of these ids.
pub fn is_any_id(
    connection: &impl ConnectionTrait,
    column: &'static str,
    ids: impl Iterator<Item = Uuid>,
) -> SimpleExpr {
    match connection.get_database_backend() {
        DbBackend::Sqlite => {
            let list: Vec<String> = ids.map(|id| id.simple().to_string()).collect();
            let list = Json::from(list).to_string();
            Expr::cust_with_values(format!("\"{column}\" IN (SELECT unhex(value) FROM json_each(?))"), [list])
        }
        _ => {
            let list: Vec<Value> = ids.map(Value::from).collect();
            let list = Value::Array(ArrayType::Uuid, Some(Box::new(list)));
            Expr::cust_with_values(format!("\"{column}\" = ANY($1)"), [list])
        }
    }
}
