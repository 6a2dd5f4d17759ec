//! Columns, keys and indexes in the one form that SQLite and PostgreSQL share. What a migration says once
//! here, it says the same for both.

use sea_orm_migration::prelude::{
    Alias, ColumnDef, ConditionalStatement, DbErr, Expr, ExprTrait, ForeignKey, ForeignKeyCreateStatement,
    Index, IndexCreateStatement, IntoIden, SchemaManager, Table, TableCreateStatement,
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

    /// A condition that every row fulfils, in SQL that both databases know.
    pub fn check(mut self, condition: &'static str) -> Self {
        self.table.check(Expr::cust(condition));
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

    /// An index that has only those rows in which a column is not null: for what few rows have.
    pub fn index_where_present(mut self, present: &'static str, columns: &[&'static str]) -> Self {
        let mut index = self.new_index("ix", columns);
        index.name(format!("ix_{}_{}_where_{present}", self.name, columns.join("_")));
        index.and_where(Expr::col(Alias::new(present)).is_not_null());
        self.indexes.push(index);
        self
    }

    /// A combination that occurs once.
    pub fn unique(self, columns: &[&'static str]) -> Self {
        self.add_index("uq", columns, true)
    }

    fn add_index(mut self, prefix: &str, columns: &[&'static str], unique: bool) -> Self {
        let mut index = self.new_index(prefix, columns);
        if unique {
            index.unique();
        }
        self.indexes.push(index);
        self
    }

    fn new_index(&self, prefix: &str, columns: &[&'static str]) -> IndexCreateStatement {
        let mut index = Index::create();
        index.name(format!("{prefix}_{}_{}", self.name, columns.join("_"))).table(Alias::new(self.name));
        for name in columns {
            index.col(Alias::new(*name));
        }
        index
    }
}

/// A column to be added to a table that is there.
pub struct NewColumn {
    table: &'static str,
    name: &'static str,
    kind: Kind,
    check: Option<&'static str>,
}

/// What such a column holds.
pub enum Kind {
    /// 64 bits, or null.
    Integer,
    /// 64 bits that begin at nought.
    Counter,
    /// An id, or null.
    Uuid,
    /// A text, or null.
    Text,
    /// A text that is one of a few; this one in rows that are there.
    TextOf(&'static str),
    /// A list as JSON; empty in rows that are there.
    List,
}

impl NewColumn {
    pub fn new(table: &'static str, name: &'static str, kind: Kind) -> Self {
        Self { table, name, kind, check: None }
    }

    /// A condition that every row fulfils. It may speak of all columns of the table.
    pub fn check(self, condition: &'static str) -> Self {
        Self { check: Some(condition), ..self }
    }

    pub async fn add(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let Self { table, name, kind, check } = self;
        let is_sqlite = manager.get_connection().get_database_backend() == DbBackend::Sqlite;
        let kind = match kind {
            Kind::Integer => "bigint".to_owned(),
            Kind::Counter => "bigint NOT NULL DEFAULT 0".to_owned(),
            Kind::Uuid => if is_sqlite { "blob" } else { "uuid" }.to_owned(),
            Kind::Text => "text".to_owned(),
            Kind::TextOf(first) => format!("text NOT NULL DEFAULT '{first}'"),
            Kind::List => format!("{} NOT NULL DEFAULT '[]'", if is_sqlite { "json_text" } else { "json" }),
        };
        let check = check.map(|condition| format!(" CHECK ({condition})")).unwrap_or_default();
        let text = format!(r#"ALTER TABLE "{table}" ADD COLUMN "{name}" {kind}{check}"#);
        manager.get_connection().execute_unprepared(&text).await?;
        Ok(())
    }
}

fn column(name: &'static str, null: Null) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name).into_iden());
    if null == Null::No {
        column.not_null();
    }
    column
}
