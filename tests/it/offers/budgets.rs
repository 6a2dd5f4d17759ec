//! What is taken of a budget is what the redemptions say.

use encircle::db::outbox::{Changed, Outbox};
use encircle::db::topic::Topic;
use encircle::domain::customers::import::CustomerRef;
use encircle::domain::offers::budget::{self, Returned, Taken};
use encircle::domain::purchases::import::{PurchaseRecord, RedemptionRecord, record};
use encircle::kernel::money::Currency;
use entities::ids::{CustomerId, OfferId};
use entities::values::{Channel, PurchaseStatus};
use entities::{offer_budget, redemption};
use sea_orm::EntityTrait;
use serde_json::json;

use super::{Desk, NOON};
use crate::entities::{insert, samples};
use crate::harness::databases::on_both;

fn customer() -> CustomerId {
    samples::id(1)
}

/// A purchase in which offers were used, for so much.
pub(super) fn purchase(desk: &Desk, number: &str, currency: &str, used: &[(OfferId, i64)]) -> PurchaseRecord {
    PurchaseRecord {
        id: desk.app.ids.next(NOON),
        number: number.to_owned(),
        customer: CustomerRef::Known(customer()),
        status: PurchaseStatus::Paid,
        channel: Channel::PointOfSale,
        touchpoint_id: None,
        currency: Currency::parse(currency).expect("a currency"),
        total_minor: 1_000,
        discount_minor: 0,
        refunded_minor: 0,
        placed_at: NOON,
        source: "till".to_owned(),
        external_id: number.to_owned(),
        lines: Vec::new(),
        redemptions: used
            .iter()
            .map(|(offer_id, amount_minor)| RedemptionRecord {
                offer_id: *offer_id,
                amount_minor: *amount_minor,
            })
            .collect(),
    }
}

async fn taken(desk: &Desk, offer: OfferId) -> Option<(i64, i64)> {
    let row =
        offer_budget::Entity::find_by_id(offer).one(desk.app.db.connection()).await.expect("it is read");
    row.map(|row| (row.taken, row.taken_minor))
}

#[tokio::test(flavor = "multi_thread")]
async fn purchases_that_are_imported_count_against_budgets() {
    on_both(async |db| {
        insert::<entities::customer::Entity>(&db, [samples::customer(1)]).await;
        let desk = Desk::open(db.clone()).await;
        let limit = json!({ "limits": { "total": 10, "amount": { "amount": "50", "currencyCode": "EUR" } } });
        let limited: OfferId = desk.offer("limited", limit).await.parse().expect("an id");
        let free: OfferId = desk.offer("free", json!({})).await.parse().expect("an id");
        assert_eq!(taken(&desk, limited).await, None);
        let records = || {
            vec![
                purchase(&desk, "1", "EUR", &[(limited, 200), (free, 100)]),
                purchase(&desk, "2", "EUR", &[(limited, 300)]),
                purchase(&desk, "3", "USD", &[(limited, 700)]),
            ]
        };
        // The second time they are known, and count no more.
        for _ in 0..2 {
            record(&db, &desk.app.ids, NOON, None, &records()).await.expect("they are recorded");
            assert_eq!(taken(&desk, limited).await, Some((3, 500)), "in the currency of the limit");
            assert_eq!(taken(&desk, free).await, Some((1, 0)));
        }
        let more = vec![purchase(&desk, "4", "EUR", &[(limited, 50)])];
        record(&db, &desk.app.ids, NOON, None, &more).await.expect("it is recorded");
        assert_eq!(taken(&desk, limited).await, Some((4, 550)));
        for (version, currency, minor) in [(1, "USD", 700), (2, "JPY", 0), (3, "EUR", 550)] {
            let limits = json!({ "amount": { "amount": "50", "currencyCode": currency } });
            let input = json!({ "id": limited.to_string(), "version": version, "limits": limits });
            desk.done("offerUpdate", "offer { id }", input).await;
            assert_eq!(taken(&desk, limited).await, Some((4, minor)), "in {currency}");
        }
        let input = json!({ "id": free.to_string(), "version": 1, "limits": { "amount": { "amount": "50", "currencyCode": "EUR" } } });
        desk.done("offerUpdate", "offer { id }", input).await;
        assert_eq!(taken(&desk, free).await, Some((1, 100)));
    })
    .await;
}

/// Everybody who watches is told when a budget is spent and when it is there again; of every step in between those whose
/// carts may be too dear for what is left of an amount.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_and_given_back_is_told_to_whom_it_concerns() {
    on_both(async |db| {
        let desk = Desk::open(db.clone()).await;
        let limit = json!({ "limits": { "total": 2, "amount": { "amount": "50", "currencyCode": "EUR" } } });
        let limited: OfferId = desk.offer("limited", limit).await.parse().expect("an id");
        let counted = desk.offer("counted", json!({ "limits": { "total": 2 } })).await;
        let counted: OfferId = counted.parse().expect("an id");
        let free: OfferId = desk.offer("free", json!({})).await.parse().expect("an id");
        let mut outbox = Outbox::open(&db).await.expect("it opens");
        let mut told = async |offer, minor, gives_back: bool| {
            let used = redemption::Model {
                offer_id: offer,
                amount_minor: minor,
                returned_minor: 0,
                ..samples::redemptions()[0].clone()
            };
            let back = Returned::from([(offer, vec![(Taken { times: 1, minor }, "EUR".to_owned())])]);
            let done = match gives_back {
                false => budget::change(db.connection(), &[used], &Returned::new()).await,
                true => budget::change(db.connection(), &[], &back).await,
            };
            done.expect("it is written");
            outbox.read(&db).await.expect("it is read").pop()
        };
        let step = || Some(Changed::These(vec![Topic::Budget(limited)]));
        let everybody = || Some(Changed::Everything);
        assert_eq!(told(limited, 100, false).await, step());
        assert_eq!(told(limited, 100, false).await, everybody(), "the last");
        assert_eq!(told(limited, 4_800, false).await, step(), "one too many: it was spent before");
        assert_eq!(told(limited, 100, true).await, step(), "and still is");
        assert_eq!(told(limited, 100, true).await, everybody());
        assert_eq!(told(limited, 0, true).await, step());
        assert_eq!(told(counted, 100, false).await, None, "nobody needs to know");
        assert_eq!(told(counted, 100, false).await, everybody());
        assert_eq!(told(free, 100, false).await, None);
        assert_eq!(told(free, 100, true).await, None);
    })
    .await;
}
