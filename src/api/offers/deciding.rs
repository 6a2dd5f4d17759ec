//! How what customers are shown is decided, and how decisions are found again.

use std::collections::HashMap;
use std::sync::Arc;

use entities::ids::DecisionId;
use entities::values::Channel;

use crate::api::customers::batches::Profiled;
use crate::api::offers::experience::DecisionRow;
use crate::api::offers::inputs::ExperienceArguments;
use crate::api::reads::Reads;
use crate::db::read::Row;
use crate::domain::offers::experience::{Place, Question};
use crate::domain::offers::kept;
use crate::domain::offers::reasons::Audience;
use crate::domain::touchpoints::store as touchpoints;
use crate::domain::touchpoints::store::Touchpoint;
use crate::graph::{Batch, Input, Reader, Want};
use crate::kernel::columns::Columns;
use crate::kernel::error::{Error, Result};
use crate::kernel::viewer::{Scope, Viewer};

/// Placements of one question, at most.
const MAX_PLACEMENTS: usize = 20;
/// Bytes of a placement's key, at most.
const MAX_KEY: usize = 255;
/// Offers shown in one placement, at most.
const MAX_LIMIT: i32 = 50;

/// What is this customer to be shown?
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExperienceOf(pub Profiled);

/// Which decision has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DecisionById(pub DecisionId);

impl Batch<ExperienceOf> for Reads {
    type Arguments = Input<ExperienceArguments>;
    type Value = Vec<DecisionRow>;

    async fn load(
        &self,
        keys: &[ExperienceOf],
        want: Want<'_, Input<ExperienceArguments>>,
    ) -> Result<HashMap<ExperienceOf, Vec<DecisionRow>>> {
        let ExperienceArguments { placements, channel, limit } = &want.arguments.0;
        check(placements, *limit)?;
        let rows: Vec<_> = keys.iter().map(|key| key.0.row()).collect();
        let question = Question { customers: &rows, placements, now: self.clock.now() };
        let deciding = &self.services.deciding;
        let segments = self.services.ingest.segments.catalogue.current();
        let (ground, place) = futures_util::try_join!(
            deciding.read(&self.db, self.scope(), &self.facts, segments, &question),
            self.place(channel.map(Into::into)),
        )?;
        let limit = usize::try_from(*limit).unwrap_or_default();
        let mut decided = deciding.decide(&self.ids, &question, ground, place, limit).await?;
        let made: Vec<_> =
            keys.iter().filter_map(|key| decided.get(&key.0.id())).flatten().map(Arc::clone).collect();
        match &self.watched {
            Some(watched) => watched.decided(made),
            None => {
                for decision in made {
                    deciding.queue.keep(decision).await?;
                }
            }
        }
        let audience = self.audience();
        let list = |key: &ExperienceOf| {
            let decisions = decided.remove(&key.0.id()).unwrap_or_default();
            let row = |decision| DecisionRow { decision, audience };
            (key.clone(), decisions.into_iter().map(row).collect())
        };
        Ok(keys.iter().map(list).collect())
    }
}

impl Batch<DecisionById> for Reads {
    type Arguments = ();
    type Value = DecisionRow;

    /// Those that are not written yet are found where they wait.
    async fn load(
        &self,
        keys: &[DecisionById],
        _: Want<'_, ()>,
    ) -> Result<HashMap<DecisionById, DecisionRow>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let waiting: Vec<_> = ids.iter().filter_map(|id| self.services.deciding.queue.find(*id)).collect();
        let mut found = kept::by_ids(&self.db, self.scope(), &ids).await?;
        for decision in waiting {
            // Whose it is is asked of the database, as for all that is read.
            let customer = [decision.customer_id];
            let readable =
                crate::domain::customers::store::by_ids(&self.db, self.scope(), &customer, Columns::NONE);
            if !found.contains_key(&decision.id) && !readable.await?.is_empty() {
                found.insert(decision.id, decision);
            }
        }
        let audience = self.audience();
        let row = |(id, decision)| (DecisionById(id), DecisionRow { decision, audience });
        Ok(found.into_iter().map(row).collect())
    }
}

impl Reads {
    /// Where the request comes from, as far as it says.
    pub(in crate::api) async fn place(&self, channel: Option<Channel>) -> Result<Place> {
        let zone = self.services.time_zone;
        let id = match self.viewer {
            Viewer::Touchpoint(id) => id,
            Viewer::Device { channel: own, .. } => {
                return Ok(Place { channel: channel.unwrap_or(own), zone, touchpoint: None });
            }
            Viewer::Anonymous | Viewer::Customer(_) | Viewer::Staff { .. } => {
                return Ok(Place { channel: channel.unwrap_or(Channel::Web), zone, touchpoint: None });
            }
        };
        let columns = Touchpoint::column("channel") | Touchpoint::column("time_zone");
        let row = touchpoints::by_ids(&self.db, &[id], columns).await?.remove(&id);
        let own = row.as_ref().map_or(Channel::Web, |row| row.channel);
        let zone = row.and_then(|row| row.time_zone.parse().ok()).unwrap_or(zone);
        Ok(Place { channel: channel.unwrap_or(own), zone, touchpoint: Some(id) })
    }

    fn audience(&self) -> Audience {
        let (behaviors, personal) = (self.holds(Scope::Behaviors), self.holds(Scope::Personal));
        match self.holds(Scope::Offers) {
            true if behaviors && personal => Audience::Staff,
            true => Audience::Rules,
            false if behaviors => Audience::Customer,
            false => Audience::Others,
        }
    }
}

fn check(placements: &[String], limit: i32) -> Result<()> {
    if placements.len() > MAX_PLACEMENTS {
        let message = format!("{} placements are too many; ask for {MAX_PLACEMENTS}", placements.len());
        return Err(Error::invalid("placements", message));
    }
    if placements.iter().any(|key| key.is_empty() || key.len() > MAX_KEY) {
        return Err(Error::invalid("placements", format!("a placement's key has 1 to {MAX_KEY} bytes")));
    }
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Error::invalid("limit", format!("it must be 1 to {MAX_LIMIT}, it is {limit}")));
    }
    Ok(())
}
