//! How links to segments and their members are loaded.

use std::collections::HashMap;

use entities::ids::{CustomerId, SegmentId};

use crate::api::customers::batches::Profiled;
use crate::api::reads::{Reads, with_totals};
use crate::api::segments::types::SegmentMember;
use crate::db::read::Row;
use crate::domain::segments::catalogue::SegmentDefinitions;
use crate::domain::segments::judge::{self, Judgement};
use crate::domain::segments::sharing::Whom;
use crate::domain::segments::store;
use crate::graph::{Batch, Input, PageArguments, Want};
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::page::Page;

/// Which segment has this id?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SegmentById(pub SegmentId);

/// Which segment has this key?
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SegmentByKey(pub String);

/// To which segments does this customer belong?
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SegmentsOf(pub Profiled);

/// Who belongs to this segment?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MembersOf(pub SegmentId);

impl Batch<SegmentById> for Reads {
    type Arguments = ();
    type Value = store::Segment;

    async fn load(
        &self,
        keys: &[SegmentById],
        want: Want<'_, ()>,
    ) -> Result<HashMap<SegmentById, store::Segment>> {
        if !self.sees_definitions() {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = store::by_ids(&self.db, &ids, want.columns).await?;
        Ok(rows.into_iter().map(|(id, row)| (SegmentById(id), row)).collect())
    }
}

impl Batch<SegmentByKey> for Reads {
    type Arguments = ();
    type Value = store::Segment;

    async fn load(
        &self,
        keys: &[SegmentByKey],
        want: Want<'_, ()>,
    ) -> Result<HashMap<SegmentByKey, store::Segment>> {
        if !self.sees_definitions() {
            return Ok(HashMap::new());
        }
        let keys: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let rows = store::by_keys(&self.db, &keys, want.columns).await?;
        Ok(rows.into_iter().map(|(key, row)| (SegmentByKey(key), row)).collect())
    }
}

impl Batch<SegmentsOf> for Reads {
    type Arguments = ();
    type Value = Vec<store::Segment>;

    /// Judged now. The segments themselves are in memory, but for what changes with their members.
    async fn load(
        &self,
        keys: &[SegmentsOf],
        want: Want<'_, ()>,
    ) -> Result<HashMap<SegmentsOf, Vec<store::Segment>>> {
        let definitions = self.services.ingest.segments.catalogue.current();
        let judged = self.judged(keys, &definitions);
        let kept = ["size", "judged_at", "failure"];
        let kept = kept.into_iter().fold(Columns::NONE, |all, name| all | store::Segment::column(name));
        let (judged, current) = futures_util::try_join!(judged, async {
            if (want.columns & kept).is_empty() {
                return Ok(HashMap::new());
            }
            let all: Vec<_> = definitions.all().iter().map(|segment| segment.id()).collect();
            store::by_ids(&self.db, &all, want.columns).await
        })?;
        let segment = |place: &usize| {
            let known = &definitions.all()[*place].row;
            current.get(&known.id).unwrap_or(known).clone()
        };
        let list = |key: &SegmentsOf| {
            let places = judged.get(&key.0.id()).map_or(&[][..], |judgement| &judgement.segments);
            (key.clone(), places.iter().map(segment).collect())
        };
        Ok(keys.iter().map(list).collect())
    }
}

impl Reads {
    async fn judged(
        &self,
        keys: &[SegmentsOf],
        definitions: &SegmentDefinitions,
    ) -> Result<HashMap<CustomerId, Judgement>> {
        if definitions.is_empty() {
            return Ok(HashMap::new());
        }
        let (scope, now) = (self.behavior_scope(), self.clock.now());
        let rows: Vec<_> = keys.iter().map(|key| key.0.row()).collect();
        let whom = Whom::Rows(&rows);
        let known = self.facts.read(&self.db, scope, definitions.needs(), whom, now).await?;
        let profiles = keys.iter().filter_map(|key| known.profiles.get(&key.0.id()));
        Ok(judge::judge_known(definitions, profiles.map(AsRef::as_ref), now).await)
    }
}

impl Batch<MembersOf> for Reads {
    type Arguments = Input<PageArguments>;
    type Value = Page<store::Member>;

    async fn load(
        &self,
        keys: &[MembersOf],
        want: Want<'_, Input<PageArguments>>,
    ) -> Result<HashMap<MembersOf, Page<store::Member>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let request = want.arguments.0.request::<SegmentMember>()?;
        let scope = self.listed_scope();
        let pages = store::members_by_segment_ids(&self.db, scope, &ids, &request, want.columns);
        let totals = || store::member_counts_by_segment_ids(&self.db, scope, &ids);
        let pages = with_totals(want.columns, pages, totals).await?;
        Ok(pages.into_iter().map(|(id, page)| (MembersOf(id), page)).collect())
    }
}
