//! The scope of a viewer who may read one customer: everything of that customer, and of all that were merged
//! into it. Never of one that it was merged into: whether a token speaks for the survivor is decided where it is
//! shown, and a merge that takes the token away must not be overtaken by a request that is under way.

use entities::ids::Id;
use uuid::Uuid;

use super::merging::{Merging, Parents};
use super::param::Param;
use super::row::Row;
use super::select::Select;
use super::sql::Sql;
use crate::kernel::viewer::CustomerScope;

/// Leaves only what belongs to one row, or to one that was merged into it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner {
    /// The column that says to which row something belongs.
    pub column: &'static str,
    pub id: Uuid,
    pub merging: Merging,
}

impl Owner {
    /// The owner with all that were merged into it.
    pub(super) fn members(self) -> Parents {
        Parents::Expanded(self.merging, Param::Uuids(vec![self.id]))
    }

    /// ` AND …` for the row whose id `id` writes. Almost always it is the owner itself: then nothing is looked
    /// up. What is looked up is by primary key, so the statement keeps the index it would use without this.
    pub(super) fn write_owns(&self, sql: &mut Sql, id: impl Fn(&mut Sql)) {
        sql.push(" AND (");
        id(sql);
        sql.push(" = ").bind(Param::Uuid(self.id)).push(" OR ");
        self.merging.write_survivor(sql, &id);
        sql.push(" = ").bind(Param::Uuid(self.id)).push(")");
    }
}

impl<R: Row> Select<R> {
    /// Leaves only what the viewer may read; `column` holds the customer. Nobody's is nothing, without a
    /// statement.
    pub fn scope(mut self, column: &'static str, scope: CustomerScope, merging: Merging) -> Self {
        match scope {
            CustomerScope::Everybody => {}
            CustomerScope::Only(own) => self.owner = Some(Owner { column, id: own.uuid(), merging }),
            CustomerScope::Nobody => self.is_empty = true,
        }
        self
    }

    /// ` AND …` if only rows of one owner may be read.
    pub(super) fn write_owned(&self, sql: &mut Sql) {
        let Some(owner) = self.owner else { return };
        owner.write_owns(sql, |sql| {
            sql.column(owner.column);
        });
    }
}
