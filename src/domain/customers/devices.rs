//! Registering devices, and knowing them again by the token they were given.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use entities::ids::{CustomerId, DeviceId, Id};
use entities::values::{Channel, IdentityKind, TextEnum};
use entities::{customer, customer_identity, device};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use sha2::{Digest, Sha256};

use crate::db::Db;
use crate::db::bulk::insert_all;
use crate::db::read::{Column, Param, Row, Select};
use crate::domain::customers::blocked::blocked;
use crate::domain::customers::caller::{Caller, Trust};
use crate::domain::customers::counts::{Counted, identity_counts};
use crate::domain::customers::family;
use crate::domain::customers::identity::IdentityKey;
use crate::domain::customers::judgement;
use crate::domain::customers::limits;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::customers::rows::Customer;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::viewer::{DEVICE_TOKEN_PREFIX, Viewer};

/// What people own; who is not trusted registers nothing else. A till of one's own would have the offers of tills.
const OWNED: [Channel; 4] = [Channel::Web, Channel::MobileApp, Channel::SmartTv, Channel::Other];

/// A device that is to be known.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// Whose it is, if somebody has signed in to it; only a trusted caller is believed.
    pub customer: Option<CustomerId>,
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

/// Registers a device of a customer, or as an anonymous customer of its own.
pub async fn register(
    transaction: &impl ConnectionTrait,
    caller: &Caller<'_>,
    new: NewDevice,
) -> Result<Registered, Rejection> {
    check(caller, &new)?;
    let owner = match new.customer {
        Some(named) => Some(hold_owner(transaction, caller, named).await?),
        None => None,
    };
    let is_known = match &new.anonymous_id {
        Some(key) => is_already(transaction, key, owner).await?,
        None => false,
    };
    let customer = owner.unwrap_or_else(|| caller.ids.next(caller.now));
    let device: DeviceId = caller.ids.next(caller.now);
    let registered = Registered { device, customer, token: token(caller, device) };
    let own = IdentityKey::stored(IdentityKind::Device, device.to_string());
    let added: Vec<_> = new.anonymous_id.filter(|_| !is_known).into_iter().chain([own]).collect();
    if owner.is_some() {
        make_room(transaction, customer, &added).await?;
    }
    let identities = added.into_iter().map(|key| customer_identity::Model {
        id: caller.ids.next(caller.now),
        customer_id: customer,
        kind: key.kind(),
        value: key.into_value(),
        verified: false,
        claimed: false,
        created_at: caller.now,
    });
    let identities = identities.collect();
    let row = device::Model {
        id: device,
        customer_id: customer,
        channel: new.channel,
        platform: new.platform,
        model: new.model,
        token_hash: Some(Sha256::digest(registered.token.as_bytes()).to_vec()),
        created_at: caller.now,
        last_seen_at: caller.now,
    };
    if owner.is_none() {
        insert_all(transaction, vec![customer::Model::bare(customer, caller.now)]).await?;
    }
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
    check_channel(caller, new.channel)?;
    limits::check_text("platform", &new.platform)?;
    if let Some(model) = &new.model {
        limits::check_text("model", model)?;
    }
    match new.anonymous_id.as_ref().and_then(blocked) {
        Some(reason) => Err(Refusal::new(Reason::BlockedValue, "anonymousId", reason)),
        None => Ok(()),
    }
}

fn check_channel(caller: &Caller<'_>, channel: Channel) -> Result<(), Refusal> {
    if caller.trust == Trust::Trusted || OWNED.contains(&channel) {
        return Ok(());
    }
    let owned = OWNED.map(Channel::text).join(", ");
    let message = format!(
        "A device that somebody owns is one of {owned}; others are registered with a token of staff."
    );
    Err(Refusal::new(Reason::Invalid, "channel", message))
}

/// The canonical customer who signed in, locked.
async fn hold_owner(
    transaction: &impl ConnectionTrait,
    caller: &Caller<'_>,
    named: CustomerId,
) -> Result<CustomerId, Rejection> {
    if caller.trust == Trust::Untrusted {
        return Err(Refusal::no_customer("customerId").into());
    }
    let owner = caller.must_mean(transaction, Some(named)).await?;
    family::lock_living(transaction, [owner]).await?;
    caller.still_means(transaction, Some(named), owner).await?;
    Ok(owner)
}

/// Whether the device's own id is the owner's already; anybody else's is refused.
async fn is_already(
    transaction: &impl ConnectionTrait,
    key: &IdentityKey,
    owner: Option<CustomerId>,
) -> Result<bool, Rejection> {
    let query = customer_identity::Entity::find()
        .filter(customer_identity::Column::Kind.eq(key.kind()))
        .filter(customer_identity::Column::Value.eq(key.value()));
    let Some(row) = query.one(transaction).await? else { return Ok(false) };
    let of = family::canonical(transaction, [row.customer_id]).await?.remove(&row.customer_id);
    if owner.is_some() && of == owner {
        return Ok(true);
    }
    let message = "This identity is another customer's. If somebody has signed in to the device, have your server \
                   join the two by `customerIdentify`, and register the device for that customer.";
    Err(Refusal::new(Reason::IdentityTaken, "anonymousId", message).into())
}

/// Refuses one browser too many; of devices the oldest makes room, and its token ends: else a customer who often
/// loses a token would once get none any more.
async fn make_room(
    transaction: &impl ConnectionTrait,
    customer: CustomerId,
    added: &[IdentityKey],
) -> Result<(), Rejection> {
    let counts = identity_counts(transaction, &[customer], Counted::Confirmed).await?;
    for key in added {
        let (limit, kind) = (limits::identities(key.kind()), key.kind());
        if counts.get(&(customer, kind)).copied().unwrap_or_default() < limit {
            continue;
        }
        if kind == IdentityKind::Device {
            forget_oldest(transaction, customer).await?;
            continue;
        }
        let kind = kind.text();
        let message =
            format!("The customer has {limit} identities of type {kind} already, which is the limit.");
        return Err(Refusal::new(Reason::LimitReached, "anonymousId", message).into());
    }
    Ok(())
}

async fn forget_oldest(transaction: &impl ConnectionTrait, customer: CustomerId) -> Result<(), Rejection> {
    let rows = family::family(transaction, customer).await?;
    let oldest = customer_identity::Entity::find()
        .filter(customer_identity::Column::CustomerId.is_in(rows))
        .filter(customer_identity::Column::Kind.eq(IdentityKind::Device))
        .order_by_asc(customer_identity::Column::CreatedAt)
        .order_by_asc(customer_identity::Column::Id)
        .one(transaction)
        .await?;
    let Some(oldest) = oldest else { return Ok(()) };
    if let Ok(device) = oldest.value.parse::<DeviceId>() {
        device::Entity::update_many()
            .col_expr(device::Column::TokenHash, Expr::value(None::<Vec<u8>>))
            .filter(device::Column::Id.eq(device))
            .exec(transaction)
            .await?;
    }
    customer_identity::Entity::delete_by_id(oldest.id).exec(transaction).await?;
    Ok(())
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
/// A token that ends does so in a transaction that may be at work. Who is found merged is therefore asked for the token
/// once more.
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
