//! The rules for roots and types, checked on real data: everything that can be selected is selected by every
//! way there is.

use std::collections::BTreeSet;

use Rule::{Catalogue, Everybodys, Nothing, Own};

use super::{CUSTOMERS, OWN, Seen, VIEWERS, answers, calls, seen};
use crate::api::introspection::Schema;
use crate::api::world::{is_merged, survivor, world};
use crate::harness::databases::on_both;

/// What a viewer sees.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    Nothing,
    /// What is nobody's: products, live offers.
    Catalogue,
    /// The viewer's own, and besides it at most what is nobody's.
    Own,
    /// Of every customer.
    Everybodys,
}

impl Rule {
    fn holds(self, owners: &BTreeSet<Option<u128>>) -> bool {
        let customers: Vec<u128> = owners.iter().copied().flatten().collect();
        match self {
            Nothing => owners.is_empty(),
            Catalogue => !owners.is_empty() && customers.is_empty(),
            Own => customers == [OWN],
            Everybodys => {
                customers == (1..=CUSTOMERS).filter(|number| !is_merged(*number)).collect::<Vec<_>>()
            }
        }
    }
}

/// What a root or type shows to: anonymous, customer, touchpoint, staff without scopes, staff.
type Rules = [Rule; 5];

/// Which of the rules are a viewer's: a customer that was merged sees what its survivor sees.
fn column(viewer: &str) -> usize {
    match viewer {
        "anonymous" => 0,
        "customer" | "merged customer" => 1,
        "touchpoint" => 2,
        "staff without scopes" => 3,
        "staff" => 4,
        other => panic!("{other} has no rules"),
    }
}

/// For each root, what its own type shows.
const ROOTS: &[(&str, &str, Rules)] = &[
    ("attributeDefinitions", "AttributeDefinition", [Nothing, Catalogue, Catalogue, Catalogue, Catalogue]),
    ("behaviorDefinitions", "BehaviorDefinition", [Nothing, Catalogue, Catalogue, Catalogue, Catalogue]),
    ("behaviors", "Behavior", [Nothing, Own, Nothing, Nothing, Everybodys]),
    ("customer", "Customer", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("customers", "Customer", [Nothing, Own, Nothing, Nothing, Everybodys]),
    ("me", "Customer", [Nothing, Own, Nothing, Nothing, Nothing]),
    ("node", "Customer", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("nodes", "Customer", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("offer", "Offer", [Catalogue, Catalogue, Catalogue, Catalogue, Catalogue]),
    ("offers", "Offer", [Catalogue, Catalogue, Catalogue, Catalogue, Catalogue]),
    ("placements", "Placement", [Catalogue, Catalogue, Catalogue, Catalogue, Catalogue]),
    ("product", "Product", [Catalogue, Catalogue, Catalogue, Catalogue, Catalogue]),
    ("products", "Product", [Catalogue, Catalogue, Catalogue, Catalogue, Catalogue]),
    ("purchase", "Purchase", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("purchases", "Purchase", [Nothing, Own, Nothing, Nothing, Everybodys]),
    ("quarantinedBehaviors", "QuarantinedBehavior", [Nothing, Nothing, Nothing, Nothing, Catalogue]),
    ("segment", "Segment", [Nothing, Catalogue, Catalogue, Catalogue, Catalogue]),
    ("segments", "Segment", [Nothing, Catalogue, Catalogue, Catalogue, Catalogue]),
    ("touchpoint", "Touchpoint", [Nothing, Nothing, Catalogue, Nothing, Nothing]),
    ("touchpoints", "Touchpoint", [Catalogue, Catalogue, Catalogue, Catalogue, Catalogue]),
];

/// For each type, what of it can be seen by any way at all, in the same order.
const TYPES: &[(&str, Rules)] = &[
    ("AmountOff", [Catalogue; 5]),
    ("Attribute", [Nothing, Own, Nothing, Nothing, Everybodys]),
    ("AttributeDefinition", [Nothing, Catalogue, Catalogue, Catalogue, Catalogue]),
    ("AttributeDefinitionConnection", [Catalogue; 5]),
    ("AttributeDefinitionEdge", [Nothing, Catalogue, Catalogue, Catalogue, Catalogue]),
    ("Behavior", [Nothing, Own, Nothing, Nothing, Everybodys]),
    ("BehaviorConnection", [Catalogue, Own, Catalogue, Catalogue, Everybodys]),
    ("BehaviorDefinition", [Nothing, Catalogue, Catalogue, Catalogue, Catalogue]),
    ("BehaviorDefinitionConnection", [Catalogue; 5]),
    ("BehaviorDefinitionEdge", [Nothing, Catalogue, Catalogue, Catalogue, Catalogue]),
    ("BehaviorEdge", [Nothing, Own, Nothing, Nothing, Everybodys]),
    ("Cart", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("CartLine", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("CartWarning", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("ChannelValue", [Nothing, Own, Nothing, Nothing, Everybodys]),
    ("Consent", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("Customer", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("CustomerConnection", [Catalogue; 5]),
    ("CustomerEdge", [Nothing, Catalogue, Nothing, Nothing, Catalogue]),
    ("CustomerIdentity", [Nothing, Own, Nothing, Nothing, Everybodys]),
    ("DecidedOffer", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("Decision", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("Device", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("DeviceConnection", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("DeviceEdge", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("Discount", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("Entitlement", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("EntitlementConnection", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("EntitlementEdge", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("Experience", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("Experiment", [Nothing, Nothing, Nothing, Nothing, Catalogue]),
    ("FreeProduct", [Catalogue; 5]),
    ("Money", [Catalogue, Own, Everybodys, Everybodys, Everybodys]),
    ("Offer", [Catalogue; 5]),
    ("OfferConnection", [Catalogue; 5]),
    ("OfferEdge", [Catalogue; 5]),
    ("OfferLimits", [Nothing, Nothing, Nothing, Nothing, Catalogue]),
    ("OfferResponses", [Nothing, Nothing, Nothing, Nothing, Catalogue]),
    ("OfferVerdict", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("PageInfo", [Catalogue, Own, Everybodys, Everybodys, Everybodys]),
    ("PercentageOff", [Catalogue; 5]),
    ("Placement", [Catalogue; 5]),
    ("PlacementConnection", [Catalogue; 5]),
    ("PlacementEdge", [Catalogue; 5]),
    ("Product", [Catalogue; 5]),
    ("ProductConnection", [Catalogue; 5]),
    ("ProductEdge", [Catalogue; 5]),
    ("Purchase", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("PurchaseConnection", [Catalogue, Own, Everybodys, Everybodys, Everybodys]),
    ("PurchaseEdge", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("PurchaseLine", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("QuarantinedBehavior", [Nothing, Nothing, Nothing, Nothing, Catalogue]),
    ("QuarantinedBehaviorConnection", [Catalogue; 5]),
    ("QuarantinedBehaviorEdge", [Nothing, Nothing, Nothing, Nothing, Catalogue]),
    ("Reason", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("Redemption", [Nothing, Own, Everybodys, Everybodys, Everybodys]),
    ("Schedule", [Catalogue; 5]),
    ("Segment", [Nothing, Catalogue, Catalogue, Catalogue, Catalogue]),
    ("SegmentConnection", [Catalogue; 5]),
    ("SegmentEdge", [Nothing, Catalogue, Catalogue, Catalogue, Catalogue]),
    ("SegmentMember", [Nothing, Nothing, Nothing, Nothing, Catalogue]),
    ("SegmentMemberConnection", [Nothing, Nothing, Nothing, Nothing, Catalogue]),
    ("SegmentMemberEdge", [Nothing, Nothing, Nothing, Nothing, Catalogue]),
    ("Stock", [Catalogue; 5]),
    ("Touchpoint", [Catalogue; 5]),
    ("TouchpointConnection", [Catalogue; 5]),
    ("TouchpointEdge", [Catalogue; 5]),
    ("Variant", [Nothing, Nothing, Nothing, Nothing, Catalogue]),
    ("VariantResponses", [Nothing, Nothing, Nothing, Nothing, Catalogue]),
];

fn names_of(schema: &Schema) -> (Vec<String>, Vec<String>) {
    let roots = schema.fields("Query").iter().map(|field| field.name.clone()).collect();
    // What mutations answer and subscriptions tell is not read by a query; their own tests say who may.
    let answered = [
        "BehaviorReplayResult",
        "BehaviorResult",
        "CartLineChange",
        "Mutation",
        "SegmentPreview",
        "Subscription",
        "UserError",
    ];
    let is_answered =
        |ty: &str| ty.ends_with("Payload") || ty.starts_with("Simulat") || answered.contains(&ty);
    let is_read = |ty: &&str| !is_answered(ty);
    (roots, schema.objects().filter(is_read).map(str::to_owned).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_root_and_every_type_has_a_rule() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        let schema = Schema::of(&app).await;
        let (mut roots, mut types) = names_of(&schema);
        for root in &roots {
            assert!(calls(&schema, root).is_some(), "`{root}` has no calls in `calls`: add them");
        }
        roots.sort();
        types.sort();
        assert_eq!(roots, ROOTS.iter().map(|(root, ..)| *root).collect::<Vec<_>>(), "the rules in ROOTS");
        assert_eq!(types, TYPES.iter().map(|(ty, _)| *ty).collect::<Vec<_>>(), "the rules in TYPES");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roots_and_types_show_what_the_rules_say() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        let schema = Schema::of(&app).await;
        let (nobody, mut broken) = (BTreeSet::new(), Vec::new());
        for viewer in VIEWERS {
            let column = column(viewer);
            let mut all = Seen::new();
            for (root, ty, rules) in ROOTS {
                let of_root = seen(&app, &schema, viewer, root).await;
                let owners = of_root.get(*ty).unwrap_or(&nobody);
                if !rules[column].holds(owners) {
                    broken.push(format!("{viewer} by `{root}` {:?} {ty}: {owners:?}", rules[column]));
                }
                for (ty, owners) in of_root {
                    all.entry(ty).or_default().extend(owners);
                }
            }
            for (ty, rules) in TYPES {
                let owners = all.get(*ty).unwrap_or(&nobody);
                if !rules[column].holds(owners) {
                    broken.push(format!("{viewer} {:?} {ty}: {owners:?}", rules[column]));
                }
            }
        }
        assert!(broken.is_empty(), "{}", broken.join("\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_text_of_anothers_and_no_hidden_offer_is_in_any_answer() {
    on_both(async |db| {
        let app = world(db, CUSTOMERS).await;
        let schema = Schema::of(&app).await;
        for viewer in VIEWERS {
            let mut text = String::new();
            for (root, ..) in ROOTS {
                for answer in answers(&app, &schema, viewer, root).await {
                    text += &answer.to_string();
                }
            }
            let has = |word: &str| text.contains(word);
            let is_staff = viewer == "staff";
            assert_eq!(has("hidden-"), is_staff, "{viewer} and offers that are not live");
            assert_eq!(has("\"eligibility\":\"true\""), is_staff, "{viewer} and rules");
            let is_own = viewer.ends_with("customer");
            assert_eq!(has("c1-Ada"), is_staff || is_own, "{viewer} and personal fields");
            for other in 2..=CUSTOMERS {
                let sees_others = !is_own && viewer != "anonymous";
                let sees = sees_others || is_own && survivor(other) == OWN;
                assert_eq!(has(&format!("c{other}-")), sees, "{viewer} and customer {other}");
                // A merged customer's own fields are in the list of merged customers only.
                let sees_name = is_staff || sees && is_own;
                assert_eq!(has(&format!("c{other}-Ada")), sees_name, "{viewer} and customer {other}'s name");
            }
        }
    })
    .await;
}
