//! The registry: for each table, whether it holds anything about persons, how that is exported and what is
//! left of it when a person is erased. A table without a rule fails a test.

use entities::ids::CustomerId;
use entities::{
    attribute_bucket, behavior, behavior_message, cart, cart_code, cart_line, code_entry, consent, customer,
    customer_identity, customer_merge, decision, device, entitlement, hold, hold_span, idempotency_key,
    line_discount, offer_response, purchase, purchase_line, quarantined_behavior, redemption,
    segment_judgement, segment_member,
};
use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;
use sea_orm::sea_query::{Alias, Cond, Expr, ExprTrait};
use serde_json::Value;

use crate::domain::privacy::export;
use crate::kernel::error::Result;

/// What is to be done with one table.
pub struct Rule {
    pub table: &'static str,
    pub held: Held,
}

/// Whether a table holds anything about persons.
pub enum Held {
    /// Definitions and settings: the same whoever the customers are.
    NotPersonal,
    Personal(Personal),
}

/// What a table holds about persons.
pub struct Personal {
    /// Which of its rows are a person's.
    pub rows: Rows,
    pub exported: Exported,
    pub erased: Erased,
}

/// Which rows are a person's: those with a customer of the person in any of these columns.
#[derive(Clone, Copy)]
pub struct Rows(&'static [&'static str]);

/// Reads a person's rows as JSON.
pub type Exported =
    for<'a> fn(&'a DatabaseTransaction, Rows, &'a [CustomerId]) -> BoxFuture<'a, Result<Vec<Value>>>;

/// What becomes of a person's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erased {
    Deleted,
    /// Those that the person sent are deleted. Those of a till or a server stay until they are swept away, so that what
    /// it sends again is not done again: they say what was asked, not of whom.
    DeletedOwnRequests,
    /// Deleted, and the sizes of the segments are made smaller.
    DeletedMembership,
    /// The customer stays, without anything that tells who it was.
    StrippedCustomer,
    /// Amounts and times stay, without the numbers by which other systems know the purchase: of those only a hash, so that
    /// it is not recorded anew.
    StrippedPurchase,
    /// Amounts and times stay, without the code that was typed.
    StrippedRedemption,
    /// Amounts and times only, which stay.
    Kept,
}

impl Rows {
    /// The condition that these rows are of one of these customers.
    pub fn of(self, customers: &[CustomerId]) -> Cond {
        self.0.iter().fold(Cond::any(), |condition, column| {
            condition.add(Expr::col(Alias::new(*column)).is_in(customers.iter().map(|id| id.0)))
        })
    }
}

const fn rule(table: &'static str, rows: Rows, exported: Exported, erased: Erased) -> Rule {
    Rule { table, held: Held::Personal(Personal { rows, exported, erased }) }
}

const fn not_personal(table: &'static str) -> Rule {
    Rule { table, held: Held::NotPersonal }
}

const CUSTOMER: Rows = Rows(&["customer_id"]);

/// The rules, in an order in which rows can be taken away: what refers to others first.
pub const RULES: &[Rule] = &[
    rule("quarantined_behaviors", CUSTOMER, export::rows::<quarantined_behavior::Entity>, Erased::Deleted),
    rule("attribute_buckets", CUSTOMER, export::rows::<attribute_bucket::Entity>, Erased::Deleted),
    rule("segment_members", CUSTOMER, export::rows::<segment_member::Entity>, Erased::DeletedMembership),
    // Says when, not what; and who is bare now is to be judged anew.
    rule("segment_judgements", CUSTOMER, export::rows::<segment_judgement::Entity>, Erased::Kept),
    rule("offer_responses", CUSTOMER, export::rows::<offer_response::Entity>, Erased::Deleted),
    rule("behavior_messages", CUSTOMER, export::rows::<behavior_message::Entity>, Erased::Deleted),
    rule("behaviors", CUSTOMER, export::rows::<behavior::Entity>, Erased::Deleted),
    rule("devices", CUSTOMER, export::rows::<device::Entity>, Erased::Deleted),
    rule("consents", CUSTOMER, export::rows::<consent::Entity>, Erased::Deleted),
    rule("customer_identities", CUSTOMER, export::rows::<customer_identity::Entity>, Erased::Deleted),
    rule(
        "customer_merges",
        Rows(&["survivor_id", "merged_id"]),
        export::rows::<customer_merge::Entity>,
        Erased::Deleted,
    ),
    rule("decisions", CUSTOMER, export::rows::<decision::Entity>, Erased::Deleted),
    // A cart of nobody is bought by nobody; what is held for it runs out by itself, and the stock has it again.
    rule("cart_codes", CUSTOMER, export::rows::<cart_code::Entity>, Erased::Deleted),
    rule("cart_lines", CUSTOMER, export::rows::<cart_line::Entity>, Erased::Deleted),
    rule("hold_spans", CUSTOMER, export::rows::<hold_span::Entity>, Erased::Deleted),
    rule("code_entries", CUSTOMER, export::rows::<code_entry::Entity>, Erased::Deleted),
    rule("holds", CUSTOMER, export::rows::<hold::Entity>, Erased::Kept),
    rule("carts", CUSTOMER, export::rows::<cart::Entity>, Erased::Kept),
    rule("idempotency_keys", CUSTOMER, export::rows::<idempotency_key::Entity>, Erased::DeletedOwnRequests),
    rule("entitlements", CUSTOMER, export::rows::<entitlement::Entity>, Erased::Deleted),
    rule("line_discounts", CUSTOMER, export::rows::<line_discount::Entity>, Erased::Kept),
    rule("redemptions", CUSTOMER, export::rows::<redemption::Entity>, Erased::StrippedRedemption),
    rule("purchase_lines", CUSTOMER, export::rows::<purchase_line::Entity>, Erased::Kept),
    rule("purchases", CUSTOMER, export::rows::<purchase::Entity>, Erased::StrippedPurchase),
    rule("customers", Rows(&["id"]), export::rows::<customer::Entity>, Erased::StrippedCustomer),
    not_personal("attribute_definitions"),
    not_personal("behavior_definitions"),
    not_personal("catalogues"),
    // Names rows by their ids, for minutes.
    not_personal("changes"),
    not_personal("offer_budgets"),
    // A code says nothing of who was given it.
    not_personal("offer_codes"),
    not_personal("offers"),
    not_personal("placements"),
    not_personal("product_prices"),
    not_personal("products"),
    not_personal("retired_attributes"),
    not_personal("seaql_migrations"),
    not_personal("segments"),
    not_personal("touchpoints"),
];
