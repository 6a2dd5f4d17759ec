//! A field reads the columns it needs by itself: asked for alone it gives what it gives among all the
//! others, and not what a column gives that nobody read. A field table that forgot one would.

use std::collections::BTreeSet;

use encircle::app::App;
use entities::timestamp::Timestamp;
use entities::values::{
    Channel, CodeKind, ConsentPurpose, ConsentStatus, IdentityKind, OfferStatus, ProductKind, PurchaseStatus,
    RedemptionStatus, TextEnum,
};
use serde_json::{Value, json};

use super::introspection::{Field, Schema};
use super::world::{self, world};
use super::world_catalogue::{offers, products};
use crate::entities::samples;
use crate::harness::client::Client;
use crate::harness::databases::on_both;

/// Sparse and full rows of every type; the fifth customer was merged into the first.
const CUSTOMERS: u128 = 5;

/// The ids of all nodes of a type; a type that is missing here fails by name.
fn ids(ty: &str) -> Vec<String> {
    fn texts<I: ToString>(ids: impl Iterator<Item = I>) -> Vec<String> {
        ids.map(|id| id.to_string()).collect()
    }
    let customers = || 1..=CUSTOMERS;
    match ty {
        "AttributeDefinition" => texts(world::attribute_definitions().iter().map(|row| row.id)),
        "BehaviorDefinition" => texts(samples::behavior_definitions().iter().map(|row| row.id)),
        "QuarantinedBehavior" => texts(samples::quarantined_behaviors().iter().map(|row| row.id)),
        "Behavior" => texts(customers().flat_map(world::behaviors).map(|row| row.id)),
        "Cart" => texts(customers().map(world::cart).map(|row| row.id)),
        "Customer" => texts(customers().map(world::customer_id)),
        "Decision" => texts(customers().map(world::decision).map(|row| row.id)),
        "Device" => texts(customers().flat_map(world::devices).map(|row| row.id)),
        "Entitlement" => texts(customers().flat_map(world::entitlements).map(|row| row.id)),
        "Offer" => texts(offers().into_iter().map(|row| row.id)),
        "Placement" => texts(samples::placements().iter().map(|row| row.id)),
        "Product" => texts(products().into_iter().map(|row| row.id)),
        "Purchase" => texts(customers().flat_map(world::purchases).map(|row| row.id)),
        "Redemption" => texts(customers().flat_map(world::redemptions).map(|row| row.id)),
        "Segment" => texts(samples::segments().iter().map(|row| row.id)),
        "Touchpoint" => texts(world::touchpoints().into_iter().map(|row| row.id)),
        other => panic!("{other} is a node that this test has no ids of: add them"),
    }
}

/// Asks staff for a selection of all nodes of a type.
async fn ask(app: &App, ty: &str, selection: &str) -> Vec<Value> {
    let query = format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {ty} {{ {selection} }} }} }}");
    let data = Client::staff(app).good(&query, json!({ "ids": ids(ty) })).await;
    let mut found = data["nodes"].as_array().expect("a list").clone();
    if ty == "Customer" {
        // A merged customer is found by its id as the one it turned out to be.
        let query = format!("{{ customers(filter: {{ merged: true }}) {{ nodes {{ {selection} }} }} }}");
        let data = Client::staff(app).good(&query, json!({})).await;
        found.extend(data["customers"]["nodes"].as_array().expect("a list").iter().cloned());
    }
    found
}

fn selection(schema: &Schema, field: &Field) -> String {
    if schema.is_leaf(field) {
        return field.name.clone();
    }
    format!("{} {}", field.call(), schema.leaves(field.ty.named()))
}

/// Checks each field of a type, and gives how many were checked.
async fn each_field_alone(app: &App, schema: &Schema, ty: &str) -> usize {
    let fields: Vec<&Field> = schema.fields(ty).iter().filter(|field| field.needs_no_arguments()).collect();
    let all: Vec<String> = fields.iter().map(|field| selection(schema, field)).collect();
    let together = ask(app, ty, &all.join(" ")).await;
    assert!(!together.is_empty() && together.iter().all(Value::is_object), "{ty}: {together:?}");
    for (field, selection) in fields.iter().zip(&all) {
        let alone = ask(app, ty, selection).await;
        for (alone, together) in alone.iter().zip(&together) {
            assert_eq!(alone[&field.name], together[&field.name], "{ty}.{} alone and among all", field.name);
        }
    }
    fields.len()
}

/// The same one level down: each leaf of what a field gives, alone.
async fn each_leaf_below_alone(app: &App, schema: &Schema, ty: &str, field: &Field) -> usize {
    let mut checked = 0;
    let together = ask(app, ty, &selection(schema, field)).await;
    for member in schema.possible(field.ty.named()) {
        for leaf in schema.fields(member).iter().filter(|leaf| schema.is_leaf(leaf)) {
            let (call, field, leaf) = (field.call(), &field.name, &leaf.name);
            let alone = ask(app, ty, &format!("{call} {{ ... on {member} {{ {leaf} }} }}")).await;
            for (alone, together) in alone.iter().zip(&together) {
                assert_same_leaf(&alone[field], &together[field], member, leaf);
            }
            checked += 1;
        }
    }
    checked
}

fn assert_same_leaf(alone: &Value, together: &Value, member: &str, leaf: &str) {
    match (alone, together) {
        (Value::Array(alone), Value::Array(together)) => {
            assert_eq!(alone.len(), together.len(), "{member}.{leaf}");
            for (alone, together) in alone.iter().zip(together) {
                assert_same_leaf(alone, together, member, leaf);
            }
        }
        (Value::Object(_), Value::Object(_)) if together["__typename"] == member => {
            assert_eq!(alone[leaf], together[leaf], "{member}.{leaf} alone and among all");
        }
        (Value::Object(_), Value::Object(_)) => {}
        _ => assert_eq!(alone, together, "{member} by its leaf {leaf} alone"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_alone_gives_what_it_gives_among_all_others() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        let schema = Schema::of(&app).await;
        let mut checked = 0;
        for ty in schema.nodes() {
            checked += each_field_alone(&app, &schema, ty).await;
            for field in schema.fields(ty).iter().filter(|field| !schema.is_leaf(field)) {
                checked += each_leaf_below_alone(&app, &schema, ty, field).await;
            }
        }
        assert!(checked > 100, "introspection shows only {checked} fields");
    })
    .await;
}

/// What the leaves of an unread row are: null, empty, zero, the beginning of time, the first of an enum.
fn unread() -> Vec<Value> {
    let mut values = vec![
        json!(null),
        json!(""),
        json!(0),
        json!(false),
        json!([]),
        json!({}),
        json!("0.00"),
        json!("XXX"),
        json!(Timestamp::default().to_string()),
    ];
    let firsts = [
        Channel::default().text(),
        CodeKind::default().text(),
        ConsentPurpose::default().text(),
        ConsentStatus::default().text(),
        IdentityKind::default().text(),
        OfferStatus::default().text(),
        ProductKind::default().text(),
        PurchaseStatus::default().text(),
        RedemptionStatus::default().text(),
    ];
    values.extend(firsts.map(Value::from));
    values
}

/// Notes the leaves of an object, and of the objects in it, by type and name: what is not unread.
fn note_read(value: &Value, owner: &str, unread: &[Value], read: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| note_read(item, owner, unread, read)),
        Value::Object(fields) => {
            let owner = fields.get("__typename").and_then(Value::as_str).unwrap_or(owner);
            for (name, field) in fields {
                if !unread.contains(field) {
                    read.insert(format!("{owner}.{name}"));
                }
                note_read(field, owner, unread, read);
            }
        }
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_field_gives_what_an_unread_column_gives() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        let schema = Schema::of(&app).await;
        let (unread, mut read, mut expected) = (unread(), BTreeSet::new(), BTreeSet::new());
        for ty in schema.nodes() {
            for field in schema.fields(ty).iter().filter(|field| field.needs_no_arguments()) {
                expected.insert(format!("{ty}.{}", field.name));
                for member in schema.possible(field.ty.named()) {
                    let leaves = schema.fields(member).iter().filter(|leaf| schema.is_leaf(leaf));
                    expected.extend(leaves.map(|leaf| format!("{member}.{}", leaf.name)));
                }
                for node in ask(&app, ty, &selection(&schema, field)).await {
                    note_read(&node, ty, &unread, &mut read);
                }
            }
        }
        let missing: Vec<&String> = expected.difference(&read).collect();
        assert!(missing.is_empty(), "these forgot a column, or the world has nothing for them: {missing:?}");
    })
    .await;
}
