//! What became of offers that were shown, as figures: one statement, whatever the number of offers.

use std::collections::{BTreeMap, HashMap};

use entities::ids::{BehaviorId, OfferId};
use entities::values::{OfferResponse, TextEnum};

use crate::db::Db;
use crate::db::read::{Column, Row, Select};
use crate::domain::customers::merging::MERGING;
use crate::domain::time_range::TimeRange;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::viewer::CustomerScope;

/// What counts once: a decision, or what was told without one.
const ONCE: &str = r#"COALESCE(t."decision_id", t."behavior_id")"#;

/// How often each response was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub shown: u64,
    pub clicked: u64,
    pub dismissed: u64,
}

/// Of one offer, by variant; none for what has no variant, or of which none is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub by_variant: BTreeMap<Option<String>, Counts>,
}

impl Counts {
    fn add(&mut self, response: OfferResponse, times: u64) {
        match response {
            OfferResponse::Shown => self.shown += times,
            OfferResponse::Clicked => self.clicked += times,
            OfferResponse::Dismissed => self.dismissed += times,
        }
    }
}

impl Figures {
    /// All variants together.
    pub fn total(&self) -> Counts {
        self.by_variant.values().fold(Counts::default(), |all, one| Counts {
            shown: all.shown + one.shown,
            clicked: all.clicked + one.clicked,
            dismissed: all.dismissed + one.dismissed,
        })
    }
}

/// The figures of each of these offers, of responses that were received in a range of time.
pub async fn by_offer_ids(
    db: &Db,
    scope: CustomerScope,
    ids: &[OfferId],
    received: TimeRange,
) -> Result<HashMap<OfferId, Figures>> {
    let mut figures: HashMap<OfferId, Figures> = ids.iter().map(|id| (*id, Figures::default())).collect();
    let select = Select::<VariantResponseRow>::of(Columns::NONE).scope("customer_id", scope, MERGING);
    let select = received.narrow(select.any("offer_id", ids), "received_at");
    for (row, times) in select.tally(db, &["offer_id", "kind", "variant"], ONCE).await? {
        let Some(response) = OfferResponse::parse(&row.kind) else { continue };
        let of_offer = figures.entry(row.offer_id).or_default();
        of_offer.by_variant.entry(row.variant).or_default().add(response, times);
    }
    Ok(figures)
}

/// A response, as far as it is counted by variant.
#[derive(Debug, Default)]
struct VariantResponseRow {
    behavior_id: BehaviorId,
    offer_id: OfferId,
    kind: String,
    variant: Option<String>,
}

impl Row for VariantResponseRow {
    const TABLE: &'static str = "offer_responses";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("behavior_id", |row, cell| cell.read(&mut row.behavior_id)),
        Column::new("offer_id", |row, cell| cell.read(&mut row.offer_id)),
        Column::new("kind", |row, cell| cell.read(&mut row.kind)),
        Column::new("variant", |row, cell| cell.read(&mut row.variant)),
    ];
    const TIE: &'static str = "behavior_id";
}
