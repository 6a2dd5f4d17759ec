//! The mutations of products: arguments in, a use case called, a payload out.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, OneofObject, SimpleObject};
use entities::ids::ProductId;

use crate::api::enums::ProductKind;
use crate::api::inputs::{MoneyInput, parse_id};
use crate::api::payload::{UserError, reads, require, settle_refusal};
use crate::api::products::batches::ProductById;
use crate::api::products::types::Product;
use crate::api::reads::Reads;
use crate::api::scalars::JSONObject;
use crate::domain::customers::idempotency::Once;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::products::define::{Parts, upsert};
use crate::domain::products::stock::{Adjustment, adjust};
use crate::graph::Batched;
use crate::graph::scalars::DateTime;
use crate::kernel::error::Result;
use crate::kernel::viewer::Scope;

/// What a product is. What is left out stays as it is; a new one needs `kind` and `prices`.
#[derive(InputObject)]
pub struct ProductUpsertInput {
    /// The brand's own code of it, by which it is found: `POPCORN-L`.
    pub sku: String,
    /// The name by which people call it; that of a new one is its code without one.
    pub name: Option<String>,
    /// What kind of thing it is.
    pub kind: Option<ProductKind>,
    /// The price of one in every currency in which it is sold, the first one first; all of them.
    pub prices: Option<Vec<MoneyInput>>,
    /// How many there are of a new one, without it there is no end of it; later `stockAdjust` changes it.
    pub stock_total: Option<i32>,
    /// What else is known about it, of any shape, 64 KB at most: `{"genre": "drama"}`.
    pub attributes: Option<JSONObject>,
    /// When it takes place; null: at no time.
    pub starts_at: MaybeUndefined<DateTime>,
    /// What it is an instance of, the film of a showing: `prd_…`; null: it stands by itself.
    pub part_of_id: MaybeUndefined<ID>,
    /// For how many days a paid one may be used, of a digital product; null: for ever.
    pub access_days: MaybeUndefined<i32>,
}

/// How many there are of a product: exactly one of these.
#[derive(OneofObject)]
pub enum StockAdjustmentInput {
    /// So many in all, with those that are sold or held.
    Total(i32),
    /// So many more, or less when it is negative. Needs an `idempotencyKey`.
    By(i32),
    /// There is no end of it, when this is true.
    Endless(bool),
}

/// What stock is to be another.
#[derive(InputObject)]
pub struct StockAdjustInput {
    /// Which product: `prd_…`.
    pub product_id: ID,
    /// How many there are to be. Never less than are sold or held.
    pub adjustment: StockAdjustmentInput,
    /// A random id that you make for an adjustment by a difference (`by`) and send again when you try again: it is done
    /// once, however often it is sent. `total` and `endless` need none: sent again they change nothing.
    pub idempotency_key: Option<String>,
}

/// What became of `productUpsert`.
#[derive(SimpleObject)]
pub struct ProductUpsertPayload {
    /// The product as it is now; null when there are `userErrors`.
    product: Batched<Option<Product>>,
    /// What was wrong; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What became of `stockAdjust`.
#[derive(SimpleObject)]
pub struct StockAdjustPayload {
    /// The product as it is now; null when there are `userErrors`.
    product: Batched<Option<Product>>,
    /// What was wrong; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of products.
#[derive(Default)]
pub struct ProductMutations;

#[Object]
impl ProductMutations {
    /// Writes a product: the one with this code, or a new one. Needs the scope `products:write`.
    async fn product_upsert(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What the product is.")] input: ProductUpsertInput,
    ) -> async_graphql::Result<ProductUpsertPayload> {
        let reads = reads(context)?;
        require(reads, Scope::ProductsWrite)?;
        let (product, user_errors) = settled(reads, upserted(reads, input).await)?;
        Ok(ProductUpsertPayload { product, user_errors })
    }

    /// Says how many there are of a product: seats of a hall, bags in the store. What is sold or held stays so. Sent again
    /// with the same `idempotencyKey` it is not done again. Needs the scope `products:write`.
    async fn stock_adjust(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which product, and how many.")] input: StockAdjustInput,
    ) -> async_graphql::Result<StockAdjustPayload> {
        let reads = reads(context)?;
        require(reads, Scope::ProductsWrite)?;
        let (product, user_errors) = settled(reads, adjusted(reads, input).await)?;
        Ok(StockAdjustPayload { product, user_errors })
    }
}

fn settled(
    reads: &Reads,
    done: Result<ProductId, Rejection>,
) -> async_graphql::Result<(Batched<Option<Product>>, Vec<UserError>)> {
    let (id, user_errors) = match settle_refusal(reads, done)? {
        Ok(id) => (Some(id), Vec::new()),
        Err(errors) => (None, errors),
    };
    Ok((Batched::by_viewer(move |_: &Reads| id.map(ProductById)), user_errors))
}

/// What is said, where null means something.
fn said<T, U>(said: MaybeUndefined<T>, read: impl FnOnce(T) -> Result<U>) -> Result<Option<Option<U>>> {
    Ok(match said {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(read(value)?)),
    })
}

async fn upserted(reads: &Reads, input: ProductUpsertInput) -> Result<ProductId, Rejection> {
    let price = |(at, price): (usize, &MoneyInput)| price.money(&format!("input.prices.{at}"));
    let prices = input.prices.as_ref().map(|prices| prices.iter().enumerate().map(price).collect());
    let parts = Parts {
        name: input.name,
        kind: input.kind.map(Into::into),
        prices: prices.transpose()?,
        stock_total: input.stock_total.map(Into::into),
        attributes: input.attributes.map(JSONObject::into_map),
        starts_at: said(input.starts_at, |at| Ok(at.0))?,
        part_of: said(input.part_of_id, |id| parse_id("input.partOfId", &id))?,
        access_days: said(input.access_days, |days| Ok(days.into()))?,
    };
    let input = (&reads.ids, reads.clock.now(), input.sku, parts);
    reads
        .db
        .write_retrying(&input, |transaction, (ids, now, sku, parts)| {
            Box::pin(upsert(transaction, ids, *now, sku, parts.clone()))
        })
        .await
}

async fn adjusted(reads: &Reads, input: StockAdjustInput) -> Result<ProductId, Rejection> {
    let id: ProductId = parse_id("input.productId", &input.product_id)?;
    let key = input.idempotency_key.as_deref();
    let adjustment = match input.adjustment {
        StockAdjustmentInput::Total(total) if total >= 0 => Adjustment::Total(Some(total.into())),
        StockAdjustmentInput::Endless(true) => Adjustment::Total(None),
        StockAdjustmentInput::By(more) => Adjustment::By(more.into(), once(reads, key, id, more)?),
        StockAdjustmentInput::Total(_) | StockAdjustmentInput::Endless(false) => {
            let message = "Say a total of 0 or more, or that there is no end of it.";
            return Err(Refusal::new(Reason::Invalid, "adjustment", message).into());
        }
    };
    reads
        .db
        .write_retrying(&(reads.clock.now(), id, adjustment), |transaction, (now, id, adjustment)| {
            Box::pin(adjust(transaction, *now, *id, adjustment))
        })
        .await
}

/// By what an adjustment is known that changes the stock each time it is done.
fn once(reads: &Reads, key: Option<&str>, product: ProductId, more: i32) -> Result<Once, Refusal> {
    let Some(key) = key else {
        let message = "Give a random id with `by`, and the same one when you try again: else a number that is sent \
                       twice is added twice.";
        return Err(Refusal::new(Reason::Invalid, "idempotencyKey", message));
    };
    Once::new(reads.principal(), "stockAdjust", key, &format!("{product} {more}"))
}
