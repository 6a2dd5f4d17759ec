//! Every table as rows of the read door with every column, to compare with what SeaORM reads.

use encircle::db::read::{Column, Json, Row};
use encircle::kernel::money::Currency;
use entities::ids::{
    AttributeDefinitionId, BehaviorDefinitionId, BehaviorId, CartId, CartLineId, CustomerId,
    CustomerIdentityId, CustomerMergeId, DecisionId, DeviceId, EntitlementId, HoldId, OfferId, PlacementId,
    ProductId, PurchaseId, PurchaseLineId, QuarantinedBehaviorId, RedemptionId, SegmentId, TouchpointId,
};
use entities::timestamp::Timestamp;
use entities::values::{
    Aggregate, AttributeStatus, BenefitKind, BenefitScope, Channel, CodeKind, ConsentPurpose, ConsentStatus,
    IdentityKind, OfferResponse, OfferStatus, ProductKind, PurchaseStatus, RedemptionStatus, Stacking,
};
use uuid::Uuid;

/// A value of the read door that means the same as one of SeaORM's.
pub trait SameAs<T> {
    fn same_as(&self, other: &T) -> bool;
}

impl<T: PartialEq> SameAs<T> for T {
    fn same_as(&self, other: &T) -> bool {
        self == other
    }
}

impl SameAs<serde_json::Value> for Json {
    fn same_as(&self, other: &serde_json::Value) -> bool {
        self.parse::<serde_json::Value>().is_ok_and(|value| value == *other)
    }
}

impl SameAs<String> for Currency {
    fn same_as(&self, other: &String) -> bool {
        self.code() == other
    }
}

impl SameAs<Option<String>> for Option<Currency> {
    fn same_as(&self, other: &Option<String>) -> bool {
        self.as_ref().map(Currency::code) == other.as_deref()
    }
}

/// A row that can be compared with SeaORM's model of the same table.
pub trait Compared: Row + std::fmt::Debug {
    type Entity: sea_orm::EntityTrait;
    fn agrees(&self, model: &<Self::Entity as sea_orm::EntityTrait>::Model) -> bool;
}

macro_rules! row {
    ($name:ident, $table:literal, $module:ident, $tie:literal, { $($column:ident: $kind:ty),* $(,)? }) => {
        #[derive(Debug, Default)]
        pub struct $name { $(pub $column: $kind),* }

        impl Row for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [Column<Self>] =
                &[$(Column::new(stringify!($column), |row, cell| cell.read(&mut row.$column))),*];
            const TIE: &'static str = $tie;
        }

        impl Compared for $name {
            type Entity = entities::$module::Entity;
            fn agrees(&self, model: &entities::$module::Model) -> bool {
                true $(&& self.$column.same_as(&model.$column))*
            }
        }
    };
}

row!(CustomerRow, "customers", customer, "id", {
    id: CustomerId,
    created_at: Timestamp,
    updated_at: Timestamp,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    birth_date: Option<String>,
    locale: Option<String>,
    traits: Json,
    described_at: Option<Timestamp>,
    erased_at: Option<Timestamp>,
    merged_into: Option<CustomerId>,
});
row!(CustomerIdentityRow, "customer_identities", customer_identity, "id", {
    id: CustomerIdentityId,
    customer_id: CustomerId,
    kind: IdentityKind,
    value: String,
    verified: bool,
    claimed: bool,
    created_at: Timestamp,
});
row!(DeviceRow, "devices", device, "id", {
    id: DeviceId,
    customer_id: CustomerId,
    channel: Channel,
    platform: String,
    model: Option<String>,
    token_hash: Option<Vec<u8>>,
    created_at: Timestamp,
    last_seen_at: Timestamp,
});
row!(ConsentRow, "consents", consent, "purpose", {
    customer_id: CustomerId,
    purpose: ConsentPurpose,
    status: ConsentStatus,
    source: String,
    updated_at: Timestamp,
    expires_at: Option<Timestamp>,
});
row!(TouchpointRow, "touchpoints", touchpoint, "id", {
    id: TouchpointId,
    key: String,
    name: String,
    channel: Channel,
    placements: Json,
    time_zone: String,
    currency: Currency,
    shared: bool,
    created_at: Timestamp,
});
row!(BehaviorRow, "behaviors", behavior, "id", {
    id: BehaviorId,
    customer_id: CustomerId,
    name: String,
    channel: Channel,
    touchpoint_id: Option<TouchpointId>,
    device_id: Option<DeviceId>,
    properties: Json,
    occurred_at: Timestamp,
    received_at: Timestamp,
    source: String,
    message_id: String,
    attributes_version: i64,
});
row!(BehaviorMessageRow, "behavior_messages", behavior_message, "message_id", {
    source: String,
    message_id: String,
    behavior_id: BehaviorId,
    customer_id: CustomerId,
    digest: Vec<u8>,
    received_at: Timestamp,
});
row!(OfferResponseRow, "offer_responses", offer_response, "behavior_id", {
    behavior_id: BehaviorId,
    customer_id: CustomerId,
    offer_id: OfferId,
    kind: OfferResponse,
    received_at: Timestamp,
    decision_id: Option<DecisionId>,
    variant: Option<String>,
});
row!(ProductRow, "products", product, "id", {
    id: ProductId,
    sku: String,
    name: String,
    kind: ProductKind,
    price_minor: i64,
    currency: Currency,
    stock_total: Option<i64>,
    stock_taken: i64,
    part_of: Option<ProductId>,
    attributes: Json,
    starts_at: Option<Timestamp>,
    created_at: Timestamp,
    access_days: Option<i64>,
});
row!(OfferRow, "offers", offer, "id", {
    id: OfferId,
    key: String,
    name: String,
    status: OfferStatus,
    placements: Json,
    channels: Json,
    content: Json,
    eligibility: String,
    rank: Option<String>,
    priority: i32,
    benefit_kind: Option<BenefitKind>,
    benefit_basis_points: Option<i32>,
    benefit_minor: Option<i64>,
    benefit_currency: Option<Currency>,
    benefit_product_id: Option<ProductId>,
    consent: Option<ConsentPurpose>,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    starts_on: Option<String>,
    ends_on: Option<String>,
    weekdays: Json,
    from_minute: Option<i32>,
    until_minute: Option<i32>,
    limit_total: Option<i64>,
    limit_minor: Option<i64>,
    limit_currency: Option<Currency>,
    limit_per_customer: Option<i64>,
    limit_per_period: Option<i64>,
    limit_period: Option<String>,
    limit_shown: Option<i64>,
    limit_shown_period: Option<String>,
    dismissal_period: Option<String>,
    code_kind: Option<CodeKind>,
    code: Option<String>,
    experiment: Option<String>,
    holdout_basis_points: i32,
    allocations: Json,
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
    stacking: Stacking,
    benefit_scope: BenefitScope,
    benefit_products: Json,
});
row!(PurchaseRow, "purchases", purchase, "id", {
    id: PurchaseId,
    number: String,
    customer_id: CustomerId,
    status: PurchaseStatus,
    channel: Channel,
    touchpoint_id: Option<TouchpointId>,
    currency: Currency,
    total_minor: i64,
    discount_minor: i64,
    placed_at: Timestamp,
    source: String,
    external_id: String,
    payment_reference: Option<String>,
    expires_at: Option<Timestamp>,
    refunded_minor: i64,
    claimed_payment_reference: Option<String>,
});
row!(PurchaseLineRow, "purchase_lines", purchase_line, "id", {
    id: PurchaseLineId,
    customer_id: CustomerId,
    purchase_id: PurchaseId,
    position: i32,
    product_id: ProductId,
    quantity: i64,
    unit_minor: i64,
    total_minor: i64,
    stock_taken: i64,
    refunded_quantity: i64,
    refunded_minor: i64,
});
row!(RedemptionRow, "redemptions", redemption, "id", {
    id: RedemptionId,
    customer_id: CustomerId,
    purchase_id: Option<PurchaseId>,
    offer_id: OfferId,
    status: RedemptionStatus,
    amount_minor: i64,
    currency: Currency,
    created_at: Timestamp,
    returned_minor: i64,
    code: Option<String>,
});
row!(CustomerMergeRow, "customer_merges", customer_merge, "id", {
    id: CustomerMergeId,
    survivor_id: CustomerId,
    merged_id: CustomerId,
    source: String,
    reason: String,
    merged_at: Timestamp,
    undone_at: Option<Timestamp>,
});
row!(BehaviorDefinitionRow, "behavior_definitions", behavior_definition, "id", {
    id: BehaviorDefinitionId,
    name: String,
    description: Option<String>,
    schema: Json,
    created_at: Timestamp,
    updated_at: Timestamp,
});
row!(QuarantinedBehaviorRow, "quarantined_behaviors", quarantined_behavior, "id", {
    id: QuarantinedBehaviorId,
    customer_id: CustomerId,
    source: String,
    message_id: String,
    name: String,
    arrival: Json,
    reason: String,
    received_at: Timestamp,
});
row!(CatalogueRow, "catalogues", catalogue, "name", {
    name: String,
    version: i64,
});
row!(AttributeDefinitionRow, "attribute_definitions", attribute_definition, "id", {
    id: AttributeDefinitionId,
    key: String,
    label: String,
    behavior: String,
    property: Option<String>,
    filter: Option<String>,
    aggregate: Aggregate,
    window: Option<String>,
    time_zone: String,
    version: i64,
    status: AttributeStatus,
    backfilled: i64,
    backfill_total: i64,
    backfill_at: Option<Timestamp>,
    backfill_id: Option<BehaviorId>,
    created_at: Timestamp,
    updated_at: Timestamp,
});
row!(AttributeBucketRow, "attribute_buckets", attribute_bucket, "day", {
    customer_id: CustomerId,
    definition_id: AttributeDefinitionId,
    day: i32,
    channel: Channel,
    value: String,
    count: i64,
    sum: Option<i64>,
    min: Option<i64>,
    max: Option<i64>,
    first_at: Timestamp,
    first_id: BehaviorId,
    first_value: Option<String>,
    last_at: Timestamp,
    last_id: BehaviorId,
    last_value: Option<String>,
});
row!(RetiredAttributeRow, "retired_attributes", retired_attribute, "definition_id", {
    definition_id: AttributeDefinitionId,
    swept_to: Option<CustomerId>,
});
row!(SegmentRow, "segments", segment, "id", {
    id: SegmentId,
    key: String,
    name: String,
    rule: String,
    purpose: ConsentPurpose,
    version: i64,
    size: i64,
    judged_at: Option<Timestamp>,
    failure: Option<String>,
    basis: Option<String>,
    marked_to: Option<CustomerId>,
    created_at: Timestamp,
    updated_at: Timestamp,
});
row!(SegmentMemberRow, "segment_members", segment_member, "since", {
    segment_id: SegmentId,
    customer_id: CustomerId,
    since: Timestamp,
});
row!(SegmentJudgementRow, "segment_judgements", segment_judgement, "due_at", {
    customer_id: CustomerId,
    due_at: Timestamp,
    claim: Option<Uuid>,
});
row!(PlacementRow, "placements", placement, "id", {
    id: PlacementId,
    key: String,
    name: String,
    fallback_offer_id: Option<OfferId>,
    created_at: Timestamp,
    updated_at: Timestamp,
});
row!(OfferBudgetRow, "offer_budgets", offer_budget, "offer_id", {
    offer_id: OfferId,
    taken: i64,
    taken_minor: i64,
});
row!(OfferCodeRow, "offer_codes", offer_code, "offer_id", {
    code_hash: Vec<u8>,
    offer_id: OfferId,
    redeemed_at: Option<Timestamp>,
    redemption_id: Option<RedemptionId>,
});
row!(DecisionRow, "decisions", decision, "id", {
    id: DecisionId,
    customer_id: CustomerId,
    placement: String,
    channel: Channel,
    touchpoint_id: Option<TouchpointId>,
    decided_at: Timestamp,
    valid_until: Timestamp,
    outcome: Json,
});
row!(ProductPriceRow, "product_prices", product_price, "product_id", {
    product_id: ProductId,
    currency: Currency,
    price_minor: i64,
});
row!(CartRow, "carts", cart, "id", {
    id: CartId,
    customer_id: CustomerId,
    version: i64,
    currency: Currency,
    channel: Channel,
    touchpoint_id: Option<TouchpointId>,
    created_at: Timestamp,
    updated_at: Timestamp,
    told_version: Option<i64>,
    told_offers: Option<String>,
});
row!(CartLineRow, "cart_lines", cart_line, "id", {
    id: CartLineId,
    cart_id: CartId,
    customer_id: CustomerId,
    product_id: ProductId,
    quantity: i64,
    unit_minor: i64,
});
row!(CartCodeRow, "cart_codes", cart_code, "cart_id", {
    cart_id: CartId,
    customer_id: CustomerId,
    code: String,
});
row!(HoldRow, "holds", hold, "id", {
    id: HoldId,
    cart_id: CartId,
    product_id: ProductId,
    customer_id: CustomerId,
    quantity: i64,
    held_at: Timestamp,
    expires_at: Timestamp,
});
row!(HoldSpanRow, "hold_spans", hold_span, "product_id", {
    customer_id: CustomerId,
    product_id: ProductId,
    held_at: Timestamp,
    over_at: Timestamp,
});
row!(CodeEntryRow, "code_entries", code_entry, "principal", {
    principal: String,
    customer_id: Option<CustomerId>,
    entered: i64,
    began_at: Timestamp,
});
row!(LineDiscountRow, "line_discounts", line_discount, "purchase_line_id", {
    purchase_line_id: PurchaseLineId,
    redemption_id: RedemptionId,
    customer_id: CustomerId,
    amount_minor: i64,
    returned_minor: i64,
});
row!(EntitlementRow, "entitlements", entitlement, "id", {
    id: EntitlementId,
    customer_id: CustomerId,
    product_id: ProductId,
    purchase_id: PurchaseId,
    purchase_line_id: PurchaseLineId,
    granted_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
});
row!(IdempotencyKeyRow, "idempotency_keys", idempotency_key, "key", {
    principal: String,
    operation: String,
    key: String,
    body_hash: Vec<u8>,
    customer_id: Option<CustomerId>,
    result: String,
    created_at: Timestamp,
});
