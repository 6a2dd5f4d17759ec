//! What a decision showed and to whom: what behaviors that name a decision are held against. Decisions are made by
//! who comes later than behaviors, and finds them for us.

use std::collections::HashMap;
use std::fmt::Debug;

use entities::ids::{CustomerId, DecisionId, OfferId};
use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use crate::kernel::error::Result;

/// A decision, as far as behaviors speak of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// For whom it was made; since then it may have become another.
    pub customer: CustomerId,
    pub shown: Vec<ShownOffer>,
}

/// An offer that a decision showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownOffer {
    pub offer: OfferId,
    pub variant: Option<String>,
}

impl Decided {
    /// How an offer was shown. Without one named, the offer that was shown alone.
    pub fn find(&self, offer: Option<OfferId>) -> Option<&ShownOffer> {
        match (offer, self.shown.as_slice()) {
            (Some(offer), shown) => shown.iter().find(|shown| shown.offer == offer),
            (None, [alone]) => Some(alone),
            (None, _) => None,
        }
    }
}

/// Finds decisions.
pub trait Decisions: Debug + Send + Sync {
    /// Those of these decisions that are known here. One that cannot be found is no error.
    fn find<'a>(
        &'a self,
        transaction: &'a DatabaseTransaction,
        ids: &'a [DecisionId],
    ) -> BoxFuture<'a, Result<HashMap<DecisionId, Decided>>>;
}

/// Where nothing is decided none is known.
#[derive(Clone, Copy, Debug)]
pub struct NoDecisions;

impl Decisions for NoDecisions {
    fn find<'a>(
        &'a self,
        _: &'a DatabaseTransaction,
        _: &'a [DecisionId],
    ) -> BoxFuture<'a, Result<HashMap<DecisionId, Decided>>> {
        Box::pin(async { Ok(HashMap::new()) })
    }
}
