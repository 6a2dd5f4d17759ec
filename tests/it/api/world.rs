//! A small world: any number of customers, each with everything a customer can have, and a catalogue.
//!
//! All texts of customer 7 begin with `c7-`, and those of offers that are not live with `hidden-`: an answer
//! that must not have them is searched for these. Many times are equal, so that lists have ties.

use chrono::Datelike;
use encircle::app::App;
use encircle::db::Db;
use entities::ids::{CustomerId, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::{
    Channel, ConsentPurpose, ConsentStatus, IdentityKind, OfferResponse, PurchaseStatus, RedemptionStatus,
    TextEnum,
};
use entities::{
    attribute_bucket, attribute_definition, behavior, behavior_definition, cart, cart_code, cart_line,
    consent, customer, customer_identity, decision, device, entitlement, hold, hold_span, line_discount,
    offer_response, purchase, purchase_line, quarantined_behavior, redemption, segment, segment_member,
    touchpoint,
};
use serde_json::json;

use super::world_catalogue::{self, LIVE_OFFER, offers, products};
use crate::entities::insert;
use crate::entities::samples::{self, id};
use crate::harness::client::application;

/// Noon of New Year's Day 2026.
pub const NOON: Timestamp = Timestamp(1_767_268_800_000);
const DAY: i64 = 86_400_000;

pub const BEHAVIORS: u128 = 8;
pub const PURCHASES: u128 = 3;
pub const LINES: u128 = 2;
pub const DEVICES: u128 = 2;
pub const TOUCHPOINTS: u128 = 3;
pub const NAMES: [&str; 3] = ["Product Viewed", "Product Added", "Order Completed"];

pub fn days(count: i64) -> Timestamp {
    Timestamp(NOON.millis() + count * DAY)
}

pub fn customer_id(number: u128) -> CustomerId {
    id(number)
}

pub fn kiosk() -> TouchpointId {
    id(1)
}

/// Who a customer turned out to be: customers 5, 15, 25 … customer 1, and 6, 16, 26 … customer 2.
pub fn survivor(number: u128) -> u128 {
    match number % 10 {
        5 => 1,
        6 => 2,
        _ => number,
    }
}

pub fn is_merged(number: u128) -> bool {
    survivor(number) != number
}

/// Writes the world and puts the application over it.
pub async fn world(db: Db, customers: u128) -> App {
    write(&db, customers).await;
    application(db, NOON).await
}

async fn write(db: &Db, customers: u128) {
    let numbers = || 1..=customers;
    insert::<touchpoint::Entity>(db, touchpoints()).await;
    world_catalogue::write(db).await;
    insert::<customer::Entity>(db, numbers().map(customer)).await;
    insert::<customer_identity::Entity>(db, numbers().flat_map(identities)).await;
    insert::<device::Entity>(db, numbers().flat_map(devices)).await;
    insert::<consent::Entity>(db, numbers().flat_map(consents)).await;
    insert::<behavior::Entity>(db, numbers().flat_map(behaviors)).await;
    insert::<purchase::Entity>(db, numbers().flat_map(purchases)).await;
    insert::<purchase_line::Entity>(db, numbers().flat_map(lines)).await;
    insert::<redemption::Entity>(db, numbers().flat_map(redemptions)).await;
    insert::<line_discount::Entity>(db, numbers().flat_map(line_discounts)).await;
    insert::<decision::Entity>(db, numbers().map(decision)).await;
    insert::<offer_response::Entity>(db, numbers().flat_map(responses)).await;
    insert::<cart::Entity>(db, numbers().map(cart)).await;
    insert::<cart_line::Entity>(db, numbers().flat_map(cart_lines)).await;
    insert::<cart_code::Entity>(db, numbers().map(cart_code)).await;
    insert::<hold::Entity>(db, numbers().map(hold)).await;
    insert::<hold_span::Entity>(db, numbers().map(hold_span)).await;
    insert::<entitlement::Entity>(db, numbers().flat_map(entitlements)).await;
    insert::<behavior_definition::Entity>(db, samples::behavior_definitions()).await;
    insert::<quarantined_behavior::Entity>(db, samples::quarantined_behaviors()).await;
    insert::<attribute_definition::Entity>(db, attribute_definitions()).await;
    insert::<attribute_bucket::Entity>(db, numbers().map(bucket)).await;
    insert::<segment::Entity>(db, samples::segments()).await;
    insert::<segment_member::Entity>(db, samples::segment_members()).await;
}

/// One whose history is not counted yet, with everything said; one that is ready, with the least.
pub fn attribute_definitions() -> [attribute_definition::Model; 2] {
    let [unfinished, ready] = samples::attribute_definitions();
    [unfinished, attribute_definition::Model { window: Some("P30D".to_owned()), ..ready }]
}

/// What a customer's behaviors add up to for the definition that is ready.
fn bucket(number: u128) -> attribute_bucket::Model {
    let [_, bucket] = samples::attribute_buckets();
    let day = NOON.to_utc().date_naive().num_days_from_ce() - 719_163;
    attribute_bucket::Model {
        customer_id: id(number),
        definition_id: id(2),
        day,
        value: String::new(),
        ..bucket
    }
}

pub fn touchpoints() -> [touchpoint::Model; TOUCHPOINTS as usize] {
    let kiosk = touchpoint::Model {
        id: kiosk(),
        key: "vienna-kiosk-1".to_owned(),
        name: "Foyer".to_owned(),
        channel: Channel::Kiosk,
        placements: json!(["hero", "checkout"]),
        time_zone: "Europe/Vienna".to_owned(),
        currency: "EUR".to_owned(),
        shared: true,
        created_at: NOON,
    };
    let web = touchpoint::Model {
        id: id(2),
        key: "web".to_owned(),
        name: "Web shop".to_owned(),
        channel: Channel::Web,
        placements: json!([]),
        shared: false,
        ..kiosk.clone()
    };
    let till = touchpoint::Model {
        id: id(3),
        key: "vienna-till-1".to_owned(),
        name: "Box office".to_owned(),
        channel: Channel::PointOfSale,
        created_at: days(1),
        ..kiosk.clone()
    };
    [kiosk, web, till]
}

pub fn customer(number: u128) -> customer::Model {
    let own = |text: &str| Some(format!("c{number}-{text}"));
    customer::Model {
        id: id(number),
        created_at: days(number as i64 / 4),
        updated_at: NOON,
        first_name: own("Ada"),
        last_name: own("Byron"),
        email: own("ada@example.com"),
        phone: own("+43660"),
        birth_date: Some("1990-04-23".to_owned()),
        locale: Some("de-AT".to_owned()),
        traits: json!({ "plan": format!("c{number}-gold") }),
        described_at: None,
        erased_at: None,
        merged_into: is_merged(number).then(|| id(survivor(number))),
    }
}

/// The last of them only its device has said.
pub fn identities(number: u128) -> [customer_identity::Model; 3] {
    let email = customer_identity::Model {
        id: id(number * 10),
        customer_id: id(number),
        kind: IdentityKind::Email,
        value: format!("c{number}-ada@example.com"),
        verified: true,
        claimed: false,
        created_at: NOON,
    };
    let card = customer_identity::Model {
        id: id(number * 10 + 1),
        kind: IdentityKind::LoyaltyCard,
        value: format!("c{number}-card"),
        verified: false,
        ..email
    };
    let phone = customer_identity::Model {
        id: id(number * 10 + 2),
        kind: IdentityKind::Phone,
        value: format!("+43{number}"),
        verified: false,
        claimed: true,
        ..email
    };
    [email, card, phone]
}

pub fn devices(number: u128) -> impl Iterator<Item = device::Model> {
    (0..DEVICES).map(move |at| device::Model {
        id: id(number * 10 + at),
        customer_id: id(number),
        channel: Channel::MobileApp,
        platform: format!("c{number}-iOS"),
        model: (at == 0).then(|| format!("c{number}-iPhone")),
        token_hash: None,
        created_at: NOON,
        last_seen_at: days(1),
    })
}

pub fn consents(number: u128) -> [consent::Model; 2] {
    let marketing = consent::Model {
        customer_id: id(number),
        purpose: ConsentPurpose::Marketing,
        status: ConsentStatus::Granted,
        source: format!("c{number}-till"),
        updated_at: NOON,
        expires_at: Some(days(365)),
    };
    let analytics = consent::Model {
        purpose: ConsentPurpose::Analytics,
        status: ConsentStatus::Revoked,
        expires_at: None,
        ..marketing.clone()
    };
    [marketing, analytics]
}

pub fn behaviors(number: u128) -> impl Iterator<Item = behavior::Model> {
    (0..BEHAVIORS).map(move |at| behavior::Model {
        id: id(number * 10 + at),
        customer_id: id(number),
        name: NAMES[at as usize % NAMES.len()].to_owned(),
        channel: Channel::ALL[at as usize % 4],
        touchpoint_id: (at % 4 != 3).then(|| id(at % 2 + 1)),
        device_id: (at % 2 == 0).then(|| id(number * 10 + at % 4 / 2)),
        properties: json!({ "sku": "film", "seat": format!("c{number}-{at}") }),
        occurred_at: days(at as i64 / 3),
        received_at: days(30),
        source: "web".to_owned(),
        message_id: format!("c{number}-m{at}"),
        attributes_version: 0,
    })
}

pub fn purchases(number: u128) -> impl Iterator<Item = purchase::Model> {
    (0..PURCHASES).map(move |at| purchase::Model {
        id: id(number * 10 + at),
        number: format!("c{number}-n{at}"),
        customer_id: id(number),
        status: PurchaseStatus::ALL[at as usize],
        channel: Channel::ALL[at as usize],
        touchpoint_id: (at != 0).then(|| id(at)),
        currency: "EUR".to_owned(),
        total_minor: 2_400,
        discount_minor: 100,
        placed_at: days(at as i64 / 2),
        source: "till".to_owned(),
        external_id: format!("c{number}-x{at}"),
        payment_reference: Some(format!("c{number}-p{at}")),
        claimed_payment_reference: Some(format!("c{number}-claim{at}")),
        expires_at: (at > 0).then(|| days(at as i64)),
        refunded_minor: 600,
    })
}

pub fn lines(number: u128) -> impl Iterator<Item = purchase_line::Model> {
    purchases(number).flat_map(move |purchase| {
        (0..LINES).map(move |at| purchase_line::Model {
            id: id(purchase.id.0.as_u128() * 10 + at),
            customer_id: purchase.customer_id,
            purchase_id: purchase.id,
            position: at as i32 + 1,
            product_id: products()[at as usize + 1].id,
            quantity: 2,
            unit_minor: 625,
            total_minor: 1_250,
            stock_taken: 0,
            refunded_quantity: 1,
            refunded_minor: 600,
        })
    })
}

/// Of each customer's three purchases: a live offer used, one that is a draft by now used, one let go.
pub fn redemptions(number: u128) -> impl Iterator<Item = redemption::Model> {
    let draft = offers().iter().position(|offer| offer.key == "hidden-draft").expect("there is a draft");
    purchases(number).zip([LIVE_OFFER, draft, LIVE_OFFER]).map(move |(purchase, offer)| redemption::Model {
        id: id(purchase.id.0.as_u128()),
        customer_id: purchase.customer_id,
        purchase_id: Some(purchase.id),
        offer_id: offers()[offer].id,
        status: if purchase.status == PurchaseStatus::Canceled {
            RedemptionStatus::Released
        } else {
            RedemptionStatus::Redeemed
        },
        amount_minor: 100,
        currency: "EUR".to_owned(),
        created_at: purchase.placed_at,
        returned_minor: 0,
        code: Some(format!("c{number}-CODE")),
    })
}

/// What its first line bears of each redemption, and what its second.
pub fn line_discounts(number: u128) -> impl Iterator<Item = line_discount::Model> {
    redemptions(number).flat_map(|redemption| {
        let line = redemption.id.0.as_u128() * 10;
        [(line, 60), (line + 1, 40)].map(|(line, amount_minor)| line_discount::Model {
            purchase_line_id: id(line),
            redemption_id: redemption.id,
            customer_id: redemption.customer_id,
            amount_minor,
            returned_minor: 0,
        })
    })
}

/// What became of the decision, and of an offer that no decision showed.
pub fn responses(number: u128) -> [offer_response::Model; 3] {
    let told = offer_response::Model {
        behavior_id: id(number * 10),
        customer_id: id(number),
        offer_id: offers()[LIVE_OFFER].id,
        kind: OfferResponse::Shown,
        received_at: NOON,
        decision_id: Some(decision(number).id),
        variant: Some("large".to_owned()),
    };
    let followed = offer_response::Model {
        behavior_id: id(number * 10 + 1),
        kind: OfferResponse::Clicked,
        ..told.clone()
    };
    let other = offer_response::Model {
        behavior_id: id(number * 10 + 2),
        kind: OfferResponse::Dismissed,
        decision_id: None,
        variant: None,
        ..told
    };
    [told, followed, other]
}

/// A decision that was kept: a live offer was shown, another was not.
pub fn decision(number: u128) -> decision::Model {
    let [shown, other] = [LIVE_OFFER, 1].map(|at| offers()[at].id.to_string());
    let reason = json!({
        "code": "ATTRIBUTE", "message": format!("c{number}-2 more visits"), "expression": "attributes.visits >= 3",
        "actual": 1, "required": ">= 3", "is_safe": true,
    });
    decision::Model {
        id: id(number * 10),
        customer_id: id(number),
        placement: "home-hero".to_owned(),
        channel: Channel::PointOfSale,
        touchpoint_id: Some(id(3)),
        decided_at: NOON,
        valid_until: days(1),
        outcome: json!({
            "winners": [{ "offer": shown, "rank": 1, "score": 7.5, "variant": "large" }],
            "verdicts": [
                { "offer": shown, "eligible": true, "reasons": [] },
                { "offer": other, "eligible": false, "reasons": [reason] },
            ],
        }),
    }
}

/// A cart that costs another amount than the customer was told, of which one line is held, with a code that is no good.
pub fn cart(number: u128) -> cart::Model {
    cart::Model {
        id: id(number * 10),
        customer_id: id(number),
        version: 3,
        currency: "EUR".to_owned(),
        channel: Channel::Kiosk,
        touchpoint_id: Some(kiosk()),
        created_at: NOON,
        updated_at: days(1),
        told_version: Some(3),
        told_offers: Some(json!([[offers()[LIVE_OFFER].id.to_string(), 250]]).to_string()),
    }
}

pub fn cart_lines(number: u128) -> [cart_line::Model; 3] {
    let seats = cart_line::Model {
        id: id(number * 10),
        cart_id: id(number * 10),
        customer_id: id(number),
        product_id: products()[1].id,
        quantity: 2,
        unit_minor: 1_000,
    };
    let popcorn = cart_line::Model {
        id: id(number * 10 + 1),
        product_id: id(101),
        quantity: 1,
        unit_minor: 450,
        ..seats
    };
    // More than there are.
    let hall = cart_line::Model {
        id: id(number * 10 + 2),
        product_id: products()[2].id,
        quantity: 200,
        unit_minor: 1_250,
        ..seats
    };
    [seats, popcorn, hall]
}

pub fn cart_code(number: u128) -> cart_code::Model {
    cart_code::Model { cart_id: id(number * 10), customer_id: id(number), code: format!("NOGOOD{number}") }
}

pub fn hold(number: u128) -> hold::Model {
    hold::Model {
        id: id(number * 10),
        cart_id: id(number * 10),
        product_id: products()[1].id,
        customer_id: id(number),
        quantity: 1,
        held_at: NOON,
        expires_at: days(1),
    }
}

/// Of what is held of the first line: not all, and no more of it for a while.
pub fn hold_span(number: u128) -> hold_span::Model {
    let held_at = Timestamp(NOON.millis() - DAY);
    hold_span::Model { customer_id: id(number), product_id: products()[1].id, held_at, over_at: days(1) }
}

/// Of the first line of each purchase.
pub fn entitlements(number: u128) -> impl Iterator<Item = entitlement::Model> {
    purchases(number).map(|purchase| entitlement::Model {
        id: id(purchase.id.0.as_u128()),
        customer_id: purchase.customer_id,
        product_id: products()[0].id,
        purchase_id: purchase.id,
        purchase_line_id: id(purchase.id.0.as_u128() * 10),
        granted_at: purchase.placed_at,
        expires_at: Some(days(30)),
        revoked_at: (purchase.status == PurchaseStatus::Canceled).then_some(NOON),
    })
}
