//! Registering devices, and knowing them again by the token they were given.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use entities::ids::{CustomerId, DeviceId, Id};
use entities::values::{Channel, IdentityKind};
use entities::{customer_identity, device};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};

use crate::db::Db;
use crate::db::bulk::insert_all;
use crate::db::read::{Column, Param, Row, Select};
use crate::domain::customers::blocked::blocked;
use crate::domain::customers::caller::Caller;
use crate::domain::customers::identity::IdentityKey;
use crate::domain::customers::judgement;
use crate::domain::customers::limits;
use crate::domain::customers::people::bare_customer;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::customers::rows::Customer;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::viewer::{DEVICE_TOKEN_PREFIX, Viewer};

/// A device that nobody has signed in to yet.
#[derive(Clone, Debug)]
pub struct NewDevice {
    pub channel: Channel,
    pub platform: String,
    pub model: Option<String>,
    /// The id that the device already uses in its messages.
    pub anonymous_id: Option<IdentityKey>,
}

/// A device that was registered.
#[derive(Clone)]
pub struct Registered {
    pub device: DeviceId,
    pub customer: CustomerId,
    /// Shown once: only its hash is kept.
    pub token: String,
}

/// Registers a device as an anonymous customer of its own.
pub async fn register(
    transaction: &impl ConnectionTrait,
    caller: &Caller<'_>,
    new: NewDevice,
) -> Result<Registered, Rejection> {
    check(caller, &new)?;
    if let Some(key) = &new.anonymous_id
        && is_taken(transaction, key).await?
    {
        let message = "This identity is another customer's.";
        return Err(Refusal::new(Reason::IdentityTaken, "anonymousId", message).into());
    }
    let customer = bare_customer(caller.ids.next(caller.now), caller.now);
    let device: DeviceId = caller.ids.next(caller.now);
    let registered = Registered { device, customer: customer.id, token: token(caller, device) };
    let own = IdentityKey::stored(IdentityKind::Device, device.to_string());
    let identities = new.anonymous_id.into_iter().chain([own]).map(|key| customer_identity::Model {
        id: caller.ids.next(caller.now),
        customer_id: customer.id,
        kind: key.kind(),
        value: key.into_value(),
        verified: false,
        created_at: caller.now,
    });
    let identities = identities.collect();
    let row = device::Model {
        id: device,
        customer_id: customer.id,
        channel: new.channel,
        platform: new.platform,
        model: new.model,
        token_hash: Some(Sha256::digest(registered.token.as_bytes()).to_vec()),
        created_at: caller.now,
        last_seen_at: caller.now,
    };
    insert_all(transaction, vec![customer]).await?;
    insert_all::<customer_identity::Model, _>(transaction, identities).await?;
    insert_all(transaction, vec![row]).await?;
    judgement::due(transaction, caller.now, [registered.customer]).await?;
    Ok(registered)
}

fn check(caller: &Caller<'_>, new: &NewDevice) -> Result<(), Refusal> {
    if caller.shared {
        let message = "Many people use this touchpoint: it cannot be anybody's device.";
        return Err(Refusal::new(Reason::SharedTouchpoint, "", message));
    }
    limits::check_text("platform", &new.platform)?;
    if let Some(model) = &new.model {
        limits::check_text("model", model)?;
    }
    match new.anonymous_id.as_ref().and_then(blocked) {
        Some(reason) => Err(Refusal::new(Reason::BlockedValue, "anonymousId", reason)),
        None => Ok(()),
    }
}

async fn is_taken(transaction: &impl ConnectionTrait, key: &IdentityKey) -> Result<bool> {
    let query = customer_identity::Entity::find()
        .filter(customer_identity::Column::Kind.eq(key.kind()))
        .filter(customer_identity::Column::Value.eq(key.value()));
    Ok(query.one(transaction).await?.is_some())
}

/// A prefix by which scanners for leaked secrets know it, the device's id, and 256 bits that nobody guesses.
fn token(caller: &Caller<'_>, device: DeviceId) -> String {
    let mut token = DEVICE_TOKEN_PREFIX.to_owned();
    token.extend(device.digits().map(char::from));
    // Writing to a string cannot fail.
    let _ = write!(token, "_{}", BASE64.encode(caller.ids.secret()));
    token
}

/// A device as its token finds it.
#[derive(Clone, Debug, Default)]
struct Holder {
    id: DeviceId,
    customer_id: CustomerId,
    channel: Channel,
}

impl Row for Holder {
    const TABLE: &'static str = "devices";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("customer_id", |row, cell| cell.read(&mut row.customer_id)),
        Column::new("channel", |row, cell| cell.read(&mut row.channel)),
    ];
}

async fn holder(db: &Db, hash: &[u8; 32]) -> Result<Option<Holder>> {
    Select::<Holder>::of(Columns::ALL).eq("token_hash", Param::Bytes(hash.to_vec())).first(db).await
}

/// The device whose token has this SHA-256, with its canonical customer.
///
/// A merge that takes the token away does so in the merge's own transaction. Who is found merged is therefore
/// asked for the token once more: if it is still good, the merge was one that let it be.
pub async fn viewer_by_token(db: &Db, hash: [u8; 32]) -> Result<Option<Viewer>> {
    let Some(found) = holder(db, &hash).await? else { return Ok(None) };
    let viewer = |customer| Viewer::Device { device: found.id, customer, channel: found.channel };
    let query = Select::<Customer>::of(Columns::NONE).with("merged_into");
    let customer = query.eq("id", Param::id(found.customer_id)).first(db).await?;
    match customer.and_then(|row| row.merged_into) {
        None => Ok(Some(viewer(found.customer_id))),
        Some(survivor) => Ok(holder(db, &hash).await?.map(|_| viewer(survivor))),
    }
}
