//! The field tables of segments and their members.

use std::borrow::Cow;

use crate::api::customers::batches::CustomerById;
use crate::api::customers::types::Customer;
use crate::api::enums::ConsentPurpose;
use crate::api::reads::Reads;
use crate::api::segments::batches::MembersOf;
use crate::db::read::Row;
use crate::domain::segments::store;
use crate::graph::{Connection, EnumLeaf, FieldTable, GraphType, Identifier, Paged};
use crate::kernel::page::Cursor;
use crate::kernel::viewer::Scope;

/// Customers for whom a rule holds.
pub struct Segment;

impl GraphType for Segment {
    type Row = store::Segment;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Segment".into()
    }

    fn description() -> Cow<'static, str> {
        "Customers for whom a rule holds. `Customer.segments` is judged when it is read; `members` and `size` \
         follow within moments, and within a day where the rule reads `now`."
            .into()
    }

    fn columns() -> Vec<&'static str> {
        store::Segment::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The segment's id: `seg_…`.", &["id"], |row| Identifier(row.id));
        t.leaf("key", "The name that rules and devices use: `film_buff`. Unique.", &["key"], |row| &row.key);
        t.leaf("name", "The name that people use.", &["name"], |row| &row.name);
        t.calc("rule", with_scope("The CEL condition on a customer."), &["rule"], |row| {
            Some(row.rule.clone())
        })
        .needs(Scope::Lists);
        t.calc(
            "purpose",
            "What the segment is used for: customers who refuse that belong to it in no case.",
            &["purpose"],
            |row| EnumLeaf(ConsentPurpose::from(row.purpose)),
        );
        t.calc("size", with_scope("How many members the list has."), &["size"], |row| {
            Some(i32::try_from(row.size).unwrap_or(i32::MAX))
        })
        .needs(Scope::Lists);
        t.calc(
            "judgedAt",
            with_scope(
                "When everybody had been judged by the rule as it is; null until then, while `members` and `size` \
                 are on their way.",
            ),
            &["judged_at"],
            |row| row.judged_at,
        )
        .needs(Scope::Lists);
        t.calc(
            "failure",
            with_scope(
                "Why the rule fails for some customers, who then do not belong; null when it has not failed since \
                 it was changed.",
            ),
            &["failure"],
            |row| row.failure.clone(),
        )
        .needs(Scope::Lists);
        t.maybe::<Connection<SegmentMember>, _>(
            "members",
            with_scope("Who belongs to the segment, the latest first."),
            &["id"],
            |row| Some(MembersOf(row.id)),
        )
        .needs(Scope::Lists);
        t.leaf("createdAt", "When it was created.", &["created_at"], |row| &row.created_at);
        t.leaf("updatedAt", "When it was last changed.", &["updated_at"], |row| &row.updated_at);
    }
}

fn with_scope(description: &str) -> String {
    format!("{description} Null, with the error FORBIDDEN, without the scope `lists:read`.")
}

impl Paged for Segment {
    const CURSOR_KIND: u8 = b's';

    fn cursor(row: &store::Segment) -> Cursor {
        Cursor { key: row.created_at.millis(), id: row.id.0 }
    }
}

/// A customer on the list of a segment.
pub struct SegmentMember;

impl GraphType for SegmentMember {
    type Row = store::Member;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "SegmentMember".into()
    }

    fn description() -> Cow<'static, str> {
        "A customer who belongs to a segment.".into()
    }

    fn columns() -> Vec<&'static str> {
        store::Member::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.link::<Customer, _>("customer", "Who belongs to it.", &["customer_id"], |row| {
            CustomerById(row.customer_id)
        });
        t.leaf("since", "When the list got the customer.", &["since"], |row| &row.since);
    }
}

impl Paged for SegmentMember {
    const CURSOR_KIND: u8 = b'm';

    fn cursor(row: &store::Member) -> Cursor {
        Cursor { key: row.since.millis(), id: row.customer_id.0 }
    }
}
