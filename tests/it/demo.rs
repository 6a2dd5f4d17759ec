//! The demo's data: enough of it, true in itself, and the same at every run.

mod definitions;
mod experience;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Mutex;

use encircle::cli::demo::{DEMO_IDS, DEMO_NOW, find, seed};
use encircle::db::Db;
use encircle::kernel::ids::Ids;
use entities::values::{Channel, ConsentPurpose, ConsentStatus, IdentityKind, PurchaseStatus};
use entities::{
    attribute_bucket, attribute_definition, behavior, behavior_message, consent, customer, customer_identity,
    device, offer, offer_budget, placement, product, purchase, purchase_line, redemption, segment,
    segment_judgement, segment_member, touchpoint,
};
use sea_orm::EntityTrait;
use sha2::{Digest, Sha256};

use crate::harness::databases::on_both;
use crate::readme::{answers_as_printed, changes_are_taken};

async fn all<E: EntityTrait>(db: &Db) -> Vec<E::Model> {
    E::find().all(db.connection()).await.expect("they are read")
}

/// A hash of every row of a table, whatever order the database gives them in.
async fn fingerprint<E: EntityTrait>(db: &Db) -> String {
    let mut rows: Vec<String> = all::<E>(db).await.iter().map(|row| format!("{row:?}")).collect();
    rows.sort_unstable();
    let mut hash = Sha256::new();
    for row in &rows {
        hash.update(row);
    }
    format!("{} rows, {:x?}", rows.len(), &hash.finalize()[..8])
}

async fn fingerprints(db: &Db) -> BTreeMap<&'static str, String> {
    [
        ("customers", fingerprint::<customer::Entity>(db).await),
        ("identities", fingerprint::<customer_identity::Entity>(db).await),
        ("devices", fingerprint::<device::Entity>(db).await),
        ("consents", fingerprint::<consent::Entity>(db).await),
        ("touchpoints", fingerprint::<touchpoint::Entity>(db).await),
        ("behaviors", fingerprint::<behavior::Entity>(db).await),
        ("messages", fingerprint::<behavior_message::Entity>(db).await),
        ("products", fingerprint::<product::Entity>(db).await),
        ("offers", fingerprint::<offer::Entity>(db).await),
        ("placements", fingerprint::<placement::Entity>(db).await),
        ("budgets", fingerprint::<offer_budget::Entity>(db).await),
        ("purchases", fingerprint::<purchase::Entity>(db).await),
        ("lines", fingerprint::<purchase_line::Entity>(db).await),
        ("redemptions", fingerprint::<redemption::Entity>(db).await),
        ("attributes", fingerprint::<attribute_definition::Entity>(db).await),
        ("buckets", fingerprint::<attribute_bucket::Entity>(db).await),
        ("segments", fingerprint::<segment::Entity>(db).await),
        ("members", fingerprint::<segment_member::Entity>(db).await),
        ("judgements", fingerprint::<segment_judgement::Entity>(db).await),
    ]
    .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_large_true_and_repeatable() {
    let seen = Mutex::new(Vec::new());
    on_both(async |db| {
        assert_eq!(find(&db).await.expect("it is read"), None);
        let begun = std::time::Instant::now();
        let people = seed(&db, &Ids::seeded(DEMO_IDS), DEMO_NOW, 1, |_, _| {}).await.expect("it is seeded");
        eprintln!("seeded in {:?}", begun.elapsed());
        assert_eq!(find(&db).await.expect("it is read"), Some(people));
        there_is_enough(&db).await;
        people_are_recognised(&db).await;
        purchases_add_up(&db).await;
        orders_and_purchases_match(&db).await;
        seats_are_sold_once(&db).await;
        offers_are_used_within_their_limits(&db).await;
        nothing_is_still_to_come(&db).await;
        definitions::they_say_what_a_recount_says(&db, people).await;
        experience::every_offer_makes_sense(&db).await;
        experience::each_device_shows_its_slice(&db, people).await;
        answers_as_printed(&db, people).await;
        let before = fingerprints(&db).await;
        let again = seed(&db, &Ids::seeded(7), DEMO_NOW, 1, |_, _| {}).await.expect("it is there");
        assert_eq!(again, people);
        assert_eq!(fingerprints(&db).await, before, "a second run changes nothing");
        changes_are_taken(&db).await;
        seen.lock().expect("nobody panicked").push(before);
    })
    .await;
    let seen = seen.into_inner().expect("nobody panicked");
    eprintln!("{:#?}", seen[0]);
    for (table, rows) in
        [("customers", 2_300), ("behaviors", 66_623), ("purchases", 9_586), ("lines", 16_197)]
    {
        let found = &seen[0][table];
        assert!(
            found.starts_with(&format!("{rows} rows")),
            "{table} has {found}: printed answers change with it"
        );
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "both databases hold the same");
}

async fn there_is_enough(db: &Db) {
    assert!(all::<customer::Entity>(db).await.len() >= 2_000);
    let behaviors = all::<behavior::Entity>(db).await;
    assert!(behaviors.len() >= 60_000, "{}", behaviors.len());
    let days = behaviors.iter().map(|row| row.occurred_at.millis() / 86_400_000);
    assert!(days.clone().max().zip(days.min()).is_some_and(|(last, first)| last - first > 520));
    let names: HashSet<_> = behaviors.iter().map(|row| row.name.as_str()).collect();
    for name in [
        "Product Viewed",
        "Product List Viewed",
        "Products Searched",
        "Cart Viewed",
        "Product Added",
        "Checkout Started",
        "Order Completed",
        "Screen Viewed",
        "Ticket Scanned",
        "Trailer Watched",
        "Feedback Given",
    ] {
        assert!(names.contains(name), "{name}");
    }
    let channels: HashSet<_> = behaviors.iter().map(|row| row.channel).collect();
    for channel in [Channel::Web, Channel::MobileApp, Channel::Kiosk, Channel::PointOfSale, Channel::SmartTv]
    {
        assert!(channels.contains(&channel), "{channel:?}");
    }
    let skus: Vec<String> = all::<product::Entity>(db).await.into_iter().map(|row| row.sku).collect();
    let like = |prefix: &str| skus.iter().filter(|sku| sku.starts_with(prefix)).count();
    assert_eq!((like("FILM-"), like("SHOW-")), (40, 400));
    assert_eq!(all::<offer::Entity>(db).await.len(), 12);
    assert!(all::<purchase::Entity>(db).await.len() >= 6_000);
    let zones: HashSet<_> =
        all::<touchpoint::Entity>(db).await.into_iter().map(|row| row.time_zone).collect();
    assert_eq!(zones.len(), 4);
}

async fn people_are_recognised(db: &Db) {
    let identities = all::<customer_identity::Entity>(db).await;
    let kinds: HashSet<_> = identities.iter().map(|row| row.kind).collect();
    let expected = [
        IdentityKind::Email,
        IdentityKind::UserId,
        IdentityKind::LoyaltyCard,
        IdentityKind::AnonymousId,
        IdentityKind::Device,
    ];
    assert_eq!(kinds, expected.into());
    let recognised: HashSet<_> = identities.iter().map(|row| row.customer_id).collect();
    assert_eq!(recognised.len(), all::<customer::Entity>(db).await.len(), "everybody has an identity");
    let ada: Vec<_> = identities.iter().filter(|row| row.value == "AUR-0000-1001").collect();
    assert_eq!(ada.len(), 1);
    let hers =
        all::<purchase::Entity>(db).await.into_iter().filter(|row| row.customer_id == ada[0].customer_id);
    assert!(hers.count() >= 12);
}

async fn purchases_add_up(db: &Db) {
    let mut lines: HashMap<_, Vec<purchase_line::Model>> = HashMap::new();
    for line in all::<purchase_line::Entity>(db).await {
        lines.entry(line.purchase_id).or_default().push(line);
    }
    let mut taken_off: HashMap<_, i64> = HashMap::new();
    for redemption in all::<redemption::Entity>(db).await {
        *taken_off.entry(redemption.purchase_id).or_default() += redemption.amount_minor;
    }
    let mut discounted = 0;
    for purchase in all::<purchase::Entity>(db).await {
        let lines = lines.get(&purchase.id).expect("every purchase has lines");
        assert!((1..=5).contains(&lines.len()), "{purchase:?}");
        let gross: i64 = lines.iter().map(|line| line.quantity * line.unit_minor).sum();
        assert_eq!(gross - purchase.discount_minor, purchase.total_minor, "{purchase:?}");
        assert_eq!(lines.iter().map(|line| line.total_minor).sum::<i64>(), purchase.total_minor);
        assert!(lines.iter().all(|line| line.total_minor >= 0 && line.customer_id == purchase.customer_id));
        assert_eq!(taken_off.get(&Some(purchase.id)).copied().unwrap_or_default(), purchase.discount_minor);
        assert_eq!(purchase.status, PurchaseStatus::Paid);
        discounted += usize::from(purchase.discount_minor > 0);
    }
    assert!(discounted > 500, "{discounted}");
}

async fn orders_and_purchases_match(db: &Db) {
    let mut purchases: HashMap<_, _> =
        all::<purchase::Entity>(db).await.into_iter().map(|row| (row.number.clone(), row)).collect();
    for order in all::<behavior::Entity>(db).await.into_iter().filter(|row| row.name == "Order Completed") {
        let number = order.properties["order_id"].as_str().expect("it has a number");
        let purchase = purchases.remove(number).expect("it has a purchase of its own");
        assert_eq!(purchase.customer_id, order.customer_id);
        assert_eq!((purchase.channel, purchase.touchpoint_id), (order.channel, order.touchpoint_id));
        assert_eq!(purchase.placed_at, order.occurred_at);
        let total = order.properties["total"].as_f64().expect("it has a total");
        assert_eq!((total * 100.0).round() as i64, purchase.total_minor);
    }
    let refusing: HashSet<_> = all::<consent::Entity>(db)
        .await
        .into_iter()
        .filter(|said| said.purpose == ConsentPurpose::Analytics && said.status != ConsentStatus::Granted)
        .map(|said| said.customer_id)
        .collect();
    assert!(
        purchases.values().all(|purchase| refusing.contains(&purchase.customer_id)),
        "every purchase was told of, but of those who refuse that what they do is stored"
    );
}

async fn seats_are_sold_once(db: &Db) {
    let mut sold: HashMap<_, i64> = HashMap::new();
    for line in all::<purchase_line::Entity>(db).await {
        *sold.entry(line.product_id).or_default() += line.quantity;
    }
    let products = all::<product::Entity>(db).await;
    let (mut weekend, mut tickets) = (0, 0);
    for showing in products.iter().filter(|product| product.sku.starts_with("SHOW-")) {
        assert_eq!(
            showing.stock_taken,
            sold.get(&showing.id).copied().unwrap_or_default(),
            "{}",
            showing.sku
        );
        assert!(showing.stock_total.is_some_and(|seats| showing.stock_taken <= seats), "{}", showing.sku);
        assert!(
            products.iter().any(|film| Some(film.id) == showing.part_of && film.sku.starts_with("FILM-"))
        );
        tickets += showing.stock_taken;
        if ["Fri ", "Sat ", "Sun "].iter().any(|day| showing.name.contains(day)) {
            weekend += showing.stock_taken;
        }
    }
    assert!(weekend * 10 > tickets * 6, "{weekend} of {tickets} tickets are for weekends");
}

async fn offers_are_used_within_their_limits(db: &Db) {
    let offers: HashMap<_, _> = all::<offer::Entity>(db).await.into_iter().map(|row| (row.id, row)).collect();
    let mut used: HashMap<_, i64> = HashMap::new();
    for redemption in all::<redemption::Entity>(db).await {
        assert!(redemption.created_at >= offers[&redemption.offer_id].created_at);
        *used.entry((redemption.offer_id, redemption.customer_id)).or_default() += 1;
    }
    for ((offer, _), count) in &used {
        let limit = offers[offer].limit_per_customer.expect("what was used had a limit");
        assert!(*count <= limit, "{}: {count}", offers[offer].key);
    }
    assert_eq!(used.keys().map(|(offer, _)| offer).collect::<HashSet<_>>().len(), 7);
}

async fn nothing_is_still_to_come(db: &Db) {
    assert!(all::<behavior::Entity>(db).await.iter().all(|row| row.occurred_at <= DEMO_NOW));
    assert!(all::<purchase::Entity>(db).await.iter().all(|row| row.placed_at <= DEMO_NOW));
    let shows = all::<product::Entity>(db).await;
    let coming = shows.iter().filter(|row| row.starts_at.is_some_and(|at| at > DEMO_NOW)).count();
    assert!(coming >= 8, "{coming} showings are still to come");
    assert!(shows.iter().all(|row| row.created_at <= DEMO_NOW));
}
