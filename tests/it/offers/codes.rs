//! Codes that work once: many, told once, and kept as hashes.

use std::collections::HashSet;

use entities::ids::OfferId;
use entities::offer_code::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Desk, text};
use crate::harness::databases::on_both;

async fn generated(desk: &Desk, offer: &str, count: u32) -> Vec<String> {
    let input = json!({ "offerId": offer, "count": count });
    let payload = desk.done("codesGenerate", "csv count", input).await;
    assert_eq!(payload["count"], count);
    let csv = text(&payload["csv"]);
    assert!(csv.ends_with('\n'));
    let mut lines = csv.lines().map(str::to_owned);
    assert_eq!(lines.next().as_deref(), Some("code"));
    lines.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_codes_are_told_once_and_kept_as_hashes() {
    on_both(async |db| {
        let desk = Desk::open(db.clone()).await;
        let id = desk.offer("popcorn", json!({ "codes": { "singleUse": true } })).await;
        let codes = generated(&desk, &id, 100_000).await;
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), 100_000);
        let offer: OfferId = id.parse().expect("an id");
        let kept = Entity::find().filter(Column::OfferId.eq(offer));
        assert_eq!(kept.clone().count(db.connection()).await.expect("a count"), 100_000);
        for code in codes.iter().step_by(9_973) {
            assert!(code.len() == 14 && !code.contains(['0', '1', 'I', 'L', 'O', 'U']), "{code}");
            let hash = Sha256::digest(code.replace('-', "")).to_vec();
            let row = Entity::find_by_id(hash).one(db.connection()).await.expect("it is read");
            let row = row.unwrap_or_else(|| panic!("{code} is not there"));
            assert_eq!((row.offer_id, row.redeemed_at), (offer, None));
            let as_is = Entity::find_by_id(code.as_bytes().to_vec()).one(db.connection()).await;
            assert_eq!(as_is.expect("it is read"), None, "only the hash is kept");
        }
        let more = generated(&desk, &id, 2).await;
        assert!(more.iter().all(|code| !codes.contains(code)));
        assert_eq!(kept.count(db.connection()).await.expect("a count"), 100_002);
        // They have been told: what stands in the graph is what kind they are.
        let data = desk.staff().good("{ offers { nodes { codeKind code } } }", json!({})).await;
        assert_eq!(data["offers"]["nodes"], json!([{ "codeKind": "SINGLE_USE", "code": null }]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_made_for_offers_that_take_them() {
    on_both(async |db| {
        let desk = Desk::open(db.clone()).await;
        let single = desk.offer("single", json!({ "codes": { "singleUse": true } })).await;
        let shared = desk.offer("shared", json!({ "codes": { "shared": "SUMMER26" } })).await;
        let ended = desk.offer("ended", json!({ "codes": { "singleUse": true } })).await;
        desk.step("offerPublish", &ended).await;
        desk.step("offerEnd", &ended).await;
        let nobody = "off_00000000000000000000000000";
        for (offer, count, code, field) in [
            (single.as_str(), 0, "INVALID", "input.count"),
            (&single, -1, "INVALID", "input.count"),
            (&single, 100_001, "INVALID", "input.count"),
            (&shared, 1, "CONFLICT", "input.offerId"),
            (&ended, 1, "CONFLICT", "input.offerId"),
            (nobody, 1, "NOT_FOUND", "input.offerId"),
            ("prd_1", 1, "INVALID", "input.offerId"),
        ] {
            let (found, place, message) =
                desk.refused("codesGenerate", json!({ "offerId": offer, "count": count })).await;
            assert_eq!((found.as_str(), place.as_str()), (code, field), "{offer} {count}: {message}");
        }
        assert_eq!(Entity::find().count(db.connection()).await.expect("a count"), 0);
        // Once some are out, the offer stays with them.
        let codes = |codes: Value| json!({ "id": single, "version": 1, "codes": codes });
        generated(&desk, &single, 1).await;
        for other in [json!({ "shared": "OTHER26" }), json!(null)] {
            let (code, field, message) = desk.refused("offerUpdate", codes(other)).await;
            assert_eq!((code.as_str(), field.as_str()), ("CONFLICT", "input.codes"), "{message}");
        }
        desk.done("offerUpdate", "offer { codeKind }", codes(json!({ "singleUse": true }))).await;
    })
    .await;
}
