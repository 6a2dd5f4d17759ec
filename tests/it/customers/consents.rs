//! What customers allow, and what counts of it when customers are merged.

use encircle::domain::behaviors::record::Outcome;
use encircle::domain::customers::consents::effective;
use entities::consent;
use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use entities::values::{ConsentPurpose, ConsentStatus};
use serde_json::{Value, json};

use super::{NOON, change, done, id, identified, refused, start};
use crate::api::world::kiosk;
use crate::attributes::behavior;
use crate::entities::insert;
use crate::harness::client::{Client, application};
use crate::harness::databases::on_both;

const UPDATE: &str = "consentsUpdate";

fn said(customer: &str, purpose: &str, status: &str) -> Value {
    json!({ "customerId": customer, "consents": [{ "purpose": purpose, "status": status, "source": "banner" }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_are_said_and_said_anew() {
    on_both(async |db| {
        let app = start(db).await;
        let own = identified(&app, &[("EMAIL", "a@example.com")]).await;
        let me = Client::customer(&app, id(&own));
        let selection = "customer { consents { purpose status source expiresAt } }";
        let input = json!({ "consents": [
            { "purpose": "MARKETING", "status": "GRANTED", "source": "banner", "expiresAt": "2026-06-01T00:00:00Z" },
            { "purpose": "ANALYTICS", "status": "DENIED", "source": "banner" },
        ] });
        let now = done(me, UPDATE, selection, input).await;
        let expected = json!([
            { "purpose": "ANALYTICS", "status": "DENIED", "source": "banner", "expiresAt": null },
            { "purpose": "MARKETING", "status": "GRANTED", "source": "banner", "expiresAt": "2026-06-01T00:00:00.000Z" },
        ]);
        assert_eq!(now["customer"]["consents"], expected);
        let till = Client::touchpoint(&app, kiosk());
        let now = done(till, UPDATE, selection, said(&own, "MARKETING", "REVOKED")).await;
        assert_eq!(now["customer"]["consents"][1]["status"], "REVOKED");
        assert_eq!(now["customer"]["consents"][1]["expiresAt"], Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_at_its_place() {
    on_both(async |db| {
        let app = start(db).await;
        let customer = identified(&app, &[("EMAIL", "a@example.com")]).await;
        let staff = Client::staff(&app);
        let one = |status: &str, source: &str, expires: &str| {
            json!([{ "purpose": "MARKETING", "status": status, "source": source, "expiresAt": expires }])
        };
        let twice = json!([
            { "purpose": "MARKETING", "status": "DENIED", "source": "x" },
            { "purpose": "MARKETING", "status": "GRANTED", "source": "x" },
        ]);
        for (consents, at, field) in [
            (one("GRANTED", "x", "2025-01-01T00:00:00Z"), "0", "expiresAt"),
            (one("DENIED", "x", "2027-01-01T00:00:00Z"), "0", "expiresAt"),
            (one("GRANTED", " ", "2027-01-01T00:00:00Z"), "0", "source"),
            (twice, "1", "purpose"),
        ] {
            let input = json!({ "customerId": customer, "consents": consents });
            let error = refused(staff, UPDATE, input, "INVALID").await;
            assert_eq!(error["field"], json!(["input", "consents", at, field]));
        }
        let input = said(&customer, "MARKETING", "GRANTED");
        let other = identified(&app, &[("EMAIL", "b@example.com")]).await;
        let stranger = change(Client::customer(&app, id(&other)), UPDATE, "customer { id }", input).await;
        assert_eq!(stranger["userErrors"][0]["code"], "NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_most_restrictive_wins_a_merge_until_something_else_is_said() {
    on_both(async |db| {
        let app = start(db.clone()).await;
        let staff = Client::staff(&app);
        let one = identified(&app, &[("EMAIL", "a@example.com")]).await;
        let two = identified(&app, &[("EMAIL", "b@example.com")]).await;
        let until = json!({ "customerId": one, "consents": [
            { "purpose": "PERSONALIZATION", "status": "GRANTED", "source": "x", "expiresAt": "2026-06-01T00:00:00Z" }
        ] });
        done(staff, UPDATE, "customer { id }", until).await;
        done(staff, UPDATE, "customer { id }", said(&one, "ANALYTICS", "GRANTED")).await;
        done(staff, UPDATE, "customer { id }", said(&one, "MARKETING", "GRANTED")).await;
        done(staff, UPDATE, "customer { id }", said(&two, "ANALYTICS", "DENIED")).await;
        let merge = json!({ "survivorId": one, "mergedId": two, "reason": "same person" });
        done(staff, "customerMerge", "customer { id }", merge).await;

        let (analytics, marketing) = (ConsentPurpose::Analytics, ConsentPurpose::Marketing);
        let judged = async |now: Timestamp| {
            let canonical: [CustomerId; 1] = [id(&one)];
            effective(db.connection(), now, &canonical).await.expect("consents").remove(&id(&one)).expect("one")
        };
        let now = judged(NOON).await;
        assert!(!now.may_record(analytics) && now.is_granted(marketing));
        assert_eq!(now.get(analytics).map(|row| row.status), Some(ConsentStatus::Denied));
        assert!(now.may_record(ConsentPurpose::SaleOfData) && !now.is_granted(ConsentPurpose::SaleOfData));
        let personalization = ConsentPurpose::Personalization;
        let end = Timestamp::parse("2026-06-01T00:00:00Z").expect("a time");
        assert!(judged(Timestamp(end.millis() - 1)).await.is_granted(personalization));
        assert!(judged(end).await.get(personalization).is_none(), "what was granted has ended");

        // Said by the one person they are, it counts for both rows.
        done(staff, UPDATE, "customer { id }", said(&one, "ANALYTICS", "GRANTED")).await;
        assert!(judged(NOON).await.is_granted(analytics));
        done(staff, UPDATE, "customer { id }", said(&two, "ANALYTICS", "REVOKED")).await;
        assert!(!judged(NOON).await.may_record(analytics));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_has_ended_counts_nowhere_and_a_refusal_everywhere() {
    on_both(async |db| {
        let app = start(db.clone()).await;
        let own = identified(&app, &[("ANONYMOUS_ID", "b-1")]).await;
        let row = |purpose, status| consent::Model {
            customer_id: id(&own),
            purpose,
            status,
            source: "import".to_owned(),
            updated_at: Timestamp(NOON.millis() - 10),
            expires_at: Some(NOON),
        };
        insert::<consent::Entity>(
            &db,
            [
                row(ConsentPurpose::Marketing, ConsentStatus::Granted),
                row(ConsentPurpose::Analytics, ConsentStatus::Denied),
            ],
        )
        .await;
        let query = "query($id: ID!) { customer(by: { id: $id }) { consents { purpose status } } }";
        let variables = json!({ "id": own });
        let read = Client::staff(&app).good(query, variables.clone()).await["customer"]["consents"].take();
        assert_eq!(read, json!([{ "purpose": "ANALYTICS", "status": "DENIED" }]));
        let judged = effective(db.connection(), NOON, &[id(&own)]).await.expect("consents").remove(&id(&own));
        let judged = judged.expect("one");
        assert!(judged.get(ConsentPurpose::Marketing).is_none());
        // A refusal that somebody gave an end is not taken for leave.
        assert!(!judged.may_record(ConsentPurpose::Analytics));
        let report =
            app.services.ingest.record(vec![behavior(&app.ids, "b-1", "Liked", NOON, json!({}))]).await;
        assert_eq!(report.expect("it is taken").outcomes, [Outcome::Withheld]);
        // A moment before, the grant counted.
        let before = application(db, Timestamp(NOON.millis() - 1)).await;
        let read = Client::staff(&before).good(query, variables).await["customer"]["consents"].take();
        assert_eq!(read[1], json!({ "purpose": "MARKETING", "status": "GRANTED" }));
    })
    .await;
}
