//! Rows that are purchases: with lines, when the row says what was bought, or as a bare total.

use std::collections::BTreeMap;

use entities::values::PurchaseStatus;
use serde_json::Value;

use super::layout::FieldList;
use super::noun::{Batch, Context, Noun, Outcome};
use super::parse::amount;
use super::values::{Field, FieldError, Values};
use crate::domain::customers::import::CustomerRef;
use crate::domain::purchases::import::{self, LineRecord, PurchaseRecord, RedemptionRecord};
use crate::kernel::error::Result;
use crate::kernel::money::Currency;

pub struct Purchases;

impl Noun for Purchases {
    type Record = PurchaseRecord;

    const FIELDS: FieldList = FieldList {
        fields: &[
            "customer_id",
            "email",
            "phone",
            "loyalty_card",
            "anonymous_id",
            "device_id",
            "placed_at",
            "total",
            "discount",
            "refunded",
            "currency",
            "status",
            "channel",
            "touchpoint",
            "external_id",
            "number",
            "sku",
            "quantity",
            "unit_price",
            "lines",
            "redemptions",
        ],
        required: &["placed_at"],
        open: None,
        items: Some(("lines", &["sku", "quantity", "unit_price"])),
    };

    fn read(context: &mut Context, values: Values<'_>) -> Field<PurchaseRecord> {
        // Counted before anything can fail, so that a row's number does not hang on another's errors.
        let own_id = context.seen.id(values.cells);
        let identities = values.identities(&context.namespace)?;
        let placed_at = values
            .time("placed_at", &context.dates)?
            .ok_or_else(|| FieldError::new("placed_at", "is empty; a time is wanted"))?;
        let currency = values.currency("currency", context.currency)?;
        let redemptions = redemptions(context, values, currency)?;
        let used = redemptions.iter().map(|used| used.amount_minor).sum();
        let discount_minor = values.amount("discount", currency)?.unwrap_or(used);
        if used > discount_minor {
            return Err(FieldError::new("discount", "is less than what the redemptions took off"));
        }
        let given_total = values.amount("total", currency)?;
        let lines = lines(context, values, currency, given_total, discount_minor)?;
        let (touchpoint_id, channel) = context.references.place(values)?;
        let external_id = values.owned("external_id")?.unwrap_or(own_id);
        let status = values.one_of("status")?.unwrap_or(PurchaseStatus::Paid);
        let total_minor = total(given_total, &lines, discount_minor)?;
        let refunded_minor = import::refunded(status, total_minor, values.amount("refunded", currency)?)
            .map_err(|reason| FieldError::new("refunded", reason))?;
        Ok(PurchaseRecord {
            id: context.ids.next(placed_at),
            number: values.owned("number")?.unwrap_or_else(|| format!("{}-{external_id}", context.source)),
            customer: CustomerRef::Identified(identities),
            status,
            channel,
            touchpoint_id,
            currency,
            total_minor,
            discount_minor,
            refunded_minor,
            placed_at,
            source: context.source.clone(),
            external_id,
            lines,
            redemptions,
        })
    }

    async fn write(context: &Context, records: &[PurchaseRecord]) -> Result<Batch> {
        let sums: Vec<_> = records.iter().map(|record| (record.currency, record.total_minor)).collect();
        let telling = Some(&context.ingest).filter(|_| context.has_behaviors);
        let report = import::record(&context.db, &context.ids, context.now, telling, records).await?;
        let mut batch = Batch { customers_made: report.customers_made, ..Batch::default() };
        for (outcome, (currency, minor)) in report.outcomes.into_iter().zip(sums) {
            batch.outcomes.push(match outcome {
                import::Outcome::Recorded => {
                    add(&mut batch.totals, currency, minor);
                    Outcome::Recorded
                }
                import::Outcome::Known | import::Outcome::Erased => Outcome::Known,
                import::Outcome::NoCustomer => Outcome::Refused("there is no such customer".to_owned()),
                import::Outcome::Refused(reason) => Outcome::Refused(reason),
            });
        }
        Ok(batch)
    }
}

fn add(totals: &mut BTreeMap<String, i64>, currency: Currency, minor: i64) {
    *totals.entry(currency.code().to_owned()).or_default() += minor;
}

/// The total as given; without one it is what the lines cost less the discount.
fn total(given: Option<i64>, lines: &[LineRecord], discount: i64) -> Field<i64> {
    if let Some(total) = given {
        return Ok(total);
    }
    if lines.is_empty() {
        return Err(FieldError::new("total", "is empty, and so are the lines; one of them is wanted"));
    }
    let gross: i64 = lines.iter().map(|line| line.total_minor).sum();
    let total = gross - discount;
    if total < 0 {
        return Err(FieldError::new("discount", "is more than the lines cost"));
    }
    Ok(total)
}

/// The lines of a row: its `lines`, or the one that `sku` names, or none.
fn lines(
    context: &Context,
    values: Values<'_>,
    currency: Currency,
    total: Option<i64>,
    discount: i64,
) -> Field<Vec<LineRecord>> {
    match values.json("lines")? {
        None => {}
        Some(Value::Array(lines)) => {
            return lines.iter().map(|line| line_of_json(context, line, currency)).collect();
        }
        Some(_) => return Err(FieldError::new("lines", "is not a list of lines")),
    }
    let Some(sku) = values.text("sku")? else { return Ok(Vec::new()) };
    let product_id = context.references.product("sku", &sku)?;
    let quantity = values.count("quantity")?.unwrap_or(1);
    let unit_minor = match (values.amount("unit_price", currency)?, total) {
        (Some(unit), _) => unit,
        (None, Some(total)) if (total + discount) % quantity == 0 => (total + discount) / quantity,
        _ => {
            return Err(FieldError::new(
                "unit_price",
                "is empty, and the total does not divide by the quantity",
            ));
        }
    };
    line(product_id, quantity, unit_minor, "unit_price").map(|line| vec![line])
}

fn line_of_json(context: &Context, json: &Value, currency: Currency) -> Field<LineRecord> {
    let text = |key: &str| text_of(json, key);
    let Some(sku) = text("sku") else {
        return Err(FieldError::new(
            "lines",
            r#"has a line without `sku`; {"sku": "POPCORN-L", "quantity": 2, "unit_price": "4.50"} is wanted"#,
        ));
    };
    let product_id = context.references.product("lines", &sku)?;
    let quantity = match text("quantity").map(|text| text.parse::<i64>()) {
        None => 1,
        Some(Ok(quantity)) if (1..=1_000_000_000).contains(&quantity) => quantity,
        Some(_) => {
            return Err(FieldError::new(
                "lines",
                format!("`{sku}` has a quantity that is not a whole number from 1 on"),
            ));
        }
    };
    let Some(price) = text("unit_price") else {
        return Err(FieldError::new("lines", format!("`{sku}` has no `unit_price`")));
    };
    line(product_id, quantity, amount("lines", &price, currency)?, "lines")
}

/// The offers that a row says were used, each once.
fn redemptions(context: &Context, values: Values<'_>, currency: Currency) -> Field<Vec<RedemptionRecord>> {
    let wrong = |reason: String| FieldError::new("redemptions", reason);
    let given = match values.json("redemptions")? {
        None => return Ok(Vec::new()),
        Some(Value::Array(given)) => given,
        Some(_) => return Err(wrong("is not a list of the offers that were used".to_owned())),
    };
    let mut found: Vec<RedemptionRecord> = Vec::with_capacity(given.len());
    for used in &given {
        let (Some(key), Some(minor)) = (text_of(used, "offer"), text_of(used, "amount")) else {
            let form = r#"{"offer": "welcome", "amount": "2.50"}"#;
            return Err(wrong(format!("has one without `offer` or `amount`; {form} is wanted")));
        };
        let offer_id = context.references.offer("redemptions", &key)?;
        if found.iter().any(|before| before.offer_id == offer_id) {
            return Err(wrong(format!("names `{key}` twice; give one amount for all it took off")));
        }
        found.push(RedemptionRecord { offer_id, amount_minor: amount("redemptions", &minor, currency)? });
    }
    Ok(found)
}

/// A text in an object, or a number as one.
fn text_of(json: &Value, key: &str) -> Option<String> {
    match json.get(key) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    }
}

fn line(
    product_id: entities::ids::ProductId,
    quantity: i64,
    unit_minor: i64,
    field: &'static str,
) -> Field<LineRecord> {
    let total_minor = quantity
        .checked_mul(unit_minor)
        .filter(|total| *total < 1 << 53)
        .ok_or_else(|| FieldError::new(field, "times the quantity is more money than there is"))?;
    Ok(LineRecord { product_id, quantity, unit_minor, total_minor })
}
