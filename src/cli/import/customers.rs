//! Rows that are customers.

use super::layout::FieldList;
use super::noun::{Batch, Context, Noun, Outcome};
use super::values::{Field, Values};
use crate::domain::customers::import::{self, CustomerRecord, Profile};
use crate::kernel::error::Result;

pub struct Customers;

impl Noun for Customers {
    type Record = CustomerRecord;

    const FIELDS: FieldList = FieldList {
        fields: &[
            "customer_id",
            "email",
            "phone",
            "loyalty_card",
            "anonymous_id",
            "device_id",
            "first_name",
            "last_name",
            "birth_date",
            "locale",
            "created_at",
            "traits",
        ],
        required: &[],
        open: Some("traits"),
        items: None,
    };

    fn read(context: &mut Context, values: Values<'_>) -> Field<CustomerRecord> {
        let identities = values.identities(&context.namespace)?;
        let first_seen_at = values.time("created_at", &context.dates)?.unwrap_or(context.now);
        let profile = Profile {
            first_name: values.owned("first_name")?,
            last_name: values.owned("last_name")?,
            email: values.owned("email")?,
            phone: values.owned("phone")?,
            birth_date: values.day("birth_date")?,
            locale: values.owned("locale")?,
            traits: values.object("traits")?,
        };
        Ok(CustomerRecord { id: context.ids.next(first_seen_at), first_seen_at, identities, profile })
    }

    async fn write(context: &Context, records: &[CustomerRecord]) -> Result<Batch> {
        let outcomes = import::record(&context.db, &context.ids, context.now, records).await?;
        let customers_made = outcomes.iter().filter(|outcome| **outcome == import::Outcome::Created).count();
        let outcomes = outcomes.into_iter().map(|outcome| match outcome {
            import::Outcome::Created => Outcome::Recorded,
            import::Outcome::Updated => Outcome::Updated,
            import::Outcome::Unchanged => Outcome::Known,
            import::Outcome::Refused(reason) => Outcome::Refused(reason),
        });
        Ok(Batch { outcomes: outcomes.collect(), customers_made, ..Batch::default() })
    }
}
