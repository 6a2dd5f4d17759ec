//! Fields that need a scope: null and FORBIDDEN without it, at the field's own path, and the rest of the
//! object still there.

use encircle::kernel::viewer::Scope::{self, Behaviors, Lists, Offers, Personal};
use encircle::kernel::viewer::Viewer;
use entities::ids::OfferId;
use serde_json::{Value, json};

use super::{CUSTOMERS, OWN, client};
use crate::api::introspection::{Field, Schema};
use crate::api::world::{customer_id, kiosk, world};
use crate::entities::samples::id;
use crate::harness::client::Client;
use crate::harness::databases::on_both;

/// Every field that needs a scope. Another that answers FORBIDDEN, and one of these that does not, fail.
const SCOPED: &[(&str, &str, Scope)] = &[
    ("Customer", "attributes", Behaviors),
    ("Customer", "behaviors", Behaviors),
    ("Customer", "birthDate", Personal),
    ("Customer", "email", Personal),
    ("Customer", "firstName", Personal),
    ("Customer", "identities", Personal),
    ("Customer", "lastName", Personal),
    ("Customer", "phone", Personal),
    ("Customer", "traits", Personal),
    ("Customer", "segments", Behaviors),
    ("Offer", "code", Offers),
    ("Offer", "consent", Offers),
    ("Offer", "eligibility", Offers),
    ("Offer", "experiment", Offers),
    ("Offer", "limits", Offers),
    ("Offer", "priority", Offers),
    ("Offer", "rank", Offers),
    ("Offer", "responses", Offers),
    ("Offer", "version", Offers),
    ("Segment", "failure", Lists),
    ("Segment", "judgedAt", Lists),
    ("Segment", "members", Lists),
    ("Segment", "rule", Lists),
    ("Segment", "size", Lists),
];

/// A node of a type that every viewer but the anonymous one may see.
fn example(ty: &str) -> Option<String> {
    Some(match ty {
        "AttributeDefinition" => id::<entities::ids::AttributeDefinitionId>(1).to_string(),
        "BehaviorDefinition" => id::<entities::ids::BehaviorDefinitionId>(1).to_string(),
        "Cart" => id::<entities::ids::CartId>(OWN * 10).to_string(),
        "Customer" => customer_id(OWN).to_string(),
        "Decision" => id::<entities::ids::DecisionId>(OWN * 10).to_string(),
        "Device" => id::<entities::ids::DeviceId>(OWN * 10).to_string(),
        "Entitlement" => id::<entities::ids::EntitlementId>(OWN * 10).to_string(),
        "Offer" => id::<OfferId>(3).to_string(),
        "Placement" => id::<entities::ids::PlacementId>(1).to_string(),
        "Product" => id::<entities::ids::ProductId>(1).to_string(),
        "Purchase" => id::<entities::ids::PurchaseId>(OWN * 10).to_string(),
        "Redemption" => id::<entities::ids::RedemptionId>(OWN * 10).to_string(),
        "Segment" => id::<entities::ids::SegmentId>(1).to_string(),
        "Touchpoint" => kiosk().to_string(),
        // Only those who hold the scope for behaviors see one at all.
        "Behavior" | "QuarantinedBehavior" => return None,
        other => panic!("{other} is a node without an example: add one"),
    })
}

fn viewers() -> Vec<Viewer> {
    let staff = |scopes: &[Scope]| Viewer::staff(scopes.iter().copied().collect());
    let mut viewers = vec![Viewer::Customer(customer_id(OWN)), Viewer::Touchpoint(kiosk()), staff(&[])];
    viewers.extend(Scope::ALL.map(|scope| staff(&[scope])));
    viewers.push(staff(&Scope::ALL));
    viewers
}

/// A query for a node's id and one field of it.
fn query(schema: &Schema, ty: &str, field: &Field) -> String {
    let has_id = schema.fields(field.ty.named()).iter().any(|field| field.name == "id");
    let below = match has_id {
        // Its other fields may need scopes of their own.
        true => "{ id }".to_owned(),
        false if schema.is_leaf(field) => String::new(),
        false => schema.leaves(field.ty.named()),
    };
    let node = example(ty).expect("an example");
    format!("{{ node(id: \"{node}\") {{ id ... on {ty} {{ {} {below} }} }} }}", field.call())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_is_forbidden_exactly_to_those_without_its_scope() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        let schema = Schema::of(&app).await;
        let mut checked = 0;
        for viewer in viewers() {
            for ty in schema.nodes().into_iter().filter(|ty| example(ty).is_some()) {
                for field in schema.fields(ty) {
                    let scoped =
                        SCOPED.iter().find(|(owner, name, _)| (*owner, *name) == (ty, field.name.as_str()));
                    let answer = Client::of(&app, viewer).answer(&query(&schema, ty, field), json!({})).await;
                    let place = format!("{viewer:?} and {ty}.{}: {answer}", field.name);
                    assert_eq!(answer["data"]["node"]["id"], json!(example(ty)), "{place}");
                    match scoped {
                        Some((_, _, scope)) if !viewer.holds(*scope) => {
                            assert_forbidden(&answer, &field.name, *scope, &place);
                        }
                        _ => assert_eq!(answer.get("errors"), None, "{place}"),
                    }
                    checked += 1;
                }
            }
        }
        assert!(checked > 400, "only {checked} fields were asked for");
    })
    .await;
}

fn assert_forbidden(answer: &Value, field: &str, scope: Scope, place: &str) {
    let [error] = answer["errors"].as_array().expect(place).as_slice() else { panic!("{place}") };
    assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{place}");
    assert_eq!(error["path"], json!(["node", field]), "{place}");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains(scope.name()), "{place}: the message names the scope");
    assert_eq!(answer["data"]["node"].get(field), Some(&Value::Null), "{place}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_of_an_object_stands_beside_a_forbidden_field() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        let query = format!(
            "{{ a: customer(by: {{ id: \"{}\" }}) {{ id locale name: firstName mail: email purchases {{ nodes {{ number }} }} }} }}",
            customer_id(3)
        );
        for viewer in ["touchpoint", "staff without scopes"] {
            let answer = client(&app, viewer).answer(&query, json!({})).await;
            let numbers = ["c3-n2", "c3-n1", "c3-n0"].map(|number| json!({ "number": number }));
            let expected = json!({ "a": {
                "id": customer_id(3).to_string(), "locale": "de-AT", "name": null, "mail": null,
                "purchases": { "nodes": numbers },
            } });
            assert_eq!(answer["data"], expected, "{viewer}");
            let errors = answer["errors"].as_array().expect("errors");
            let mut paths: Vec<String> = errors.iter().map(|error| error["path"].to_string()).collect();
            paths.sort();
            assert_eq!(paths, [r#"["a","mail"]"#, r#"["a","name"]"#], "{viewer}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_link_is_not_read() {
    on_both(async |db| {
        let app = world(db.clone(), CUSTOMERS).await;
        let query = format!(
            "{{ customer(by: {{ id: \"{}\" }}) {{ identities {{ value }} behaviors {{ nodes {{ name }} }} }} }}",
            customer_id(2)
        );
        let before = db.statements();
        client(&app, "touchpoint").fails_with(&query, json!({}), "FORBIDDEN").await;
        assert_eq!(db.statements() - before, 1, "the customer alone");
    })
    .await;
}
