//! What became of an offer, in the graph.

use std::borrow::Cow;
use std::collections::HashMap;

use async_graphql::InputObject;
use entities::ids::OfferId;

use crate::api::reads::Reads;
use crate::domain::offers::figures::{self, Counts, Figures};
use crate::domain::time_range::TimeRange;
use crate::graph::scalars::DateTime;
use crate::graph::{Batch, FieldTable, GraphType, Input, Want};
use crate::kernel::error::Result;
use crate::kernel::viewer::{CustomerScope, Scope};

/// What became of this offer?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResponsesOf(pub OfferId);

#[derive(Clone, Debug, Default, InputObject)]
pub struct OfferResponsesArguments {
    /// Only what was received from then on; without it from the beginning.
    pub since: Option<DateTime>,
    /// Only what was received before; without it until now.
    pub until: Option<DateTime>,
}

impl Batch<ResponsesOf> for Reads {
    type Arguments = Input<OfferResponsesArguments>;
    type Value = Figures;

    async fn load(
        &self,
        keys: &[ResponsesOf],
        want: Want<'_, Input<OfferResponsesArguments>>,
    ) -> Result<HashMap<ResponsesOf, Figures>> {
        let OfferResponsesArguments { since, until } = want.arguments.0;
        let received = TimeRange { from: since.map(|time| time.0), until: until.map(|time| time.0) };
        // How many, and of nobody who.
        let scope = match self.viewer.holds(Scope::Offers) {
            true => CustomerScope::Everybody,
            false => CustomerScope::Nobody,
        };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let figures = figures::by_offer_ids(&self.db, scope, &ids, received).await?;
        Ok(figures.into_iter().map(|(id, figures)| (ResponsesOf(id), figures)).collect())
    }
}

/// What became of an offer that was shown.
pub struct OfferResponses;

impl GraphType for OfferResponses {
    type Row = Figures;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "OfferResponses".into()
    }

    fn description() -> Cow<'static, str> {
        "What became of an offer, as devices tell it with `Offer Shown`, `Offer Clicked` and `Offer Dismissed`: how \
         often, not by how many customers. One decision counts once in each."
            .into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("shown", "How often it was shown.", &[], |row| count(row.total().shown));
        t.calc("clicked", "How often it was followed.", &[], |row| count(row.total().clicked));
        t.calc("dismissed", "How often it was sent away.", &[], |row| count(row.total().dismissed));
        t.embed::<Vec<VariantResponses>>(
            "byVariant",
            "The same by what was tried, for variants of which anything was told, by key. What comes without a variant \
             is first: where nothing was tried, where devices named no `decisionId`, or where the decision was no \
             longer known.",
            &[],
            |row| row.by_variant.iter().map(|(variant, counts)| (variant.clone(), *counts)).collect(),
        );
    }
}

/// What became of one variant of an offer.
pub struct VariantResponses;

impl GraphType for VariantResponses {
    type Row = (Option<String>, Counts);
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "VariantResponses".into()
    }

    fn description() -> Cow<'static, str> {
        "What became of an offer where one variant of it was shown.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.leaf(
            "variant",
            "The variant's key, as in `Experiment.variants`; null without one.",
            &[],
            |(variant, _)| variant,
        );
        t.calc("shown", "How often it was shown.", &[], |(_, counts)| count(counts.shown));
        t.calc("clicked", "How often it was followed.", &[], |(_, counts)| count(counts.clicked));
        t.calc("dismissed", "How often it was sent away.", &[], |(_, counts)| count(counts.dismissed));
    }
}

fn count(number: u64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
