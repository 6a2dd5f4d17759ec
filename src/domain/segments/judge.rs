//! Judges who belongs to which segments. Reading first, then pure reckoning in small steps: whatever the rules
//! are, others get their turn between two of them.

use std::collections::HashMap;

use entities::ids::{CustomerId, SegmentId};
use entities::timestamp::Timestamp;

use crate::db::Db;
use crate::domain::segments::catalogue::{Segment, SegmentDefinitions};
use crate::domain::segments::facts::{self, Profile};
use crate::kernel::error::Result;
use crate::kernel::turn::Turn;
use crate::kernel::viewer::CustomerScope;
use crate::rules::Facts;

/// What was found of one customer.
#[derive(Debug, Default)]
pub struct Judgement {
    /// The segments it belongs to, by their place in the catalogue.
    pub segments: Vec<usize>,
    /// Rules that failed for it, by their place, and why.
    pub failures: Vec<(usize, String)>,
    /// When it may belong to others by time alone; rules that read the time itself are not reckoned in.
    pub changes_at: Option<Timestamp>,
    /// Whom it was merged into; then it belongs to no segment, and this one instead.
    pub merged_into: Option<CustomerId>,
}

impl Judgement {
    pub fn segment_ids<'a>(
        &'a self,
        definitions: &'a SegmentDefinitions,
    ) -> impl Iterator<Item = SegmentId> + 'a {
        self.segments.iter().map(|place| definitions.all()[*place].id())
    }
}

/// Judges every segment for each of these customers that the scope has.
pub async fn judge(
    db: &Db,
    scope: CustomerScope,
    definitions: &SegmentDefinitions,
    customers: &[CustomerId],
    now: Timestamp,
) -> Result<HashMap<CustomerId, Judgement>> {
    if definitions.is_empty() {
        let nothing = |id: &CustomerId| (*id, Judgement::default());
        return Ok(customers.iter().map(nothing).collect());
    }
    let profiles = facts::read(db, scope, definitions.needs(), customers, now).await?;
    let mut turn = Turn::begin();
    let mut judgements = HashMap::with_capacity(profiles.len());
    for (id, profile) in &profiles {
        judgements.insert(*id, judge_one(definitions, profile, now, &mut turn).await);
    }
    Ok(judgements)
}

/// The same for customers of whom what the rules need is known.
pub async fn judge_known<'p>(
    definitions: &SegmentDefinitions,
    profiles: impl Iterator<Item = &'p Profile>,
    now: Timestamp,
) -> HashMap<CustomerId, Judgement> {
    let mut turn = Turn::begin();
    let mut judgements = HashMap::new();
    for profile in profiles {
        judgements.insert(profile.id(), judge_one(definitions, profile, now, &mut turn).await);
    }
    judgements
}

async fn judge_one(
    definitions: &SegmentDefinitions,
    profile: &Profile,
    now: Timestamp,
    turn: &mut Turn,
) -> Judgement {
    let mut judgement = Judgement {
        merged_into: profile.merged_into(),
        changes_at: profile.changes_at(definitions.needs()),
        ..Judgement::default()
    };
    if judgement.merged_into.is_some() {
        return judgement;
    }
    let facts = profile.facts(now);
    for (place, segment) in definitions.all().iter().enumerate() {
        match belongs(segment, profile, &facts) {
            Ok(true) => judgement.segments.push(place),
            Ok(false) => {}
            Err(failure) => judgement.failures.push((place, failure)),
        }
        turn.give().await;
    }
    judgement
}

fn belongs(segment: &Segment, profile: &Profile, facts: &Facts<'_>) -> Result<bool, String> {
    let rule = segment.rule.as_ref().map_err(String::clone)?;
    if profile.refuses(segment.row.purpose) {
        return Ok(false);
    }
    let verdict = rule.judge(facts);
    verdict.failure.map_or(Ok(verdict.holds), Err)
}
