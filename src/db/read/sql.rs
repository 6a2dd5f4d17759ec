//! The text of one statement in one of the two dialects, and its bound values. Names come from the program
//! only; values are only ever bound.

use std::fmt::Write;

use super::param::Param;
use crate::db::backend::Backend;

/// A statement being written.
#[derive(Debug)]
pub struct Sql {
    dialect: Backend,
    text: String,
    params: Vec<Param>,
}

impl Sql {
    pub fn new(dialect: Backend) -> Self {
        Self { dialect, text: String::with_capacity(512), params: Vec::with_capacity(6) }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn params(&self) -> &[Param] {
        &self.params
    }

    pub fn dialect(&self) -> Backend {
        self.dialect
    }

    pub fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub fn number(&mut self, number: u64) -> &mut Self {
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{number}");
        self
    }

    /// `"name"`
    pub fn name(&mut self, name: &'static str) -> &mut Self {
        self.text.push('"');
        self.text.push_str(name);
        self.text.push('"');
        self
    }

    /// `t."name"`
    pub fn column(&mut self, name: &'static str) -> &mut Self {
        self.push("t.").name(name)
    }

    /// `, NULL` so many times.
    pub fn nulls(&mut self, count: usize) -> &mut Self {
        (0..count).for_each(|_| self.text.push_str(", NULL"));
        self
    }

    /// The place of a bound value.
    pub fn bind(&mut self, param: Param) -> &mut Self {
        self.params.push(param);
        let mark = match self.dialect {
            Backend::Postgres => '$',
            Backend::Sqlite => '?',
        };
        self.text.push(mark);
        self.number(self.params.len() as u64)
    }

    /// ` is one of` a bound list. One text whatever the length of the list, and one for a list of one value,
    /// which is what most requests have and both databases find faster.
    pub fn is_any(&mut self, list: Param) -> &mut Self {
        let list = list.without_list_of_one();
        if !list.is_list() {
            return self.push(" = ").bind(list);
        }
        match self.dialect {
            Backend::Postgres => self.push(" = ANY(").bind(list).push(")"),
            Backend::Sqlite => self.push(" IN rarray(").bind(list).push(")"),
        }
    }

    /// A bound list of ids as a table with one column `value`, for use behind `FROM`.
    pub fn ids(&mut self, ids: Param) -> &mut Self {
        match self.dialect {
            Backend::Postgres => self.push("unnest(").bind(ids).push("::uuid[]) AS id(value)"),
            Backend::Sqlite => self.push("rarray(").bind(ids).push(") AS id"),
        }
    }
}
