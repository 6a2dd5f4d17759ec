//! What the world's brand sells and offers.

use encircle::db::Db;
use entities::ids::ProductId;
use entities::timestamp::Timestamp;
use entities::values::{
    BenefitKind, BenefitScope, CodeKind, ConsentPurpose, OfferStatus, ProductKind, Stacking,
};
use entities::{offer, placement, product, product_price};
use serde_json::json;

use super::world::{NOON, days};
use crate::entities::insert;
use crate::entities::samples::{self, id};

/// Where in `offers` the live offer with a free product stands.
pub const LIVE_OFFER: usize = 2;
/// How many showings the film has.
pub const SHOWINGS: u128 = 7;

pub async fn write(db: &Db) {
    insert::<product::Entity>(db, products()).await;
    insert::<product_price::Entity>(db, prices()).await;
    insert::<offer::Entity>(db, offers()).await;
    insert::<placement::Entity>(db, samples::placements()).await;
}

/// A film, its showings, popcorn, and something in yen and in dinars.
pub fn products() -> Vec<product::Model> {
    let film = product::Model {
        id: id(1),
        sku: "film".to_owned(),
        name: "Metropolis".to_owned(),
        kind: ProductKind::Digital,
        price_minor: 1_250,
        currency: "EUR".to_owned(),
        stock_total: None,
        stock_taken: 0,
        part_of: None,
        attributes: json!({ "genre": "drama" }),
        starts_at: None,
        created_at: NOON,
        access_days: Some(30),
    };
    let showing = |number: u128| product::Model {
        id: id(number + 1),
        sku: format!("showing-{number}"),
        name: format!("Metropolis, showing {number}"),
        kind: ProductKind::Ticket,
        stock_total: Some(120),
        stock_taken: 3 * number as i64,
        part_of: Some(id(1)),
        starts_at: Some(days(number as i64 / 3)),
        created_at: days(number as i64 / 4),
        ..film.clone()
    };
    let sold = |number: u128, sku: &str, price_minor, currency: &str| product::Model {
        id: id(number),
        sku: sku.to_owned(),
        name: sku.to_owned(),
        kind: ProductKind::Physical,
        price_minor,
        currency: currency.to_owned(),
        ..film.clone()
    };
    let mut products = vec![film.clone()];
    products.extend((1..=SHOWINGS).map(showing));
    products.push(product::Model { attributes: json!({}), ..sold(101, "popcorn", 450, "EUR") });
    products.push(sold(102, "sake", 1_250, "JPY"));
    products.push(sold(103, "dates", 1_250, "KWD"));
    products
}

/// What the film costs elsewhere.
pub fn prices() -> [product_price::Model; 2] {
    let yen = product_price::Model { product_id: id(1), currency: "JPY".to_owned(), price_minor: 1_800 };
    let dinars = product_price::Model { currency: "KWD".to_owned(), price_minor: 4_125, ..yen };
    [yen, dinars]
}

/// Live offers with each benefit and with none, then one of every other status.
pub fn offers() -> Vec<offer::Model> {
    let plain = offer::Model {
        name: "News".to_owned(),
        status: OfferStatus::Live,
        ..offer::Model::draft(id(1), "news", NOON)
    };
    let percentage = offer::Model {
        id: id(2),
        key: "tenth".to_owned(),
        benefit_kind: Some(BenefitKind::PercentageOff),
        benefit_basis_points: Some(1_250),
        content: json!({ "default": { "title": "anywhere" }, "KIOSK": { "title": "kiosk" } }),
        ..plain.clone()
    };
    let free = offer::Model {
        id: id(3),
        key: "popcorn".to_owned(),
        benefit_kind: Some(BenefitKind::FreeProduct),
        benefit_product_id: Some(id(101)),
        placements: json!(["home-hero", "checkout"]),
        channels: json!(["WEB", "POINT_OF_SALE"]),
        rank: Some("1.0".to_owned()),
        priority: -5,
        stacking: Stacking::BestDeal,
        benefit_scope: BenefitScope::PerLine,
        benefit_products: json!([id::<ProductId>(101).to_string()]),
        starts_at: Some(Timestamp(NOON.millis() - 1)),
        ends_at: Some(days(30)),
        limit_total: Some(1_000_000_000_000),
        limit_per_customer: Some(1),
        consent: Some(ConsentPurpose::Marketing),
        starts_on: Some("2025-12-24".to_owned()),
        ends_on: Some("2026-02-06".to_owned()),
        weekdays: json!([4, 5, 6]),
        from_minute: Some(9 * 60 + 5),
        until_minute: Some(24 * 60),
        limit_minor: Some(500_000),
        limit_currency: Some("EUR".to_owned()),
        limit_per_period: Some(2),
        limit_period: Some("P7D".to_owned()),
        limit_shown: Some(3),
        limit_shown_period: Some("P1D".to_owned()),
        dismissal_period: Some("P30D".to_owned()),
        code_kind: Some(CodeKind::SingleUse),
        experiment: Some("popcorn-size".to_owned()),
        holdout_basis_points: 550,
        allocations: json!([
            { "from": 0, "variants": [{ "key": "old", "weight": 1 }] },
            { "from": 1, "variants": [
                { "key": "large", "weight": 3, "content": { "default": { "title": "large" } } },
                { "key": "small", "weight": 1 },
            ] },
        ]),
        created_at: days(1),
        ..plain.clone()
    };
    let amount = offer::Model {
        id: id(4),
        key: "five-off".to_owned(),
        placements: json!(["home-hero"]),
        benefit_kind: Some(BenefitKind::AmountOff),
        benefit_minor: Some(500),
        benefit_currency: Some("EUR".to_owned()),
        code_kind: Some(CodeKind::Shared),
        code: Some("FIVEOFF".to_owned()),
        created_at: days(1),
        ..plain.clone()
    };
    let hidden = |number, status, word: &str| offer::Model {
        id: id(number),
        key: format!("hidden-{word}"),
        name: format!("hidden-{word}"),
        content: json!({ "default": { "title": format!("hidden-{word}") } }),
        status,
        ..free.clone()
    };
    vec![
        plain,
        percentage,
        free.clone(),
        amount,
        // Of those who used it, whoever may see their purchases may see its name.
        offer::Model { name: "Used before".to_owned(), ..hidden(5, OfferStatus::Draft, "draft") },
        hidden(6, OfferStatus::Paused, "paused"),
        hidden(7, OfferStatus::Ended, "ended"),
        hidden(8, OfferStatus::Archived, "archived"),
    ]
}
