//! What the demo's customer is shown: each of her devices shows another slice of what is decided, and the reasons say
//! why it is that one.

use std::collections::BTreeSet;

use chrono_tz::Europe::Vienna;
use encircle::app::App;
use encircle::cli::demo::{DEMO_NOW, DemoPeople};
use encircle::db::Db;
use encircle::domain::offers::checks::check;
use encircle::domain::offers::faults::Faults;
use encircle::domain::offers::vocabulary;
use encircle::kernel::viewer::Viewer;
use entities::offer;
use serde_json::{Value, json};

use super::all;
use crate::harness::client::{Client, application_in};

/// Every rule speaks of attributes and segments that there are.
pub async fn every_offer_makes_sense(db: &Db) {
    let vocabulary = vocabulary::load(db.connection()).await.expect("it is read");
    for row in all::<offer::Entity>(db).await {
        let mut faults = Faults::default();
        check(&row, &vocabulary, &mut faults);
        assert!(faults.check().is_ok(), "{}: {faults:?}", row.key);
    }
}

const ONLINE: &str = "query($channel: Channel!) { me {
    experience(placements: [\"home.hero\", \"home.row\"], channel: $channel) { decision { ...Slice } } } }";
const AT_THE_KIOSK: &str = "{ customer(by: { identity: { type: LOYALTY_CARD, value: \"AUR-0000-1001\" } }) {
    experience(placements: [\"kiosk.attract\", \"kiosk.upsell\"]) { decision { ...Slice } } } }";
const SLICE: &str =
    "fragment Slice on Decision { id placement channel decidedAt offers { content offer { key } } }";
const WHY: &str = "query($id: ID!) { node(id: $id) { ... on Decision { placement
    considered { eligible offer { key status } reasons { code message } } } } }";

/// What one device is told to show, by placement: the offer and its form; then why, by offer.
type Slice<'s> = &'s [(&'s str, &'s str, Value, &'s [(&'s str, &'s str)])];

pub async fn each_device_shows_its_slice(db: &Db, people: DemoPeople) {
    let app = application_in(db.clone(), DEMO_NOW, Vienna).await;
    let ada = Client::of(&app, Viewer::Customer(people.customer));
    let kiosk = Client::of(&app, Viewer::Touchpoint(people.touchpoint));
    let online = format!("{ONLINE} {SLICE}");
    let web = ada.good(&online, json!({ "channel": "WEB" })).await;
    let phone = ada.good(&online, json!({ "channel": "MOBILE_APP" })).await;
    let at_the_kiosk = kiosk.good(&format!("{AT_THE_KIOSK} {SLICE}"), json!({})).await;

    let row_reasons: &[(&str, &str)] = &[
        ("family-matinee", "SEGMENT"),
        ("rate-your-film", ""),
        ("stream-trial", "ATTRIBUTE: 2 more visits_90d"),
        ("weekday-loyal", "SCHEDULE: It counts from 2026-03-01T23:00:00.000Z on"),
    ];
    let preview = json!({
        "headline": "See it a week early", "action": "Reserve a seat", "image": "/offers/preview-night.webp"
    });
    let rate = json!({
        "headline": "How was the film?", "action": "Tell us", "image": "/offers/rate-your-film.webp"
    });
    let web_hero =
        [("come-back", "SEGMENT"), ("preview-night", ""), ("welcome-app", "CHANNEL: It is not shown on WEB")];
    shows(
        &app,
        &web["me"],
        "WEB",
        &[
            ("home.hero", "preview-night", preview, &web_hero),
            ("home.row", "rate-your-film", rate, row_reasons),
        ],
    )
    .await;

    let preview = json!({ "headline": "A week early, on Thursday", "action": "Reserve" });
    let rate = json!({ "headline": "How was it?", "action": "Rate" });
    let phone_hero = [
        ("come-back", "SEGMENT"),
        ("preview-night", ""),
        ("welcome-app", "CAP_REACHED: Redeemed 1 times; 1 is the most"),
    ];
    shows(
        &app,
        &phone["me"],
        "MOBILE_APP",
        &[
            ("home.hero", "preview-night", preview, &phone_hero),
            ("home.row", "rate-your-film", rate, row_reasons),
        ],
    )
    .await;

    let preview = json!({
        "headline": "See it a week early", "action": "Touch to reserve", "image": "/offers/preview-night.webp"
    });
    let combo = json!({
        "headline": "Hungry? Popcorn and a drink, 2 € off", "action": "Add both",
        "image": "/offers/kiosk-combo.webp"
    });
    let upsell = [
        ("free-popcorn", "ATTRIBUTE"),
        ("kiosk-combo", ""),
        ("weekday-loyal", "SCHEDULE: It counts from 2026-03-01T23:00:00.000Z on"),
    ];
    shows(
        &app,
        &at_the_kiosk["customer"],
        "KIOSK",
        &[
            (
                "kiosk.attract",
                "preview-night",
                preview,
                &[("family-matinee", "SEGMENT"), ("preview-night", "")],
            ),
            ("kiosk.upsell", "kiosk-combo", combo, &upsell),
        ],
    )
    .await;
}

/// Checks what a device got, and that staff find each decision again and read in it why.
async fn shows(app: &App, customer: &Value, channel: &str, expected: Slice<'_>) {
    let experience = customer["experience"].as_array().expect("a list");
    assert_eq!(experience.len(), expected.len(), "{channel}");
    for (entry, (placement, key, content, why)) in experience.iter().zip(expected) {
        let decision = &entry["decision"];
        assert_eq!((&decision["placement"], &decision["channel"]), (&json!(placement), &json!(channel)));
        assert_eq!(decision["decidedAt"], DEMO_NOW.to_string());
        assert_eq!(decision["offers"], json!([{ "content": content, "offer": { "key": key } }]), "{channel}");
        let kept = Client::staff(app).good(WHY, json!({ "id": decision["id"] })).await;
        assert_eq!(kept["node"]["placement"], *placement);
        explains(&kept["node"]["considered"], key, why);
    }
}

/// Every live offer of the placement is considered; what is shown needs no reason, all else has one.
fn explains(considered: &Value, winner: &str, why: &[(&str, &str)]) {
    let considered = considered.as_array().expect("a list");
    let keys: BTreeSet<&str> = considered.iter().filter_map(|one| one["offer"]["key"].as_str()).collect();
    assert_eq!(keys, why.iter().map(|(key, _)| *key).collect());
    for (key, expected) in why {
        let verdict = considered.iter().find(|one| one["offer"]["key"] == *key).expect("it is considered");
        assert_eq!(verdict["offer"]["status"], "LIVE");
        let reasons = verdict["reasons"].as_array().expect("a list");
        let told = reasons.iter().map(|reason| {
            let part = |name: &str| reason[name].as_str().expect("a text");
            format!("{}: {}", part("code"), part("message"))
        });
        let told: Vec<String> = told.collect();
        assert_eq!(told.is_empty(), key == &winner, "{key}: {told:?}");
        assert_eq!(verdict["eligible"], json!(key == &winner), "{key}");
        assert!(told.iter().all(|reason| reason.starts_with(expected)), "{key}: {told:?}");
    }
}
