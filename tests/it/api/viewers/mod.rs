//! The authorisation matrix: who sees what of whom. Every root field, every type and every field of the
//! schema needs a rule here; one without fails by name.

mod fields;
mod paths;
mod rules;
mod strangers;

use std::collections::{BTreeMap, BTreeSet};

use encircle::app::App;
use entities::ids::{CustomerId, Id};
use serde_json::{Value, json};

use super::introspection::Schema;
use super::world::{self, customer_id, kiosk};
use super::world_catalogue::{offers, products};
use crate::entities::samples;
use crate::harness::client::Client;

/// The customer who asks, and how many there are: the fifth was merged into the first, the sixth into the
/// second.
const OWN: u128 = 1;
const CUSTOMERS: u128 = 6;
/// Who turned out to be the customer who asks, and who turned out to be another.
const OWN_MERGED: u128 = 5;
const ANOTHERS_MERGED: u128 = 6;

/// Who asks, in the order of the columns of the tables.
const VIEWERS: [&str; 6] =
    ["anonymous", "customer", "merged customer", "touchpoint", "staff without scopes", "staff"];

fn client<'a>(app: &'a App, viewer: &str) -> Client<'a> {
    match viewer {
        "anonymous" => Client::anonymous(app),
        "customer" => Client::customer(app, customer_id(OWN)),
        // Where the token is shown, it is followed to the survivor.
        "merged customer" => Client::customer(app, customer_id(world::survivor(OWN_MERGED))),
        "touchpoint" => Client::touchpoint(app, kiosk()),
        "staff without scopes" => Client::staff_without_scopes(app),
        "staff" => Client::staff(app),
        other => panic!("{other} is no viewer"),
    }
}

/// The ids of all nodes, each with the customer whose it is, as which all merged with it count; none for
/// what is nobody's.
fn owners() -> BTreeMap<String, Option<u128>> {
    fn of<I: Id + ToString>(
        owner: Option<u128>,
        ids: impl IntoIterator<Item = I>,
    ) -> Vec<(String, Option<u128>)> {
        ids.into_iter().map(|id| (id.to_string(), owner)).collect()
    }
    let mut owners = BTreeMap::new();
    owners.extend(of(None, products().into_iter().map(|row| row.id)));
    owners.extend(of(None, offers().into_iter().map(|row| row.id)));
    owners.extend(of(None, world::touchpoints().map(|row| row.id)));
    owners.extend(of(None, world::attribute_definitions().map(|row| row.id)));
    owners.extend(of(None, samples::placements().map(|row| row.id)));
    owners.extend(of(None, samples::segments().map(|row| row.id)));
    owners.extend(of(None, samples::behavior_definitions().map(|row| row.id)));
    owners.extend(of(None, samples::quarantined_behaviors().map(|row| row.id)));
    for number in 1..=CUSTOMERS {
        let owner = Some(world::survivor(number));
        owners.extend(of::<CustomerId>(owner, [customer_id(number)]));
        owners.extend(of(owner, world::devices(number).map(|row| row.id)));
        owners.extend(of(owner, world::behaviors(number).map(|row| row.id)));
        owners.extend(of(owner, world::purchases(number).map(|row| row.id)));
        owners.extend(of(owner, world::redemptions(number).map(|row| row.id)));
        owners.extend(of(owner, world::lines(number).map(|row| row.id)));
        owners.extend(of(owner, [world::decision(number).id]));
        owners.extend(of(owner, [world::cart(number).id]));
        owners.extend(of(owner, world::cart_lines(number).map(|row| row.id)));
        owners.extend(of(owner, world::entitlements(number).map(|row| row.id)));
    }
    owners
}

/// All ways to ask a root for something, with everything that can be selected under it. `None`: there is
/// no rule for this root.
fn calls(schema: &Schema, root: &str) -> Option<Vec<String>> {
    let everything = |ty: &str| schema.everything(ty);
    let by_id = |prefix: &str, ty: &str| -> Vec<String> {
        let ids = owners().into_keys().filter(|id| id.starts_with(prefix)).collect::<Vec<_>>();
        ids.iter().map(|id| format!("{root}(by: {{ id: \"{id}\" }}) {}", everything(ty))).collect()
    };
    let list = |ty: &str| vec![format!("{root}(first: 100) {}", everything(ty))];
    Some(match root {
        "me" => vec![format!("me {}", everything("Customer"))],
        "touchpoint" => vec![format!("touchpoint {}", everything("Touchpoint"))],
        "customers" => {
            let merged =
                format!("customers(filter: {{ merged: true }}) {}", everything("CustomerConnection"));
            list("CustomerConnection").into_iter().chain([merged]).collect()
        }
        "attributeDefinitions" => list("AttributeDefinitionConnection"),
        "behaviorDefinitions" => list("BehaviorDefinitionConnection"),
        "quarantinedBehaviors" => list("QuarantinedBehaviorConnection"),
        "segment" => by_id("seg_", "Segment"),
        "segments" => list("SegmentConnection"),
        "behaviors" => list("BehaviorConnection"),
        "purchases" => list("PurchaseConnection"),
        "products" => list("ProductConnection"),
        "offers" => list("OfferConnection"),
        "placements" => list("PlacementConnection"),
        "touchpoints" => list("TouchpointConnection"),
        "customer" => {
            let identities = (1..=CUSTOMERS).flat_map(world::identities).map(|row| {
                let kind = entities::values::TextEnum::text(row.kind);
                let identity = format!("{{ type: {kind}, value: \"{}\" }}", row.value);
                format!("customer(by: {{ identity: {identity} }}) {}", everything("Customer"))
            });
            by_id("cus_", "Customer").into_iter().chain(identities).collect()
        }
        "purchase" => {
            let numbers = (1..=CUSTOMERS).flat_map(world::purchases).map(|row| {
                format!("purchase(by: {{ number: \"{}\" }}) {}", row.number, everything("Purchase"))
            });
            by_id("pur_", "Purchase").into_iter().chain(numbers).collect()
        }
        "offer" => {
            let keys = offers().into_iter();
            let keys =
                keys.map(|row| format!("offer(by: {{ key: \"{}\" }}) {}", row.key, everything("Offer")));
            by_id("off_", "Offer").into_iter().chain(keys).collect()
        }
        "product" => {
            let skus = products().into_iter();
            let skus =
                skus.map(|row| format!("product(by: {{ sku: \"{}\" }}) {}", row.sku, everything("Product")));
            by_id("prd_", "Product").into_iter().chain(skus).collect()
        }
        "node" | "nodes" => {
            let types = schema.nodes();
            let of = |id: &String| {
                let member = types.iter().find(|ty| ty.to_lowercase().starts_with(&prefix_of(id)))?;
                let argument =
                    if root == "node" { format!("id: \"{id}\"") } else { format!("ids: [\"{id}\"]") };
                let selection = everything(member);
                Some(format!("{root}({argument}) {{ ... on {member} {selection} }}"))
            };
            owners().keys().filter_map(of).collect()
        }
        _ => return None,
    })
}

/// How the name of the type begins whose ids look like this.
fn prefix_of(id: &str) -> String {
    match &id[..3] {
        "crt" => "cart".to_owned(),
        "plc" => "placement".to_owned(),
        "prd" => "product".to_owned(),
        letters => letters.to_owned(),
    }
}

/// Every answer that a viewer can get out of one root, errors left out.
async fn answers(app: &App, schema: &Schema, viewer: &str, root: &str) -> Vec<Value> {
    let calls = calls(schema, root).unwrap_or_else(|| panic!("`{root}` is a root without a rule: add it"));
    assert!(!calls.is_empty(), "{root}");
    let mut answers = Vec::new();
    for call in calls {
        let answer = client(app, viewer).answer(&format!("{{ {call} }}"), json!({})).await;
        assert!(answer.get("data").is_some(), "{viewer}: {answer}");
        answers.push(answer["data"].clone());
    }
    answers
}

/// What was seen: the names of types, each with the customers of whom it was seen (none: nobody's).
type Seen = BTreeMap<String, BTreeSet<Option<u128>>>;

/// Notes every object of an answer. What has no id of its own is whose the object around it is.
fn note(value: &Value, owner: Option<u128>, owners: &BTreeMap<String, Option<u128>>, seen: &mut Seen) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| note(item, owner, owners, seen)),
        Value::Object(fields) => {
            let owner = match fields.get("id").and_then(Value::as_str) {
                // Just made, for the customer around it.
                Some(id) if id.starts_with("dec_") && !owners.contains_key(id) => owner,
                Some(id) => *owners.get(id).unwrap_or_else(|| panic!("{id} is not of this world")),
                None => owner,
            };
            if let Some(ty) = fields.get("__typename").and_then(Value::as_str) {
                seen.entry(ty.to_owned()).or_default().insert(owner);
            }
            fields.values().for_each(|field| note(field, owner, owners, seen));
        }
        _ => {}
    }
}

async fn seen(app: &App, schema: &Schema, viewer: &str, root: &str) -> Seen {
    let (owners, mut seen) = (owners(), Seen::new());
    for answer in answers(app, schema, viewer, root).await {
        note(&answer, None, &owners, &mut seen);
    }
    seen
}
