//! Behaviors by which devices tell what became of an offer that they showed: limits of offers count them.

use std::str::FromStr;

use entities::ids::{BehaviorId, CustomerId, Id, OfferId};
use entities::timestamp::Timestamp;
use entities::values::{OfferResponse, TextEnum};
use sea_orm::DatabaseTransaction;

use crate::db::columnar::ColumnarInsert;
use crate::domain::behaviors::record::{BehaviorRecord, RecordedBehavior};
use crate::kernel::error::Result;

/// The property that names the offer.
const OFFER: &str = "offerId";

/// What the name of a behavior tells of an offer.
fn kind(name: &str) -> Option<OfferResponse> {
    match name {
        "Offer Shown" => Some(OfferResponse::Shown),
        "Offer Clicked" => Some(OfferResponse::Clicked),
        "Offer Dismissed" => Some(OfferResponse::Dismissed),
        _ => None,
    }
}

fn offer(record: &BehaviorRecord) -> Option<OfferId> {
    OfferId::from_str(record.properties.value().get(OFFER)?.as_str()?).ok()
}

struct Response {
    behavior: BehaviorId,
    customer: CustomerId,
    offer: OfferId,
    kind: OfferResponse,
    received_at: Timestamp,
}

/// Stores what the behaviors that just went in tell of offers.
pub async fn store(transaction: &DatabaseTransaction, rows: &[RecordedBehavior]) -> Result<()> {
    let response = |row: &RecordedBehavior| {
        let RecordedBehavior { record, customer_id } = row;
        let kind = kind(&record.name)?;
        let (behavior, received_at) = (record.id, record.received_at);
        Some(Response { behavior, customer: *customer_id, offer: offer(record)?, kind, received_at })
    };
    let responses: Vec<Response> = rows.iter().filter_map(response).collect();
    if responses.is_empty() {
        return Ok(());
    }
    ColumnarInsert::into("offer_responses", responses.len())
        .uuids("behavior_id", responses.iter().map(|response| response.behavior.uuid()))
        .uuids("customer_id", responses.iter().map(|response| response.customer.uuid()))
        .uuids("offer_id", responses.iter().map(|response| response.offer.uuid()))
        .texts("kind", responses.iter().map(|response| response.kind.text().to_owned()))
        .integers("received_at", responses.iter().map(|response| response.received_at.millis()))
        .run(transaction)
        .await?;
    Ok(())
}
