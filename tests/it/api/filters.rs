//! Filters: each list narrowed in each way, against the rows of the world judged by hand; the total counts
//! what the filter leaves.

use entities::timestamp::Timestamp;
use entities::values::{Channel, OfferStatus, ProductKind, PurchaseStatus};
use serde_json::{Value, json};

use super::world::{self, NAMES, NOON, days, is_merged, world};
use super::world_catalogue::{offers, products};
use crate::harness::client::Client;
use crate::harness::databases::on_both;

const CUSTOMERS: u128 = 6;

/// A filter of a list, and the ids of what it leaves.
struct Case {
    list: &'static str,
    filter: String,
    left: Vec<String>,
}

fn case<R, I: ToString>(
    list: &'static str,
    filter: impl Into<String>,
    rows: impl IntoIterator<Item = R>,
    id: impl Fn(&R) -> I,
    holds: impl Fn(&R) -> bool,
) -> Case {
    let mut left: Vec<String> = rows.into_iter().filter(holds).map(|row| id(&row).to_string()).collect();
    left.sort();
    Case { list, filter: filter.into(), left }
}

/// A range of a time field: from the first instant on, up to the second, which is out.
fn range(field: &str, from: Timestamp, until: Timestamp) -> String {
    format!("{field}: {{ from: \"{from}\", until: \"{until}\" }}")
}

fn customers() -> Vec<Case> {
    let case = |filter: String, holds: &dyn Fn(&entities::customer::Model) -> bool| {
        case("customers", filter, (1..=CUSTOMERS).map(world::customer), |row| row.id, holds)
    };
    let case_of_own = |filter: String, holds: &dyn Fn(&entities::customer::Model) -> bool| {
        case(filter, &|row| row.merged_into.is_none() && holds(row))
    };
    vec![
        case("merged: true".into(), &|row| row.merged_into.is_some()),
        case(format!("createdAt: {{ from: \"{}\" }}, merged: true", days(1)), &|row| {
            row.created_at >= days(1) && row.merged_into.is_some()
        }),
        case_of_own("merged: false".into(), &|_| true),
        case_of_own("merged: null".into(), &|_| true),
        case_of_own(range("createdAt", NOON, days(1)), &|row| row.created_at < days(1)),
        case_of_own("createdAt: {}".into(), &|_| true),
    ]
}

fn behaviors() -> Vec<Case> {
    let case = |filter: String, holds: &dyn Fn(&entities::behavior::Model) -> bool| {
        case("behaviors", filter, (1..=CUSTOMERS).flat_map(world::behaviors), |row| row.id, holds)
    };
    vec![
        case(format!("names: [\"{}\"]", NAMES[0]), &|row| row.name == NAMES[0]),
        case(format!("names: [\"{}\", \"{}\", \"x\"]", NAMES[0], NAMES[2]), &|row| row.name != NAMES[1]),
        case("names: [\"' OR 1=1 --\", \"product viewed\", \"Product%\"]".into(), &|_| false),
        case("names: []".into(), &|_| false),
        case("channels: [KIOSK, WEB]".into(), &|row| matches!(row.channel, Channel::Kiosk | Channel::Web)),
        case("channels: []".into(), &|_| false),
        case(range("occurredAt", days(1), days(2)), &|row| row.occurred_at == days(1)),
        case(range("occurredAt", days(2), days(1)), &|_| false),
        case(
            format!("names: [\"{}\"], channels: [WEB], {}", NAMES[0], range("occurredAt", NOON, days(1))),
            &|row| row.name == NAMES[0] && row.channel == Channel::Web && row.occurred_at < days(1),
        ),
    ]
}

fn purchases() -> Vec<Case> {
    let case = |filter: String, holds: &dyn Fn(&entities::purchase::Model) -> bool| {
        case("purchases", filter, (1..=CUSTOMERS).flat_map(world::purchases), |row| row.id, holds)
    };
    vec![
        case("statuses: [PAID]".into(), &|row| row.status == PurchaseStatus::Paid),
        case("statuses: [PAID, PENDING]".into(), &|row| row.status != PurchaseStatus::Canceled),
        case("statuses: []".into(), &|_| false),
        case("channels: [MOBILE_APP]".into(), &|row| row.channel == Channel::MobileApp),
        case(format!("placedAt: {{ until: \"{}\" }}", days(1)), &|row| row.placed_at < days(1)),
        case(format!("statuses: [PAID, CANCELED], placedAt: {{ from: \"{}\" }}", days(1)), &|row| {
            row.placed_at >= days(1)
        }),
    ]
}

fn catalogue() -> Vec<Case> {
    let product = |filter: String, holds: &dyn Fn(&entities::product::Model) -> bool| {
        case("products", filter, products(), |row| row.id, holds)
    };
    let offer = |filter: &str, holds: &dyn Fn(&entities::offer::Model) -> bool| {
        case("offers", filter, offers(), |row| row.id, holds)
    };
    let touchpoint = |filter: &str, holds: &dyn Fn(&entities::touchpoint::Model) -> bool| {
        case("touchpoints", filter, world::touchpoints(), |row| row.id, holds)
    };
    let starts_within =
        |row: &entities::product::Model| row.starts_at.is_some_and(|at| (days(1)..days(2)).contains(&at));
    vec![
        product("kinds: [TICKET]".into(), &|row| row.kind == ProductKind::Ticket),
        product("kinds: [DIGITAL, PHYSICAL]".into(), &|row| row.kind != ProductKind::Ticket),
        product("skus: [\"film\", \"sake\", \"FILM\"]".into(), &|row| row.sku == "film" || row.sku == "sake"),
        product("skus: []".into(), &|_| false),
        product(range("startsAt", days(1), days(2)), &starts_within),
        touchpoint("keys: [\"web\", \"vienna-till-1\", \"WEB\"]", &|row| row.key != "vienna-kiosk-1"),
        touchpoint("keys: []", &|_| false),
        touchpoint("keys: null", &|_| true),
        offer("statuses: [DRAFT, LIVE]", &|row| matches!(row.status, OfferStatus::Draft | OfferStatus::Live)),
        offer("statuses: [ARCHIVED]", &|row| row.status == OfferStatus::Archived),
        offer("statuses: []", &|_| false),
        offer("statuses: null", &|_| true),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_leaves_what_it_says_and_the_total_counts_it() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        assert!((1..=CUSTOMERS).any(is_merged));
        for Case { list, filter, left } in
            [customers(), behaviors(), purchases(), catalogue()].into_iter().flatten()
        {
            let query =
                format!("{{ {list}(first: 100, filter: {{ {filter} }}) {{ totalCount nodes {{ id }} }} }}");
            let data = Client::staff(&app).good(&query, json!({})).await;
            let nodes = data[list]["nodes"].as_array().expect("nodes").iter();
            let mut found: Vec<&str> = nodes.filter_map(|node| node["id"].as_str()).collect();
            found.sort_unstable();
            assert_eq!(found, left, "{query}");
            assert_eq!(data[list]["totalCount"], json!(left.len()), "{query}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nested_list_is_filtered_for_each_parent() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        let query = "query($names: [String!], $status: PurchaseStatus!) { customers(first: 100) { nodes {
            behaviors(filter: { names: $names }) { totalCount nodes { name } }
            purchases(filter: { statuses: [$status] }) { totalCount nodes { status } }
            playable: entitlements(filter: { active: true }) { totalCount nodes { active } }
            over: entitlements(filter: { active: false }) { totalCount nodes { active } }
            all: entitlements(filter: { active: null }) { totalCount } } } }";
        let variables = json!({ "names": [NAMES[1]], "status": "PAID" });
        let data = Client::staff(&app).good(query, variables).await;
        // Latest first: those into whom nobody was merged, then the two with a member more.
        let customers = [1, 1, 2, 2].map(|members| {
            let list = |item: Value, count: usize| {
                let count = members * count;
                json!({ "totalCount": count, "nodes": vec![item; count] })
            };
            json!({
                "behaviors": list(json!({ "name": NAMES[1] }), 3),
                "purchases": list(json!({ "status": "PAID" }), 1),
                // Of each three, one was taken away.
                "playable": list(json!({ "active": true }), 2),
                "over": list(json!({ "active": false }), 1),
                "all": { "totalCount": members * 3 },
            })
        });
        assert_eq!(data["customers"]["nodes"], json!(customers));
        let parts = "{ products(filter: { skus: [\"film\"] }) { nodes { parts(filter: { skus: [\"showing-2\"] }) { totalCount nodes { sku } } } } }";
        let data = Client::anonymous(&app).good(parts, json!({})).await;
        let expected = json!([{ "parts": { "totalCount": 1, "nodes": [{ "sku": "showing-2" }] } }]);
        assert_eq!(data["products"]["nodes"], expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_in_filters_are_bounded_and_values_are_checked() {
    on_both(async |db| {
        let app = world(db, 1).await;
        let staff = Client::staff(&app);
        let behaviors = "query($filter: BehaviorFilter) { behaviors(filter: $filter) { nodes { id } } }";
        let products = "query($filter: ProductFilter) { products(filter: $filter) { nodes { id } } }";
        let touchpoints =
            "query($filter: TouchpointFilter) { touchpoints(filter: $filter) { nodes { id } } }";
        staff.good(touchpoints, json!({ "filter": { "keys": vec!["x"; 100] } })).await;
        staff.good(behaviors, json!({ "filter": { "names": vec!["x"; 50] } })).await;
        staff.good(products, json!({ "filter": { "skus": vec!["x"; 100] } })).await;
        for (query, filter) in [
            (behaviors, json!({ "names": vec!["x"; 51] })),
            (products, json!({ "skus": vec!["x"; 101] })),
            (touchpoints, json!({ "keys": vec!["x"; 101] })),
            (behaviors, json!({ "channels": ["FAX"] })),
            (behaviors, json!({ "occurredAt": { "from": "yesterday" } })),
            (behaviors, json!({ "occurredAt": { "from": 5 } })),
            (products, json!({ "kinds": [null] })),
            (products, json!({ "colour": "red" })),
        ] {
            let answer = staff.fails_with(query, json!({ "filter": filter }), "BAD_USER_INPUT").await;
            let message = answer["errors"][0]["message"].as_str().expect("a message");
            assert!(message.contains("filter"), "it names what is wrong: {message}");
        }
        let identity =
            "query($value: String!) { customer(by: { identity: { type: EMAIL, value: $value } }) { id } }";
        for value in [String::new(), "x".repeat(321)] {
            let answer = staff.fails_with(identity, json!({ "value": value }), "BAD_USER_INPUT").await;
            assert_eq!(answer["errors"][0]["extensions"]["field"], "by");
        }
    })
    .await;
}
