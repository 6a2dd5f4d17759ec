//! Rows that are products, with their prices and how many there are.

use serde_json::Value;

use super::layout::FieldList;
use super::noun::{Batch, Context, Noun, Outcome};
use super::parse::amount;
use super::rows::Cells;
use super::values::{Field, FieldError, Values};
use crate::domain::products::define::Parts;
use crate::domain::products::import::{self, ProductRecord};
use crate::kernel::error::Result;
use crate::kernel::money::{Currency, Money};

/// The most of a product that a file may say there is.
const MAX_STOCK: i64 = 1_000_000_000;

pub struct Products;

impl Noun for Products {
    type Record = ProductRecord;

    const FIELDS: FieldList = FieldList {
        fields: &[
            "sku",
            "name",
            "kind",
            "price",
            "currency",
            "prices",
            "stock",
            "starts_at",
            "part_of",
            "access_days",
            "attributes",
        ],
        required: &["sku"],
        open: Some("attributes"),
        items: None,
    };

    fn read(context: &mut Context, values: Values<'_>) -> Field<ProductRecord> {
        let attributes = values.object("attributes")?;
        let prices = prices(context, values)?;
        Ok(ProductRecord {
            sku: values.required("sku")?.into_owned(),
            parts: Parts {
                name: values.owned("name")?,
                kind: values.one_of("kind")?,
                prices: (!prices.is_empty()).then_some(prices),
                attributes: (!attributes.is_empty()).then_some(attributes),
                starts_at: values.time("starts_at", &context.dates)?.map(Some),
                access_days: values.count("access_days")?.map(Some),
                ..Parts::default()
            },
            stock_total: stock(values)?,
            part_of: values.owned("part_of")?,
        })
    }

    async fn write(context: &Context, records: &[ProductRecord]) -> Result<Batch> {
        let outcomes = import::record(&context.db, &context.ids, context.now, records).await?;
        let outcomes = outcomes.into_iter().map(|outcome| match outcome {
            import::Outcome::Created => Outcome::Recorded,
            import::Outcome::Updated => Outcome::Updated,
            import::Outcome::Unchanged => Outcome::Known,
            import::Outcome::Refused(reason) => Outcome::Refused(reason),
        });
        Ok(Batch { outcomes: outcomes.collect(), ..Batch::default() })
    }
}

fn stock(values: Values<'_>) -> Field<Option<i64>> {
    let Some(text) = values.text("stock")? else { return Ok(None) };
    match text.parse() {
        Ok(number) if (0..=MAX_STOCK).contains(&number) => Ok(Some(number)),
        _ => Err(FieldError::new("stock", format!("is `{text}`; a whole number from 0 on is wanted"))),
    }
}

/// `price` in `currency`, then those of `prices`: in columns `12.50 EUR | 1800 JPY`, in JSON an object by currency.
fn prices(context: &Context, values: Values<'_>) -> Field<Vec<Money>> {
    let mut prices = Vec::new();
    if values.text("price")?.is_some() {
        let currency = values.currency("currency", context.currency)?;
        prices.extend(values.amount("price", currency)?.map(|minor| Money::new(minor, currency)));
    }
    match values.cells {
        Cells::Columns(_) => {
            let text = values.text("prices")?.unwrap_or_default();
            for one in text.split('|').map(str::trim).filter(|one| !one.is_empty()) {
                let (amount, code) = one.split_once(' ').ok_or_else(|| wrong(one))?;
                prices.push(price(amount, code.trim())?);
            }
        }
        Cells::Object(_) => match values.json("prices")? {
            None => {}
            Some(Value::Object(by_currency)) => {
                for (code, amount) in by_currency {
                    let text = amount.as_str().map_or_else(|| amount.to_string(), str::to_owned);
                    prices.push(price(&text, &code)?);
                }
            }
            Some(other) => return Err(wrong(&other.to_string())),
        },
    }
    Ok(prices)
}

fn price(text: &str, code: &str) -> Field<Money> {
    let currency = Currency::parse(code).ok_or_else(|| wrong(&format!("{text} {code}")))?;
    Ok(Money::new(amount("prices", text, currency)?, currency))
}

fn wrong(found: &str) -> FieldError {
    let wanted = r#"amounts with ISO 4217 codes are wanted: `12.50 EUR | 1800 JPY`, in JSON {"EUR": "12.50", "JPY": 1800}"#;
    FieldError::new("prices", format!("has `{found}`; {wanted}"))
}
