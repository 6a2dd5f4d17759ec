//! Relay's `Node`: anything that has an id, found again by it.

use std::borrow::Cow;

use async_graphql::{ID, InputObject};
use entities::ids::Id;
use futures_util::future::join_all;

use crate::api::attributes::{batches::AttributeDefinitionById, types::AttributeDefinition};
use crate::api::behaviors::batches::{BehaviorById, BehaviorDefinitionById, QuarantinedBehaviorById};
use crate::api::behaviors::types::{Behavior, BehaviorDefinition, QuarantinedBehavior};
use crate::api::customers::batches::{CustomerById, DeviceById};
use crate::api::customers::types::{Customer, Device};
use crate::api::offers::deciding::DecisionById;
use crate::api::offers::experience::Decision;
use crate::api::offers::{batches::OfferById, types::Offer};
use crate::api::placements::{batches::PlacementById, types::Placement};
use crate::api::products::{batches::ProductById, types::Product};
use crate::api::purchases::batches::{PurchaseById, RedemptionById};
use crate::api::purchases::cart::{Cart, CartById};
use crate::api::purchases::entitlement::{Entitlement, EntitlementById};
use crate::api::purchases::types::{Purchase, Redemption};
use crate::api::reads::Reads;
use crate::api::segments::{batches::SegmentById, types::Segment};
use crate::api::touchpoints::{batches::TouchpointById, types::Touchpoint};
use crate::graph::batch::Key;
use crate::graph::batched::{Access, Wanted};
use crate::graph::roots::RootFields;
use crate::graph::{Batch, Batched, FieldTable, Form, GraphType, Identifier, Input};
use crate::kernel::error::{Error, Result};

/// The most ids that `nodes` takes.
const MAX_NODES: usize = 100;

/// Anything that has an id.
pub struct Node;

/// A row of one of the types that are nodes.
#[derive(Clone, Debug)]
pub enum NodeRow {
    AttributeDefinition(Box<<AttributeDefinition as GraphType>::Row>),
    Behavior(Box<<Behavior as GraphType>::Row>),
    BehaviorDefinition(Box<<BehaviorDefinition as GraphType>::Row>),
    Cart(Box<<Cart as GraphType>::Row>),
    Customer(Box<<Customer as GraphType>::Row>),
    Decision(Box<<Decision as GraphType>::Row>),
    Device(Box<<Device as GraphType>::Row>),
    Entitlement(Box<<Entitlement as GraphType>::Row>),
    Offer(Box<<Offer as GraphType>::Row>),
    Placement(Box<<Placement as GraphType>::Row>),
    Product(Box<<Product as GraphType>::Row>),
    Purchase(Box<<Purchase as GraphType>::Row>),
    QuarantinedBehavior(Box<<QuarantinedBehavior as GraphType>::Row>),
    Redemption(Box<<Redemption as GraphType>::Row>),
    Segment(Box<<Segment as GraphType>::Row>),
    Touchpoint(Box<<Touchpoint as GraphType>::Row>),
}

impl GraphType for Node {
    type Row = NodeRow;
    type Reader = Reads;
    const FORM: Form = Form::Interface;

    fn name() -> Cow<'static, str> {
        "Node".into()
    }

    fn description() -> Cow<'static, str> {
        "Anything that has an id and is found again by it.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.declared::<Identifier<entities::ids::CustomerId>>(
            "id",
            "The id: three letters that tell the type, an underscore, 26 letters and digits. Sorts by time of \
             creation within a type.",
        );
        t.member::<AttributeDefinition>(|row| {
            if let NodeRow::AttributeDefinition(row) = row { Some(row) } else { None }
        });
        t.member::<Behavior>(|row| if let NodeRow::Behavior(row) = row { Some(row) } else { None });
        t.member::<BehaviorDefinition>(|row| {
            if let NodeRow::BehaviorDefinition(row) = row { Some(row) } else { None }
        });
        t.member::<Cart>(|row| if let NodeRow::Cart(row) = row { Some(row) } else { None });
        t.member::<Customer>(|row| if let NodeRow::Customer(row) = row { Some(row) } else { None });
        t.member::<Decision>(|row| if let NodeRow::Decision(row) = row { Some(row) } else { None });
        t.member::<Device>(|row| if let NodeRow::Device(row) = row { Some(row) } else { None });
        t.member::<Entitlement>(|row| if let NodeRow::Entitlement(row) = row { Some(row) } else { None });
        t.member::<Offer>(|row| if let NodeRow::Offer(row) = row { Some(row) } else { None });
        t.member::<Placement>(|row| if let NodeRow::Placement(row) = row { Some(row) } else { None });
        t.member::<Product>(|row| if let NodeRow::Product(row) = row { Some(row) } else { None });
        t.member::<Purchase>(|row| if let NodeRow::Purchase(row) = row { Some(row) } else { None });
        t.member::<QuarantinedBehavior>(|row| {
            if let NodeRow::QuarantinedBehavior(row) = row { Some(row) } else { None }
        });
        t.member::<Redemption>(|row| if let NodeRow::Redemption(row) = row { Some(row) } else { None });
        t.member::<Segment>(|row| if let NodeRow::Segment(row) = row { Some(row) } else { None });
        t.member::<Touchpoint>(|row| if let NodeRow::Touchpoint(row) = row { Some(row) } else { None });
    }
}

#[derive(Clone, Debug, InputObject)]
struct NodeArguments {
    /// The id of what is looked for.
    id: ID,
}

#[derive(Clone, Debug, InputObject)]
struct NodesArguments {
    /// The ids, at most 100.
    ids: Vec<ID>,
}

pub fn add_to(root: &mut RootFields) {
    root.add::<Option<Node>, _>(
        "node",
        "What has this id; null when there is nothing that you may see.",
        |Input(NodeArguments { id })| {
            Batched::gather(move |access: Access<'_, Reads>, wanted| {
                let id = id.clone();
                Box::pin(async move { find(&id, access, &wanted).await })
            })
        },
    );
    root.add::<Vec<Option<Node>>, _>(
        "nodes",
        "What has these ids, in their order; null in the place of each that is not found.",
        |Input(NodesArguments { ids })| {
            Batched::gather(move |access: Access<'_, Reads>, wanted| {
                let ids = ids.clone();
                Box::pin(async move {
                    if ids.len() > MAX_NODES {
                        let message = format!("`ids` has {} entries; the limit is {MAX_NODES}", ids.len());
                        return Err(Error::invalid("ids", message));
                    }
                    let found = join_all(ids.iter().map(|id| find(id, access, &wanted))).await;
                    found.into_iter().collect()
                })
            })
        },
    );
}

/// Finds what an id names. An id of no type here is not found, like one that nothing has.
async fn find(id: &ID, access: Access<'_, Reads>, wanted: &Wanted<'_, Node>) -> Result<Option<NodeRow>> {
    let find = Finder { id, access, wanted };
    Ok(match id.get(..3) {
        Some("atd") => find
            .row::<AttributeDefinition, _, _>(AttributeDefinitionById)
            .await?
            .map(NodeRow::AttributeDefinition),
        Some("bdf") => find
            .row::<BehaviorDefinition, _, _>(BehaviorDefinitionById)
            .await?
            .map(NodeRow::BehaviorDefinition),
        Some("beh") => find.row::<Behavior, _, _>(BehaviorById).await?.map(NodeRow::Behavior),
        Some("crt") => find.row::<Cart, _, _>(CartById).await?.map(NodeRow::Cart),
        Some("cus") => find.row::<Customer, _, _>(CustomerById).await?.map(NodeRow::Customer),
        Some("dec") => find.row::<Decision, _, _>(DecisionById).await?.map(NodeRow::Decision),
        Some("dev") => find.row::<Device, _, _>(DeviceById).await?.map(NodeRow::Device),
        Some("ent") => find.row::<Entitlement, _, _>(EntitlementById).await?.map(NodeRow::Entitlement),
        Some("off") => find.row::<Offer, _, _>(OfferById).await?.map(NodeRow::Offer),
        Some("plc") => find.row::<Placement, _, _>(PlacementById).await?.map(NodeRow::Placement),
        Some("prd") => find.row::<Product, _, _>(ProductById).await?.map(NodeRow::Product),
        Some("pur") => find.row::<Purchase, _, _>(PurchaseById).await?.map(NodeRow::Purchase),
        Some("qua") => find
            .row::<QuarantinedBehavior, _, _>(QuarantinedBehaviorById)
            .await?
            .map(NodeRow::QuarantinedBehavior),
        Some("red") => find.row::<Redemption, _, _>(RedemptionById).await?.map(NodeRow::Redemption),
        Some("seg") => find.row::<Segment, _, _>(SegmentById).await?.map(NodeRow::Segment),
        Some("tou") => find.row::<Touchpoint, _, _>(TouchpointById).await?.map(NodeRow::Touchpoint),
        _ => None,
    })
}

struct Finder<'a> {
    id: &'a ID,
    access: Access<'a, Reads>,
    wanted: &'a Wanted<'a, Node>,
}

impl Finder<'_> {
    async fn row<T, I, K>(&self, key: impl FnOnce(I) -> K) -> Result<Option<Box<T::Row>>>
    where
        T: GraphType<Row: Clone>,
        I: Id,
        K: Key,
        Reads: Batch<K, Arguments = (), Value = T::Row>,
    {
        let Ok(id) = I::parse(self.id) else { return Ok(None) };
        let row = self.access.gather.load(key(id), self.wanted.member_columns::<T>()).await?;
        Ok(row.map(Box::new))
    }
}
