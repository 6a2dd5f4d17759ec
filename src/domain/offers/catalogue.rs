//! The live offers as every replica keeps them in memory: compiled, and found by placement and channel.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use entities::ids::OfferId;
use entities::values::{Channel, OfferStatus, TextEnum};
use entities::{offer, placement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::db::catalogue::{Catalogue, Definitions};
use crate::domain::attributes::catalogue::AttributeDefinitions;
use crate::domain::offers::live::LiveOffer;
use crate::domain::offers::{store, vocabulary};
use crate::domain::segments::catalogue::Needs;
use crate::kernel::error::Result;
use crate::kernel::turn::Turn;
use crate::rules::{RuleSet, Vocabulary};

/// All live offers, in the order of their ids.
#[derive(Debug, Default)]
pub struct OfferDefinitions {
    offers: Vec<LiveOffer>,
    /// The same as they are read.
    rows: Vec<Arc<store::Offer>>,
    /// Of these offers, and maybe of others.
    rules: Arc<RuleSet>,
    placements: HashMap<String, Placement>,
}

/// The placement, which no definition can be called, of all offers that take something off a cart, wherever else they
/// are shown.
pub const PROMOTIONS: &str = ":cart";

/// The catalogue of one process.
pub type OfferCatalogue = Catalogue<OfferDefinitions>;

/// A spot where offers are shown, and what has to be known of a customer to decide there. Offers by their place.
#[derive(Debug, Default)]
pub struct Placement {
    /// All that may be shown there, in one channel or another.
    pub offers: Vec<usize>,
    /// The same by channel.
    by_channel: HashMap<Channel, Vec<usize>>,
    /// What is shown when nothing else is.
    pub fallback: Option<usize>,
    /// What their rules read.
    pub needs: Needs,
    /// Whether they read segments.
    pub segments: bool,
    /// Those that a customer may redeem so often only.
    pub capped: Vec<OfferId>,
    /// Those of which it counts what the customer answered.
    pub answered: Vec<OfferId>,
    /// For how long it counts, in milliseconds at most.
    pub remembers: i64,
    /// Those of which there is so much only.
    pub limited: Vec<OfferId>,
}

impl Placement {
    /// Those that may be shown in a channel.
    pub fn candidates(&self, channel: Channel) -> &[usize] {
        self.by_channel.get(&channel).map_or(&[], Vec::as_slice)
    }
}

impl OfferDefinitions {
    /// Compiles offers that are live. `fallbacks` are placements and what is shown there when nothing else is.
    pub fn new(
        mut rows: Vec<offer::Model>,
        fallbacks: &[(String, OfferId)],
        attributes: &AttributeDefinitions,
        vocabulary: &Vocabulary,
    ) -> Self {
        rows.sort_by_key(|row| row.id);
        let mut rules = RuleSet::default();
        let offers = rows.iter().map(|row| LiveOffer::of(row, vocabulary, &mut rules)).collect();
        Self::of(rows, offers, Arc::new(rules), fallbacks, attributes)
    }

    /// Of offers that are compiled, in the order of their ids.
    fn of(
        rows: Vec<offer::Model>,
        offers: Vec<LiveOffer>,
        rules: Arc<RuleSet>,
        fallbacks: &[(String, OfferId)],
        attributes: &AttributeDefinitions,
    ) -> Self {
        let rows = rows.into_iter().map(|row| Arc::new(store::Offer::from(row))).collect();
        let mut placements: HashMap<String, Placement> = HashMap::new();
        for (place, offer) in offers.iter().enumerate() {
            for key in offer.placements.iter().collect::<BTreeSet<_>>() {
                placements.entry(key.clone()).or_default().offers.push(place);
            }
            if offer.benefit.is_some() {
                placements.entry(PROMOTIONS.to_owned()).or_default().offers.push(place);
            }
        }
        for (key, id) in fallbacks {
            // One that is not live is nobody's to see.
            if let Ok(place) = offers.binary_search_by_key(id, |offer| offer.id) {
                placements.entry(key.clone()).or_default().fallback = Some(place);
            }
        }
        for placement in placements.values_mut() {
            placement.index(&offers, attributes);
        }
        if let Some(promotions) = placements.get_mut(PROMOTIONS) {
            // Who has seen an offer often enough, or sent it away, may still use it.
            promotions.answered.clear();
        }
        Self { offers, rows, rules, placements }
    }

    pub fn offers(&self) -> &[LiveOffer] {
        &self.offers
    }

    /// The offer at a place, as it is read.
    pub fn row(&self, place: usize) -> &Arc<store::Offer> {
        &self.rows[place]
    }

    /// The place of an offer.
    pub fn place(&self, id: OfferId) -> Option<usize> {
        self.offers.binary_search_by_key(&id, |offer| offer.id).ok()
    }

    /// What people call an offer; nothing if it is not there.
    pub fn name(&self, id: OfferId) -> &str {
        self.place(id).map_or("", |place| &self.row(place).name)
    }

    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// The placement with this key, if there is anything to be shown there.
    pub fn placement(&self, key: &str) -> Option<&Placement> {
        self.placements.get(key)
    }
}

impl Placement {
    fn index(&mut self, offers: &[LiveOffer], attributes: &AttributeDefinitions) {
        for channel in Channel::ALL {
            let shown = self.offers.iter().copied().filter(|place| offers[*place].channels.has(*channel));
            self.by_channel.insert(*channel, shown.collect());
        }
        let all = || {
            let fallback = self.fallback.filter(|place| !self.offers.contains(place));
            self.offers.iter().copied().chain(fallback).map(|place| &offers[place])
        };
        let rules = || all().flat_map(LiveOffer::rules);
        let needs = Needs::of(rules(), attributes);
        let segments = rules().any(|rule| rule.reads_root("segments"));
        let capped = all().filter(|offer| offer.is_capped()).map(|offer| offer.id).collect();
        let answered = all().filter(|offer| offer.remembers().is_some()).map(|offer| offer.id).collect();
        let remembers = all().filter_map(LiveOffer::remembers).max().unwrap_or_default();
        let limited = all().filter(|offer| offer.budget.is_limited()).map(|offer| offer.id).collect();
        (self.needs, self.segments, self.capped, self.limited) = (needs, segments, capped, limited);
        (self.answered, self.remembers) = (answered, remembers);
    }
}

impl Definitions for OfferDefinitions {
    async fn load(connection: &impl ConnectionTrait) -> Result<Self> {
        let stored = Stored::load(connection).await?;
        let (offers, rules) = stored.compile().await;
        let Stored { rows, fallbacks, attributes, .. } = stored;
        Ok(Self::of(rows, offers, Arc::new(rules), &fallbacks, &attributes))
    }
}

impl OfferDefinitions {
    /// The live offers, and what they would be with a draft among them, instead of what is live of the same id.
    pub async fn load_with(connection: &impl ConnectionTrait, draft: offer::Model) -> Result<(Self, Self)> {
        let stored = Stored::load(connection).await?;
        let (mut offers, mut rules) = stored.compile().await;
        let tried = LiveOffer::of(&draft, &stored.vocabulary, &mut rules);
        let Stored { mut rows, fallbacks, attributes, .. } = stored;
        let rules = Arc::new(rules);
        let live = Self::of(rows.clone(), offers.clone(), Arc::clone(&rules), &fallbacks, &attributes);
        match rows.binary_search_by_key(&draft.id, |row| row.id) {
            Ok(place) => (rows[place], offers[place]) = (draft, tried),
            Err(place) => {
                rows.insert(place, draft);
                offers.insert(place, tried);
            }
        }
        Ok((live, Self::of(rows, offers, rules, &fallbacks, &attributes)))
    }
}

/// What the catalogue is compiled from.
struct Stored {
    /// In the order of their ids.
    rows: Vec<offer::Model>,
    fallbacks: Vec<(String, OfferId)>,
    attributes: AttributeDefinitions,
    vocabulary: Vocabulary,
}

impl Stored {
    async fn load(connection: &impl ConnectionTrait) -> Result<Self> {
        let attributes = AttributeDefinitions::load(connection).await?;
        let live = offer::Column::Status.eq(OfferStatus::Live);
        let rows = offer::Entity::find().filter(live).order_by_asc(offer::Column::Id).all(connection).await?;
        let placements = placement::Entity::find().all(connection).await?;
        let fallbacks =
            placements.into_iter().filter_map(|row| Some((row.key, row.fallback_offer_id?))).collect();
        let vocabulary = vocabulary::load(connection).await?;
        Ok(Self { rows, fallbacks, attributes, vocabulary })
    }

    async fn compile(&self) -> (Vec<LiveOffer>, RuleSet) {
        let (mut offers, mut rules) = (Vec::with_capacity(self.rows.len()), RuleSet::default());
        // A thousand rules take a tenth of a second and more.
        let mut turn = Turn::begin();
        for row in &self.rows {
            offers.push(LiveOffer::of(row, &self.vocabulary, &mut rules));
            turn.give().await;
        }
        (offers, rules)
    }
}
