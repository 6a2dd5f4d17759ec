//! The query root: one line a noun.

use crate::api::{
    attributes, behaviors, customers, node, offers, placements, products, purchases, segments, touchpoints,
};
use crate::graph::roots::{Root, RootFields, RootTable};

/// The table of the query root.
pub struct QueryTable;

/// The query root.
pub type Query = Root<QueryTable>;

impl RootTable for QueryTable {
    const NAME: &'static str = "Query";
    const DESCRIPTION: &'static str = "What can be read. Every field answers for the viewer that the request's \
                                       credentials prove: what you may not see reads like what is not there.";

    fn fields(root: &mut RootFields) {
        node::add_to(root);
        customers::queries::add_to(root);
        touchpoints::queries::add_to(root);
        behaviors::queries::add_to(root);
        attributes::queries::add_to(root);
        segments::queries::add_to(root);
        products::queries::add_to(root);
        offers::queries::add_to(root);
        placements::queries::add_to(root);
        purchases::queries::add_to(root);
    }
}
