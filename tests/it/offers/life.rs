//! The life of an offer, and writers who are overtaken.

use encircle::kernel::viewer::{Scope, Viewer};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{DAY, Desk, mutation, text};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

const STEPS: [&str; 4] = ["offerPublish", "offerPause", "offerEnd", "offerArchive"];

/// An offer in a status.
async fn in_status(desk: &Desk, status: &str) -> String {
    let id = desk.offer(&format!("{}-{}", status.to_lowercase(), desk.changes().await), json!({})).await;
    let way: &[&str] = match status {
        "DRAFT" => &[],
        "LIVE" => &["offerPublish"],
        "PAUSED" => &["offerPublish", "offerPause"],
        "ENDED" => &["offerPublish", "offerEnd"],
        "ARCHIVED" => &["offerArchive"],
        other => panic!("{other} is no status"),
    };
    for step in way {
        desk.step(step, &id).await;
    }
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_leads_from_where_it_may_and_from_nowhere_else() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        for (from, to) in [
            ("DRAFT", ["LIVE", "", "", "ARCHIVED"]),
            ("LIVE", ["", "PAUSED", "ENDED", ""]),
            ("PAUSED", ["LIVE", "", "ENDED", ""]),
            ("ENDED", ["", "", "", "ARCHIVED"]),
            ("ARCHIVED", ["", "", "", ""]),
        ] {
            for (step, to) in STEPS.into_iter().zip(to) {
                let id = in_status(&desk, from).await;
                let before = desk.changes().await;
                if to.is_empty() {
                    let (code, field, message) = desk.refused(step, json!({ "id": id })).await;
                    assert_eq!(
                        (code.as_str(), field.as_str()),
                        ("CONFLICT", "input.id"),
                        "{step} from {from}"
                    );
                    assert!(message.ends_with(&format!("this one is {from}")), "{message}");
                    assert_eq!(desk.changes().await, before, "nothing changed");
                } else {
                    assert_eq!(desk.step(step, &id).await.0, to, "{step} from {from}");
                    assert_eq!(desk.changes().await, before + 1, "replicas look anew");
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_a_version_and_who_was_overtaken_is_told() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        let id = desk.offer("popcorn", json!({})).await;
        let update = |version: i64, name: &str| json!({ "id": id, "version": version, "name": name });
        let updated = desk.done("offerUpdate", "offer { version name }", update(1, "Popcorn")).await;
        assert_eq!(updated["offer"], json!({ "version": 2, "name": "Popcorn" }));
        assert_eq!(desk.step("offerPublish", &id).await, ("LIVE".to_owned(), 3));
        let (code, field, message) = desk.refused("offerUpdate", update(2, "Nachos")).await;
        assert_eq!((code.as_str(), field.as_str()), ("CONFLICT", "input.version"));
        assert_eq!(message, "the offer was changed meanwhile: its version is 3, not 2; read it again");
        let (code, ..) = desk.refused("offerEnd", json!({ "id": id, "version": 1 })).await;
        assert_eq!(code, "CONFLICT");
        let row = desk.row("popcorn").await;
        assert_eq!((row.version, row.name.as_str()), (3, "Popcorn"));
        // Of two at once who have read the same version, one is.
        let both = tokio::join!(
            desk.change("offerUpdate", "offer { name }", update(3, "One")),
            desk.change("offerUpdate", "offer { name }", update(3, "Other")),
        );
        let done: Vec<&Value> =
            [&both.0, &both.1].into_iter().filter(|payload| !payload["offer"].is_null()).collect();
        assert_eq!(done.len(), 1, "{both:?}");
        let row = desk.row("popcorn").await;
        assert_eq!((row.version, json!(row.name)), (4, done[0]["offer"]["name"].clone()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_stays_as_it_was_and_what_is_over_does_not_begin() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        let id = in_status(&desk, "ENDED").await;
        let update = json!({ "id": id, "version": 3, "name": "Again" });
        let (code, field, message) = desk.refused("offerUpdate", update).await;
        assert_eq!((code.as_str(), field.as_str()), ("CONFLICT", "input.id"), "{message}");
        let until = |schedule: Value| json!({ "schedule": schedule });
        let by_time = desk.offer("by-time", until(json!({ "endsAt": "2026-01-02T00:00:00Z" }))).await;
        let by_day = desk.offer("by-day", until(json!({ "endsOn": "2026-01-01" }))).await;
        desk.move_clock(DAY / 2);
        let (code, ..) = desk.refused("offerPublish", json!({ "id": by_time })).await;
        assert_eq!(code, "CONFLICT");
        // In the last zone it is noon of New Year's Day still.
        assert_eq!(desk.step("offerPublish", &by_day).await.0, "LIVE");
        desk.step("offerPause", &by_day).await;
        desk.move_clock(DAY / 2);
        let (code, field, message) = desk.refused("offerPublish", json!({ "id": by_day })).await;
        assert_eq!((code.as_str(), field.as_str()), ("CONFLICT", ""), "{message}");
        let missing = "off_00000000000000000000000000";
        for step in STEPS {
            assert_eq!(desk.refused(step, json!({ "id": missing })).await.0, "NOT_FOUND");
            assert_eq!(desk.refused(step, json!({ "id": "cus_1" })).await.0, "INVALID");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rule_speaks_of_must_be_there_still_when_it_is_published() {
    on_both(async |db| {
        let desk = Desk::open(db.clone()).await;
        desk.attribute("visits").await;
        let id = desk.offer("regulars", json!({ "eligibility": "attributes.visits > 3" })).await;
        let gone = entities::attribute_definition::Entity::delete_many().exec(db.connection()).await;
        gone.expect("it is deleted");
        let (code, field, message) = desk.refused("offerPublish", json!({ "id": id })).await;
        assert_eq!((code.as_str(), field.as_str()), ("INVALID", "input.eligibility"), "{message}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_are_written_by_those_with_the_scope() {
    on_both(async |db| {
        let desk = Desk::open(db).await;
        let id = desk.offer("popcorn", json!({})).await;
        let staff = |scopes: &[Scope]| Viewer::staff(scopes.iter().copied().collect());
        let others: Vec<Scope> =
            Scope::ALL.into_iter().filter(|scope| *scope != Scope::OffersWrite).collect();
        for viewer in [Viewer::Anonymous, staff(&others)] {
            let client = Client::of(&desk.app, viewer);
            for (name, input) in [
                ("offerCreate", json!({ "key": "nachos" })),
                ("offerUpdate", json!({ "id": id, "version": 1 })),
                ("offerPublish", json!({ "id": id })),
                ("offerPause", json!({ "id": id })),
                ("offerEnd", json!({ "id": id })),
                ("offerArchive", json!({ "id": id })),
                ("codesGenerate", json!({ "offerId": id, "count": 1 })),
                ("placementUpsert", json!({ "key": "home.hero" })),
            ] {
                let query = mutation(name, "__typename");
                let answer = client.fails_with(&query, json!({ "input": input }), "FORBIDDEN").await;
                let message = text(&answer["errors"][0]["message"]);
                assert!(message.contains("offers:write"), "{message}");
            }
        }
        // Who may write sees the draft, but not how it is decided.
        let writer = Client::of(&desk.app, staff(&[Scope::OffersWrite]));
        let query = mutation("offerCreate", "offer { key status }");
        let data = writer.good(&query, json!({ "input": { "key": "nachos" } })).await;
        assert_eq!(data["offerCreate"]["offer"], json!({ "key": "nachos", "status": "DRAFT" }));
        let query = "{ offer(by: { key: \"nachos\" }) { key eligibility } }";
        writer.fails_with(query, json!({}), "FORBIDDEN").await;
    })
    .await;
}
