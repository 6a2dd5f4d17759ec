//! Behaviors that name their customer twice, by account and by browser: before they are recorded, the two are
//! made one person where they are not, as far as the sender is believed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use entities::values::ConsentPurpose;

use crate::domain::behaviors::record::BehaviorRecord;
use crate::domain::customers::caller::Trust;
use crate::domain::customers::identity::IdentityKey;
use crate::domain::customers::import::{CustomerRef, Profile};
use crate::domain::customers::people::People;
use crate::domain::customers::refusals;
use crate::domain::ingest::arrival::{Introduction, Sender};
use crate::domain::ingest::introductions::Introducer;
use crate::kernel::error::Result;

/// The records that name their customer by the same names, and who sent them.
struct Pair {
    sender: Arc<Sender>,
    records: Vec<usize>,
}

/// Joins the names of the records that are `claimed`, by their place. A record whose names cannot be joined is of
/// whom its first name means.
pub(super) async fn link(
    introducer: &Introducer<'_>,
    records: &mut [BehaviorRecord],
    claimed: Vec<(usize, Arc<Sender>)>,
) -> Result<()> {
    let pairs = pairs(records, claimed);
    if pairs.is_empty() {
        return Ok(());
    }
    let people = People::load(introducer.transaction, pairs.keys().flatten()).await?;
    let uses = uses(records);
    let (settled, open): (Vec<_>, Vec<_>) =
        pairs.into_iter().partition(|(keys, pair)| is_settled(&people, &uses, keys, pair.sender.trust));
    for (keys, pair) in settled.into_iter().filter(|(_, pair)| pair.sender.trust == Trust::Untrusted) {
        // What is firm is the claimant's, whatever else is said; and nobody gets a name by this.
        let firm = keys.iter().find(|key| people.person(key).is_some()).cloned();
        let customer = firm.map_or(CustomerRef::Unproven(keys), |key| CustomerRef::Identified(vec![key]));
        for place in pair.records {
            records[place].customer = customer.clone();
        }
    }
    let named = open.iter().flat_map(|(keys, _)| keys).filter_map(|key| people.person(key));
    let refusing =
        refusals::of(introducer.transaction, ConsentPurpose::Analytics, named, introducer.now).await?;
    for (keys, Pair { sender, records: places }) in open {
        let refuses = |key: &&IdentityKey| people.person(key).is_some_and(|id| refusing.contains(&id));
        let customer = match keys.iter().find(refuses) {
            // Nothing is learnt of who refuses to be watched; under this name the record is withheld.
            Some(key) => CustomerRef::Identified(vec![key.clone()]),
            None => {
                let first = keys[0].clone();
                let introduction = Introduction {
                    sender,
                    keys,
                    previous: None,
                    profile: Profile::default(),
                    said_at: introducer.now,
                };
                match introducer.introduce(introduction).await? {
                    // By its own the first name may be a claim, which leads nowhere.
                    Ok(customer) if people.person(&first).is_none() => CustomerRef::Known(customer),
                    Ok(_) => CustomerRef::Identified(vec![first]),
                    Err(reason) => {
                        tracing::debug!(reason, "names are not joined");
                        CustomerRef::Identified(vec![first])
                    }
                }
            }
        };
        for place in places {
            records[place].customer = customer.clone();
        }
    }
    Ok(())
}

fn pairs(records: &[BehaviorRecord], claimed: Vec<(usize, Arc<Sender>)>) -> BTreeMap<Vec<IdentityKey>, Pair> {
    let mut pairs = BTreeMap::new();
    for (place, sender) in claimed {
        let keys = records[place].customer.keys();
        if keys.len() > 1 {
            let entry = pairs.entry(keys.to_vec());
            let pair = entry.or_insert_with(|| Pair { sender: Arc::clone(&sender), records: Vec::new() });
            // Who is believed says it for all.
            if sender.trust == Trust::Trusted {
                pair.sender = sender;
            }
            pair.records.push(place);
        }
    }
    pairs
}

/// In how many different ways of naming somebody each name stands.
fn uses(records: &[BehaviorRecord]) -> HashMap<IdentityKey, usize> {
    let mut ways: Vec<&[IdentityKey]> = records.iter().map(|record| record.customer.keys()).collect();
    ways.sort_unstable();
    ways.dedup();
    let mut uses = HashMap::new();
    for key in ways.into_iter().flatten() {
        *uses.entry(key.clone()).or_default() += 1;
    }
    uses
}

/// Whether recording comes out right by itself: all names are one person's, or all are new and stand in no other
/// way of naming somebody. What is only claimed is first confirmed by who is believed.
fn is_settled(
    people: &People,
    uses: &HashMap<IdentityKey, usize>,
    keys: &[IdentityKey],
    trust: Trust,
) -> bool {
    let is_claimed = |key| people.claimant(key).is_some();
    match people.one_person(keys) {
        Some(_) => trust == Trust::Untrusted || !keys.iter().any(is_claimed),
        None => keys.iter().all(|key| people.person(key).is_none() && !is_claimed(key) && uses[key] == 1),
    }
}
