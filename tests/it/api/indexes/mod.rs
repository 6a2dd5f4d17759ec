//! Every page of every list is read from an index: in each sort, from both ends, behind and before a cursor,
//! of all rows, of each parent and of the rows that a filter leaves. What is explained is what the graph sent.

mod plans;
mod statements;

use encircle::app::App;
use encircle::db::Db;
use encircle::kernel::viewer::{Scopes, Viewer};
use entities::ids::{ProductId, SegmentId};
use entities::values::{ProductKind, TextEnum};
use entities::{device, offer, offer_response, placement, product, segment, segment_member, touchpoint};
use serde_json::{Value, json};

use super::introspection::{Field, Schema};
use super::world::{customer, customer_id, days, devices, responses, touchpoints, world};
use super::world_catalogue::{offers, products};
use crate::entities::insert;
use crate::entities::samples::{self, id};
use crate::harness::client::Client;
use crate::harness::databases::on_both;
use plans::{Plan, analyze, plan};
use statements::recorded;

/// So many that no database finds it cheaper to read a table whole, and as many as one statement inserts.
const CUSTOMERS: u128 = 370;
const FILMS: u128 = 50;
const SHOWINGS: u128 = 30;
const OFFERS: u128 = 1_000;
const SEGMENTS: u128 = 1_000;
const TOUCHPOINTS: u128 = 1_000;
const PLACEMENTS: u128 = 1_000;
/// Of each customer, besides those it has anyway: PostgreSQL sorts two rows sooner than it follows an index.
const DEVICES: u128 = 10;

/// What a list can be narrowed to that has an index of its own: type, field, filter, the sorts it is for (by
/// how they begin), and the index.
const FILTERS: &[(&str, &str, &str, &str, &str)] = &[
    ("Query", "customers", "merged: true", "", "ix_customers_created_at_id_where_merged_into"),
    ("Query", "customers", "createdAt: { from: \"2026-01-01T12:00:00Z\" }", "", "ix_customers_created_at_id"),
    ("Query", "behaviors", "names: [\"Product Viewed\"]", "", "ix_behaviors_name_occurred_at_id"),
    ("Query", "behaviors", "channels: [KIOSK]", "", "ix_behaviors_channel_occurred_at_id"),
    (
        "Query",
        "behaviors",
        "occurredAt: { from: \"2026-01-01T12:00:00Z\" }",
        "",
        "ix_behaviors_occurred_at_id",
    ),
    ("Query", "purchases", "statuses: [PAID]", "", "ix_purchases_status_placed_at_id"),
    ("Query", "purchases", "channels: [KIOSK]", "", "ix_purchases_channel_placed_at_id"),
    ("Query", "purchases", "placedAt: { from: \"2026-01-01T12:00:00Z\" }", "", "ix_purchases_placed_at_id"),
    ("Query", "products", "kinds: [TICKET]", "CREATED", "ix_products_kind_created_at_id"),
    ("Query", "products", "kinds: [TICKET]", "STARTS", "ix_products_kind_starts_at_id"),
    (
        "Query",
        "products",
        "startsAt: { from: \"2026-01-01T12:00:00Z\" }",
        "STARTS",
        "ix_products_starts_at_id",
    ),
    ("Query", "offers", "statuses: [PAUSED]", "", "ix_offers_status_created_at_id"),
    (
        "Customer",
        "behaviors",
        "names: [\"Product Viewed\"]",
        "",
        "ix_behaviors_customer_id_name_occurred_at_id",
    ),
    (
        "Customer",
        "behaviors",
        "occurredAt: { from: \"2026-01-01T12:00:00Z\" }",
        "",
        "ix_behaviors_customer_id_occurred_at_id",
    ),
    (
        "Customer",
        "purchases",
        "placedAt: { from: \"2026-01-01T12:00:00Z\" }",
        "",
        "ix_purchases_customer_id_placed_at_id",
    ),
    ("Customer", "entitlements", "active: true", "", "ix_entitlements_customer_id_granted_at_id"),
    ("Customer", "entitlements", "active: false", "", "ix_entitlements_customer_id_granted_at_id"),
    (
        "Product",
        "parts",
        "startsAt: { from: \"2026-01-01T12:00:00Z\" }",
        "STARTS",
        "ix_products_part_of_starts_at_id",
    ),
];

/// A list in one sort, narrowed in one way.
struct List<'s> {
    owner: &'s str,
    field: &'s Field,
    /// What is asked of each node.
    node: String,
    sort: Option<&'s str>,
    filter: Option<&'static str>,
    /// The index that must be read, when it is not just any.
    index: Option<&'static str>,
}

impl List<'_> {
    /// Every list of the schema in each of its sorts, once as it is and once with each filter.
    fn all(schema: &Schema) -> Vec<List<'_>> {
        let mut all = Vec::new();
        for (owner, field) in schema.connections() {
            let sorts = field.args.iter().find(|argument| argument.name == "sort");
            let sorts = sorts.map(|argument| schema.values(argument.ty.named())).unwrap_or_default();
            let sorts = if sorts.is_empty() { vec![None] } else { sorts.into_iter().map(Some).collect() };
            let node = schema.brief(schema.node_of(field.ty.named()));
            for sort in sorts {
                all.push(List { owner, field, node: node.clone(), sort, filter: None, index: None });
                let filters = FILTERS.iter().filter(|(ty, name, _, sorts, _)| {
                    (*ty, *name) == (owner, field.name.as_str())
                        && sort.unwrap_or_default().starts_with(sorts)
                });
                all.extend(filters.map(|(.., filter, _, index)| List {
                    owner,
                    field,
                    node: node.clone(),
                    sort,
                    filter: Some(filter),
                    index: Some(index),
                }));
            }
        }
        all
    }

    /// The operation that asks for a page, and the pointer to the first list in its answer.
    fn operation(&self, page: &str) -> (String, String) {
        let sort = self.sort.map(|sort| format!(", sort: {sort}")).unwrap_or_default();
        let filter = self.filter.map(|filter| format!(", filter: {{ {filter} }}")).unwrap_or_default();
        let (name, node) = (&self.field.name, &self.node);
        let list = format!("{name}({page}{sort}{filter}) {{ edges {{ cursor node {{ {node} }} }} }}");
        let (selection, pointer) = match self.owner {
            "Query" => (list, format!("/{name}")),
            "Customer" => {
                let root = "customers(first: 50, filter: { merged: false })";
                (format!("{root} {{ nodes {{ {list} }} }}"), format!("/customers/nodes/0/{name}"))
            }
            "Segment" => {
                let root = format!("nodes(ids: [\"{0}\", \"{0}\"])", id::<SegmentId>(1));
                (format!("{root} {{ ... on Segment {{ {list} }} }}"), format!("/nodes/0/{name}"))
            }
            "Product" => {
                let root = format!("nodes(ids: [\"{0}\", \"{0}\"])", id::<ProductId>(1_000));
                (format!("{root} {{ ... on Product {{ {list} }} }}"), format!("/nodes/0/{name}"))
            }
            other => panic!("there is no way to the lists of {other} here: add it"),
        };
        (format!("{{ {selection} }}"), pointer)
    }
}

async fn many(db: Db) -> App {
    let app = world(db.clone(), CUSTOMERS).await;
    let (film, live) = (products()[1].clone(), offers());
    let product = |number: u128, part_of: Option<u128>| product::Model {
        id: id(number),
        sku: format!("many-{number}"),
        kind: ProductKind::ALL[number as usize % 3],
        part_of: part_of.map(id),
        // In another order than the rows stand in the table.
        starts_at: Some(days((number * 389 % 1_009) as i64)),
        created_at: days((number * 383 % 1_013) as i64),
        ..film.clone()
    };
    let showings = (0..FILMS * SHOWINGS).map(|number| product(10_000 + number, Some(1_000 + number % FILMS)));
    insert::<product::Entity>(&db, (0..FILMS).map(|number| product(1_000 + number, None))).await;
    insert::<product::Entity>(&db, showings).await;
    let owned = (0..CUSTOMERS * DEVICES).map(|number| device::Model {
        id: id(10_000 + number),
        ..devices(number % CUSTOMERS + 1).next().expect("a customer has devices")
    });
    insert::<device::Entity>(&db, owned).await;
    // So many that looking for those merged into fifty of them is worth an index.
    let strangers =
        (0..10_000).map(|number| entities::customer::Model { id: id(100_000 + number), ..customer(1) });
    insert::<entities::customer::Entity>(&db, strangers).await;
    let segment = |number: u128| segment::Model {
        id: id(1_000 + number),
        key: format!("many_{number}"),
        created_at: days((number * 389 % 1_009) as i64),
        ..samples::segments()[0].clone()
    };
    insert::<segment::Entity>(&db, (0..SEGMENTS).map(segment)).await;
    let member = |number: u128| segment_member::Model {
        segment_id: id(number % 2 + 1),
        customer_id: id(100_000 + number),
        since: days((number * 389 % 1_009) as i64),
    };
    insert::<segment_member::Entity>(&db, (0..10_000).map(member)).await;
    let touchpoint = |number: u128| touchpoint::Model {
        id: id(number + 1_000),
        key: format!("many-{number}"),
        created_at: days((number * 389 % 1_009) as i64),
        ..touchpoints()[0].clone()
    };
    insert::<touchpoint::Entity>(&db, (0..TOUCHPOINTS).map(touchpoint)).await;
    let placement = |number: u128| placement::Model {
        id: id(number + 1_000),
        key: format!("many-{number}"),
        created_at: days((number * 389 % 1_009) as i64),
        ..samples::placements()[0].clone()
    };
    insert::<placement::Entity>(&db, (0..PLACEMENTS).map(placement)).await;
    let offer = |number: u128| offer::Model {
        id: id(number + 1_000),
        key: format!("many-{number}"),
        created_at: days((number * 389 % 1_009) as i64),
        code: None,
        ..live[number as usize % live.len()].clone()
    };
    insert::<offer::Entity>(&db, (0..OFFERS).map(offer)).await;
    analyze(&db).await;
    app
}

/// Explains every statement of an operation. The one that reads the list comes last.
async fn explained(db: &Db, client: &Client<'_>, operation: &str) -> (Value, Vec<Plan>) {
    let (data, texts) = recorded(client.good(operation, json!({}))).await;
    let mut plans = Vec::with_capacity(texts.len());
    for text in texts {
        plans.push(plan(db, text).await);
    }
    (data, plans)
}

/// A page from the start, one from the end, and one behind and one before a cursor.
async fn pages_of(db: &Db, client: &Client<'_>, list: &List<'_>) -> Vec<(String, Vec<Plan>)> {
    let (operation, pointer) = list.operation("first: 20");
    let (data, plans) = explained(db, client, &operation).await;
    let cursor = data.pointer(&format!("{pointer}/edges/0/cursor"));
    let cursor = cursor.unwrap_or_else(|| panic!("{operation} finds nothing: {data}"));
    let mut pages = vec![(operation, plans)];
    for page in
        ["last: 20".to_owned(), format!("first: 20, after: {cursor}"), format!("last: 20, before: {cursor}")]
    {
        let (operation, _) = list.operation(&page);
        let (_, plans) = explained(db, client, &operation).await;
        pages.push((operation, plans));
    }
    pages
}

#[tokio::test]
async fn every_page_is_read_from_an_index() {
    on_both(async |db| {
        let app = many(db.clone()).await;
        let schema = Schema::of(&app).await;
        let lists = List::all(&schema);
        for (owner, field, filter, ..) in FILTERS {
            let is_there = |list: &List<'_>| (list.owner, list.filter) == (owner, Some(filter));
            assert!(lists.iter().any(is_there), "{owner}.{field} is not in the schema");
        }
        let (mut explained, mut wrong) = (0, Vec::new());
        for list in &lists {
            for (operation, plans) in pages_of(&db, &Client::staff(&app), list).await {
                explained += plans.len();
                assert!(!plans.is_empty(), "{operation} sent nothing");
                let faults = plans.iter().filter(|plan| plan.fault().is_some());
                wrong.extend(faults.map(|plan| format!("{operation}\n{plan:#?}")));
                let index = list.index.filter(|index| !plans.iter().any(|plan| plan.reads(index)));
                wrong.extend(
                    index.map(|index| format!("{operation}\nreads another index than {index}:\n{plans:#?}")),
                );
            }
        }
        assert!(explained > 250, "only {explained} statements were explained");
        assert!(wrong.is_empty(), "{} of {explained}:\n{}", wrong.len(), wrong.join("\n\n"));
    })
    .await;
}

#[tokio::test]
async fn what_a_viewer_may_see_is_read_from_an_index_too() {
    on_both(async |db| {
        let app = many(db.clone()).await;
        let customer = Viewer::Customer(customer_id(7));
        let staff = Viewer::staff(Scopes::default());
        let mut wrong = Vec::new();
        for (viewer, list, index) in [
            (customer, "behaviors", "ix_behaviors_customer_id_occurred_at_id"),
            (customer, "purchases", "ix_purchases_customer_id_placed_at_id"),
            (Viewer::Anonymous, "offers", "ix_offers_status_created_at_id"),
            (staff, "offers", "ix_offers_status_created_at_id"),
        ] {
            for page in ["first: 20", "last: 20"] {
                let operation = format!("{{ {list}({page}) {{ nodes {{ id }} }} }}");
                let client = Client::of(&app, viewer);
                let (_, texts) = recorded(client.good(&operation, json!({}))).await;
                let [text] = texts.try_into().expect("one statement");
                let plan = plan(&db, text).await;
                if plan.fault().is_some() || !plan.reads(index) {
                    wrong.push(format!("{viewer:?}: {operation}\n{plan:#?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    })
    .await;
}

/// Figures are counted, not sorted; what they count is found by offer and time.
#[tokio::test]
async fn figures_of_offers_are_read_from_an_index() {
    on_both(async |db| {
        let app = world(db.clone(), CUSTOMERS).await;
        let told = (0..20_000_u128).map(|number| offer_response::Model {
            behavior_id: id(1_000_000 + number),
            offer_id: id(1_000 + number % OFFERS),
            received_at: days((number * 389 % 1_009) as i64),
            decision_id: None,
            ..responses(number % CUSTOMERS + 1)[0].clone()
        });
        insert::<offer_response::Entity>(&db, told).await;
        analyze(&db).await;
        for range in ["", "(since: \"2026-01-01T12:00:00Z\", until: \"2026-02-01T12:00:00Z\")"] {
            let operation = format!("{{ offers(first: 20) {{ nodes {{ responses{range} {{ shown }} }} }} }}");
            let (_, plans) = explained(&db, &Client::staff(&app), &operation).await;
            let figures = plans.last().expect("a statement");
            assert!(figures.reads("ix_offer_responses_offer_id_received_at"), "{figures:#?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_list_without_its_index_is_noticed() {
    on_both(async |db| {
        let app = many(db.clone()).await;
        let drop = "DROP INDEX ix_purchases_placed_at_id";
        sea_orm::ConnectionTrait::execute_unprepared(db.connection(), drop).await.expect("it is dropped");
        let operation = "{ purchases(first: 20) { nodes { id } } }";
        let (_, plans) = explained(&db, &Client::staff(&app), operation).await;
        let [Plan { text, .. }] = plans.as_slice() else { panic!("a list is one statement: {plans:#?}") };
        assert!(text.contains("FROM \"purchases\"") && plans[0].fault().is_some(), "{plans:#?}");
    })
    .await;
}
