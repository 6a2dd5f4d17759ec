//! One full and one sparse row of every table, in an order in which they can be inserted.

use entities::ids::{
    AttributeDefinitionId, BehaviorDefinitionId, BehaviorId, CustomerId, CustomerIdentityId, CustomerMergeId,
    DecisionId, DeviceId, Id, OfferId, PlacementId, ProductId, PurchaseId, PurchaseLineId,
    QuarantinedBehaviorId, RedemptionId, SegmentId, TouchpointId,
};
use entities::timestamp::Timestamp;
use entities::values::{
    Aggregate, AttributeStatus, BenefitKind, Channel, CodeKind, ConsentPurpose, ConsentStatus, IdentityKind,
    OfferResponse, OfferStatus, ProductKind, PurchaseStatus, RedemptionStatus,
};
use entities::{
    attribute_bucket, attribute_definition, behavior, behavior_definition, behavior_message, cart, cart_code,
    cart_line, catalogue, code_entry, consent, customer, customer_identity, customer_merge, decision, device,
    entitlement, hold, hold_span, idempotency_key, line_discount, offer, offer_budget, offer_code,
    offer_response, placement, product, product_price, purchase, purchase_line, quarantined_behavior,
    redemption, retired_attribute, segment, segment_judgement, segment_member, touchpoint,
};
use serde_json::json;
use uuid::Uuid;

const NOON: Timestamp = Timestamp(1_767_268_800_123);
const EARLY: Timestamp = Timestamp(-1);

pub fn id<I: Id>(number: u128) -> I {
    I::from_uuid(Uuid::from_u128(number))
}

pub fn customer(number: u128) -> customer::Model {
    customer::Model { updated_at: EARLY, ..customer::Model::bare(id(number), NOON) }
}

pub fn customers() -> [customer::Model; 2] {
    let full = customer::Model {
        first_name: Some("Zoë 'Z' \"Q\" O’Neil".to_owned()),
        last_name: Some(String::new()),
        email: Some("zoe@example.com".to_owned()),
        phone: Some("+43 1 234".to_owned()),
        birth_date: Some("1980-02-29".to_owned()),
        locale: Some("de-AT".to_owned()),
        traits: json!({ "deep": [1, 2.5, null, { "ü": true }], "big": 9_007_199_254_740_993_i64 }),
        described_at: Some(NOON),
        erased_at: Some(NOON),
        merged_into: Some(id(1)),
        ..customer(u128::MAX)
    };
    [customer(1), full]
}

pub fn identities() -> [customer_identity::Model; 2] {
    let one = customer_identity::Model {
        id: CustomerIdentityId(Uuid::from_u128(1)),
        customer_id: CustomerId(Uuid::from_u128(1)),
        kind: IdentityKind::LoyaltyCard,
        value: "4711".to_owned(),
        verified: true,
        claimed: false,
        created_at: NOON,
    };
    let other = customer_identity::Model {
        id: id(2),
        verified: false,
        claimed: true,
        kind: IdentityKind::UserId,
        ..one.clone()
    };
    [one, other]
}

pub fn devices() -> [device::Model; 2] {
    let one = device::Model {
        id: DeviceId(Uuid::from_u128(1)),
        customer_id: id(1),
        channel: Channel::SmartTv,
        platform: "tvos".to_owned(),
        model: Some("TV 4K".to_owned()),
        token_hash: Some(vec![0, 255]),
        created_at: EARLY,
        last_seen_at: NOON,
    };
    let other = device::Model { id: id(2), model: None, token_hash: None, ..one.clone() };
    [one, other]
}

pub fn consents() -> [consent::Model; 2] {
    let one = consent::Model {
        customer_id: id(1),
        purpose: ConsentPurpose::SaleOfData,
        status: ConsentStatus::Granted,
        source: "till".to_owned(),
        updated_at: NOON,
        expires_at: Some(Timestamp::MAX),
    };
    let other = consent::Model { purpose: ConsentPurpose::Analytics, expires_at: None, ..one.clone() };
    [one, other]
}

pub fn touchpoints() -> [touchpoint::Model; 1] {
    [touchpoint::Model {
        id: TouchpointId(Uuid::from_u128(1)),
        key: "vienna-foyer".to_owned(),
        name: "Foyer".to_owned(),
        channel: Channel::Kiosk,
        placements: json!(["hero", "checkout"]),
        time_zone: "Europe/Vienna".to_owned(),
        currency: "EUR".to_owned(),
        shared: true,
        created_at: NOON,
    }]
}

pub fn behaviors() -> [behavior::Model; 2] {
    let one = behavior::Model {
        id: BehaviorId(Uuid::from_u128(1)),
        customer_id: id(1),
        name: "Product Viewed".to_owned(),
        channel: Channel::Kiosk,
        touchpoint_id: Some(id(1)),
        device_id: Some(id(1)),
        properties: json!({ "sku": "A", "price": 12.5 }),
        occurred_at: EARLY,
        received_at: NOON,
        source: "web".to_owned(),
        message_id: "m1".to_owned(),
        attributes_version: 7,
    };
    let other = behavior::Model { id: id(2), touchpoint_id: None, device_id: None, ..one.clone() };
    [one, other]
}

pub fn behavior_messages() -> [behavior_message::Model; 1] {
    [behavior_message::Model {
        source: "web".to_owned(),
        message_id: "m1".to_owned(),
        behavior_id: id(1),
        customer_id: id(1),
        digest: vec![0, 255, 39, 92],
        received_at: NOON,
    }]
}

pub fn offer_responses() -> [offer_response::Model; 2] {
    let one = offer_response::Model {
        behavior_id: id(1),
        customer_id: id(1),
        offer_id: id(1),
        kind: OfferResponse::Shown,
        received_at: NOON,
        decision_id: None,
        variant: None,
    };
    let other = offer_response::Model {
        behavior_id: id(2),
        kind: OfferResponse::Dismissed,
        decision_id: Some(id(1)),
        variant: Some("large-image".to_owned()),
        ..one
    };
    [one, other]
}

pub fn products() -> [product::Model; 2] {
    let film = product::Model {
        id: ProductId(Uuid::from_u128(1)),
        sku: "film-1".to_owned(),
        name: "Metropolis".to_owned(),
        kind: ProductKind::Digital,
        price_minor: i64::MAX,
        currency: "JPY".to_owned(),
        stock_total: None,
        stock_taken: 0,
        part_of: None,
        attributes: json!({ "genre": "drama" }),
        starts_at: None,
        created_at: NOON,
        access_days: Some(30),
    };
    let showing = product::Model {
        id: id(2),
        sku: "film-1-20".to_owned(),
        kind: ProductKind::Ticket,
        stock_total: Some(120),
        stock_taken: 3,
        part_of: Some(id(1)),
        starts_at: Some(NOON),
        ..film.clone()
    };
    [film, showing]
}

pub fn offers() -> [offer::Model; 2] {
    let sparse = offer::Model {
        name: "Welcome".to_owned(),
        content: json!({ "default": {} }),
        priority: -5,
        ..offer::Model::draft(OfferId(Uuid::from_u128(1)), "welcome", NOON)
    };
    let full = offer::Model {
        id: id(2),
        key: "popcorn".to_owned(),
        status: OfferStatus::Live,
        rank: Some("1.0".to_owned()),
        benefit_kind: Some(BenefitKind::FreeProduct),
        benefit_basis_points: Some(10_000),
        benefit_minor: Some(i64::MIN),
        benefit_currency: Some("EUR".to_owned()),
        benefit_product_id: Some(id(1)),
        starts_at: Some(EARLY),
        ends_at: Some(NOON),
        limit_total: Some(1_000_000_000_000),
        limit_per_customer: Some(1),
        consent: Some(ConsentPurpose::Marketing),
        starts_on: Some("2026-03-01".to_owned()),
        ends_on: Some("2026-03-31".to_owned()),
        weekdays: json!([1, 7]),
        from_minute: Some(1_320),
        until_minute: Some(120),
        limit_minor: Some(i64::MAX),
        limit_currency: Some("EUR".to_owned()),
        limit_per_period: Some(2),
        limit_period: Some("P7D".to_owned()),
        limit_shown: Some(3),
        limit_shown_period: Some("PT24H".to_owned()),
        dismissal_period: Some("P30D".to_owned()),
        code_kind: Some(CodeKind::Shared),
        code: Some("POPCORN".to_owned()),
        experiment: Some("popcorn-size".to_owned()),
        holdout_basis_points: 500,
        allocations: json!([{ "from": 0, "variants": [{ "key": "large", "weight": 1 }] }]),
        ..sparse.clone()
    };
    [sparse, full]
}

pub fn purchase(number: u128, customer: u128, placed_at: Timestamp) -> purchase::Model {
    purchase::Model {
        id: PurchaseId(Uuid::from_u128(number)),
        number: format!("N{number}"),
        customer_id: id(customer),
        status: PurchaseStatus::PartiallyRefunded,
        channel: Channel::PointOfSale,
        touchpoint_id: None,
        currency: "EUR".to_owned(),
        total_minor: 1250,
        discount_minor: 0,
        placed_at,
        source: "till".to_owned(),
        external_id: format!("x{number}"),
        payment_reference: Some("pay-1".to_owned()),
        expires_at: None,
        refunded_minor: 1,
        claimed_payment_reference: Some("claim-1".to_owned()),
    }
}

pub fn purchases() -> [purchase::Model; 2] {
    [purchase(1, 1, NOON), purchase::Model { touchpoint_id: Some(id(1)), ..purchase(2, 1, EARLY) }]
}

pub fn purchase_lines() -> [purchase_line::Model; 1] {
    [purchase_line::Model {
        id: PurchaseLineId(Uuid::from_u128(1)),
        customer_id: id(1),
        purchase_id: id(1),
        position: 1,
        product_id: id(2),
        quantity: 2,
        unit_minor: 625,
        total_minor: 1250,
        stock_taken: 2,
        refunded_quantity: 1,
        refunded_minor: 625,
    }]
}

pub fn redemptions() -> [redemption::Model; 2] {
    let used = redemption::Model {
        id: RedemptionId(Uuid::from_u128(1)),
        customer_id: id(1),
        purchase_id: Some(id(1)),
        offer_id: id(1),
        status: RedemptionStatus::Redeemed,
        amount_minor: 100,
        currency: "EUR".to_owned(),
        created_at: NOON,
        returned_minor: 50,
        code: Some("half-26".to_owned()),
    };
    let held = redemption::Model {
        id: id(2),
        purchase_id: None,
        status: RedemptionStatus::Held,
        code: None,
        ..used.clone()
    };
    [used, held]
}

pub fn customer_merges() -> [customer_merge::Model; 2] {
    let one = customer_merge::Model {
        id: CustomerMergeId(Uuid::from_u128(1)),
        survivor_id: id(1),
        merged_id: id(u128::MAX),
        source: "web".to_owned(),
        reason: "USER_ID 7 was seen with both".to_owned(),
        merged_at: NOON,
        undone_at: Some(NOON),
    };
    let other = customer_merge::Model { id: id(2), undone_at: None, ..one.clone() };
    [one, other]
}

pub fn behavior_definitions() -> [behavior_definition::Model; 2] {
    let one = behavior_definition::Model {
        id: BehaviorDefinitionId(Uuid::from_u128(1)),
        name: "Product Viewed".to_owned(),
        description: Some("A page of a product was opened.".to_owned()),
        schema: json!({ "type": "object", "required": ["sku"] }),
        created_at: NOON,
        updated_at: NOON,
    };
    let other = behavior_definition::Model {
        id: id(2),
        name: "Seat Chosen".to_owned(),
        description: None,
        ..one.clone()
    };
    [one, other]
}

pub fn quarantined_behaviors() -> [quarantined_behavior::Model; 1] {
    [quarantined_behavior::Model {
        id: QuarantinedBehaviorId(Uuid::from_u128(1)),
        customer_id: id(1),
        source: "web".to_owned(),
        message_id: "m1".to_owned(),
        name: "Product Viewed".to_owned(),
        arrival: json!({ "properties": {} }),
        reason: "`sku` is missing".to_owned(),
        received_at: NOON,
    }]
}

pub fn catalogues() -> [catalogue::Model; 1] {
    [catalogue::Model { name: "sample".to_owned(), version: 3 }]
}

pub fn attribute_definitions() -> [attribute_definition::Model; 2] {
    let one = attribute_definition::Model {
        id: AttributeDefinitionId(Uuid::from_u128(1)),
        key: "favorite_genre".to_owned(),
        label: "Favorite genre".to_owned(),
        behavior: "Product Viewed".to_owned(),
        property: Some("product.genre".to_owned()),
        filter: Some("channel == 'WEB'".to_owned()),
        aggregate: Aggregate::MostFrequent,
        window: Some("P90D".to_owned()),
        time_zone: "Europe/Vienna".to_owned(),
        version: 1,
        status: AttributeStatus::Backfilling,
        backfilled: 10,
        backfill_total: 20,
        backfill_at: Some(EARLY),
        backfill_id: Some(id(1)),
        created_at: NOON,
        updated_at: NOON,
    };
    let other = attribute_definition::Model {
        id: id(2),
        key: "visits".to_owned(),
        property: None,
        filter: None,
        aggregate: Aggregate::Count,
        window: None,
        status: AttributeStatus::Ready,
        backfill_at: None,
        backfill_id: None,
        ..one.clone()
    };
    [one, other]
}

pub fn attribute_buckets() -> [attribute_bucket::Model; 2] {
    let one = attribute_bucket::Model {
        customer_id: id(1),
        definition_id: id(1),
        day: -1,
        channel: Channel::Web,
        value: "\"drama\"".to_owned(),
        count: 3,
        sum: Some(-1),
        min: Some(i64::MIN),
        max: Some(i64::MAX),
        first_at: EARLY,
        first_id: id(1),
        first_value: Some("1".to_owned()),
        last_at: NOON,
        last_id: id(2),
        last_value: Some("null".to_owned()),
    };
    let other = attribute_bucket::Model {
        day: 0,
        value: String::new(),
        sum: None,
        min: None,
        max: None,
        first_value: None,
        last_value: None,
        ..one
    };
    [one, other]
}

pub fn retired_attributes() -> [retired_attribute::Model; 2] {
    let one = retired_attribute::Model { definition_id: id(1), swept_to: None };
    [one, retired_attribute::Model { definition_id: id(2), swept_to: Some(id(1)) }]
}

pub fn segments() -> [segment::Model; 2] {
    let one = segment::Model {
        id: SegmentId(Uuid::from_u128(1)),
        key: "film_buff".to_owned(),
        name: "Film buffs".to_owned(),
        rule: "attributes.visits >= 3".to_owned(),
        purpose: ConsentPurpose::Personalization,
        version: 1,
        size: 1,
        judged_at: Some(NOON),
        failure: Some("a text was compared with a number".to_owned()),
        basis: Some("1".to_owned()),
        marked_to: Some(id(1)),
        created_at: NOON,
        updated_at: NOON,
    };
    let other =
        segment::Model { id: id(2), key: "family".to_owned(), judged_at: None, failure: None, ..one.clone() };
    [one, other]
}

pub fn segment_members() -> [segment_member::Model; 1] {
    [segment_member::Model { segment_id: id(1), customer_id: id(1), since: NOON }]
}

pub fn segment_judgements() -> [segment_judgement::Model; 1] {
    [segment_judgement::Model { customer_id: id(1), due_at: NOON, claim: Some(Uuid::from_u128(1)) }]
}

pub fn placements() -> [placement::Model; 2] {
    let one = placement::Model {
        id: PlacementId(Uuid::from_u128(1)),
        key: "home.hero".to_owned(),
        name: "Top of the home page".to_owned(),
        fallback_offer_id: Some(id(1)),
        created_at: NOON,
        updated_at: NOON,
    };
    let other =
        placement::Model { id: id(2), key: "cart".to_owned(), fallback_offer_id: None, ..one.clone() };
    [one, other]
}

pub fn offer_budgets() -> [offer_budget::Model; 1] {
    [offer_budget::Model { offer_id: id(1), taken: 3, taken_minor: 1_500 }]
}

pub fn offer_codes() -> [offer_code::Model; 2] {
    let one = offer_code::Model {
        code_hash: vec![0, 255, 7],
        offer_id: id(1),
        redeemed_at: Some(NOON),
        redemption_id: Some(id(1)),
    };
    let other = offer_code::Model { code_hash: vec![1], redeemed_at: None, redemption_id: None, ..one };
    [one, other]
}

pub fn decisions() -> [decision::Model; 2] {
    let one = decision::Model {
        id: DecisionId(Uuid::from_u128(1)),
        customer_id: id(1),
        placement: "home.hero".to_owned(),
        channel: Channel::Web,
        touchpoint_id: Some(id(1)),
        decided_at: NOON,
        valid_until: NOON,
        outcome: json!({ "winners": [] }),
    };
    let other = decision::Model { id: id(2), touchpoint_id: None, ..one.clone() };
    [one, other]
}

pub fn product_prices() -> [product_price::Model; 2] {
    let one = product_price::Model { product_id: id(1), currency: "EUR".to_owned(), price_minor: 0 };
    let other = product_price::Model { currency: "KWD".to_owned(), price_minor: i64::MAX, ..one };
    [one, other]
}

pub fn carts() -> [cart::Model; 2] {
    let one = cart::Model {
        id: id(1),
        customer_id: id(1),
        version: 7,
        currency: "EUR".to_owned(),
        channel: Channel::Kiosk,
        touchpoint_id: Some(id(1)),
        created_at: EARLY,
        updated_at: NOON,
        told_version: Some(7),
        told_offers: Some("[]".to_owned()),
    };
    let other = cart::Model {
        id: id(2),
        customer_id: id(u128::MAX),
        touchpoint_id: None,
        told_version: None,
        told_offers: None,
        ..one.clone()
    };
    [one, other]
}

pub fn cart_lines() -> [cart_line::Model; 1] {
    [cart_line::Model {
        id: id(1),
        cart_id: id(1),
        customer_id: id(1),
        product_id: id(2),
        quantity: 2,
        unit_minor: 625,
    }]
}

pub fn cart_codes() -> [cart_code::Model; 1] {
    [cart_code::Model { cart_id: id(1), customer_id: id(1), code: "SUMMER26".to_owned() }]
}

pub fn holds() -> [hold::Model; 1] {
    [hold::Model {
        id: id(1),
        cart_id: id(1),
        product_id: id(2),
        customer_id: id(1),
        quantity: 2,
        held_at: EARLY,
        expires_at: NOON,
    }]
}

pub fn hold_spans() -> [hold_span::Model; 1] {
    [hold_span::Model { customer_id: id(1), product_id: id(2), held_at: EARLY, over_at: NOON }]
}

pub fn code_entries() -> [code_entry::Model; 1] {
    [code_entry::Model {
        principal: id::<CustomerId>(1).to_string(),
        customer_id: Some(id(1)),
        entered: 3,
        began_at: EARLY,
    }]
}

pub fn line_discounts() -> [line_discount::Model; 1] {
    [line_discount::Model {
        purchase_line_id: id(1),
        redemption_id: id(1),
        customer_id: id(1),
        amount_minor: 100,
        returned_minor: 50,
    }]
}

pub fn entitlements() -> [entitlement::Model; 1] {
    [entitlement::Model {
        id: id(1),
        customer_id: id(1),
        product_id: id(1),
        purchase_id: id(1),
        purchase_line_id: id(1),
        granted_at: NOON,
        expires_at: Some(NOON),
        revoked_at: Some(EARLY),
    }]
}

pub fn idempotency_keys() -> [idempotency_key::Model; 1] {
    [idempotency_key::Model {
        principal: id::<CustomerId>(1).to_string(),
        operation: "cartCheckout".to_owned(),
        key: "k1".to_owned(),
        body_hash: vec![0, 255, 7],
        customer_id: Some(id(1)),
        result: id::<PurchaseId>(1).to_string(),
        created_at: NOON,
    }]
}
