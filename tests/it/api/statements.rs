//! How many statements an operation costs is a property of its text: the same for one parent and for two
//! hundred, on both databases.

use encircle::app::App;
use encircle::db::Db;
use encircle::db::read::metered;
use serde_json::{Value, json};

use super::world::{customer_id, survivor, world};
use crate::entities::samples::id;
use crate::harness::client::Client;
use crate::harness::databases::on_both;

/// Operations of staff, and what each costs.
const TABLE: &[(u64, &str)] = &[
    (0, "{ __typename }"),
    (0, "{ me { id } touchpoint { id } }"),
    (1, "{ customers(first: 100) { nodes { id createdAt email traits } } }"),
    (1, "{ customers(first: 100) { edges { cursor node { id } } nodes { email } pageInfo { endCursor } } }"),
    (2, "{ customers(first: 100) { totalCount nodes { id } } }"),
    (1, "{ customers(first: 100) { totalCount @skip(if: true) nodes { id } } }"),
    (2, "{ customers(first: 100) { nodes { identities { type value } } } }"),
    (2, "{ customers(first: 100) { nodes { consents { purpose status } } } }"),
    (2, "{ customers(first: 100) { nodes { devices { nodes { id } } } } }"),
    (3, "{ customers(first: 100) { nodes { devices { totalCount nodes { id } } } } }"),
    (2, "{ customers(first: 100) { nodes { behaviors(first: 3) { nodes { name } } } } }"),
    (3, "{ customers(first: 100) { nodes { behaviors(first: 3) { totalCount nodes { name } } } } }"),
    (2, "{ customers(first: 100) { nodes { purchases { nodes { number total { amount } } } } } }"),
    (3, "{ customers(first: 100) { nodes { purchases { totalCount nodes { number } } } } }"),
    // The same link with other arguments is another list.
    (
        3,
        "{ customers(first: 100) { nodes { a: purchases(first: 1) { nodes { id } } b: purchases(last: 1) { nodes { id } } } } }",
    ),
    (
        4,
        "{ customers(first: 100) { nodes { purchases { nodes { lines { quantity product { name } } } } } } }",
    ),
    (
        10,
        "{ customers(first: 100) { nodes { identities { value } consents { status } devices { nodes { id } } \
         behaviors { nodes { name } } purchases { nodes { redemptions { offer { benefit { \
         ... on FreeProduct { product { name } } } } } discounts { amount { amount } } } } } } }",
    ),
    (
        4,
        "{ behaviors(first: 100) { nodes { name customer { id } touchpoint { key } device { platform } } } }",
    ),
    (
        5,
        "{ behaviors(first: 100) { totalCount nodes { customer { id } touchpoint { key } device { id } } } }",
    ),
    (3, "{ purchases(first: 100) { nodes { customer { id } touchpoint { key } } } }"),
    (2, "{ purchases(first: 100) { nodes { subtotal { amount } discounts { code amount { amount } } } } }"),
    // The names of offers are read with what they took off, and of lines both parts of it at once.
    (3, "{ purchases(first: 100) { nodes { discounts { name } } } }"),
    (4, "{ purchases(first: 100) { nodes { lines { discounts { code amount { amount } } } } } }"),
    (5, "{ purchases(first: 100) { nodes { lines { refunded { amount } discounts { name } } } } }"),
    (
        2,
        "{ customers(first: 100) { nodes { entitlements(filter: { active: true }) { nodes { active } } } } }",
    ),
    (3, "{ purchases(first: 100) { nodes { lines { product { name } } } } }"),
    (4, "{ purchases(first: 100) { nodes { lines { product { partOf { name } } } } } }"),
    (3, "{ products(first: 100) { nodes { name parts(first: 2) { nodes { name } } partOf { name } } } }"),
    (4, "{ products(first: 100) { totalCount nodes { parts { totalCount nodes { name } } } } }"),
    (1, "{ offers(first: 100) { nodes { key content benefit { ... on PercentageOff { percent } } } } }"),
    (2, "{ offers(first: 100) { nodes { benefit { ... on FreeProduct { product { name } } } } } }"),
    (1, "{ placements(first: 100) { nodes { key name } } }"),
    (2, "{ placements(first: 100) { nodes { fallbackOffer { key experiment { variants { weight } } } } } }"),
    (1, "{ touchpoints(first: 100) { nodes { id key name channel placements createdAt } } }"),
    (2, "{ touchpoints(first: 100, filter: { keys: [\"web\"] }) { totalCount nodes { key } } }"),
    // Attributes come from buckets and, for windows of hours, from behaviors.
    (3, "{ customers(first: 100) { nodes { attributes { key value changesAt } } } }"),
    (2, "{ customers(first: 100) { nodes { attributes(keys: [\"visits\"]) { key value } } } }"),
    (4, "{ customers(first: 100) { nodes { attributes { key value definition { label } } } } }"),
    // Segments are judged by all that their rules read; attributes are read with it.
    (5, "{ customers(first: 100) { nodes { segments { key } } } }"),
    (5, "{ customers(first: 100) { nodes { attributes { key value } segments { key } } } }"),
    // What is shown is decided by all that the rules of the offers there read, and by what of limits is used.
    (
        3,
        "{ customers(first: 100) { nodes { experience(placements: [\"home-hero\", \"checkout\"]) { placement \
         decision { id validUntil offers { rank offer { key content } } considered { eligible reasons { code } } } } } } }",
    ),
    (
        6,
        "{ customers(first: 100) { nodes { attributes { key value } segments { key } \
         experience(placements: [\"home-hero\"]) { decision { offers { score variant offer { key } } } } } } }",
    ),
    // A cart is priced by what its customer may have; what is read for one is read for all.
    (12, "{ customers(first: 100) { nodes { cart { id version createdAt } } } }"),
    (
        16,
        "{ customers(first: 100) { nodes { cart { total { amount } codes lines { held product { sku } } discounts { \
         offer { key } } warnings { code offer { key } } customer { id } } } } }",
    ),
    (3, "{ customers(first: 100) { nodes { entitlements { nodes { expiresAt product { sku } } } } } }"),
    (4, "{ customers(first: 100) { nodes { entitlements { totalCount nodes { purchase { number } } } } } }"),
    (2, "{ offers(first: 100) { nodes { key responses { shown clicked byVariant { variant shown } } } } }"),
    (1, "{ segments(first: 100) { nodes { key size rule judgedAt } } }"),
    (3, "{ segments(first: 100) { nodes { members { nodes { since customer { email } } } } } }"),
    (4, "{ segments(first: 100) { nodes { members { totalCount nodes { customer { email } } } } } }"),
    // Roots that load by id share a statement; lists do not.
    (2, "{ a: products { nodes { id } } b: products { nodes { sku } } }"),
    (2, "{ customer(by: { identity: { type: EMAIL, value: \"c1-ada@example.com\" } }) { email } }"),
    (1, "{ purchase(by: { number: \"c1-n0\" }) { number } }"),
    (1, "{ offer(by: { key: \"popcorn\" }) { name } }"),
    (1, "{ product(by: { sku: \"popcorn\" }) { name price { amount } } }"),
    (1, "{ a: product(by: { sku: \"popcorn\" }) { name } b: product(by: { sku: \"sake\" }) { sku } }"),
    (2, "{ a: offer(by: { key: \"popcorn\" }) { name } p: purchase(by: { number: \"c1-n0\" }) { id } }"),
];

/// Operations of a customer, and what each costs: the same when others were merged into it, as in the world
/// of many.
const OWN: &[(u64, &str)] = &[
    (1, "{ me { id email } }"),
    (2, "{ customers { totalCount nodes { id } } }"),
    (5, "{ me { attributes { key value } segments { key } } }"),
    (
        6,
        "{ me { attributes { key value } segments { key } experience(placements: [\"home-hero\", \"checkout\"]) { \
         placement decision { id offers { content offer { key } } } } } }",
    ),
    (
        14,
        "{ me { cart { total { amount } lines { held product { sku } } discounts { offer { key } } warnings { code } } } }",
    ),
    (3, "{ me { entitlements { nodes { expiresAt product { sku } } } } }"),
    (1, "{ behaviors(first: 3) { nodes { name } } }"),
    (3, "{ behaviors(first: 3) { totalCount nodes { customer { id } } } }"),
    (4, "{ purchases { totalCount nodes { lines { quantity product { name } } } } }"),
    (3, "{ me { behaviors(first: 3) { totalCount nodes { name } } } }"),
    (4, "{ me { identities { value } consents { status } devices { nodes { id } } } }"),
    (2, "{ customer(by: { identity: { type: EMAIL, value: \"c1-ada@example.com\" } }) { email } }"),
    (1, "{ purchase(by: { number: \"c1-n0\" }) { number } }"),
];

/// Attributes of both kinds of windows, and segments whose rules read whatever rules may read: defined in the world,
/// counted from its behaviors, their members found.
async fn define(app: &App) {
    let staff = Client::staff(app);
    for (key, aggregate, property, window) in [
        ("seats", "DISTINCT_COUNT", Some("seat"), "P30D"),
        ("views_24h", "COUNT", None, "PT24H"),
        ("last_sku", "LAST", Some("sku"), "P365D"),
    ] {
        let input = json!({
            "key": key, "behavior": "Product Viewed", "aggregate": aggregate, "property": property,
            "window": window,
        });
        let query = "mutation($input: AttributeDefineInput!) { attributeDefine(input: $input) { userErrors { message } } }";
        let payload = staff.good(query, json!({ "input": input })).await;
        assert_eq!(payload["attributeDefine"]["userErrors"], json!([]), "{key}");
    }
    for (key, rule) in [
        ("viewers", "attributes.seats >= 1 && attributes.views_24h >= 1 && consents.MARKETING == 'GRANTED'"),
        (
            "reachable",
            "size(identities.EMAIL) >= 1 && traits.plan != '' && createdAt < now + duration('8760h')",
        ),
    ] {
        let query = "mutation($input: SegmentCreateInput!) { segmentCreate(input: $input) { userErrors { message } } }";
        let payload = staff.good(query, json!({ "input": { "key": key, "rule": rule } })).await;
        assert_eq!(payload["segmentCreate"]["userErrors"], json!([]), "{key}");
    }
    app.upkeep().once().await.expect("all is counted and judged");
}

/// What is asked about is there: otherwise nothing would be read, whatever it costs.
async fn is_populated(app: &App, customers: u64) {
    let query = "{ segments { nodes { key size judgedAt } }
        customers(first: 100) { nodes { attributes { key value } segments { key } } } }";
    let data = Client::staff(app).good(query, json!({})).await;
    let segments = data["segments"]["nodes"].as_array().expect("a list");
    for key in ["viewers", "reachable"] {
        let segment = segments.iter().find(|segment| segment["key"] == key).expect("it is there");
        let size = segment["size"].as_u64().expect("a number");
        // A fifth of the many was merged into others.
        assert!(size * 5 >= customers * 4, "{segment}");
        assert!(segment["judgedAt"].is_string(), "{segment}");
    }
    for customer in data["customers"]["nodes"].as_array().expect("a list") {
        let attributes = customer["attributes"].as_array().expect("a list");
        assert_eq!(attributes.len(), 5, "{customer}");
        for key in ["seats", "views_24h"] {
            let attribute = attributes.iter().find(|attribute| attribute["key"] == key).expect("it is there");
            assert!(attribute["value"].as_u64().is_some_and(|value| value >= 1), "{customer}");
        }
        let keys = customer["segments"].as_array().expect("a list").iter().map(|segment| &segment["key"]);
        assert!(keys.clone().any(|key| key == "viewers") && keys.clone().any(|key| key == "reachable"));
    }
}

/// How many statements an operation of staff costs, and what it gives.
async fn statements(db: &Db, app: &App, query: &str, variables: Value) -> (u64, Value) {
    counted(db, app, Client::staff(app), query, variables).await
}

async fn counted(db: &Db, app: &App, client: Client<'_>, query: &str, variables: Value) -> (u64, Value) {
    let before = db.statements();
    let (data, meter) = metered(client.good(query, variables)).await;
    let all = db.statements() - before;
    keep_decisions(app).await;
    if !query.contains("experience") {
        assert_eq!(all, meter.statements, "{query} sends none past the meter");
    }
    (meter.statements, data)
}

/// Decisions are kept beside the requests that made them, and not counted as theirs: they are waited for, so that
/// the next request is alone.
async fn keep_decisions(app: &App) {
    app.services.deciding.queue.flush().await;
}

async fn the_table_holds(db: Db, customers: u128) {
    let app = world(db.clone(), customers).await;
    define(&app).await;
    is_populated(&app, customers as u64).await;
    let mut wrong = Vec::new();
    let own = [1].into_iter().map(|number| (Client::customer(&app, customer_id(number)), OWN));
    for (client, table) in own.chain([(Client::staff(&app), TABLE)]) {
        for (expected, query) in table {
            let (counted, data) = counted(&db, &app, client, query, json!({})).await;
            assert!(data.is_object(), "{query} gave {data}");
            if counted != *expected {
                wrong.push(format!("{counted} instead of {expected}: {query}"));
            }
        }
    }
    assert!(wrong.is_empty(), "with {customers} customers:\n{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_customer_costs_what_the_table_says() {
    on_both(async |db| the_table_holds(db, 1).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_customers_cost_the_same() {
    on_both(async |db| the_table_holds(db, 200).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_roots_by_id_are_one_statement() {
    on_both(async |db| {
        let app = world(db.clone(), 200).await;
        let root =
            |number| format!("c{number}: customer(by: {{ id: \"{}\" }}) {{ id email }}", customer_id(number));
        let query = format!("{{ {} }}", (1..=10).map(root).collect::<Vec<_>>().join(" "));
        let (counted, data) = statements(&db, &app, &query, json!({})).await;
        assert_eq!(counted, 1);
        for number in 1..=10 {
            let email = format!("c{}-ada@example.com", survivor(number));
            assert_eq!(data[format!("c{number}")]["email"], email);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_cost_a_statement_a_type_however_many_they_are() {
    on_both(async |db| {
        let app = world(db.clone(), 200).await;
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Behavior { name } } }";
        for count in [1_u128, 30] {
            let ids: Vec<String> = (1..=count)
                .flat_map(|number| {
                    [
                        customer_id(number).to_string(),
                        id::<entities::ids::PurchaseId>(number * 10).to_string(),
                        id::<entities::ids::BehaviorId>(number * 10).to_string(),
                    ]
                })
                .collect();
            let (counted, data) = statements(&db, &app, query, json!({ "ids": ids })).await;
            assert_eq!(counted, 3, "{count} of each of three types");
            let found: Vec<&str> = data["nodes"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|node| node["id"].as_str())
                .collect();
            let merged = |id: &String| (1..=count).find(|number| *id == customer_id(*number).to_string());
            let expected = ids.iter().map(|id| match merged(id) {
                Some(number) => customer_id(survivor(number)).to_string(),
                None => id.clone(),
            });
            assert_eq!(found, expected.collect::<Vec<_>>());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_accounts_for_every_statement() {
    on_both(async |db| {
        let app = world(db.clone(), 20).await;
        define(&app).await;
        for (expected, query) in TABLE {
            let ((_, plan), meter) = metered(Client::staff(&app).explained(query)).await;
            let counted = meter.statements;
            let sum: u64 = plan.iter().map(|load| load["statements"].as_u64().expect("a number")).sum();
            assert_eq!((counted, sum), (*expected, *expected), "{query}: {plan:#?}");
            for load in &plan {
                let mut names: Vec<&String> = load.as_object().expect("an object").keys().collect();
                names.sort();
                assert_eq!(names, ["keys", "ms", "path", "rows", "statements"], "{query}");
                assert!(load["ms"].as_f64().is_some_and(|ms| ms >= 0.0), "{load}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_names_each_load_with_its_keys_and_rows() {
    on_both(async |db| {
        let app = world(db, 20).await;
        let query = "{ customers(first: 10) { nodes { purchases(first: 2) { nodes { lines { product { name } } } } } } }";
        let (_, plan) = Client::staff(&app).explained(query).await;
        let loads: Vec<(&str, u64, u64)> = plan
            .iter()
            .map(|load| {
                let number = |name: &str| load[name].as_u64().expect("a number");
                (load["path"].as_str().expect("a path"), number("keys"), number("rows"))
            })
            .collect();
        // A list reads one row more than its page, to know whether there is a next one.
        assert_eq!(
            loads,
            [
                ("customers", 1, 11),
                ("customers.nodes.purchases", 10, 30),
                ("customers.nodes.purchases.nodes.lines", 20, 40),
                ("customers.nodes.purchases.nodes.lines.product", 2, 2),
            ]
        );
        assert_eq!(Client::staff(&app).answer(query, json!({})).await.get("extensions"), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roots_that_share_a_load_are_charged_with_it_once() {
    on_both(async |db| {
        let app = world(db, 3).await;
        let root = |number| format!("c{number}: customer(by: {{ id: \"{}\" }}) {{ id }}", customer_id(number));
        let query = format!(
            "{{ {} news: offer(by: {{ key: \"news\" }}) {{ id }} none: offer(by: {{ key: \"none\" }}) {{ id }} }}",
            [1, 2, 3].map(root).join(" ")
        );
        let (_, plan) = Client::staff(&app).explained(&query).await;
        let sum = |name: &str| -> u64 {
            plan.iter().map(|load| load[name].as_u64().expect("a number")).sum()
        };
        assert_eq!(plan.len(), 5, "an entry a root: {plan:?}");
        assert_eq!((sum("statements"), sum("rows")), (2, 4), "{plan:?}");
    })
    .await;
}
