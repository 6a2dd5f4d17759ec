//! Who would belong to a segment that is not kept yet: everybody is judged by it, newest customers first, for as
//! long as there is time.

use std::sync::Arc;
use std::time::Duration;

use entities::ids::CustomerId;
use entities::values::ConsentPurpose;
use tokio::time::Instant;

use crate::db::read::Order;
use crate::domain::customers::everybody::{self, Walk};
use crate::domain::segments::catalogue::{Segment, SegmentDefinitions};
use crate::domain::segments::define::compile;
use crate::domain::segments::judge;
use crate::domain::segments::keeper::Segments;
use crate::kernel::error::Result;
use crate::kernel::viewer::CustomerScope;

/// How long customers are judged for a preview.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// Members shown.
const SAMPLE: usize = 10;
/// Customers judged at once.
const CHUNK: u32 = 500;

/// Who would belong.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// How many; of all, reckoned from those judged, when not all were.
    pub size: u64,
    /// How many customers were judged.
    pub judged: u64,
    /// Whether that was everybody.
    pub is_exact: bool,
    /// Some who would.
    pub sample: Vec<CustomerId>,
    /// Why the rule fails for some, if it does.
    pub failure: Option<String>,
}

impl Segments {
    /// Judges everybody by a rule, for so long at most.
    pub async fn preview(&self, rule: &str, purpose: ConsentPurpose, patience: Duration) -> Result<Preview> {
        let (rule, attributes) = compile(self.db.connection(), rule).await?;
        let segment = Arc::new(Segment::tried(rule, purpose));
        let definitions = SegmentDefinitions::new(vec![segment], &attributes);
        let mut preview = Preview::default();
        let (begun, mut walk) = (Instant::now(), Walk::begin(&self.db, Order::Descending, CHUNK));
        preview.is_exact = loop {
            self.preview_some(&definitions, &mut preview, &walk.step().await?).await?;
            if walk.is_over() || begun.elapsed() >= patience {
                break walk.is_over();
            }
        };
        if !preview.is_exact {
            let all = everybody::count(&self.db).await?;
            preview.size = (preview.size * all.max(preview.judged)).div_ceil(preview.judged.max(1));
        }
        Ok(preview)
    }

    /// Judges these customers.
    async fn preview_some(
        &self,
        definitions: &SegmentDefinitions,
        preview: &mut Preview,
        ids: &[CustomerId],
    ) -> Result<()> {
        let (scope, now) = (CustomerScope::Everybody, self.clock.now());
        let judgements = judge::judge(&self.db, scope, definitions, ids, now).await?;
        for id in ids {
            let Some(judgement) = judgements.get(id) else { continue };
            preview.judged += 1;
            if let Some((_, failure)) = judgement.failures.first() {
                preview.failure.get_or_insert_with(|| failure.clone());
            }
            if judgement.segments.is_empty() {
                continue;
            }
            preview.size += 1;
            if preview.sample.len() < SAMPLE {
                preview.sample.push(*id);
            }
        }
        Ok(())
    }
}
