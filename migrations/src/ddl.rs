//! Columns, keys and indexes in the one form that SQLite and PostgreSQL share. What a migration says once
//! here, it says the same for both.

use sea_orm_migration::prelude::{
    Alias, ColumnDef, DbErr, Expr, ExprTrait, ForeignKey, ForeignKeyCreateStatement, Index,
    IndexCreateStatement, IntoIden, SchemaManager, Table, TableCreateStatement,
};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// A table to be created, with the columns and constraints of both databases.
pub struct NewTable {
    name: &'static str,
    table: TableCreateStatement,
    indexes: Vec<IndexCreateStatement>,
    backend: DbBackend,
}

/// Whether a column may be null.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Null {
    No,
    Yes,
}

impl NewTable {
    pub fn new(manager: &SchemaManager<'_>, name: &'static str) -> Self {
        let backend = manager.get_connection().get_database_backend();
        let table = Table::create().table(Alias::new(name)).to_owned();
        Self { name, table, indexes: Vec::new(), backend }
    }

    /// Creates the table, then its indexes.
    pub async fn create(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        manager.create_table(self.table).await?;
        for index in self.indexes {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    /// The primary key `id`.
    pub fn id(self) -> Self {
        self.uuid("id", Null::No).primary_key(&["id"])
    }

    /// An id: native in PostgreSQL, 16 bytes in SQLite.
    pub fn uuid(mut self, name: &'static str, null: Null) -> Self {
        let mut column = column(name, null);
        match self.backend {
            DbBackend::Sqlite => column.custom("blob"),
            _ => column.uuid(),
        };
        self.table.col(column);
        self
    }

    /// An id that must exist in another table. Give it an index with `index`.
    pub fn reference(mut self, name: &'static str, null: Null, table: &'static str) -> Self {
        self = self.uuid(name, null);
        let mut key: ForeignKeyCreateStatement = ForeignKey::create();
        key.name(format!("fk_{}_{name}", self.name))
            .from(Alias::new(self.name), Alias::new(name))
            .to(Alias::new(table), Alias::new("id"));
        self.table.foreign_key(&mut key);
        self
    }

    /// An instant: milliseconds since 1970.
    pub fn time(self, name: &'static str, null: Null) -> Self {
        self.integer(name, null)
    }

    /// 64 bits: a count, or money in minor units.
    pub fn integer(mut self, name: &'static str, null: Null) -> Self {
        self.table.col(column(name, null).big_integer());
        self
    }

    /// 64 bits that begin at nought.
    pub fn counter(mut self, name: &'static str) -> Self {
        self.table.col(column(name, Null::No).big_integer().default(0));
        self
    }

    /// 32 bits.
    pub fn small_integer(mut self, name: &'static str, null: Null) -> Self {
        self.table.col(column(name, null).integer());
        self
    }

    pub fn boolean(mut self, name: &'static str) -> Self {
        self.table.col(column(name, Null::No).boolean());
        self
    }

    pub fn text(mut self, name: &'static str, null: Null) -> Self {
        self.table.col(column(name, null).text());
        self
    }

    /// A text that is one of a few.
    pub fn text_of(mut self, name: &'static str, null: Null, values: &[&'static str]) -> Self {
        let is_known = Expr::col(Alias::new(name)).is_in(values.iter().copied());
        self.table.col(column(name, null).text().check(is_known));
        self
    }

    /// An ISO 4217 code.
    pub fn currency(mut self, name: &'static str, null: Null) -> Self {
        let has_three_letters = Expr::cust(format!("length({name}) = 3"));
        self.table.col(column(name, null).text().check(has_three_letters));
        self
    }

    /// JSON kept as the text that came in: nothing here queries inside it.
    pub fn json(mut self, name: &'static str) -> Self {
        self.table.col(column(name, Null::No).json());
        self
    }

    pub fn bytes(mut self, name: &'static str) -> Self {
        self.table.col(column(name, Null::No).blob());
        self
    }

    pub fn bytes_or_null(mut self, name: &'static str) -> Self {
        self.table.col(column(name, Null::Yes).blob());
        self
    }

    pub fn primary_key(mut self, columns: &[&'static str]) -> Self {
        let mut key = Index::create();
        for name in columns {
            key.col(Alias::new(*name));
        }
        self.table.primary_key(&mut key);
        self
    }

    /// An index for reading by, or sorting by, these columns in this order.
    pub fn index(self, columns: &[&'static str]) -> Self {
        self.add_index("ix", columns, false)
    }

    /// A combination that occurs once.
    pub fn unique(self, columns: &[&'static str]) -> Self {
        self.add_index("uq", columns, true)
    }

    fn add_index(mut self, prefix: &str, columns: &[&'static str], unique: bool) -> Self {
        let mut index = Index::create();
        index.name(format!("{prefix}_{}_{}", self.name, columns.join("_"))).table(Alias::new(self.name));
        for name in columns {
            index.col(Alias::new(*name));
        }
        if unique {
            index.unique();
        }
        self.indexes.push(index);
        self
    }
}

fn column(name: &'static str, null: Null) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name).into_iden());
    if null == Null::No {
        column.not_null();
    }
    column
}
