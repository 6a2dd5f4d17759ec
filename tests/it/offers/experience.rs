//! What customers are shown, asked in the graph, on both databases.

use encircle::db::read::metered;
use encircle::kernel::viewer::{Scope, Viewer};
use entities::ids::{CustomerId, Id, OfferId};
use entities::timestamp::Timestamp;
use entities::values::{OfferStatus, RedemptionStatus};
use entities::{customer, decision, offer, offer_budget, redemption, touchpoint};
use sea_orm::{DbBackend, EntityTrait};
use serde_json::{Value, json};

use super::{Desk, NOON, text};
use crate::api::world::{kiosk, touchpoints};
use crate::entities::{insert, samples};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

const ASK: &str = "query($id: ID!, $placements: [String!]!, $limit: Int! = 3) { customer(by: { id: $id }) {
    experience(placements: $placements, limit: $limit) { placement decision { id channel decidedAt validUntil
        offers { rank score variant content offer { key } }
        considered { eligible offer { key } reasons { code message expression actual required } } } } } }";

impl Desk {
    /// A live offer shown in `home`.
    pub(super) async fn live(&self, key: &str, mut parts: Value) -> String {
        if parts.get("placements").is_none() {
            parts["placements"] = json!(["home"]);
        }
        // Of equals the older comes first.
        self.move_clock(1);
        let id = self.offer(key, parts).await;
        self.step("offerPublish", &id).await;
        id
    }

    /// What staff see of the decision in `home`.
    pub(super) async fn home(&self, customer: CustomerId) -> Value {
        self.asked(self.staff(), customer).await
    }

    async fn asked(&self, client: Client<'_>, customer: CustomerId) -> Value {
        let variables = json!({ "id": customer.to_string(), "placements": ["home"] });
        client.good(ASK, variables).await["customer"]["experience"][0]["decision"].take()
    }
}

/// The keys of the offers that are shown.
fn shown(decision: &Value) -> Vec<String> {
    decision["offers"].as_array().expect("a list").iter().map(|one| text(&one["offer"]["key"])).collect()
}

/// The codes and messages of the reasons of one offer.
fn reasons(decision: &Value, key: &str) -> Vec<(String, String)> {
    let considered = decision["considered"].as_array().expect("a list");
    let verdict = considered.iter().find(|verdict| verdict["offer"]["key"] == key).expect("it is considered");
    let reasons = verdict["reasons"].as_array().expect("a list");
    reasons.iter().map(|reason| (text(&reason["code"]), text(&reason["message"]))).collect()
}

fn ada() -> CustomerId {
    samples::id(1)
}

async fn people(db: &encircle::db::Db, count: u128) {
    insert::<customer::Entity>(db, (1..=count).map(samples::customer)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_shown_from_when_it_is_published_to_when_it_is_paused() {
    on_both(async |db| {
        people(&db, 1).await;
        let desk = Desk::open(db).await;
        let id = desk.offer("popcorn", json!({ "placements": ["home"] })).await;
        assert!(shown(&desk.home(ada()).await).is_empty());
        desk.step("offerPublish", &id).await;
        assert_eq!(shown(&desk.home(ada()).await), ["popcorn"]);
        desk.step("offerPause", &id).await;
        assert!(shown(&desk.home(ada()).await).is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behaviors_segments_and_consents_decide() {
    on_both(async |db| {
        people(&db, 2).await;
        insert::<touchpoint::Entity>(&db, touchpoints()).await;
        let desk = Desk::open(db).await;
        desk.attribute("visits_90d").await;
        let input = json!({ "key": "regular", "rule": "attributes.visits_90d >= 2" });
        desk.done("segmentCreate", "segment { id }", input).await;
        desk.app.upkeep().once().await.expect("definitions are looked at");
        desk.live("three", json!({ "eligibility": "attributes.visits_90d >= 3" })).await;
        desk.live("regulars", json!({ "eligibility": "'regular' in segments" })).await;
        desk.live("mail", json!({ "consent": "MARKETING" })).await;
        let nothing = desk.home(ada()).await;
        assert!(shown(&nothing).is_empty(), "{nothing}");
        let told = |code: &str, message: &str| vec![(code.to_owned(), message.to_owned())];
        assert_eq!(reasons(&nothing, "three"), told("ATTRIBUTE", "3 more visits_90d"));
        assert_eq!(reasons(&nothing, "regulars"), told("SEGMENT", "`'regular' in segments` does not hold"));
        assert_eq!(reasons(&nothing, "mail"), told("CONSENT", "MARKETING has not been allowed"));
        for _ in 0..2 {
            let visit = json!({ "name": "Visit", "customer": { "id": ada().to_string() }, "channel": "WEB" });
            desk.done("behaviorsRecord", "__typename", json!({ "behaviors": [visit] })).await;
        }
        let consent = json!({ "purpose": "MARKETING", "status": "GRANTED", "source": "test" });
        let input = json!({ "customerId": ada().to_string(), "consents": [consent] });
        desk.done("consentsUpdate", "customer { id }", input).await;
        let decision = desk.home(ada()).await;
        assert_eq!(shown(&decision), ["regulars", "mail"]);
        assert_eq!(reasons(&decision, "three"), told("ATTRIBUTE", "1 more visits_90d"));
        assert!(shown(&desk.home(samples::id(2)).await).is_empty(), "another customer did nothing");

        // The customer sees words, and of others' business nothing.
        let own = desk.asked(Client::customer(&desk.app, ada()), ada()).await;
        assert_eq!(shown(&own), ["regulars", "mail"]);
        assert_eq!(reasons(&own, "three"), told("ATTRIBUTE", "1 more visits_90d"));
        let text = own["considered"].to_string();
        assert!(!text.contains("attributes.") && !text.contains("segments"), "{text}");

        // A kiosk serves the customer and may not know what it did; who may read rules only reads those.
        let at_the_kiosk = desk.asked(Client::touchpoint(&desk.app, kiosk()), ada()).await;
        assert_eq!(reasons(&at_the_kiosk, "three"), []);
        let rules = Client::of(&desk.app, Viewer::staff([Scope::Offers].into_iter().collect()));
        let ruled = desk.asked(rules, ada()).await;
        assert_eq!(
            reasons(&ruled, "three"),
            told("ATTRIBUTE", "`attributes.visits_90d >= 3` does not hold"),
        );
        let considered = ruled["considered"].as_array().expect("a list");
        let found = considered.iter().flat_map(|one| one["reasons"].as_array().expect("a list"));
        assert!(found.clone().count() > 0 && found.clone().all(|reason| reason["actual"].is_null()), "{ruled}");

        let other = json!({ "id": samples::id::<CustomerId>(2).to_string(), "placements": ["home"] });
        let unseen = Client::customer(&desk.app, ada()).good(ASK, other).await;
        assert_eq!(unseen, json!({ "customer": null }));
    })
    .await;
}

fn redeemed(
    number: u128,
    offer: OfferId,
    customer: CustomerId,
    status: RedemptionStatus,
) -> redemption::Model {
    redemption::Model {
        id: samples::id(number),
        customer_id: customer,
        purchase_id: None,
        offer_id: offer,
        status,
        amount_minor: 100,
        currency: "EUR".to_owned(),
        created_at: NOON,
        returned_minor: 0,
        code: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redemptions_of_all_that_were_merged_count_and_those_given_back_do_not() {
    on_both(async |db| {
        let merged = customer::Model { merged_into: Some(ada()), ..samples::customer(2) };
        insert::<customer::Entity>(&db, [samples::customer(1), merged, samples::customer(3)]).await;
        let desk = Desk::open(db.clone()).await;
        let once = desk.live("once", json!({ "limits": { "perCustomer": 1 } })).await;
        let some = desk.live("some", json!({ "limits": { "total": 2 } })).await;
        let ids = [once, some].map(|id| OfferId::parse(&id).expect("an id"));
        let given_back = [RedemptionStatus::Released, RedemptionStatus::RolledBack];
        let back =
            given_back.into_iter().zip(10..).map(|(status, number)| redeemed(number, ids[0], ada(), status));
        insert::<redemption::Entity>(&db, back).await;
        insert::<offer_budget::Entity>(
            &db,
            [offer_budget::Model { offer_id: ids[1], taken: 1, taken_minor: 0 }],
        )
        .await;
        assert_eq!(shown(&desk.home(ada()).await), ["once", "some"]);
        let held = redeemed(20, ids[0], samples::id(2), RedemptionStatus::Held);
        insert::<redemption::Entity>(&db, [held]).await;
        let used = desk.home(ada()).await;
        assert_eq!(shown(&used), ["some"]);
        assert_eq!(reasons(&used, "once")[0].0, "CAP_REACHED");
        assert_eq!(shown(&desk.home(samples::id(3)).await), ["once", "some"]);
        offer_budget::Entity::update_many()
            .col_expr(offer_budget::Column::Taken, 2.into())
            .exec(db.connection())
            .await
            .expect("it is taken");
        let spent = desk.home(ada()).await;
        assert_eq!((shown(&spent).len(), reasons(&spent, "some")[0].0.as_str()), (0, "BUDGET_SPENT"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_touchpoint_decides_for_its_channel_and_shows_its_content() {
    on_both(async |db| {
        people(&db, 1).await;
        insert::<touchpoint::Entity>(&db, touchpoints()).await;
        let desk = Desk::open(db).await;
        let content = json!([
            { "content": { "title": "anywhere" } }, { "channel": "KIOSK", "content": { "title": "here" } },
        ]);
        desk.live("everywhere", json!({ "content": content })).await;
        desk.live("web-only", json!({ "channels": ["WEB"] })).await;
        let at = desk.asked(Client::touchpoint(&desk.app, kiosk()), ada()).await;
        assert_eq!((&at["channel"], shown(&at)), (&json!("KIOSK"), vec!["everywhere".to_owned()]));
        assert_eq!(at["offers"][0]["content"], json!({ "title": "here" }));
        let there = desk.asked(Client::customer(&desk.app, ada()), ada()).await;
        assert_eq!((&there["channel"], shown(&there).len()), (&json!("WEB"), 2));
        assert_eq!(there["offers"][0]["content"], json!({ "title": "anywhere" }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_found_again_with_the_reasons_it_had() {
    on_both(async |db| {
        people(&db, 2).await;
        let desk = Desk::open(db.clone()).await;
        desk.live("gold", json!({ "eligibility": "traits.plan == 'gold'", "rank": "7" })).await;
        desk.live("all", json!({})).await;
        let decided = desk.home(ada()).await;
        let query = "query($id: ID!) { node(id: $id) { id ... on Decision { channel decidedAt validUntil
            offers { rank score variant content offer { key } }
            considered { eligible offer { key } reasons { code message expression actual required } } } } }";
        let id = json!({ "id": decided["id"] });
        // Before it is written, when it is, and after all else has changed.
        assert_eq!(desk.staff().good(query, id.clone()).await["node"], decided);
        desk.app.services.deciding.queue.flush().await;
        assert_eq!(desk.staff().good(query, id.clone()).await["node"], decided);
        let kept = decision::Entity::find().all(db.connection()).await.expect("they are read");
        assert_eq!((kept.len(), kept[0].customer_id), (1, ada()));
        let input = json!({ "customerId": ada().to_string(), "traits": { "plan": "gold" } });
        desk.done("customerUpdate", "customer { id }", input).await;
        assert_eq!(desk.staff().good(query, id.clone()).await["node"], decided);
        assert_eq!(shown(&desk.home(ada()).await), ["gold", "all"]);
        // It is the customer's own, and nobody else's.
        let own = Client::customer(&desk.app, ada()).good(query, id.clone()).await;
        assert_eq!(own["node"]["id"], decided["id"]);
        assert_eq!(reasons(&own["node"], "gold"), []);
        let other = Client::customer(&desk.app, samples::id(2)).good(query, id.clone()).await;
        assert_eq!(other, json!({ "node": null }));
        assert_eq!(Client::anonymous(&desk.app).good(query, id).await, json!({ "node": null }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_shown_another_variant_after_other_weights_or_a_merge() {
    on_both(async |db| {
        people(&db, 40).await;
        let desk = Desk::open(db).await;
        let variants = |a: u32, b: u32| {
            json!({ "variants": [{ "key": "a", "weight": a }, { "key": "b", "weight": b }] })
        };
        let id = desk.live("size", json!({ "experiment": variants(1, 1) })).await;
        let mut before = Vec::new();
        for number in 1..=40 {
            before.push(text(&desk.home(samples::id(number)).await["offers"][0]["variant"]));
        }
        assert!(["a", "b"].iter().all(|key| before.iter().any(|own| own == key)), "{before:?}");
        desk.move_clock(1_000);
        let version = desk.row("size").await.version;
        let input = json!({ "id": id, "version": version, "experiment": variants(1, 999) });
        desk.done("offerUpdate", "offer { id }", input).await;
        let input = json!({
            "survivorId": samples::id::<CustomerId>(1).to_string(),
            "mergedId": samples::id::<CustomerId>(2).to_string(), "reason": "the same card",
        });
        desk.done("customerMerge", "customer { id }", input).await;
        for (number, variant) in (1..).zip(&before) {
            // Asked by its old id, a merged customer is its survivor.
            let variant = if number == 2 { &before[0] } else { variant };
            let now = desk.home(samples::id(number)).await;
            assert_eq!(text(&now["offers"][0]["variant"]), *variant, "{number}");
        }
    })
    .await;
}

const SLICE: &str = "{ me { attributes { key value } segments { key }
    experience(placements: [\"home\", \"basket\", \"checkout\"]) { placement decision { id validUntil
        offers { rank content offer { key name } } } } } }";

/// Everything that a decision may read is read, and every kind of limit is there.
#[tokio::test(flavor = "multi_thread")]
async fn the_experience_slice_takes_four_statements_in_two_round_trips_with_a_thousand_offers() {
    on_both(async |db| {
        people(&db, 1).await;
        let places = ["home", "basket", "checkout"];
        let live = |number: u128| offer::Model {
            id: samples::id(number),
            key: format!("offer-{number}"),
            status: OfferStatus::Live,
            placements: json!([places[number as usize % 3]]),
            eligibility: format!(
                "attributes.visits_{} >= {} && ('buff' in segments || traits.plan == 'x')",
                number % 10,
                number / 3 % 3
            ),
            limit_per_customer: Some(3),
            limit_total: Some(1_000),
            limit_shown: Some(3),
            limit_shown_period: Some("P7D".to_owned()),
            content: json!({ "default": { "title": "x" } }),
            ..offer::Model::draft(samples::id(number), "", NOON)
        };
        let desk = Desk::open(db.clone()).await;
        for number in 0..10 {
            desk.attribute(&format!("visits_{number}")).await;
        }
        desk.segment("buff").await;
        for first in (0..1_000).step_by(250) {
            insert::<offer::Entity>(&db, (first + 1..=first + 250).map(live)).await;
        }
        // Written past the mutations, which would have told.
        desk.segment("other").await;
        desk.app.upkeep().once().await.expect("definitions are looked at");
        // What keeps decisions writes beside the request, and may do so before it is answered.
        let (data, meter) = metered(Client::customer(&desk.app, ada()).good(SLICE, json!({}))).await;
        assert_eq!(meter.statements, 4);
        assert_eq!(data["me"]["attributes"].as_array().map(Vec::len), Some(10));
        for experience in data["me"]["experience"].as_array().expect("a list") {
            assert_eq!(experience["decision"]["offers"].as_array().map(Vec::len), Some(3));
        }
        desk.app.services.deciding.queue.flush().await;
        let kept = decision::Entity::find().all(db.connection()).await.expect("they are read");
        assert_eq!(kept.len(), 3);
        let sizes: Vec<usize> = kept.iter().map(|row| row.outcome.to_string().len()).collect();
        assert!(sizes.iter().all(|size| *size < 64 * 1024), "{sizes:?}");
        if db.connection().get_database_backend() == DbBackend::Postgres {
            // In SQLite, which is in the process, there is nothing to wait for. An answer may come before the next
            // statement is sent that does not need it: what happens once in two round trips needs no more.
            let mut least = meter.round_trips;
            for _ in 0..50 {
                let (_, again) = metered(Client::customer(&desk.app, ada()).good(SLICE, json!({}))).await;
                least = least.min(again.round_trips);
            }
            assert_eq!(least, 2, "the customer; then all else at once");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_customers_cost_the_statements_of_one() {
    on_both(async |db| {
        people(&db, 100).await;
        let desk = Desk::open(db.clone()).await;
        desk.attribute("visits_90d").await;
        desk.live("capped", json!({ "limits": { "perCustomer": 1, "total": 5 }, "eligibility": "attributes.visits_90d == 0" }))
            .await;
        let query = |first| {
            format!("{{ customers(first: {first}) {{ nodes {{ segments {{ key }} experience(placements: [\"home\"]) \
                     {{ decision {{ id offers {{ offer {{ key }} }} }} }} }} }} }}")
        };
        let mut counted = Vec::new();
        for first in [1, 100] {
            let (data, meter) = metered(desk.staff().good(&query(first), json!({}))).await;
            counted.push(meter.statements);
            for node in data["customers"]["nodes"].as_array().expect("a list") {
                assert_eq!(shown(&node["experience"][0]["decision"]), ["capped"]);
            }
        }
        assert_eq!(counted, [4, 4]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_are_told() {
    on_both(async |db| {
        people(&db, 1).await;
        let desk = Desk::open(db).await;
        let many: Vec<String> = (0..21).map(|number| number.to_string()).collect();
        for (placements, limit) in [
            (json!(many), 3),
            (json!([""]), 3),
            (json!(["x".repeat(256)]), 3),
            (json!(["home"]), 0),
            (json!(["home"]), 51),
        ] {
            let variables = json!({ "id": ada().to_string(), "placements": placements, "limit": limit });
            desk.staff().fails_with(ASK, variables, "BAD_USER_INPUT").await;
        }
        let variables = json!({ "id": ada().to_string(), "placements": ["nowhere"], "limit": 50 });
        let nowhere = desk.staff().good(ASK, variables).await;
        assert_eq!(nowhere["customer"]["experience"][0]["decision"]["offers"], json!([]));
    })
    .await;
}

/// One replica has not heard of other weights yet, a third one was just started.
#[tokio::test(flavor = "multi_thread")]
async fn replicas_show_the_same_variant_while_weights_change_and_after_a_restart() {
    on_both(async |db| {
        let (here, there) = (Desk::open(db.clone()).await, Desk::open(db.clone()).await);
        let variants = |a: u32, b: u32| {
            json!({ "variants": [{ "key": "a", "weight": a }, { "key": "b", "weight": b }] })
        };
        let id = here.live("size", json!({ "experiment": variants(1, 1) })).await;
        there.app.upkeep().once().await.expect("definitions are looked at");
        here.move_clock(1_000);
        let version = here.row("size").await.version;
        let input = json!({ "id": id, "version": version, "experiment": variants(1, 999) });
        here.done("offerUpdate", "offer { id }", input).await;
        let created = |after: i64| {
            move |number| customer::Model {
                created_at: Timestamp(NOON.millis() + after),
                ..samples::customer(number)
            }
        };
        insert::<customer::Entity>(&db, (1..=30).map(created(1_500))).await;
        insert::<customer::Entity>(&db, (31..=60).map(created(100_000))).await;
        let variant = async |desk: &Desk, number: u128| {
            text(&desk.home(samples::id(number)).await["offers"][0]["variant"])
        };
        let mut shown = Vec::new();
        for number in 1..=30 {
            shown.push(variant(&here, number).await);
            assert_eq!(variant(&there, number).await, shown[shown.len() - 1], "{number}");
        }
        assert!(shown.iter().filter(|key| *key == "a").count() > 5, "they came before the other weights");
        there.app.upkeep().once().await.expect("definitions are looked at");
        let restarted = Desk::open(db.clone()).await;
        for desk in [&here, &there, &restarted] {
            desk.move_clock(200_000);
            for (number, before) in (1..).zip(&shown) {
                assert_eq!(variant(desk, number).await, *before, "{number}");
            }
            for number in 31..=60 {
                assert_eq!(variant(desk, number).await, variant(&here, number).await, "{number}");
            }
        }
    })
    .await;
}
