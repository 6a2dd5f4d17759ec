//! Recording behaviors, and defining what they must look like.

use async_graphql::{Context, ID, Object, SimpleObject};
use entities::ids::QuarantinedBehaviorId;

use crate::api::behaviors::batches::{BehaviorById, BehaviorDefinitionById};
use crate::api::behaviors::inputs::{BehaviorDefineInput, BehaviorsRecordInput, BehaviorsReplayInput};
use crate::api::behaviors::recording::{self, Malformed};
use crate::api::behaviors::types::{Behavior, BehaviorDefinition};
use crate::api::enums::BehaviorStatus;
use crate::api::inputs::parse_id;
use crate::api::payload::{UserError, graphql_error, reads, require, settle};
use crate::api::reads::Reads;
use crate::domain::behaviors::definitions::{self, NewBehaviorDefinition};
use crate::domain::behaviors::names;
use crate::domain::behaviors::record::Outcome;
use crate::graph::Batched;
use crate::kernel::error::Result;
use crate::kernel::viewer::Scope;

#[derive(Default)]
pub struct BehaviorMutations;

/// What became of one behavior.
#[derive(SimpleObject)]
pub struct BehaviorResult {
    /// What became of it.
    status: BehaviorStatus,
    /// The behavior as it is stored, also when it was before; null when it is not.
    behavior: Batched<Option<Behavior>>,
    /// Why it was not recorded, for people to read; null when it was.
    reason: Option<String>,
    /// The path of the argument for which it is REFUSED: `["input", "behaviors", "3", "name"]`; null when it is not
    /// the input that is wrong.
    field: Option<Vec<String>>,
}

/// What became of a behavior in quarantine.
#[derive(SimpleObject)]
pub struct BehaviorReplayResult {
    /// Its id in quarantine, as it was asked: `qua_…`.
    id: ID,
    /// What became of it: what is QUARANTINED or REFUSED stays in quarantine.
    status: BehaviorStatus,
    /// The behavior as it is stored; null when it is not.
    behavior: Batched<Option<Behavior>>,
    /// Why it was not recorded, for people to read; null when it was.
    reason: Option<String>,
}

/// What became of a behavior, in the parts that all results have.
struct Told {
    status: BehaviorStatus,
    behavior: Batched<Option<Behavior>>,
    reason: Option<String>,
}

impl From<Outcome> for Told {
    fn from(outcome: Outcome) -> Self {
        let (status, id, reason) = match outcome {
            Outcome::Recorded(id) => (BehaviorStatus::Recorded, Some(id), None),
            Outcome::Known(id) => (BehaviorStatus::Known, Some(id), None),
            Outcome::Quarantined(reason) => (BehaviorStatus::Quarantined, None, Some(reason)),
            Outcome::Withheld => {
                let reason = "the customer refuses that its behavior is stored (ANALYTICS)";
                (BehaviorStatus::Withheld, None, Some(reason.to_owned()))
            }
            Outcome::Refused(reason) => (BehaviorStatus::Refused, None, Some(reason)),
        };
        Self { status, behavior: Batched::by_viewer(move |_| id.map(BehaviorById)), reason }
    }
}

impl BehaviorResult {
    fn of(outcome: Outcome, field: Option<Vec<String>>) -> Self {
        let Told { status, behavior, reason } = outcome.into();
        Self { status, behavior, reason, field }
    }
}

impl BehaviorReplayResult {
    fn of(id: ID, outcome: Outcome) -> Self {
        let Told { status, behavior, reason } = outcome.into();
        Self { id, status, behavior, reason }
    }
}

/// What became of `behaviorsRecord`.
#[derive(SimpleObject)]
pub struct BehaviorsRecordPayload {
    /// What became of each behavior, in the order of the input; empty when there are `userErrors`.
    results: Vec<BehaviorResult>,
    /// What was wrong with the call as a whole, of which nothing is recorded then. One behavior that is not what it
    /// must be is none of these: it is REFUSED by its result, and the others are recorded.
    user_errors: Vec<UserError>,
}

/// What became of `behaviorsReplay`.
#[derive(SimpleObject)]
pub struct BehaviorsReplayPayload {
    /// What became of each, in the order of the ids; empty when there are `userErrors`.
    results: Vec<BehaviorReplayResult>,
    /// What was wrong with the input; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What became of `behaviorDefine`.
#[derive(SimpleObject)]
pub struct BehaviorDefinePayload {
    /// The definition; null when there are `userErrors`.
    definition: Batched<Option<BehaviorDefinition>>,
    /// What may not be what was meant, though it was done: the name is new, and much like one that is known.
    warnings: Vec<String>,
    /// What was wrong; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl BehaviorMutations {
    /// Records what customers did, at most 500 a call. When it answers, all that is RECORDED is on disk and the
    /// customers' attributes are current. Sent again with the same `messageId`, a behavior counts once. One that is
    /// not what it must be is REFUSED alone. A customer's token records for itself, a touchpoint's for the customers it
    /// names, staff need the scope `behaviors:write`.
    async fn behaviors_record(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What was done.")] input: BehaviorsRecordInput,
    ) -> async_graphql::Result<BehaviorsRecordPayload> {
        let reads = reads(context)?;
        recording::require_recorder(reads)?;
        Ok(match settle(reads, record(reads, input).await)? {
            Ok(results) => BehaviorsRecordPayload { results, user_errors: Vec::new() },
            Err(user_errors) => BehaviorsRecordPayload { results: Vec::new(), user_errors },
        })
    }

    /// Says what behaviors of one name must look like, from now on. What does not is quarantined. Needs the scope
    /// `definitions:write`.
    async fn behavior_define(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What they must look like.")] input: BehaviorDefineInput,
    ) -> async_graphql::Result<BehaviorDefinePayload> {
        let reads = reads(context)?;
        require(reads, Scope::DefinitionsWrite)?;
        let new = NewBehaviorDefinition {
            name: input.name,
            description: input.description,
            schema: serde_json::Value::Object(input.schema.into_map()),
        };
        let behaviors = &reads.services.ingest.behaviors;
        // Asked before it is defined, and so known. That nothing of a name came yet is no slip by itself here.
        let unknown = names::unknown(&reads.db, &new.name).await;
        let unknown = unknown.map_err(|error| graphql_error(reads, &error))?;
        let slip = unknown.filter(|unknown| unknown.nearest.is_some());
        let defined = definitions::define(&reads.db, &reads.ids, behaviors, reads.clock.now(), new).await;
        let (id, user_errors) = match settle(reads, defined)? {
            Ok(id) => (Some(id), Vec::new()),
            Err(errors) => (None, errors),
        };
        let warnings = slip.filter(|_| id.is_some()).iter().map(ToString::to_string).collect();
        let definition = Batched::by_viewer(move |_| id.map(BehaviorDefinitionById));
        Ok(BehaviorDefinePayload { definition, warnings, user_errors })
    }

    /// Records quarantined behaviors once more, held against the definitions as they are now; what still does not
    /// fit stays. Needs the scope `definitions:write`.
    async fn behaviors_replay(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which of them.")] input: BehaviorsReplayInput,
    ) -> async_graphql::Result<BehaviorsReplayPayload> {
        let reads = reads(context)?;
        require(reads, Scope::DefinitionsWrite)?;
        Ok(match settle(reads, replay(reads, &input.ids).await)? {
            Ok(outcomes) => {
                let results = input.ids.into_iter().zip(outcomes);
                let results = results.map(|(id, outcome)| BehaviorReplayResult::of(id, outcome)).collect();
                BehaviorsReplayPayload { results, user_errors: Vec::new() }
            }
            Err(user_errors) => BehaviorsReplayPayload { results: Vec::new(), user_errors },
        })
    }
}

async fn record(reads: &Reads, input: BehaviorsRecordInput) -> Result<Vec<BehaviorResult>> {
    let (mut records, mut faults) = (Vec::new(), Vec::new());
    for row in recording::records(reads, input).await? {
        match row {
            Ok(record) => {
                records.push(record);
                faults.push(None);
            }
            Err(fault) => faults.push(Some(fault)),
        }
    }
    let mut outcomes = reads.services.queue.record(records).await?.into_iter();
    let result = |fault| match fault {
        None => outcomes.next().map(|outcome| BehaviorResult::of(outcome, None)),
        Some(Malformed { field, message }) => Some(BehaviorResult::of(
            Outcome::Refused(message),
            Some(field.split('.').map(str::to_owned).collect()),
        )),
    };
    Ok(faults.into_iter().filter_map(result).collect())
}

async fn replay(reads: &Reads, ids: &[ID]) -> Result<Vec<Outcome>> {
    let id = |(at, id)| parse_id::<QuarantinedBehaviorId>(&format!("input.ids.{at}"), id);
    let ids = ids.iter().enumerate().map(id).collect::<Result<_>>()?;
    Ok(reads.services.ingest.replay(ids).await?.outcomes)
}
