//! Rows that are behaviors.

use super::layout::FieldList;
use super::noun::{Batch, Context, Noun, Outcome};
use super::values::{Field, FieldError, Values};
use crate::domain::behaviors::record::{self, BehaviorRecord};
use crate::domain::customers::import::CustomerRef;
use crate::domain::ingest::times;
use crate::kernel::error::Result;

pub struct Behaviors;

impl Noun for Behaviors {
    type Record = BehaviorRecord;

    const FIELDS: FieldList = FieldList {
        fields: &[
            "customer_id",
            "email",
            "phone",
            "loyalty_card",
            "anonymous_id",
            "device_id",
            "name",
            "occurred_at",
            "channel",
            "touchpoint",
            "message_id",
            "properties",
        ],
        required: &["name", "occurred_at"],
        open: Some("properties"),
        items: None,
    };

    fn read(context: &mut Context, values: Values<'_>) -> Field<BehaviorRecord> {
        // Counted before anything can fail, so that a row's number does not hang on another's errors.
        let own_id = context.seen.id(values.cells);
        let identities = values.identities(&context.namespace)?;
        let name = values.required("name")?.into_owned();
        let occurred_at = values
            .time("occurred_at", &context.dates)?
            .ok_or_else(|| FieldError::new("occurred_at", "is empty; a time is wanted"))?;
        if times::occurred(occurred_at, context.now) != occurred_at {
            let message = format!("is {occurred_at}, which is still to come; when it was done is wanted");
            return Err(FieldError::new("occurred_at", message));
        }
        let (touchpoint_id, channel) = context.references.place(values)?;
        Ok(BehaviorRecord {
            id: context.ids.next(occurred_at),
            customer: CustomerRef::Identified(identities),
            name,
            channel,
            touchpoint_id,
            device_id: None,
            properties: values.object("properties")?.into(),
            occurred_at,
            received_at: context.now,
            source: context.source.clone(),
            message_id: values.owned("message_id")?.unwrap_or(own_id),
        })
    }

    async fn write(context: &Context, records: &[BehaviorRecord]) -> Result<Batch> {
        let report = context.ingest.record(records.to_vec()).await?;
        let outcomes = report.outcomes.into_iter().map(|outcome| match outcome {
            record::Outcome::Recorded(_) => Outcome::Recorded,
            record::Outcome::Known(_) => Outcome::Known,
            record::Outcome::Quarantined(reason) => Outcome::Refused(format!("quarantined: {reason}")),
            record::Outcome::Withheld => {
                Outcome::Refused("the customer refuses that it is stored".to_owned())
            }
            record::Outcome::Refused(reason) => Outcome::Refused(reason),
        });
        Ok(Batch { outcomes: outcomes.collect(), customers_made: report.customers_made, ..Batch::default() })
    }
}
