//! Recording purchases that were made elsewhere, as tills and shops send them.

use std::collections::HashSet;

use entities::ids::{ProductId, PurchaseId};
use entities::values;

use crate::api::callers::CallerName;
use crate::api::inputs::parse_id;
use crate::api::purchases::import_inputs::{
    PurchaseImportInput, PurchaseImportLineInput, PurchaseImportRedemptionInput,
};
use crate::api::reads::Reads;
use crate::api::scalars::Decimal;
use crate::db::read::Row;
use crate::domain::customers::identity::IdentityKey;
use crate::domain::customers::import::CustomerRef;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::offers::store::{self as offers, Offer, OfferScope};
use crate::domain::products::store::{self as products, Product};
use crate::domain::purchases::import::{
    LineRecord, MAX_NUMBER, Outcome, PurchaseRecord, RedemptionRecord, record, refunded,
};
use crate::domain::purchases::{erased, placed, store};
use crate::kernel::error::{Error, Result};
use crate::kernel::money::{Currency, Money};
use crate::kernel::viewer::Viewer;

/// Bytes of a source and of an external id, at most.
const MAX_TEXT: usize = 255;
/// Lines, at most.
const MAX_LINES: usize = 1_000;
/// Offers that were used, at most.
const MAX_REDEMPTIONS: usize = 100;
/// What a purchase may cost: whole numbers that every client can count.
const MAX_MINOR: i64 = 1 << 53;

/// A purchase that is there.
pub struct Imported {
    /// Absent when its customer was erased since.
    pub id: Option<PurchaseId>,
    pub is_known: bool,
}

pub async fn import(
    reads: &Reads,
    name: &CallerName,
    input: PurchaseImportInput,
) -> Result<Imported, Rejection> {
    let wanted = purchase(reads, name, input).await?;
    let (own_id, source, external_id) = (wanted.id, wanted.source.clone(), wanted.external_id.clone());
    let ingest = &reads.services.ingest;
    let report = record(&reads.db, &reads.ids, reads.clock.now(), Some(ingest), &[wanted]).await?;
    match report.outcomes.into_iter().next() {
        Some(Outcome::Recorded) => {
            ingest.segments.wake();
            Ok(Imported { id: Some(own_id), is_known: false })
        }
        Some(Outcome::NoCustomer) => Err(Refusal::no_customer("customerId").into()),
        Some(Outcome::Known) => {
            // It may have been paid or given back by this.
            ingest.segments.wake();
            let known = store::find_by_external_id(&reads.db, &source, &external_id).await?;
            let id = known.ok_or_else(|| Error::internal("a known purchase is gone"))?;
            Ok(Imported { id: Some(id), is_known: true })
        }
        Some(Outcome::Erased) => Ok(Imported { id: None, is_known: true }),
        Some(Outcome::Refused(reason)) => Err(Refusal::new(Reason::Conflict, "", reason).into()),
        None => Err(Error::internal("nothing became of a purchase").into()),
    }
}

async fn purchase(
    reads: &Reads,
    name: &CallerName,
    input: PurchaseImportInput,
) -> Result<PurchaseRecord, Rejection> {
    let currency = input.currency_code.value();
    let own = name.caller(reads).source.to_owned();
    let source = input.source.clone().unwrap_or_else(|| own.clone());
    // Ids count within a source: a till that took another's could hide its purchases, or have its own passed over.
    if matches!(reads.viewer, Viewer::Touchpoint(_)) && source != own {
        let message = format!("A touchpoint speaks for itself only: leave it out, or say `{own}`.");
        return Err(invalid("source", message));
    }
    if source == placed::SOURCE || source == erased::SOURCE {
        let message = format!("`{source}` is a source of this house; name your own system.");
        return Err(invalid("source", message));
    }
    for (path, text) in [("source", &source), ("externalId", &input.external_id)] {
        if text.is_empty() || text.len() > MAX_TEXT {
            return Err(invalid(path, format!("It must have 1 to {MAX_TEXT} bytes.")));
        }
    }
    let number = input.number.clone().unwrap_or_else(|| format!("{source}-{}", input.external_id));
    if number.is_empty() || number.len() > MAX_NUMBER {
        let message = format!(
            "It must have 1 to {MAX_NUMBER} bytes and has {}; without it, it is source and external id.",
            number.len()
        );
        return Err(invalid("number", message));
    }
    let customer = customer(reads, &input)?;
    let lines = lines(reads, &input.lines, currency).await?;
    let sum = lines.iter().map(|line| line.total_minor).sum::<i64>();
    let total_minor = match &input.total {
        Some(total) => minor(total, currency, "total")?,
        None if lines.is_empty() => return Err(invalid("total", "Give the total, or lines.")),
        None => sum,
    };
    if !lines.is_empty() && total_minor > sum {
        return Err(invalid(
            "total",
            "It is more than the lines cost: give a line for the rest, or leave it out.",
        ));
    }
    let redemptions = redemptions(reads, &input.redemptions, currency).await?;
    let used = redemptions.iter().map(|used| used.amount_minor).sum();
    check_used(reads, &lines, used, total_minor)?;
    let discount_minor = match &input.discount {
        Some(discount) => minor(discount, currency, "discount")?,
        None => used,
    };
    if used > discount_minor {
        return Err(invalid("discount", "It is less than what the redemptions took off."));
    }
    let status = input.status.into();
    let said = input.refunded.as_ref().map(|refunded| minor(refunded, currency, "refunded")).transpose()?;
    let refunded_minor = refunded(status, total_minor, said)
        .map_err(|reason| invalid("refunded", format!("What was refunded {reason}.")))?;
    let place = reads.place(input.channel.map(Into::into)).await?;
    let is_till = place.touchpoint.is_some() || input.channel.is_some();
    Ok(PurchaseRecord {
        id: reads.ids.next(input.placed_at.0),
        number,
        customer,
        status,
        channel: if is_till { place.channel } else { values::Channel::Other },
        touchpoint_id: place.touchpoint,
        currency,
        total_minor,
        discount_minor,
        refunded_minor,
        placed_at: input.placed_at.0,
        source,
        external_id: input.external_id,
        lines,
        redemptions,
    })
}

fn invalid(path: &str, message: impl Into<String>) -> Rejection {
    Refusal::new(Reason::Invalid, path, message).into()
}

fn customer(reads: &Reads, input: &PurchaseImportInput) -> Result<CustomerRef, Rejection> {
    match (&input.customer_id, &input.identity) {
        (Some(id), None) => Ok(CustomerRef::Known(parse_id("input.customerId", id)?)),
        (None, Some(identity)) => {
            let key = IdentityKey::try_new(identity.kind.into(), &identity.value);
            let key = key.map_err(|reason| invalid("identity.value", reason))?;
            Ok(match reads.viewer {
                Viewer::Staff { .. } => CustomerRef::Identified(vec![key]),
                _ => CustomerRef::Unproven(vec![key]),
            })
        }
        _ => Err(invalid("customerId", "Name the customer: either `customerId` or `identity`.")),
    }
}

async fn lines(
    reads: &Reads,
    lines: &[PurchaseImportLineInput],
    currency: Currency,
) -> Result<Vec<LineRecord>, Rejection> {
    if lines.len() > MAX_LINES {
        return Err(invalid("lines", format!("There are {}; the most is {MAX_LINES}.", lines.len())));
    }
    let skus: Vec<String> = lines.iter().map(|line| line.sku.clone()).collect();
    let found = products::by_skus(&reads.db, &skus, Product::column("id")).await?;
    let line = |(at, line): (usize, &PurchaseImportLineInput)| {
        let path = |field: &str| format!("lines.{at}.{field}");
        let product_id: ProductId = found.get(&line.sku).map(|row| row.id).ok_or_else(|| {
            Refusal::new(Reason::NotFound, path("sku"), format!("There is no product `{}`.", line.sku))
        })?;
        let quantity = i64::from(line.quantity);
        if quantity < 1 {
            return Err(invalid(&path("quantity"), "It must be 1 or more."));
        }
        let unit_minor = minor(&line.unit_price, currency, &path("unitPrice"))?;
        let full_minor =
            unit_minor.checked_mul(quantity).filter(|total| *total < MAX_MINOR).ok_or_else(|| {
                invalid(&path("unitPrice"), "Times the quantity it is more money than there is.")
            })?;
        let total_minor = match &line.total {
            Some(total) => minor(total, currency, &path("total"))?,
            None => full_minor,
        };
        if total_minor > full_minor {
            return Err(invalid(&path("total"), "It is more than the quantity times the price of one."));
        }
        Ok(LineRecord { product_id, quantity, unit_minor, total_minor })
    };
    lines.iter().enumerate().map(line).collect()
}

/// Refuses redemptions that took off more than was taken off: what they say counts against the budgets of offers. Without
/// lines nobody sees what was taken off; then only staff are believed.
fn check_used(reads: &Reads, lines: &[LineRecord], used: i64, total: i64) -> Result<(), Rejection> {
    if used == 0 || (lines.is_empty() && matches!(reads.viewer, Viewer::Staff { .. })) {
        return Ok(());
    }
    if lines.is_empty() {
        let message = "Name the lines with their full prices: redemptions may be at most what those are more than the \
                       total.";
        return Err(invalid("redemptions", message));
    }
    // Each line is less than what can be counted, and there are not so many.
    let full: i64 = lines.iter().map(|line| line.unit_minor * line.quantity).sum();
    if used > full - total {
        let message = "They took off more than the lines cost at full price (`unitPrice` times `quantity`) less the \
                       total.";
        return Err(invalid("redemptions", message));
    }
    Ok(())
}

async fn redemptions(
    reads: &Reads,
    redemptions: &[PurchaseImportRedemptionInput],
    currency: Currency,
) -> Result<Vec<RedemptionRecord>, Rejection> {
    if redemptions.len() > MAX_REDEMPTIONS {
        let message = format!("There are {}; the most is {MAX_REDEMPTIONS}.", redemptions.len());
        return Err(invalid("redemptions", message));
    }
    let keys: Vec<String> = redemptions.iter().map(|used| used.offer_key.clone()).collect();
    let columns = Offer::column("id") | Offer::column("status");
    let mut found = offers::by_keys(&reads.db, OfferScope::All, &keys, columns).await?;
    if !matches!(reads.viewer, Viewer::Staff { .. }) {
        // What was never published nobody has used, and who sells does not know of it.
        found.retain(|_, offer| offer.status != values::OfferStatus::Draft);
    }
    let mut seen = HashSet::new();
    let redemption = |(at, used): (usize, &PurchaseImportRedemptionInput)| {
        let (path, key) = (format!("redemptions.{at}.offerKey"), &used.offer_key);
        let Some(offer) = found.get(key) else {
            return Err(Refusal::new(Reason::NotFound, path, format!("There is no offer `{key}`.")).into());
        };
        if !seen.insert(offer.id) {
            return Err(invalid(
                &path,
                format!("`{key}` is named before; give one amount for all it took off."),
            ));
        }
        let amount_minor = minor(&used.amount, currency, &format!("redemptions.{at}.amount"))?;
        Ok(RedemptionRecord { offer_id: offer.id, amount_minor })
    };
    redemptions.iter().enumerate().map(redemption).collect()
}

fn minor(amount: &Decimal, currency: Currency, path: &str) -> Result<i64, Rejection> {
    let money = Money::from_amount(amount.value(), currency).map(|money| money.minor);
    money.filter(|minor| (0..MAX_MINOR).contains(minor)).ok_or_else(|| {
        let message = format!("`{}` is no amount of {}.", amount.value(), currency.code());
        invalid(path, message)
    })
}
