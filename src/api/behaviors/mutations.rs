//! Recording behaviors, and defining what they must look like.

use async_graphql::{Context, ID, Object, SimpleObject};
use entities::ids::QuarantinedBehaviorId;

use crate::api::behaviors::batches::{BehaviorById, BehaviorDefinitionById};
use crate::api::behaviors::inputs::{BehaviorDefineInput, BehaviorsRecordInput, BehaviorsReplayInput};
use crate::api::behaviors::recording;
use crate::api::behaviors::types::{Behavior, BehaviorDefinition};
use crate::api::enums::BehaviorStatus;
use crate::api::inputs::parse_id;
use crate::api::payload::{UserError, reads, require, settle};
use crate::api::reads::Reads;
use crate::domain::behaviors::definitions::{self, NewBehaviorDefinition};
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
}

impl From<Outcome> for BehaviorResult {
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

/// What became of `behaviorsRecord`.
#[derive(SimpleObject)]
pub struct BehaviorsRecordPayload {
    /// What became of each behavior, in the order of the input; empty when there are `userErrors`.
    results: Vec<BehaviorResult>,
    /// What was wrong with the input; empty when it was taken.
    user_errors: Vec<UserError>,
}

/// What became of `behaviorsReplay`.
#[derive(SimpleObject)]
pub struct BehaviorsReplayPayload {
    /// What became of each behavior that was still in quarantine.
    results: Vec<BehaviorResult>,
    /// What was wrong with the input; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What became of `behaviorDefine`.
#[derive(SimpleObject)]
pub struct BehaviorDefinePayload {
    /// The definition; null when there are `userErrors`.
    definition: Batched<Option<BehaviorDefinition>>,
    /// What was wrong; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl BehaviorMutations {
    /// Records what customers did, at most 500 a call. When it answers, all that is RECORDED is on disk and the
    /// customers' attributes are current. Sent again with the same `messageId`, a behavior counts once. A customer's
    /// token records for itself, a touchpoint's for the customers it names, staff need the scope `behaviors:write`.
    async fn behaviors_record(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What was done.")] input: BehaviorsRecordInput,
    ) -> async_graphql::Result<BehaviorsRecordPayload> {
        let reads = reads(context)?;
        recording::require_recorder(reads)?;
        Ok(match settle(reads, record(reads, input).await)? {
            Ok(outcomes) => BehaviorsRecordPayload {
                results: outcomes.into_iter().map(BehaviorResult::from).collect(),
                user_errors: Vec::new(),
            },
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
        let defined = definitions::define(&reads.db, &reads.ids, behaviors, reads.clock.now(), new).await;
        let (id, user_errors) = match settle(reads, defined)? {
            Ok(id) => (Some(id), Vec::new()),
            Err(errors) => (None, errors),
        };
        let definition = Batched::by_viewer(move |_| id.map(BehaviorDefinitionById));
        Ok(BehaviorDefinePayload { definition, user_errors })
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
            Ok(outcomes) => BehaviorsReplayPayload {
                results: outcomes.into_iter().map(BehaviorResult::from).collect(),
                user_errors: Vec::new(),
            },
            Err(user_errors) => BehaviorsReplayPayload { results: Vec::new(), user_errors },
        })
    }
}

async fn record(reads: &Reads, input: BehaviorsRecordInput) -> Result<Vec<Outcome>> {
    let records = recording::records(reads, input).await?;
    reads.services.queue.record(records).await
}

async fn replay(reads: &Reads, ids: &[ID]) -> Result<Vec<Outcome>> {
    let id = |(at, id)| parse_id::<QuarantinedBehaviorId>(&format!("input.ids.{at}"), id);
    let ids = ids.iter().enumerate().map(id).collect::<Result<_>>()?;
    Ok(reads.services.ingest.replay(ids).await?.outcomes)
}
