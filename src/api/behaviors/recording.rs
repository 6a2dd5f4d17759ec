//! From the input of `behaviorsRecord` to records: for whom, by whom, when.

use std::collections::HashMap;

use entities::ids::BehaviorId;
use entities::timestamp::Timestamp;
use entities::values::Channel;

use crate::api::behaviors::inputs::{BehaviorInput, BehaviorsRecordInput};
use crate::api::customers::inputs::CustomerBy;
use crate::api::inputs::parse_id;
use crate::api::payload::{graphql_error, require};
use crate::api::reads::Reads;
use crate::domain::behaviors::definitions::MAX_NAME;
use crate::domain::behaviors::properties::Properties;
use crate::domain::behaviors::record::BehaviorRecord;
use crate::domain::customers::blocked::blocked;
use crate::domain::customers::identity::{IdentityKey, is_of_somebody};
use crate::domain::customers::import::CustomerRef;
use crate::domain::customers::rows::Device;
use crate::domain::customers::store as customers;
use crate::domain::ingest::times;
use crate::domain::touchpoints::store::{self as touchpoints, Touchpoint};
use crate::kernel::columns::Columns;
use crate::kernel::error::{Error, Result};
use crate::kernel::viewer::{Scope, Viewer};

/// Behaviors of one call.
const MAX_BEHAVIORS: usize = 500;
/// Bytes of the properties of one behavior.
const MAX_PROPERTIES: usize = 32 * 1024;
const MAX_MESSAGE_ID: usize = 255;

/// Refuses who may not record anything.
pub fn require_recorder(reads: &Reads) -> async_graphql::Result<()> {
    match reads.viewer {
        Viewer::Customer(_) | Viewer::Device { .. } | Viewer::Touchpoint(_) => Ok(()),
        Viewer::Staff { .. } => require(reads, Scope::BehaviorsWrite),
        Viewer::Anonymous => {
            let message =
                "Recording behaviors needs a token: of a customer's device, a touchpoint, or staff.";
            Err(graphql_error(reads, &Error::Forbidden(message.to_owned())))
        }
    }
}

/// Where behaviors come from when they do not say.
struct Sender {
    /// Message ids are unique within it.
    source: String,
    touchpoint: Option<Touchpoint>,
    device: Option<Device>,
}

/// What is wrong with one behavior of a call, and the argument that it is about.
pub struct Malformed {
    pub field: String,
    pub message: String,
}

/// Either what is to be recorded or what is wrong with it.
pub type Read = Result<BehaviorRecord, Malformed>;

/// The records of one call, in its order. Only what is wrong with the call as a whole refuses it.
pub async fn records(reads: &Reads, input: BehaviorsRecordInput) -> Result<Vec<Read>> {
    if input.behaviors.len() > MAX_BEHAVIORS {
        let message =
            format!("{} behaviors are too many for a call; send {MAX_BEHAVIORS}", input.behaviors.len());
        return Err(Error::invalid("input.behaviors", message));
    }
    let named = named_touchpoints(reads, &input).await?;
    let sender = sender(reads).await?;
    let now = reads.clock.now();
    let mut records = Vec::with_capacity(input.behaviors.len());
    for (at, behavior) in input.behaviors.into_iter().enumerate() {
        let path = |field: &str| format!("input.behaviors.{at}.{field}");
        records.push(match record(reads, &sender, &named, now, behavior, &path) {
            Err(Error::Invalid { field, message }) => Err(Malformed { field, message }),
            record => Ok(record?),
        });
    }
    refuse_unknown(reads, &mut records).await?;
    Ok(records)
}

fn record(
    reads: &Reads,
    sender: &Sender,
    named: &HashMap<String, Touchpoint>,
    now: Timestamp,
    input: BehaviorInput,
    path: &(dyn Fn(&str) -> String + Sync),
) -> Result<BehaviorRecord> {
    if input.name.trim().is_empty() || input.name.len() > MAX_NAME {
        return Err(Error::invalid(path("name"), format!("a name has 1 to {MAX_NAME} bytes")));
    }
    let properties = input.properties.map_or_else(Properties::default, |said| said.into_map().into());
    if properties.text().len() > MAX_PROPERTIES {
        return Err(Error::invalid(path("properties"), format!("they have {MAX_PROPERTIES} bytes at most")));
    }
    let touchpoint = match &input.touchpoint {
        None => sender.touchpoint.as_ref(),
        Some(key) => match named.get(key) {
            Some(touchpoint) => Some(touchpoint),
            None => {
                return Err(Error::invalid(path("touchpoint"), format!("there is no touchpoint `{key}`")));
            }
        },
    };
    let occurred_at = times::occurred(input.occurred_at.map_or(now, |time| time.0), now);
    let id: BehaviorId = reads.ids.next(occurred_at);
    let message_id = match input.message_id {
        Some(message_id) if message_id.is_empty() || message_id.len() > MAX_MESSAGE_ID => {
            return Err(Error::invalid(path("messageId"), format!("it has 1 to {MAX_MESSAGE_ID} bytes")));
        }
        Some(message_id) => message_id,
        None => id.to_string(),
    };
    Ok(BehaviorRecord {
        id,
        customer: customer(reads, input.customer, touchpoint.is_some_and(|place| place.shared), path)?,
        name: input.name,
        channel: input
            .channel
            .map(Channel::from)
            .or(touchpoint.map(|touchpoint| touchpoint.channel))
            .or(sender.device.as_ref().map(|device| device.channel))
            .unwrap_or(Channel::Other),
        touchpoint_id: touchpoint.map(|touchpoint| touchpoint.id),
        device_id: sender.device.as_ref().map(|device| device.id),
        properties,
        occurred_at,
        received_at: now,
        source: sender.source.clone(),
        message_id,
    })
}

/// For whom: a customer for itself only, others for whom they name. What many people use tells nobody apart.
fn customer(
    reads: &Reads,
    by: Option<CustomerBy>,
    is_shared: bool,
    path: &(dyn Fn(&str) -> String + Sync),
) -> Result<CustomerRef> {
    match (reads.viewer.own(), by) {
        (Some(own), None) => Ok(CustomerRef::Known(own)),
        (Some(_), Some(_)) => Err(Error::invalid(
            path("customer"),
            "a customer's token records for itself; leave `customer` out",
        )),
        (None, Some(CustomerBy::Id(id))) => Ok(CustomerRef::Known(parse_id(&path("customer.id"), &id)?)),
        (None, Some(CustomerBy::Identity(identity))) => {
            let value = || path("customer.identity.value");
            let key = IdentityKey::try_new(identity.kind.into(), &identity.value)
                .map_err(|reason| Error::invalid(value(), format!("it {reason}")))?;
            if let Some(reason) = blocked(&key) {
                return Err(Error::invalid(value(), reason));
            }
            if is_shared && !is_of_somebody(key.kind()) {
                let message = "many people use this touchpoint: name the customer by an identity of theirs";
                return Err(Error::invalid(path("customer.identity.type"), message));
            }
            Ok(CustomerRef::Identified(vec![key]))
        }
        (None, None) => {
            Err(Error::invalid(path("customer"), "say whose behavior it is: by `id` or by `identity`"))
        }
    }
}

async fn sender(reads: &Reads) -> Result<Sender> {
    let name = |source: &str| Sender { source: source.to_owned(), touchpoint: None, device: None };
    Ok(match reads.viewer {
        Viewer::Touchpoint(id) => {
            let own = touchpoints::by_ids(&reads.db, &[id], Columns::ALL).await?.remove(&id);
            let own = own.ok_or_else(|| Error::NotFound("the token's touchpoint is not there".to_owned()))?;
            let source = format!("touchpoint:{}", own.key);
            Sender { source, touchpoint: Some(own), device: None }
        }
        // A source a device: its messages are known again whoever has signed in to it meanwhile, and those of
        // another device of the same customer are others.
        Viewer::Device { device, .. } => {
            let found = customers::devices_by_ids(&reads.db, reads.scope(), &[device], Columns::ALL).await?;
            let source = format!("device:{device}");
            Sender { source, touchpoint: None, device: found.into_values().next() }
        }
        // A source a customer: nobody can use up another's message ids.
        Viewer::Customer(own) => name(&format!("customer:{own}")),
        Viewer::Staff { .. } | Viewer::Anonymous => name("graphql"),
    })
}

async fn named_touchpoints(
    reads: &Reads,
    input: &BehaviorsRecordInput,
) -> Result<HashMap<String, Touchpoint>> {
    let mut keys: Vec<String> =
        input.behaviors.iter().filter_map(|behavior| behavior.touchpoint.clone()).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = touchpoints::by_keys(&reads.db, &keys).await?;
    Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
}

/// Refuses ids of customers who are not there, or not the viewer's to name.
async fn refuse_unknown(reads: &Reads, records: &mut [Read]) -> Result<()> {
    let named = |read: &Read| match read.as_ref().ok()?.customer {
        CustomerRef::Known(id) => Some(id),
        CustomerRef::Identified(_) | CustomerRef::Unproven(_) => None,
    };
    let ids: Vec<_> = records.iter().filter_map(named).collect();
    let found = customers::by_ids(&reads.db, reads.scope(), &ids, Columns::NONE).await?;
    for (at, read) in records.iter_mut().enumerate() {
        if named(read).is_some_and(|id| !found.contains_key(&id)) {
            let field = format!("input.behaviors.{at}.customer.id");
            *read = Err(Malformed { field, message: "there is no such customer".to_owned() });
        }
    }
    Ok(())
}
