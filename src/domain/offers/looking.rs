//! Whether an offer makes sense beside what it was, the other offers, and the products that there are.

use entities::ids::{Id, ProductId};
use entities::offer::{Column, Entity, Model};
use entities::values::{CodeKind, OfferStatus};
use entities::{offer_code, product};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use crate::db::columnar::is_any_id;
use crate::domain::customers::rejection::Reason;
use crate::domain::offers::checks::check;
use crate::domain::offers::faults::Faults;
use crate::domain::offers::vocabulary;
use crate::kernel::error::Result;

/// Looks at all of a new offer.
pub async fn look_at_new(connection: &impl ConnectionTrait, row: &Model, faults: &mut Faults) -> Result<()> {
    look_at(connection, row, None, faults).await?;
    if Entity::find().filter(Column::Key.eq(&row.key)).count(connection).await? > 0 {
        faults.add(Reason::Conflict, "key", format!("there is an offer `{}` already", row.key));
    }
    Ok(())
}

/// Looks at all of an offer: by itself, beside what it was, and beside the others.
pub async fn look_at(
    connection: &impl ConnectionTrait,
    row: &Model,
    known: Option<&Model>,
    faults: &mut Faults,
) -> Result<()> {
    check(row, &vocabulary::load(connection).await?, faults);
    if let Some(product) = row.benefit_product_id {
        must_be_sold(connection, &[product], "benefit.freeProduct", faults).await?;
    }
    let products = row.benefit_products.as_array().into_iter().flatten();
    let products: Vec<ProductId> = products.filter_map(|id| id.as_str()?.parse().ok()).collect();
    must_be_sold(connection, &products, "benefitProductIds", faults).await?;
    if let Some(code) = &row.code {
        must_be_free(connection, row, code, faults).await?;
    }
    let Some(known) = known else { return Ok(()) };
    let is_renamed = known.experiment.is_some() && row.experiment.is_some();
    if is_renamed && known.experiment != row.experiment && known.status != OfferStatus::Draft {
        let message = "the name decides who sees which variant; it stays once the offer was published";
        faults.add(Reason::Conflict, "experiment.name", message);
    }
    if known.code_kind == Some(CodeKind::SingleUse) && row.code_kind != known.code_kind {
        let given = offer_code::Entity::find().filter(offer_code::Column::OfferId.eq(row.id));
        if given.count(connection).await? > 0 {
            let message = "codes that work once were given out for it; it stays with them";
            faults.add(Reason::Conflict, "codes", message);
        }
    }
    Ok(())
}

/// Each of these is to be there. What is part of a product is named by it: the showings of a film.
async fn must_be_sold(
    connection: &impl ConnectionTrait,
    products: &[ProductId],
    path: &str,
    faults: &mut Faults,
) -> Result<()> {
    if products.is_empty() {
        return Ok(());
    }
    let known: Vec<ProductId> = product::Entity::find()
        .select_only()
        .column(product::Column::Id)
        .filter(is_any_id(connection, "id", products.iter().map(|id| id.uuid())))
        .into_tuple()
        .all(connection)
        .await?;
    if let Some(product) = products.iter().find(|id| !known.contains(id)) {
        faults.add(Reason::NotFound, path, format!("there is no product `{product}`"));
    }
    Ok(())
}

async fn must_be_free(
    connection: &impl ConnectionTrait,
    row: &Model,
    code: &str,
    faults: &mut Faults,
) -> Result<()> {
    let others = Entity::find().filter(Column::Code.eq(code)).filter(Column::Id.ne(row.id));
    if let Some(other) = others.one(connection).await? {
        let message = format!("the offer `{}` has the code {code}", other.key);
        faults.add(Reason::Conflict, "codes.shared", message);
    }
    Ok(())
}
